"""
A change of several requests at a real Unleash, broken in any of them.

Unleash takes no key and no condition, so a broken change is read back and never sent
again: what is told as applied is whole, what is told as not sent left no trace, and
what lies between goes to a person.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import cast

import httpx
import pytest

from gateway.absent import absent_ports
from gateway.connectors.http import Api, Manners
from gateway.connectors.unleash import Unleash
from gateway.effect import Write, carry_out, read_back
from gateway.outcome import Ended
from gateway.registry import AnyWrite
from gateway.tools.feature_flag import TOGGLE_FEATURE_FLAG, FlagParams, FlagTarget
from storage.steps import Effect
from tests.fault_proxy import WHOLE, FaultProxy, Mode, Plan, proxied
from tests.services.broken import Case, Clockwork, Door, execution_of_now, table
from tests.services.servers import Server
from tests.services.unleash_owner import ENVIRONMENT, NAMED, TARGETED, Owner, owning

pytestmark = [pytest.mark.services, pytest.mark.timeout(900)]

PATIENCE_SECONDS = 0.4
_PLACES = 5
BREAKING = (Mode.truncate, Mode.cut, Mode.delay, Mode.duplicate)
TOOL = cast("AnyWrite", TOGGLE_FEATURE_FLAG)


@pytest.fixture
def owner(real_unleash: Server) -> Iterator[Owner]:
    with owning(real_unleash) as found:
        yield found


@asynccontextmanager
async def door(url: str, token: str, *, seconds: float = 8.0) -> AsyncIterator[Door]:
    """Open a connector that takes a connection of its own for each exchange."""
    async with httpx.AsyncClient(
        base_url=url,
        headers={"Authorization": token, "Accept-Encoding": "identity"},
        timeout=seconds,
        limits=httpx.Limits(max_keepalive_connections=0),
        trust_env=False,
    ) as client:
        api = Api("unleash", client, Manners(deadline_seconds=seconds))
        flags = Unleash(
            api, project="default", environment=ENVIRONMENT, service_tag="service"
        )
        yield Door(replace(absent_ports(), flags=flags), Clockwork())


async def observe(direct: Door, params: FlagParams) -> FlagTarget:
    return await TOGGLE_FEATURE_FLAG.observe(params, direct.ports)


async def play(
    owner: Owner, direct: Door, broken: Door, proxy: FaultProxy, plan: Plan
) -> Case:
    """Break one exchange of one change of a new flag, and read back what is unknown."""
    key = owner.make(TARGETED, NAMED, enabled=False, service="proxied")
    params = FlagParams(flag_key=key, enabled=True, rollout_percent=40)
    before = await observe(direct, params)
    proxy.arm(plan)
    write = Write(broken.gate, TOOL, params, before, "incident_mitigation")
    outcome = await carry_out(write, execution_of_now(), Effect.tool_write)
    settled = outcome.ended
    if settled is Ended.unknown:
        settled = (await read_back(replace(write, gate=direct.gate))).ended
    now = await observe(direct, params)
    meant = direct.ports.flags.after(
        key, before.former, enabled=True, rollout_percent=40
    )
    return Case(
        plan,
        outcome.ended,
        settled,
        int(now.version != before.version),
        _judge(
            settled, whole=now.former == meant, untouched=now.version == before.version
        ),
    )


def _judge(settled: Ended, *, whole: bool, untouched: bool) -> str:
    """Say what is wrong with an ending; nothing, if it is true."""
    if settled is Ended.applied:
        return "" if whole else "said applied, and is not whole"
    if settled is Ended.lost:
        return "said lost, and is whole" if whole else ""
    return "" if untouched else f"said {settled}, and left a trace"


def places(length: int) -> list[int]:
    """Give byte positions over a message, before its first byte and after its last."""
    spread = [length * part // _PLACES for part in range(_PLACES)]
    return [*sorted({0, 1, *spread}), -1, WHOLE]


async def test_a_change_broken_in_any_request_is_told_as_it_is(
    owner: Owner, real_unleash: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each exchange, each way to break, over the bytes of its message."""
    port = int(real_unleash.url.rsplit(":", 1)[1])
    token = real_unleash.token
    cases: list[Case] = []
    async with proxied(port) as proxy, door(real_unleash.url, token) as direct:
        broken_url = f"http://127.0.0.1:{proxy.port}"

        async def one(plan: Plan) -> Case:
            # A door of its own, whose circuit no other failure has opened.
            # Nothing but a silence needs to be waited for, and a machine may be busy.
            seconds = PATIENCE_SECONDS if plan.mode is Mode.delay else 8.0
            async with door(broken_url, token, seconds=seconds) as broken:
                return await play(owner, direct, broken, proxy, plan)

        first = await one(Plan(Mode.none))
        exchanges = list(proxy.seen)
        for number, (request, response) in enumerate(exchanges):
            for mode in (*BREAKING, Mode.request):
                sent = request if mode is Mode.request else response
                cases += [await one(Plan(mode, at, number)) for at in places(len(sent))]
    with capsys.disabled():
        print(f"\n{len(exchanges)} exchanges a change", table([first, *cases]))

    assert first.ended is Ended.applied
    assert [] == [case for case in cases if case.wrong]
    assert {Ended.applied, Ended.lost, Ended.not_sent} <= {one.settled for one in cases}
