"""Foreign JSON is read leniently, and never blows up."""

import pytest

from bot.alerts.fields import (
    MOST_TEXT,
    at,
    compact,
    filled,
    first_of,
    first_text,
    folded,
    objects,
    pairs,
    quoted,
    snake_named,
    text,
    texts,
    web_links,
)

DEEP: object = 1
for _ in range(100_000):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("a", "b", 1), 2),
        (("a", "b", -1), 2),
        (("a", "b", 2), None),
        (("a", "x", "y"), None),
        (("a", 0), None),
        ((), {"a": {"b": [1, 2]}}),
    ],
)
def test_a_way_that_ends_gives_nothing(
    path: tuple[str | int, ...], expected: object
) -> None:
    """Whatever stands where an object or a list was expected."""
    assert expected == at({"a": {"b": [1, 2]}}, *path)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (" a\n b ", "a b"),
        (7, "7"),
        (True, "true"),
        (None, ""),
        ({"a": 1}, ""),
        ("a\0\ud800", "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}"),
        ("x" * 5000, "x" * MOST_TEXT),
    ],
)
def test_a_scalar_is_one_line(value: object, expected: str) -> None:
    """Trimmed, cut, and fit for a database."""
    assert expected == text(value)


def test_a_number_without_end_says_so() -> None:
    """Python writes at most 4,300 digits."""
    assert "(nested too deeply, or too large)" == text(10**5000)


def test_the_first_text_counts() -> None:
    """Empty ones and objects are passed over."""
    assert "b" == first_text(None, "", {"a": 1}, " ", "b", "c")


def test_what_nests_too_deeply_says_so() -> None:
    """Python's own JSON gives up on it."""
    assert "(nested too deeply, or too large)" == compact(DEEP)


@pytest.mark.parametrize(
    "tags",
    [
        {"a": "1", "b": "x"},
        "a:1,b:x",
        ["a:1", " b : x "],
        [["a", "1"], ["b", "x"]],
        [{"key": "a", "value": 1}, {"key": "b", "value": "x"}],
        [{"Name": "a", "Value": "1"}, {"name": "b", "value": "x"}],
        [{"key": "a", "value": {"intValue": 1}}, {"key": "b", "value": {"s": "x"}}],
    ],
)
def test_tags_are_read_in_each_form(tags: object) -> None:
    """Vendors write the same in seven ways."""
    assert {"a": "1", "b": "x"} == pairs(tags)


@pytest.mark.parametrize("tags", [None, 7, [None, [], {}, 3], ""])
def test_what_is_no_tag_is_none(tags: object) -> None:
    assert {} == pairs(tags)


def test_a_tag_alone_is_true() -> None:
    assert {"vip": "true"} == pairs(["vip"])


def test_labels_become_text() -> None:
    """Null goes."""
    assert {"a": "1", "b": "[1]"} == texts({"a": 1, "b": [1], "c": None})
    assert {} == texts("a")


def test_only_objects_of_a_list_count() -> None:
    assert [{"a": 1}] == objects([{"a": 1}, 1, None])
    assert [] == objects({"a": 1})


def test_the_first_label_that_is_there_counts() -> None:
    assert "x" == first_of({"app": "x", "service": ""}, ("service", "app"))
    assert first_of({}, ("service",)) is None


def test_empty_values_are_left_out() -> None:
    assert {"a": "1"} == filled(a=1, b=None, c="", d={})


def test_only_addresses_of_the_web_are_kept() -> None:
    """Once each, in order; no script, no path, nothing endless."""
    said = ["https://b", "HTTP://a", "javascript:x", "/p", 7, "https://b", "https://c"]

    assert ("https://b", "HTTP://a", "https://c") == web_links(said)
    assert () == web_links(["https://" + "x" * MOST_TEXT])


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("on fire", "'on fire'"),
        ({"a": 1}, "'{\"a\": 1}'"),
        ("x" * 41, repr("x" * 40)),
        ("please ask our friend ann.canary@example.org", "'please ask our friend '"),
    ],
)
def test_a_reason_quotes_how_a_value_begins(said: object, told: str) -> None:
    """A value that the cut would halve is left out: halves are not redacted."""
    assert told == quoted(said)


def test_names_are_folded() -> None:
    """Of several that become one, the same counts in any order, if it is filled."""
    said = {"ALERT_ID": 1, "alertTitle": "x", "alert-id": 2, "alert_id": ""}

    assert {"alertid": 2, "alerttitle": "x"} == folded(said)
    assert folded(said) == folded(dict(reversed(said.items())))
    assert {} == folded(["a"])


def test_names_become_snakes() -> None:
    """In objects within objects; labels keep theirs, and lists what is in them."""
    said = {
        "ProblemID": {"HTMLPage": 1, "Event Message": None},
        "Labels": {"theHost": "a"},
        "someAlerts": [{"theName": 1}],
    }

    assert {
        "problem_id": {"html_page": 1, "event_message": None},
        "labels": {"theHost": "a"},
        "some_alerts": [{"theName": 1}],
    } == snake_named(said)
    assert [1] == snake_named([1])


def test_of_names_that_become_one_snake_a_filled_one_counts() -> None:
    said = {"alertId": 1, "alert_id": None}

    assert {"alert_id": 1} == snake_named(said)
    assert snake_named(said) == snake_named(dict(reversed(said.items())))
