"""Buttons: each is bound to the row and to the digest of what is shown."""

from bot.blocks.card_actions import ADMIN_PAGE, APPROVE, actions, button_value
from bot.blocks.root import Rendered
from tests.bot.blocks.facts import CARD, check


def test_each_is_bound_to_what_is_shown() -> None:
    block = actions(CARD, "decide", [("Approve", APPROVE, "primary")])
    check(Rendered("", [block]))
    [button] = block["elements"]  # type: ignore[misc]

    assert button_value(CARD["proposal_id"], CARD["digest"]) == button["value"]  # type: ignore[has-type]


def test_an_admin_page_is_a_link_and_decides_nothing() -> None:
    """It has no value: a click on it tells us nothing that could be acted on."""
    block = actions(CARD, "after", [], page="https://flags.example/f/new_ranker")
    check(Rendered("", [block]))
    [button] = block["elements"]  # type: ignore[misc]

    assert (ADMIN_PAGE, "https://flags.example/f/new_ranker", False) == (
        button["action_id"],  # type: ignore[has-type]
        button["url"],  # type: ignore[has-type]
        "value" in button,  # type: ignore[has-type]
    )
