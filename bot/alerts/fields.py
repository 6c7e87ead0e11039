"""Foreign JSON, read leniently: a field of another type is as good as none."""

import json
import re
from collections.abc import Iterable, Mapping
from itertools import islice

from gateway.redaction.redact import storable
from gateway.redaction.shortened import shortened

# Names under which senders put the service and the environment, best first.
SERVICE = ("service", "app", "application", "job", "deployment", "namespace")
ENVIRONMENT = ("environment", "env", "stage", "cluster_env")
# A value longer than this is no label; what is longer is cut before it is looked at.
MOST_TEXT = 2000
_MOST_PAIRS = 10_000
_MOST_QUOTED = 40
_SIGNS = re.compile(r"[\W_]+")
# Where a name's next word begins: problemTitle, HTMLPage.
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# What is in these is a person's own, names and all.
_OWN_NAMES = ("labels", "tags", "annotations", "dimensions")
_MOST_RENAMED = 4


def at(value: object, *path: str | int) -> object:
    """Follow names and places; None where the way ends."""
    for step in path:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int):
            value = value[step] if -len(value) <= step < len(value) else None
        else:
            return None
    return value


def text(value: object) -> str:
    """Give a scalar as one trimmed line of at most ``MOST_TEXT``; else nothing."""
    if isinstance(value, bool) or value is None:
        return "" if value is None else str(value).lower()
    if isinstance(value, str):
        said = " ".join(storable(value[: MOST_TEXT * 2]).split())
        return shortened(said, MOST_TEXT)
    if isinstance(value, int | float):
        return compact(value)
    return ""


def first_text(*values: object) -> str:
    """Give the first that is text, or nothing."""
    return next(filter(None, map(text, values)), "")


def compact(value: object) -> str:
    """Give JSON of anything, cut; what can't be written says so."""
    try:
        return shortened(storable(json.dumps(value, default=str)), MOST_TEXT)
    except (RecursionError, ValueError):
        return "(nested too deeply, or too large)"


def quoted(value: object) -> str:
    """Give the beginning of a value, for a reason; no person's value is cut in two."""
    return repr(shortened(compact(value).strip('"'), _MOST_QUOTED))


def folded(value: object) -> dict[str, object]:
    """
    Give what is filled by names without case and signs: ``ALERT_ID`` as ``alertid``.

    Of several that become one, the last by the alphabet counts, in whichever order.
    """
    if not isinstance(value, Mapping):
        return {}
    return {
        _SIGNS.sub("", str(name).lower()): value[name]
        for name in sorted(value, key=str)
        if value[name] not in (None, "")
    }


def snake_named(value: object, *, levels: int = _MOST_RENAMED) -> object:
    """
    Give objects within each other with names in snake case, by the alphabet.

    ``ProblemTitle`` becomes ``problem_title``. Labels and tags keep their names, and
    so does what stands in lists. Of several that become one, as ``folded`` has it.
    """
    if not isinstance(value, Mapping) or not levels:
        return value
    found: dict[str, object] = {}
    for name in sorted(value, key=str):
        snake = _SIGNS.sub("_", _HUMPS.sub("_", str(name))).strip("_").lower()
        below = 0 if snake in _OWN_NAMES else levels - 1
        item = snake_named(value[name], levels=below)
        if item not in (None, "") or snake not in found:
            found[snake] = item
    return found


def texts(value: object) -> dict[str, str]:
    """Give a mapping with text values; real senders put numbers and booleans there."""
    if not isinstance(value, Mapping):
        return {}
    return {
        storable(str(key)): storable(item) if isinstance(item, str) else compact(item)
        for key, item in value.items()
        if item is not None
    }


def pairs(value: object) -> dict[str, str]:
    """
    Give tags as a mapping, in whichever of the common forms they are.

    A mapping; ``"a:b,c"``; a list of ``"a:b"``, of ``[a, b]``, or of objects with
    ``key`` or ``name`` and ``value``. A tag without a value has the value ``true``.
    """
    if isinstance(value, Mapping):
        return texts(value)
    if isinstance(value, str):
        value = value[: MOST_TEXT * 10].split(",")
    if not isinstance(value, list):
        return {}
    found = (_pair(item) for item in islice(value, _MOST_PAIRS))
    return {name: said for name, said in found if name}


def _pair(item: object) -> tuple[str, str]:
    if isinstance(item, str):
        name, colon, said = text(item).partition(":")
        return name.strip(), said.strip() if colon else "true"
    if isinstance(item, Mapping):
        lowered = {str(key).lower(): one for key, one in item.items()}
        value = lowered.get("value")
        # OpenTelemetry wraps a value by its type: {"stringValue": "x"}.
        wrapped = list(value.values()) if isinstance(value, Mapping) else [value]
        return first_text(lowered.get("key"), lowered.get("name")), first_text(*wrapped)
    return text(at(item, 0)), text(at(item, 1))


def objects(value: object) -> list[Mapping[str, object]]:
    """Give the objects of a list; none where it is no list."""
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, Mapping)]


def first_of(labels: Mapping[str, str], names: Iterable[str]) -> str | None:
    """Give the first label that is there and not empty."""
    return next((labels[name] for name in names if labels.get(name)), None)


def filled(**values: object) -> dict[str, str]:
    """Give those that are text, under their names."""
    named = {name: text(value) for name, value in values.items()}
    return {name: said for name, said in named.items() if said}


def web_links(values: Iterable[object]) -> tuple[str, ...]:
    """Keep addresses of the web, each once, in order."""
    kept = [
        storable(one.strip())
        for one in values
        if isinstance(one, str)
        and len(one) <= MOST_TEXT
        and one.strip().lower().startswith(("http://", "https://"))
    ]
    return tuple(dict.fromkeys(kept))
