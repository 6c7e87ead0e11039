"""The kill switch: its words, its answer, and what it leaves in the ledger."""

import json
from datetime import timedelta

import pytest

from gateway.tools.catalog import all_tools
from orchestrator import freezing
from orchestrator.freezing import (
    BadFreeze,
    FreezeWish,
    freezable,
    make_wish,
    parse_thaw,
    parse_wish,
)
from policy.proposal import ProposalState
from policy.scope import Scope
from storage import executions, freezes
from storage.database import Database
from storage.errors import NotFound
from storage.executions import NewExecution
from storage.freezes import EVERYTHING
from storage.steps import Step
from tests.conftest import Databases
from tests.samples import add_proposal, add_task

FLAG = "toggle_feature_flag"
NAMES = freezable(all_tools().specs)
HOUR = timedelta(hours=1)


@pytest.fixture
def web(database: Databases) -> Database:
    """Freeze as the web process does, which needs no other."""
    return database("web")


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("odd graphs", FreezeWish(EVERYTHING, "odd graphs")),
        ("1h odd", FreezeWish(EVERYTHING, "odd", HOUR)),
        (f"{FLAG} 60m odd", FreezeWish(FLAG, "odd", HOUR)),
        ("staging odd", FreezeWish(EVERYTHING, "odd", environment="staging")),
        ("service:feed odd", FreezeWish("service:feed", "odd")),
        ("service:Search_API.v2 odd", FreezeWish("service:search_api.v2", "odd")),
        ("write_reversible odd", FreezeWish("write_reversible", "odd")),
        ("--all odd", FreezeWish(EVERYTHING, "odd", undo_too=True)),
        ("\u2014all odd", FreezeWish(EVERYTHING, "odd", undo_too=True)),
        (
            "prod 1h --all odd",
            FreezeWish(EVERYTHING, "odd", HOUR, undo_too=True, environment="prod"),
        ),
        ("everything 60m odd", FreezeWish(EVERYTHING, "odd", HOUR)),
        (
            "prod Everything for 1h odd",
            FreezeWish(EVERYTHING, "odd", HOUR, environment="prod"),
        ),
        (
            "prod for 1h odd",
            FreezeWish(EVERYTHING, "odd", HOUR, environment="prod"),
        ),
        (
            "everything staging 1h odd",
            FreezeWish(EVERYTHING, "odd", HOUR, environment="staging"),
        ),
        (
            "everything in staging for 1h odd",
            FreezeWish(EVERYTHING, "odd", HOUR, environment="staging"),
        ),
        (f"all {FLAG} 60m odd", FreezeWish(FLAG, "odd", HOUR)),
        ("everything burns", FreezeWish(EVERYTHING, "everything burns")),
        ("in the cache", FreezeWish(EVERYTHING, "in the cache")),
        ("INC-1234 outage", FreezeWish(EVERYTHING, "INC-1234 outage")),
        ("roll-back gone wrong", FreezeWish(EVERYTHING, "roll-back gone wrong")),
        ("DB: corrupt", FreezeWish(EVERYTHING, "DB: corrupt")),
        ("", FreezeWish(EVERYTHING, "")),
    ],
)
def test_the_words_may_stand_in_any_order(text: str, wish: FreezeWish) -> None:
    """What is recognised is taken, the rest is the reason."""
    found = parse_wish(text, environments=["prod", "staging"], names=NAMES)

    assert wish == found


async def test_a_reason_names_nobody(web: Database, scope: Scope) -> None:
    """It stands on every card, on each Home, and in the ledger for ever."""
    wish = FreezeWish(EVERYTHING, "ann.miller@customer.example asked, +49 170 1234567")
    await freezing.freeze(web, scope, wish, by="ann")
    async with web.transaction(scope, Step.look) as tx:
        [held] = await tx.rows("SELECT reason FROM freezes")
        [told] = await tx.rows("SELECT body FROM ledger WHERE event = 'writes.frozen'")

    assert "[an email address] asked, [a phone number]" == held["reason"]
    assert held["reason"] == json.loads(told["body"])["reason"]


@pytest.mark.parametrize(
    "text",
    [
        "togle_feature_flag odd",
        f"{FLAG} --all odd",
        "prod sevice:feed odd",
        "throttle-endpoint 30m odd",
        "prdo 30m odd",
    ],
)
def test_a_mistyped_name_freezes_nothing_else(text: str) -> None:
    """A freeze of something else than meant helps nobody."""
    with pytest.raises(BadFreeze):
        parse_wish(text, environments=["prod"], names=NAMES)


@pytest.mark.parametrize(
    "text", ["feed 30m odd", "all of feed 30m", "prod and staging 30m x", "prod odd 1h"]
)
def test_a_duration_behind_a_word_that_names_nothing_is_heard(text: str) -> None:
    """Everything would be frozen, without an end, and not what was meant."""
    with pytest.raises(BadFreeze, match="behind it is not read: write"):
        parse_wish(text, environments=["prod"], names=NAMES, others=["staging"])


@pytest.mark.parametrize(
    "text",
    ["help", "--help", "?", "list", "status", "prod 30 m deploy", "prod 30min deploy",
     "prod until 18:00", "18:00 deploy", "everything for 2 hours", "for 30 m x",
     "everything until 14:00", "0m odd"],
)  # fmt: skip
def test_who_asks_how_freezes_nothing(text: str) -> None:
    """Nor who says for how long in words that are not read: it would have no end."""
    with pytest.raises(BadFreeze, match="write 30m, 2h or 1d"):
        parse_wish(text, environments=["prod"], names=NAMES)


@pytest.mark.parametrize(
    "text", ["500s on feed", "5xx everywhere", "help desk is down"]
)
def test_a_reason_may_begin_so(text: str) -> None:
    assert text == parse_wish(text, environments=["prod"], names=NAMES).reason


@pytest.mark.parametrize("text", ["flags", "togle_feature_flag", "prod and the rest"])
def test_a_thaw_takes_no_word_that_it_does_not_know(text: str) -> None:
    """A mistyped name must not thaw everything."""
    with pytest.raises(BadFreeze, match="nothing that can be frozen"):
        parse_thaw(text, environments=["prod"], names=NAMES)


def test_a_thaw_takes_no_duration() -> None:
    """Who writes one means to freeze again after it: nobody would."""
    with pytest.raises(BadFreeze, match="a thaw takes no duration"):
        parse_thaw("for 30m", environments=["prod"], names=NAMES)


def test_durations_are_named() -> None:
    """What is no duration is said so."""
    with pytest.raises(BadFreeze, match="30m, 2h or 1d"):
        make_wish(EVERYTHING, "odd", "soon", undo_too=False, names=NAMES)


def test_reads_can_not_be_frozen() -> None:
    """Write tools and their categories alone."""
    assert FLAG in NAMES
    assert "write_reversible" in NAMES
    assert not {"read", "trace_lookup"} & set(NAMES)


async def test_a_freeze_is_in_the_ledger(
    web: Database, database: Databases, scope: Scope
) -> None:
    """Who, what, why and until when; and the thaw after it."""
    wish = FreezeWish(FLAG, "odd", HOUR)
    await freezing.freeze(web, scope, wish, by="ann")
    database.clock.move(seconds=1)
    left = await freezing.thaw(web, scope, FreezeWish(FLAG, ""), by="ben")
    async with database("worker").transaction(scope, Step.look) as tx:
        rows = await tx.rows("SELECT event, actor, body FROM ledger ORDER BY at, id")
    frozen = json.loads(rows[0]["body"])

    assert [("writes.frozen", "ann"), ("writes.thawed", "ben")] == [
        (row["event"], row["actor"]) for row in rows
    ]
    assert (FLAG, "odd") == (frozen["scope"], frozen["reason"])
    assert frozen["until"]
    assert freezing.say_thawed(scope, left).endswith("thawed")


@pytest.mark.parametrize(
    ("state", "told", "what_then"),
    [
        (ProposalState.executing, "under way", "is read back then"),
        (ProposalState.outcome_unknown, "not known", "its card asks a person"),
    ],
)
async def test_a_freeze_names_what_had_begun(
    web: Database,
    database: Databases,
    scope: Scope,
    state: ProposalState,
    told: str,
    what_then: str,
) -> None:
    """It stands in the answer until it has been read back, or a person said."""
    async with database("worker").transaction(scope, Step.set_up) as tx:
        task = await add_task(tx)
    async with database("gateway").transaction(scope, Step.execution_intent) as tx:
        proposal = await add_proposal(
            tx, task, state=state, estimate={"title": "Turn it off"}
        )
        await executions.begin(
            tx,
            NewExecution(
                task_id=task.id,
                proposal_id=proposal.id,
                kind="apply",
                fence=1,
                before={},
                effect_deadline_at=tx.now + timedelta(seconds=10),
            ),
        )
    said = await freezing.freeze(web, scope, FreezeWish(EVERYTHING, "odd"), by="ann")
    database.clock.move(seconds=60)
    later = await freezing.freeze(web, scope, FreezeWish(EVERYTHING, "odd"), by="ann")

    for answer in (said, later):
        assert f"{told}: Turn it off, ends by " in answer
        assert answer.endswith(what_then)


async def test_without_a_reason_nothing_is_frozen(web: Database, scope: Scope) -> None:
    """The reason stands on every card that the freeze holds."""
    with pytest.raises(BadFreeze, match="say why"):
        await freezing.freeze(web, scope, FreezeWish(EVERYTHING, ""), by="ann")
    async with web.transaction(scope, Step.look) as tx:
        assert not (await freezes.read(tx, lock=False)).frozen


async def test_a_service_that_nobody_named_is_doubted(
    web: Database, scope: Scope
) -> None:
    """It is frozen all the same: a flag may be of it before any alert is."""
    wish = FreezeWish("service:discorse", "odd")
    said = await freezing.freeze(web, scope, wish, by="ann")
    async with web.transaction(scope, Step.look) as tx:
        found = await freezes.read(tx, lock=False)

    assert "check its spelling" in said
    assert "service:discorse" in found.scopes


async def test_the_answer_is_of_what_holds(web: Database, scope: Scope) -> None:
    """A short freeze under one of everything says what really stands."""
    whole = FreezeWish(EVERYTHING, "incident", undo_too=True)
    await freezing.freeze(web, scope, whole, by="ann")
    short = FreezeWish(EVERYTHING, "deploy", HOUR)
    said = await freezing.freeze(web, scope, short, by="ben")

    assert "undo and reversions too" in said
    assert "until" not in said


async def test_an_unknown_environment_is_not_frozen(web: Database) -> None:
    """Nobody may believe that a misspelt environment stands still."""
    wish = FreezeWish(EVERYTHING, "odd")
    with pytest.raises(NotFound, match="no such environment"):
        await freezing.freeze(web, Scope("acme", "prdo"), wish, by="ann")


async def test_what_is_still_frozen_is_said(web: Database, scope: Scope) -> None:
    """A thaw of everything but a name leaves the rest, by name."""
    await freezing.freeze(web, scope, FreezeWish(EVERYTHING, "drill"), by="ann")
    await freezing.freeze(web, scope, FreezeWish(FLAG, "odd"), by="ann")
    left = await freezing.thaw(web, scope, FreezeWish(FLAG, ""), by="ann")

    assert "still frozen: everything (by ann: drill)" in freezing.say_thawed(
        scope, left
    )
