"""Senders' words for how bad it is and whether it lasts, in our words."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from policy.alert import AlertStatus, Severity

_SEVERITIES = {
    Severity.critical: (
        "critical crit page emergency emerg fatal disaster blocker urgent severe"
        " p0 p1 sev0 sev1"
    ),
    Severity.error: "error err high major p2 sev2",
    Severity.warning: "warning warn minor medium moderate average p3 sev3",
    Severity.info: (
        "info informational information notice debug low none ok p4 p5 sev4 sev5"
    ),
}
_STATUSES = {
    AlertStatus.firing: (
        "firing alert alerting alarm active activated open opened trigger triggered"
        " retriggered created create new acknowledge acknowledged unacknowledged ack"
        " problem down failing failed pending reopened unresolved nodata renotify"
        " critical warning error warn rewarn ongoing degraded anomalous started"
        " investigating identified monitoring"
    ),
    AlertStatus.resolved: (
        "resolved resolve ok closed close recovered recovery up success succeeded"
        " successful clear cleared inactive complete completed solved normal healthy"
        " operational deleted delete cancelled canceled deactivated ended"
    ),
}
_WORD = re.compile(r"[^a-z0-9]+")
_TOKENS = re.compile(r"[\s()\[\]:,/|]+")
_LONGEST_WORD = 60
_WHY = re.compile(r" ?\([^()]*\)$")
_BRACKETS = re.compile(r"^\s*(?:\[[^\]]{0,100}\]\s*)+")
# "Problem: x", and what ended it: "Resolved in 5m 3s: x".
_STATE = re.compile(r"\s*([A-Za-z-]{2,20})(?: in [^:]{1,40})?:\s+")
# An event's name tells an end: incident.resolved, ALERT_RECOVERY, resolved_item.
_ENDS = re.compile(
    r"(?:.+[._:/-])?(?:resolved?|closed?|recover(?:ed|y)|clear(?:ed)?|ended)"
    r"|(?:resolved|closed|recovered|cleared)[._:/-].+",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"(?:^|[._:/-])(?:not|no|never|un|partial|partially|partly)[._:/-]", re.IGNORECASE
)


def find_severity(word: object) -> Severity | None:
    """
    Give the severity of a word; None of one that is not known.

    Case and signs don't matter (``SEV-1``); of several words the first known counts.
    """
    known = _severities()
    return next((known[one] for one in _spellings(word) if one in known), None)


def severity_of(word: object, *others: object) -> Severity:
    """Give the first known one; none counts as a warning, so that it is seen."""
    return next(filter(None, map(find_severity, (word, *others))), Severity.warning)


def find_status(word: object) -> AlertStatus | None:
    """
    Give the status of a word (``No Data``, ``re-triggered``); None if unknown.

    What is in brackets behind it says why: ``Normal (NoData)``.
    """
    if not isinstance(word, str) or len(word) > _LONGEST_WORD:
        return None
    known = _statuses()
    return known.get(_plain(word)) or known.get(_plain(_WHY.sub("", word)))


def status_of(word: object, *others: object) -> AlertStatus:
    """Give the first known one; none fires, so that it is seen."""
    return next(filter(None, map(find_status, (word, *others))), AlertStatus.firing)


def is_end(event: object) -> bool:
    """Tell whether an event's name says that something has ended."""
    if not isinstance(event, str) or len(event) > _LONGEST_WORD:
        return False
    said = event.strip()
    return _ENDS.fullmatch(said) is not None and _DENIED.search(said) is None


def bare(title: str) -> str:
    """Give a title without the state before it: ``[FIRING:1] x``, ``Resolved: x``."""
    rest = _BRACKETS.sub("", title)
    state = _STATE.match(rest)
    if state and find_status(state.group(1)) is not None:
        rest = rest[state.end() :]
    return rest.strip() or title


def status_if(*, ended: bool) -> AlertStatus:
    return AlertStatus.resolved if ended else AlertStatus.firing


@cache
def _severities() -> Mapping[str, Severity]:
    return {word: one for one, words in _SEVERITIES.items() for word in words.split()}


@cache
def _statuses() -> Mapping[str, AlertStatus]:
    return {word: one for one, words in _STATUSES.items() for word in words.split()}


def _spellings(word: object) -> Iterator[str]:
    """Give the whole first, then its parts."""
    yield _plain(word)
    if isinstance(word, str) and len(word) <= _LONGEST_WORD:
        yield from map(_plain, _TOKENS.split(word))


def _plain(word: object) -> str:
    if not isinstance(word, str) or len(word) > _LONGEST_WORD:
        return ""
    return _WORD.sub("", word.lower())
