"""Read policy's texts from their folder; policy itself opens no file."""

from pathlib import Path

from policy.errors import PolicyError
from policy.evaluate import TEXTS, Policy, load_policy
from policy.tool_spec import ToolSpec


def load_policy_folder(
    folder: Path, tools: tuple[ToolSpec, ...]
) -> tuple[Policy, dict[str, str]]:
    """
    Load the bundle of a folder, and its texts.

    Raises:
        PolicyError: with file, line and mend.
    """
    texts = {name: read_utf8(folder / name) for name in TEXTS}
    return load_policy(texts, tools), texts


def read_utf8(path: Path) -> str:
    """
    Read a text of the release.

    Raises:
        PolicyError: it is no UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as exc:
        raise PolicyError(
            str(path), 0, what=f"is no UTF-8: {exc}", mend="save it as UTF-8"
        ) from exc
