"""Trace and findings: what was looked at, and what it shows."""

from collections.abc import Mapping, Sequence

from bot.blocks.root import Rendered
from bot.blocks.text import (
    Block,
    clean,
    context,
    mapping_of,
    section,
    texts_of,
)

_MOST_FINDINGS = 3
_MOST_LOOKS = 12


def render_trace(facts: Mapping[str, object]) -> Rendered:
    """One line: how many things were looked at, and which."""
    looks = _mappings(facts.get("looks"))
    seconds = sum(float(str(look.get("seconds") or 0)) for look in looks)
    names = " ▸ ".join(_look(look) for look in looks[:_MOST_LOOKS])
    more = f" ▸ … ({len(looks) - _MOST_LOOKS} more)" if len(looks) > _MOST_LOOKS else ""
    verb = "Looked at" if facts.get("done") else "Looking at"
    things = f"{len(looks)} thing{'s' if len(looks) != 1 else ''}"
    text = f"{verb} {things} in {max(1, round(seconds))} s: {names}{more}"
    return Rendered(clean(f"{verb} {things}"), [context(text)])


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
        blocks.append(section(clean(summary, most=600)))
    if lines:
        blocks.append(section("\n".join(f"• {line}" for line in lines)))
    if more:
        blocks.append(context("\n".join(more)))
    unknowns = texts_of(facts.get("unknowns"))
    if unknowns:
        said = "\n".join(clean(one, most=300) for one in unknowns[:3])
        blocks.append(context(f"Not shown: {said}"))
    blocks += [
        context(clean(one, most=600)) for one in texts_of(facts.get("notes"))[:3]
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
        "alt_text": clean(one.get("alt") or "a picture", most=1900) or "a picture",
    }


def _finding(one: Mapping[str, object], numbers: Mapping[str, int]) -> str:
    cited = [
        numbers[ref] for ref in texts_of(one.get("evidence_ids")) if ref in numbers
    ]
    marks = "".join(f" [E{number}]" for number in cited) or " _(uncited)_"
    return f"{clean(one.get('text', ''), most=600)}{marks}"


def _sources(facts: Mapping[str, object]) -> str:
    rows = _mappings(facts.get("evidence"))
    named = [
        f"E{index} {clean(row.get('tool'))} `{str(row.get('digest'))[:12]}`"
        for index, row in enumerate(rows, 1)
    ]
    return "Evidence: " + (" · ".join(named[:10]) or "none")


def _look(look: Mapping[str, object]) -> str:
    inputs = mapping_of(look.get("inputs"))
    subject = next((str(value) for value in inputs.values() if value), "")
    failed = "" if look.get("state") in {"completed", "started"} else " (failed)"
    name = str(look.get("tool", "")).removeprefix("get_").replace("_", " ")
    return clean(f"{name} {subject}{failed}".strip(), most=80)


def _mappings(value: object) -> Sequence[Mapping[str, object]]:
    if not isinstance(value, list | tuple):
        return []
    return [item for item in value if isinstance(item, Mapping)]
