from collections.abc import AsyncIterator
from time import time

import pytest
from hypothesis import settings as hypothesis_settings
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import WebSettings
from bot.web import Rules, create_app
from cli.policy_files import load_people, load_redaction
from gateway.agents import load_agents
from gateway.tools.catalog import all_tools
from orchestrator.freezing import freezable
from orchestrator.routing import LiveRoutes, Routes, load_routes
from policy.scope import Scope
from tests.bot.workspace import slack_of
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
        LiveRoutes(lambda: routes, routes), people, freezable(specs), redaction
    )


@pytest.fixture
async def lab() -> AsyncIterator[World]:
    """Serve the lab's workspace; its client posts once, as the product's does."""
    async with slack_of(time) as made:
        yield made


def settings() -> WebSettings:
    return WebSettings(
        DATABASE_URL_WEB="unused",
        SLACK_BOT_TOKEN=BOT_TOKEN,
        SLACK_SIGNING_SECRET=SIGNING_SECRET,
        PSEUDONYM_KEY="pseudonyms-of-the-tests",
    )


@pytest.fixture
async def bot(database: Databases, scope: Scope, rules: Rules) -> Bot:
    """Give the web process without a Slack to talk to."""
    client = AsyncWebClient(token=BOT_TOKEN, base_url="http://127.0.0.1:9/api/")
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
