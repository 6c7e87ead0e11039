"""
The scripted person of the unattended demo: opens the evidence, approves, and watches.

What it reports is read back from the outside: threads from the workspace, recovery from
the platform's own figures, executions from the platform's write log held against the
ledger, and the ledger from its rows.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import httpx

from audit.verification import Verified
from cli.audit import verify_all
from cli.clock import utc_now
from cli.lab_client import LabClient
from cli.ledgers import read_ledgers
from cli.local_world import CHANNEL, SCOPE, LocalWorld
from cli.progress import Progress
from orchestrator.settings import TrustSettings
from policy.event import Event
from storage import seals
from storage.database import Database, connect
from storage.ledger import Entry
from storage.steps import Step

APPROVE = "proposal:approve"
SERVICE = "discourse"
# The alert rule of the lab resolves below 1 %.
RECOVERED_RATIO = 0.01
_CARD_SECONDS = 90.0
_RECOVERY_SECONDS = 120.0
_SEAL_SECONDS = 15.0
_MOST_ENTRIES = 10_000
_POLL_SECONDS = 0.1


@dataclass(slots=True)
class Outcome:
    """What happened; seconds count from the start of the command."""

    recovered: bool = False
    threads: int = 0
    executions: Mapping[str, int] = field(default_factory=dict)
    ledger_verified: bool = False
    entries: int = 0
    seconds_to_first_thread: float | None = None
    seconds_to_recovery: float | None = None
    timeline: list[dict[str, object]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        once = bool(self.executions) and set(self.executions.values()) == {1}
        return self.recovered and once and self.ledger_verified and not self.problems

    def as_json(self) -> dict[str, object]:
        return {
            "recovered": self.recovered,
            "threads": self.threads,
            "executions": dict(self.executions),
            "ledger_verified": self.ledger_verified,
            "entries": self.entries,
            "seconds_to_first_thread": self.seconds_to_first_thread,
            "seconds_to_recovery": self.seconds_to_recovery,
            "timeline": self.timeline,
            "problems": self.problems,
        }


async def approve_and_watch(
    world: LocalWorld,
    lab: LabClient,
    progress: Progress,
    *,
    broke_at: float,
    stop: asyncio.Event,
) -> Outcome:
    """Be the person, then gather what is true."""
    outcome = Outcome()
    origin = utc_now().timestamp() - progress.seconds
    _note(outcome, broke_at, "platform.broken", f"bad flag on {SERVICE}")
    try:
        await _person(lab, progress, outcome, stop)
    except (TimeoutError, InterruptedError) as exc:
        outcome.problems.append(str(exc))
    outcome.threads = len(await _roots(lab))
    if outcome.threads != 1:
        outcome.problems.append(f"expected one thread, found {outcome.threads}")
    database = connect(world.environment["DATABASE_URL_SEALER"], utc_now, pool_size=1)
    try:
        await _read_ledger(world, database, outcome, origin)
    finally:
        await database.close()
    await _compare_writes(lab, outcome)
    outcome.timeline.sort(key=lambda row: float(str(row["at_seconds"])))
    return outcome


async def _person(
    lab: LabClient, progress: Progress, outcome: Outcome, stop: asyncio.Event
) -> None:
    async with progress.step("The alert opened a task in a thread"):
        await _until(
            lambda: _has_root(lab), _CARD_SECONDS, "no thread was opened", stop
        )
    outcome.seconds_to_first_thread = round(progress.seconds, 2)
    async with progress.step("The runner gathered evidence and proposed"):
        await _until(
            lambda: _has_button(lab), _CARD_SECONDS, "no card with Approve", stop
        )
    await _until(
        lambda: _has_evidence(lab), _CARD_SECONDS, "no evidence was posted", stop
    )
    opened = await _read_evidence(lab)
    _note(outcome, progress.seconds, "person.opened_evidence", opened)
    button = await lab.find_button(CHANNEL, APPROVE)
    if button is None:
        raise TimeoutError("the card went away before it could be approved")
    answer = await lab.click(button)
    _note(outcome, progress.seconds, "person.approved", f"ack {answer.get('status')}")
    async with progress.step("Approved: executed, and the platform recovered"):
        await _until(
            lambda: _is_well(lab), _RECOVERY_SECONDS, "the platform is still ill", stop
        )
        outcome.seconds_to_recovery = round(progress.seconds, 2)
        outcome.recovered = True
        await _until(
            lambda: _is_closed(lab), _RECOVERY_SECONDS, "the thread never said so", stop
        )


async def _read_ledger(
    world: LocalWorld, database: Database, outcome: Outcome, origin: float
) -> None:
    """Wait until all is signed, verify, and tell the story from the entries."""
    deadline = asyncio.get_running_loop().time() + _SEAL_SECONDS
    settings = TrustSettings.model_validate(world.environment)
    found = await verify_all(database, read_ledgers(settings))
    while any(_waits(one) for one in found):
        if asyncio.get_running_loop().time() > deadline:
            outcome.problems.append("the sealer left entries unsealed or unsigned")
            break
        await asyncio.sleep(_POLL_SECONDS)
        found = await verify_all(database, read_ledgers(settings))
    outcome.entries = sum(one.entries for one in found)
    outcome.problems += [one.problem for one in found if one.problem is not None]
    outcome.ledger_verified = bool(found) and not any(
        one.problem or _waits(one) for one in found
    )
    async with database.transaction(SCOPE, Step.look) as tx:
        sealed = await seals.list_sealed(tx, after=0, most=_MOST_ENTRIES)
    entries = [one.entry for one in sealed]
    outcome.executions = _count_executions(entries)
    for entry in entries:
        _note(outcome, entry.at.timestamp() - origin, entry.event, _tell(entry))


def _waits(found: Verified) -> bool:
    """Tell whether entries wait for seal, signature or anchor."""
    return bool(found.unsealed) or found.anchored < found.entries


def _count_executions(entries: Sequence[Entry]) -> Mapping[str, int]:
    """Count applied effects by tool, from the ledger alone."""
    tools: dict[str, str] = {}
    counted: Counter[str] = Counter()
    for entry in entries:
        body = json.loads(entry.body)
        if entry.event == Event.task_proposed_action:
            tools[body["proposal"]] = body["tool"]
        elif entry.event == Event.task_executed:
            counted[tools[body["proposal"]]] += 1
    return dict(counted)


async def _compare_writes(lab: LabClient, outcome: Outcome) -> None:
    """Hold the ledger against what the platform says was written."""
    writes = len(await lab.writes())
    told = sum(outcome.executions.values())
    if writes != told:
        outcome.problems.append(
            f"the ledger tells of {told} writes, the platform of {writes}"
        )


def _tell(entry: Entry) -> str:
    """Give one entry in a few words."""
    body: Mapping[str, object] = json.loads(entry.body)
    words = {
        Event.task_moved: "{from} → {to}: {reason}",
        Event.task_created: "{title}",
        Event.task_evidence_attached: "{tool} {digest:.12}",
        Event.task_proposed_action: "{tool} {params} by {rule}",
        Event.task_approved: "digest {digest:.12}",
        Event.task_executed: "{outcome}",
        Event.task_verified: "{text}",
    }
    pattern = words.get(Event(entry.event), "")
    said = pattern.format(**{key: _short(value) for key, value in body.items()})
    return f"{entry.actor}: {said}".rstrip(": ")


def _short(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _note(outcome: Outcome, at: float, event: str, text: str) -> None:
    outcome.timeline.append({"at_seconds": round(at, 3), "event": event, "text": text})


async def _until(
    check: Callable[[], Awaitable[bool]],
    seconds: float,
    problem: str,
    stop: asyncio.Event,
) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        with suppress(httpx.HTTPError):
            if await check():
                return
        if stop.is_set():
            raise InterruptedError("stopped by a signal")
        if loop.time() > deadline:
            raise TimeoutError(f"after {seconds:.0f} s: {problem}")
        await asyncio.sleep(_POLL_SECONDS)


async def _roots(lab: LabClient) -> list[Mapping[str, object]]:
    return [
        one
        for one in await lab.messages(CHANNEL)
        if one.get("bot_id") and not one.get("ephemeral") and _is_root(one)
    ]


def _is_root(message: Mapping[str, object]) -> bool:
    return message.get("thread_ts", message["ts"]) == message["ts"]


async def _has_root(lab: LabClient) -> bool:
    return bool(await _roots(lab))


async def _has_button(lab: LabClient) -> bool:
    return await lab.find_button(CHANNEL, APPROVE) is not None


async def _has_evidence(lab: LabClient) -> bool:
    return bool(await _read_evidence(lab))


async def _read_evidence(lab: LabClient) -> str:
    """Open the thread as a person would; give the findings' text, empty before."""
    for message in await lab.messages(CHANNEL):
        metadata = message.get("metadata")
        if isinstance(metadata, dict):
            slot = metadata.get("event_payload", {}).get("slot")
            if slot == "evidence":
                return str(message["text"])
    return ""


async def _is_well(lab: LabClient) -> bool:
    return await lab.error_ratio(SERVICE) < RECOVERED_RATIO


async def _is_closed(lab: LabClient) -> bool:
    return any("(closed)" in str(one["text"]) for one in await _roots(lab))
