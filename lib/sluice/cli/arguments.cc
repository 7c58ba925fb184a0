#include "sluice/cli/arguments.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace sluice {

absl::StatusOr<Arguments> Arguments::Parse(const std::vector<std::string>& words,
                                           const std::vector<Flag>& flags) {
  Arguments arguments;
  bool only_positional = false;
  for (size_t i = 0; i < words.size(); ++i) {
    absl::string_view word = words[i];
    if (only_positional || word == "-" || !absl::ConsumePrefix(&word, "-")) {
      arguments.positional_.push_back(words[i]);
      continue;
    }
    absl::ConsumePrefix(&word, "-");
    if (word.empty()) {
      only_positional = true;
      continue;
    }
    const size_t equals = word.find('=');
    const std::string name(word.substr(0, equals));
    const auto flag =
        std::find_if(flags.begin(), flags.end(), [&](const Flag& f) { return f.name == name; });
    if (flag == flags.end()) {
      return absl::InvalidArgumentError(absl::StrCat("unknown flag `--", name, "`"));
    }
    std::vector<std::string>& values = arguments.values_[name];
    if (!values.empty() && !flag->repeats) {
      return absl::InvalidArgumentError(absl::StrCat("`--", name, "` is given twice"));
    }
    if (flag->value.empty()) {
      if (equals != absl::string_view::npos) {
        return absl::InvalidArgumentError(absl::StrCat("`--", name, "` takes no value"));
      }
      values.emplace_back();
    } else if (equals != absl::string_view::npos) {
      values.emplace_back(word.substr(equals + 1));
    } else if (i + 1 < words.size()) {
      values.push_back(words[++i]);
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("`--", name, "` needs a value: --", name, " ", flag->value));
    }
  }
  return arguments;
}

bool Arguments::Has(absl::string_view flag) const { return values_.count(std::string(flag)) > 0; }

absl::optional<std::string> Arguments::Value(absl::string_view flag) const {
  const auto found = values_.find(std::string(flag));
  if (found == values_.end()) return absl::nullopt;
  return found->second.back();
}

std::vector<std::string> Arguments::Values(absl::string_view flag) const {
  const auto found = values_.find(std::string(flag));
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

}  // namespace sluice
