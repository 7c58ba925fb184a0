"""Runs tests with one source of the library changed, in seconds and without touching the checkout.

Bazel builds the tests once, as they are. It links them to a shared library for each source, so that a changed
source is compiled by itself, made into a shared library, and loaded before all others: what it defines is what
the tests then call. Headers can't be changed in this way.
"""

import collections
import os
import resource
import signal
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CONFORMANCE = "//tests/conformance:conformance_test"
DIFFERENTIAL = "//tests/differential:differential_test"

# What is compiled by `bazel test`; warnings of a changed source are no finding.
COMPILER = ["g++", "-std=c++17", "-O1", "-fPIC", "-w"]
PASSED, FAILED, HUNG = "passed", "failed", "hung"
RunResult = collections.namedtuple("RunResult", "result output")


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as source:
        return source.read()


def kernel_sources():
    """The sources that every decision goes through."""
    sources = ["lib/sluice/leaves.cc", "lib/sluice/overrides.cc", "lib/sluice/policy.cc", "lib/sluice/record.cc"]
    for folder in ("blockers", "calendar", "load", "metrics", "record", "rollout"):
        path = "lib/sluice/" + folder
        sources += [path + "/" + name for name in sorted(os.listdir(os.path.join(ROOT, path)))
                    if name.endswith(".cc")]
    return sources


class Tests:
    """Tests that were built, and a folder for what is compiled. `targets` are labels or patterns."""

    def __init__(self, targets, bazel_options=(), scratch=None):
        self.scratch = scratch or tempfile.mkdtemp(prefix="sluice-changed-")
        os.makedirs(self.scratch, exist_ok=True)
        quiet = ["--color=no", "--curses=no", "--noshow_progress"]
        options = list(bazel_options) + quiet + ["--per_file_copt=^lib/,^tests/,^docs/@-O1"]
        self._bazel(["build"] + options + list(targets))
        self._bin = self._bazel(["info"] + list(bazel_options) + ["bazel-bin"]).strip()
        self._include = ["-I" + os.path.join(ROOT, folder) for folder in (".", "lib")]
        self._include.append("-I%s/proto/sluice/v1/_virtual_includes/sluice_proto" % self._bin)
        self._include_once(kernel_sources())

    def _bazel(self, arguments):
        return subprocess.run([os.path.join(ROOT, "bazelw")] + arguments, cwd=ROOT, stdout=subprocess.PIPE,
                              check=True).stdout.decode()

    def _include_once(self, sources):
        """Compiles the headers of all `sources` beforehand, which is most of the time of compiling one."""
        lines = {line for source in sources for line in read(source).split("\n")
                 if line.startswith("#include ") and "sluice/record/" not in line}
        header = self.write("headers.h", "\n".join(sorted(lines)) + "\n")
        subprocess.run(COMPILER + self._include + ["-x", "c++-header", header, "-o", header + ".gch"], check=True)
        self._headers = ["-include", header]

    def queried(self, expression):
        """The labels that a query answers, sorted."""
        return sorted(self._bazel(["query", "--noshow_progress", expression]).split())

    def write(self, name, text):
        """Writes a file of the folder, and answers its path."""
        path = os.path.join(self.scratch, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def compile(self, path, text, extra=(), suffix=".o", name="changed"):
        """Compiles `text` in the place of the source `path`; None if it does not compile, else the output's path."""
        source = self.write(name + ".cc", '#line 1 "%s"\n' % path + text)
        output = os.path.join(self.scratch, name + suffix)
        # A name of another folder's headers may be in the way: then without them.
        for headers in (self._headers, []):
            done = subprocess.run(COMPILER + self._include + headers + list(extra) + ["-c", source, "-o", output],
                                  stderr=subprocess.DEVNULL, check=False)
            if done.returncode == 0:
                return output
        return None

    def link(self, compiled, name="changed"):
        """Makes a shared library of an object or of assembly."""
        library = os.path.join(self.scratch, "lib%s.so" % name)
        subprocess.run(["g++", "-shared", compiled, "-o", library], check=True)
        return library

    def program(self, label):
        package, name = label[2:].split(":")
        return os.path.join(self._bin, package, name)

    def calls(self, label, path):
        """Whether a test is linked with what is compiled from the source `path`."""
        folder, name = os.path.split(path)
        needed = os.path.join(folder, "lib" + name[:-len(".cc")]).replace("_", "_U").replace("/", "_S")
        with open(self.program(label), "rb") as program:
            return ("lib%s.so" % needed).encode() in program.read()

    def run(self, label, library, arguments=(), seconds=60, stop_early=True):
        """Runs a test with `library` (None: unchanged) loaded first, in the folder that Bazel runs it in.

        It hangs if it takes more than `seconds` of a processor, however busy the machine is otherwise.
        """
        program = self.program(label)
        environment = dict(os.environ, TZ="UTC", TEST_TMPDIR=self.scratch, TEST_SRCDIR=program + ".runfiles",
                           TEST_WORKSPACE="sluice", **({"LD_PRELOAD": library} if library else {}))
        early = ["--gtest_fail_fast"] if stop_early else []
        if label == CONFORMANCE:
            arguments = list(arguments) + suites()
        try:
            done = subprocess.run([program] + list(arguments) + early + ["--gtest_brief=1"],
                                  cwd=program + ".runfiles/sluice", env=environment, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=60 * seconds, check=False,
                                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1)))
        except subprocess.TimeoutExpired:  # It waits for something.
            return RunResult(HUNG, "")
        output = done.stdout.decode(errors="replace")
        if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
            return RunResult(HUNG, output)
        return RunResult(PASSED if done.returncode == 0 else FAILED, output)


def suites():
    """The conformance suites, by their path in the checkout, as it is now."""
    found = []
    for folder in ("tests/conformance", "tests/conformance/outages"):
        found += [os.path.join(ROOT, folder, name) for name in sorted(os.listdir(os.path.join(ROOT, folder)))
                  if name.endswith(".textproto")]
    return found
