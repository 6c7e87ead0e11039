"""Make ``bot/golden.json`` anew: ``python -m tests.services.golden``."""

import json
import tempfile
from collections import Counter
from pathlib import Path

from tests.architecture.sources import ROOT
from tests.services.test_slack_schema import record

# Larger ones differ from the others in their length alone.
_MOST_SIGNS = 20_000


def write() -> None:
    """Number the shapes of each renderer in the order in which its tests give them."""
    with tempfile.TemporaryDirectory() as folder:
        rows = record(Path(folder) / "rendered.json")
    counts: Counter[str] = Counter()
    made = {}
    for row in rows:
        name = str(row["renderer"])
        if len(json.dumps(row["payload"])) <= _MOST_SIGNS:
            counts[name] += 1
            made[f"{name} {counts[name]}"] = row["payload"]
    text = json.dumps(dict(sorted(made.items())), indent=1)
    (ROOT / "bot" / "golden.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    write()
