"""
Run the Procfile's processes, restart what dies, and leave no orphan.

Each child leads a session of its own, gets its own part of the environment alone, and
is killed by the kernel when the supervisor dies (PR_SET_PDEATHSIG, on Linux).
"""

import asyncio
import os
import shlex
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from gateway.settings import CONNECTOR_PREFIX

_STOP_SECONDS = 8.0
_FIRST_WAIT_SECONDS = 0.3
_STEADY_SECONDS = 20.0
_TAIL_BYTES = 4096
_MOST_CHARACTERS = 240
_PRELOAD = (
    "import ctypes, os, sys;"
    "prctl = getattr(ctypes.CDLL(None), 'prctl', None);"
    "prctl and prctl(1, 15);"
    "os.execvp(sys.argv[1], sys.argv[1:])"
)

# What each process may know: its own secrets and nobody else's.
SHARED = (
    "PATH",
    "HOME",
    "LANG",
    "TZ",
    "PYTHONPATH",
    "PYTHONUNBUFFERED",
    "AGENTS_FOLDER",
    "POLICY_FOLDER",
    "AUTOPILOT_FAULT_FOLDER",
)
KNOWN: Mapping[str, tuple[str, ...]] = {
    "web": ("DATABASE_URL_WEB", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET",
            "SLACK_APP_TOKEN", "SLACK_APP_ID", "SLACK_API_URL", "OUTBOUND_STRICT",
            "WEB_HOST", "WEB_PORT", "ROUTES_FILE", "GENERIC_MAPPING_FILE",
            "PSEUDONYM_KEY", "WEBHOOK_KEY",
            "WEBHOOK_DELIVERIES_PER_SECOND", "WEBHOOK_BURST_DELIVERIES",
            "WEBHOOK_STRANGERS_PER_SECOND", "WEBHOOK_BURST_STRANGERS"),
    "gateway": ("DATABASE_URL_GATEWAY", "REDIS_URL", "GATEWAY_ENVIRONMENT",
                "GATEWAY_SOCKET_FOLDER", "GATEWAY_LAB_ONLY",
                "GATEWAY_READS_PER_MINUTE", "GATEWAY_TOOL_READS_PER_MINUTE",
                "TOKEN_PUBLIC_KEY", "VAULT_KEY", "PSEUDONYM_KEY", "REVEAL_KEY",
                "PLATFORM_URL", "PLATFORM_TOKEN", "PROMETHEUS_URL",
                "PROMETHEUS_TOKEN", "CONNECTORS_FILE", "MODEL_BASE_URL",
                "MODEL_API_KEY", "MODEL_KEY_HEADER", "MODEL_PRIVATE",
                "MODEL_DEADLINE_SECONDS", "MODEL_STALL_SECONDS", "MODELS_FILE",
                "GATEWAY_METRICS_PORT"),
    "worker": ("DATABASE_URL_WORKER", "REDIS_URL", "TOKEN_PRIVATE_KEY",
               "GATEWAY_ENVIRONMENT", "GATEWAY_SOCKET_FOLDER", "SANDBOX",
               "WORKER_LEASE_SECONDS"),
    "courier": ("DATABASE_URL_COURIER", "SLACK_BOT_TOKEN", "SLACK_API_URL",
                "COURIER_LEASE_SECONDS", "REVEAL_KEY", "REDIS_URL", "SLACK_RATE",
                "OUTBOUND_STRICT"),
    "sealer": ("DATABASE_URL_SEALER", "REDIS_URL", "EVENTS_URL",
               "LEDGER_SIGNING_KEY",
               "LEDGER_VERIFIER_KEYS", "LEDGER_NAME", "LEDGER_ANCHOR_FILE",
               "LEDGER_CHECKPOINT_SECONDS", "LEDGER_ALARM_SECONDS",
               "SEALER_METRICS_PORT"),
    "release": ("DATABASE_URL_RELEASE",),
}  # fmt: skip
# And what it may know whatever the rest of the name is: credentials of connectors.
PREFIXES: Mapping[str, str] = {"gateway": CONNECTOR_PREFIX}


@dataclass(frozen=True, slots=True)
class Program:
    """One process to keep running."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]


@dataclass(slots=True)
class Supervisor:
    """Keeps programs running, and says what ended; ``logs`` gets a file for each."""

    programs: Sequence[Program]
    logs: Path
    say: Callable[[str], None]
    longest_wait_seconds: float = 10.0
    restarts: dict[str, int] = field(default_factory=dict)
    pids: dict[str, int] = field(default_factory=dict)

    async def run(self) -> None:
        """Run everything until cancelled, then stop everything."""
        self.logs.mkdir(parents=True, exist_ok=True)
        async with asyncio.TaskGroup() as group:
            for program in self.programs:
                group.create_task(self._keep(program))

    async def _keep(self, program: Program) -> None:
        loop = asyncio.get_running_loop()
        wait_seconds = _FIRST_WAIT_SECONDS
        while True:
            started = loop.time()
            code = await self._run_once(program)
            if loop.time() - started > _STEADY_SECONDS:
                wait_seconds = _FIRST_WAIT_SECONDS
            self.say(
                f"• {program.name} ended (exit {code}), started again in "
                f"{wait_seconds:.1f} s: {self._last_words(program)}"
            )
            self.restarts[program.name] = self.restarts.get(program.name, 0) + 1
            await asyncio.sleep(wait_seconds)
            wait_seconds = min(wait_seconds * 2, self.longest_wait_seconds)

    def _log(self, program: Program) -> Path:
        return self.logs / f"{program.name}.log"

    def _last_words(self, program: Program) -> str:
        """Give the end of a log's last line, and where the rest stands."""
        path = self._log(program)
        with path.open("rb") as log:
            log.seek(max(0, path.stat().st_size - _TAIL_BYTES))
            lines = log.read().decode(errors="replace").splitlines()
        last = next((one for one in reversed(lines) if one.strip()), "no words")
        return f"{last[-_MOST_CHARACTERS:]} ({path})"

    async def _run_once(self, program: Program) -> int:
        """Run it to its end; give its exit code, negative for a signal."""
        with self._log(program).open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                _PRELOAD,
                *program.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(program.environment),
                start_new_session=True,
            )
        self.pids[program.name] = process.pid
        try:
            return await process.wait()
        finally:
            await _stop(process)


async def _stop(process: asyncio.subprocess.Process) -> None:
    """End a child and whatever is left of its session."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def read_procfile(path: Path) -> dict[str, tuple[str, ...]]:
    """
    Give the command of each process.

    Raises:
        ValueError: a line is not ``name: command``.
    """
    found: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, command = line.partition(":")
        if not (name.strip() and colon and command.strip()):
            raise ValueError(f"{path}:{number}: expected `name: command`")
        found[name.strip()] = tuple(shlex.split(command))
    return found


def programs_of(procfile: Path, environment: Mapping[str, str]) -> list[Program]:
    """Give each long-running process with its own part of the environment."""
    return [
        Program(name, _own(command), environment_of(name, environment))
        for name, command in read_procfile(procfile).items()
        if name != "release"
    ]


def environment_of(process: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Give a process its own part of the environment."""
    names = (*SHARED, *KNOWN.get(process, ()))
    prefix = PREFIXES.get(process)
    return {
        name: value
        for name, value in environment.items()
        if name in names or (prefix is not None and name.startswith(prefix))
    }


def _own(command: tuple[str, ...]) -> tuple[str, ...]:
    """Run our own command under this very interpreter."""
    if command[0] == "autopilot":
        return (sys.executable, "-m", "cli.main", *command[1:])
    return command
