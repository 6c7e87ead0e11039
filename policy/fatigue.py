"""
Approval fatigue: a person whose votes come unread needs another one beside them.

Theory of operation. Of an approval two things can be known: for how long its card had
stood (``after_seconds``), and whether its person had opened the evidence that it cites
(``evidence_opened``). None is what nobody knows: a card without evidence, a terminal.
Slack gives no read receipt, so that a vote without either does not prove that nothing
was read; therefore no single vote counts, but a habit: how many of a person's last
approvals, the one that they give now among them, were hasty or unread. Past the rule's
bounds such an approval raises the quorum by one, for this card alone; one that was
neither counts in full, whatever came before it.
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
        if not last or not (self._is_hasty(last[0]) or _is_unread(last[0])):
            return False
        hasty = sum(self._is_hasty(one) for one in last)
        unread = sum(_is_unread(one) for one in last)
        return hasty > self.most_hasty or unread > self.most_unread

    def _is_hasty(self, vote: Vote) -> bool:
        seconds = vote.after_seconds
        return seconds is not None and seconds < self.hasty_seconds


def _is_unread(vote: Vote) -> bool:
    return vote.evidence_opened is False
