"""
The order within a case: no action without task, evidence, decision and approval.

Theory of operation. Entries come in sealed order, so whatever an action stands on must
have come before it. ``Cases`` remembers, of each proposal, what was proposed under
which digest and who or which rule allowed it; when an execution begins it is held
against that. An execution that has begun stays *under way* until its outcome, a
person's word, or the entry that gives it up.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from audit.record import Record

_CLOSED = frozenset({"rejected", "expired", "superseded", "withdrawn", "carried_out"})


class Disorder(Exception):
    """An entry has not behind it what it stands on; the message says what."""


@dataclass(slots=True)
class _Action:
    """A proposal, and how far it came."""

    task: str | None
    digest: str
    evidence: tuple[str, ...]
    decision: str
    rule: str
    allowed_by_rule: bool
    quorum: int = 1
    approved: bool = False
    closed: str | None = None
    begun: set[str] = field(default_factory=set)
    under_way: str | None = None
    has_outcome: bool = False


class Cases:
    """What of each task has been seen so far."""

    def __init__(self) -> None:
        self._tasks: set[str] = set()
        self._evidence: set[str] = set()
        self._actions: dict[str, _Action] = {}

    @property
    def under_way(self) -> int:
        return sum(one.under_way is not None for one in self._actions.values())

    def take(self, record: Record) -> None:
        """
        Hold the next entry against what came before it.

        Raises:
            Disorder: what it stands on is not there, or says something else.
        """
        match record.event:
            case "task.created":
                self._tasks.add(str(record.task))
            case "task.evidence_attached":
                self._evidence.add(_text(_body(record), "evidence"))
            case (
                "task.proposed_action"
                | "task.asked_anew"
                | "task.quorum_raised"
                | "task.quorum_restored"
            ):
                self._propose(record, _body(record))
            case "task.approved":
                self._approve(record, _body(record))
            case "task.proposal_closed":
                self._close(_body(record))
            case "task.execution_begun":
                self._begin(record, _body(record))
            case "task.executed" | "task.execution_refused" | "task.verified":
                self._end(record, _body(record))
            case "task.given_up" | "task.attested":
                self._settle(_body(record))
            case "task.reversion_begun":
                self._revert(_body(record))

    def _propose(self, record: Record, body: Mapping[str, object]) -> None:
        if record.event == "task.asked_anew":
            self._ask_anew(record, body)
            return
        if record.event in {"task.quorum_raised", "task.quorum_restored"}:
            self._need(record, body)
            return
        cited = body.get("evidence")
        self._actions[_text(body, "proposal")] = _Action(
            task=record.task,
            digest=_text(body, "digest"),
            evidence=tuple(map(str, cited)) if isinstance(cited, list) else (),
            decision=_text(body, "decision"),
            rule=_text(body, "rule"),
            allowed_by_rule=body.get("state") == "approved",
            quorum=_quorum(body),
        )

    def _need(self, record: Record, body: Mapping[str, object]) -> None:
        action, wanted = self._get(body), _quorum(body)
        raised = record.event == "task.quorum_raised"
        action.quorum = max(action.quorum, wanted) if raised else wanted

    def _ask_anew(self, record: Record, body: Mapping[str, object]) -> None:
        """Take back what allowed it: it is shown under another digest, to people."""
        action = self._get(body)
        if action.task != record.task:
            raise Disorder(f"the proposal is of task {action.task}")
        if action.under_way is not None:
            raise Disorder(f"asked anew while execution {action.under_way} runs")
        action.digest = _text(body, "digest")
        action.decision, action.rule = _text(body, "decision"), _text(body, "rule")
        action.quorum = _quorum(body)
        action.approved = action.allowed_by_rule = False

    def _approve(self, record: Record, body: Mapping[str, object]) -> None:
        action = self._same(record, body)
        people = body.get("people")
        if not isinstance(people, list) or not people or not body.get("approval"):
            raise Disorder("an approval by nobody")
        if len(set(map(str, people))) < action.quorum:
            said = f"approved by {len(set(map(str, people)))} of {action.quorum} people"
            raise Disorder(said)
        action.approved = True

    def _close(self, body: Mapping[str, object]) -> None:
        action = self._get(body)
        if body.get("state") in _CLOSED:
            action.closed = str(body["state"])

    def _begin(self, record: Record, body: Mapping[str, object]) -> None:
        action = self._same(record, body)
        if record.task not in self._tasks:
            raise Disorder("an execution in a task that was never opened")
        missing = [one for one in action.evidence if one not in self._evidence]
        if missing:
            raise Disorder(f"its evidence {missing[0]} was never attached")
        if not action.decision or not action.rule or not _text(body, "rule"):
            raise Disorder("an execution that no decision of policy allowed")
        if not (action.approved or action.allowed_by_rule):
            raise Disorder("an execution that nobody approved, and no rule allowed")
        if action.closed is not None:
            raise Disorder(f"an execution of what was {action.closed} before")
        if action.under_way is not None:
            raise Disorder(f"execution {action.under_way} has no outcome yet")
        action.under_way = _text(body, "execution")
        action.begun.add(action.under_way)

    def _end(self, record: Record, body: Mapping[str, object]) -> None:
        if "execution" not in body:
            # Refused before it began.
            return
        action = self._get(body)
        if str(body["execution"]) not in action.begun:
            raise Disorder(f"an outcome of {body['execution']}, which never began")
        if record.event == "task.verified" and not action.has_outcome:
            raise Disorder("verified before it had an outcome")
        action.has_outcome = True
        action.under_way = None

    def _settle(self, body: Mapping[str, object]) -> None:
        action = self._get(body)
        action.has_outcome = True
        action.under_way = None

    def _revert(self, body: Mapping[str, object]) -> None:
        action = self._get(body)
        if not action.begun:
            raise Disorder("a reversion of what was never executed")
        action.begun.add(_text(body, "execution"))

    def _get(self, body: Mapping[str, object]) -> _Action:
        name = _text(body, "proposal")
        action = self._actions.get(name)
        if action is None:
            raise Disorder(f"proposal {name} was never made")
        return action

    def _same(self, record: Record, body: Mapping[str, object]) -> _Action:
        """Give the proposal of this task and this digest."""
        action = self._get(body)
        if action.task != record.task:
            raise Disorder(f"the proposal is of task {action.task}")
        digest = _text(body, "digest")
        if action.digest != digest:
            raise Disorder(f"digest {digest} is not {action.digest}, which was shown")
        return action


def _body(record: Record) -> Mapping[str, object]:
    try:
        found = json.loads(record.body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Disorder("its body is no JSON object")
    return found


def _quorum(body: Mapping[str, object]) -> int:
    """Give how many people have to agree: one, where an older entry names no number."""
    found = body.get("quorum", 1)
    if not isinstance(found, int):
        raise Disorder("its quorum is no number")
    return max(1, found)


def _text(body: Mapping[str, object], name: str) -> str:
    found = body.get(name)
    if not isinstance(found, str) or not found:
        raise Disorder(f"its body has no {name}")
    return found
