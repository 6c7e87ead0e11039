"""Sessions, tools and transcripts of runs that have a model."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from gateway.tools.catalog import all_tools
from runner.model_driver import AskModel
from runner.model_transcript import Done, Entry, Failed, ModelTranscript, Said, ToolUse
from runner.transcript import Seen
from tests.runner.incidents import TOOLS, session_of, snapshot
from wire.model import ModelView
from wire.session import Session
from wire.tools import ToolView

DASHBOARD: dict[str, JsonValue] = {"dashboard_id": "discourse-overview"}
MODEL = ModelView(
    name="small",
    prompt="You triage discourse.",
    turns=6,
    deadline_seconds=30.0,
    most_characters=40_000,
)


def views(names: Sequence[str] = TOOLS) -> list[ToolView]:
    """Give tools as the gateway lists them."""
    return [
        ToolView(
            name=one.name,
            version=one.version,
            category=one.category.value,
            params_schema=dict(one.params_schema),
            reason_codes=one.reason_codes,
        )
        for one in all_tools().specs
        if one.name in names
    ]


def session_with(model: ModelView = MODEL, **changes: object) -> Session:
    return session_of().model_copy(
        update={"driver": "model", "model": model, **changes}
    )


def use(name: str, arguments: object, id_: str = "t1.1") -> ToolUse:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return ToolUse(id_, name, text)


def said(*uses: ToolUse, step: str = "t1", content: str = "") -> Said:
    return Said(step, content, uses)


def looked(
    id_: str = "t1.1",
    result: dict[str, JsonValue] | None = None,
    *,
    tool: str = "get_dashboard_snapshot",
    params: dict[str, JsonValue] | None = None,
) -> Done:
    found = snapshot() if result is None else result
    return Done(id_, tool, params or DASHBOARD, Seen(f"evidence-{id_}", found))


def after(*entries: Entry) -> ModelTranscript:
    return ModelTranscript(entries)


def after_a_look(*entries: Entry) -> ModelTranscript:
    """Give a transcript whose first turn read the dashboard."""
    look = use("get_dashboard_snapshot", DASHBOARD)
    return after(said(look), looked(), *entries)


def proposal(**changes: object) -> dict[str, object]:
    return {
        "params": {
            "flag_key": "new_ranker",
            "enabled": False,
            "rollout_percent": 0,
        },
        "reason_code": "incident_mitigation",
        "summary": "Turn flag new_ranker off",
        "because": "The failing traces carry it.",
        "confidence": 0.8,
        "evidence": ["E1"],
        **changes,
    }


def report(**changes: object) -> dict[str, object]:
    finding = {"text": "5xx at 0.182.", "evidence": ["E1"], "quotes": ["0.182"]}
    return {"summary": "Errors.", "findings": [finding], "unknowns": [], **changes}


@dataclass
class ScriptedModel:
    """Plays its turns in order: the uses of each, or a failure's code."""

    turns: list[list[tuple[str, object]] | str]
    asked: list[AskModel] = field(default_factory=list)

    def ask(self, question: AskModel) -> Said | Failed:
        self.asked.append(question)
        turn = self.turns.pop(0)
        if isinstance(turn, str):
            return Failed(question.step, turn, f"{turn} happened")
        uses = [
            use(name, arguments, f"{question.step}.{number}")
            for number, (name, arguments) in enumerate(turn, 1)
        ]
        return said(*uses, step=question.step)
