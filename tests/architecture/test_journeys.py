"""Whatever people press, send, type or are shown has a journey that uses it."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest
from slack_bolt.async_app import AsyncApp

from bot.blocks.render import RENDERERS
from bot.commands.registry import Registry
from bot.links import Links
from bot.metrics import new_metrics
from bot.web import Rules, register_listeners
from orchestrator.intake import Reception
from storage.database import Database
from tests.architecture.sources import ROOT

CARDS, EACH, PLACES = "test_cards.py", "test_each_card.py", "test_each_place.py"
COMMANDS, EDIT, PEOPLE = "test_commands.py", "test_edit.py", "test_people.py"
STORM, HOME = "test_storm.py", "test_home.py"
# Each place with a journey's file, and the words with which it is used or looked at.
JOURNEYS = {
    "action evidence:whole": (CARDS, 'name="All of E"'),
    "action fold:approve": (EACH, '"Approve chosen"'),
    "action fold:each": (PLACES, '"fold:each"'),
    "action fold:reject": (PLACES, '"fold:reject"'),
    "action fold:targets": (PLACES, '"fold:targets"'),
    "action grant:withdraw": (CARDS, '"Withdraw the grant"'),
    "action home:cards_newer": (HOME, '"home:cards_newer"'),
    "action home:cards_older": (HOME, '"home:cards_older"'),
    "action home:decide": (CARDS, 'press(page, "Decide")'),
    "action home:filter": (PLACES, '"home:filter"'),
    "action home:newer": (PLACES, '"home:newer", value'),
    "action home:older": (PLACES, '"home:older", value'),
    "action proposal:admin_page": (EACH, '"Open admin page"'),
    "action proposal:approve": (PLACES, '"proposal:approve"'),
    "action proposal:carried_out": (EACH, 'press(page, "Mark done")'),
    "action proposal:edit": (EDIT, 'name="Edit"'),
    "action proposal:evidence": (CARDS, 'press(page, "Evidence")'),
    "action proposal:grant": (PLACES, '"proposal:grant"'),
    "action proposal:no_effect": (PLACES, '"proposal:no_effect"'),
    "action proposal:reject": (CARDS, 'press(page, "Reject")'),
    "action proposal:reveal": (EACH, '"Show values"'),
    "action proposal:took_effect": (EACH, '"It took effect"'),
    "action proposal:undo": (PLACES, '"proposal:undo"'),
    "action proposal:why": (PLACES, '"proposal:why"'),
    "action task:close": (PLACES, '"task:close"'),
    "action task:hand_back": (PLACES, '"task:hand_back"'),
    "action task:take": (PLACES, '"task:take", "Stop"'),
    "command /ops": (COMMANDS, '"command": "/ops"'),
    "event app_home_opened": (PEOPLE, '"home"'),
    "event app_mention": (PEOPLE, "<@{BOT}> take"),
    "event message": (PEOPLE, 'text="tasks", channel=DIRECT'),
    "message after": (CARDS, "kind = 'after'"),
    "message card": (CARDS, '"Rejected by"'),
    "message digest": (STORM, "Storm mode over"),
    "message evidence": (EACH, "open_thread"),
    "message flare": (PLACES, "Critical by now"),
    "message fold": (PLACES, "2 alike"),
    "message reminder": (CARDS, '"Now yours, too"'),
    "message root": (PEOPLE, "closed by Operator"),
    "message trace": (PLACES, "Looked at"),
    "shortcut ops_open_task": (PEOPLE, '"ops_open_task"'),
    "shortcut ops_triage_message": (EACH, '"Triage with Autopilot"'),
    "view close:submit": (PLACES, '"close:submit"'),
    "view decide:submit": (PLACES, '"decide:submit"'),
    "view done:submit": (EACH, '"What did you do?"'),
    "view edit:confirm": (EDIT, '"Propose edit"'),
    "view edit:submit": (EDIT, '"Review"'),
    "view open:submit": (PEOPLE, '"odd replies"'),
    "view reject:submit": (PLACES, '"reject:submit"'),
}


class Recorder:
    """Stands for Slack's app: keeps what is listened to, by kind and name."""

    def __init__(self) -> None:
        self.heard: dict[str, Callable[..., object]] = {}

    def __getattr__(self, kind: str) -> Callable[[str], object]:
        def listen(name: str) -> Callable[[Callable[..., object]], None]:
            def keep(listener: Callable[..., object]) -> None:
                self.heard[f"{kind} {name}"] = listener

            return keep

        return listen


@pytest.fixture
def heard() -> dict[str, Callable[..., object]]:
    """Wire every listener as the web process does."""
    recorder = Recorder()
    nobody = SimpleNamespace(people=None, names=())
    register_listeners(
        cast("AsyncApp", recorder),
        cast("Database", None),
        cast("Rules", nobody),
        cast("Reception", None),
        links=cast("Links", None),
        metrics=new_metrics(),
    )
    return recorder.heard


def test_each_place_has_a_journey(heard: dict[str, Callable[..., object]]) -> None:
    """A new button, modal, shortcut, event or message is listed with its journey."""
    shown = {f"message {kind}" for kind in RENDERERS}

    assert set(JOURNEYS) == set(heard) | shown


@pytest.mark.parametrize("place", JOURNEYS)
def test_its_journey_uses_it(place: str) -> None:
    """The words stand in the file that is named."""
    file, words = JOURNEYS[place]
    text = (ROOT / "tests" / "journeys" / file).read_text(encoding="utf-8")

    assert words in text


def test_each_command_is_typed_in_a_journey(
    heard: dict[str, Callable[..., object]],
) -> None:
    """By its verb, in the journey of all commands."""
    listener = cast("SimpleNamespace", heard["command /ops"]).__self__
    registry: Registry = listener.registry
    text = (ROOT / "tests" / "journeys" / COMMANDS).read_text(encoding="utf-8")
    untyped = [
        verb
        for verb in registry.verbs
        if f'("{verb} ' not in text and f'("{verb}", ' not in text
    ]

    assert [] == untyped
