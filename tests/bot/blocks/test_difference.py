"""Two long texts side by side."""

from bot.blocks.difference import apart


def test_short_texts_stand_whole() -> None:
    """There is room for both."""
    assert ("a", "b") == apart("a", "b", most=250)


def test_long_ones_begin_where_they_differ() -> None:
    """A little of what they have in common stands before it."""
    same = "same " * 300
    before, after = apart(f"{same}old end", f"{same}new end", most=250)

    assert before.startswith("…")
    assert ("old end", "new end") == (before[-7:], after[-7:])
    assert len(before) < 60


def test_what_differs_at_once_loses_nothing() -> None:
    """Neither has a beginning to leave out."""
    before, after = apart("x" * 300, "y" * 300, most=250)

    assert ("x" * 300, "y" * 300) == (before, after)


def test_a_text_that_only_grew() -> None:
    """It differs where the shorter one ends."""
    _, after = apart("same " * 100, "same " * 100 + "more", most=250)

    assert after.endswith("more")
    assert len(after) < 60
