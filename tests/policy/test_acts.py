"""What a person may do with a task, in each of its states."""

import pytest

from policy.acts import Act, Doing, judge_act
from policy.lifecycle import TASK, TaskEvent, terminal_tasks
from policy.proposal import ProposalState
from policy.task import TaskState

LIVE = sorted(frozenset(TaskState) - terminal_tasks())


def judge(
    act: Act, state: TaskState, owner: str | None, *proposals: ProposalState
) -> Doing | str:
    return judge_act(act, state, owner, by="ann", proposals=proposals)


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("state", sorted(terminal_tasks()))
def test_what_is_closed_stays_closed(act: Act, state: TaskState) -> None:
    """No act opens it again."""
    assert "That task is closed already." == judge(act, state, None)


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("state", LIVE)
@pytest.mark.parametrize("owner", [None, "ann", "bob"])
def test_every_move_is_one_of_the_lifecycle_s(
    act: Act, state: TaskState, owner: str | None
) -> None:
    """Whatever is clicked in whatever state."""
    found = judge(act, state, owner)
    now = state
    for event in found.events if isinstance(found, Doing) else ():
        now = TASK[now, event]

    assert act is not Act.close or now is TaskState.completed


@pytest.mark.parametrize("state", LIVE)
def test_a_task_is_taken_from_every_state(state: TaskState) -> None:
    """It is the person's, and the autopilot's no more."""
    found = judge(Act.take, state, "bob")

    assert isinstance(found, Doing)
    assert "ann" == found.owner
    assert [TaskState.escalated_to_human] == [
        TASK[state, one] for one in found.events
    ] or state is TaskState.escalated_to_human


def test_an_effect_under_way_is_waited_for() -> None:
    """The wish is kept until it has ended; nothing is closed over it."""
    taken = judge(Act.take, TaskState.executing, None, ProposalState.executing)
    closed = judge(Act.close, TaskState.executing, None, ProposalState.executing)

    assert isinstance(taken, Doing)
    assert ((), True) == (taken.events, taken.later)
    assert "under way" in str(closed)


@pytest.mark.parametrize("act", [Act.hand_back, Act.close])
def test_what_is_measured_is_waited_for(act: Act) -> None:
    """A failure must find the task with somebody who can act on it."""
    state = TaskState.escalated_to_human

    assert "measured" in str(judge(act, state, "ann", ProposalState.verifying))


@pytest.mark.parametrize("done", [ProposalState.verifying, ProposalState.approved])
def test_what_has_not_begun_or_has_ended_holds_nobody_up(done: ProposalState) -> None:
    """An approval is withdrawn; what was done is measured without the task's worker."""
    found = judge(Act.take, TaskState.executing, None, done)

    assert isinstance(found, Doing)
    assert (TaskEvent.taken_over,) == found.events


@pytest.mark.parametrize(
    ("act", "state", "owner", "text"),
    [
        (Act.take, TaskState.escalated_to_human, "ann", "yours already"),
        (Act.hand_back, TaskState.running, None, "has it already"),
    ],
)
def test_what_is_so_already_is_said(
    act: Act, state: TaskState, owner: str | None, text: str
) -> None:
    """Nothing moves."""
    assert text in str(judge(act, state, owner))


def test_a_wish_to_take_is_called_off_by_handing_back() -> None:
    """While the effect still runs."""
    found = judge(Act.hand_back, TaskState.executing, "ann", ProposalState.executing)

    assert Doing((), None, "The autopilot keeps it.") == found
