"""
``autopilot demo``: everything on one machine, from nothing to a recovered platform.

Attended, it prints where to look and follows the task until Ctrl-C. Unattended, a
scripted person opens the evidence and approves, and the exit code says whether the
platform recovered, each action ran once, and the ledger verifies.
"""

import asyncio
import json
import os
import platform
import shutil
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from cli.lab_client import LabClient
from cli.local_world import (
    CHANNEL,
    LocalWorld,
    Servers,
    Wanted,
    check_room,
    free_port,
    prepare,
    release_texts,
    servers,
)
from cli.policy_check import load_texts
from cli.progress import Progress
from cli.scripted_person import Outcome, approve_and_watch
from cli.supervisor import SHARED, Supervisor
from gateway.settings import FileSettings
from lab.embedded.folder_lock import FolderInUse, FolderLock
from lab.embedded.socket_folder import private_folder

BREAKAGE = "bad_flag"
SERVICE = "discourse"
_READY_SECONDS = 60.0
_MOST_DEMOS = 9


class NotReady(Exception):
    """A process did not come up in time; the message names its log."""


@dataclass(frozen=True, slots=True)
class DemoOptions:
    folder: str
    web_port: int
    lab_port: int
    sandbox: str
    unattended: bool
    as_json: bool
    settings: Mapping[str, str] = field(default_factory=dict)


async def run_demo(options: DemoOptions) -> int:
    """Run the demo; 0 if all went well or a person ended it."""
    progress = Progress()
    stop = _stop_event()
    load_texts(FileSettings.model_validate(release_texts()))
    lock, folder = _own_folder(Path(options.folder), progress)
    try:
        async with running_demo(options, folder, progress) as world:
            lab = LabClient(
                world.lab_url, platform_token=world.environment["PLATFORM_TOKEN"]
            )
            try:
                return await _play(options, world, lab, progress=progress, stop=stop)
            finally:
                await lab.close()
    finally:
        lock.release()


async def _play(
    options: DemoOptions,
    world: LocalWorld,
    lab: LabClient,
    *,
    progress: Progress,
    stop: asyncio.Event,
) -> int:
    await lab.break_platform(BREAKAGE)
    broke_at = progress.seconds
    progress.say(f"✓ Broke the platform: {BREAKAGE} on {SERVICE}")
    if not options.unattended:
        _say_where(world, progress)
        await _follow(lab, progress, stop)
        return 0
    outcome = await approve_and_watch(
        world, lab, progress, broke_at=broke_at, stop=stop
    )
    _print(outcome, as_json=options.as_json)
    return 0 if outcome.is_good else 1


@asynccontextmanager
async def running_demo(
    options: DemoOptions, folder: Path, progress: Progress
) -> AsyncIterator[LocalWorld]:
    """Start everything, and leave no process behind."""
    if platform.system() not in {"Linux", "Darwin"}:
        raise NotReady(f"{platform.system()} is not supported; use Linux or macOS")
    ports = free_port(options.web_port), free_port(options.lab_port)
    for name, wanted, got in zip(
        ("web", "lab"), (options.web_port, options.lab_port), ports, strict=True
    ):
        if wanted != got:
            progress.say(f"• port {wanted} is in use, {name} takes {got}")
    async with _starting(folder, progress) as running:
        async with progress.step("Migrated a fresh database, made keys and a tenant"):
            world = await prepare(
                running,
                Wanted(
                    folder,
                    ports,
                    _base_environment(),
                    sandbox=options.sandbox,
                    settings=options.settings,
                ),
            )
        _forget_logs(world.logs)
        supervisor = Supervisor(world.programs(), world.logs, progress.say)
        keeping = asyncio.ensure_future(supervisor.run())
        try:
            async with progress.step("Started web, gateway, worker, courier, sealer"):
                await _until_ready(world, keeping)
            _say_sandbox(world, progress)
            yield world
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            progress.say("• stopped every process")


@asynccontextmanager
async def _starting(folder: Path, progress: Progress) -> AsyncIterator[Servers]:
    """Show the start of the servers as a step, and keep them until the end."""
    async with AsyncExitStack() as kept:
        async with progress.step("Started Postgres and Valkey, for this user alone"):
            running = await kept.enter_async_context(servers(folder))
        yield running


def _own_folder(wanted: Path, progress: Progress) -> tuple[FolderLock, Path]:
    """Take the state folder, or the next one if a demo runs in it."""
    for number in range(1, _MOST_DEMOS + 1):
        folder = wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}")
        check_room(folder)
        lock = FolderLock(private_folder(folder.absolute()))
        try:
            lock.acquire()
        except FolderInUse:
            progress.say(f"• another demo runs in {folder}, taking the next folder")
            continue
        return lock, folder.absolute()
    raise NotReady(f"{_MOST_DEMOS} demos run beside {wanted}; stop one")


async def _until_ready(world: LocalWorld, keeping: "asyncio.Future[None]") -> None:
    """Wait for web, lab, gateway and worker, each by its own sign of life."""
    deadline = asyncio.get_running_loop().time() + _READY_SECONDS
    folder = Path(world.environment["GATEWAY_SOCKET_FOLDER"])
    async with httpx.AsyncClient(timeout=2.0, trust_env=False) as http:
        waiting = ["web", "lab", "gateway", "worker"]
        while waiting:
            if keeping.done() or asyncio.get_running_loop().time() > deadline:
                check_room(world.logs)
                raise NotReady(
                    f"{', '.join(waiting)} did not come up; "
                    f"see {world.logs}/{waiting[0]}.log"
                )
            waiting = [
                one for one in waiting if not await _is_ready(one, world, http, folder)
            ]
            await asyncio.sleep(0.05)


async def _is_ready(
    name: str, world: LocalWorld, http: httpx.AsyncClient, folder: Path
) -> bool:
    if name == "gateway":
        return (folder / "control.sock").exists()
    if name == "worker":
        return "sandbox.ready" in _log(world, "worker")
    path = {"web": f"{world.web_url}/readyz", "lab": f"{world.lab_url}/lab/platform"}
    try:
        return (await http.get(path[name])).is_success
    except httpx.HTTPError:
        return False


def _log(world: LocalWorld, name: str) -> str:
    path = world.logs / f"{name}.log"
    return path.read_text(errors="replace") if path.exists() else ""


def _say_sandbox(world: LocalWorld, progress: Progress) -> None:
    """Name what contains the runs; a banner where nothing does."""
    for line in _log(world, "worker").splitlines():
        if '"sandbox.ready"' not in line:
            continue
        found = json.loads(line)
        provider = found["provider"]
        if provider == "none":
            progress.say("━" * 72)
            progress.say(
                "  NO SANDBOX on this machine: elsewhere writes would be drafts."
            )
            progress.say("  The demo goes on: its one connector is the lab's.")
            for name, why in found.get("rejected", {}).items():
                progress.say(f"  {name}: {why}")
            progress.say("━" * 72)
        else:
            progress.say(f"• runs are contained by {provider}")
        return


def _say_where(world: LocalWorld, progress: Progress) -> None:
    thread = f"{world.lab_url}/?channel={CHANNEL}&user=U0OPERATOR"
    progress.say()
    progress.say(f"  Slack workspace   {thread}")
    progress.say(f"  Health            {world.web_url}/readyz")
    progress.say(f"  Logs              {world.logs}")
    progress.say()
    progress.say("Open the workspace, read the card, click Approve. Ctrl-C stops all.")


async def _follow(lab: LabClient, progress: Progress, stop: asyncio.Event) -> None:
    """Show the newest task's first line until a person ends the demo."""
    shown = ""
    while not stop.is_set():
        try:
            roots = [m for m in await lab.messages(CHANNEL) if _is_root(m)]
            ratio = await lab.error_ratio(SERVICE)
        except httpx.HTTPError:
            roots, ratio = [], 0.0
        text = str(roots[-1]["text"]) if roots else "waiting for the alert"
        progress.live(f"{text}   [{SERVICE} 5xx {ratio * 100:.1f} %]")
        if text != shown:
            progress.live("")
            progress.say(f"  {text}")
            shown = text
        try:
            await asyncio.wait_for(stop.wait(), 0.5)
        except TimeoutError:
            continue


def _is_root(message: object) -> bool:
    return (
        isinstance(message, dict)
        and message.get("bot_id") is not None
        and message.get("thread_ts", message["ts"]) == message["ts"]
        and not message.get("ephemeral")
    )


def _print(outcome: Outcome, *, as_json: bool) -> None:
    facts = outcome.as_json()
    if as_json:
        print(json.dumps(facts, ensure_ascii=False))
        return
    for row in outcome.timeline:
        print(f"{row['at_seconds']:8.2f} s  {row['event']:26} {row['text']}")
    print()
    for name in ("recovered", "threads", "executions", "ledger_verified", "entries",
                 "seconds_to_first_thread", "seconds_to_recovery"):  # fmt: skip
        print(f"{name:24} {facts[name]}")
    for problem in outcome.problems:
        print(f"✗ {problem}")


def _stop_event() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    main = asyncio.current_task()

    def end() -> None:
        # Once: end gently. Twice, or while starting: cancel.
        if stop.is_set() and main is not None:
            main.cancel()
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)
    return stop


def _forget_logs(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _base_environment() -> dict[str, str]:
    own = os.environ  # noqa: TID251 - handed on, name by name
    return {name: own[name] for name in SHARED if name in own}
