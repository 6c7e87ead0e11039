"""``autopilot slack validate-live``: Slack's word on each payload, or none at all."""

from datetime import UTC, datetime

import pytest

from bot.golden import golden_payloads
from cli.validate_live import LiveSettings, validate_live
from tests.bot.conftest import lab
from tests.bot.workspace import SlackWorld
from tests.cli.world import Autopilot
from tests.lab.world import BOT_TOKEN

__all__ = ["lab"]
NOW = datetime(2026, 11, 28, tzinfo=UTC)


def settings(url: str, token: str = BOT_TOKEN) -> LiveSettings:
    return LiveSettings.model_validate(
        {"SLACK_BOT_TOKEN": token, "SLACK_API_URL": f"{url}/api/"}
    )


async def test_each_payload_is_judged(
    lab: SlackWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    """Against the lab, which has Slack's rules as they are documented."""
    assert 0 == await validate_live(settings(lab.url), now=NOW)
    count = len(golden_payloads())
    assert f"2026-11-28: Slack takes {count} of {count} payloads\n" == (
        capsys.readouterr().out
    )


async def test_what_slack_refuses_is_named(
    lab: SlackWorld,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the place and Slack's words; the others are judged all the same."""
    monkeypatch.setattr("lab.slack.limits.VIEW_TITLE", 6)
    code = await validate_live(settings(lab.url), now=NOW)
    said = capsys.readouterr().out

    assert 1 == code
    assert "/view/title/text: must be no more than 6 characters" in said
    assert "render_card 1:" not in said


@pytest.mark.parametrize(
    ("token", "url", "says"),
    [
        ("", "", "SLACK_BOT_TOKEN is not set; set it to an app's xoxb-…"),
        (
            BOT_TOKEN,
            "http://127.0.0.1:9",
            "no answer (ClientConnectorError); run",
        ),
        ("xoxb-other", "", "blocks.validate: invalid_auth; check SLACK_BOT_TOKEN"),
    ],
)
async def test_where_it_can_t_run_it_says_so(
    lab: SlackWorld,
    capsys: pytest.CaptureFixture[str],
    token: str,
    url: str,
    says: str,
) -> None:
    """In one line, with what to do, and not as if all were well."""
    code = await validate_live(settings(url or lab.url, token), now=NOW)
    [line] = capsys.readouterr().out.splitlines()

    assert 1 == code
    assert line.startswith("not validated by Slack: ")
    assert says in line


def test_the_command_says_that_it_has_not_run(
    autopilot: Autopilot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a token, as in CI."""
    monkeypatch.delenv("SLACK_BOT_TOKEN", raising=False)
    said = autopilot("slack", "validate-live")

    assert (1, "not validated by Slack: SLACK_BOT_TOKEN") == (said.code, said.out[:39])
