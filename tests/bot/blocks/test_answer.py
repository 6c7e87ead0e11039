"""An answer's words."""

from hypothesis import given

from bot.blocks.answer import answer_line, render_answer
from bot.blocks.text import section
from tests.bot.blocks.facts import HOSTILE, check, harmless


def test_an_answer_in_its_thread_is_its_words() -> None:
    """The card above says the rest."""
    assert "Approved." == render_answer({"text": "Approved."}).text


def test_one_in_a_cards_place_says_of_what_and_what_else_stood_there() -> None:
    """The whole message goes; the command that shows the others again is named."""
    facts = {
        "text": "Approved.",
        "about": "Throttle GET /feed",
        "clicked_in": {"kind": "answer", "others": ["4d2ec69e", "8f21aa00"]},
    }
    made = render_answer(facts)

    assert "Throttle GET /feed: Approved." == made.text
    assert section("*Throttle GET /feed*\nApproved.") == made.blocks[0]
    assert "/ops approve 4d2ec69e 8f21aa00" in str(made.blocks)


def test_in_home_it_is_one_line_with_its_time() -> None:
    """In the reader's own zone."""
    line = answer_line({"text": "Approved.\nIt runs.", "about": "Throttle", "at": 60})

    assert line.startswith("*Throttle*: Approved. It runs. · <!date^60^")


@given(HOSTILE)
def test_hostile_words_do_nothing(words: str) -> None:
    """Titles are a tool's, and name what senders named."""
    facts = {"text": words, "about": words, "clicked_in": {"others": [words]}}

    check(render_answer(facts))
    assert harmless(answer_line(facts))
