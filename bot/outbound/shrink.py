"""Make the texts of a whole that is too large shorter, the least important first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.outbound.shorten import shorten

# No text is made shorter than this for the whole's sake.
LEAST = 200
# What the words "… (N more)" and escapes in JSON take.
_SPARE = 30


@dataclass(slots=True)
class Shown:
    """A text for reading where it stands; of rank 0 are those that give way first."""

    holder: dict[str, object]
    name: str
    whole: str
    rank: int
    mrkdwn: bool

    @property
    def length(self) -> int:
        return len(str(self.holder[self.name]))


def shrink(texts: Sequence[Shown], size: Callable[[], int], most: int) -> bool:
    """
    Shorten in place until ``size`` is at most ``most``, the longest text first.

    False if it is still too large with every text as short as may be.
    """
    left = sorted(texts, key=lambda one: one.rank)
    while (over := size() - most) > 0:
        left = [one for one in left if one.length > LEAST]
        if not left:
            return False
        rank = left[0].rank
        longest = max((one for one in left if one.rank == rank), key=lambda x: x.length)
        room = max(LEAST, longest.length - over - _SPARE)
        longest.holder[longest.name] = shorten(
            longest.whole, room, mrkdwn=longest.mrkdwn
        )
    return True
