"""What is wrong with something that is to be sent."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """
    One thing that Slack would not take; it names a place and numbers, no content.

    ``is_unknown``: the gate could not look into it.
    """

    place: str
    what: str
    have: int
    most: int
    is_mended: bool = False
    is_unknown: bool = False

    def __str__(self) -> str:
        """Say it in a line."""
        if self.is_unknown:
            return f"{self.place}: {self.what}"
        return f"{self.place}: {self.what} has {self.have:,}, at most {self.most:,}"
