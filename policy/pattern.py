"""
Which calls a row of policy is about, and which of two rows is the more specific.

The order is: tenant, environment, tool, kind. A row that names the tenant beats every
row that does not; among equals one that names the environment; then one that names the
tool, then its category; then the kind. So prod's own rows always beat rows written for
every environment, whatever tool those name.
"""

from dataclasses import dataclass

from policy.tool_spec import ToolCategory, ToolSpec

ANY = "*"


@dataclass(frozen=True, slots=True)
class Pattern:
    """``tool`` is a tool's name, a category or ``*``; the others a name or ``*``."""

    tool: str
    kind: str = ANY
    environment: str = ANY
    tenant: str = ANY

    @property
    def specificity(self) -> tuple[bool, bool, int, bool]:
        return (
            self.tenant != ANY,
            self.environment != ANY,
            _tool_rank(self.tool),
            self.kind != ANY,
        )

    def matches(
        self, tool: ToolSpec, *, kind: str, environment: str, tenant: str
    ) -> bool:
        return (
            self.tool in {ANY, tool.name, tool.category.value}
            and self.kind in {ANY, kind}
            and self.environment in {ANY, environment}
            and self.tenant in {ANY, tenant}
        )


def tool_words(tools: tuple[ToolSpec, ...]) -> frozenset[str]:
    """Give every word that a row may put under ``tool``."""
    return frozenset({ANY, *ToolCategory, *(tool.name for tool in tools)})


def _tool_rank(tool: str) -> int:
    if tool == ANY:
        return 0
    return 1 if tool in set(ToolCategory) else 2
