"""What a verdict is made of, and its form as stored beside the verdict."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache

from pydantic import JsonValue, TypeAdapter

from policy.fatigue import Vote
from policy.grant import Grant


class Phase(StrEnum):
    read = "read"
    propose = "propose"
    execute = "execute"


@dataclass(frozen=True, slots=True)
class CallFacts:
    """
    One call of a tool, as policy sees it.

    ``environment`` is the call's, ``task_environment`` its task's. ``tainted``: a
    target comes from attacker-writable text alone; ``uncited``: a target occurs in no
    cited evidence. ``approvals`` are the ids of people who approved this very revision.
    ``requester`` is a person's id, or whatever opened the task. ``lab_only``: the tool
    acts on the loopback world. ``autonomy_ceiling`` (0..3) is the agent version's own
    limit on the level. ``frozen_whole``: even an undo may not run. ``writes_last_hour``
    counts the tool's writes here, ``writes_on_target`` those of the tool on this
    target, ``writes_by_agent`` the agent's, ``writes_here`` all of this tenant's
    environment, each within the last hour. ``escalated``: nobody had answered, so that
    the next roles were asked too. ``grant`` is what a person granted for such calls.
    ``worn``: an approver's votes had come unread, so that one more is needed. ``risk``
    is the action's (1..10), which a grant must cover. ``restored``: what allowed it is
    older than the environment's last restore from a backup, so that it may have run.
    ``overwrites``: an undo that would take back what somebody set since, too.
    ``edited``: a person changed its params, which is no approval.
    """

    tenant_id: str
    environment: str
    task_environment: str
    kind: str
    tool: str
    params: Mapping[str, JsonValue]
    phase: Phase
    agent: str
    agent_version: int
    allowed_tools: tuple[str, ...]
    requester: str
    sandbox: str
    lab_only: bool
    reason_code: str = ""
    tainted: bool = False
    uncited: bool = False
    frozen: bool = False
    frozen_whole: bool = False
    is_undo: bool = False
    approvals: tuple[str, ...] = ()
    writes_last_hour: int = 0
    writes_on_target: int = 0
    writes_by_agent: int = 0
    writes_here: int = 0
    autonomy_ceiling: int = 3
    escalated: bool = False
    grant: Grant | None = None
    worn: bool = False
    risk: int = 1
    restored: bool = False
    overwrites: bool = False
    edited: bool = False


@dataclass(frozen=True, slots=True)
class ApprovalFacts:
    """
    One person's wish to approve one proposal revision; ``approvals`` so far.

    ``escalated``: nobody had answered, so that the next roles were asked too.
    ``votes`` are this one and the person's last approvals here, the newest first.
    ``card_roles`` are those that the card had asked, where this release has no such
    tool: a word on what became of it is for them.
    """

    tenant_id: str
    environment: str
    kind: str
    tool: str
    person: str
    requester: str
    approvals: tuple[str, ...] = ()
    frozen: bool = False
    is_undo: bool = False
    escalated: bool = False
    votes: tuple[Vote, ...] = ()
    card_roles: tuple[str, ...] = ()


def facts_json(facts: CallFacts | ApprovalFacts) -> dict[str, JsonValue]:
    """Give the stored form; ``parse_facts`` reads it back unchanged."""
    about = "call" if isinstance(facts, CallFacts) else "approval"
    stored = asdict(facts)
    if isinstance(facts, CallFacts):
        stored["params"] = dict(facts.params)
    return {
        "about": about,
        **{
            key: list(value) if isinstance(value, tuple) else value
            for key, value in stored.items()
        },
    }


def parse_facts(stored: Mapping[str, JsonValue]) -> CallFacts | ApprovalFacts:
    """
    Read what ``facts_json`` wrote.

    Raises:
        ValueError: a field is missing or of another type.
    """
    fields = {key: value for key, value in stored.items() if key != "about"}
    about_call = stored.get("about") == "call"
    return _reader(CallFacts if about_call else ApprovalFacts).validate_python(fields)


@cache
def _reader(
    kind: type[CallFacts | ApprovalFacts],
) -> TypeAdapter[CallFacts | ApprovalFacts]:
    """Make it once: that takes longer than all that a verdict does."""
    return TypeAdapter(kind)
