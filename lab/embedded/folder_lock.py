"""Hold a folder for one server at a time."""

import fcntl
import os
from pathlib import Path


class FolderInUse(Exception):
    """Another process, or another object of this one, runs a server here."""


class FolderLock:
    """An advisory lock that the kernel drops when its holder dies."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "owner.lock"
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the folder, or raise FolderInUse when somebody holds it."""
        descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            os.close(descriptor)
            raise FolderInUse(
                f"{self._path.parent} is in use by a running server; "
                f"stop it first, or choose another folder"
            ) from busy
        self._descriptor = descriptor

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
