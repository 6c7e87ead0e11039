"""
Fault points for tests: kill this process, once, at a named point.

In ``AUTOPILOT_FAULT_FOLDER`` a file ``armed/<point>`` asks for one kill there, by
whichever process gets there first; ``visited/`` gets a file for each point passed. A
point is ``before:`` or ``after:`` and the name of a step or effect. Unset, nothing is
done.
"""

import os
import signal
from collections.abc import Callable
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from storage.database import no_faults


class FaultSettings(BaseSettings):
    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    folder: Path | None = Field(default=None, alias="AUTOPILOT_FAULT_FOLDER")


def fault_hook() -> Callable[[str], None]:
    """Give the hook that the environment asks for."""
    folder = FaultSettings().folder
    if folder is None:
        return no_faults
    armed, visited = folder / "armed", folder / "visited"

    def visit(point: str) -> None:
        (visited / point).touch()
        try:
            (armed / point).unlink()
        except FileNotFoundError:
            return
        os.kill(os.getpid(), signal.SIGKILL)

    return visit
