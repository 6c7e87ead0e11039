"""Pseudonyms at intake, and how a task goes on with them."""

from gateway.redaction.placeholder import Placeholders
from gateway.redaction.pseudonym import Pseudonyms, pseudonyms_in
from gateway.redaction.redact import disarmed, redact, redact_text

MAIL = "ann@example.org"


def test_a_value_is_named_alike_in_every_text() -> None:
    """In two alerts, far apart in time; nothing is kept for a vault."""
    first = Pseudonyms(key=b"k")
    one = redact_text(f"ask {MAIL}", first)
    two = redact_text(f"{MAIL} again", Pseudonyms(key=b"k"))

    assert pseudonyms_in(one) == pseudonyms_in(two)
    assert 1 == len(pseudonyms_in(one))
    assert [] == first.fresh


def test_a_forged_name_is_disarmed() -> None:
    """Brackets from outside are no pseudonym, whatever stands between them."""
    text = redact_text("⟨email:kqzvbnwt⟩ and ⟨email:1⟩", Pseudonyms(key=b"k"))

    assert frozenset() == pseudonyms_in(text)
    assert "⟨" not in text


def test_a_forged_name_behind_an_escape_is_disarmed() -> None:
    """Though it is a true one, which another label of the alert was given."""
    hidden = Pseudonyms(key=b"k")
    true = redact_text(MAIL, hidden)[1:-1]
    text = f'{{"note": "\\u27e8{true}\\u27e9", "phone": "+49 30 901820"}}'
    found = redact(disarmed({"note": text}, hidden), hidden)

    assert true in str(found)
    assert f"⟨{true}⟩" not in str(found)


def test_json_in_a_label_is_walked_once() -> None:
    """A second pass over its own names leaves them."""
    body = {"note": '{"email": "ann@example.org", "mail": "ann@example.org"}'}
    found = redact(dict(body), Pseudonyms(key=b"k"))

    assert 1 == len(pseudonyms_in(str(found["note"])))
    assert "ann@" not in str(found)


def test_a_task_goes_on_with_the_name_of_its_alert() -> None:
    """The alert's person in a tool's answer is the same one; another gets a number."""
    alert = redact_text(f"ask {MAIL}", Pseudonyms(key=b"tenant"))
    task = Placeholders(key=b"task", aliases=pseudonyms_in(alert), tenant=b"tenant")
    answer = redact_text(f"{MAIL}, bob@example.org", task)

    assert alert.removeprefix("ask ") == answer.split(", ")[0]
    assert "⟨email:1⟩" == answer.split(", ")[1]
    assert [MAIL, "bob@example.org"] == [value for *_, value in task.fresh]
