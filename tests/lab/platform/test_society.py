"""The new breakages in the living platform, and their end."""

import pytest

from lab.platform.alert_rule import AlertName, read_platform
from lab.platform.breakage import Breakage
from lab.platform.content import PILED_ON
from lab.platform.model import Platform, healthy_platform
from lab.platform.pipeline import STUCK_GROUP

NOW = 1_800_000_000.0
TARGET = f"content:{PILED_ON}"


@pytest.fixture
def platform() -> Platform:
    made = healthy_platform(seed=7, now=NOW)
    made.step(10, now=NOW)
    return made


def value(platform: Platform, name: AlertName) -> float:
    return next(one.value for one in read_platform(platform) if one.rule.name is name)


def test_a_friction_brings_a_dogpile_down_in_seconds(platform: Platform) -> None:
    """And when it runs out, the burst is back."""
    platform.break_by(Breakage.DOGPILE, now=NOW)
    platform.step(15, now=NOW)
    burst = value(platform, AlertName.REPLY_BURST)
    platform.society.friction(TARGET).set("slow_mode", NOW + 60)
    platform.step(15, now=NOW)
    calm = value(platform, AlertName.REPLY_BURST)
    platform.step(15, now=NOW + 61)

    assert (True, True) == (burst > 2000, calm < 400)
    assert value(platform, AlertName.REPLY_BURST) > 2000


def test_a_stuck_consumer_is_a_breakage_until_it_is_restarted(
    platform: Platform,
) -> None:
    """To stop it twice is to stop it once."""
    for _ in range(2):
        platform.break_by(Breakage.STUCK_CONSUMER, now=NOW)
    platform.step(15, now=NOW + 15)
    broken, lag = platform.active_breakages, value(platform, AlertName.WAREHOUSE_LAG)
    platform.society.groups[STUCK_GROUP].restart(NOW)

    assert ["stuck_consumer"] == broken
    assert lag > 4000
    assert [] == platform.active_breakages
    assert 1 == len(platform.society.pipelines["warehouse"].gaps)


def test_heal_ends_them(platform: Platform) -> None:
    """No lag, no gap, no friction."""
    platform.break_by(Breakage.STUCK_CONSUMER, now=NOW)
    platform.society.friction(TARGET).set("confirm", NOW + 60)
    platform.step(5, now=NOW)
    platform.heal(now=NOW)
    platform.step(1, now=NOW)

    assert 0 == platform.society.groups[STUCK_GROUP].lag
    assert [] == platform.society.pipelines["warehouse"].gaps
    assert None is platform.society.friction(TARGET).at(NOW)


def test_an_overturned_appeal_takes_back_what_it_is_against(
    platform: Platform,
) -> None:
    """A ban ends, a removed post is there again."""
    society = platform.society
    for appeal_id in ("a_501", "a_502"):
        society.overturn(society.appeals[appeal_id])

    assert "active" == society.people["u_1004"].status
    assert "visible" == society.contents["c_2003"].status


@pytest.mark.parametrize(
    ("target", "known"),
    [
        (TARGET, True),
        ("user:u_1001", True),
        ("gathering:c_2004", True),
        ("content:c_2004", False),
        ("user:c_2001", False),
        ("c_2001", False),
    ],
)
def test_a_target_is_named_by_its_kind(
    platform: Platform, target: str, *, known: bool
) -> None:
    """As the friction's API takes it."""
    assert known is platform.society.knows(target)


def test_a_users_friction_meets_the_user(platform: Platform) -> None:
    """One person, and what that one does in an hour."""
    found = platform.society.render_friction("user:u_1002", NOW)

    assert (1, 10) == (found["people_last_hour"], found["actions_last_hour"])


def test_the_audit_begins_with_the_appeals(platform: Platform) -> None:
    """Newest first; each names the appeal that resolve_appeal takes."""
    found = platform.audit.search("appeal.opened ban", since=0, most=9)

    assert ["a_501", "a_503"] == [one["target"] for one in found]
