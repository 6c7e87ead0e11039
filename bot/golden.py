"""One payload of each shape that is sent to Slack, as its tests render them."""

import json
from collections.abc import Mapping
from pathlib import Path

_FILE = Path(__file__).parent / "golden.json"


def golden_payloads() -> Mapping[str, Mapping[str, object]]:
    """Give them by name: a message has ``text`` and ``blocks``, a view its ``type``."""
    found: dict[str, dict[str, object]] = json.loads(_FILE.read_text(encoding="utf-8"))
    return found
