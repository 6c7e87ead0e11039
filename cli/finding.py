"""One line of ``autopilot doctor``."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """``ok`` None: could not be checked, which fails nothing."""

    check: str
    ok: bool | None
    text: str
    mend: str = ""
