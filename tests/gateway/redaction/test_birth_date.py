"""Days of birth in prose: the words beside a date tell whose it is."""

import pytest

from gateway.redaction.birth_date import birth_dates
from gateway.redaction.placeholder import Placeholders
from gateway.redaction.redact import redact_text


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in birth_dates(text)]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("dob 1980-03-12", "1980-03-12"),
        ("the user's DOB is 12.03.1980", "12.03.1980"),
        ("date of birth 12 March 1980", "12 March 1980"),
        ("She was born on March 12th, 1980.", "March 12th, 1980"),
        ("born 12/03/80", "12/03/80"),
        ("geboren am 12. März 1980 in Ulm", "12. März 1980"),
        ("née le 12/03/1980", "12/03/1980"),
        ("nacida el 12 de abril de 1980", "12 de abril de 1980"),
        ("nato il 12 giugno 1980", "12 giugno 1980"),
    ],
)
def test_a_day_of_birth_is_found(text: str, day: str) -> None:
    """By itself and in a line, short or long."""
    assert [day] == found(text)
    for line in (text, f"ticket 7: {text}; ok", f"{'x ' * 1500}\n{text}"):
        redacted = redact_text(line, Placeholders(key=b"k"))
        assert day not in redacted
        assert "⟨birth:1⟩" in redacted


@pytest.mark.parametrize(
    "text",
    [
        "worker born 2026-11-27T05:27:00Z",
        "worker born 2026-11-27 05:27:00",
        "pod was born at 2026-11-27",
        "newborn 1980-03-12",
        "dob_check took 1980-03-12",
        "born 1.2.3",
        "released 12 March 1980",
    ],
)
def test_a_date_of_something_else_stays(text: str) -> None:
    """An instant of a process, a version, a day that nobody's birth is."""
    assert text == redact_text(text, Placeholders(key=b"k"))
