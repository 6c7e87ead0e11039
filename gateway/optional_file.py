"""A file that a setting names: its text, or what to do where it can't be read."""

from pathlib import Path

from policy.errors import PolicyError
from policy.yaml_text import decode


def read_named(path: Path, *, mend: str) -> str:
    """
    Read a YAML file's text.

    Raises:
        PolicyError: it can't be read, with this mend; or it is no UTF-8.
    """
    where = str(path)
    try:
        return decode(path.read_bytes(), path=where)
    except OSError as exc:
        what = exc.strerror or "can't be read"
        raise PolicyError(where, 0, what=what, mend=mend) from exc
