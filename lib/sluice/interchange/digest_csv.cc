#include "sluice/interchange/digest_csv.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/interchange/json_document.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/identifier.h"
#include "sluice/internal/limits.h"
#include "sluice/internal/utf8.h"

namespace sluice {
namespace {

constexpr absl::string_view kRows = "rows";
constexpr absl::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr size_t kMaxRowBytes = size_t{1} << 20;
constexpr size_t kMaxFields = 64;

constexpr absl::string_view kColumnNames[] = {"digest",         "id",           "url",
                                              "reason",         "severity",     "added_at",
                                              "effective_from", "withdrawn_at", "aliases"};

// Whether a field without quotes ends before `c`, or may not hold it.
constexpr auto kEndsPlain = [](char c) { return c == ',' || c == '\n' || c == '\r' || c == '"'; };

// A digest with or without its algorithm, in either case.
absl::optional<Digest> DigestOf(absl::string_view text) {
  constexpr absl::string_view kAlgorithm = "sha256:";
  char whole[kAlgorithm.size() + 64];
  absl::ConsumePrefix(&text, kAlgorithm);
  if (text.size() != 64) return absl::nullopt;
  std::copy(kAlgorithm.begin(), kAlgorithm.end(), whole);
  std::transform(text.begin(), text.end(), whole + kAlgorithm.size(), [](char c) {
    return static_cast<char>(absl::ascii_tolower(static_cast<unsigned char>(c)));
  });
  return ParseDigest(absl::string_view(whole, sizeof(whole)));
}

absl::optional<v1::KnownBadEntry::Severity> SeverityOf(absl::string_view text) {
  if (text.empty()) return v1::KnownBadEntry::SEVERITY_UNSPECIFIED;
  if (text == "LOW") return v1::KnownBadEntry::LOW;
  if (text == "MEDIUM") return v1::KnownBadEntry::MEDIUM;
  if (text == "HIGH") return v1::KnownBadEntry::HIGH;
  if (text == "CRITICAL") return v1::KnownBadEntry::CRITICAL;
  return absl::nullopt;
}

}  // namespace

size_t DigestCsvImporter::IdHash::operator()(absl::string_view id) const {
  return absl::Hash<absl::string_view>()(id);
}

DigestCsvImporter::DigestCsvImporter(absl::string_view source, const ImportOptions& options,
                                     ImportReport& report)
    : source_(source),
      options_(options),
      report_(report),
      fields_(1),
      place_of_(kColumns, -1),
      by_id_(0, IdHash{&entries_}, IdEqual{&entries_}) {}

void DigestCsvImporter::Add(absl::string_view piece) {
  if (started_) {
    AddText(piece);
    return;
  }
  start_.append(piece.data(), piece.size());
  if (start_.size() < kByteOrderMark.size() && absl::StartsWith(kByteOrderMark, start_)) return;
  started_ = true;
  AddText(absl::StripPrefix(start_, kByteOrderMark));
  start_.clear();
}

void DigestCsvImporter::AddText(absl::string_view text) {
  while (!text.empty() && fatal_.empty()) {
    const char c = text.front();
    switch (at_) {
      case At::kAfterReturn:
        if (c != '\n') {
          Break("has a carriage return that no line feed follows");
          break;
        }
        text.remove_prefix(1);
        EndRow();
        break;
      case At::kAfterQuote:
        if (c == '"') {
          AppendToField("\"");
          at_ = At::kQuoted;
          text.remove_prefix(1);
        } else if (c == ',' || c == '\r' || c == '\n') {
          at_ = At::kPlain;  // Which ends here.
        } else {
          Break("has text after a quoted field");
        }
        break;
      case At::kQuoted: {
        const size_t end = std::min(text.find('"'), text.size());
        line_ += static_cast<uint64_t>(std::count(text.begin(), text.begin() + end, '\n'));
        AppendToField(text.substr(0, end));
        text.remove_prefix(end);
        if (text.empty()) break;
        text.remove_prefix(1);
        at_ = At::kAfterQuote;
        break;
      }
      case At::kBroken: {
        const size_t end = text.find('\n');
        if (end == absl::string_view::npos) return;
        text.remove_prefix(end + 1);
        EndRow();
        break;
      }
      case At::kFieldStart:
        if (c == '"') {
          quoted_ = true;
          at_ = At::kQuoted;
          text.remove_prefix(1);
          break;
        }
        at_ = At::kPlain;
        break;
      case At::kPlain: {
        const auto end =
            static_cast<size_t>(std::find_if(text.begin(), text.end(), kEndsPlain) - text.begin());
        if (end > 0) AppendToField(text.substr(0, end));
        text.remove_prefix(end);
        if (text.empty() || at_ == At::kBroken) break;
        const char mark = text.front();
        if (mark == '"') {
          Break("has a quote within a field without quotes");
          break;
        }
        text.remove_prefix(1);
        if (mark == ',') EndField();
        if (mark == '\n') EndRow();
        if (mark == '\r') at_ = At::kAfterReturn;
        break;
      }
    }
  }
}

void DigestCsvImporter::AppendToField(absl::string_view text) {
  row_bytes_ += text.size();
  if (row_bytes_ > kMaxRowBytes) {
    // Within quotes there is no telling where the row ends.
    if (at_ == At::kQuoted) {
      fatal_ = absl::StrCat("line ", row_line_, ": has a quoted field that does not end");
    } else {
      Break("is too long");
    }
    return;
  }
  fields_[field_].append(text.data(), text.size());
}

void DigestCsvImporter::Break(absl::string_view fault) {
  row_fault_ = std::string(fault);
  at_ = At::kBroken;
}

void DigestCsvImporter::EndField() {
  if (field_ + 1 == kMaxFields) {
    Break("has too many fields");
    return;
  }
  ++field_;
  if (fields_.size() == field_) fields_.emplace_back();
  at_ = At::kFieldStart;
}

void DigestCsvImporter::EndRow() {
  const bool blank = field_ == 0 && fields_[0].empty() && !quoted_ && row_fault_.empty();
  if (!blank) has_header_ ? ReadRow() : ReadHeader();
  for (size_t i = 0; i <= field_; ++i) fields_[i].clear();
  field_ = 0;
  row_bytes_ = 0;
  row_fault_.clear();
  quoted_ = false;
  at_ = At::kFieldStart;
  ++line_;
  row_line_ = line_;
}

std::string DigestCsvImporter::Place() const { return absl::StrCat(source_, ": line ", row_line_); }

void DigestCsvImporter::ReadHeader() {
  has_header_ = true;
  width_ = field_ + 1;
  if (!row_fault_.empty()) {
    fatal_ = absl::StrCat("the first row ", row_fault_);
    return;
  }
  for (size_t i = 0; i < width_; ++i) {
    const auto* found = std::find(std::begin(kColumnNames), std::end(kColumnNames), fields_[i]);
    if (found == std::end(kColumnNames)) {
      fatal_ = absl::StrCat("the first row names the unknown column `", Shown(fields_[i]), "`");
      return;
    }
    int& place = place_of_[static_cast<size_t>(found - std::begin(kColumnNames))];
    if (place >= 0) {
      fatal_ = absl::StrCat("the first row names the column `", fields_[i], "` twice");
      return;
    }
    place = static_cast<int>(i);
  }
  for (const Column column : {Column::kDigest, Column::kId}) {
    if (place_of_[static_cast<size_t>(column)] >= 0) continue;
    fatal_ = absl::StrCat("the first row must name the column `",
                          kColumnNames[static_cast<size_t>(column)], "`");
    return;
  }
}

absl::string_view DigestCsvImporter::Field(Column column) const {
  const int place = place_of_[static_cast<size_t>(column)];
  return place < 0 ? absl::string_view() : absl::string_view(fields_[static_cast<size_t>(place)]);
}

void DigestCsvImporter::AddMalformedRow(absl::string_view fault) {
  report_.AddMalformed(
      kRows,
      line_ == row_line_ ? Place() : absl::StrCat(source_, ": lines ", row_line_, " to ", line_),
      fault);
}

void DigestCsvImporter::ReadRow() {
  ++rows_read_;
  if (!row_fault_.empty()) return AddMalformedRow(row_fault_);
  if (field_ + 1 != width_) {
    return AddMalformedRow(absl::StrCat("should have ", width_, " fields, got ", field_ + 1));
  }
  const absl::optional<Digest> digest = DigestOf(Field(Column::kDigest));
  if (!digest.has_value()) {
    return AddMalformedRow(
        absl::StrCat("`digest` must be a digest, got `", Shown(Field(Column::kDigest)), "`"));
  }
  const absl::string_view id = Field(Column::kId);
  if (!IsIdentifier(id)) {
    return AddMalformedRow(absl::StrCat("`id` must be an identifier, got `", Shown(id), "`"));
  }
  const uint32_t rest = ReadRest();
  if (!rests_[rest].fault.empty()) return AddMalformedRow(rests_[rest].fault);
  if (digests_.size() == std::numeric_limits<uint32_t>::max()) {
    fatal_ = "has too many rows";
    return;
  }
  uint32_t entry = 0;
  // Rows of one entry are mostly together.
  if (!entry_of_row_.empty() && entries_[entry_of_row_.back()].id == id) {
    entry = entry_of_row_.back();
  } else if (const auto found = by_id_.find(id); found != by_id_.end()) {
    entry = *found;
  } else {
    entry = static_cast<uint32_t>(entries_.size());
    entries_.push_back({std::string(id), rest});
    by_id_.insert(entry);
  }
  if (entries_[entry].rest != rest && rests_[entries_[entry].rest].entry != rests_[rest].entry) {
    return AddMalformedRow(absl::StrCat("says something else of `", id, "` than an earlier row"));
  }
  digests_.push_back(*digest);
  entry_of_row_.push_back(entry);
}

uint32_t DigestCsvImporter::ReadRest() {
  // All fields but digest and id, told apart by their lengths.
  rest_text_.clear();
  for (size_t column = 0; column < kColumns; ++column) {
    if (column == static_cast<size_t>(Column::kDigest)) continue;
    if (column == static_cast<size_t>(Column::kId)) continue;
    if (place_of_[column] < 0) continue;
    const absl::string_view field = Field(static_cast<Column>(column));
    const auto size = static_cast<uint32_t>(field.size());
    for (int shift = 0; shift < 32; shift += 8) {
      rest_text_.push_back(static_cast<char>((size >> shift) & 0xff));
    }
    rest_text_.append(field.data(), field.size());
  }
  // Rows mostly say the same as the one before.
  if (!rests_.empty() && rest_text_ == last_rest_text_) return last_rest_;
  const auto [found, is_new] =
      rest_of_text_.emplace(rest_text_, static_cast<uint32_t>(rests_.size()));
  if (is_new) rests_.push_back(ParseRest());
  last_rest_ = found->second;
  last_rest_text_.swap(rest_text_);
  return last_rest_;
}

DigestCsvImporter::Rest DigestCsvImporter::ParseRest() const {
  v1::KnownBadEntry entry;
  for (const Column column : {Column::kUrl, Column::kReason}) {
    const absl::string_view text = Field(column);
    const absl::string_view name = kColumnNames[static_cast<size_t>(column)];
    if (!IsValidUtf8(text)) return {"", absl::StrCat("`", name, "` must be UTF-8")};
    if (text.size() > kMaxText) return {"", absl::StrCat("`", name, "` is too long")};
  }
  entry.set_url(std::string(Field(Column::kUrl)));
  entry.set_reason(std::string(Field(Column::kReason)));
  const auto severity = SeverityOf(Field(Column::kSeverity));
  if (!severity.has_value()) {
    return {"", absl::StrCat("`severity` is unknown: `", Shown(Field(Column::kSeverity)), "`")};
  }
  entry.set_severity(*severity);
  const auto instant = [&](Column column,
                           google::protobuf::Timestamp* (v1::KnownBadEntry::*field)()) {
    if (Field(column).empty()) return true;
    const absl::optional<absl::Time> time = ParseInstantText(Field(column));
    if (time.has_value()) *(entry.*field)() = WriteTime(*time);
    return time.has_value();
  };
  if (!instant(Column::kAddedAt, &v1::KnownBadEntry::mutable_added_at)) {
    return {"", "`added_at` must be an instant such as 2026-11-23T10:00:00Z"};
  }
  if (!instant(Column::kEffectiveFrom, &v1::KnownBadEntry::mutable_effective_from)) {
    return {"", "`effective_from` must be an instant such as 2026-11-23T10:00:00Z"};
  }
  if (!instant(Column::kWithdrawnAt, &v1::KnownBadEntry::mutable_withdrawn_at)) {
    return {"", "`withdrawn_at` must be an instant such as 2026-11-23T10:00:00Z"};
  }
  for (const absl::string_view alias :
       absl::StrSplit(Field(Column::kAliases), ' ', absl::SkipEmpty())) {
    if (!IsIdentifier(alias)) {
      return {"", absl::StrCat("`aliases` must be identifiers, got `", Shown(alias), "`")};
    }
    entry.add_aliases(std::string(alias));
  }
  return {entry.SerializeAsString(), ""};
}

absl::Status DigestCsvImporter::Finish(absl::FunctionRef<void(v1::KnownBadEntry entry)> take) {
  if (!started_) {
    started_ = true;
    AddText(start_);
  }
  if (fatal_.empty()) {
    if (at_ == At::kQuoted) {
      fatal_ = absl::StrCat("line ", row_line_, ": has a quoted field that does not end");
    } else if (at_ == At::kAfterReturn) {
      Break("has a carriage return that no line feed follows");
    }
  }
  // A last row need not end in a line feed.
  if (fatal_.empty()) EndRow();
  if (fatal_.empty() && !has_header_) fatal_ = "has no first row that names the columns";
  if (!fatal_.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(Shown(source_), ": ", fatal_));
  }

  report_.AddRead(kRows, rows_read_);

  // The rows of each entry, one after the other.
  std::vector<uint32_t> begin(entries_.size() + 1, 0);
  for (const uint32_t entry : entry_of_row_) ++begin[entry + 1];
  for (size_t i = 1; i < begin.size(); ++i) begin[i] += begin[i - 1];
  std::vector<Digest> sorted(digests_.size());
  std::vector<uint32_t> next(begin.begin(), begin.end() - 1);
  for (size_t row = 0; row < digests_.size(); ++row) {
    sorted[next[entry_of_row_[row]]++] = digests_[row];
  }
  digests_ = {};
  entry_of_row_ = {};
  next = {};
  std::vector<uint32_t> kept(entries_.size());
  for (size_t i = 0; i < entries_.size(); ++i) {
    const auto first = sorted.begin() + begin[i];
    const auto last = sorted.begin() + begin[i + 1];
    std::sort(first, last);
    const auto end = std::unique(first, last);
    kept[i] = static_cast<uint32_t>(end - first);
    report_.AddTaken(kRows, kept[i]);
    for (auto repeated = end; repeated != last; ++repeated) {
      report_.AddLeftOut(kRows, LeftOutReason::kRepeated, source_, entries_[i].id);
    }
  }
  const absl::Status status = report_.ToStatus(options_);
  if (!status.ok()) return status;
  for (size_t i = 0; i < entries_.size(); ++i) {
    v1::KnownBadEntry entry;
    entry.ParseFromString(rests_[entries_[i].rest].entry);
    entry.set_id(std::move(entries_[i].id));
    entry.mutable_digests()->Reserve(static_cast<int>(kept[i]));
    for (uint32_t row = begin[i]; row < begin[i] + kept[i]; ++row) {
      entry.add_digests(FormatDigest(sorted[row]));
    }
    take(std::move(entry));
  }
  return absl::OkStatus();
}

absl::Status DigestCsvImporter::Finish(v1::KnownBadList* list) {
  const absl::Status status =
      Finish([&](v1::KnownBadEntry entry) { *list->add_entries() = std::move(entry); });
  if (!status.ok()) return status;
  list->set_entry_count(static_cast<uint64_t>(list->entries_size()));
  return absl::OkStatus();
}

}  // namespace sluice
