#ifndef SLUICE_INTERCHANGE_DIGEST_CSV_H_
#define SLUICE_INTERCHANGE_DIGEST_CSV_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "sluice/interchange/import_report.h"
#include "sluice/internal/digest.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Makes entries of a known-bad list of a table of digests in CSV (RFC 4180, UTF-8, with or without
// byte order mark, lines ended by CRLF or LF).
//
//   digest,id,reason
//   sha256:9f86...,INC-17,built on a compromised host
//
//   DigestCsvImporter importer("bad.csv", options, report);
//   importer.Add(piece);  // For each piece of the file, in order, however it is cut.
//   v1::KnownBadList list;
//   absl::Status status = importer.Finish(&list);
//
// The first row names the columns, in any order, each once: `digest` (`sha256:` and 64 hexadecimal
// digits, or the digits alone) and `id` (the advisory's) are required; `url`, `reason`, `severity`
// (LOW, MEDIUM, HIGH, CRITICAL or empty), `added_at`, `effective_from`, `withdrawn_at` (RFC 3339 or
// empty) and `aliases` (identifiers separated by spaces) are optional. An unknown column fails the
// import.
//
// Rows with the same id are one entry with several digests; what else they say must be equal. Rows
// are counted as `rows`; one with a digest that its entry has already is left out. Entries come in
// the order of their first rows. Memory: about 100 bytes a row and what is said beside digest and
// id.
class DigestCsvImporter {
 public:
  // `report` must outlive the importer.
  DigestCsvImporter(absl::string_view source, const ImportOptions& options, ImportReport& report);

  DigestCsvImporter(const DigestCsvImporter&) = delete;
  DigestCsvImporter& operator=(const DigestCsvImporter&) = delete;

  // Reads the next bytes. What is wrong is told by Finish.
  void Add(absl::string_view piece);

  // Calls `take` with the entries. InvalidArgument, without a call, if the
  // table can't be read at all, whatever the options, or if a row is malformed and the options do
  // not let it pass.
  absl::Status Finish(absl::FunctionRef<void(v1::KnownBadEntry entry)> take);

  // Appends the entries to `list` and sets its `entry_count`.
  absl::Status Finish(v1::KnownBadList* list);

 private:
  enum class Column : uint8_t {
    kDigest = 0,
    kId,
    kUrl,
    kReason,
    kSeverity,
    kAddedAt,
    kEffectiveFrom,
    kWithdrawnAt,
    kAliases,
  };
  static constexpr size_t kColumns = 9;

  // Where in a row the reader is.
  enum class At : uint8_t {
    kFieldStart = 0,
    kPlain,       // In a field without quotes.
    kQuoted,      // In a field with quotes.
    kAfterQuote,  // After a quote in one: its end, or the first of two.
    kAfterReturn,
    kBroken,  // Passing over the rest of a row with a fault.
  };

  struct Entry {
    std::string id;
    uint32_t rest;  // Into rests_.
  };
  // What entries say beside digest and id.
  struct Rest {
    std::string entry;  // A serialised entry.
    std::string fault;  // Or what is wrong with it.
  };
  struct IdHash {
    using is_transparent = void;
    const std::vector<Entry>* entries;
    size_t operator()(absl::string_view id) const;
    size_t operator()(uint32_t entry) const { return (*this)((*entries)[entry].id); }
  };
  struct IdEqual {
    using is_transparent = void;
    const std::vector<Entry>* entries;
    bool operator()(uint32_t a, uint32_t b) const { return a == b; }
    bool operator()(uint32_t a, absl::string_view b) const { return (*entries)[a].id == b; }
    bool operator()(absl::string_view a, uint32_t b) const { return (*entries)[b].id == a; }
  };

  void AddText(absl::string_view text);
  void AppendToField(absl::string_view text);
  void Break(absl::string_view fault);
  void EndField();
  void EndRow();
  void ReadHeader();
  void ReadRow();
  void AddMalformedRow(absl::string_view fault);
  uint32_t ReadRest();
  Rest ParseRest() const;
  // Empty if there is no such column.
  absl::string_view Field(Column column) const;
  std::string Place() const;

  const std::string source_;
  const ImportOptions options_;
  ImportReport& report_;

  std::string start_;  // The first bytes, until they can be told from a byte order mark.
  bool started_ = false;
  At at_ = At::kFieldStart;
  uint64_t line_ = 1;
  uint64_t row_line_ = 1;  // At which the row began.
  size_t row_bytes_ = 0;
  std::string row_fault_;
  std::vector<std::string> fields_;  // The first field_ + 1 are of this row.
  size_t field_ = 0;
  bool quoted_ = false;  // The row has a quote, so it is not blank.

  std::string fatal_;  // Why the table can't be read at all.
  bool has_header_ = false;
  size_t width_ = 0;           // Columns.
  std::vector<int> place_of_;  // Of each column, -1 if absent.

  std::vector<Digest> digests_;  // Of each row taken.
  std::vector<uint32_t> entry_of_row_;
  std::vector<Entry> entries_;
  absl::flat_hash_set<uint32_t, IdHash, IdEqual> by_id_;
  std::vector<Rest> rests_;
  absl::flat_hash_map<std::string, uint32_t> rest_of_text_;
  std::string rest_text_;  // Of this row.
  std::string last_rest_text_;
  uint32_t last_rest_ = 0;
  uint64_t rows_read_ = 0;
};

}  // namespace sluice

#endif  // SLUICE_INTERCHANGE_DIGEST_CSV_H_
