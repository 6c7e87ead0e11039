"""An answer's words."""

from hypothesis import given

from bot.blocks.answer import answer_line, render_answer
from bot.blocks.text import section
from tests.bot.blocks.facts import HOSTILE, check, harmless


def test_an_answer_in_its_thread_is_its_words() -> None:
    """The card above says the rest."""
    assert "Approved." == render_answer({"text": "Approved."}).text


def test_one_from_elsewhere_says_of_what() -> None:
    """No card stands above it."""
    facts = {
        "text": "Approved.",
        "about": "Throttle GET /feed",
    }
    made = render_answer(facts)

    assert "Throttle GET /feed: Approved." == made.text
    assert section("*Throttle GET /feed*\nApproved.") == made.blocks[0]


def test_in_home_it_is_one_line_with_its_time() -> None:
    """In the reader's own zone."""
    line = answer_line({"text": "Approved.\nIt runs.", "about": "Throttle", "at": 60})

    assert line.startswith("*Throttle*: Approved. It runs. · <!date^60^")


@given(HOSTILE)
def test_hostile_words_do_nothing(words: str) -> None:
    """Titles are a tool's, and name what senders named."""
    facts = {"text": words, "about": words}

    check(render_answer(facts))
    assert harmless(answer_line(facts))
