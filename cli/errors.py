"""The errors whose message tells a person what to do."""

from pydantic import ValidationError

from audit.checkpoint import BadCheckpoint, BadLedgerKey
from audit.export import BadLine
from bot.socket_mode import SocketRefused
from cli.approving import BadDecision
from cli.demo import NotReady
from cli.events import NoBus
from cli.local_world import NoRoom
from cli.processes import WrongEnvironment
from cli.webhooks import BadEndpoint
from gateway.signed import NoKey
from gateway.tokens import BadKey, BadToken
from lab.embedded.folder_lock import FolderInUse
from lab.embedded.postgres import PostgresFailed
from lab.embedded.valkey import ValkeyFailed
from orchestrator.bus import BusAway
from orchestrator.buses import BadBusUrl
from orchestrator.freezing import BadFreeze
from orchestrator.restoring import StillRunning
from orchestrator.silencing import BadSilence
from policy.errors import PolicyError
from runner.errors import PlaybookError
from storage.errors import StorageError


def said_errors() -> tuple[type[Exception], ...]:
    return (
        ValidationError,
        NoRoom,
        SocketRefused,
        WrongEnvironment,
        NotReady,
        BadKey,
        BadLedgerKey,
        BadCheckpoint,
        BadLine,
        BadToken,
        BadDecision,
        NoKey,
        FolderInUse,
        PostgresFailed,
        ValkeyFailed,
        PolicyError,
        PlaybookError,
        StorageError,
        BadFreeze,
        StillRunning,
        BadEndpoint,
        BadSilence,
        BadBusUrl,
        BusAway,
        NoBus,
        FileExistsError,
        FileNotFoundError,
        IsADirectoryError,
        NotADirectoryError,
        PermissionError,
    )


def say(exc: Exception) -> str:
    """Give one line; settings are named as the environment names them."""
    if isinstance(exc, ValidationError):
        return f"{_say_settings(exc)} (see the README's table of settings)"
    return str(exc)


def _say_settings(exc: ValidationError) -> str:
    """Tell what is missing from what is there and wrong; no value is repeated."""
    errors = [(".".join(map(str, one["loc"])), one) for one in exc.errors()]
    missing = [name for name, one in errors if one["type"] == "missing"]
    wrong = [f"mend {name}: {o['msg']}" for name, o in errors if name not in missing]
    return "; ".join([*([f"set {', '.join(missing)}"] if missing else []), *wrong])
