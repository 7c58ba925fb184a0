#include <fnmatch.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "sluice/cli/commands.h"
#include "sluice/cli/coverage_collector.h"
#include "sluice/cli/coverage_page.h"
#include "sluice/cli/coverage_report.h"
#include "sluice/cli/junit_report.h"
#include "sluice/cli/suite_file.h"
#include "sluice/cli/test_report.h"

namespace sluice {
namespace {

constexpr int kMaxJobs = 256;

// One case to run.
struct Job {
  const SuiteFile* file;
  int index;
  CaseResult* result;
};

// The files that the arguments name, each once, in their order and sorted within a folder; and
// which folders can't be read.
std::vector<std::string> PathsOf(const std::vector<std::string>& named,
                                 std::vector<FileReport>* unreadable) {
  std::vector<std::string> paths;
  std::set<std::string> taken;
  const auto take = [&](const std::string& path) {
    if (taken.insert(std::filesystem::path(path).lexically_normal().string()).second) {
      paths.push_back(path);
    }
  };
  for (const std::string& name : named) {
    std::error_code error;
    if (!std::filesystem::is_directory(name, error)) {
      take(name);
      continue;
    }
    const absl::StatusOr<std::vector<std::string>> below = SuitesBelow(name);
    if (!below.ok()) {
      unreadable->push_back({name, {std::string(below.status().message())}, {}});
      continue;
    }
    for (const std::string& path : *below) take(path);
  }
  return paths;
}

// The reports of the cases to run, and the jobs that fill them in.
std::vector<FileReport> ReportsOf(const std::deque<SuiteFile>& files, const std::string& filter,
                                  std::vector<Job>* jobs) {
  std::vector<FileReport> reports;
  reports.reserve(files.size());  // The jobs point into them.
  for (const SuiteFile& file : files) {
    reports.push_back({file.path(), file.faults(), {}});
    if (file.runner() == nullptr) continue;
    std::vector<int> indexes;
    for (int i = 0; i < file.suite().cases_size(); ++i) {
      const v1::TestCase& test = file.suite().cases(i);
      if (!filter.empty() && fnmatch(filter.c_str(), test.name().c_str(), 0) != 0) continue;
      indexes.push_back(i);
      reports.back().cases.push_back({test.name(), test.description(), {}, {}});
    }
    for (size_t i = 0; i < indexes.size(); ++i) {
      jobs->push_back({&file, indexes[i], &reports.back().cases[i].result});
    }
  }
  return reports;
}

void RunJobs(const std::vector<Job>& jobs, size_t threads) {
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t i = next++; i < jobs.size(); i = next++) {
      *jobs[i].result = jobs[i].file->runner()->RunCase(jobs[i].index);
    }
  };
  std::vector<std::thread> others;
  for (size_t i = 1; i < std::min(threads, jobs.size()); ++i) others.emplace_back(work);
  work();
  for (std::thread& thread : others) thread.join();
}

// Says what is wrong with files and cases, each line once: many cases may have one policy.
void PrintFaults(const std::vector<FileReport>& reports, const Environment& environment) {
  std::set<std::string> printed;
  const auto print = [&](const std::vector<std::string>& faults) {
    for (const std::string& fault : faults) {
      if (printed.insert(fault).second) environment.err << "sluice: " << fault << "\n";
    }
  };
  for (const FileReport& report : reports) {
    print(report.faults);
    for (const CaseReport& test : report.cases) print(test.faults);
  }
}

// The number of threads to use; nothing if `--jobs` is no number of them.
absl::optional<size_t> JobsOf(const Arguments& arguments) {
  const absl::optional<std::string> text = arguments.Value("jobs");
  if (!text.has_value()) return std::max<size_t>(1, std::thread::hardware_concurrency());
  int jobs = 0;
  if (!absl::SimpleAtoi(*text, &jobs) || jobs < 1 || jobs > kMaxJobs) return absl::nullopt;
  return static_cast<size_t>(jobs);
}

bool WantsCoverage(const Arguments& arguments) {
  return arguments.Has("coverage") || arguments.Has("coverage-html") ||
         arguments.Has("min-coverage");
}

// The percentage asked for; 0 without `--min-coverage`, nothing if it is no percentage.
absl::optional<double> MinCoverage(const Arguments& arguments) {
  const absl::optional<std::string> text = arguments.Value("min-coverage");
  if (!text.has_value()) return 0;
  double percent = 0;
  if (!absl::SimpleAtod(*text, &percent) || !(percent >= 0 && percent <= 100)) return absl::nullopt;
  return percent;
}

// Whether every policy is covered as far as asked; says which is not.
bool Reaches(const std::vector<CoverageReport>& reports, double percent,
             const Environment& environment) {
  bool reaches = percent == 0 || !reports.empty();
  if (!reaches) environment.err << "sluice: no policy was covered by a case\n";
  for (const CoverageReport& report : reports) {
    const CoverageTotals totals = TotalsOf(report);
    if (totals.Reach(percent)) continue;
    environment.err << "sluice: " << report.name << ": coverage is " << Shown(totals)
                    << ", below what --min-coverage asks for\n";
    reaches = false;
  }
  return reaches;
}

bool WriteFile(const std::string& path, const std::string& text) {
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  stream << text << std::flush;
  return static_cast<bool>(stream);
}

}  // namespace

int RunTest(const Arguments& arguments, const Environment& environment) {
  if (arguments.positional().empty()) {
    return BadInput(environment, "test takes folders or files of cases");
  }
  const absl::optional<size_t> threads = JobsOf(arguments);
  if (!threads.has_value()) {
    return BadInput(environment, absl::StrCat("`--jobs` is a number from 1 to ", kMaxJobs,
                                              ", got `", *arguments.Value("jobs"), "`"));
  }
  const absl::optional<double> min_coverage = MinCoverage(arguments);
  if (!min_coverage.has_value()) {
    return BadInput(environment,
                    absl::StrCat("`--min-coverage` is a percentage from 0 to 100, got `",
                                 *arguments.Value("min-coverage"), "`"));
  }
  const bool coverage = WantsCoverage(arguments);
  std::vector<FileReport> unreadable;
  std::deque<SuiteFile> files;
  for (const std::string& path : PathsOf(arguments.positional(), &unreadable)) {
    files.emplace_back(path, coverage, arguments, environment.in);
  }
  std::vector<Job> jobs;
  std::vector<FileReport> reports = ReportsOf(files, arguments.Value("filter").value_or(""), &jobs);
  RunJobs(jobs, *threads);
  for (size_t i = 0; i < reports.size(); ++i) {
    for (CaseReport& test : reports[i].cases) {
      for (const CaseFault& fault : test.result.faults) {
        const bool of_case = absl::StartsWith(fault.path, "cases");
        test.faults.push_back(files[i].AtPlace(
            fault.path,
            absl::StrCat(of_case ? absl::StrCat("case `", test.name, "`: ") : "", fault.what)));
      }
    }
  }
  reports.insert(reports.end(), unreadable.begin(), unreadable.end());

  CoverageCollector collector;
  if (coverage) {
    for (const Job& job : jobs) collector.Add(*job.file, job.index, *job.result);
  }
  if (arguments.Has("coverage")) {
    for (const CoverageReport& report : collector.reports()) {
      environment.out << RenderCoverage(report) << "\n";
    }
  }
  environment.out << RenderTests(reports, arguments.Has("verbose"));
  PrintFaults(reports, environment);
  const absl::optional<std::string> junit = arguments.Value("junit");
  if (junit.has_value() && !WriteFile(*junit, RenderJunit(reports))) {
    return BadInput(environment, absl::StrCat(*junit, ": can't be written"));
  }
  const absl::optional<std::string> page = arguments.Value("coverage-html");
  if (page.has_value() && !WriteFile(*page, RenderCoveragePage(collector.reports()))) {
    return BadInput(environment, absl::StrCat(*page, ": can't be written"));
  }
  const bool covers = Reaches(collector.reports(), *min_coverage, environment);
  const TestTotals totals = TotalsOf(reports);
  if (totals.broken + totals.broken_files > 0) return kExitBadInput;
  if (arguments.Has("fail-on-empty") && totals.passed + totals.failed == 0) {
    return BadInput(environment, "no case was run");
  }
  return totals.failed > 0 || !covers ? kExitHold : kExitOk;
}

}  // namespace sluice
