"""What came of a click, for its person."""

from collections.abc import Mapping

from bot.blocks.root import Rendered
from bot.blocks.text import (
    bold,
    clean,
    clean_line,
    clock,
    context,
    mapping_of,
    section,
    texts_of,
)


def render_answer(facts: Mapping[str, object]) -> Rendered:
    """Say it; of one that replaces cards also what it is about, and what is left."""
    text = clean(facts.get("text", ""), most=1500)
    if not facts.get("about"):
        return Rendered(text, [section(text)])
    whole = f"{bold(facts['about'])}\n{text}"
    others = [clean(one) for one in texts_of(_origin(facts).get("others"))]
    left = f"What else stood here: `/ops approve {' '.join(others)}`" if others else ""
    plain = f"{clean_line(facts['about'])}: {text}"
    return Rendered(plain, [section(whole), *([context(left)] if left else [])])


def answer_line(facts: Mapping[str, object]) -> str:
    """Say it as one line of a Home."""
    # Each character escaped to five, it fits into a section with its instant.
    said = clean_line(facts.get("text", ""), most=360)
    return f"{bold(facts.get('about', ''))}: {said} · {clock(facts.get('at'))}"


def _origin(facts: Mapping[str, object]) -> Mapping[str, object]:
    return mapping_of(facts.get("clicked_in"))
