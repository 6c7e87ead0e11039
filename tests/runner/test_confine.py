import subprocess
import sys

import pytest

from tests.runner.sandboxed import PROJECT

TRY = """
import sys
sys.path.insert(0, sys.argv[1])
import os, resource
from runner.confine import close_descriptors, give_up_powers, limit_resources
from runner.syscalls import held_capabilities
kept = os.dup(1)
dropped = os.dup(1)
close_descriptors((0, 1, 2, kept))
limit_resources()
give_up_powers()
assert held_capabilities() == 0
assert resource.getrlimit(resource.RLIMIT_AS)[1] == 1024**3
os.fstat(kept)
try:
    os.fstat(dropped)
except OSError:
    print("held")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")
def test_a_process_confines_itself() -> None:
    """Limits set, powers gone, only the kept descriptors open."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", TRY, str(PROJECT)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout, done.stderr) == ("held\n", "")
