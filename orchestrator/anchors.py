"""
Anchors: where checkpoints hang outside the database, so that its owner can't rewrite.

``FileAnchor`` appends to a file and syncs it; the file belongs on a disk, or under a
permission, that the database's owner has not. (A bucket with object lock comes later:
it is another class with these two methods.)
"""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from audit.export import Note, parse_anchors, render_line

FILE_ANCHOR = "file"
_MODE = 0o640


class Anchor(Protocol):
    """``name`` says which one it is in ``ledger_anchors``; it never changes."""

    name: str

    def append(self, notes: Iterable[str]) -> None:
        """Hang these notes up for good before returning; blocks."""

    def read(self) -> Sequence[str]:
        """Give every note that hangs there, oldest first; blocks."""


class FileAnchor:
    """One note a line, as JSON; a line that a crash cut off is closed, and counts."""

    def __init__(self, path: Path) -> None:
        self.name = FILE_ANCHOR
        self._path = path

    def append(self, notes: Iterable[str]) -> None:
        text = "".join(render_line(Note(one)) for one in notes).encode()
        is_new = not self._path.exists()
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        file = os.open(self._path, flags, _MODE)
        try:
            if _is_cut_off(file):
                text = b"\n" + text
            while text:
                text = text[os.write(file, text) :]
            os.fsync(file)
        finally:
            os.close(file)
        if is_new:
            _sync_folder(self._path.parent)

    def read(self) -> Sequence[str]:
        """
        Give the notes; none while there is no file.

        Raises:
            BadLine: somebody else has written there.
        """
        if not self._path.exists():
            return []
        return parse_anchors(self._path.read_bytes())


def _is_cut_off(file: int) -> bool:
    size = os.fstat(file).st_size
    return size > 0 and os.pread(file, 1, size - 1) != b"\n"


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
