"""In which of a workspace's environments something is to be done."""

from collections.abc import Sequence

from policy.environment import find_default, find_environment, is_elsewhere
from policy.scope import Scope
from storage import directory
from storage.database import Database
from storage.steps import Step


class NoEnvironment(Exception):
    """None is meant, or none that is connected; the message says what there is."""


def names_of(scopes: Sequence[Scope]) -> list[str]:
    return [one.environment for one in scopes]


async def list_others(database: Database, scopes: Sequence[Scope]) -> list[str]:
    """Give the environments of these tenants that the workspace is not connected to."""
    tenants = {one.tenant_id for one in scopes}
    async with database.dispatch(Step.look) as tx:
        every = await directory.list_scopes(tx)
    return [
        one.environment
        for one in every
        if one.tenant_id in tenants and one not in scopes
    ]


def pick(scopes: Sequence[Scope], named: str | None) -> Scope:
    """
    Give the scope of an environment; of None production's, or the only one.

    Raises:
        NoEnvironment: several could be meant.
    """
    wanted = named or find_default(names_of(scopes))
    found = next((one for one in scopes if one.environment == wanted), None)
    if found is None:
        known = ", ".join(names_of(scopes))
        raise NoEnvironment(f"say in which environment: {known}")
    return found


def read(word: str, scopes: Sequence[Scope], others: Sequence[str]) -> str | None:
    """
    Give the environment that a word names; None if it names none.

    Raises:
        NoEnvironment: it names one that is not connected.
    """
    connected = names_of(scopes)
    if is_elsewhere(word, connected, others):
        raise NoEnvironment(elsewhere(word, connected))
    return find_environment(word, connected)


def elsewhere(word: str, connected: Sequence[str]) -> str:
    return f"{word} is not connected to this workspace; {', '.join(connected)} is"
