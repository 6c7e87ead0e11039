"""
An explicit-state check of both machines together.

A world holds one task, two proposals and the undo of the first. Every interleaving of
claims, crashes, clicks, expiry, takeover, tries and lost outcomes is walked, with
``approvals`` counted against a quorum of 1 and 2. Freeze and Slack's outages may come
and go at any instant, so they are no state of the world: under a freeze the step is a
refusal in place of a begin, and while Slack is down the clicks are merely absent from
the path. What a closed proposal no longer needs is forgotten, to keep the worlds few.
"""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from policy.acts import Act, judge_act
from policy.lifecycle import (
    ProposalEvent,
    TaskEvent,
    advance_proposal,
    advance_task,
    after_closed,
    after_executed,
    after_failed,
    after_lapsed,
    after_run,
    settled_tasks,
    terminal_tasks,
)
from policy.proposal import ProposalState as P
from policy.task import RunOutcome
from policy.task import TaskState as T

TRIES = 2
ATTEMPTS = 2
ALIKE = {P.rejected, P.expired, P.superseded, P.withdrawn}
IN_FLIGHT = {P.executing, P.verifying}


class Action(NamedTuple):
    state: P
    approvals: int = 0
    tries: int = 0
    successes: int = 0
    ran_unapproved: bool = False


class World(NamedTuple):
    task: T = T.queued
    actions: tuple[Action, ...] = ()
    undo: int | None = None
    attempts: int = 0
    replans: int = 0
    handbacks: int = 0
    takeover: bool = False
    resolved: bool = False

    @property
    def states(self) -> list[P]:
        return [action.state for action in self.actions]

    def with_action(self, index: int, **changes: object) -> "World":
        changed = self.actions[index]._replace(**changes)  # type: ignore[arg-type]
        if not changed.state.is_open and changed.state not in IN_FLIGHT:
            state = P.rejected if changed.state in ALIKE else changed.state
            changed = changed._replace(state=state, approvals=0, tries=0)
        actions = (*self.actions[:index], changed, *self.actions[index + 1 :])
        return self._replace(actions=actions)

    def moved(self, index: int, event: ProposalEvent) -> "World":
        state = advance_proposal(self.actions[index].state, event)
        return self.with_action(index, state=state)

    def advanced(self, event: TaskEvent) -> "World":
        task = advance_task(self.task, event)
        world = self._replace(task=task)
        return withdraw_open(world) if task in settled_tasks() else world


def withdraw_open(world: World) -> World:
    for index, action in enumerate(world.actions):
        if action.state.is_open:
            world = world.moved(index, ProposalEvent.withdrawn)
    return world


def steps(world: World, quorum: int) -> Iterator[World]:
    yield from weather(world)
    yield from run_steps(world)
    for index, action in enumerate(world.actions):
        yield from decision_steps(world, index, quorum)
        if world.task is T.executing:
            yield from execution_steps(world, index)
        elif action.state in IN_FLIGHT | {P.outcome_unknown}:
            yield from late_outcomes(world, index)


def weather(world: World) -> Iterator[World]:
    if not world.resolved and world.task not in terminal_tasks():
        yield world._replace(resolved=True).advanced(TaskEvent.alerts_resolved)
    for act in (Act.take, Act.hand_back, Act.close):
        yield from acted(world, act)


def acted(world: World, act: Act) -> Iterator[World]:
    """A person acts on the task; handing back is done once, to keep the worlds few."""
    doing = judge_act(act, world.task, None, by="ann", proposals=world.states)
    handed = act is Act.hand_back
    if isinstance(doing, str) or world.handbacks + handed > 1:
        return
    world = world._replace(
        handbacks=world.handbacks + handed, takeover=world.takeover or doing.later
    )
    for event in doing.events:
        world = world.advanced(event)
    yield world


def run_steps(world: World) -> Iterator[World]:
    if world.task is T.queued:
        yield world.advanced(TaskEvent.claimed)
    if world.task is T.failed_retryable:
        spent = world.attempts >= ATTEMPTS
        yield world.advanced(
            TaskEvent.attempts_spent if spent else TaskEvent.backoff_over
        )
    if world.task is not T.running:
        return
    if sum(1 for _ in world.actions) < 2:
        for event in (
            ProposalEvent.asked,
            ProposalEvent.allowed,
            ProposalEvent.drafted,
            ProposalEvent.denied,
        ):
            born = Action(
                advance_proposal(P.proposed, event),
                approvals=9 if event is ProposalEvent.allowed else 0,
            )
            yield world._replace(actions=(*world.actions, born))
    for outcome in RunOutcome:
        crashed = outcome is RunOutcome.crashed
        left = world._replace(attempts=min(world.attempts + crashed, ATTEMPTS))
        yield left.advanced(after_run(world.states, outcome))


def decision_steps(world: World, index: int, quorum: int) -> Iterator[World]:
    action = world.actions[index]
    clicks: list[ProposalEvent] = []
    if action.state is P.needs_approval:
        clicks = [ProposalEvent.rejected, ProposalEvent.superseded]
    elif action.state is P.drafted:
        clicks = [ProposalEvent.rejected, ProposalEvent.carried_out]
    for click in clicks:
        yield from closed(world.moved(index, click), by_person=True)
    if action.state in {P.needs_approval, P.drafted}:
        for event in (ProposalEvent.expired, ProposalEvent.withdrawn):
            yield from closed(world.moved(index, event), by_person=False)
    if action.state is P.needs_approval:
        counted = world.with_action(index, approvals=action.approvals + 1)
        if counted.actions[index].approvals < quorum:
            yield counted
        else:
            done = counted.moved(index, ProposalEvent.approved)
            waits = done.task is T.needs_approval
            yield done.advanced(TaskEvent.approved) if waits else done


def closed(world: World, *, by_person: bool) -> Iterator[World]:
    if world.task is not T.needs_approval:
        yield world
        return
    for asked in {False, by_person}:
        event = after_closed(
            world.states,
            by_person=by_person,
            new_plan_asked=asked,
            plans_left=world.replans < 1,
        )
        planned = event is TaskEvent.new_plan_asked
        yield world._replace(replans=world.replans + planned).advanced(event)


def execution_steps(world: World, index: int) -> Iterator[World]:
    action = world.actions[index]
    busy = any(other.state in IN_FLIGHT for other in world.actions)
    if action.state is P.approved and not busy:
        yield world.advanced(TaskEvent.refused_for_now)
        yield begun(world, index)
        for event in (
            ProposalEvent.expired,
            ProposalEvent.denied,
            ProposalEvent.withdrawn,
            ProposalEvent.policy_asks_more,
        ):
            lapsed = world.moved(index, event).with_action(index, approvals=0)
            yield lapsed.advanced(
                after_lapsed(lapsed.states, alerts_resolved=world.resolved)
            )
    elif action.state is P.executing:
        yield world.moved(index, ProposalEvent.applied)
        yield settled(
            world.moved(index, ProposalEvent.outcome_lost), TaskEvent.execution_lost
        )
        yield from failed_with_effect(world, index)
        unsent = world.moved(index, ProposalEvent.nothing_sent)
        spent = action.tries >= TRIES
        yield settled(
            unsent, TaskEvent.execution_lost if spent else TaskEvent.try_failed
        )
    elif action.state is P.verifying:
        yield succeeded(world, index)
        yield settled(
            world.moved(index, ProposalEvent.outcome_lost), TaskEvent.execution_lost
        )
        yield from failed_with_effect(world, index)


def begun(world: World, index: int) -> World:
    action = world.actions[index]
    return world.with_action(
        index,
        state=advance_proposal(action.state, ProposalEvent.begun),
        tries=action.tries + 1,
        ran_unapproved=action.approvals == 0,
    )


def succeeded(world: World, index: int) -> World:
    done = world.moved(index, ProposalEvent.verified)
    done = done.with_action(index, successes=done.actions[index].successes + 1)
    if index == world.undo and done.actions[0].state in {P.succeeded, P.failed}:
        done = done.moved(0, ProposalEvent.undone)
    return settled(done, after_executed(done.states))


def failed_with_effect(world: World, index: int) -> Iterator[World]:
    failed = world.moved(index, ProposalEvent.failed)
    lost = after_failed(failed.states, undo_exists=False)
    yield settled(failed, lost)
    if index == 0 and failed.undo is None:
        for event in (ProposalEvent.allowed, ProposalEvent.asked):
            undo = Action(
                advance_proposal(P.proposed, event),
                approvals=9 if event is ProposalEvent.allowed else 0,
            )
            born = failed._replace(
                actions=(*failed.actions, undo), undo=len(failed.actions)
            )
            yield settled(born, after_failed(born.states, undo_exists=True))


def settled(world: World, event: TaskEvent) -> World:
    """Apply an outcome; a takeover clicked meanwhile is applied in its place."""
    if world.takeover:
        return world._replace(takeover=False).advanced(TaskEvent.taken_over)
    return world.advanced(event)


def late_outcomes(world: World, index: int) -> Iterator[World]:
    """A person or a read settles what was left open when the task was handed over."""
    state = world.actions[index].state
    if state is P.outcome_unknown:
        yield world.moved(index, ProposalEvent.confirmed_by_person)
        yield world.moved(index, ProposalEvent.applied)
    if state is P.verifying:
        yield world.moved(index, ProposalEvent.verified)
    yield world.moved(index, ProposalEvent.failed)


def explore(quorum: int) -> dict[World, set[World]]:
    graph: dict[World, set[World]] = {}
    frontier = deque([World()])
    while frontier:
        world = frontier.popleft()
        if world in graph:
            continue
        graph[world] = set(steps(world, quorum)) - {world}
        frontier.extend(after for after in graph[world] if after not in graph)
    return graph


def can_end(graph: dict[World, set[World]]) -> set[World]:
    """Give the worlds from which a terminal or escalated task can be reached."""
    before: dict[World, set[World]] = {}
    for world, nexts in graph.items():
        for after in nexts:
            before.setdefault(after, set()).add(world)
    reached = {world for world in graph if world.task in settled_tasks()}
    frontier = deque(reached)
    while frontier:
        for world in before.get(frontier.popleft(), set()) - reached:
            reached.add(world)
            frontier.append(world)
    return reached


@pytest.mark.parametrize("quorum", [1, 2])
def test_no_violation_and_no_dead_end(quorum: int) -> None:
    """In every reachable world the rules hold, and a way out exists."""
    graph = explore(quorum)

    for world in graph:
        for action in world.actions:
            assert action.successes <= 1, world
            assert not action.ran_unapproved, world
        assert world.states.count(P.executing) <= 1, world
        if world.task in settled_tasks():
            assert not any(state.is_open for state in world.states), world
        if world.task is T.needs_approval:
            assert any(state.is_open for state in world.states), world
            assert P.approved not in world.states, world
    assert set(graph) == can_end(graph)
    assert {world.task for world in graph} == set(T)
    assert len(graph) > 1000
