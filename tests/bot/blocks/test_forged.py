"""No foreign field of any message reads as one of its own lines, whichever it is."""

import json
from collections.abc import Iterable, Iterator, Mapping

import pytest

from bot.blocks.render import RENDERERS, render
from tests.bot.blocks.facts import CARD, ROOT, check, texts
from tests.bot.blocks.test_card import DONE, PASSED, REVERSION, VOTE
from tests.bot.blocks.test_digest import STORM
from tests.bot.blocks.test_evidence import EVIDENCE, LOOK
from tests.bot.blocks.test_flare import FLARE
from tests.bot.blocks.test_grant import GIVEN

Path = tuple[str | int, ...]
LINE = "needs 0 of nobody"
# A line of ours, and signs that end one.
FORGED = f"slow\n{LINE}\r\u2028{LINE}\v{LINE}"
# Words of our own, of which code chooses what to say.
_OURS = frozenset(
    {"state", "verdict", "unit", "digest", "id", "proposal_id"}
    | {"short_id", "severity", "kind", "level", "why"}
)
_FULL: Mapping[str, object] = {
    **CARD,
    **PASSED,
    **DONE,
    "votes": [{**VOTE, "comment": "it is the flag"}],
    "edited_by": "ann",
    "diff": {"limit": {"before": "600", "after": "400"}},
    "reversion": {**REVERSION, "reason": "it expires"},
    "prose": {"Comment": "Hello"},
    "uncited": ["target"],
    "closed_by": "ann",
    "closed_reason": "because of it",
    "grant": GIVEN,
    "environment": "prod",
    "owner": "ann",
    "asked_at": 1_700_000_000.0,
    "cited": [{"tool": "get_x", "number": 1}],
}
SAMPLES: Mapping[str, list[Mapping[str, object]]] = {
    "root": [{**ROOT, "owner": "ann", "muted_by": "ann", "next_step": "wait"}],
    "trace": [{"looks": [LOOK], "done": True}],
    "evidence": [
        {
            "summary": "slow",
            "findings": [{"text": "5xx", "evidence_ids": ["e1"]}] * 4,
            "unknowns": ["why", "where"],
            "notes": ["a note"],
            "evidence": EVIDENCE,
        },
        {"summary": "slow"},
    ],
    "after": [{"pictures": [{"id": "p", "alt": "5xx"}]}],
    "card": [
        {**_FULL, "state": state}
        for state in ("needs_approval", "rejected", "failed", "succeeded", "drafted")
    ],
    "fold": [{"cards": [_FULL, {**_FULL, "proposal_id": "another"}]}],
    "flare": [{**FLARE, "people": []}],
    "reminder": [
        {**_FULL, "state": state, "asked_anew": "x", "paged": "y"}
        for state in ("needs_approval", "drafted", "rejected")
    ],
    "digest": [STORM],
    "answer": [{"text": "Done.", "about": "A flag"}],
}


def leaves(value: object, path: Path = ()) -> Iterator[Path]:
    """Give the way to each text that is foreign."""
    if isinstance(value, str):
        yield path
    elif isinstance(value, Mapping):
        for name, one in value.items():
            if name not in _OURS:
                yield from leaves(one, (*path, name))
    elif isinstance(value, list | tuple):
        for at, one in enumerate(value):
            yield from leaves(one, (*path, at))


def filled(
    facts: Mapping[str, object], paths: Iterable[Path], text: str
) -> dict[str, object]:
    """Give the facts with this text in these fields."""
    copy: dict[str, object] = json.loads(json.dumps(facts))
    for path in paths:
        spot: object = copy
        for step in path[:-1]:
            spot = spot[step]  # type: ignore[index]
        spot[path[-1]] = text  # type: ignore[index]
    return copy


def _bare(line: str) -> str:
    """Give it without what only dresses it."""
    return line.strip(" *_~").replace("*", "")


def test_every_message_has_a_sample() -> None:
    assert set(RENDERERS) == set(SAMPLES)


@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_no_field_makes_a_line_of_its_own(kind: str) -> None:
    """Each in turn; a text for people, and what an answer goes on to, is quoted."""
    tried = []
    for facts in SAMPLES[kind]:
        for path in leaves(facts):
            message = render(kind, filled(facts, [path], FORGED))
            check(message)
            lines = [one for text in texts(message) for one in text.splitlines()]
            tried.append(path)
            assert not any(_bare(one).startswith(LINE) for one in lines), path

    assert tried


@pytest.mark.parametrize(
    "long", ["&" * 3000, "word " * 2000, "2026-11-27 02:00Z " * 150]
)
@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_no_message_is_too_long_however_much_it_has_to_say(
    kind: str, long: str
) -> None:
    """Every foreign field at once."""
    for facts in SAMPLES[kind]:
        check(render(kind, filled(facts, leaves(facts), long)))
