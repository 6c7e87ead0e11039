"""Whose request it is: workspace to tenant, button to row; signed ids only."""

from dataclasses import dataclass
from uuid import UUID

from policy.people import People
from policy.person import Person
from policy.scope import Scope
from storage import directory, tasks
from storage.database import Database
from storage.steps import Step
from storage.tasks import Task


@dataclass(frozen=True, slots=True)
class Shown:
    """What a button is bound to: the proposal and the digest of what was shown."""

    proposal_id: UUID
    digest: str
    scope: Scope


class NotHere(Exception):
    """The workspace or the row is unknown here; the message is for the person."""


def read_value(value: str) -> tuple[UUID, str]:
    """
    Read a button's value.

    Raises:
        NotHere: it is not one of ours.
    """
    proposal, _, digest = value.partition(".")
    try:
        return UUID(proposal), digest
    except ValueError as exc:
        raise NotHere("That button is not one of Ops Autopilot's.") from exc


async def find_shown(database: Database, team_id: str, value: str) -> Shown:
    """
    Resolve a button within its workspace's tenant.

    Raises:
        NotHere: unknown workspace, unknown proposal, or another tenant's.
    """
    proposal_id, digest = read_value(value)
    async with database.dispatch(Step.look) as tx:
        scopes = await directory.find_team(tx, team_id)
        scope = await directory.find_scope(tx, "proposal", proposal_id)
    if not scopes:
        raise NotHere("This workspace is not connected to Ops Autopilot.")
    if scope is None or scope not in scopes:
        raise NotHere("That proposal is not known here; `/ops tasks` lists tasks.")
    return Shown(proposal_id, digest, scope)


async def find_task(database: Database, team_id: str, value: str) -> Task:
    """
    Resolve the button of a root message within its workspace's tenant.

    Raises:
        NotHere: unknown workspace, unknown task, or another tenant's.
    """
    task_id, _ = read_value(value)
    async with database.dispatch(Step.look) as tx:
        scopes = await directory.find_team(tx, team_id)
        scope = await directory.find_scope(tx, "task", task_id)
    if not scopes:
        raise NotHere("This workspace is not connected to Ops Autopilot.")
    if scope is None or scope not in scopes:
        raise NotHere("That task is not known here. `/ops tasks` lists what is open.")
    async with database.transaction(scope, Step.read_view) as tx:
        return await tasks.get(tx, task_id)


def check_may(people: People, user: str, what: str) -> Person | None:
    """
    Give the person of a Slack user who may ``read``, or ``act`` (who has a role).

    Raises:
        NotHere: policy lets them do no such thing.
    """
    person = people.find_by_slack(user)
    if not people.may(person, what):
        raise NotHere("That is for people with a role here; nothing was changed.")
    return person


async def find_scopes(database: Database, team_id: str) -> list[Scope]:
    """
    Give the scopes of a workspace.

    Raises:
        NotHere: it is not connected.
    """
    async with database.dispatch(Step.look) as tx:
        scopes = await directory.find_team(tx, team_id)
    if not scopes:
        raise NotHere("This workspace is not connected to Ops Autopilot.")
    return list(scopes)
