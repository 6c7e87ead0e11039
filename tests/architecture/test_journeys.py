"""Whatever people press, send, type or are shown has a journey that uses it."""

import ast
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
from tests.architecture.journeys import ACTS, LOOKS, words_of
from tests.architecture.sources import ROOT

ANSWERS, CARDS, EACH = "test_answers.py", "test_cards.py", "test_each_card.py"
COMMANDS, EDIT, PEOPLE = "test_commands.py", "test_edit.py", "test_people.py"
EVIDENCE = "test_evidence.py"
HOME, PLACES = "test_home.py", "test_each_place.py"
# Each place with a journey's file, and the text with which a person uses it there: an
# action's id or its button's label; of a message, what is looked for.
JOURNEYS = {
    "action evidence:back": (EVIDENCE, "evidence:back"),
    "action evidence:more": (EVIDENCE, "evidence:more"),
    "action evidence:whole": (CARDS, "All of E"),
    "action fold:approve": (EACH, "Approve chosen"),
    "action fold:each": (PLACES, "fold:each"),
    "action fold:reject": (PLACES, "fold:reject"),
    "action fold:targets": (PLACES, "fold:targets"),
    "action grant:withdraw": (CARDS, "Withdraw the grant"),
    "action home:cards_newer": (HOME, "home:cards_newer"),
    "action home:cards_older": (HOME, "home:cards_older"),
    "action home:decide": (ANSWERS, "home:decide"),
    "action home:filter": (PLACES, "home:filter"),
    "action home:newer": (PLACES, "home:newer"),
    "action home:older": (PLACES, "home:older"),
    "action proposal:admin_page": (EACH, "proposal:admin_page"),
    "action proposal:approve": (PLACES, "proposal:approve"),
    "action proposal:carried_out": (EACH, "Mark done"),
    "action proposal:edit": (EDIT, "Edit"),
    "action proposal:evidence": (CARDS, "Evidence"),
    "action proposal:grant": (PLACES, "proposal:grant"),
    "action proposal:no_effect": (PLACES, "proposal:no_effect"),
    "action proposal:reject": (CARDS, "Reject"),
    "action proposal:reveal": (EACH, "Show values"),
    "action proposal:took_effect": (EACH, "It took effect"),
    "action proposal:undo": (PLACES, "proposal:undo"),
    "action proposal:why": (PLACES, "proposal:why"),
    "action task:close": (PLACES, "task:close"),
    "action task:hand_back": (PLACES, "task:hand_back"),
    "action task:take": (PLACES, "task:take"),
    "command /ops": (PLACES, "approve "),
    "event app_home_opened": (PEOPLE, "home"),
    "event app_mention": (PEOPLE, "> take"),
    "event message": (PEOPLE, "tasks"),
    "message answer": (ANSWERS, "Approved"),
    "message after": (PLACES, "Before and after"),
    "message card": (CARDS, "Rejected by"),
    "message digest": (PLACES, "Storm mode"),
    "message evidence": (PLACES, "Evidence: E1"),
    "message flare": (PLACES, "Critical by now"),
    "message fold": (PLACES, "2 alike"),
    "message reminder": (CARDS, "Now yours, too"),
    "message root": (PLACES, "closed by Operator"),
    "message trace": (PLACES, "Looked at"),
    "shortcut ops_open_task": (PEOPLE, "ops_open_task"),
    "shortcut ops_triage_message": (EACH, "Triage with Autopilot"),
    "view close:submit": (PLACES, "close:submit"),
    "view decide:submit": (PLACES, "decide:submit"),
    "view done:submit": (EACH, "What did you do?"),
    "view edit:confirm": (EDIT, "Propose edit"),
    "view edit:submit": (EDIT, "Review"),
    "view open:submit": (PEOPLE, "odd replies"),
    "view reject:submit": (PLACES, "reject:submit"),
}
# What is no use: the text stands there, and no test does anything with it.
_MENTIONS = (
    '"""A docstring: proposal:why."""',
    "# proposal:why",
    'IDS = ("proposal:why",)\nasync def test_one(me):\n    await me.press("other")',
    'async def test_one(me):\n    assert "proposal:why" in str(await me.home())',
    'async def test_one(me):\n    await me.sees("proposal:why")',
    'async def nobody_calls(me):\n    await me.press("proposal:why")',
    "async def test_one(stack):\n    stack.rows(\"SELECT 'proposal:why'\")",
)
_USES = (
    'async def test_one(me):\n    await me.press("proposal:why", "Why?")',
    'ID = "proposal:why"\nasync def test_one(me):\n    await me.press(ID)',
    'def so(me):\n    me.press("proposal:why")\ndef test_one(me):\n    so(me)',
    'async def test_one(page):\n    await page.get_by_role("proposal:why").click()',
)


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
    """A test of the file that is named does it, or looks for it."""
    file, text = JOURNEYS[place]
    if place.startswith("message "):
        assert any(text in one for one in words_of(_tree(file), LOOKS))
    else:
        assert text in words_of(_tree(file), ACTS)


@pytest.mark.parametrize("source", _MENTIONS)
def test_a_mention_is_no_use(source: str) -> None:
    """Nor is what no test leads to, nor a look at what is to be pressed."""
    assert "proposal:why" not in words_of(ast.parse(source), ACTS)


@pytest.mark.parametrize("source", _USES)
def test_a_use_is_found(source: str) -> None:
    """By a constant's name, in a helper of the file, and in a browser."""
    assert "proposal:why" in words_of(ast.parse(source), ACTS)


def test_each_command_is_typed_in_a_journey(
    heard: dict[str, Callable[..., object]],
) -> None:
    """By its verb, in the journey of all commands."""
    listener = cast("SimpleNamespace", heard["command /ops"]).__self__
    registry: Registry = listener.registry
    typed = {one.partition(" ")[0] for one in words_of(_tree(COMMANDS), ACTS)}

    assert set() == set(registry.verbs) - typed


def _tree(file: str) -> ast.Module:
    return ast.parse((ROOT / "tests" / "journeys" / file).read_text(encoding="utf-8"))
