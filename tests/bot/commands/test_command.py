"""A request names its person, where one is needed."""

from dataclasses import replace

import pytest

from bot.commands.command import Asked
from policy.person import Person

ASKED = Asked("", "U0ANN", None, [], "k")


def test_a_person_is_given_or_missed_loudly() -> None:
    """A command that acts is never reached without one."""
    ann = Person("ann", "Ann", "U0ANN", frozenset())

    assert ann == replace(ASKED, person=ann).by
    with pytest.raises(LookupError, match="U0ANN is nobody"):
        assert ASKED.by
