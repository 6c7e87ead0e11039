"""Read policy's texts from their folder; policy itself opens no file."""

from pathlib import Path

from policy.errors import PolicyError
from policy.evaluate import TEXTS, Policy, load_policy
from policy.people import People, parse_people
from policy.redaction import RedactionRules, parse_redaction
from policy.tool_spec import ToolSpec
from policy.yaml_text import decode


def load_policy_folder(
    folder: Path, tools: tuple[ToolSpec, ...]
) -> tuple[Policy, dict[str, str]]:
    """
    Load the bundle of a folder, and its texts.

    Raises:
        PolicyError: with file, line and mend.
    """
    texts = {name: _read(folder / name) for name in TEXTS}
    return load_policy(texts, tools), texts


def load_people(folder: Path, tools: tuple[ToolSpec, ...]) -> People:
    """
    Load ``people.yaml`` alone, for a process that decides nothing.

    Raises:
        PolicyError: with file, line and mend.
    """
    path = folder / "people.yaml"
    return parse_people(_read(path), tools, path=str(path))


def load_redaction(folder: Path) -> RedactionRules:
    """
    Load ``redaction.yaml`` alone, for a process that decides nothing.

    Raises:
        PolicyError: with file, line and mend.
    """
    path = folder / "redaction.yaml"
    return parse_redaction(_read(path), path=str(path))


def _read(path: Path) -> str:
    try:
        return decode(path.read_bytes(), path=str(path))
    except FileNotFoundError as exc:
        raise PolicyError(
            str(path),
            0,
            what="no such file",
            mend="start in the folder of the release, or set POLICY_FOLDER",
        ) from exc
