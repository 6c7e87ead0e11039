"""Hostile JSON: as large as asked, and twice of it is twice the work."""

from cProfile import Profile

import pytest

from bench.redaction_json import BODIES, Body
from gateway.redaction.placeholder import Placeholders
from gateway.redaction.redact import redact

_BYTES = 60_000


def size_of(body: object) -> int:
    """Count letters of keys and texts, and some more for each mark of JSON."""
    size, waiting = 0, [body]
    while waiting:
        value = waiting.pop()
        size += 4
        if isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, list):
            waiting += value
        else:
            size += len(str(value))
    return size


def work(body: Body) -> int:
    """Count the calls that a search makes, built-in ones too."""
    placeholders = Placeholders(key=b"k")
    counted = Profile()
    counted.runcall(redact, body, placeholders)
    return sum(one.callcount for one in counted.getstats())


@pytest.mark.parametrize("name", BODIES)
def test_a_body_is_as_large_as_asked(name: str) -> None:
    """About: by a third, either way."""
    assert 0.66 < size_of(BODIES[name](_BYTES)) / _BYTES < 1.5


@pytest.mark.parametrize("name", BODIES)
def test_twice_the_body_is_at_most_twice_the_work(name: str) -> None:
    """The time itself is the report's."""
    make = BODIES[name]
    work(make(_BYTES // 4))
    once, twice = work(make(_BYTES)), work(make(2 * _BYTES))

    assert twice <= 2.4 * once
