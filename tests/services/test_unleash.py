"""The connector against a real Unleash 7."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from gateway.assembly import build, open_client
from gateway.connector_kinds import Auth, UnleashConnector
from gateway.connectors.unleash import Unleash
from gateway.connectors.unleash_state import Strategy
from gateway.ports import NothingSent, Refused, StateMoved, Unreadable
from gateway.subjects import FlagState
from tests.services.servers import Server
from tests.services.unleash_owner import (
    CLOSED,
    ENVIRONMENT,
    NAMED,
    TARGETED,
    Owner,
    owning,
)

pytestmark = [pytest.mark.services, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def owner(real_unleash: Server) -> Iterator[Owner]:
    with owning(real_unleash) as found:
        yield found


def described(url: str) -> UnleashConnector:
    auth = Auth(header="Authorization", value="CONNECTOR_UNLEASH")
    return UnleashConnector(
        kind="unleash", url=url, private=True, environment=ENVIRONMENT, auth=auth
    )


@asynccontextmanager
async def opened(url: str, token: str) -> AsyncIterator[Unleash]:
    """Open the connector as the gateway does."""
    config = described(url)
    async with open_client(config, {"CONNECTOR_UNLEASH": token}) as client:
        built = build("unleash", config, client, {})["flags"]
        assert isinstance(built, Unleash)
        yield built


@pytest.fixture
async def flags(real_unleash: Server) -> AsyncIterator[Unleash]:
    async with opened(real_unleash.url, real_unleash.token) as built:
        yield built


async def roll(
    flags: Unleash, seen: FlagState, percent: int, *, enabled: bool = True
) -> FlagState:
    return await flags.set(
        seen.key,
        enabled=enabled,
        rollout_percent=percent,
        former="",
        seen_version=seen.version,
        idempotency_key="k",
    )


def left_by(
    flags: Unleash, seen: FlagState, percent: int, *, enabled: bool = True
) -> str:
    """Give the exact form that such a change is foreseen to leave."""
    return flags.after(seen.key, seen.former, enabled=enabled, rollout_percent=percent)


async def restore(flags: Unleash, now: FlagState, former: FlagState) -> FlagState:
    return await flags.set(
        now.key,
        enabled=former.enabled,
        rollout_percent=former.rollout_percent,
        former=former.former,
        seen_version=now.version,
        idempotency_key="k",
    )


async def test_a_flag_is_read_with_who_changed_it(owner: Owner, flags: Unleash) -> None:
    """Its service by its tag, its rollout by its widest strategy."""
    key = owner.make(TARGETED, NAMED)
    found = await flags.get(key)

    assert (key, "discourse", True, 10) == (
        found.key,
        found.service,
        found.enabled,
        found.rollout_percent,
    )
    assert "admin" == found.changed_by
    assert found.changed_at > 1_700_000_000


async def test_a_rollout_is_changed_gradually(owner: Owner, flags: Unleash) -> None:
    """Up and down again; the former percentage is known from Unleash's own events."""
    key = owner.make({"name": "flexibleRollout", "parameters": {"rollout": "25"}})
    first = await flags.get(key)
    second = await roll(flags, first, 50)
    third = await roll(flags, second, 5)

    assert [25, 50, 5] == [one.rollout_percent for one in (first, second, third)]
    assert (50, True) == (third.previous_rollout_percent, third.enabled)
    assert 3 == len({first.version, second.version, third.version})


async def test_a_flag_for_everybody_becomes_a_rollout(
    owner: Owner, flags: Unleash
) -> None:
    key = owner.make({"name": "default"})
    before = await flags.get(key)
    now = await roll(flags, before, 10)

    assert left_by(flags, before, 10) == now.former
    assert 10 == now.rollout_percent
    assert ["flexibleRollout"] == [one["name"] for one in owner.strategies(key)]


async def test_on_for_half_opens_for_half(owner: Owner, flags: Unleash) -> None:
    """A tenth of all, and the staff whole: half of all, and of the staff no more."""
    staff = {**TARGETED, "parameters": {"rollout": "100"}, "variants": []}
    key = owner.make(
        {"name": "flexibleRollout", "parameters": {"rollout": "10"}, "sortOrder": 0},
        staff,
    )
    before = await flags.get(key)
    now = await roll(flags, before, 50)
    opens = [Strategy.model_validate(one).percent for one in owner.strategies(key)]
    after = await restore(flags, now, before)

    assert (10, 100) == (before.rollout_percent, before.named_percent)
    assert (50, [50, 50]) == (now.rollout_percent, opens)
    assert left_by(flags, before, 50) == now.former
    assert before.former == after.former


async def test_off_is_off(owner: Owner, flags: Unleash) -> None:
    """The environment is switched, whatever its strategies say."""
    key = owner.make(TARGETED, NAMED)
    now = await roll(flags, await flags.get(key), 0, enabled=False)

    assert (False, 0) == (now.enabled, now.rollout_percent)


@pytest.mark.parametrize("percent", [0, 5, 100])
@pytest.mark.parametrize("enabled", [True, False])
async def test_the_former_state_is_restored_exactly(
    owner: Owner,
    flags: Unleash,
    percent: int,
    enabled: bool,  # noqa: FBT001
) -> None:
    """Constraints, variants, titles, order and closed strategies among it."""
    key = owner.make(TARGETED, NAMED, CLOSED)
    before = await flags.get(key)
    changed = await roll(flags, before, percent, enabled=enabled)
    foreseen = left_by(flags, before, percent, enabled=enabled)
    after = await restore(flags, changed, before)

    assert changed.former == foreseen
    assert changed.former != before.former
    assert (before.former, before.version) == (after.former, after.version)


async def test_what_somebody_took_away_or_added_is_restored_too(
    owner: Owner, flags: Unleash
) -> None:
    """Strategies are made again and deleted until they are the former ones."""
    key = owner.make(TARGETED, NAMED)
    before = await flags.get(key)
    first, second = owner.strategies(key)
    owner.do("DELETE", f"{owner.at(key)}/strategies/{first['id']}")
    owner.do("DELETE", f"{owner.at(key)}/strategies/{second['id']}")
    fewer = await restore(flags, await flags.get(key), before)
    for _ in range(3):
        owner.do("POST", f"{owner.at(key)}/strategies", {"name": "default"})
    more = await restore(flags, await flags.get(key), before)

    assert [before.former] * 2 == [fewer.former, more.former]


async def test_a_segment_survives(owner: Owner, flags: Unleash) -> None:
    """It belongs to the strategy as its constraints do."""
    owner.do(
        "POST",
        "/segments",
        {
            "name": "beta",
            "constraints": [
                {"contextName": "userId", "operator": "IN", "values": ["1"]}
            ],
        },
    )
    key = owner.make({**TARGETED, "segments": [1]})
    before = await flags.get(key)
    after = await restore(flags, await roll(flags, before, 50), before)

    assert '"segments":[1]' in before.former
    assert before.former == after.former


async def test_who_saw_an_older_state_changes_nothing(
    owner: Owner, flags: Unleash
) -> None:
    """Somebody else was faster."""
    key = owner.make(TARGETED)
    seen = await flags.get(key)
    [strategy] = owner.strategies(key)
    path = f"{owner.at(key)}/strategies/{strategy['id']}"
    owner.do("PUT", path, {**strategy, "title": "changed"})
    now = await flags.get(key)

    with pytest.raises(StateMoved, match=key):
        await roll(flags, seen, 50)
    assert now.version == (await flags.get(key)).version


async def test_a_state_that_unleash_would_widen_is_refused(
    owner: Owner, flags: Unleash
) -> None:
    """On without an open strategy means everybody to Unleash."""
    key = owner.make(enabled=False)
    seen = await flags.get(key)

    with pytest.raises(Refused, match="everybody"):
        await roll(flags, seen, 0)
    assert seen.version == (await flags.get(key)).version


async def test_a_flag_without_strategies_gets_one(owner: Owner, flags: Unleash) -> None:
    """And is restored to having none."""
    key = owner.make(enabled=False)
    before = await flags.get(key)
    now = await roll(flags, before, 20)
    foreseen = left_by(flags, before, 20)
    after = await restore(flags, now, before)

    assert foreseen == now.former
    assert (True, 20) == (now.enabled, now.rollout_percent)
    assert before.former == after.former


async def test_the_flags_of_a_service_are_those_with_its_tag(
    owner: Owner, flags: Unleash
) -> None:
    key = owner.make(TARGETED)
    found = await flags.list_of("discourse")

    assert key in {one.key for one in found.flags}
    assert 0 == found.unread
    assert [] == list((await flags.list_of("another")).flags)


async def test_what_is_not_there_is_said(flags: Unleash) -> None:
    with pytest.raises(Unreadable, match="404"):
        await flags.get("nowhere")
    with pytest.raises(NothingSent, match="404"):
        await flags.set(
            "nowhere",
            enabled=True,
            rollout_percent=1,
            former="",
            seen_version=1,
            idempotency_key="k",
        )


async def test_a_wrong_credential_is_said(real_unleash: Server) -> None:
    async with opened(real_unleash.url, "*:*.wrong") as flags:
        with pytest.raises(Unreadable, match="401: the credential is refused"):
            await flags.get("new_ranker")
