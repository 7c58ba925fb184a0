"""Repositories of the host's own, under the names that everybody uses."""

# As much of Abseil as this host has got, by package.
_ABSL = {
    "algorithm": ["container"],
    "base": ["base", "core_headers"],
    "cleanup": ["cleanup"],
    "container": ["btree", "fixed_array", "flat_hash_map", "flat_hash_set", "inlined_vector", "node_hash_map"],
    "functional": ["function_ref"],
    "hash": ["hash"],
    "memory": ["memory"],
    "meta": ["type_traits"],
    "numeric": ["bits", "int128"],
    "status": ["status", "statusor"],
    "strings": ["cord", "str_format", "strings"],
    "synchronization": ["synchronization"],
    "time": ["time"],
    "types": ["optional", "span", "variant"],
    "utility": ["utility"],
}

_ABSL_BUILD = """
cc_library(
    name = "absl",
    defines = ["HOST_HAS_ITS_OWN_ABSL"],
    linkopts = [
        "-labsl_bad_optional_access",
        "-labsl_bad_variant_access",
        "-labsl_raw_hash_set",
        "-labsl_hash",
        "-labsl_statusor",
        "-labsl_status",
        "-labsl_cord",
        "-labsl_synchronization",
        "-labsl_time",
        "-labsl_time_zone",
        "-labsl_civil_time",
        "-labsl_str_format_internal",
        "-labsl_strings",
        "-labsl_strings_internal",
        "-labsl_int128",
        "-labsl_throw_delegate",
        "-labsl_raw_logging_internal",
        "-labsl_base",
    ],
    visibility = ["//visibility:public"],
)
"""

_PROTOBUF_BUILD = """
package(default_visibility = ["//visibility:public"])

cc_library(
    name = "protobuf",
    defines = ["HOST_HAS_ITS_OWN_PROTOBUF"],
    linkopts = ["-lprotobuf"],
)

sh_binary(
    name = "protoc",
    srcs = ["bin/protoc"],
)

_WELL_KNOWN = ["any", "descriptor", "duration", "empty", "struct", "timestamp", "wrappers"]

[proto_library(
    name = name + "_proto",
    srcs = ["include/google/protobuf/%s.proto" % name],
    strip_import_prefix = "include",
) for name in _WELL_KNOWN]

proto_lang_toolchain(
    name = "cc_toolchain",
    blacklisted_protos = [name + "_proto" for name in _WELL_KNOWN],
    command_line = "--cpp_out=$(OUT)",
    runtime = ":protobuf",
)
"""

def _host_absl_impl(ctx):
    ctx.file("BUILD.bazel", _ABSL_BUILD)
    for package, names in _ABSL.items():
        ctx.file("absl/%s/BUILD.bazel" % package, "\n".join([
            """cc_library(name = "%s", visibility = ["//visibility:public"], deps = ["//:absl"])""" % name
            for name in names
        ]))

_host_absl = repository_rule(implementation = _host_absl_impl, local = True)

def host_repositories():
    """Declares this host's own Abseil and Protocol Buffers."""
    _host_absl(name = "com_google_absl")
    native.new_local_repository(
        name = "com_google_protobuf",
        build_file_content = _PROTOBUF_BUILD,
        path = "/usr",
    )
