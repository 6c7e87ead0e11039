"""
Whether evidence bears out what a model says: each quoted value, and each number.

A finding that quotes nothing, or something that none of its evidence holds, loses its
evidence: people see it as uncited. Nothing here trusts the runner, which may be the
model's own.
"""

import json
import re
from collections.abc import Iterator, Sequence
from math import isclose

from pydantic import JsonValue

from storage.tool_calls import Evidence
from wire.proposals import Finding, RunReport

_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:[ ,]\d{3})*(?:\.\d+)?(?![\w.]*\w)")
_MARK = re.compile(r"\[?\bE\d+\b\]?")
_HUNDRED = 100


def cite(report: RunReport, evidence: Sequence[Evidence]) -> RunReport:
    """Give the report with the evidence taken off what it does not bear out."""
    bodies = {str(one.id): one.body for one in evidence}
    findings = tuple(
        one if is_held(one, bodies) else one.model_copy(update={"evidence_ids": ()})
        for one in report.findings
    )
    return report.model_copy(update={"findings": findings})


def is_held(finding: Finding, bodies: dict[str, str]) -> bool:
    """Tell whether the cited snapshots hold every quote, and every number said."""
    cited = [bodies[one] for one in finding.evidence_ids if one in bodies]
    if not cited or len(cited) < len(finding.evidence_ids) or not finding.quotes:
        return False
    leaves = [leaf for body in cited for leaf in _leaves(json.loads(body))]
    texts = [leaf for leaf in leaves if isinstance(leaf, str)]
    numbers = [float(one) for one in leaves if isinstance(one, int | float)]
    said = _NUMBER.findall(_MARK.sub("", finding.text))
    return all(_holds(quote, texts, numbers) for quote in finding.quotes) and all(
        _holds_number(one, numbers) or any(one in text for text in texts)
        for one in said
    )


def _holds(quote: str, texts: Sequence[str], numbers: Sequence[float]) -> bool:
    """Tell a value of its own, or a part of a longer text that is more than a word."""
    wanted = quote.strip()
    if not wanted:
        return False
    if _NUMBER.fullmatch(wanted):
        return _holds_number(wanted, numbers) or wanted in texts
    return any(wanted == text or (" " in wanted and wanted in text) for text in texts)


def _holds_number(said: str, numbers: Sequence[float]) -> bool:
    """Tell a number as shown: rounded to its digits, or a ratio as a percentage."""
    plain = said.replace(",", "").replace(" ", "")
    digits = len(plain.partition(".")[2])
    wanted = float(plain)
    return any(
        isclose(round(one * scale, digits), wanted, abs_tol=1e-9)
        for one in numbers
        for scale in (1, _HUNDRED)
    )


def _leaves(root: JsonValue) -> Iterator[JsonValue]:
    waiting = [root]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        elif not isinstance(value, bool):
            yield value
