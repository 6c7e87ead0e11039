"""apply_friction: bounded in time, measured in people, undone to what was there."""

from dataclasses import replace

import pytest

from gateway.ports import Refused
from gateway.registry import Settled
from gateway.tools import friction as tool
from gateway.tools.friction import FrictionParams, FrictionTarget
from tests.gateway.outside import Outside, order
from tests.gateway.outside_society import TARGET

NOW = 1_800_000_000.0
SEEN = FrictionTarget(
    target=TARGET,
    friction_type=None,
    expires_at=None,
    people_last_hour=1900,
    actions_last_hour=2400,
    version=7,
)

ON: dict[str, object] = {"friction_type": "slow_mode", "expires_at": NOW + 60}


def params(kind: str = "slow_mode", end: float | None = NOW + 3600) -> FrictionParams:
    return FrictionParams.model_validate(
        {"target": TARGET, "friction_type": kind, "expires_at": end}
    )


@pytest.fixture(autouse=True)
def standing_clock(outside: Outside) -> None:
    outside.now = lambda: NOW


async def test_reach_is_who_would_have_met_it(outside: Outside) -> None:
    """The people of the last hour."""
    found = await tool.estimate(params(), SEEN, outside.ports)

    assert (1900, "people") == (found.amount, found.unit)


@pytest.mark.parametrize("end", [None, NOW, NOW - 60, NOW + 7 * 86_400 + 1])
async def test_a_friction_has_an_end_within_a_week(
    outside: Outside, end: float | None
) -> None:
    """No other is proposed; the refusal says what time it is."""
    with pytest.raises(Refused, match="choose a later instant"):
        await tool.estimate(params(end=end), SEEN, outside.ports)


async def test_what_is_restored_may_be_over(outside: Outside) -> None:
    """An undo of an old friction is still an undo."""
    before = SEEN.model_copy(
        update={"friction_type": "confirm", "expires_at": NOW - 60}
    )
    back = tool.undo(params(), before)

    assert (await tool.estimate(back, SEEN, outside.ports)).amount
    assert ("confirm", NOW - 60, True) == (
        back.friction_type,
        back.ends_at,
        back.restores,
    )


def test_an_undo_restores_what_has_no_end() -> None:
    """By the last instant of the calendar, as systems say it: not one of 1978."""
    before = SEEN.model_copy(
        update={"friction_type": "confirm", "expires_at": 253_402_300_799.0}
    )

    assert before.expires_at == tool.undo(params(), before).ends_at


async def test_a_restored_friction_that_is_over_is_none(outside: Outside) -> None:
    """A system without an end of its own would keep it for ever."""
    before = SEEN.model_copy(update={"friction_type": "confirm", "expires_at": NOW})
    seen = await tool.observe(params(), outside.ports)
    on = await tool.execute(params(), seen, outside.ports, order("k1"))
    back = tool.undo(params(), before)
    restored = await tool.execute(back, on, outside.ports, order("k2"))

    assert "slow_mode" == on.friction_type
    assert (None, None) == (restored.friction_type, restored.expires_at)
    assert tool.reconcile(back, on, restored) is Settled.applied


HOUR = 3600.0
# Slow mode for two hours, and for the first of them confirm over it.
FORMER = SEEN.model_copy(
    update={"friction_type": "slow_mode", "expires_at": NOW + 7200}
)
OVER = SEEN.model_copy(
    update={"friction_type": "confirm", "expires_at": NOW + HOUR, "version": 8}
)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (1800.0, Settled.unknown),
        (HOUR - 1, Settled.unknown),
        (HOUR, Settled.not_applied),
        (7199.0, Settled.not_applied),
        (7200.0, Settled.applied),
        (None, Settled.unknown),
    ],
)
def test_none_is_the_former_one_only_once_that_is_over(
    after: float | None, expected: Settled
) -> None:
    """Lifted before its end by somebody; run out; and the former one run out, too."""
    back = tool.undo(params("confirm"), FORMER)
    at = None if after is None else NOW + after
    gone = SEEN.model_copy(update={"version": 9, "observed_at": at})

    assert expected is tool.reconcile(back, OVER, gone)


def test_another_kind_is_somebody_elses() -> None:
    """After the end, too."""
    back = tool.undo(params("confirm"), FORMER)
    other = {**ON, "friction_type": "followers_only", "observed_at": NOW + HOUR}
    now = SEEN.model_copy(update={**other, "version": 9})

    assert Settled.unknown is tool.reconcile(back, OVER, now)


async def test_it_is_seen_at_an_instant(outside: Outside) -> None:
    """When read, and when written."""
    seen = await tool.observe(params(), outside.ports)
    on = await tool.execute(params(), seen, outside.ports, order("k"))

    assert (NOW, NOW) == (seen.observed_at, on.observed_at)


def test_an_undo_of_none_lifts_it() -> None:
    """Where nothing was, nothing is again, and it never expires."""
    back = tool.undo(params(), SEEN)

    assert ("none", None) == (back.friction_type, back.expires_at)
    assert (None, NOW + 3600) == (tool.expires_at(back), tool.expires_at(params()))


@pytest.mark.parametrize(
    ("wanted", "now", "expected"),
    [
        (params(), {}, Settled.not_applied),
        (
            params(),
            {"version": 8, "friction_type": "slow_mode", "expires_at": NOW + 3600},
            Settled.applied,
        ),
        (
            params(),
            {"version": 8, "friction_type": "slow_mode", "expires_at": NOW + 60},
            Settled.unknown,
        ),
        (params(), {"version": 9}, Settled.unknown),
        (params("none", None), {"version": 8}, Settled.applied),
        (params("none", None), {}, Settled.not_applied),
    ],
)
def test_a_read_back_is_judged(
    wanted: FrictionParams, now: dict[str, object], expected: Settled
) -> None:
    """By version, kind and end."""
    seen = SEEN.model_copy(update=now)

    assert expected is tool.reconcile(wanted, SEEN, seen)


def test_what_ran_out_by_itself_is_lifted_already() -> None:
    """Its version stays, and there is nothing left to lift."""
    on = SEEN.model_copy(update={"friction_type": "confirm", "expires_at": NOW})

    assert Settled.applied is tool.reconcile(params("none", None), on, SEEN)
    assert Settled.not_applied is tool.reconcile(params("none", None), on, on)


@pytest.mark.parametrize(("pace", "done"), [(2300, None), (1200, True), (0, True)])
async def test_verified_when_the_burst_is_down(
    outside: Outside, pace: int, *, done: bool | None
) -> None:
    """To half of what it was, and no sooner."""
    await tool.execute(params(), SEEN, outside.ports, order("k"))
    rows = outside.frictions.rows
    rows[TARGET] = replace(rows[TARGET], actions_last_hour=pace)

    assert done is (await tool.verify(params(), SEEN, outside.ports)).done


async def test_what_somebody_lifted_is_not_verified(outside: Outside) -> None:
    """However calm it is."""
    assert False is (await tool.verify(params(), SEEN, outside.ports)).done


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (params(), f"Put slow_mode on {TARGET} until 2027-01-15 09:00 UTC"),
        (params("none", None), f"Lift the friction on {TARGET}"),
    ],
)
def test_it_says_what_it_would_do(wanted: FrictionParams, said: str) -> None:
    """In one line, from the params alone."""
    assert said == tool.title(wanted)


def test_it_says_what_changes() -> None:
    """Before and after."""
    assert ("no friction", "slow_mode until 2027-01-15 09:00 UTC") == tool.describe(
        params(), SEEN
    )


@pytest.mark.parametrize("target", ["c_7", "content:", "user:a b", "planet:earth"])
def test_a_target_has_a_kind(target: str) -> None:
    """Content, user or gathering."""
    with pytest.raises(ValueError, match="target"):
        FrictionParams(target=target, friction_type="none")


@pytest.mark.parametrize(
    ("kind", "end", "now", "stands"),
    [
        ("none", None, {}, f"{TARGET} has no friction"),
        (
            "slow_mode",
            NOW + 60,
            ON,
            f"{TARGET} has slow_mode until 2027-01-15 08:01 UTC",
        ),
        ("slow_mode", NOW + 61, ON, None),
        ("slow_mode", NOW + 59, ON, None),
        ("confirm", NOW + 60, ON, None),
        ("none", None, ON, None),
        ("slow_mode", NOW + 60, {}, None),
    ],
)
def test_what_stands_already_is_said(
    kind: str, end: float | None, now: dict[str, object], stands: str | None
) -> None:
    """The same friction with another end is a new one."""
    assert stands == tool.already(params(kind, end), SEEN.model_copy(update=now))
