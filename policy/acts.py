"""What a person may do with a task itself, whatever the autopilot is doing."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from policy.lifecycle import TaskEvent, terminal_tasks
from policy.proposal import UNDER_WAY, ProposalState
from policy.task import TaskState


class Act(StrEnum):
    """
    The buttons and words that act on a task.

    ``take`` is Stop as well: the autopilot does nothing more on a task that is taken.
    ``mute`` stops reminders, and nothing else.
    """

    take = "take"
    hand_back = "hand_back"
    close = "close"
    mute = "mute"
    unmute = "unmute"


@dataclass(frozen=True, slots=True)
class Doing:
    """
    What an act does: the moves in order, whose the task is then, and what is said.

    ``later`` is a take that waits until the effect that is under way has ended;
    ``muted`` None leaves it as it is.
    """

    events: tuple[TaskEvent, ...]
    owner: str | None
    text: str
    later: bool = False
    muted: bool | None = None


def judge_act(
    act: Act,
    state: TaskState,
    owner: str | None,
    *,
    by: str,
    proposals: Collection[ProposalState],
) -> Doing | str:
    """Choose the moves; a text says why there is nothing to do."""
    if state in terminal_tasks():
        return "That task is closed already."
    if act is Act.take:
        return _take(state, owner, by=by, proposals=proposals)
    if act is Act.hand_back:
        return _hand_back(state, owner, proposals=proposals)
    if act is Act.close:
        return _close(state, owner, proposals=proposals)
    reminds = (
        "Nobody is reminded of it"
        if act is Act.mute
        else "It reminds again, and calls somebody if nobody answers"
    )
    return Doing((), owner, f"{reminds}.", muted=act is Act.mute)


def _take(
    state: TaskState,
    owner: str | None,
    *,
    by: str,
    proposals: Collection[ProposalState],
) -> Doing | str:
    if owner == by:
        return "It is yours already."
    was = f", who had it: {owner}" if owner else ""
    if state is TaskState.escalated_to_human:
        return Doing((), by, f"It is yours now{was}.")
    if ProposalState.executing in proposals:
        text = "An action is under way; the task is yours as soon as it has ended."
        return Doing((), by, text, later=True)
    text = "It is yours now. The autopilot does no more on it until you hand it back."
    return Doing((TaskEvent.taken_over,), by, text)


def _hand_back(
    state: TaskState, owner: str | None, *, proposals: Collection[ProposalState]
) -> Doing | str:
    if state is TaskState.escalated_to_human and not UNDER_WAY.isdisjoint(proposals):
        return "Its action is still being measured. Hand it back once that has ended."
    if state is TaskState.escalated_to_human:
        text = "The autopilot has it again, and looks at it anew."
        return Doing((TaskEvent.handed_back,), None, text)
    if owner is not None:
        return Doing((), None, "The autopilot keeps it.")
    return "The autopilot has it already."


def _close(
    state: TaskState, owner: str | None, *, proposals: Collection[ProposalState]
) -> Doing | str:
    if not UNDER_WAY.isdisjoint(proposals):
        return "An action is under way or being measured. Close it once that has ended."
    taken = () if state is TaskState.escalated_to_human else (TaskEvent.taken_over,)
    return Doing((*taken, TaskEvent.closed_by_person), owner, "Closed.")
