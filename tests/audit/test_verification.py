"""The verifier: a good ledger verifies, and there is no "verified, but"."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.checkpoint import verifier_key
from audit.export import Header, parse_lines
from audit.verification import Trust, Verifier, verify_export
from tests.audit.book import KEY, ORIGIN, STEPS, Book, notes, records, written

SECOND = Ed25519PrivateKey.from_private_bytes(b"2" * 32)
NEWER = verifier_key(ORIGIN, SECOND)
BOTH = Trust(keys=[KEY, NEWER])


def rotated(previous: str = KEY.text, key: str = NEWER.text) -> Book:
    book = written()
    body = {"previous": previous, "key": key}
    book.say("ledger.key_changed", body, None).sign(SECOND)
    return book


def restored(*, size: int = 4, epoch: int = 1) -> tuple[Book, list[str]]:
    """Lose what came after the first checkpoint; give the anchors of before, too."""
    before, after = written(), Book()
    for event, body in STEPS[:4]:
        after.say(event, body)
    after.sign()
    body = {"epoch": epoch, "size": size}
    after.say("ledger.restored", body, None).sign(epoch=1)
    return after, notes(before)


def test_a_good_ledger_verifies() -> None:
    """Every entry is counted, signed, and anchored where an anchor is given."""
    book = written()
    found = book.verify(Trust(keys=[KEY], anchors=notes(book)))

    assert (None, 7, 7, 7) == (
        found.problem,
        found.entries,
        found.signed,
        found.anchored,
    )
    assert (0, 0, book.link.hex()) == (found.under_way, found.lost, found.head)


def test_its_text_says_the_same() -> None:
    book = written()
    lines = parse_lines(book.text.splitlines(keepends=True))

    assert book.verify() == verify_export(lines, Trust(keys=[KEY]))


@pytest.mark.parametrize("kept", [0, 1])
def test_nothing_is_not_verified(kept: int) -> None:
    """No header, or a header alone: an export of nothing proves nothing."""
    book = Book()
    book.lines = book.lines[:kept]

    assert book.problem()


def test_an_anchor_before_the_end_counts_so_far() -> None:
    book = written()

    assert 4 == book.verify(Trust(keys=[KEY], anchors=notes(book)[:1])).anchored


def test_anchors_of_other_logs_are_passed_over() -> None:
    """One file holds the notes of every tenant."""
    others = notes(written(tenant="globex"))

    assert written().verify(Trust(keys=[KEY], anchors=others)).problem is None


def test_a_checkpoint_that_was_kept_is_an_anchor() -> None:
    book = written()
    found = book.verify(Trust(keys=[KEY], since=notes(book)[0]))

    assert (None, 4) == (found.problem, found.anchored)


def test_a_checkpoint_of_another_log_is_no_since() -> None:
    other = notes(written(tenant="globex"))[0]

    assert "another log's" in written().problem(Trust(keys=[KEY], since=other))


def test_a_key_that_changed_as_the_ledger_says_verifies() -> None:
    """Both keys are given; the entry that names them is under the newer one."""
    assert rotated().verify(BOTH).problem is None


def test_an_older_key_must_still_be_given() -> None:
    """Nothing in a ledger makes a key trusted."""
    assert "not trusted" in rotated().problem(Trust(keys=[NEWER]))
    assert "not trusted" in rotated().problem(Trust(keys=[KEY]))


@pytest.mark.parametrize(
    ("previous", "key"), [(NEWER.text, NEWER.text), (KEY.text, KEY.text)]
)
def test_a_change_of_keys_that_nobody_wrote_down_is_found(
    previous: str, key: str
) -> None:
    assert "key changed" in rotated(previous, key).problem(BOTH)


def test_a_change_of_keys_under_an_older_checkpoint_does_not_count() -> None:
    """Each change is written down for itself."""
    book = rotated()
    book.say("task.moved", {}).sign()

    assert "key changed" in book.problem(BOTH)


def test_what_a_restore_lost_must_be_known() -> None:
    """Three entries hang at an anchor and are gone: not verified until admitted."""
    book, anchors = restored()
    unknown = book.problem(Trust(keys=[KEY], anchors=anchors))
    known = book.verify(Trust(keys=[KEY], anchors=anchors, known_lost=3))

    assert "pass --lost 3" in unknown
    assert (None, 3, 4) == (known.problem, known.lost, known.anchored)


def test_a_restore_explains_nothing_older_than_itself() -> None:
    """An anchor from before what was kept has to match, whatever is admitted."""
    book, _ = restored()
    other = Book()
    for event, body in STEPS[:3]:
        other.say(event, {**body, "other": 1})
    trust = Trust(keys=[KEY], anchors=[other.sign()], known_lost=99)

    assert "is not that of anchor 1" in book.problem(trust)


def test_an_epoch_needs_its_restore() -> None:
    book, _ = restored(epoch=2)

    assert "no entry tells of a restore" in book.problem()


def test_an_epoch_does_not_go_back() -> None:
    book, _ = restored()
    book.say("task.moved", {}).sign(epoch=0)

    assert "epoch 0 after epoch 1" in book.problem()


def test_a_restore_that_says_nothing_is_found() -> None:
    book = written()
    book.say("ledger.restored", {}, None).sign()

    assert "says nothing" in book.problem()


def test_times_before_a_kept_checkpoint_are_settled() -> None:
    """An accident that somebody has looked at spoils no later verification."""
    book = Book()
    book.say(*STEPS[0]).sign()
    book.now -= timedelta(hours=2)
    book.say(*STEPS[1])
    book.now += timedelta(hours=2)
    kept = book.say("task.moved", {}).sign()
    book.say("task.moved", {}).sign()

    assert "already" in book.problem()
    assert book.verify(Trust(keys=[KEY], since=kept)).problem is None


def test_cases_before_a_kept_checkpoint_are_settled() -> None:
    book = Book()
    book.say(*STEPS[4])
    kept = book.sign()
    book.say("task.moved", {}).sign()

    assert "was never made" in book.problem()
    assert book.verify(Trust(keys=[KEY], since=kept)).problem is None


def test_an_action_under_way_is_counted() -> None:
    book = Book()
    for event, body in STEPS[:5]:
        book.say(event, body)
    book.sign()

    assert 1 == book.verify().under_way


def test_the_first_problem_stays() -> None:
    """After it nothing is looked at, and the counts are of what was good."""
    book = written()
    verifier = Verifier(Trust(keys=[KEY]))
    bad = Header(ORIGIN, "acme")
    took = [verifier.take(one) for one in (*book.lines[:3], bad, *book.lines[3:])]
    found = verifier.finish()

    assert [True] * 3 + [False] * (len(book.lines) - 2) == took
    assert (2, "header: a second header") == (found.entries, found.problem)


def test_entries_may_trail_where_that_is_said() -> None:
    """A live ledger is ahead of its last checkpoint; an export is not."""
    book = written()
    book.say("task.moved", {})
    verifier = Verifier(Trust(keys=[KEY]))
    for line in book.lines:
        verifier.take(line)

    assert verifier.finish(may_trail=True).problem is None
    assert "entry 8: no checkpoint signs it" in book.problem()


def test_records_are_seven() -> None:
    """The book that these tests read has a whole case in it."""
    assert len(STEPS) == len(records(written()))
