#include "tests/determinism/cases_file.h"

#include <cstdint>
#include <ios>

#include "sluice/internal/little_endian.h"

namespace sluice {

CasesWriter::CasesWriter(const std::string& path) : stream_(path, std::ios::binary) {}

void CasesWriter::Write(const v1::TestSuite& suite) {
  const std::string bytes = suite.SerializeAsString();
  std::string length;
  AppendLittleEndian(static_cast<uint32_t>(bytes.size()), length);
  stream_ << length << bytes;
}

bool CasesWriter::Close() {
  stream_.close();
  return !stream_.fail();
}

CasesReader::CasesReader(const std::string& path) : stream_(path, std::ios::binary) {}

absl::optional<v1::TestSuite> CasesReader::Read() {
  if (!stream_) return absl::nullopt;
  char length[sizeof(uint32_t)];
  stream_.read(length, sizeof(length));
  if (!stream_) {
    at_end_ = stream_.gcount() == 0;
    return absl::nullopt;
  }
  std::string bytes(LoadLittleEndian<uint32_t>(length), '\0');
  stream_.read(&bytes[0], static_cast<std::streamsize>(bytes.size()));
  v1::TestSuite suite;
  if (!stream_ || !suite.ParseFromString(bytes)) return absl::nullopt;
  return suite;
}

}  // namespace sluice
