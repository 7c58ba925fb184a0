#ifndef SLUICE_INTERNAL_NEVER_H_
#define SLUICE_INTERNAL_NEVER_H_

// `if (SLUICE_NEVER(condition)) return ...;`: a second line of defence. Nothing that comes past the
// doors of the library is known to make the condition true; a comment at the place says why, and
// docs/assurance.md lists all of them. What stands there then must hold, refuse or leave things as
// they are: tests that define SLUICE_FORCE_DEFENCES make every one of them true in turn.
#ifdef SLUICE_FORCE_DEFENCES

namespace sluice {

// Asked at each place, if set; true: the condition is taken for true.
inline bool (*force_defence)(const char* file, int line) = nullptr;

inline bool DefenceIsForced(const char* file, int line) {
  return force_defence != nullptr && force_defence(file, line);
}

}  // namespace sluice

#define SLUICE_NEVER(condition) ((condition) || ::sluice::DefenceIsForced(__FILE__, __LINE__))

#else

#define SLUICE_NEVER(condition) (condition)

#endif

#endif  // SLUICE_INTERNAL_NEVER_H_
