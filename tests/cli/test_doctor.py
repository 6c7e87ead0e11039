"""``autopilot doctor``: a line for each thing, its mend, and no check that ends it."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from time import time

import psycopg
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Send
from starlette.types import Scope as HttpScope

from cli.doctor import run_doctor
from cli.keys import new_keys
from lab.slack.directory import SCOPES
from policy.scope import Scope
from storage import inbox
from storage.inbox import Delivery
from storage.steps import Step
from tests.bot.workspace import slack_of
from tests.cli.world import Autopilot, Environment, keys_of_another_curve, well
from tests.conftest import Databases, Scopes
from tests.database import ADMIN, PASSWORD, Urls
from tests.lab.world import BOT_TOKEN, World, free_socket, port_of, served
from tests.samples import add_task

CHECKS = (
    "policy", "routes", "tokens", "slack", "scopes", "slack clock", "db web",
    "db gateway", "db worker", "db clock", "db courier", "db sealer", "redis",
    "ledger", "anchor", "sandbox", "connectors", "places", "models", "deliveries",
    "waiting", "webhooks",
)  # fmt: skip
pytestmark = pytest.mark.usefixtures("release_texts")


@dataclass
class FakeSlack:
    scopes: str = SCOPES
    date: str | None = None
    error: str | None = None
    body: str | None = None

    async def __call__(self, scope: HttpScope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await Request(scope, receive).body()
            await self._answer()(scope, receive, send)

    def _answer(self) -> Response:
        headers = {"x-oauth-scopes": self.scopes}
        headers |= {} if self.date is None else {"date": self.date}
        if self.body is not None:
            return Response(self.body, headers=headers)
        ok = {"ok": self.error is None, "team": "T", "user": "u", "error": self.error}
        return JSONResponse(ok, headers=headers)


@dataclass(frozen=True)
class Doctor:
    """Runs the doctor; gives exit code, and mark and words of each check."""

    capfd: pytest.CaptureFixture[str]

    async def __call__(
        self, *, real_sandbox: bool = False
    ) -> tuple[int, dict[str, tuple[bool | None, str]]]:
        sandbox = None if real_sandbox else well
        code = await run_doctor(as_json=True, check_sandbox=sandbox)
        found = json.loads(self.capfd.readouterr().out)
        assert len(found) == len({one["check"] for one in found})
        return code, {
            one["check"]: (one["ok"], f"{one['text']} → {one['mend']}") for one in found
        }

    async def failing(self) -> dict[str, str]:
        """Give the words of what failed; exit 1 and failures must agree."""
        code, found = await self()
        failed = {check: words for check, (ok, words) in found.items() if ok is False}
        assert code == (1 if failed else 0)
        return failed


@pytest.fixture
def doctor(capfd: pytest.CaptureFixture[str]) -> Doctor:
    return Doctor(capfd)


@pytest.fixture
async def slack() -> AsyncIterator[World]:
    async with slack_of(time) as made:
        yield made


@pytest.fixture
def configured(
    environment: Environment, urls: Urls, redis_url: str, slack: World, tmp_path: Path
) -> Environment:
    """Set everything as it should be."""
    environment.set_databases(urls)
    environment.set(**{**new_keys(), "REDIS_URL": redis_url})
    environment.set(
        GATEWAY_SOCKET_FOLDER=tmp_path / "gateway",
        LEDGER_ANCHOR_FILE=tmp_path / "anchors",
        PLATFORM_URL=f"{slack.url}/platform",
        PROMETHEUS_URL=slack.url,
        SLACK_BOT_TOKEN=BOT_TOKEN,
        SLACK_SIGNING_SECRET="x",  # noqa: S106 - of a test
        SLACK_API_URL=f"{slack.url}/api/",
    )
    return environment


@pytest.mark.usefixtures("configured")
async def test_where_all_is_well_each_check_passes(doctor: Doctor) -> None:
    """Exit 0, and nothing was left out; the sandbox is a real one."""
    code, found = await doctor(real_sandbox=True)

    assert 0 == code
    assert dict.fromkeys(CHECKS, True) == {name: ok for name, (ok, _) in found.items()}


@pytest.mark.usefixtures("configured")
async def test_a_person_reads_a_line_a_check(capfd: pytest.CaptureFixture[str]) -> None:
    """Into a pipe without colours; no mend where nothing is to mend."""
    code = await run_doctor(as_json=False)
    out, _ = capfd.readouterr()

    assert 0 == code
    assert [f"✓ {name:11}" for name in CHECKS] == [o[:13] for o in out.splitlines()]
    assert "\x1b" not in out
    assert "→" not in out


def test_with_nothing_set_every_check_still_answers(autopilot: Autopilot) -> None:
    """Each names its settings; what needs none passes. Exit 1, one document."""
    said = autopilot("doctor", "--json")
    assert isinstance(said.document, list)
    mends = {one["check"]: one["mend"] for one in said.document if not one["ok"]}

    assert (1, "") == (said.code, said.err)
    fine = {"policy", "routes", "scopes", "slack clock", "db clock", "sandbox"}
    assert set(CHECKS) - fine == {*mends, "anchor"}
    assert mends["slack"].startswith("set DATABASE_URL_WEB, SLACK_BOT_TOKEN, SLACK_S")
    assert mends["db sealer"] == "set DATABASE_URL_SEALER"
    assert "REDIS_URL" in mends["redis"]


def test_a_failure_is_marked_and_mended_for_a_person(autopilot: Autopilot) -> None:
    said = autopilot("doctor")

    assert 1 == said.code
    assert "✗ db web      not set  → set DATABASE_URL_WEB" in said.out.splitlines()


async def test_keys_that_are_no_pair_are_found(
    doctor: Doctor, configured: Environment
) -> None:
    configured.set(TOKEN_PUBLIC_KEY=new_keys()["TOKEN_PUBLIC_KEY"])
    failing = await doctor.failing()

    assert ["tokens"] == list(failing)
    assert "the two keys are no pair" in failing["tokens"]


@pytest.mark.parametrize("name", ["TOKEN_PRIVATE_KEY", "TOKEN_PUBLIC_KEY"])
@pytest.mark.parametrize("kind", ["no PEM", "one line", "curve"])
async def test_a_key_that_is_none_is_found(
    doctor: Doctor, configured: Environment, name: str, kind: str
) -> None:
    """A PEM that lost its line breaks in an .env file is the common case."""
    wrong = {
        "no PEM": "nonsense",
        "one line": new_keys()[name].replace("\n", "\\n"),
        "curve": keys_of_another_curve()[name],
    }
    configured.set(**{name: wrong[kind]})
    failing = await doctor.failing()

    assert ["tokens"] == list(failing)
    assert "autopilot keys new" in failing["tokens"]


@pytest.mark.parametrize(
    ("answers", "check", "why"),
    [
        (FakeSlack(error="invalid_auth"), "slack", "invalid_auth"),
        (FakeSlack(body="<html>a proxy's page</html>"), "slack", "status: 200"),
        (FakeSlack(scopes="commands"), "scopes", "missing chat:write: nothing is po"),
        (FakeSlack(scopes=""), "scopes", "commands: no command; channels:history: "),
        (FakeSlack(date="Thu, 01 Jan 2026 00:00:00 GMT"), "slack clock", "NTP"),
        (FakeSlack(date="Thu, 01 Jan 2026 00:00:00 -0000"), "slack clock", "NTP"),
    ],
    ids=["token", "proxy", "few scopes", "no scopes", "clock", "clock without zone"],
)
async def test_what_slack_answers_is_judged(
    doctor: Doctor, configured: Environment, answers: FakeSlack, check: str, why: str
) -> None:
    """The token, the scopes, and the clock that signatures need."""
    bound = free_socket()
    configured.set(SLACK_API_URL=f"http://127.0.0.1:{port_of(bound)}/")
    async with served(answers, bound):
        failing = await doctor.failing()

    assert [check] == list(failing)
    assert why in failing[check]


async def test_a_date_that_is_none_fails_nothing(
    doctor: Doctor, configured: Environment
) -> None:
    """It could not be checked, and that is what is said."""
    bound = free_socket()
    configured.set(SLACK_API_URL=f"http://127.0.0.1:{port_of(bound)}/")
    async with served(FakeSlack(date="soon"), bound):
        code, found = await doctor()

    assert (0, None) == (code, found["slack clock"][0])


@pytest.mark.parametrize("url", ["slack.com/api/", "http://127.0.0.1:9/"])
async def test_a_slack_out_of_reach_is_found(
    doctor: Doctor, configured: Environment, url: str
) -> None:
    configured.set(SLACK_API_URL=url)
    failing = await doctor.failing()

    assert ["slack"] == list(failing)
    assert "SLACK_API_URL" in failing["slack"]


async def test_a_role_that_bypasses_the_walls_is_found(
    doctor: Doctor, configured: Environment, urls: Urls
) -> None:
    """It would see every tenant's rows."""
    configured.set(DATABASE_URL_WEB=urls[ADMIN])
    failing = await doctor.failing()

    assert ["db web"] == list(failing)
    assert "bypasses row-level security" in failing["db web"]


async def test_a_login_without_the_processs_rights_is_found(
    doctor: Doctor, configured: Environment, urls: Urls
) -> None:
    """Another process's URL in this one's place; the mend is a statement to run."""
    configured.set(DATABASE_URL_COURIER=urls["web"])
    failing = await doctor.failing()

    assert ["db courier"] == list(failing)
    assert "GRANT autopilot_courier TO autopilot_web" in failing["db courier"]


@pytest.mark.parametrize(
    "url", ["autopilot", "postgres://web@h/d", "postgresql://web@h:port/d"]
)
async def test_a_url_of_no_postgres_is_found(
    doctor: Doctor, configured: Environment, url: str
) -> None:
    """The other databases have their lines all the same."""
    configured.set(DATABASE_URL_WEB=url)
    failing = await doctor.failing()

    assert ["db web", "webhooks"] == list(failing)
    assert "DATABASE_URL_WEB names no Postgres" in failing["db web"]


async def test_a_worker_without_its_database_fails_each_check_that_needs_it(
    doctor: Doctor, configured: Environment, nowhere: str
) -> None:
    configured.set(DATABASE_URL_WORKER=nowhere)

    failing = await doctor.failing()

    assert {"db worker", "places", "deliveries", "waiting"} == failing.keys()


async def test_a_wrong_password_is_found_and_not_shown(
    doctor: Doctor, configured: Environment, urls: Urls
) -> None:
    configured.set(DATABASE_URL_SEALER=urls["sealer"].replace(PASSWORD, "hunter2"))
    failing = await doctor.failing()

    assert ["db sealer", "ledger"] == list(failing)
    assert "hunter2" not in failing["db sealer"]


async def test_a_database_that_nobody_migrated_is_found(
    doctor: Doctor, configured: Environment, empty: Urls
) -> None:
    """The doctor runs before the first ``autopilot up``."""
    configured.set_databases(empty)
    failing = await doctor.failing()

    assert "autopilot db upgrade" in failing["deliveries"]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("localhost:6379", "expected redis://"),
        ("redis://127.0.0.1:9/", "check REDIS_URL"),
        ("unix:///nowhere/valkey.sock", "check REDIS_URL"),
    ],
)
async def test_a_redis_out_of_reach_is_found(
    doctor: Doctor, configured: Environment, url: str, why: str
) -> None:
    configured.set(REDIS_URL=url)
    failing = await doctor.failing()

    assert ["redis"] == list(failing)
    assert why in failing["redis"]


async def test_a_sandbox_host_that_does_not_start_is_found(
    doctor: Doctor, configured: Environment
) -> None:
    """Its Python ends at once."""
    configured.monkeypatch.setattr("sys.executable", "/bin/false")
    _, found = await doctor(real_sandbox=True)

    assert ["sandbox"] == [name for name, (ok, _) in found.items() if not ok]


async def test_a_system_out_of_reach_is_found(
    doctor: Doctor, configured: Environment
) -> None:
    """By its name and address; the others are reached."""
    configured.set(PROMETHEUS_URL="http://127.0.0.1:9")
    failing = await doctor.failing()

    assert ["connectors"] == list(failing)
    assert "prometheus (http://127.0.0.1:9): ConnectError" in failing["connectors"]
    assert "platform" not in failing["connectors"]


async def test_broken_policy_is_one_failure(
    doctor: Doctor, configured: Environment, release_texts: Path
) -> None:
    """With file and line; everything else is still checked."""
    del configured
    (release_texts / "routes.yaml").write_text("routes:\n  - id: 7\n")
    failing = await doctor.failing()

    assert ["policy"] == list(failing)
    assert "routes.yaml:2: " in failing["policy"]


@pytest.mark.usefixtures("configured")
async def test_deliveries_that_nobody_understood_are_shown(
    doctor: Doctor, database: Databases, scope: Scope, admin: psycopg.Connection
) -> None:
    """Three of them, and how many there are; the sender's fault fails nothing."""
    for number in range(4):
        broken = Delivery("alertmanager", str(number), "alert", {}, "failed", "no JSON")
        async with database("web").transaction(scope, Step.refuse_delivery) as tx:
            await inbox.receive(tx, broken)
    assert 4 == admin.execute("SELECT 1 FROM inbox").rowcount
    code, found = await doctor()
    ok, words = found["deliveries"]

    assert (0, None) == (code, ok)
    assert words.startswith("4 not understood; ")
    assert 3 == words.count(": no JSON")


@pytest.mark.usefixtures("configured")
async def test_an_environment_without_a_worker_is_found(
    doctor: Doctor, database: Databases, scopes: Scopes, admin: psycopg.Connection
) -> None:
    """What should have been taken up minutes ago is counted, by its environment."""
    lonely = await scopes("acme", "lonely")
    async with database("web").transaction(lonely, Step.store_click) as tx:
        await inbox.receive(tx, Delivery("slack", "1", "decision", {}))
    admin.execute("UPDATE inbox SET received_at = received_at - interval '1 h'")
    async with database("worker").transaction(lonely, Step.set_up) as tx:
        await add_task(tx)
    admin.execute("UPDATE tasks SET state = 'executing', lease_until = now()")
    before = await doctor.failing()
    admin.execute("UPDATE tasks SET lease_until = now() - interval '1 h'")
    # Nobody seals here: on a slow machine the ledger's alarm goes off, too.
    after = (await doctor.failing())["waiting"]
    assert before["waiting"].startswith("acme lonely: 1 clicks → ")
    assert after.startswith("acme lonely: 1 clicks, 1 left behind → ")
