"""The text of the guards: parsed, checked against the schema, with lines in errors."""

import re
from dataclasses import dataclass

import cedarpy
from cedarpy import pst

from policy.decision import Verdict
from policy.errors import PolicyError

TOKEN = re.compile(r'//[^\n]*|"(?:\\.|[^"\\])*"|;|[^\s"/;]+|/')


@dataclass(frozen=True, slots=True)
class Clause:
    """
    One guard's annotations.

    ``otherwise`` is the verdict that a forbid leaves open: ``deny`` where the guard
    says nothing, else ``draft_only`` or ``require_approval``.
    """

    id: str
    reason: str
    otherwise: Verdict
    obligation: str


@dataclass(frozen=True, slots=True)
class GuardText:
    """``clauses`` by the engine's own policy id (``policy0`` …)."""

    policies: cedarpy.PolicySet
    clauses: dict[str, Clause]


def parse_guards(text: str, schema: cedarpy.Schema, *, path: str) -> GuardText:
    """
    Parse and check ``guards.cedar``.

    Raises:
        PolicyError: a syntax error, an unknown tool, param or context field, an
            annotation missing or unknown, or an id twice.
    """
    starts = _starts(text)
    try:
        policies = cedarpy.PolicySet.from_str(text)
    except ValueError as error:
        raise PolicyError(
            path,
            _broken_line(text, starts),
            what=f"not Cedar: {error}",
            mend="mend the policy that begins here",
        ) from error
    lines = {f"policy{n}": line for n, (_, line) in enumerate(starts)}
    _validate(text, schema, lines=lines, path=path)
    clauses: dict[str, Clause] = {}
    for key, template in policies.to_pst().static_policies.items():
        clause = _read_clause(template, path=path, line=lines[key])
        if clause.id in {other.id for other in clauses.values()}:
            raise PolicyError(
                path,
                lines[key],
                what=f"@id {clause.id!r} stands twice",
                mend="rename one of the two",
            )
        clauses[key] = clause
    return GuardText(policies=policies, clauses=clauses)


def _validate(
    text: str, schema: cedarpy.Schema, *, lines: dict[str, int], path: str
) -> None:
    result = cedarpy.validate_policies(text, schema)
    if result.validation_passed:
        return
    first = result.errors[0]
    raise PolicyError(
        path,
        lines.get(first.policy_id, 0),
        what=first.error,
        mend="name a tool, param or field that the schema has (policy/guard_schema.py)",
    )


def _read_clause(template: pst.Template, *, path: str, line: int) -> Clause:
    notes = template.annotations
    unknown = set(notes) - {"id", "reason", "otherwise", "obligation"}
    if not notes.get("id") or not notes.get("reason") or unknown:
        raise PolicyError(
            path,
            line,
            what=f"annotations {sorted(notes)}",
            mend="write @id and @reason; @otherwise and @obligation where they apply",
        )
    otherwise = notes.get("otherwise", Verdict.deny)
    if otherwise not in set(Verdict) - {Verdict.allow} or (
        "otherwise" in notes and template.effect != "forbid"
    ):
        raise PolicyError(
            path,
            line,
            what=f"@otherwise({otherwise!r}) on a {template.effect}",
            mend="a forbid may leave require_approval, draft_only or deny",
        )
    return Clause(
        id=notes["id"],
        reason=notes["reason"],
        otherwise=Verdict(otherwise),
        obligation=notes.get("obligation", ""),
    )


def _starts(text: str) -> list[tuple[int, int]]:
    """Give offset and line of each policy: what stands after each ``;``."""
    starts: list[tuple[int, int]] = []
    fresh = True
    for token in TOKEN.finditer(text):
        if token.group().startswith("//"):
            continue
        if fresh:
            starts.append((token.start(), text.count("\n", 0, token.start()) + 1))
        fresh = token.group() == ";"
    return starts


def _broken_line(text: str, starts: list[tuple[int, int]]) -> int:
    ends = [offset for offset, _ in starts[1:]] + [len(text)]
    for (offset, line), end in zip(starts, ends, strict=True):
        try:
            cedarpy.PolicySet.from_str(text[offset:end])
        except ValueError:
            return line
    return 0
