"""Tests of release policies, in the build of whoever owns the policy."""

def sluice_policy_test(name, policy, tests, data = [], min_coverage = None, **kwargs):
    """Runs the cases of suites with `sluice test`; fails if one fails, can't be run, or there is none.

    Args:
      name: of the test.
      policy: the policy's file, which the suites name in `policy_file`.
      tests: the suites, files named `*_test.textproto`, `*_test.json` or `*_test.yaml`.
      data: further files that the suites name, such as a state or a known-bad list.
      min_coverage: a percentage, 1 to 100: fails too if the suites together show less of what the policy
        does, and prints what they do not show. Unset: that is not looked at.
      **kwargs: what every test may have, such as `size` and `tags`.
    """
    sluice = Label("//lib/sluice/cli:sluice")
    native.sh_test(
        name = name,
        srcs = [Label("//lib/sluice/testing:policy_test.sh")],
        args = ["$(rootpath %s)" % sluice, str(min_coverage or 0)] +
               ["$(rootpath %s)" % test for test in tests],
        data = [sluice, policy] + tests + data,
        **kwargs
    )
