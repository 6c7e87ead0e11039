"""The autonomy matrix: how far an agent may go with one tool in one place."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from policy.decision import Level, Verdict
from policy.errors import PolicyError
from policy.pattern import ANY, Pattern, tool_words
from policy.tool_spec import ToolCategory, ToolSpec
from policy.yaml_text import lines_of, parse_yaml

DEFAULT_RULE = "default-observe"

TABLE: dict[tuple[ToolCategory, Level], Verdict] = {
    (ToolCategory.read, Level.L0): Verdict.allow,
    (ToolCategory.read, Level.L1): Verdict.allow,
    (ToolCategory.read, Level.L2): Verdict.allow,
    (ToolCategory.read, Level.L3): Verdict.allow,
    (ToolCategory.write_reversible, Level.L0): Verdict.deny,
    (ToolCategory.write_reversible, Level.L1): Verdict.require_approval,
    (ToolCategory.write_reversible, Level.L2): Verdict.allow,
    (ToolCategory.write_reversible, Level.L3): Verdict.allow,
    (ToolCategory.write_irreversible, Level.L0): Verdict.deny,
    (ToolCategory.write_irreversible, Level.L1): Verdict.draft_only,
    (ToolCategory.write_irreversible, Level.L2): Verdict.draft_only,
    (ToolCategory.write_irreversible, Level.L3): Verdict.require_approval,
}


@dataclass(frozen=True, slots=True)
class AutonomyRule:
    """One row: the calls it is about, and the level it gives them."""

    id: str
    pattern: Pattern
    level: Level
    owner: str
    reason: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows in order of precedence: the first that matches decides."""

    rules: tuple[AutonomyRule, ...]

    def level_for(
        self, tool: ToolSpec, *, kind: str, environment: str, tenant: str
    ) -> tuple[Level, str]:
        """Give level and rule id; L0 by ``default-observe`` where no row matches."""
        for rule in self.rules:
            if rule.pattern.matches(
                tool, kind=kind, environment=environment, tenant=tenant
            ):
                return rule.level, rule.id
        return Level.L0, DEFAULT_RULE


def verdict_at(category: ToolCategory, level: Level) -> Verdict:
    """Read the category by level table; what it does not hold is denied."""
    return TABLE.get((category, level), Verdict.deny)


def parse_autonomy(text: str, tools: tuple[ToolSpec, ...], *, path: str) -> Matrix:
    """
    Compile ``autonomy.yaml``.

    Raises:
        PolicyError: a malformed row, L4, an unknown tool, an id twice, or two equally
            specific rows about the same calls.
    """
    rows = parse_yaml(text, _Document, path=path).rules
    lines = lines_of(text, "rules")
    words = tool_words(tools)
    seen: dict[str, int] = {}
    for row, line in zip(rows, lines, strict=True):
        _check_row(row, line, words=words, path=path)
        for key in (f"id {row.id}", f"the calls of {row.pattern}"):
            if key in seen:
                raise PolicyError(
                    path,
                    line,
                    what=f"{key}: line {seen[key]} says so too, equally specific",
                    mend="merge the two rows, or make one more specific",
                )
            seen[key] = line
    compiled = [row.compiled() for row in rows]
    compiled.sort(key=lambda rule: rule.pattern.specificity, reverse=True)
    return Matrix(rules=tuple(compiled))


def _check_row(row: "_Row", line: int, *, words: frozenset[str], path: str) -> None:
    if row.id == DEFAULT_RULE:
        raise PolicyError(
            path,
            line,
            what=f"id {DEFAULT_RULE} names the absence of a row",
            mend="choose another id",
        )
    if row.level is Level.L4:
        raise PolicyError(
            path,
            line,
            what=f"rule {row.id}: L4 needs a measured record, and there is none",
            mend="write L3 or lower",
        )
    if row.tool not in words:
        raise PolicyError(
            path,
            line,
            what=f"rule {row.id}: no tool or category is called {row.tool!r}",
            mend=f"known: {', '.join(sorted(words))}",
        )


def _parse_level(value: object) -> object:
    return (
        Level[value] if isinstance(value, str) and value in Level.__members__ else value
    )


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    tool: str
    environment: str = Field(min_length=1)
    tenant: str = Field(min_length=1)
    kind: str = Field(default=ANY, min_length=1)
    level: Annotated[Level, BeforeValidator(_parse_level)]
    owner: str = Field(min_length=1)
    reason: str = Field(min_length=1)

    @property
    def pattern(self) -> Pattern:
        return Pattern(
            tool=self.tool,
            kind=self.kind,
            environment=self.environment,
            tenant=self.tenant,
        )

    def compiled(self) -> AutonomyRule:
        return AutonomyRule(
            id=self.id,
            pattern=self.pattern,
            level=self.level,
            owner=self.owner,
            reason=self.reason,
        )


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    rules: tuple[_Row, ...]
