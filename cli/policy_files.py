"""Read policy's texts from their folder; policy itself opens no file."""

from pathlib import Path

from policy.evaluate import TEXTS, Policy, load_policy
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
    texts = {
        name: decode((folder / name).read_bytes(), path=str(folder / name))
        for name in TEXTS
    }
    return load_policy(texts, tools), texts
