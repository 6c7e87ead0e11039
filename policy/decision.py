"""A verdict as a value, with the rules that made it."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Verdict(StrEnum):
    allow = "allow"
    require_approval = "require_approval"
    draft_only = "draft_only"
    deny = "deny"


class Level(IntEnum):
    """The spec's autonomy levels."""

    L0 = 0
    L1 = 1
    L2 = 2
    L3 = 3
    L4 = 4


@dataclass(frozen=True, slots=True)
class Decision:
    """
    What policy says of one call, and why.

    ``cedar_ids`` are the determining guards in sorted order, ``("default-deny",)``
    where none determined a deny. ``bundle_hash`` is the SHA-256 (hex) of all policy
    text. ``quorum``, ``roles`` and ``expires_in_seconds`` hold for
    ``require_approval`` and ``draft_only``; 0, empty and 0 elsewhere. ``denied_by``
    are those of the guards that deny, empty where the level denies as well.
    """

    verdict: Verdict
    level: Level
    matrix_rule: str
    cedar_ids: tuple[str, ...]
    bundle_hash: str
    reason: str
    quorum: int = 0
    roles: tuple[str, ...] = ()
    expires_in_seconds: int = 0
    obligations: tuple[str, ...] = ()
    denied_by: tuple[str, ...] = ()
