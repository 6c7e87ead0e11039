"""Names of countries, in lower case."""

import re

import pytest

from gateway.redaction.country import countries, first_words, longest_words, most_words


@pytest.mark.parametrize(
    "name", ["france", "deutschland", "united states of america", "مصر", "中国"]
)
def test_a_country_is_known(name: str) -> None:
    assert name in countries()


def test_each_name_is_as_it_is_looked_up() -> None:
    """Lower case, no blanks around; its first letters are in the prefilter."""
    for name in countries():
        assert name == name.lower().strip()
        assert re.split(r"[ .()'’-]", name)[0] in first_words()  # noqa: RUF001 - a name's mark
        assert not longest_words().isdisjoint(name.replace("-", " ").split(" "))
        assert name.count(" ") < most_words()
