"""What people made of a proposal, as a case that evals will ask agents about again."""

import re
from dataclasses import dataclass
from enum import StrEnum

# As the gateway writes who proposed: an agent with its version, or somebody.
_AGENT = re.compile(r"agent (\S+) (\d+)")


class EvalCaseKind(StrEnum):
    """``edited``: other params were right; ``rejected``: it was not to be done."""

    edited = "edited"
    rejected = "rejected"


@dataclass(frozen=True, slots=True)
class Author:
    """Whose proposal it was; of a person's, or policy's, there is no agent."""

    agent: str | None
    agent_version: int | None


def author_of(proposed_by: str) -> Author:
    """Read who proposed, as a proposal's row tells it."""
    found = _AGENT.fullmatch(proposed_by)
    return Author(found[1], int(found[2])) if found else Author(None, None)
