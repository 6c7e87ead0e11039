from collections.abc import AsyncIterator, Callable
from time import time

import pytest
from hypothesis import settings as hypothesis_settings

from bot.settings import WebSettings
from bot.web import Rules, create_app
from cli.policy_files import load_people, load_redaction
from gateway.agents import load_agents
from gateway.tools.catalog import all_tools
from orchestrator.freezing import freezable
from orchestrator.routing import LiveRoutes, Routes, load_routes
from policy.scope import Scope
from tests.bot.amazon import Amazon
from tests.bot.door import WEBHOOK_KEY, Door
from tests.bot.workspace import SlackWorld, slack_at, slack_of
from tests.bot.world import PROJECT, TEAM, Bot
from tests.conftest import Databases
from tests.lab.world import BOT_TOKEN, SIGNING_SECRET, World

# A busy machine is no failure; more examples: `--hypothesis-seed` and patience.
hypothesis_settings.register_profile("busy", deadline=None, max_examples=50)
hypothesis_settings.load_profile("busy")


@pytest.fixture(scope="session")
def routes() -> Routes:
    return load_routes(PROJECT / "routes.yaml", load_agents(PROJECT / "agents"))


@pytest.fixture(scope="session")
def rules(routes: Routes) -> Rules:
    """Give what the web process reads at its start."""
    specs = all_tools().specs
    people = load_people(PROJECT / "policy" / "rules", specs)
    redaction = load_redaction(PROJECT / "policy" / "rules")
    return Rules(
        LiveRoutes(lambda: routes, routes),
        people,
        freezable(specs),
        redaction,
    )


@pytest.fixture
async def lab() -> AsyncIterator[SlackWorld]:
    """Serve the lab's workspace; its client posts once, as the product's does."""
    async with slack_of(time) as made:
        yield made


def settings(**changes: object) -> WebSettings:
    """Give the web's settings; ``changes`` by the names of the environment."""
    return WebSettings.model_validate(
        {
            "DATABASE_URL_WEB": "unused",
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "PSEUDONYM_KEY": "pseudonyms-of-the-tests",
            "WEBHOOK_KEY": WEBHOOK_KEY,
            **changes,
        }
    )


@pytest.fixture
async def bot(database: Databases, scope: Scope, rules: Rules) -> Bot:
    """Give the web process without a Slack to talk to."""
    client = slack_at("http://127.0.0.1:9/api/")
    app = create_app(settings(), database("web"), rules, client)
    made = Bot(app, database, scope)
    await made.connect(TEAM)
    return made


@pytest.fixture
async def slack_bot(database: Databases, scope: Scope, rules: Rules, lab: World) -> Bot:
    """Give the web process with the lab's Slack behind it."""
    app = create_app(settings(), database("web"), rules, lab.slack)
    made = Bot(app, database, scope)
    await made.connect(TEAM)
    return made


@pytest.fixture(scope="session")
def amazon() -> Amazon:
    """Give an Amazon SNS with a key of its own; a key takes a while to make."""
    return Amazon()


@pytest.fixture
def make_door(
    database: Databases, scope: Scope, rules: Rules, amazon: Amazon
) -> Callable[..., Door]:
    """Give web processes of chosen settings, whose clock the test moves."""

    def make(**changes: object) -> Door:
        client = slack_at("http://127.0.0.1:9/api/")
        clock = [0.0]
        amazon.asked, amazon.is_away = [], False
        app = create_app(
            settings(**changes),
            database("web"),
            rules,
            client,
            get_from_sns=amazon.get,
            monotonic=lambda: clock[0],
        )
        return Door(app, database, scope, amazon, clock)

    return make


@pytest.fixture
def door(make_door: Callable[..., Door]) -> Door:
    return make_door()
