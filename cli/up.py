"""``autopilot up``: the Procfile against servers of your own."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

from audit.checkpoint import load_signing_key
from bot.settings import CourierSettings, WebSettings
from cli.migrate import ReleaseSettings
from cli.policy_check import load_texts
from cli.processes import ROOT
from cli.progress import Progress
from cli.supervisor import Supervisor, programs_of
from gateway.connector_config import check_secrets
from gateway.settings import FileSettings, GatewaySettings, connector_secrets
from gateway.tokens import Signer, Verifier
from orchestrator.settings import SealerSettings, WorkerSettings


async def run_up(logs: str) -> int:
    """
    Migrate, then run every process until a signal; logs go to files.

    Settings, keys and the release's texts are checked first: what one process would
    say in its log while the others run is said here, before anything starts.
    """
    for settings in (
        ReleaseSettings,
        WebSettings,
        GatewaySettings,
        WorkerSettings,
        CourierSettings,
        SealerSettings,
    ):
        settings()
    Signer(WorkerSettings().token_private_key)
    Verifier(GatewaySettings().token_public_key)
    load_signing_key(SealerSettings().signing_key)
    texts = load_texts(FileSettings())
    environment = dict(os.environ)  # noqa: TID251 - handed on to the processes
    path = FileSettings().connectors_file
    if path is not None:
        check_secrets(texts.connectors, connector_secrets(environment), path=path)
    folder = Path(logs)
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - before the loop
    environment.setdefault("PYTHONPATH", str(ROOT))
    done = subprocess.run(  # noqa: ASYNC221 - our own command, before the loop
        [sys.executable, "-m", "cli.main", "db", "upgrade"],
        env=environment,
        check=False,
    )
    if done.returncode != 0:
        return done.returncode
    programs = programs_of(ROOT / "Procfile", environment)
    supervisor = Supervisor(programs, folder, Progress().say)
    print(f"running {', '.join(one.name for one in supervisor.programs)}; logs: {logs}")
    await run_until_signal(supervisor)
    return 0


async def run_until_signal(supervisor: Supervisor) -> None:
    """Run until SIGINT or SIGTERM; every child is gone at the end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(supervisor.run())
        await stop.wait()
        running.cancel()
