"""A whole that is too large: the least important texts give way, the longest first."""

from bot.outbound.shrink import LEAST, Shown, shrink


def shown(texts: list[tuple[str, int]]) -> list[Shown]:
    return [Shown({"text": one}, "text", one, rank, mrkdwn=True) for one, rank in texts]


def size_of(texts: list[Shown]) -> int:
    return sum(one.length for one in texts)


def test_the_longest_note_gives_way_first() -> None:
    """What is of a higher rank stays while notes are long enough."""
    texts = shown([("a" * 900, 0), ("b" * 300, 0), ("c" * 2000, 1)])

    assert shrink(texts, lambda: size_of(texts), 2900)
    assert 900 > texts[0].length
    assert ["b" * 300, "c" * 2000] == [one.holder["text"] for one in texts[1:]]


def test_then_the_rest_does() -> None:
    """However much is shortened, its number counts what it was."""
    texts = shown([("a" * 900, 0), ("c" * 2000, 1)])

    assert shrink(texts, lambda: size_of(texts), 1000)
    said = str(texts[0].holder["text"])
    assert said.startswith("a")
    assert f"({900 - said.count('a')} more)" in said
    assert 1000 >= size_of(texts)


def test_no_text_is_made_shorter_than_is_worth_reading() -> None:
    """What is too large all the same is said to be."""
    texts = shown([("a" * 900, 0), ("c" * 2000, 1)])

    assert not shrink(texts, lambda: size_of(texts), 100)
    assert [LEAST, LEAST] >= [one.length for one in texts]


def test_what_fits_is_left_alone() -> None:
    texts = shown([("a" * 900, 0)])

    assert shrink(texts, lambda: size_of(texts), 900)
    assert "a" * 900 == texts[0].holder["text"]
