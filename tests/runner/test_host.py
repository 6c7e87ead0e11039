from tests.runner.sandboxed import gateway_socket, host_process, job_for


def test_what_is_no_request_is_answered() -> None:
    """Nonsense, an unknown op and a spawn without a job: told, and the host goes on."""
    with gateway_socket() as path, host_process("none") as host:
        host.wait_for("started")
        host.control.sendall(b"nonsense\n")
        host.ask("dance", "d")
        host.ask("spawn", "s", at=path)
        nonsense, dance = host.wait_for("error"), host.wait_for("error", "d")
        ended = host.wait_for("exit", "s")

    assert nonsense["message"]
    assert "dance" in dance["message"]
    assert ended["exit_code"] == 125


def test_none_is_said() -> None:
    """The provider without walls reports itself, and still runs jobs."""
    with gateway_socket() as path, host_process("none") as host:
        started = host.wait_for("started")
        host.ask("spawn", "r1", job=job_for(started, path), at=path)
        ready = host.wait_for("ready", "r1")
        host.ask("kill", "r1")
        ended = host.wait_for("exit", "r1")

    assert (started["provider"], started["passed"]) == ("none", False)
    assert ready["ready_ms"] > 0
    assert ended["exit_code"] == 137


def test_many_at_once_all_end() -> None:
    """Runs that start and end together: each has its own exit, with its own words."""
    names = [f"r{number}" for number in range(8)]
    with gateway_socket() as path, host_process("none") as host:
        host.wait_for("started")
        for _ in range(2):
            for name in names:
                host.ask("spawn", name, job="no job", at=path)
            ends = [host.wait_for("exit", name) for name in names]

            assert [one["exit_code"] for one in ends] == [1] * len(names)
            assert all("json_invalid" in one["stderr_tail"] for one in ends)
