"""Choose a private folder whose socket paths fit into `sockaddr_un`."""

import tempfile
from pathlib import Path

LONGEST_PATH_BYTES = 100


def private_folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.chmod(0o700)
    return path


def socket_folder(folder: Path, socket_name: str) -> Path:
    """Make (or find again) a 0700 folder for `socket_name`.

    It lies inside `folder` if the path is short enough, else in the system's
    temporary folder; that choice is remembered in `folder/socket-folder`.
    """
    inside = folder / "run"
    if len(bytes(inside / socket_name)) <= LONGEST_PATH_BYTES:
        return private_folder(inside)
    note = folder / "socket-folder"
    if note.exists():
        remembered = Path(note.read_text(encoding="utf-8"))
        if remembered.is_dir() and remembered.stat().st_uid == folder.stat().st_uid:
            return private_folder(remembered)
    chosen = Path(tempfile.mkdtemp(prefix="lab-"))
    note.write_text(str(chosen), encoding="utf-8")
    return private_folder(chosen)


def private_text(path: Path, text: str) -> None:
    """Write a file that only its owner may read, from its first byte on."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
