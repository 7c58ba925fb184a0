#ifndef SLUICE_TESTING_EDIT_H_
#define SLUICE_TESTING_EDIT_H_

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "sluice/v1/testing.pb.h"

namespace sluice {

// Makes one edit of `message`, which the edit's path is about:
//
//   edit.set_path("policy.stages[0].blockers[1].enforcement");
//   edit.set_set("OBSERVED");
//   if (absl::Status status = sluice::ApplyEdit(edit, &inputs); !status.ok()) return status;
//
// A path is names of fields with dots between them, elements of lists with their index from 0. What
// `set` and `add` need on the way and is not set comes to be, which clears the other member of its
// oneof, as setting a member does. The value is in the text format: a string in quotes, an
// enumerator by name (or, to test what nobody writes, by number), a message between braces, a whole
// list in brackets. `add` and an edit of an element take exactly one value. After `clear` a field
// is not set, an element is gone. Entries of a map are added, replaced together or cleared
// together; they have no index.
//
// InvalidArgument, `*message` unchanged, if the path names no field or element, or the text is not
// one value of the field. The error names the path and says what should be there.
absl::Status ApplyEdit(const v1::Edit& edit, google::protobuf::Message* message);

}  // namespace sluice

#endif  // SLUICE_TESTING_EDIT_H_
