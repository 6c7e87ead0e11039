"""The fault hook's type, and a hook that raises at one point, once."""

from collections.abc import Callable
from dataclasses import dataclass

Faults = Callable[[str], None]


class Killed(BaseException):
    """Stand for SIGKILL: nothing of ours may catch it as an error."""


@dataclass
class KillAt:
    """Raise ``Killed`` the first time that a point (``after:seal``) is reached."""

    point: str
    reached: bool = False

    def __call__(self, point: str) -> None:
        if point == self.point and not self.reached:
            self.reached = True
            raise Killed(point)
