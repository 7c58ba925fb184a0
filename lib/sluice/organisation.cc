#include "sluice/organisation.h"

#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/load/calendars.h"
#include "sluice/load/holds.h"
#include "sluice/load/record_count.h"
#include "sluice/load/record_reader.h"
#include "sluice/load/signals.h"
#include "sluice/schema_version.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

// The emergency stop, and what is wrong with it. A record that can't be used is never CLEAR.
Reason ReadEmergencyStop(const v1::EmergencyStop& stop, OrganisationData& data) {
  RecordReader reader(stop);
  reader.Require(v1::EmergencyStop::State_IsValid(stop.state()) &&
                 stop.state() != v1::EmergencyStop::STATE_UNSPECIFIED);
  const absl::Time observed_at =
      reader.Instant(stop.has_observed_at(), stop.observed_at(), absl::InfinitePast());
  reader.OptionalText(stop.who());
  reader.OptionalText(stop.why());
  if (reader.ok()) {
    data.emergency = stop.state();
    data.emergency_observed_at = observed_at;
  }
  return reader.fault();
}

// What is wrong with the fields that the facts have once.
Reason ReadHeader(const v1::OrganisationFacts& facts, OrganisationData& data) {
  RecordReader reader(facts.observed_at());
  reader.Require(facts.schema_version() > 0);
  data.id = reader.Identifier(facts.id());
  reader.Require(facts.epoch() > 0);
  data.epoch = facts.epoch();
  data.observed_at =
      reader.Instant(facts.has_observed_at(), facts.observed_at(), absl::InfinitePast());
  if (HasOwnUnknownFields(facts)) reader.Note(v1::UNKNOWN_FIELD);
  if (facts.has_record_count() && facts.record_count() != RecordCount(facts)) {
    reader.Note(v1::STATE_CUT);
  }
  if (!OversizedField(facts).empty()) reader.Note(v1::LIMIT_EXCEEDED);
  return reader.fault();
}

}  // namespace

Organisation::Organisation() : data_(std::make_shared<OrganisationData>()) {}

Organisation Organisation::Load(const v1::OrganisationFacts& facts) {
  auto data = std::make_shared<OrganisationData>();
  data->present = true;
  NoteFault(data->fault, ReadHeader(facts, *data));
  if (facts.has_emergency_stop()) {
    NoteFault(data->fault, ReadEmergencyStop(facts.emergency_stop(), *data));
  }
  NoteFault(data->fault, LoadOrganisationHolds(facts.holds(), data->holds));
  NoteFault(data->fault, LoadAlarms(facts.alarms(), data->alarms));
  NoteFault(data->fault, LoadCalendars(facts.calendars(), data->calendars));
  // Of facts that a newer library wrote nothing else can be said.
  if (facts.schema_version() > kSchemaVersion) data->fault = v1::SCHEMA_TOO_NEW;
  return Organisation(std::move(data));
}

}  // namespace sluice
