"""What a run knows at its start."""

from typing import Literal

from pydantic import JsonValue

from wire.model import ModelView
from wire.tools import Frozen


class TaskView(Frozen):
    """The task as a runner sees it: redacted, without tenant secrets."""

    id: str
    kind: str
    title: str
    severity: str
    service: str | None
    environment: str
    plan: int
    rejected: tuple[str, ...] = ()


class AlertView(Frozen):
    """A redacted alert of the task; times are ISO 8601 in UTC."""

    fingerprint: str
    title: str
    severity: str
    status: str
    service: str | None
    labels: dict[str, str]
    annotations: dict[str, str]
    starts_at: str


class BudgetView(Frozen):
    tool_calls: int
    seconds: int


class Session(Frozen):
    """
    Everything that a runner gets besides its token and its socket.

    ``model`` goes with the driver of that name; the playbook is there all the same.
    """

    run_id: str
    task: TaskView
    alerts: list[AlertView]
    agent: str
    agent_version: int
    driver: Literal["playbook", "model"]
    playbook: dict[str, JsonValue]
    tools: list[str]
    budget: BudgetView
    model: ModelView | None = None
