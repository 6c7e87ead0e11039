"""Unleash's states: what is canonical, what a rollout changes, what must be sent."""

import json
from typing import Any

import pytest

from gateway.connectors.unleash_state import (
    FlagEnvironment,
    KnownStrategy,
    Request,
    Strategy,
    check_reachable,
    parse_former,
    plan,
    with_rollout,
)
from gateway.ports import Refused


def rolled(percent: int, **more: Any) -> Strategy:
    parameters = {"rollout": str(percent), "stickiness": "userId", "groupId": "g"}
    return Strategy(name="flexibleRollout", parameters=parameters, **more)


def on(*strategies: Strategy) -> FlagEnvironment:
    return FlagEnvironment(enabled=True, strategies=strategies)


@pytest.mark.parametrize(
    ("strategy", "percent"),
    [
        (rolled(25), 25),
        (rolled(25, disabled=True), None),
        (Strategy(name="default"), 100),
        (Strategy(name="flexibleRollout"), 100),
        (Strategy(name="flexibleRollout", parameters={"rollout": "x"}), 100),
        (Strategy(name="gradualRolloutUserId", parameters={"percentage": "7"}), 7),
        (Strategy(name="flexibleRollout", parameters={"rollout": "inf"}), 100),
        (Strategy(name="flexibleRollout", parameters={"rollout": "NaN"}), 100),
        (Strategy(name="flexibleRollout", parameters={"rollout": "1e308"}), 100),
        (Strategy(name="flexibleRollout", parameters={"rollout": -5}), 0),
        (Strategy(name="userWithId", parameters={"userIds": "1"}), None),
    ],
)
def test_a_strategy_opens_to_a_part(strategy: Strategy, percent: int | None) -> None:
    """What can't be read opens to all: better too careful than too late."""
    assert percent == strategy.percent


def test_the_widest_strategy_is_the_rollout() -> None:
    assert 40 == on(rolled(10), rolled(40), Strategy(name="ourStaff")).percent
    assert 0 == on().percent


ONLY: dict[str, Any] = {"constraints": [{"contextName": "staff"}]}
IN_A_SEGMENT: dict[str, Any] = {"segments": [1]}


@pytest.mark.parametrize("named", [ONLY, IN_A_SEGMENT])
@pytest.mark.parametrize(
    ("percents", "expected"),
    [
        ((10, 100), (10, 100, False)),
        ((10, 5), (10, 5, False)),
        ((0, 100), (0, 100, False)),
        ((None, 100), (100, 100, True)),
        ((10, None), (10, 0, False)),
        ((None, None), (0, 0, False)),
    ],
)
def test_a_rollout_is_that_of_all_where_anything_is_for_all(
    named: dict[str, Any],
    percents: tuple[int | None, int | None],
    expected: tuple[int, int, bool],
) -> None:
    """What is for named people alone counts where there is nothing else."""
    ways = zip(percents, ({}, named), strict=True)
    state = on(*(rolled(one, **more) for one, more in ways if one is not None))

    assert expected == (state.percent, state.named_percent, state.only_named)


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        ((10, 100), 50, (50, 50)),
        ((10, 10), 50, (50, 10)),
        ((10, 100), 5, (5, 5)),
        ((50, 100), 50, (50, 50)),
        ((0, 100), 50, (50, 50)),
        ((10, 100), 0, (0, 0)),
    ],
)
def test_on_for_half_opens_for_half(
    before: tuple[int, int], wanted: int, after: tuple[int, int]
) -> None:
    """All of whom are users; those who are named get no more than that."""
    off = FlagEnvironment(
        enabled=False, strategies=(rolled(before[0]), rolled(before[1], **ONLY))
    )
    changed = with_rollout(off, "f", enabled=True, percent=wanted)

    assert after == tuple(one.percent for one in changed.strategies)
    assert wanted == changed.percent


def test_where_all_are_named_the_rollout_is_theirs() -> None:
    """Nobody else is let in."""
    [after] = with_rollout(
        on(rolled(10, **ONLY)), "f", enabled=True, percent=50
    ).strategies

    assert (50, ONLY["constraints"]) == (after.percent, after.constraints)


def test_the_canonical_form_knows_no_ids() -> None:
    """A strategy that was made again is the same; the order is that of Unleash."""
    first = KnownStrategy(id="1", **rolled(10, sortOrder=2).model_dump())
    again = KnownStrategy(id="9", **rolled(10, sortOrder=2).model_dump())
    other = rolled(20, sortOrder=1)

    assert on(first, other).canonical == on(other, again).canonical
    assert on(first).version == on(again).version != on(other).version
    assert on(first).version < 1 << 48


@pytest.mark.parametrize(
    "change",
    [
        {"title": "x"},
        {"disabled": True},
        {"constraints": [{"contextName": "a"}]},
        {"segments": [1]},
        {"variants": [{"name": "v"}]},
        {"sortOrder": 5},
    ],
)
def test_every_part_of_a_strategy_counts(change: dict[str, Any]) -> None:
    assert on(rolled(10)).version != on(rolled(10, **change)).version


def test_a_former_state_is_read_back() -> None:
    state = on(rolled(10, constraints=[{"values": ["ü"]}]), Strategy(name="default"))

    assert state.canonical == parse_former(state.canonical).canonical


@pytest.mark.parametrize("text", ["{", "[]", '{"enabled": "perhaps"}'])
def test_what_is_no_former_state_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="by hand"):
        parse_former(text)


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        ([10], 50, [50]),
        ([10, 40], 20, [10, 20]),
        ([10, 40], 5, [5, 5]),
        ([10, 40], 80, [10, 80]),
        ([40, 40], 0, [0, 0]),
    ],
)
def test_only_the_widest_are_opened_further(
    before: list[int], wanted: int, after: list[int]
) -> None:
    """A narrower one is narrowed, and never widened."""
    state = on(*map(rolled, before))
    changed = with_rollout(state, "f", enabled=True, percent=wanted)

    assert after == [one.percent for one in changed.strategies]


def test_a_rollout_keeps_all_else() -> None:
    """Constraints, title and parameters of its own."""
    before = rolled(10, title="t", constraints=[{"contextName": "a"}])
    [after] = with_rollout(on(before), "f", enabled=True, percent=20).strategies

    assert (
        before.model_copy(update={"parameters": {**before.parameters, "rollout": "20"}})
        == after
    )


def test_everybody_becomes_a_part() -> None:
    """``default`` has no parameter: a gradual rollout takes its place."""
    state = on(Strategy(name="default", sortOrder=3))
    [after] = with_rollout(state, "f", enabled=True, percent=5).strategies

    assert ("flexibleRollout", 5, 3) == (after.name, after.percent, after.sortOrder)
    assert {"rollout": "5", "stickiness": "default", "groupId": "f"} == after.parameters


def test_a_legacy_strategy_keeps_its_kind() -> None:
    legacy = Strategy(name="gradualRolloutRandom", parameters={"percentage": "50"})
    [after] = with_rollout(on(legacy), "f", enabled=True, percent=5).strategies

    assert ("gradualRolloutRandom", {"percentage": "5"}) == (
        after.name,
        after.parameters,
    )


def test_who_is_named_stays_named() -> None:
    """A strategy for staff is not touched; one for a part comes beside it."""
    staff = Strategy(name="ourStaff", sortOrder=4)
    state = with_rollout(on(staff), "f", enabled=True, percent=5)

    assert [staff.name, "flexibleRollout"] == [one.name for one in state.strategies]
    assert 5 == state.strategies[1].sortOrder


def test_nothing_is_added_to_close() -> None:
    assert on() == with_rollout(on(), "f", enabled=True, percent=0)


def known(number: int, strategy: Strategy) -> KnownStrategy:
    return KnownStrategy(id=f"s{number}", **strategy.model_dump())


def test_only_what_differs_is_sent() -> None:
    """Equal ones are left alone, whatever their ids."""
    same, old, new = (
        rolled(1, sortOrder=0),
        rolled(2, sortOrder=1),
        rolled(3, sortOrder=1),
    )
    requests = plan([known(0, same), known(1, old)], [same, new])

    assert [("PUT", "/strategies/s1")] == [(one.method, one.path) for one in requests]
    assert requests[0].body == new.model_dump()


def test_more_are_made_and_fewer_are_deleted() -> None:
    """A strategy goes after its successors are there."""
    one, two = rolled(1, sortOrder=0), rolled(2, sortOrder=1)

    assert (Request("POST", "/strategies", two.model_dump()),) == plan(
        [known(0, one)], [one, two]
    )
    assert (Request("DELETE", "/strategies/s1"),) == plan(
        [known(0, one), known(1, two)], [one]
    )
    assert json.dumps(two.model_dump())


@pytest.mark.parametrize("strategies", [(), (rolled(5, disabled=True),)])
def test_on_without_an_open_strategy_is_refused(
    strategies: tuple[Strategy, ...],
) -> None:
    with pytest.raises(Refused, match="everybody"):
        check_reachable(on(*strategies))


def test_off_is_always_reachable() -> None:
    check_reachable(FlagEnvironment(enabled=False))
