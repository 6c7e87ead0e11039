"""
Fault points for tests: kill this process, once, at a named point.

``AUTOPILOT_FAULT`` is ``before:…`` or ``after:…`` with a step's or effect's name;
``AUTOPILOT_FAULT_FOLDER`` holds one file for each point visited and a mark that the
kill has happened. Unset, nothing is done.
"""

import os
import signal
from collections.abc import Callable
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from storage.database import no_faults


class FaultSettings(BaseSettings):
    model_config = SettingsConfigDict(extra="ignore")

    point: str = Field(default="", alias="AUTOPILOT_FAULT")
    folder: Path | None = Field(default=None, alias="AUTOPILOT_FAULT_FOLDER")


def fault_hook() -> Callable[[str], None]:
    """Give the hook that the environment asks for."""
    settings = FaultSettings()
    folder = settings.folder
    if folder is None:
        return no_faults

    def visit(point: str) -> None:
        (folder / point).touch()
        if point == settings.point:
            try:
                (folder / "killed").touch(exist_ok=False)
            except FileExistsError:
                return
            os.kill(os.getpid(), signal.SIGKILL)

    return visit
