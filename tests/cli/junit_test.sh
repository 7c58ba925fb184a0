#!/bin/sh
# The JUnit XML of `sluice test`, read back by a parser that is not ours.
#
#   junit_test.sh <sluice> <policy> <state>
set -u

sluice=$1
folder=$TEST_TMPDIR/suites
mkdir -p "$folder"
cp "$2" "$folder/policy.textproto"
cp "$3" "$folder/state.textproto"

cat >"$folder/a_test.textproto" <<'SUITE'
policy_file: "policy.textproto"
state_file: "state.textproto"
cases { name: "passes" moments { now { seconds: 1 } expect { stage: "production" absent: "nobody" } } }
cases {
  name: "<fails> & \"quotes\" 'too' ]]> \001\033[31m\t\n\r\177 \357\277\276 \342\200\256 \360\237\230\200 --> <!-- %s"
  description: "]]> <![CDATA[ &amp; \002"
  moments { now { seconds: 1 } expect { stage: "<no> & ]]>" action: IDLE } }
}
cases { name: "breaks" edits { path: "<x>&\001" clear: true } moments { now { seconds: 1 } never_changes: true } }
SUITE
printf 'cases { nam\001: "<&>" }\n' >"$folder/b_test.textproto"

"$sluice" test "$folder" --junit "$TEST_TMPDIR/out.xml" >/dev/null 2>&1
code=$?
if [ "$code" -ne 2 ]; then
  echo "exit code $code instead of 2"
  exit 1
fi

python3 - "$TEST_TMPDIR/out.xml" <<'CHECK'
import sys
import xml.etree.ElementTree as xml

root = xml.parse(sys.argv[1]).getroot()


def check(what, have, want):
    if have != want:
        sys.exit(f"{what}: {have!r} instead of {want!r}")


def counts(element):
    return tuple(int(element.get(name)) for name in ("tests", "failures", "errors"))


check("root", root.tag, "testsuites")
check("totals", counts(root), (4, 1, 2))
check("files", [s.get("name").rsplit("/", 1)[1] for s in root],
      ["a_test.textproto", "b_test.textproto"])
check("counts of a", counts(root[0]), (3, 1, 1))
check("counts of b", counts(root[1]), (1, 0, 1))
cases = root[0].findall("testcase")
hostile = ("<fails> & \"quotes\" 'too' ]]> \ufffd\ufffd[31m\t\n\r\x7f \ufffd \u202e \U0001f600 "
           "--> <!-- %s")
check("names", [c.get("name") for c in cases], ["passes", hostile, "breaks"])
check("of one that passes", [e.tag for e in cases[0]], [])
check("of one that fails", [e.tag for e in cases[1]], ["failure"])
check("of a broken one", [e.tag for e in cases[2]], ["error"])
check("that the text names the stage", "<no> & ]]>" in cases[1][0].text, True)
check("that the message does", "<no> & ]]>" in cases[1][0].get("message"), True)
check("that the error names the path", "<x>&\ufffd" in cases[2][0].text, True)
check("of a broken file", [(c.get("name"), [e.tag for e in c]) for c in root[1]],
      [("(file)", ["error"])])
CHECK
