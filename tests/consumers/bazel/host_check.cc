// Compiles only if the library that this host links was built with the host's own repositories.

#ifndef HOST_HAS_ITS_OWN_ABSL
#error "the host's @com_google_absl is not the one in use"
#endif

#ifndef HOST_HAS_ITS_OWN_PROTOBUF
#error "the host's @com_google_protobuf is not the one in use"
#endif
