#ifndef SLUICE_FILLED_CHOICE_H_
#define SLUICE_FILLED_CHOICE_H_

#include <string>

namespace sluice {

// A choice of a policy that its profile made.
struct FilledChoice {
  std::string path;   // Such as `stages[0].order`.
  std::string value;  // As the policy would spell it.
};

}  // namespace sluice

#endif  // SLUICE_FILLED_CHOICE_H_
