"""What a sandbox sees of the host: Python, its libraries, our code, one socket."""

import sys
from dataclasses import dataclass
from pathlib import Path

APP = "/app"
INNER_SOCKET = "/run/gateway/runner.sock"
SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64")
LINKER_CACHE = "/etc/ld.so.cache"


@dataclass(frozen=True, slots=True)
class Layout:
    """
    ``binds`` are (source, target), read-only; ``links`` (path, what it points to).

    ``python`` starts the same interpreter inside. ``filtered`` adds the seccomp filter.
    """

    binds: tuple[tuple[str, str], ...]
    links: tuple[tuple[str, str], ...]
    python: str
    filtered: bool = True


def find_layout(project: Path) -> Layout:
    """Look at the running interpreter; ``project`` holds ``runner/`` and ``wire/``."""
    folders = ["/usr", sys.base_prefix, sys.prefix]
    binds = [(folder, folder) for folder in _outermost(folders)]
    links = []
    for folder in map(Path, SYSTEM):
        if folder.is_symlink():
            links.append((str(folder), str(folder.readlink())))
        elif folder.is_dir():
            binds.append((str(folder), str(folder)))
    if Path(LINKER_CACHE).is_file():
        binds.append((LINKER_CACHE, LINKER_CACHE))
    binds.extend((str(project / room), f"{APP}/{room}") for room in ("runner", "wire"))
    return Layout(binds=tuple(binds), links=tuple(links), python=sys.executable)


def _outermost(folders: list[str]) -> list[str]:
    """Drop what lies inside another one, and doubles."""
    paths = sorted({Path(folder) for folder in folders}, key=lambda path: path.parts)
    kept: list[Path] = []
    for path in paths:
        if not any(path.is_relative_to(other) for other in kept):
            kept.append(path)
    return [str(path) for path in kept]
