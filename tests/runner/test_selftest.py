from runner.providers import bare
from runner.selftest import run_selftest
from tests.runner.sandboxed import PROJECT


def test_without_walls_nothing_is_tried() -> None:
    """The probes would act on the host; the outcome is a failure that says so."""
    outcome = run_selftest(bare(PROJECT), project=PROJECT)

    assert not outcome.passed
    assert outcome.failures == "sandbox (no walls: this provider contains nothing)"
