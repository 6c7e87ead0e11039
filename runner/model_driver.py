"""
The next action of a run with a model: a pure function of session and transcript.

Theory of operation. A turn of the model calls functions; each is answered before the
next turn: by the gateway (a read, a proposal), from what was read already (a near
repeat, ``look_again``), or with what was wrong. What is wrong may be mended once: a
second wrong turn in a row ends the model's part. The last turn may only report. When
the model gives nothing, the playbook takes over; unless something was proposed or a
budget ended it, then what is known is reported and a person has to look. The same
transcript gives the same action, so a run that was killed goes on where it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from runner.model_messages import Message, render_messages
from runner.model_schema import LOOK_AGAIN, PROPOSE, REPORT, functions, given
from runner.model_transcript import (
    Failed,
    ModelTranscript,
    Said,
    Told,
    ToolUse,
)
from runner.model_words import (
    Misused,
    draft,
    look_again,
    looked_at,
    parse_arguments,
    report,
)
from runner.near_repeat import is_near
from wire.proposals import ProposalDraft, RunReport
from wire.session import Session
from wire.tools import ToolView

BUDGET_SPENT = "model_budget_spent"
MOST_USES = 8
_MOST_FAULTY_TURNS = 2
_TEXT = 600
_NUDGE = "Call a function, or end with report: plain text reaches nobody."


@dataclass(frozen=True, slots=True)
class AskModel:
    """One question; ``only`` is the function that may be called, "" for any."""

    step: str
    messages: tuple[Message, ...]
    functions: tuple[dict[str, JsonValue], ...]
    only: str = ""


@dataclass(frozen=True, slots=True)
class CallRead:
    use: ToolUse
    tool: str
    params: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Propose:
    use: ToolUse
    draft: ProposalDraft


@dataclass(frozen=True, slots=True)
class Tell:
    told: Told


@dataclass(frozen=True, slots=True)
class End:
    report: RunReport


@dataclass(frozen=True, slots=True)
class TakeOver:
    """The playbook goes on; ``why`` is for people."""

    why: str


ModelAction = AskModel | CallRead | Propose | Tell | End | TakeOver


def next_action(
    session: Session, tools: Sequence[ToolView], transcript: ModelTranscript
) -> ModelAction:
    """Give the next thing to do, or how the run ends."""
    last = transcript.entries[-1] if transcript.entries else None
    if isinstance(last, Failed):
        return _give_up(transcript, last)
    use = transcript.waiting()
    if use is not None:
        return _answer(use, session, tools, transcript)
    if isinstance(last, Said):
        return Tell(Told("", _NUDGE, is_fault=True))
    faulty = transcript.faulty_turns()
    if len(faulty) >= _MOST_FAULTY_TURNS:
        why = f"it went wrong twice in a row: {faulty[0]}"
        return _give_up(transcript, Failed("", "model_faulty", why))
    return _ask(session, tools, transcript)


def cut_short(transcript: ModelTranscript, *, why: str) -> RunReport:
    """Report what is known when a budget is spent."""
    return RunReport(
        outcome="budget_spent",
        summary=f"Stopped early. {looked_at(transcript)}"[:_TEXT],
        unknowns=(f"Stopped early: {why}."[:_TEXT],),
    )


def _give_up(transcript: ModelTranscript, failed: Failed) -> ModelAction:
    why = f"{failed.code.removeprefix('model_')}: {failed.message}"
    if transcript.proposals:
        unknown = f"The model gave nothing more ({why}); what it proposed stands."
        summary = f"Stopped early. {looked_at(transcript)}"[:_TEXT]
        return End(
            RunReport(outcome="finished", summary=summary, unknowns=(unknown[:_TEXT],))
        )
    if failed.code == BUDGET_SPENT and transcript.seen():
        return End(cut_short(transcript, why=failed.message))
    said = f"The model gave no answer, so the playbook took over: {why}"
    return TakeOver(said[:_TEXT])


def _ask(
    session: Session, tools: Sequence[ToolView], transcript: ModelTranscript
) -> AskModel:
    number = transcript.turns + 1
    most = session.model.turns if session.model is not None else 0
    return AskModel(
        step=f"t{number}",
        messages=tuple(render_messages(session, transcript)),
        functions=tuple(functions(tools)),
        only=REPORT if number >= most else "",
    )


def _answer(
    use: ToolUse,
    session: Session,
    tools: Sequence[ToolView],
    transcript: ModelTranscript,
) -> ModelAction:
    said = transcript.last_said()
    if said is not None and use in said.uses[MOST_USES:]:
        return _fault(use, f"at most {MOST_USES} calls a turn; {use.name} was left out")
    try:
        return _carry_out(use, session, tools, transcript)
    except Misused as misused:
        return _fault(use, str(misused))


def _carry_out(
    use: ToolUse,
    session: Session,
    tools: Sequence[ToolView],
    transcript: ModelTranscript,
) -> ModelAction:
    """
    Do what the model calls for.

    Raises:
        Misused: it can't be done so.
    """
    if use.name == REPORT:
        return End(report(use, transcript))
    if use.name == LOOK_AGAIN:
        return Tell(Told(use.id, look_again(use, transcript)))
    known = {tool.name: tool for tool in tools}
    proposed = known.get(use.name.removeprefix(PROPOSE))
    is_proposal = use.name.startswith(PROPOSE)
    if is_proposal and proposed is not None and proposed.category != "read":
        return Propose(use, draft(use, proposed.name, transcript))
    tool = known.get(use.name)
    if tool is None or tool.category != "read":
        there = ", ".join(_names(tools))
        raise Misused(f"no function is called {use.name[:80]}; there are {there}")
    params = given(parse_arguments(use))
    again = _near(tool.name, params, transcript)
    if again is not None:
        return Tell(Told(use.id, again))
    if transcript.tool_calls >= session.budget.tool_calls:
        spent = f"the {session.budget.tool_calls} reads of this run are spent"
        return Tell(Told(use.id, f"{spent}; report what is known"))
    return CallRead(use, tool.name, params)


def _names(tools: Sequence[ToolView]) -> list[str]:
    own = [
        tool.name if tool.category == "read" else f"{PROPOSE}{tool.name}"
        for tool in tools
    ]
    return [*own, LOOK_AGAIN, REPORT]


def _near(
    tool: str, params: Mapping[str, JsonValue], transcript: ModelTranscript
) -> str | None:
    """Point at the evidence of a read that asked for the same."""
    for name, done, _ in transcript.seen():
        if done.tool == tool and is_near(done.params, params):
            return (
                f"This was read already: it is {name}, asked with {dict(done.params)}. "
                f"{LOOK_AGAIN} gives parts of it."
            )
    return None


def _fault(use: ToolUse, text: str) -> Tell:
    return Tell(Told(use.id, text[:_TEXT], is_fault=True))
