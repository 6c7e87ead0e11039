"""
The next action of a playbook: a pure function of session and answers so far.

The steps are walked from the first on every call. A step that needs an answer and has
none is the next action; the findings before it are stated on the way. The same answers
give the same action, so a runner that was killed goes on where its journal ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from runner.expression import find
from runner.playbook import Finding, Playbook, Propose, Read, Step, Unknown, Value
from runner.playbook_check import PLACEHOLDER
from runner.transcript import Asked, Refused, Transcript, render_answer
from runner.value import Context, compute, render
from wire.proposals import Finding as StatedFinding
from wire.proposals import ProposalDraft, RunReport
from wire.session import Session

TEXT_LIMIT = 600
SUMMARY_LIMIT = 300


@dataclass(frozen=True, slots=True)
class CallTool:
    step: str
    tool: str
    params: dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class MakeProposal:
    step: str
    draft: ProposalDraft


@dataclass(frozen=True, slots=True)
class Finish:
    report: RunReport


Action = CallTool | MakeProposal | Finish


def next_action(playbook: Playbook, session: Session, transcript: Transcript) -> Action:
    """Give the next call or proposal, or the report when there is none."""
    return _walk(playbook, session, transcript).action()


def cut_short(
    playbook: Playbook, session: Session, transcript: Transcript, *, why: str
) -> RunReport:
    """Report what is known when the budget is spent: findings, and what is missing."""
    walk = _walk(playbook, session, transcript)
    missing = f"Stopped early: {why}."
    if walk.pending is not None:
        missing = f"Stopped before step {walk.pending.step}: {why}."
    return RunReport(
        outcome="budget_spent",
        summary=walk.summary() or missing[:TEXT_LIMIT],
        findings=tuple(walk.findings),
        unknowns=(*walk.unknowns, missing[:TEXT_LIMIT]),
    )


def _walk(playbook: Playbook, session: Session, transcript: Transcript) -> "_Walk":
    walk = _Walk(playbook, session, transcript)
    for step in playbook.steps:
        if not walk.holds(step.when):
            continue
        match step:
            case Read():
                walk.read(step)
            case Finding():
                walk.state(step)
            case Propose():
                walk.propose(step)
            case Unknown():
                walk.unknowns.append(walk.fill(step.text, step.values)[0])
        if walk.pending is not None or _finishes(step):
            break
    return walk


def _finishes(step: Step) -> bool:
    return not isinstance(step, Read) and step.then == "finish"


@dataclass(slots=True)
class _Walk:
    playbook: Playbook
    session: Session
    transcript: Transcript
    findings: list[StatedFinding] = field(default_factory=list)
    unknowns: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    pending: CallTool | MakeProposal | None = None
    context: Context = field(init=False)

    def __post_init__(self) -> None:
        self.context = build_context(self.playbook, self.session, self.transcript)

    def action(self) -> Action:
        if self.pending is not None:
            return self.pending
        return Finish(
            RunReport(
                outcome="finished",
                summary=self.summary(),
                findings=tuple(self.findings),
                unknowns=tuple(self.unknowns),
            )
        )

    def holds(self, condition: str | None) -> bool:
        return condition is None or bool(find(condition, self.context))

    def read(self, step: Read) -> None:
        answer = self.transcript.answers.get(step.id)
        if isinstance(answer, Refused):
            self.unknowns.append(
                f"{step.tool} was not read: {answer.message}"[:TEXT_LIMIT]
            )
        if answer is not None:
            return
        params = self.compute_all(step.params)
        if None in params.values():
            self.unknowns.append(_without(step.id, params))
            return
        self.pending = CallTool(step=step.id, tool=step.tool, params=params)

    def state(self, step: Finding) -> None:
        text, complete = self.fill(step.text, step.values)
        if not complete:
            self.unknowns.append(text)
            return
        cited = self.transcript.evidence_ids(step.cites)
        self.findings.append(StatedFinding(text=text, evidence_ids=cited))

    def propose(self, step: Propose) -> None:
        params = self.compute_all(step.params)
        if None in params.values():
            self.unknowns.append(_without(step.id, params))
            return
        summary = self.fill(step.summary, step.values)[0][:SUMMARY_LIMIT]
        answer = self.transcript.answers.get(step.id)
        if isinstance(answer, Asked):
            self.asked.append(f"Proposed: {summary} ({answer.state.replace('_', ' ')})")
            if answer.verdict == "deny":
                self.unknowns.append(
                    f"Policy denies “{summary}”: {answer.reason}"[:TEXT_LIMIT]
                )
        elif isinstance(answer, Refused):
            self.unknowns.append(
                f"Not proposed: {summary}: {answer.message}"[:TEXT_LIMIT]
            )
        else:
            self.pending = MakeProposal(
                step=step.id, draft=self.draft(step, params, summary)
            )

    def draft(
        self, step: Propose, params: dict[str, JsonValue], summary: str
    ) -> ProposalDraft:
        return ProposalDraft(
            key=step.id,
            tool=step.tool,
            params=params,
            reason_code=step.reason_code,
            summary=summary,
            because=self.fill(step.because, step.values)[0],
            confidence=step.confidence,
            evidence_ids=self.transcript.evidence_ids(step.cites),
        )

    def compute_all(self, values: Mapping[str, Value]) -> dict[str, JsonValue]:
        return {name: compute(value, self.context) for name, value in values.items()}

    def fill(self, text: str, values: Mapping[str, Value]) -> tuple[str, bool]:
        """Put the values into the text; False where one of them is not known."""
        shown = {name: render(value, self.context) for name, value in values.items()}
        filled = PLACEHOLDER.sub(lambda name: shown[name[1]] or "(not known)", text)
        return filled[:TEXT_LIMIT], None not in shown.values()

    def summary(self) -> str:
        stated = [finding.text for finding in self.findings[:1]]
        return " ".join([*stated, *self.asked])[:TEXT_LIMIT]


def build_context(
    playbook: Playbook, session: Session, transcript: Transcript
) -> Context:
    """Give what expressions see; a value that is not known yet is null."""
    alerts: list[JsonValue] = [alert.model_dump() for alert in session.alerts]
    values: dict[str, JsonValue] = {}
    context: dict[str, JsonValue] = {
        "alert": alerts[0] if alerts else None,
        "alerts": alerts,
        "task": session.task.model_dump(mode="json"),
        "steps": {
            step: render_answer(answer) for step, answer in transcript.answers.items()
        },
        "values": values,
    }
    for name, value in playbook.values.items():
        values[name] = compute(value, context)
    return context


def _without(step: str, params: Mapping[str, JsonValue]) -> str:
    missing = ", ".join(name for name, value in params.items() if value is None)
    return f"Step {step} was left out: the evidence holds no value for {missing}."
