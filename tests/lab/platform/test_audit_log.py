"""The audit log: searched by words and since, kept over restarts."""

from lab.platform.audit_log import AuditLog, Entry


def log() -> AuditLog:
    made = AuditLog()
    made.append(Entry(10.0, "release-train", "flag.changed", "new_ranker", "{}"))
    made.append(Entry(20.0, "ops-autopilot", "user.banned", "u_1002", '{"x": 1}'))
    made.append(Entry(30.0, "ops-autopilot", "flag.changed", "new_ranker", "{}"))
    return made


def test_an_entry_holds_every_word_and_is_new_enough() -> None:
    """Newest first, in any case, at most so many."""
    made = log()
    both = made.search("Flag.Changed NEW_ranker", since=0, most=9)

    assert ["ops-autopilot", "release-train"] == [one["actor"] for one in both]
    assert 1 == len(made.search("new_ranker", since=15, most=9))
    assert 1 == len(made.search("", since=0, most=1))
    assert [] == made.search("new_ranker banned", since=0, most=9)


def test_it_survives_its_json() -> None:
    """With instants as they were."""
    again = AuditLog()
    again.restore(log().snapshot())

    assert log().search("", since=0, most=9) == again.search("", since=0, most=9)
