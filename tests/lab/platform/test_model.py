import pytest

from lab.platform.breakage import Breakage
from lab.platform.model import Platform, healthy_platform

NOW = 1_800_000_000.0
REPLIES = "POST /v1/replies"


@pytest.fixture
def platform() -> Platform:
    made = healthy_platform(seed=7, now=NOW)
    made.step(30, now=NOW)
    return made


def ratio(platform: Platform, service: str = "discourse") -> float:
    return platform.services[service].error_ratio


def throttle(platform: Platform, limit_rps: int) -> None:
    platform.throttles["discourse", REPLIES].change(
        limit_rps=limit_rps, changed_by="t", now=NOW
    )


def roll_back(platform: Platform) -> None:
    platform.flags["new_ranker"].change(
        enabled=False, rollout_percent=0, changed_by="t", now=NOW
    )


def test_usual_is_calm(platform: Platform) -> None:
    """About 1,200 requests a second, and two of a thousand fail."""
    discourse = platform.services["discourse"]

    assert discourse.requests_per_second == pytest.approx(1200, rel=0.05)
    assert discourse.error_ratio == pytest.approx(0.002, rel=0.2)


def test_the_bad_flag_raises_errors_and_latency(platform: Platform) -> None:
    """Errors settle at about 18 %, and the queue grows."""
    platform.break_by(Breakage.BAD_FLAG, now=NOW)
    platform.step(15, now=NOW)

    assert ratio(platform) == pytest.approx(0.18, abs=0.02)
    assert platform.services["discourse"].p99_ms > 1000
    assert platform.queues["discourse-replies"].depth > 500


def test_rolling_the_flag_back_heals_within_seconds(platform: Platform) -> None:
    """With a time constant of two seconds, ten are enough."""
    platform.break_by(Breakage.BAD_FLAG, now=NOW)
    platform.step(15, now=NOW)
    roll_back(platform)
    platform.step(5, now=NOW)

    assert ratio(platform) < 0.025
    platform.step(5, now=NOW)
    assert ratio(platform) < 0.01


def test_a_throttle_helps_the_bad_flag_only_in_part(platform: Platform) -> None:
    """Fewer replies fail, but those that get through still do."""
    platform.break_by(Breakage.BAD_FLAG, now=NOW)
    platform.step(15, now=NOW)
    before = ratio(platform)
    throttle(platform, 100)
    platform.step(15, now=NOW)

    assert 0.05 < ratio(platform) < before - 0.03


def test_a_throttle_ends_a_surge_at_the_cost_of_rejections(
    platform: Platform,
) -> None:
    """Below capacity nothing fails, and the rest is turned away."""
    platform.break_by(Breakage.TRAFFIC_SURGE, now=NOW)
    platform.step(15, now=NOW)
    during = ratio(platform)
    throttle(platform, 700)
    platform.step(15, now=NOW)

    route = platform.services["discourse"].route(REPLIES)
    assert route is not None
    assert during > 0.3
    assert ratio(platform) < 0.01
    assert route.rejected_rps == pytest.approx(1300, rel=0.1)


def test_a_slow_queue_grows(platform: Platform) -> None:
    """One consumer of eight cannot keep up; no request fails of it."""
    platform.break_by(Breakage.SLOW_QUEUE, now=NOW)
    platform.step(20, now=NOW)

    queue = platform.queues["discourse-replies"]
    assert (1, True) == (queue.consumers, queue.depth > 3000)
    assert ratio(platform) < 0.01


def test_identity_errors_outlast_our_tools(platform: Platform) -> None:
    """No flag and no throttle moves them."""
    platform.break_by(Breakage.IDENTITY_ERRORS, now=NOW)
    platform.step(15, now=NOW)
    platform.throttles["identity", "POST /v1/sessions"].change(
        limit_rps=10, changed_by="t", now=NOW
    )
    platform.step(15, now=NOW)

    assert ratio(platform, "identity") == pytest.approx(0.09, abs=0.01)


def test_push_latency_is_slow_and_right(platform: Platform) -> None:
    """Ten times the p99, no errors."""
    platform.break_by(Breakage.PUSH_LATENCY, now=NOW)
    platform.step(15, now=NOW)

    assert platform.services["push"].p99_ms == pytest.approx(1400, rel=0.1)
    assert ratio(platform, "push") < 0.01


def test_heal_brings_everything_back(platform: Platform) -> None:
    """Breakages, flags and throttles are as usual, with new versions."""
    for kind in Breakage:
        platform.break_by(kind, now=NOW)
    throttle(platform, 5)
    platform.heal(now=NOW)
    platform.step(60, now=NOW)

    assert [] == platform.active_breakages
    assert 3 == platform.flags["new_ranker"].version
    assert platform.throttles["discourse", REPLIES].limit_rps is None
    assert all(ratio(platform, name) < 0.01 for name in platform.services)


def test_the_same_seed_gives_the_same_platform() -> None:
    """A run can be repeated to the last digit."""
    first, second = (healthy_platform(seed=3, now=NOW) for _ in range(2))
    for made in (first, second):
        made.step(20, now=NOW)

    assert first.history.samples == second.history.samples


def test_failing_traces_name_the_flag(platform: Platform) -> None:
    """The span that fails carries the flag's key; they grow with the errors."""
    platform.break_by(Breakage.BAD_FLAG, now=NOW)
    platform.step(15, now=NOW)
    traces = platform.traces.find(service="discourse", status="error")

    attributes = traces[0]["spans"][-1]["attributes"]
    assert "new_ranker" == attributes["feature_flag.key"]
    assert 20 == len(traces)
    assert 32 == len(traces[0]["id"])
    one = platform.traces.find(correlation_id=traces[0]["correlation_id"])
    assert [traces[0]] == one
