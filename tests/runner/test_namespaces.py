import json
import subprocess
import sys

import pytest

from tests.runner.sandboxed import PROJECT, why_not

UNFILTERED = """
import sys
sys.path.insert(0, sys.argv[1])
from dataclasses import replace
from pathlib import Path
from runner.layout import find_layout
from runner.providers import Namespaces, bubblewrap
from runner.selftest import run_selftest
project = Path(sys.argv[1])
layout = replace(find_layout(project), filtered=False)
provider = (
    bubblewrap(layout) if sys.argv[2] == "bubblewrap"
    else Namespaces(layout=layout, project=project)
)
print(run_selftest(provider, project=project).model_dump_json())
"""


@pytest.mark.parametrize("provider", ["bubblewrap", "namespaces"])
def test_the_namespaces_hold_without_the_filter(provider: str) -> None:
    """Without seccomp all walls stand; only one's own new namespace is then allowed."""
    if reason := why_not(provider):
        pytest.skip(f"{provider}: {reason}")
    done = subprocess.run(
        [sys.executable, "-I", "-c", UNFILTERED, str(PROJECT), provider],
        env={},
        capture_output=True,
        check=True,
    )
    probes = {one["name"]: one for one in json.loads(done.stdout)["probes"]}
    failed = {name for name, one in probes.items() if not one["passed"]}

    assert failed <= {"new namespace"}
    assert probes["tcp 8.8.8.8:53"]["detail"] == "ENETUNREACH"
