"""The app's manifest asks for what the listeners listen to, and keeps Slack's rules."""

import re
from collections.abc import Iterator, Mapping

import pytest
import yaml

from bot.listeners.shortcuts import OPEN, TRIAGE
from bot.manifest import (
    EXAMPLE_URL,
    asked_scopes,
    make_manifest,
    manifest_text,
    needed_scopes,
    scopes_table,
)
from lab.slack.directory import SCOPES
from tests.bot.world import PROJECT

MANIFEST = yaml.safe_load((PROJECT / "manifest.yaml").read_text())
FEATURES, SETTINGS = MANIFEST["features"], MANIFEST["settings"]
# The longest that Slack's schema of manifests takes (slackapi/manifest-schema 2.0.0).
LONGEST = {
    "display_information.name": 35,
    "display_information.description": 140,
    "features.bot_user.display_name": 80,
    "features.shortcuts.name": 24,
    "features.shortcuts.description": 150,
    "features.shortcuts.callback_id": 255,
    "features.slash_commands.command": 32,
    "features.slash_commands.description": 2000,
    "features.slash_commands.usage_hint": 1000,
}
MOST = {
    "features.shortcuts": 10,
    "features.slash_commands": 50,
    "oauth_config.scopes.bot": 255,
    "oauth_config.scopes.bot_optional": 255,
    "settings.event_subscriptions.bot_events": 100,
}


def walk(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    yield path, value
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from walk(one, f"{path}.{name}".removeprefix("."))
    if isinstance(value, list):
        for one in value:
            yield from walk(one, path)


def test_the_file_is_what_the_code_says() -> None:
    """`autopilot slack manifest > manifest.yaml` made it."""
    assert (PROJECT / "manifest.yaml").read_text() == manifest_text(EXAMPLE_URL)
    assert MANIFEST == make_manifest(EXAMPLE_URL)


def test_socket_mode_has_no_address() -> None:
    """Slack's schema refuses one beside it."""
    text = manifest_text("")
    made = yaml.safe_load(text)

    assert made["settings"]["socket_mode_enabled"]
    assert "url" not in text
    assert FEATURES["shortcuts"] == made["features"]["shortcuts"]


def test_the_guide_has_each_scope_with_its_reason() -> None:
    assert scopes_table() in (PROJECT / "docs" / "slack-install.md").read_text()


def test_shortcuts_and_events_are_the_listeners() -> None:
    """A name that differs would be answered by nobody."""
    events = SETTINGS["event_subscriptions"]["bot_events"]

    assert {TRIAGE, OPEN} == {one["callback_id"] for one in FEATURES["shortcuts"]}
    assert ["app_home_opened", "app_mention", "message.im"] == events
    assert FEATURES["app_home"]["home_tab_enabled"]


def test_scopes_are_those_that_the_lab_grants() -> None:
    """So that what works there works with this manifest; doctor needs some of them."""
    asked = set(MANIFEST["oauth_config"]["scopes"]["bot"])

    assert asked == set(SCOPES.split(","))
    assert needed_scopes() <= asked
    assert all(one.reason and one.without for one in asked_scopes())


def test_your_host_stands_in_each_url() -> None:
    """Whether its end has a slash or not."""
    found = manifest_text("https://ops.genme.test:8443/")

    assert 3 == found.count("https://ops.genme.test:8443/slack/events")
    assert EXAMPLE_URL not in found


@pytest.mark.parametrize("path", LONGEST)
def test_texts_are_as_long_as_slack_takes(path: str) -> None:
    found = [str(value) for where, value in walk(MANIFEST) if where == path]

    assert found
    assert all(0 < len(one) <= LONGEST[path] for one in found)


@pytest.mark.parametrize("path", MOST)
def test_lists_are_as_long_as_slack_takes(path: str) -> None:
    lists = [one for at, one in walk(MANIFEST) if at == path]
    [found] = [one for one in lists if isinstance(one, list)]

    assert 0 < len(found) <= MOST[path]
    assert len(found) == len({str(one) for one in found})


def test_the_form_is_slacks() -> None:
    """Commands begin with a slash, colours are hexadecimal, requests come by TLS."""
    colour = MANIFEST["display_information"]["background_color"]
    urls = [str(one) for at, one in walk(MANIFEST) if at.endswith("url")]

    assert re.fullmatch(r"#[0-9a-f]{6}", colour)
    assert all(one["command"].startswith("/") for one in FEATURES["slash_commands"])
    assert all(one.startswith("https://") for one in urls)
    assert {"major_version": 2, "minor_version": 1} == MANIFEST["_metadata"]
