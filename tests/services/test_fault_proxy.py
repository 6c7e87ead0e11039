"""
A write whose exchange breaks at any byte: never doubled, never lost, never guessed.

The platform's connector writes through a proxy that cuts, ends, delays or doubles the
response at each of its bytes, or lets only a part of the request through. What the
connector can't tell is read back, as the gateway does after the effect's deadline, and
what was not applied is sent again under the same key.
"""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import cast

import httpx
import pytest

from gateway.absent import absent_ports
from gateway.connectors.http import Api, Manners
from gateway.connectors.platform import PlatformServices, PlatformThrottles
from gateway.effect import Write, carry_out, read_back
from gateway.outcome import Ended
from gateway.registry import AnyWrite
from gateway.tools.throttle import THROTTLE_ENDPOINT, ThrottleParams, ThrottleTarget
from storage.steps import Effect
from tests.fault_proxy import FaultProxy, Mode, Plan, proxied
from tests.lab.world import PLATFORM_TOKEN, World, world_of
from tests.services.broken import Case, Clockwork, Door, execution_of_now, table

pytestmark = [pytest.mark.services, pytest.mark.timeout(900)]

SERVICE, ROUTE = "discourse", "POST /v1/replies"
OFF = ThrottleParams(service=SERVICE, route=ROUTE, limit_rps=0)
ON = ThrottleParams(service=SERVICE, route=ROUTE, limit_rps=400)
PATIENCE_SECONDS = 0.15
RESENT = {Ended.not_sent, Ended.not_seen}
BREAKING = (Mode.truncate, Mode.cut, Mode.delay, Mode.duplicate)


@asynccontextmanager
async def door(port: int, *, seconds: float = 8.0) -> AsyncIterator[Door]:
    """Open a connector of its own, whose circuit no other failure has opened."""
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}/platform",
        headers={"Authorization": f"Bearer {PLATFORM_TOKEN}"},
        timeout=seconds,
        trust_env=False,
    ) as client:
        api = Api("platform", client, Manners(deadline_seconds=seconds))
        ports = replace(
            absent_ports(),
            throttles=PlatformThrottles(api),
            catalogue=PlatformServices(api),
        )
        yield Door(ports, Clockwork())


@pytest.fixture
async def lab() -> AsyncIterator[World]:
    async with world_of(time.time) as made:
        yield made


def write_of(one: Door, params: ThrottleParams, seen: ThrottleTarget) -> Write:
    tool = cast("AnyWrite", THROTTLE_ENDPOINT)
    return Write(one.gate, tool, params, seen, "incident_mitigation")


async def observe(direct: Door) -> ThrottleTarget:
    return await THROTTLE_ENDPOINT.observe(ON, direct.ports)


async def play(direct: Door, proxy: FaultProxy, plan: Plan) -> Case:
    """Break one exchange, read back what is unknown, and send again what is missing."""
    before = await observe(direct)
    params = ON if before.limit_rps is None else OFF
    one = execution_of_now()
    proxy.arm(plan)
    async with door(proxy.port, seconds=PATIENCE_SECONDS) as broken:
        outcome = await carry_out(
            write_of(broken, params, before), one, Effect.tool_write
        )
    settled = outcome.ended
    straight = write_of(direct, params, before)
    if settled is Ended.unknown:
        await proxy.settle()
        settled = (await read_back(straight)).ended
    changed = (await observe(direct)).version - before.version
    wrong = _judge(settled, changed)
    if settled in RESENT:
        again = await carry_out(straight, one, Effect.tool_write)
        if again.ended is not Ended.applied:
            wrong = wrong or f"sent again: {again.ended}"
    writes = (await observe(direct)).version - before.version
    if writes != 1:
        wrong = wrong or f"{writes} writes"
    return Case(plan, outcome.ended, settled, writes, wrong)


def _judge(settled: Ended, changed: int) -> str:
    """Say what is wrong with an ending; nothing, if it is true."""
    if settled is Ended.applied:
        return "" if changed == 1 else f"said applied, {changed} writes"
    if settled in RESENT:
        return "" if changed == 0 else f"said not sent, {changed} writes"
    return f"ended {settled} with {changed} writes"


async def at_every_byte(direct: Door, proxy: FaultProxy, mode: Mode) -> list[Case]:
    """Break before each byte and after the last; messages differ in their length."""
    cases: list[Case] = []
    length = 0
    while len(cases) <= length:
        cases.append(await play(direct, proxy, Plan(mode, len(cases))))
        length = len(proxy.request if mode is Mode.request else proxy.response)
    return cases


def last_of(cases: Sequence[Case]) -> list[Case]:
    """Give the last place of each way to break."""
    return list({one.plan.mode: one for one in cases}.values())


async def test_a_write_broken_at_any_byte_happens_once(
    lab: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every byte of response and request, each way to break: one write, and told so."""
    lab_port = int(lab.url.rsplit(":", 1)[1])
    async with proxied(lab_port) as proxy, door(lab_port) as direct:
        whole = await play(direct, proxy, Plan(Mode.none))
        await play(direct, proxy, Plan(Mode.none))
        cases = [
            case
            for mode in (*BREAKING, Mode.request)
            for case in await at_every_byte(direct, proxy, mode)
        ]
    with capsys.disabled():
        print(table([whole, *cases]))

    assert whole.ended is Ended.applied
    assert [] == [one for one in cases if one.wrong]
    assert len(cases) > 1000
    # What breaks after its last byte has been heard.
    assert {Ended.applied} == {
        one.ended
        for one in last_of(cases)
        if one.plan.mode in {Mode.truncate, Mode.delay}
    }
    assert {Ended.unknown} == {
        one.ended for one in last_of(cases) if one.plan.mode is Mode.request
    }
