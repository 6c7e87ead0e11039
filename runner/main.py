"""
One run, inside its sandbox: read the job from stdin, walk its plan, report.

The job is one JSON object, ``{"token": …, "socket_path": …}``, up to end of file. The
environment is never read. Exit codes: 0 the report is in; 3 the lease is lost (nothing
reported, nothing to mend); 4 the gateway is away; 1 the run crashed.
"""

import importlib
import sys
import time
import traceback
from collections.abc import Callable

import httpx
from pydantic import BaseModel, ConfigDict

from runner.budget import Budget
from runner.errors import GatewayAway, LeaseLost, RunnerError
from runner.gateway_client import GatewayClient, open_http
from runner.loop import run_session
from runner.model_loop import Asker, run_model
from wire.model import ModelView
from wire.proposals import RunReport

DONE, CRASHED, LEASE_LOST, GATEWAY_AWAY = 0, 1, 3, 4
TIMEOUT_SECONDS = 30.0
FINISH_GRACE_SECONDS = 5.0
# The gateway answers a question a little after its deadline.
MODEL_GRACE_SECONDS = 15.0
SecondsLeft = Callable[[], float]
OpenModel = Callable[[ModelView, SecondsLeft], Asker]


class Job(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    token: str
    socket_path: str


def main() -> int:
    """Run the job on stdin; give the exit code."""
    job = Job.model_validate_json(sys.stdin.buffer.read())

    def open_model(view: ModelView, seconds_left: SecondsLeft) -> Asker:
        # Half a second to import, which a run without a model does not take.
        library = importlib.import_module("runner.model_client")
        model: Asker = library.ModelClient(
            library.open_model_http(
                job.socket_path,
                timeout_seconds=view.deadline_seconds + MODEL_GRACE_SECONDS,
            ),
            job.token,
            sleep=time.sleep,
            seconds_left=seconds_left,
        )
        return model

    with open_http(job.socket_path, job.token, timeout_seconds=TIMEOUT_SECONDS) as http:
        return run(http, clock=time.monotonic, sleep=time.sleep, open_model=open_model)


def run(
    http: httpx.Client,
    *,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
    open_model: OpenModel,
) -> int:
    """Talk to the gateway until the report is in; give the exit code."""
    budget: Budget | None = None

    def seconds_left() -> float:
        if budget is None:
            return FINISH_GRACE_SECONDS
        return budget.seconds_left(clock()) + FINISH_GRACE_SECONDS

    client = GatewayClient(http, sleep=sleep, seconds_left=seconds_left)
    try:
        session = client.session()
        budget = Budget.from_view(session.budget, now=clock())

        def walk() -> RunReport:
            if session.driver == "model" and session.model is not None:
                model = open_model(session.model, seconds_left)
                return run_model(client, model, session, budget=budget, clock=clock)
            return run_session(client, session, budget=budget, clock=clock)

        report, code = _report(walk)
        client.finish(session.run_id, report)
    except LeaseLost as stop:
        sys.stderr.write(f"lease lost: {stop}\n")
        return LEASE_LOST
    except GatewayAway as away:
        sys.stderr.write(f"gateway away: {away}\n")
        return GATEWAY_AWAY
    except RunnerError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return CRASHED
    return code


def _report(walk: Callable[[], RunReport]) -> tuple[RunReport, int]:
    try:
        return walk(), DONE
    except (LeaseLost, GatewayAway):
        raise
    except Exception as error:  # noqa: BLE001 (the process edge: record, report, exit)
        traceback.print_exc()
        summary = f"The runner crashed: {type(error).__name__}: {error}"[:600]
        return RunReport(outcome="crashed", summary=summary), CRASHED
