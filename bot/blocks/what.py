"""What of a card would run, in the tool's own words, made from typed params alone."""

from collections.abc import Iterator, Mapping

from bot.blocks.text import Block, bold, clean, mapping_of, moment, sections
from policy.risk import risk_word

# Of each of its values; of a line as it is escaped, of which a section holds 3,000.
_MOST_SAID, _MOST_LINE = 700, 2900
_ESTIMATED = ("before", "after", "text", "cost")


def title_of(facts: Mapping[str, object]) -> str:
    """Say what would be done: the tool's own line, made from the typed params alone."""
    title = mapping_of(facts.get("estimate")).get("title")
    if not title:
        params = mapping_of(facts["params"])
        listed = ", ".join(f"{key} {value}" for key, value in params.items())
        title = f"{facts['tool']}: {listed}"
    return f"{title} (undo)" if facts.get("undoes") else str(title)


def say_what(facts: Mapping[str, object], title: str) -> list[Block]:
    """Say what changes, from what to what, whom it reaches, its cost, the way back."""
    return sections(_lines(facts, title))


def is_said_whole(facts: Mapping[str, object]) -> bool:
    """Tell a card of which no value of what would run is cut."""
    values = all(
        clean(one, most=_MOST_SAID) == clean(one, most=2 * _MOST_SAID)
        for one in _values(facts)
    )
    lines = _lines(facts, title_of(facts))
    return values and all(len(one) <= _MOST_LINE for one in lines)


def _lines(facts: Mapping[str, object], title: str) -> list[str]:
    estimate = mapping_of(facts.get("estimate"))
    where = clean(facts.get("environment") or "")
    before, after, reach, cost = (estimate.get(one, "?") for one in _ESTIMATED)
    named = bold(title, most=_MOST_SAID)
    return [
        f"{named}{f' · {where}' if where else ''} · {say_risk(facts)}",
        f"before  {_strong(before)}   →   after  {_strong(after)}",
        f"reaches {clean(reach, most=_MOST_SAID)}",
        f"cost: {clean(cost, most=_MOST_SAID)} · {say_undo(facts)}",
    ]


def _values(facts: Mapping[str, object]) -> Iterator[object]:
    estimate = mapping_of(facts.get("estimate"))
    yield title_of(facts)
    yield from (estimate.get(one, "") for one in _ESTIMATED)
    yield mapping_of(facts.get("undo")).get("text", "")


def _strong(value: object) -> str:
    return bold(" ".join(str(value).split()), most=_MOST_SAID)


def say_risk(facts: Mapping[str, object]) -> str:
    risk = int(str(facts.get("risk") or 0))
    return f"risk *{risk_word(risk)}* ({risk}/10)"


def say_undo(facts: Mapping[str, object], *, most: int = _MOST_SAID) -> str:
    """Say what takes it back, and when it goes by itself."""
    undo = mapping_of(facts.get("undo"))
    if not undo:
        return "can't be undone"
    back = f"undo {clean(undo.get('text'), most=most)}"
    if undo.get("expires_at"):
        back = f"{back} · reverts by itself {moment(undo['expires_at'])}"
    return back
