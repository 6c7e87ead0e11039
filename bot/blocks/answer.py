"""What came of a click, for its person."""

from collections.abc import Mapping

from bot.blocks.root import Rendered
from bot.blocks.text import (
    bold,
    clean,
    clean_lines,
    clock,
    section,
)


def render_answer(facts: Mapping[str, object]) -> Rendered:
    """Say it; of one that was clicked elsewhere also what it is about."""
    first, *more = clean_lines(facts.get("text", ""), most=1500).split("\n")
    # What goes on below is quoted: words of others among it are no line of ours.
    text = "\n".join([first, *(f"&gt; {line}" for line in more)])
    if not facts.get("about"):
        return Rendered(text, [section(text)])
    whole = f"{bold(facts['about'])}\n{text}"
    return Rendered(f"{clean(facts['about'])}: {text}", [section(whole)])


def answer_line(facts: Mapping[str, object]) -> str:
    """Say it as one line of a Home."""
    # Each character escaped to five, it fits into a section with its instant.
    said = clean(facts.get("text", ""), most=360)
    return f"{bold(facts.get('about', ''))}: {said} · {clock(facts.get('at'))}"
