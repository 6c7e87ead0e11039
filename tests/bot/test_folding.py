"""Which cards are one line: those that differ in their target alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks.overview import Pending
from bot.folding import fold
from orchestrator.folding import MOST_ALIKE
from tests.bot.blocks.facts import CARD


def ban(user: str = "u_1", hours: int = 24, **changes: object) -> dict[str, object]:
    params = {"user_id": user, "duration_hours": hours}
    alike = f"ban for {hours} h"
    return {**CARD, "tool": "ban_user", "params": params, "alike": alike, **changes}


def waits(card: dict[str, object], **changes: object) -> Pending:
    fields = {"for_me": True, "address": "", "environment": "prod", "kind": "safety"}
    return Pending("3fa94c02", card, **{**fields, **changes})  # type: ignore[arg-type]


def cards(one: Pending) -> list[object]:
    return [one.card, *one.alike]


def sizes(*pending: Pending) -> list[int]:
    return [len(cards(one)) for one in fold(pending)]


def test_the_same_of_several_targets_is_one_line() -> None:
    """In their order, the first in front, others in between left where they are."""
    flag, users = waits(dict(CARD)), [waits(ban(f"u_{one}")) for one in range(3)]
    folded = fold([users[0], flag, *users[1:]])

    assert [[one.card for one in users], [flag.card]] == [cards(one) for one in folded]


@pytest.mark.parametrize(
    "other",
    [
        waits(ban("u_2", hours=0)),
        waits(ban("u_2", quorum=2)),
        waits(ban("u_2", roles=["legal"])),
        waits(ban("u_2", rule="another")),
        waits(ban("u_2", state="drafted")),
        waits(ban("u_2", alike="")),
        waits(ban("u_2"), for_me=False),
        waits(ban("u_2"), environment="staging"),
        waits(ban("u_2"), kind="support"),
    ],
)
def test_what_differs_otherwise_stays_alone(other: Pending) -> None:
    """In what is alike, place, or in who decides and how many of them."""
    assert [1, 1] == sizes(waits(ban()), other)


def test_a_line_holds_what_a_modal_can() -> None:
    """Ten toggles; the eleventh begins another line."""
    many = [waits(ban(f"u_{one}")) for one in range(MOST_ALIKE + 2)]

    assert [MOST_ALIKE, 2] == sizes(*many)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.booleans())))
def test_no_card_is_lost_or_doubled(drawn: list[tuple[int, int, bool]]) -> None:
    """Whatever waits, each card stands in one line."""
    pending = [
        waits(ban(f"u_{user}", hours, proposal_id=str(place)), for_me=mine)
        for place, (user, hours, mine) in enumerate(drawn)
    ]
    folded = fold(pending)

    assert sorted(str(one.card["proposal_id"]) for one in pending) == sorted(
        str(card["proposal_id"]) for one in folded for card in (one.card, *one.alike)
    )
