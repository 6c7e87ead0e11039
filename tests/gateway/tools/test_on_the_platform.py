"""Every write tool against the lab's platform, over its real HTTP API."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel, JsonValue

from gateway.absent import absent_ports
from gateway.connectors.http import Api
from gateway.connectors.platform import (
    PlatformFlags,
    PlatformQueues,
    PlatformServices,
    PlatformThrottles,
    PlatformTraces,
)
from gateway.connectors.platform_content import (
    PlatformAppeals,
    PlatformContents,
    PlatformFrictions,
)
from gateway.connectors.platform_data import (
    PlatformAudit,
    PlatformConsumers,
    PlatformPipelines,
)
from gateway.connectors.platform_people import PlatformAccounts, PlatformIdentity
from gateway.connectors.platform_support import (
    PlatformCampaigns,
    PlatformExperiments,
    PlatformTickets,
)
from gateway.grounding import Grounding, Source, ground
from gateway.ports import Ports, StateMoved
from gateway.registry import AnyRead, AnyWrite, Occasion, ReadTool, Settled, WriteTool
from gateway.tools.catalog import all_tools
from lab.changes import ChangeFeed
from lab.platform.api import PlatformApi
from lab.platform.breakage import Breakage
from lab.platform.model import Platform, healthy_platform
from lab.platform.write_desk import WriteDesk
from lab.platform.writes import WriteLog
from policy.tool_spec import ToolCategory
from tests.gateway.outside import SCOPE, order

NOW = 1_800_000_000.0
TOKEN = "of-the-tests"  # noqa: S105
PILED_ON = "content:c_2001"
Params = dict[str, JsonValue]


@dataclass
class Living:
    """The platform, its clock, and the ports that lead to it over HTTP."""

    platform: Platform
    ports: Ports
    http: httpx.AsyncClient
    now: float = NOW

    def step(self, seconds: float) -> None:
        self.now += seconds
        self.platform.step(seconds, now=self.now)

    def break_by(self, kind: Breakage) -> None:
        self.platform.break_by(kind, now=self.now)

    async def writes(self, key: str) -> list[dict[str, JsonValue]]:
        listed = (await self.http.get("/writes")).json()["writes"]
        return [one for one in listed if one["key"] == key]


@dataclass(frozen=True)
class Case:
    """``held`` are the fields of the state that an undo has to restore."""

    params: Callable[[Living], Params]
    prepare: Callable[[Living], None] = lambda _living: None
    held: tuple[str, ...] = field(default=())


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


def gap(living: Living) -> Params:
    [(begin, end)] = living.platform.society.pipelines["warehouse"].gaps
    return {"pipeline": "warehouse", "from_at": iso(begin), "to_at": iso(end)}


def pile_on(living: Living) -> None:
    """Let a dogpile begin where a mild friction is on already."""
    living.break_by(Breakage.DOGPILE)
    living.platform.society.friction(PILED_ON).set("confirm", living.now + 7200)


CASES = {
    "toggle_feature_flag": Case(
        lambda _: {"flag_key": "new_ranker", "enabled": False, "rollout_percent": 0},
        lambda living: living.break_by(Breakage.BAD_FLAG),
        ("enabled", "rollout_percent"),
    ),
    "throttle_endpoint": Case(
        lambda _: {
            "service": "discourse",
            "route": "POST /v1/replies",
            "limit_rps": 700,
        },
        lambda living: living.break_by(Breakage.TRAFFIC_SURGE),
        ("limit_rps",),
    ),
    "apply_friction": Case(
        lambda living: {
            "target": PILED_ON,
            "friction_type": "slow_mode",
            "expires_at": iso(living.now + 3600),
        },
        pile_on,
        ("friction_type", "expires_at"),
    ),
    "revoke_push_tokens": Case(
        lambda _: {"user_id": "u_1002"}, held=("push_revoked", "push_tokens")
    ),
    "remove_content": Case(lambda _: {"content_id": "c_2002"}),
    "ban_user": Case(lambda _: {"user_id": "u_1002", "duration_hours": 24}),
    "resolve_appeal": Case(
        lambda _: {"appeal_id": "a_501", "resolution": "overturned"}
    ),
    "revoke_sessions": Case(lambda _: {"user_id": "u_1003"}),
    "send_reset_link": Case(lambda _: {"user_id": "u_1003"}),
    "restart_consumer": Case(
        lambda _: {"consumer_group": "warehouse-loader"},
        lambda living: living.break_by(Breakage.STUCK_CONSUMER),
    ),
    "start_backfill": Case(
        gap, lambda living: living.break_by(Breakage.STUCK_CONSUMER)
    ),
    "schedule_campaign": Case(
        lambda living: {
            "campaign_key": "gathering-autumn",
            "segment": "gathering-hosts",
            "template": "gathering-reminder",
            "starts_at": iso(living.now + 900),
        }
    ),
    "add_ticket_comment": Case(
        lambda _: {"ticket_id": "48211", "body": "A link is sent.", "public": True}
    ),
}
# Params, and what the answer must hold.
READS: dict[str, tuple[Params, str]] = {
    "trace_lookup": ({"service": "discourse"}, "new_ranker"),
    "get_queue_state": ({"queue": "warehouse-loader"}, '"pipeline":"warehouse"'),
    "get_user_360": ({"user_id": "u_1002"}, '"target":"user:u_1002"'),
    "get_content_360": ({"content_id": "c_2001"}, '"target":"content:c_2001"'),
    "search_audit_logs": ({"query": "new_ranker"}, '"actor":"release-train"'),
    "get_ticket": ({"ticket_id": "48211"}, '"user_id":"u_1003"'),
    "get_experiment": ({"experiment_key": "ranker-v2"}, '"chance_to_win":0.94'),
    "get_campaign_plan": ({}, '"templates":["come-back"'),
    "search_insights": ({"query": "password"}, '"ticket_id":"48211"'),
}
# The read that cites a write's target, and what else it names.
CITED_BY: dict[str, tuple[str, Params]] = {
    "apply_friction": ("get_content_360", {"content_id": "c_2001"}),
    "revoke_push_tokens": ("get_user_360", {"user_id": "u_1002"}),
    "remove_content": ("get_content_360", {"content_id": "c_2002"}),
    "ban_user": ("get_user_360", {"user_id": "u_1002"}),
    "resolve_appeal": ("search_audit_logs", {"query": "appeal.opened"}),
    "revoke_sessions": ("get_user_360", {"user_id": "u_1003"}),
    "send_reset_link": ("get_ticket", {"ticket_id": "48211"}),
    "restart_consumer": ("get_queue_state", {"queue": "warehouse-loader"}),
    "start_backfill": ("get_queue_state", {"queue": "warehouse-loader"}),
    "schedule_campaign": ("get_campaign_plan", {}),
    "add_ticket_comment": ("get_ticket", {"ticket_id": "48211"}),
}
# A second mail, restart or comment is one more: no state of the target forbids it.
EACH_TIME = {"send_reset_link", "restart_consumer", "add_ticket_comment"}
# It reads Prometheus, which is no part of the platform's own API.
ELSEWHERE = {"get_dashboard_snapshot"}


def tools() -> list[AnyRead | AnyWrite]:
    registry = all_tools()
    found = [registry.find(spec.name) for spec in registry.specs]
    return [tool for tool in found if tool is not None]


WRITES = [tool for tool in tools() if isinstance(tool, WriteTool)]


@pytest.fixture
async def living() -> AsyncIterator[Living]:
    platform = healthy_platform(seed=5, now=NOW)
    desk = WriteDesk(WriteLog(), platform.audit, lambda: made.now, ChangeFeed())
    app = FastAPI()
    app.include_router(PlatformApi(platform, desk).router(TOKEN))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://platform.test/platform",
        headers={"Authorization": f"Bearer {TOKEN}"},
    ) as http:
        ports = replace(ports_of(Api("platform", http)), now=lambda: made.now)
        made = Living(platform, ports, http)
        made.step(5)
        yield made


def ports_of(api: Api) -> Ports:
    return replace(
        absent_ports(),
        catalogue=PlatformServices(api),
        flags=PlatformFlags(api),
        throttles=PlatformThrottles(api),
        queues=PlatformQueues(api),
        traces=PlatformTraces(api),
        accounts=PlatformAccounts(api),
        identity=PlatformIdentity(api),
        contents=PlatformContents(api),
        frictions=PlatformFrictions(api),
        appeals=PlatformAppeals(api),
        consumers=PlatformConsumers(api),
        pipelines=PlatformPipelines(api),
        campaigns=PlatformCampaigns(api),
        tickets=PlatformTickets(api),
        experiments=PlatformExperiments(api),
        audit=PlatformAudit(api),
    )


def begin(living: Living, tool: AnyWrite) -> BaseModel:
    """Break what the tool mends, let it show, and give the params."""
    case = CASES[tool.name]
    case.prepare(living)
    living.step(15)
    return tool.params.model_validate(case.params(living))


async def verified(living: Living, tool: AnyWrite, *given: BaseModel) -> bool | None:
    """Let the platform live until the tool has made up its mind."""
    params, before = given
    for _ in range(int(tool.verify_seconds / 5)):
        living.step(5)
        found = await tool.verify(params, before, living.ports)
        if found.done is not None:
            return found.done
    return None


def held(tool: AnyWrite, state: BaseModel) -> dict[str, object]:
    return {name: getattr(state, name) for name in CASES[tool.name].held}


def test_every_tool_has_a_case() -> None:
    """A new tool comes with one, or this fails."""
    reads = {tool.name for tool in tools() if isinstance(tool, ReadTool)}

    assert set(CASES) == {tool.name for tool in WRITES}
    assert set(READS) == reads - ELSEWHERE


@pytest.mark.parametrize("tool", WRITES, ids=lambda tool: tool.name)
async def test_a_write_is_measured_done_once_and_verified(
    living: Living, tool: AnyWrite
) -> None:
    """What was measured is more than nothing; a retry changes nothing."""
    params = begin(living, tool)
    before = await tool.observe(params, living.ports)
    reach = await tool.estimate(params, before, living.ports)
    if tool.rehearse is not None:
        await tool.rehearse(params, before, living.ports)
    for _ in range(2):
        await tool.execute(params, before, living.ports, order("key-1"))
    seen = await tool.observe(params, living.ports)

    assert reach.amount > 0
    assert [1] == [one["replays"] for one in await living.writes("key-1")]
    assert Settled.applied is tool.reconcile(params, before, seen)
    assert True is await verified(living, tool, params, before)


@pytest.mark.parametrize("tool", WRITES, ids=lambda tool: tool.name)
async def test_what_was_done_is_there_already(living: Living, tool: AnyWrite) -> None:
    """Only what does something each time has nothing to say."""
    params = begin(living, tool)
    before = await tool.observe(params, living.ports)
    await tool.execute(params, before, living.ports, order("key-1"))
    now = await tool.observe(params, living.ports)

    assert (tool.already is None) == (tool.name in EACH_TIME)
    if tool.already is not None:
        assert tool.already(params, before) is None
        assert tool.already(params, now) is not None


@pytest.mark.parametrize("tool", WRITES, ids=lambda tool: tool.name)
async def test_a_write_on_what_moved_does_nothing(
    living: Living, tool: AnyWrite
) -> None:
    """Somebody was faster: the version seen is no longer the target's."""
    params = begin(living, tool)
    before = await tool.observe(params, living.ports)
    stale = before.model_copy(update={"version": 99})

    assert Settled.not_applied is tool.reconcile(params, before, before)
    with pytest.raises(StateMoved):
        await tool.execute(params, stale, living.ports, order("key-1"))
    assert [] == await living.writes("key-1")


@pytest.mark.parametrize(
    "tool",
    [one for one in WRITES if one.category is ToolCategory.write_reversible],
    ids=lambda tool: tool.name,
)
async def test_an_undo_restores_the_former_state_exactly(
    living: Living, tool: AnyWrite
) -> None:
    """Executed, changed, taken back: as if it had never been."""
    params = begin(living, tool)
    before = await tool.observe(params, living.ports)
    after = await tool.execute(params, before, living.ports, order("key-1"))
    assert tool.undo is not None
    back = tool.undo(params, before)
    assert Settled.not_applied is tool.reconcile(back, after, after)
    await tool.execute(back, after, living.ports, order("key-2"))
    restored = await tool.observe(back, living.ports)

    assert held(tool, before) != held(tool, after)
    assert held(tool, before) == held(tool, restored)
    assert Settled.applied is tool.reconcile(back, after, restored)


@pytest.mark.parametrize("name", sorted(READS))
async def test_a_read_reads(living: Living, name: str) -> None:
    """Every read tool finds on the platform what it is for."""
    living.break_by(Breakage.BAD_FLAG)
    living.break_by(Breakage.STUCK_CONSUMER)
    living.step(5)
    tool = all_tools().find(name)
    assert isinstance(tool, ReadTool)
    given, holds = READS[name]
    occasion = Occasion(SCOPE, living.now, "discourse", None)
    found = await tool.read(tool.params.model_validate(given), living.ports, occasion)

    assert holds in found.model_dump_json()


@pytest.mark.parametrize("name", sorted(CITED_BY))
async def test_a_writes_target_is_cited_by_a_read(living: Living, name: str) -> None:
    """In a typed field, so that it grounds: no tool asks for what nobody can cite."""
    tool = all_tools().write(name)
    params = begin(living, tool).model_dump(mode="json")
    source, given = CITED_BY[name]
    read = all_tools().find(source)
    assert isinstance(read, ReadTool)
    found = await read.read(
        read.params.model_validate(given),
        living.ports,
        Occasion(SCOPE, living.now, None, None),
    )
    seen = Source(found.model_dump_json(), read.tainted_fields)
    named = (*tool.target_params, *tool.cited_params)
    targets = {name: params[name] for name in named}

    assert Grounding(uncited=(), tainted=False) == ground(targets, [seen])
