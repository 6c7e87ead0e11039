"""People: bans that end, mails that are followed."""

import random

from lab.platform.people import BANNED, LOCKED_OUT, Person, usual_people

NOW = 1_800_000_000.0


def person(user_id: str = LOCKED_OUT) -> Person:
    people = usual_people(random.Random(1), NOW)  # noqa: S311
    return next(one for one in people if one.user_id == user_id)


def test_a_reset_mail_is_followed_after_a_while() -> None:
    """Then the lock is off, and one more session is open."""
    locked = person()
    locked.send_reset(NOW)
    locked.advance(5, now=NOW + 5)
    early = locked.locked
    locked.advance(5, now=NOW + 10)

    assert (True, False, 3) == (early, locked.locked, locked.sessions)
    assert 0 == locked.failed_logins_last_hour


def test_a_session_that_ended_never_comes_back() -> None:
    """Who logs in again gets another one."""
    one = person()
    before = one.identity()["session_ids"]
    one.end_sessions()
    one.log_in(NOW)

    assert (["s1", "s2"], ["s3"]) == (before, one.identity()["session_ids"])
    assert 1 == one.identity()["sessions"]


def test_a_ban_ends_by_itself() -> None:
    """At its instant, without a write; one without an instant never does."""
    for_ever, for_an_hour = person(BANNED), person()
    for_an_hour.ban(NOW + 3600)
    version = for_an_hour.version
    for one in (for_ever, for_an_hour):
        one.advance(1, now=NOW + 3601)

    assert ("banned", "active") == (for_ever.status, for_an_hour.status)
    assert version == for_an_hour.version


def test_account_and_identity_have_versions_of_their_own() -> None:
    """A reset mail does not move what a ban is conditional on."""
    one = person()
    one.end_sessions()

    assert (1, 2) == (one.account()["version"], one.identity()["version"])
