"""
Approval fatigue: a person whose votes come unread needs another one beside them.

Theory of operation. Of an approval two things can be known: for how long its card had
stood (``after_seconds``), and whether its person had opened the evidence that it cites
(``evidence_opened``). None is what nobody knows: a card without evidence, a terminal.
Slack gives no read receipt, so that a vote without either does not prove that nothing
was read; therefore no single vote counts, but a habit: how many of a person's last
approvals, the one that they give now among them, were hasty or unread. Past the rule's
bounds their approval raises the quorum by one, for this card alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

MOST_LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class Vote:
    """One approval, as far as it can be known how it came about."""

    after_seconds: float | None
    evidence_opened: bool | None


@dataclass(frozen=True, slots=True)
class Fatigue:
    """
    Of the last ``of`` approvals at most so many may be hasty, or unread.

    Hasty is sooner than ``hasty_seconds`` after the card was shown.
    """

    of: int
    hasty_seconds: float
    most_hasty: int
    most_unread: int

    def is_worn(self, votes: Sequence[Vote]) -> bool:
        """Tell a habit; ``votes`` are the newest first."""
        last = votes[: self.of]
        hasty = sum(
            one.after_seconds is not None and one.after_seconds < self.hasty_seconds
            for one in last
        )
        unread = sum(one.evidence_opened is False for one in last)
        return hasty > self.most_hasty or unread > self.most_unread
