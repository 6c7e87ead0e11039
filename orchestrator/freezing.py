"""
The kill switch, pulled by a person: one transaction, which needs no other process.

A freeze must hold though gateway, worker and Redis are down, so whoever asks writes the
row itself. After the answer no new effect begins on any process.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from difflib import get_close_matches
from itertools import dropwhile

from orchestrator.durations import parse_duration
from orchestrator.reasons import hidden_reason
from policy.environment import find_environment, is_elsewhere
from policy.event import Event
from policy.names import NAME_FORM
from policy.scope import Scope
from policy.tool_spec import ToolCategory, ToolSpec
from storage import freezes, ledger, tasks
from storage.database import Database
from storage.freezes import EVERYTHING, Begun, Freeze, Frozen, Hold
from storage.steps import Step

_SERVICE = re.compile(f"^service:{NAME_FORM}$")
# A first word of the reason that looks like a name is one that was mistyped.
_NAMELIKE = re.compile(r"_|^[a-z]+:\S")
# What asks how to freeze, or says for how long in words that are not read.
_NO_REASON = re.compile(
    r"[-?]|(?:help|list|status|usage)$|until\b|\d{1,2}:\d\d"
    r"|\d+\s?(?:m|min|mins|minutes?|h|hrs?|hours?|d|days?)\b",
    re.IGNORECASE,
)
# What may stand before a name or a duration, and says nothing more.
_LEADS = frozenset({"everything", "all", "for", "in", "on"})
_LIKE = 0.75
# A duration so near the beginning was meant as one.
_NEAR = 3
WHOLE = "--all"
# Phones make one dash of two.
_WHOLE = (WHOLE, "\u2014all", "\u2013all")
USAGE = "[environment] [tool | category | service:name] [30m | 2h | 1d] [--all] reason"


class BadFreeze(Exception):
    """The words of a freeze make no sense; the message says what to write."""


@dataclass(frozen=True, slots=True)
class FreezeWish:
    """
    What to freeze or thaw, for how long and why.

    ``lasts`` None until a thaw; ``undo_too`` stops undo and reversions as well.
    """

    scope: str
    reason: str
    lasts: timedelta | None = None
    undo_too: bool = False
    environment: str | None = None


def freezable(tools: Sequence[ToolSpec]) -> tuple[str, ...]:
    """Give the names that may be frozen alone: write tools, and their categories."""
    writes = [one for one in tools if one.category is not ToolCategory.read]
    names = {one.name for one in writes} | {one.category.value for one in writes}
    return tuple(sorted(names))


def parse_wish(
    text: str,
    *,
    environments: Sequence[str],
    names: Sequence[str],
    others: Sequence[str] = (),
) -> FreezeWish:
    """
    Read ``prod toggle_feature_flag 30m reason``; each part but the reason may lack.

    ``names`` are the tools and categories that may be frozen alone, ``others`` the
    environments that can't be frozen from here.

    Raises:
        BadFreeze: a word that looks like a mistyped name, or names one of ``others``.
    """
    words = text.split()
    environment, scope, duration, undo_too = None, EVERYTHING, "", False
    while words:
        word = words[0]
        if word in _WHOLE:
            undo_too = True
        elif environment is None and is_elsewhere(word, environments, others):
            there = ", ".join(environments)
            raise BadFreeze(f"{word} is not connected here, {there} is")
        elif environment is None and find_environment(word, environments):
            environment = find_environment(word, environments)
        elif scope == EVERYTHING and (word in names or _SERVICE.match(word)):
            scope = word
        elif not duration and parse_duration(word) is not None:
            duration = word
        elif _leads(words, environments, names):
            pass
        else:
            break
        words.pop(0)
    _check_reason(words, (*environments, *names), has_duration=duration != "")
    wish = make_wish(scope, " ".join(words), duration, undo_too=undo_too, names=names)
    return replace(wish, environment=environment)


def _check_reason(
    words: Sequence[str], known: Sequence[str], *, has_duration: bool
) -> None:
    """
    Refuse what is left where it is no reason: it would freeze more, without an end.

    Raises:
        BadFreeze: what was meant, or how to write it.
    """
    said = _behind_leads(words) or words
    if _NO_REASON.match(" ".join(said)):
        raise BadFreeze(
            f"{said[0]} is neither a duration nor a reason: write 30m, 2h or 1d, then "
            "why"
        )
    late = next((one for one in said[:_NEAR] if parse_duration(one)), None)
    if late and not has_duration:
        named = " ".join(said[: said.index(late)])
        raise BadFreeze(
            f"{named} is nothing that can be frozen, and {late} behind it is not read: "
            f"write {USAGE}"
        )
    if words and _is_mistyped(words[0], known):
        raise BadFreeze(_unknown(words[0], known))


def _behind_leads(words: Sequence[str]) -> Sequence[str]:
    return list(dropwhile(lambda one: one.lower() in _LEADS, words))


def _leads(
    words: Sequence[str], environments: Sequence[str], names: Sequence[str]
) -> bool:
    """Tell ``everything in staging for 30m`` from the beginning of a reason."""
    behind = _behind_leads(words)
    if not behind or len(behind) == len(words):
        return False
    word = behind[0]
    return (
        word in (*names, *_WHOLE)
        or find_environment(word, environments) is not None
        or _SERVICE.match(word) is not None
        or parse_duration(word) is not None
    )


def parse_thaw(
    text: str,
    *,
    environments: Sequence[str],
    names: Sequence[str],
    others: Sequence[str] = (),
) -> FreezeWish:
    """
    Read ``prod toggle_feature_flag``; a thaw takes no other words.

    Raises:
        BadFreeze: a word that names nothing: it must not thaw everything instead.
    """
    wish = parse_wish(text, environments=environments, names=names, others=others)
    if wish.reason:
        raise BadFreeze(_unknown(wish.reason.split()[0], names))
    if wish.lasts is not None:
        raise BadFreeze("a thaw takes no duration: it holds until the next freeze")
    return wish


def make_wish(
    scope: str, reason: str, duration: str, *, undo_too: bool, names: Sequence[str]
) -> FreezeWish:
    """
    Check the parts of a wish.

    Raises:
        BadFreeze: an unknown name, no duration, or a name beside ``--all``.
    """
    if scope not in (EVERYTHING, *names) and not _SERVICE.match(scope):
        raise BadFreeze(_unknown(scope, names))
    if undo_too and scope != EVERYTHING:
        raise BadFreeze(f"{WHOLE} stops everything, so it goes with no name")
    lasts = parse_duration(duration)
    if duration and lasts is None:
        raise BadFreeze(f"{duration} is no duration: write 30m, 2h or 1d")
    kept = scope.casefold() if _SERVICE.match(scope) else scope
    return FreezeWish(kept, reason, lasts, undo_too)


def _is_mistyped(word: str, known: Sequence[str]) -> bool:
    """Tell a mistyped name from the beginning of a reason."""
    near = get_close_matches(word.lower(), known, n=1, cutoff=_LIKE)
    return bool(near) or _NAMELIKE.search(word) is not None


def _unknown(word: str, names: Sequence[str]) -> str:
    return f"nothing that can be frozen is called {word}; known: {', '.join(names)}"


async def freeze(database: Database, scope: Scope, wish: FreezeWish, *, by: str) -> str:
    """
    Freeze; gives what holds now, and the effects that had begun, for people.

    Its reason is told to everybody and kept: whom it names is only said to be somebody.

    Raises:
        BadFreeze: no reason was given.
        NotFound: there is no such environment.
    """
    if not wish.reason:
        raise BadFreeze("say why: the reason stands on every card that it holds")
    wish = replace(wish, reason=hidden_reason(wish.reason))
    async with database.transaction(scope, Step.freeze) as tx:
        until = tx.now + wish.lasts if wish.lasts else None
        frozen = await freezes.freeze(
            tx,
            Hold(wish.reason[:300], by, until),
            scope=wish.scope,
            undo_too=wish.undo_too,
        )
        await ledger.append(
            tx,
            Event.writes_frozen,
            actor=by,
            task_id=None,
            body={
                "scope": wish.scope,
                "reason": wish.reason,
                "until": until.isoformat() if until else None,
                "undo_too": wish.undo_too,
                "begun": [one.execution_id for one in frozen.begun],
            },
        )
        service = wish.scope.removeprefix("service:")
        doubtful = service != wish.scope and not await tasks.knows_service(tx, service)
    said = say_frozen(scope, wish, frozen)
    if doubtful:
        said += f"\n• no task or alert here ever named {service}: check its spelling"
    return said


async def thaw(
    database: Database, scope: Scope, wish: FreezeWish, *, by: str
) -> Freeze:
    """
    Thaw; gives what is still frozen.

    Raises:
        NotFound: there is no such environment.
    """
    async with database.transaction(scope, Step.freeze) as tx:
        left = await freezes.thaw(tx, scope=wish.scope)
        await ledger.append(
            tx,
            Event.writes_thawed,
            actor=by,
            task_id=None,
            body={"scope": wish.scope, "reason": hidden_reason(wish.reason)},
        )
    return left


def say_frozen(scope: Scope, wish: FreezeWish, frozen: Frozen) -> str:
    """Say what holds now, by the row itself, and what had begun before."""
    what = "every write" if wish.scope == EVERYTHING else wish.scope
    hold = frozen.hold_of(wish.scope)
    until = f" until {hold.until:%Y-%m-%d %H:%M} UTC" if hold and hold.until else ""
    stops = frozen.now.holds_undo is not None
    undo = "undo and reversions too" if stops else "undo and reversions go on"
    lines = [f"{scope.tenant_id} {scope.environment}: frozen, {what}{until} ({undo})"]
    if not frozen.begun:
        return f"{lines[0]}. No effect was under way."
    return "\n".join([*lines, *map(say_begun, frozen.begun)])


def say_begun(one: Begun) -> str:
    """Say what is known of an effect that had begun."""
    if one.unseen:
        return f"• may still land: {one.title}, was sent and not seen"
    ends = f"{one.title}, ends by {one.deadline_at:%Y-%m-%d %H:%M:%S} UTC"
    if one.given_up:
        return f"• not known: {ends}; it was given up, and its card asks a person"
    return f"• under way: {ends}, and is read back then"


def say_thawed(scope: Scope, left: Freeze) -> str:
    """Say what still holds after a thaw."""
    held = sorted(left.scopes)
    if left.whole is not None:
        held.insert(0, f"everything (by {left.whole.by}: {left.whole.reason})")
    still = f"; still frozen: {', '.join(held)}" if held else ""
    return f"{scope.tenant_id} {scope.environment}: thawed{still}"
