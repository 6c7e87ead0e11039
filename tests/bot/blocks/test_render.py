"""From a row's kind to its message."""

import pytest
from hypothesis import given

from bot.blocks.render import UnknownKind, render
from tests.bot.blocks.facts import CARD, HOSTILE, ROOT, check


@pytest.mark.parametrize(
    ("kind", "payload"),
    [("root", ROOT), ("card", CARD), ("trace", {}), ("evidence", {})],
)
def test_every_kind_renders(kind: str, payload: dict[str, object]) -> None:
    """What posts write, the courier can send."""
    check(render(kind, payload))


def test_an_unknown_kind_is_named() -> None:
    """A row of a newer release is refused, not guessed at."""
    with pytest.raises(UnknownKind, match="'poem' has no renderer"):
        render("poem", {})


@given(HOSTILE)
def test_an_answer_is_harmless(text: str) -> None:
    """What a person is told may quote what they typed."""
    check(render("answer", {"text": text}))
