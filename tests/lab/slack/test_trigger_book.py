import pytest

from lab.slack.refusal import SlackRefusal
from lab.slack.trigger_book import TriggerBook


def test_a_trigger_names_its_person_once() -> None:
    """The second exchange is refused."""
    book = TriggerBook()
    trigger_id = book.issue("U1", now=0)

    assert "U1" == book.exchange(trigger_id, now=3)
    with pytest.raises(SlackRefusal, match="exchanged_trigger_id"):
        book.exchange(trigger_id, now=3)


def test_a_trigger_expires() -> None:
    """Three seconds, not more."""
    book = TriggerBook()
    trigger_id = book.issue("U1", now=0)

    with pytest.raises(SlackRefusal, match="expired_trigger_id"):
        book.exchange(trigger_id, now=3.01)
