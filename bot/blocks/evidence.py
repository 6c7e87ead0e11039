"""Trace and findings: what was looked at, and what it shows."""

from collections.abc import Mapping, Sequence

from bot.blocks.root import Rendered
from bot.blocks.text import (
    Block,
    claim,
    clean,
    context,
    mapping_of,
    packed,
    section,
    sections,
    texts_of,
    visible,
)

_MOST_FINDINGS = 3
_MOST_LOOKS = 12
# Of a finding as it is escaped, and of one that grows past that; the marks of each.
_MOST_ESCAPED, _MOST_GROWN, _MOST_MARKS = 900, 180, 20
# What the findings past the first take together.
_MOST_MORE = 2800
# What a look came to, where it is not that it failed.
_CAME_TO = {
    "completed": "",
    "running": " (running)",
    "cut": " (cut off)",
    "refused": " (refused)",
}


def render_trace(facts: Mapping[str, object]) -> Rendered:
    """One line: how many things were looked at, and the newest of them."""
    looks = _mappings(facts.get("looks"))
    seconds = sum(float(str(look.get("seconds") or 0)) for look in looks)
    done = bool(facts.get("done"))
    earlier = max(0, len(looks) - _MOST_LOOKS)
    things = f"{len(looks)} thing{'s' if len(looks) != 1 else ''}"
    took = f" in {max(1, round(seconds))} s" if done else ""
    said = f"{'Looked' if done else 'Looking'} at {things}{took}"
    if not looks:
        said = "Looked at nothing" if done else "Nothing looked at yet"
        return Rendered(said, [context(said)])
    names = [_look(look, done=done) for look in looks[-_MOST_LOOKS:]]
    names[:0] = [f"({earlier} earlier) …"] if earlier else []
    first, *more = packed(names, " ▸ ")
    return Rendered(said, [context(f"{said}: {first}", *more)])


def render_evidence(facts: Mapping[str, object]) -> Rendered:
    """At most three findings, each with its evidence; what is unknown is said."""
    numbers = {
        str(row.get("id")): index
        for index, row in enumerate(_mappings(facts.get("evidence")), 1)
    }
    findings = _mappings(facts.get("findings"))
    lines = [_finding(one, numbers) for one in findings[:_MOST_FINDINGS]]
    more = [_finding(one, numbers) for one in findings[_MOST_FINDINGS:]]
    blocks = [_picture(one) for one in _mappings(facts.get("pictures"))]
    blocks = [block for block in blocks if block]
    summary = str(facts.get("summary") or "")
    if summary and not lines:
        blocks.append(section(f"The run says: {claim(summary, most=600)}"))
    if lines:
        blocks += sections([f"• {line}" for line in lines])
    if more:
        blocks.append(context("\n".join(_fitting([f"• {one}" for one in more]))))
    unknowns = texts_of(facts.get("unknowns"))
    if unknowns:
        said = " · ".join(claim(one, most=300) for one in unknowns[:3])
        blocks.append(context(f"Not shown: {said}"))
    blocks += [
        context(f"Of this run: {claim(one, most=600)}")
        for one in texts_of(facts.get("notes"))[:3]
    ]
    blocks.append(context(_sources(facts)))
    return Rendered(clean(summary or "Evidence"), blocks)


def render_after(facts: Mapping[str, object]) -> Rendered:
    """Show before and after; in words where Slack took no picture."""
    found = _mappings(facts.get("pictures"))
    blocks = [block for block in map(_picture, found) if block]
    said = clean(found[0].get("alt") if found else "", most=600)
    return Rendered("Before and after", blocks or [context(said or "No picture.")])


def _picture(one: Mapping[str, object]) -> Block:
    """Show what Slack has a file of; nothing where it took none."""
    if not one.get("file_id"):
        return {}
    return {
        "type": "image",
        "slack_file": {"id": str(one["file_id"])},
        "alt_text": visible(one.get("alt") or "", most=1900).strip() or "a picture",
    }


def _finding(one: Mapping[str, object], numbers: Mapping[str, int]) -> str:
    named = dict.fromkeys(texts_of(one.get("evidence_ids")))
    cited = [numbers[ref] for ref in named if ref in numbers]
    marks = "".join(f" [E{number}]" for number in cited[:_MOST_MARKS])
    text = claim(one.get("text", ""), most=600)
    if len(text) > _MOST_ESCAPED:
        text = claim(one.get("text", ""), most=_MOST_GROWN)
    return f"{text}{marks or ' _(uncited)_'}"


def _fitting(lines: Sequence[str]) -> Sequence[str]:
    """Give those that fit whole, and count the others."""
    shown: list[str] = []
    for line in lines:
        if len("\n".join([*shown, line])) > _MOST_MORE:
            break
        shown.append(line)
    left = len(lines) - len(shown)
    more = [f"… {left} more finding{'s' * (left > 1)}"] if left else []
    return [*shown, *more]


def _sources(facts: Mapping[str, object]) -> str:
    rows = _mappings(facts.get("evidence"))
    named = [
        f"E{index} {clean(row.get('tool'))} `{str(row.get('digest'))[:12]}`"
        for index, row in enumerate(rows, 1)
    ]
    return "Evidence: " + (" · ".join(named[:10]) or "none")


def _look(look: Mapping[str, object], *, done: bool) -> str:
    inputs = mapping_of(look.get("inputs"))
    subject = next((_told(value) for value in inputs.values() if value), "")
    state = str(look.get("state"))
    if state == "started":
        state = "cut" if done else "running"
    name = str(look.get("tool", "")).removeprefix("get_").replace("_", " ")
    came = _CAME_TO.get(state, " (failed)")
    return clean(f"{name} {subject}".strip(), most=80) + came


def _told(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _mappings(value: object) -> Sequence[Mapping[str, object]]:
    if not isinstance(value, list | tuple):
        return []
    return [item for item in value if isinstance(item, Mapping)]
