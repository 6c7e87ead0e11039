"""What a model's functions are called with, as checked models; its evidence by name."""

import json
from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from runner.expression import check, find
from runner.model_schema import LOOK_AGAIN, given
from runner.model_transcript import ModelTranscript, ToolUse
from wire.proposals import Finding, ProposalDraft, RunReport

MOST_FINDINGS = 12
MOST_CHARACTERS = 8000
_SUMMARY, _TEXT = 300, 600
Words = TypeVar("Words", bound=BaseModel)


class Misused(Exception):
    """The model called a function in a way that it can mend; the text is for it."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class LookAgain(_Strict):
    evidence: str
    path: str = Field(min_length=1, max_length=500)


class Proposal(_Strict):
    params: dict[str, JsonValue]
    reason_code: str
    summary: str = Field(min_length=1)
    because: str = ""
    confidence: float | None = Field(default=None, ge=0, le=1)
    evidence: tuple[str, ...] = ()


class ReportedFinding(_Strict):
    text: str = Field(min_length=1)
    evidence: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()


class Report(_Strict):
    summary: str
    findings: tuple[ReportedFinding, ...] = Field(default=(), max_length=MOST_FINDINGS)
    unknowns: tuple[str, ...] = Field(default=(), max_length=MOST_FINDINGS)


def parse_arguments(use: ToolUse) -> dict[str, JsonValue]:
    """
    Read a use's arguments.

    Raises:
        Misused: they are no JSON object.
    """
    try:
        parsed = json.loads(use.arguments or "{}")
    except (ValueError, RecursionError) as error:
        said = str(error).partition(":")[0]
        raise Misused(f"{use.name}: the arguments are no JSON ({said})") from error
    if not isinstance(parsed, dict):
        raise Misused(f"{use.name}: the arguments are no JSON object")
    return parsed


def parse_words(use: ToolUse, shape: type[Words]) -> Words:
    """
    Read a use's arguments as ``shape``.

    Raises:
        Misused: with the field that is wrong.
    """
    try:
        return shape.model_validate(parse_arguments(use))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "arguments"
        raise Misused(f"{use.name}: {where}: {first['msg']}") from error


def evidence_ids(
    use: ToolUse, names: tuple[str, ...], transcript: ModelTranscript
) -> tuple[str, ...]:
    """
    Give the ids behind short names.

    Raises:
        Misused: there is no such evidence.
    """
    known = {name: seen.evidence_id for name, _, seen in transcript.seen()}
    for name in names:
        if name not in known:
            there = ", ".join(known) or "none yet"
            raise Misused(f"{use.name}: no evidence is called {name[:20]}: {there}")
    return tuple(dict.fromkeys(known[name] for name in names))


def draft(use: ToolUse, tool: str, transcript: ModelTranscript) -> ProposalDraft:
    """
    Give the proposal that a use asks for.

    Raises:
        Misused: it is none.
    """
    words = parse_words(use, Proposal)
    return ProposalDraft(
        key=use.id,
        tool=tool,
        params=given(words.params),
        reason_code=words.reason_code,
        summary=words.summary[:_SUMMARY],
        because=words.because[:_TEXT],
        confidence=words.confidence,
        evidence_ids=evidence_ids(use, words.evidence, transcript),
    )


def report(use: ToolUse, transcript: ModelTranscript) -> RunReport:
    """
    Give the model's own report; one without findings says what was looked at.

    Raises:
        Misused: it is none.
    """
    words = parse_words(use, Report)
    findings = tuple(
        Finding(
            text=one.text[:_TEXT],
            evidence_ids=evidence_ids(use, one.evidence, transcript),
            quotes=tuple(quote[:200] for quote in one.quotes[:20]),
        )
        for one in words.findings
    )
    unknowns = tuple(one[:_TEXT] for one in words.unknowns if one.strip())
    if not findings:
        unknowns = (*(unknowns or ("The cause is not known.",)), looked_at(transcript))
    return RunReport(
        outcome="finished",
        summary=words.summary[:_TEXT],
        findings=findings,
        unknowns=unknowns,
    )


def looked_at(transcript: ModelTranscript) -> str:
    """Say what was read, for people."""
    names = [
        f"{done.tool} {_subject(done.params)} [{name}]".replace("  ", " ")
        for name, done, _ in transcript.seen()
    ]
    return f"Looked at: {', '.join(names) or 'nothing'}."[:_TEXT]


def look_again(use: ToolUse, transcript: ModelTranscript) -> str:
    """
    Give a part of what was read, as the text for the model.

    Raises:
        Misused: no such evidence or path, or too long.
    """
    words = parse_words(use, LookAgain)
    evidence_ids(use, (words.evidence,), transcript)
    wrong = check(words.path)
    if wrong is not None:
        raise Misused(f"{LOOK_AGAIN}: {words.path[:80]}: {wrong}")
    [seen] = [one for name, _, one in transcript.seen() if name == words.evidence]
    part = find(words.path, dict(seen.result))
    text = json.dumps({"evidence": words.evidence, "part": part}, ensure_ascii=False)
    if len(text) > MOST_CHARACTERS:
        raise Misused(
            f"{LOOK_AGAIN}: {words.path[:80]} gives {len(text)} characters of at most "
            f"{MOST_CHARACTERS}; ask for less"
        )
    return text


def _subject(params: Mapping[str, JsonValue]) -> str:
    return str(next((one for one in params.values() if one), ""))[:80]
