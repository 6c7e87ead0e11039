import pytest

from runner.main import (
    CRASHED,
    DONE,
    GATEWAY_AWAY,
    LEASE_LOST,
    Job,
    SecondsLeft,
    run,
)
from tests.runner.fake_gateway import FakeGateway, Reply, fail_to_connect, refuse
from tests.runner.incidents import session_of
from tests.runner.modelled import ScriptedModel, report, session_with
from wire.model import ModelView

FINISH = "/v1/runs/run-1/finish"


def code_of(gateway: FakeGateway, model: ScriptedModel | None = None) -> int:
    def open_model(_view: ModelView, _seconds_left: SecondsLeft) -> ScriptedModel:
        assert model is not None, "a run without a model opens none"
        return model

    with gateway.http() as http:
        return run(
            http, clock=gateway.clock, sleep=gateway.sleep, open_model=open_model
        )


def test_a_run_hands_in_its_report() -> None:
    """Exit code 0 says that the report is in."""
    gateway = FakeGateway()
    code = code_of(gateway)
    report = gateway.asked(FINISH)[0]

    assert code == DONE
    assert isinstance(report, dict)
    assert report["outcome"] == "finished"


def test_a_session_with_a_model_asks_it() -> None:
    """Its own report is handed in."""
    gateway = FakeGateway(session=session_with())
    words = report(findings=[], unknowns=["All of it."])
    code = code_of(gateway, ScriptedModel([[("report", words)]]))
    [handed] = gateway.asked(FINISH)

    assert code == DONE
    assert isinstance(handed, dict)
    assert handed["unknowns"] == ["All of it.", "Looked at: nothing."]


@pytest.mark.parametrize(
    ("path", "reply", "code"),
    [
        ("/v1/tools/trace_lookup", refuse(410, "lease_lost"), LEASE_LOST),
        ("/v1/session", refuse(401, "lease_lost"), LEASE_LOST),
        ("/v1/tools/trace_lookup", fail_to_connect, GATEWAY_AWAY),
        ("/v1/session", refuse(403, "not_running"), CRASHED),
        (FINISH, refuse(409, "already_finished"), CRASHED),
    ],
)
def test_what_ends_a_run_early(path: str, reply: Reply, code: int) -> None:
    """Each end has its exit code; a lost lease reports nothing."""
    gateway = FakeGateway(replies={path: [reply]})

    assert code_of(gateway) == code
    if code == LEASE_LOST:
        assert gateway.asked(FINISH) == []


def test_a_crash_is_reported() -> None:
    """A playbook that does not load is told to the gateway before the exit."""
    gateway = FakeGateway(session=session_of({"steps": []}))
    code = code_of(gateway)
    report = gateway.asked(FINISH)[0]

    assert code == CRASHED
    assert isinstance(report, dict)
    assert report["outcome"] == "crashed"
    assert "PlaybookError" in str(report["summary"])


def test_a_bad_job_does_not_show_its_token() -> None:
    """The error names the field and hides the input."""
    with pytest.raises(ValueError, match="socket_path") as caught:
        Job.model_validate({"token": "secret"})

    assert "secret" not in str(caught.value)
