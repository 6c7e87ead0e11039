"""
A write sent again, and a reversion, whose answers break at any byte: each happens once.

The gateway's own steps run over the real database, before the lab's platform, behind a
proxy that breaks the answer. Each case is one action that expires: its first request
never arrives, the second is broken at a byte; once its time is over, so is the request
that takes it back. Processes die in between, with the broken answer in hand or before
they have one.
"""

import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

import httpx
import pytest
from fastapi import FastAPI

from gateway.connectors.http import Api, Manners
from gateway.connectors.platform import PlatformServices, PlatformThrottles
from gateway.tools.throttle import THROTTLE_ENDPOINT
from lab.changes import ChangeFeed
from lab.platform.api import PlatformApi
from lab.platform.model import Platform, healthy_platform
from lab.platform.write_desk import WriteDesk
from lab.platform.writes import WriteLog
from storage.proposals import Proposal
from tests.fault_proxy import WHOLE, FaultProxy, Mode, Plan, proxied
from tests.faults import KillAt, Killed
from tests.gateway.expiring import LASTS, SETTLED_SECONDS, advance, expiring, state
from tests.gateway.steps import states, step
from tests.gateway.world import World
from tests.lab.world import PLATFORM_TOKEN, free_socket, port_of, served

pytestmark = [pytest.mark.services, pytest.mark.timeout(1500)]

Step = Callable[[], Awaitable[str]]
PATIENCE_SECONDS = 0.2
HOUR_SECONDS = 3600
# Enough for a resend, a read-back and a measurement, each with its pause.
MOST_STEPS = 8
BREAKING = (Mode.truncate, Mode.cut, Mode.delay, Mode.duplicate)
UNHEARD = Plan(Mode.request, 20, method="PUT")
# Where a process dies that sends again, or takes back.
DEATHS = [
    {"apply": "after:execution_intent"},
    {"apply": "before:execution_outcome"},
    {"apply": "after:execution_outcome"},
    {"revert": "after:reversion_intent"},
    {"revert": "before:reversion_outcome"},
    {"revert": "after:reversion_outcome"},
]
PLACES = 5
LEAST_BYTES = 200
SERVICE, ROUTE = "discourse", "POST /v1/replies"
AS_IT_SHOULD = ("unknown", "succeeded", "completed", "done", 1, 1, 2)
LIMITED = {"service": SERVICE, "route": ROUTE, "limit_rps": 700}


@dataclass
class Lab:
    """
    The platform as it is, the proxy before it, and a gateway that may die.

    ``length`` is the last write's answer's, in bytes.
    """

    platform: Platform
    writes: WriteLog
    proxy: FaultProxy
    world: World
    mortal: World
    kill: KillAt
    http: httpx.AsyncClient
    length: int = 0

    def effects(self, proposal: Proposal, phase: str) -> int:
        """Count what took effect of all that was sent under keys of this phase."""
        mine = f"{proposal.id}:{phase}"
        return sum(str(one["key"]).startswith(mine) for one in self.writes.listed())


@dataclass(frozen=True)
class Case:
    """What breaks, what the two broken steps said, and what is wrong in the end."""

    plan: Plan
    sent: str
    taken_back: str
    wrong: str


@pytest.fixture
async def lab(world: World) -> AsyncIterator[Lab]:
    world.outside.recover()
    now = time.time()
    platform = healthy_platform(seed=5, now=now)
    writes = WriteLog()
    desk = WriteDesk(writes, platform.audit, time.time, ChangeFeed())
    app = FastAPI()
    app.include_router(PlatformApi(platform, desk).router(PLATFORM_TOKEN))
    bound = free_socket()
    kill = KillAt("")
    async with (
        served(app, bound),
        proxied(port_of(bound)) as proxy,
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{proxy.port}/platform",
            headers={"Authorization": f"Bearer {PLATFORM_TOKEN}"},
            limits=httpx.Limits(max_keepalive_connections=0),
            trust_env=False,
        ) as http,
    ):
        mortal = world.killed_at(kill)
        yield Lab(platform, writes, proxy, world, mortal, kill, http)


def through(lab: Lab, world: World, *, seconds: float = 8.0) -> World:
    """Have a gateway write by a connector of its own, whose circuit is whole."""
    api = Api("platform", lab.http, Manners(deadline_seconds=seconds))
    ports = replace(
        world.gate.ports,
        throttles=PlatformThrottles(api),
        catalogue=PlatformServices(api),
    )
    return expiring(
        replace(world, gate=replace(world.gate, ports=ports)), THROTTLE_ENDPOINT
    )


async def broken(lab: Lab, plan: Plan, point: str, take: Step) -> str:
    """Break the one write of a step, and say what it answers, if its process lives."""
    lab.proxy.arm(plan)
    lab.kill.point, lab.kill.reached = point, False
    try:
        for _ in range(MOST_STEPS):
            said = await take()
            if lab.proxy.taken:
                break
            # A read before the write was slower than the patience of this case.
            lab.world.database.clock.move(seconds=SETTLED_SECONDS)
    except Killed:
        said = f"died {point}"
    finally:
        answers = [len(got) for sent, got in lab.proxy.seen if sent.startswith(b"PUT")]
        lab.length = max(answers, default=0)
        lab.proxy.arm(Plan(Mode.none))
        lab.kill.point = ""
    return said


async def play(lab: Lab, plan: Plan, *, apply: str = "", revert: str = "") -> Case:
    """
    Carry one action out and take it back, with both writes broken at a byte.

    ``apply`` and ``revert`` are where the process dies that makes the write.
    """
    throttle = lab.platform.throttles[SERVICE, ROUTE]
    version = throttle.version
    clock = lab.world.database.clock
    clock.move(seconds=HOUR_SECONDS)
    patience = PATIENCE_SECONDS if plan.mode is Mode.delay else 8.0
    world = through(lab, lab.world)
    mortal = through(lab, lab.mortal, seconds=patience)
    proposal = await world.approved(tool=THROTTLE_ENDPOINT.name, params=LIMITED)

    async def send() -> str:
        return (await step(mortal, proposal)).code

    async def take() -> str:
        return (await advance(mortal, proposal)).text.partition(" (")[0]

    first = await broken(lab, UNHEARD, "", send)
    clock.move(seconds=SETTLED_SECONDS)
    sent = await broken(lab, plan, apply, send)
    await finish(world, proposal)
    applied = lab.effects(proposal, "apply")
    clock.move(seconds=LASTS + 1)
    taken_back = await broken(lab, plan, revert, take)
    await take_back(world, proposal)
    found = (
        first,
        *await states(world, proposal),
        await state(world, proposal),
        applied,
        lab.effects(proposal, "revert"),
        throttle.version - version,
    )
    wrong = "" if found == AS_IT_SHOULD else str(found)
    return Case(plan, sent, taken_back, wrong)


async def finish(world: World, proposal: Proposal) -> None:
    """Do what is left of the action, as any worker does."""
    for _ in range(MOST_STEPS):
        if (await world.proposal(proposal.id)).state not in {"executing", "verifying"}:
            return
        world.database.clock.move(seconds=SETTLED_SECONDS)
        await step(world, proposal)


async def take_back(world: World, proposal: Proposal) -> None:
    for _ in range(MOST_STEPS):
        if (await state(world, proposal)) not in {"scheduled", "running", "applied"}:
            return
        world.database.clock.move(seconds=SETTLED_SECONDS)
        await advance(world, proposal)


def table(title: str, cases: Sequence[Case]) -> str:
    """Give positions tried and first answers, a line for each way to break."""
    lines = ["", title]
    for mode in Mode:
        mine = [one for one in cases if one.plan.mode is mode]
        if mine:
            sent = Counter(one.sent for one in mine)
            back = Counter(one.taken_back for one in mine)
            lines.append(f"  {mode:<10} {len(mine):>5}  {say(sent)} | {say(back)}")
    return "\n".join(lines)


def say(counted: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counted.items()))


async def length_of_answer(lab: Lab) -> int:
    """Break nothing, and give the bytes of the shorter of the two answers."""
    whole = await play(lab, Plan(Mode.none, method="PUT"))
    assert "" == whole.wrong
    return lab.length


@pytest.mark.parametrize("mode", BREAKING)
async def test_a_write_sent_again_and_its_reversion_happen_once(
    lab: Lab,
    mode: Mode,
    capsys: pytest.CaptureFixture[str],
    pytestconfig: pytest.Config,
) -> None:
    """At every third byte of the answer, or at each with ``--fault-stride 1``."""
    stride = int(pytestconfig.getoption("--fault-stride", default=3))
    length = await length_of_answer(lab)
    spread = range(BREAKING.index(mode) % stride, length, stride)
    # Later answers are longer by a digit or two of their version.
    places = [*spread, -2, -1, WHOLE]
    cases = [await play(lab, Plan(mode, at, method="PUT")) for at in places]
    with capsys.disabled():
        print(table("gateway: mode, positions, sent again | taken back", cases))

    assert [] == [one for one in cases if one.wrong]
    assert length > LEAST_BYTES


async def test_who_dies_with_a_broken_answer_leaves_one_effect(
    lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    """Places over the answer, each way to break it, each place to die."""
    length = await length_of_answer(lab)
    places = [length * part // PLACES for part in range(PLACES)]
    cases = [
        await play(lab, Plan(mode, at, method="PUT"), **death)
        for mode in BREAKING
        for at in places
        for death in DEATHS
    ]
    with capsys.disabled():
        print(table("gateway killed: mode, cases, sent again | taken back", cases))

    assert [] == [one for one in cases if one.wrong]
    assert {f"died {point}" for one in DEATHS for point in one.values()} <= {
        said for one in cases for said in (one.sent, one.taken_back)
    }
