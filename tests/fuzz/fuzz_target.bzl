"""Fuzz targets, each also a test that replays its saved inputs."""

def fuzz_target(name, srcs, deps, corpus):
    """Declares `NAME`, a libFuzzer binary, and `NAME_replay`, a test that runs its corpus once.

    The binary is built with `--config=fuzz`, which needs Clang; the test with any compiler.

    Args:
      name: of the target, ending in `_fuzz`.
      srcs: what defines `LLVMFuzzerTestOneInput`.
      deps: of the sources.
      corpus: the saved inputs.
    """
    native.cc_library(
        name = name + "_target",
        testonly = True,
        srcs = srcs,
        alwayslink = True,
        deps = deps,
    )
    native.cc_binary(
        name = name,
        testonly = True,
        linkopts = ["-fsanitize=fuzzer"],
        tags = ["manual"],
        deps = [name + "_target"],
    )
    native.cc_test(
        name = name + "_replay",
        size = "small",
        srcs = ["replay_main.cc"],
        args = ["$(locations %s)" % corpus],
        data = [corpus],
        deps = [name + "_target"],
    )
