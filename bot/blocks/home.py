"""The app's Home: what waits, the system's state, open tasks by filter and page."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from bot.blocks.card_actions import button_value
from bot.blocks.overview import Overview, Pending
from bot.blocks.permalink import linked
from bot.blocks.task_line import line
from bot.blocks.text import (
    Block,
    clean,
    clock,
    context,
    mapping_of,
    moment,
    packed,
    plain_text,
    section,
    sections,
    span,
)
from bot.blocks.what import title_of
from policy.risk import risk_word
from policy.task import TaskKind
from storage.tasks import Task

FILTER = "home:filter"
NEWER = "home:newer"
OLDER = "home:older"
CARDS_NEWER = "home:cards_newer"
CARDS_OLDER = "home:cards_older"
DECIDE = "home:decide"
PAGE = 10
_BEHIND = "home:"
ALL, MINE, WAITING = "all", "mine", "waiting"
# Four of these, each character escaped to five, and an address fit into a section.
_MOST_WORDS = 130
# Before alike ones are folded. A view has 100 blocks; a card takes two.
CARDS = 10
# Answers on top. A view has 250,000 bytes: of the longest words of all else, each of
# their characters escaped, come 122,000, and of one answer 7,000.
ANSWERS = 12
_NONE = {WAITING: "Nothing waits for you.", MINE: "Nothing of yours is open."}
_NO_CARDS = {**_NONE, MINE: "Nothing of yours waits."}
# The spec's word for what reliability tasks are about.
_WORDS = {TaskKind.reliability: "Incidents"}


@dataclass(frozen=True, slots=True)
class Shown:
    """Which tasks and cards are looked at: a filter, and how many lie before each."""

    filter: str = ALL
    after: int = 0
    cards: int = 0

    @property
    def word(self) -> str:
        """Give it as one word among the values of a modal that Home opens."""
        return f"{_BEHIND}{self.filter}:{self.after}:{self.cards}"

    @staticmethod
    def of_word(word: str) -> "Shown | None":
        """Read ``word`` back; None for any other word."""
        if not word.startswith(_BEHIND):
            return None
        wanted, *places = word.removeprefix(_BEHIND).split(":")
        if not places or not all(one.isdecimal() for one in places):
            return Shown()
        after, cards = [*map(int, places), 0][:2]
        return Shown.read(Shown(wanted, after, cards).packed())

    def packed(self) -> str:
        return json.dumps(asdict(self))

    @staticmethod
    def read(metadata: str) -> "Shown":
        """Read a view's own metadata; anything else is the first page of all."""
        try:
            found = mapping_of(json.loads(metadata or "{}"))
        except ValueError:
            return Shown()
        wanted = str(found.get("filter"))
        return Shown(
            wanted if wanted in filters() else ALL,
            _place(found.get("after")),
            _place(found.get("cards")),
        )


def _place(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0


@dataclass(frozen=True, slots=True)
class Open:
    """A task that is open; ``address`` is where its thread stands, or empty."""

    task: Task
    address: str


def filters() -> Mapping[str, str]:
    """Give the filters with their words."""
    kinds = {kind.value: _WORDS.get(kind, kind.capitalize()) for kind in TaskKind}
    return {ALL: "All", WAITING: "Waiting for me", MINE: "Mine", **kinds}


def render_home(
    overview: Overview,
    tasks: Sequence[Open],
    shown: Shown,
    *,
    now: float,
    answers: Sequence[str] = (),
    more: int = 0,
) -> Mapping[str, object]:
    """
    Make the view; of ``tasks`` one more than a page says that there is another.

    ``answers`` are what came of the last clicks here; ``more`` were told directly.
    """
    return {
        "type": "home",
        "private_metadata": shown.packed(),
        "blocks": [
            *sections([*answers, *([_more(more)] if more else [])]),
            _filter(shown),
            _header("Waiting for a decision"),
            *_pending(overview, shown),
            _header("State"),
            context(*(packed(overview.state, " · ") or ["✅ No freeze, no storm."])),
            _header("Open tasks"),
            *_tasks(tasks, shown),
            context(f"As of {clock(now)} · `/ops help` says what can be typed"),
        ],
    }


def _more(number: int) -> str:
    return f"and {number} more, in your messages"


def render_stranger() -> Mapping[str, object]:
    """For people whom ``people.yaml`` gives no role."""
    text = "Nothing is shown here: nobody with your Slack id has a role."
    return {"type": "home", "blocks": [section(text)]}


def _header(text: str) -> Block:
    return {"type": "header", "text": plain_text(text, most=150)}


def _pending(overview: Overview, shown: Shown) -> list[Block]:
    """Give a page of cards; one behind the last leads back."""
    blocks: list[Block] = []
    for one in overview.pending:
        blocks += _card(one)
    here = sum(1 + len(one.alike) for one in overview.pending)
    turns = []
    if shown.cards > 0:
        turns.append(_turn("Before", CARDS_NEWER, max(0, shown.cards - CARDS)))
    if shown.cards + here < overview.every:
        turns.append(_turn("More cards", CARDS_OLDER, shown.cards + CARDS))
    if not blocks:
        blocks = [section(_nothing(shown, _NO_CARDS, "Nothing waits"))]
    elif turns:
        first, last = shown.cards + 1, shown.cards + here
        blocks.append(context(f"{first} to {last} of {overview.every}"))
    return blocks + ([{"type": "actions", "elements": turns}] if turns else [])


def _nothing(shown: Shown, known: Mapping[str, str], words: str) -> str:
    """Say of what nothing is there: what another filter shows is not denied."""
    if shown.filter in known or shown.filter == ALL:
        return known.get(shown.filter, f"{words}.")
    return f"{words} under {filters()[shown.filter]}."


def _card(one: Pending) -> list[Block]:
    card = one.card
    estimate = mapping_of(card.get("estimate"))
    risk = int(str(card.get("risk") or 0))
    before, after, reach = (
        clean(estimate.get(name, "?"), most=_MOST_WORDS)
        for name in ("before", "after", "text")
    )
    title = linked(title_of(card), one.address, most=_MOST_WORDS)
    more = f" and {len(one.alike)} alike" if one.alike else ""
    block = section(f"*{title}*{more}\n*{before}* → *{after}*, reaches {reach}")
    if one.for_me and card["state"] == "needs_approval":
        block["accessory"] = {
            "type": "button",
            "action_id": DECIDE,
            "text": plain_text("Decide", most=75),
            "style": "primary",
            "value": " ".join(
                button_value(each["proposal_id"], each["digest"])
                for each in (one.card, *one.alike)
            ),
        }
    return [
        block,
        context(
            " · ".join(
                part
                for part in (
                    clean(one.environment),
                    f"risk {risk_word(risk)} ({risk}/10)",
                    _waits(one),
                    _ends(one),
                    f"`{one.task}`",
                )
                if part
            )
        ),
    ]


def _waits(one: Pending) -> str:
    """Say for whom; a draft waits for a hand, not for a decision."""
    roles = one.card.get("roles")
    whose = " or ".join(map(clean, roles)) if isinstance(roles, list) else ""
    waits = "for you" if one.for_me else f"for {whose or 'nobody'}"
    if one.deciding:
        return "⏳ your decision is being settled"
    if one.card["state"] != "drafted":
        return waits
    return f"a draft {waits}: carry it out, then Mark done on its card"


def _ends(one: Pending) -> str:
    """Say until when: of those alike, when the first of them ends."""
    ends = [each.get("expires_at") for each in (one.card, *one.alike)]
    known = [at for at in ends if isinstance(at, int | float)]
    if known:
        return f"expires {moment(min(known))}"
    seconds = one.card.get("expires_in_seconds")
    return f"expires after {span(seconds)}" if isinstance(seconds, int) else ""


def _filter(shown: Shown) -> Block:
    options = {
        name: {"text": plain_text(words, most=75), "value": name}
        for name, words in filters().items()
    }
    return {
        "type": "actions",
        "elements": [
            {
                "type": "static_select",
                "action_id": FILTER,
                "options": list(options.values()),
                "initial_option": options[shown.filter],
            }
        ],
    }


def _tasks(tasks: Sequence[Open], shown: Shown) -> list[Block]:
    if not tasks:
        return [section(_nothing(shown, _NONE, "Nothing is open"))]
    blocks = sections([line(one.task, one.address) for one in tasks[:PAGE]])
    turns = []
    if shown.after > 0:
        turns.append(_turn("Newer", NEWER, max(0, shown.after - PAGE)))
    if len(tasks) > PAGE:
        turns.append(_turn("More", OLDER, shown.after + PAGE))
    return blocks + ([{"type": "actions", "elements": turns}] if turns else [])


def _turn(text: str, action: str, after: int) -> Block:
    return {
        "type": "button",
        "action_id": action,
        "text": plain_text(text, most=75),
        "value": str(after),
    }
