import os
import socket
from pathlib import Path

import pytest
import pytest_socket

from runner.escape_test import Outcome, Targets, probe_targets


@pytest.fixture(autouse=True)
def _sockets() -> None:
    pytest_socket.enable_socket()


def test_a_reachable_target_is_found(tmp_path: Path) -> None:
    """Unconfined, the probes get through: each can fail."""
    canary = tmp_path / "canary"
    canary.write_text("x")
    forbidden = str(tmp_path / "c.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(forbidden)
        listener.listen()
        targets = Targets(
            runner_socket=str(tmp_path / "none.sock"),
            unix=(forbidden,),
            files=(str(canary),),
            pids=(os.getpid(),),
        )
        probes = {one.name: one.passed for one in probe_targets(targets)}

    assert probes == {
        "runner.sock": False,
        f"socket {forbidden}": False,
        f"file {canary}": False,
        f"signal {os.getpid()}": False,
    }


def test_no_result_is_a_failure() -> None:
    """An empty outcome has not passed."""
    assert not Outcome(probes=()).passed
    assert Outcome(probes=()).failures == "the test gave no result"
