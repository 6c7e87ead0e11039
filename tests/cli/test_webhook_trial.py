"""``autopilot webhooks test``: a real delivery, to a real web process, by HTTP."""

import io
from argparse import Namespace
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from bot.alerts.sources import SOURCES
from cli.webhook_trial import sign, try_webhook
from cli.webhooks import BadEndpoint
from storage.endpoints import Credentials
from tests.bot.alerts.samples import BEGAN_AT

# The web process of the bot's own tests.
from tests.bot.conftest import amazon, door, make_door, routes, rules  # noqa: F401
from tests.bot.door import SIGNERS, TOKEN, WEBHOOK_KEY, Door, by_secret
from tests.cli.world import Environment
from tests.database import Urls
from tests.lab.world import free_socket, port_of, served


@dataclass
class Trial:
    """Runs the command against a served door."""

    door: Door
    url: str
    monkeypatch: pytest.MonkeyPatch
    capfd: pytest.CaptureFixture[str]

    async def __call__(self, *, token: str = "", url: str = "") -> tuple[int, str]:
        self.monkeypatch.setattr("sys.stdin", io.StringIO(token))
        code = await try_webhook(
            Namespace(slug="acme", url=url or self.url, token_from_stdin=token != "")
        )
        return code, self.capfd.readouterr().out


@pytest.fixture
async def trial(
    door: Door,  # noqa: F811 - the fixture that is imported above
    environment: Environment,
    urls: Urls,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> AsyncIterator[Trial]:
    environment.set(DATABASE_URL_RELEASE=urls["release"], WEBHOOK_KEY=WEBHOOK_KEY)
    bound = free_socket()
    async with served(door.app, bound):
        url = f"http://127.0.0.1:{port_of(bound)}/"
        yield Trial(door, url, monkeypatch, capfd)


@pytest.mark.parametrize("source", sorted(set(SOURCES) - {"pagerduty"}))
async def test_each_sources_event_opens_a_task(trial: Trial, source: str) -> None:
    await trial.door.add(source)
    code, said = await trial(token=TOKEN)

    assert (0, True) == (code, '"opened":1' in said)
    assert f"POST /webhooks/{source}/acme\n202 " in said
    [task] = await trial.door.rows("SELECT title FROM tasks")
    assert "Test of webhook acme" in str(task["title"])


@pytest.mark.parametrize("source", SIGNERS)
async def test_it_is_signed_where_the_vendor_signs(trial: Trial, source: str) -> None:
    """With the newest secret; PagerDuty's ping is taken and opens nothing."""
    await trial.door.add(source, by_secret("of-before", "of-now"))
    code, said = await trial()

    assert (0, True) == (code, "\n202 " in said)


@pytest.mark.parametrize("source", SIGNERS)
def test_a_signature_is_the_vendors(source: str) -> None:
    """As the tests' own vendors sign."""
    assert SIGNERS[source](b"{}", BEGAN_AT, "s") == sign(source, b"{}", "s", BEGAN_AT)


async def test_a_refusal_is_shown_and_is_no_success(trial: Trial) -> None:
    await trial.door.add("datadog")
    code, said = await trial(token="of-nobody")  # noqa: S106 - of a test

    assert (1, True) == (code, "\n401 " in said)
    assert "of-nobody" not in said


@pytest.mark.parametrize(
    ("source", "held", "words"),
    [
        ("datadog", None, "--token-from-stdin"),
        ("cloudwatch", Credentials(topics=("arn",)), "publish a message to arn"),
        ("sentry", Credentials(sealed_secrets=("x",)), "WEBHOOK_KEY opens none"),
    ],
    ids=["a token", "topics", "another key"],
)
async def test_what_it_lacks_is_said(
    trial: Trial, source: str, held: Credentials | None, words: str
) -> None:
    await trial.door.add(source, held)

    with pytest.raises(BadEndpoint, match=words):
        await trial()


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "nonsense", "http://[", "x://y"])
async def test_nobody_there_is_said(trial: Trial, url: str) -> None:
    await trial.door.add("datadog")

    with pytest.raises(BadEndpoint, match="did not answer"):
        await trial(token=TOKEN, url=url)
