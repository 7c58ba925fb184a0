"""The repositories that Sluice builds with, taken from the system's packages.

Every label is the one that the project itself uses (`@com_google_absl//absl/strings`), so a host that
already has a repository of that name keeps its own.
"""

def _system_repository_impl(ctx):
    for overlay, path in ctx.attr.overlays.items():
        ctx.symlink(overlay, path)
    for path, target in ctx.attr.links.items():
        if not ctx.path(target).exists:
            fail("%s is missing: run ./bazelw in Sluice's checkout to install what it needs" % target)
        ctx.symlink(target, path)
    ctx.file("WORKSPACE", "workspace(name = %r)\n" % ctx.name, executable = False)

# A repository made of overlay files of ours and links into the system.
_system_repository = repository_rule(
    implementation = _system_repository_impl,
    attrs = {
        "overlays": attr.label_keyed_string_dict(doc = "A file of ours to the path it takes here."),
        "links": attr.string_dict(doc = "A path here to the system's path it leads to."),
    },
    local = True,
)

def _maybe(name, **kwargs):
    if not native.existing_rule(name):
        _system_repository(name = name, **kwargs)

_ABSL_PACKAGES = [
    "algorithm",
    "base",
    "cleanup",
    "container",
    "debugging",
    "flags",
    "functional",
    "hash",
    "memory",
    "meta",
    "numeric",
    "random",
    "status",
    "strings",
    "synchronization",
    "time",
    "types",
    "utility",
]

def sluice_deps():
    """Declares each repository that Sluice needs and that the workspace does not have yet.

    Call it from WORKSPACE after your own repositories. `@rules_cc`, `@rules_java` and
    `@remote_coverage_tools` are what Bazel itself would otherwise download; the first two only forward to
    Bazel's native rules, so declare yours before if you use more of them.
    """
    _maybe(
        name = "com_google_absl",
        overlays = {
            Label("//third_party:absl/%s.BUILD" % package): "absl/%s/BUILD.bazel" % package
            for package in _ABSL_PACKAGES
        },
    )
    _maybe(
        name = "com_google_protobuf",
        overlays = {Label("//third_party:protobuf.BUILD"): "BUILD.bazel"},
        links = {
            "bin/protoc": "/usr/bin/protoc",
            "include/google/protobuf": "/usr/include/google/protobuf",
        },
    )
    _maybe(
        name = "com_google_googletest",
        overlays = {Label("//third_party:googletest.BUILD"): "BUILD.bazel"},
    )
    _maybe(
        name = "com_github_google_benchmark",
        overlays = {Label("//third_party:benchmark.BUILD"): "BUILD.bazel"},
    )
    _maybe(
        name = "com_github_nlohmann_json",
        overlays = {Label("//third_party:nlohmann_json.BUILD"): "BUILD.bazel"},
    )
    _maybe(
        name = "libarchive",
        overlays = {Label("//third_party:libarchive.BUILD"): "BUILD.bazel"},
    )
    _maybe(
        name = "libical",
        overlays = {Label("//third_party:libical.BUILD"): "BUILD.bazel"},
    )
    _maybe(
        name = "yaml_cpp",
        overlays = {Label("//third_party:yaml_cpp.BUILD"): "BUILD.bazel"},
    )
    _maybe(
        name = "zlib",
        overlays = {Label("//third_party:zlib.BUILD"): "BUILD.bazel"},
    )
    _maybe(
        name = "rules_cc",
        overlays = {
            Label("//third_party:rules_cc/cc.BUILD"): "cc/BUILD.bazel",
            Label("//third_party:rules_cc/defs.bzl"): "cc/defs.bzl",
        },
    )
    _maybe(
        name = "rules_java",
        overlays = {
            Label("//third_party:rules_java/java.BUILD"): "java/BUILD.bazel",
            Label("//third_party:rules_java/defs.bzl"): "java/defs.bzl",
        },
    )
    _maybe(
        name = "remote_coverage_tools",
        overlays = {Label("//third_party:remote_coverage_tools.BUILD"): "BUILD.bazel"},
    )
