"""The app's manifest asks for what the listeners listen to, and no more."""

import yaml

from bot.listeners.shortcuts import OPEN, TRIAGE
from cli.doctor import NEEDED_SCOPES
from lab.slack.directory import SCOPES
from tests.bot.world import PROJECT

MANIFEST = yaml.safe_load((PROJECT / "manifest.yaml").read_text())
FEATURES, SETTINGS = MANIFEST["features"], MANIFEST["settings"]


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
    assert NEEDED_SCOPES <= asked
