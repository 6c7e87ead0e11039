"""Tickets and appeals."""

from lab.platform.support import usual_appeals, usual_tickets

NOW = 1_800_000_000.0


def test_a_comment_stands_last() -> None:
    """With author and reach; the ticket is newer for it."""
    ticket = usual_tickets(NOW)[0]
    ticket.comment("ops-autopilot", "A new link is on its way.", public=True, now=NOW)

    rendered = ticket.rendered()
    assert "A new link is on its way." == rendered["comments"][-1]["body"]
    assert (2, True) == (rendered["version"], rendered["comments"][-1]["public"])


def test_likeness_counts_words() -> None:
    """In subject, tags and comments."""
    ticket = usual_tickets(NOW)[0]

    assert [2, 0] == [ticket.likeness(["login", "password"]), ticket.likeness(["x1"])]


def test_an_appeal_is_resolved() -> None:
    """Its status is the resolution."""
    appeal = usual_appeals(NOW)[0]
    appeal.resolve("overturned")

    assert ("overturned", 2) == (appeal.status, appeal.rendered()["version"])
