"""The errors whose message tells a person what to do."""

from pydantic import ValidationError

from cli.demo import NotReady
from cli.local_world import NoRoom
from gateway.agents import AgentError
from gateway.tokens import BadToken
from lab.embedded.folder_lock import FolderInUse
from lab.embedded.postgres import PostgresFailed
from lab.embedded.valkey import ValkeyFailed
from orchestrator.routing import RoutingError
from policy.errors import PolicyError
from runner.errors import PlaybookError
from storage.errors import StorageError


def said_errors() -> tuple[type[Exception], ...]:
    return (
        ValidationError,
        NoRoom,
        NotReady,
        AgentError,
        BadToken,
        FolderInUse,
        PostgresFailed,
        ValkeyFailed,
        RoutingError,
        PolicyError,
        PlaybookError,
        StorageError,
        FileNotFoundError,
        PermissionError,
    )


def say(exc: Exception) -> str:
    """Give one line; missing settings are named as the environment names them."""
    if isinstance(exc, ValidationError):
        names = ", ".join(str(error["loc"][0]) for error in exc.errors())
        return f"set {names} (see the README's table of settings)"
    return str(exc)
