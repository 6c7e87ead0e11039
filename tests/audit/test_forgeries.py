"""
Forgeries of an export: each is found.

A verifier that is quiet about one of them fails here. What the forger has is said in
each name: bytes alone, a key of their own, or the sealer's key itself.
"""

import random
from datetime import timedelta
from itertools import pairwise

import pytest

from audit.checkpoint import verifier_key
from audit.export import (
    BadLine,
    ChainedRecord,
    Note,
    parse_line,
    parse_lines,
    render_line,
)
from audit.verification import Trust, verify_export
from tests.audit.book import (
    FOREIGN,
    KEY,
    ORIGIN,
    STOLEN,
    Book,
    key_of,
    notes,
    rewritten,
    written,
)

GOOD = written()
TEXT = GOOD.text
TRUST = Trust(keys=[KEY])
ANCHORED = Trust(keys=[KEY], anchors=notes(GOOD))
LINES = TEXT.splitlines(keepends=True)


def problem(lines: list[bytes], trust: Trust = TRUST) -> str | None:
    return verify_export(parse_lines(lines), trust).problem


def test_the_good_one_is_good() -> None:
    """What follows fails for what was forged, and for nothing else."""
    assert problem(LINES) is None
    assert problem(LINES, ANCHORED) is None
    assert all(passes(number, line) for number, line in enumerate(LINES))


def test_no_single_byte_can_change() -> None:
    """Every byte of the export, with a bit flipped, and left out."""
    passed = []
    for number, line in enumerate(LINES):
        for place in range(len(line)):
            flipped = bytes([line[place] ^ (1 << (place % 8))])
            for byte in (b"", flipped):
                forged = line[:place] + byte + line[place + 1 :]
                if passes(number, forged):
                    passed.append((number, place, byte))

    assert [] == passed


def passes(number: int, forged: bytes) -> bool:
    """Tell whether the export verifies with this in the place of a line."""
    # A newline that is gone joins two lines, as a reader would see them.
    text = b"".join([forged, *LINES[number + 1 : number + 2]])
    try:
        read = [parse_line(one) for one in text.splitlines(keepends=True)]
    except BadLine:
        return False
    lines = [*GOOD.lines[:number], *read, *GOOD.lines[number + 2 :]]
    return verify_export(lines, TRUST).problem is None


def test_no_single_row_can_go() -> None:
    """Every line, taken out; the last checkpoint is missed with an anchor alone."""
    passed = [
        number
        for number in range(len(LINES))
        if problem([*LINES[:number], *LINES[number + 1 :]], ANCHORED) is None
    ]

    # The checkpoint in the middle: the later one signs all of its entries, too.
    assert [5] == passed
    assert isinstance(GOOD.lines[5], Note)


def test_no_single_row_can_come_twice() -> None:
    passed = [
        number
        for number in range(len(LINES))
        if problem([*LINES[: number + 1], *LINES[number:]]) is None
    ]

    assert [] == passed


def test_no_two_rows_can_change_places() -> None:
    """Every pair of neighbours, and pairs far apart."""
    pairs = [*pairwise(range(len(LINES))), (1, 8), (2, 6), (0, 9)]
    passed = []
    for one, other in pairs:
        forged = list(LINES)
        forged[one], forged[other] = forged[other], forged[one]
        if problem(forged) is None:
            passed.append((one, other))

    assert [] == passed


def test_no_shuffle_passes() -> None:
    dice = random.Random(7)  # noqa: S311 - chosen once, for every run
    for _ in range(50):
        forged = list(LINES)
        dice.shuffle(forged)

        assert forged == LINES or problem(forged) is not None


@pytest.mark.parametrize("kept", range(len(LINES)))
def test_a_cut_off_end_is_found_with_an_anchor(kept: int) -> None:
    """Whatever is left: an anchor says how long it was."""
    assert problem(LINES[:kept], ANCHORED) is not None


@pytest.mark.parametrize("kept", range(1, len(LINES)))
def test_a_cut_off_end_is_found_without_one_unless_it_was_signed(kept: int) -> None:
    """A cut right behind a checkpoint is an older export; any other is no export."""
    cut_behind_checkpoint = isinstance(GOOD.lines[kept - 1], Note)

    assert cut_behind_checkpoint == (problem(LINES[:kept]) is None)


def test_no_row_of_another_ledger_fits() -> None:
    """Each line of another tenant's ledger, in the place of ours."""
    other = written(tenant="globex").text.splitlines(keepends=True)
    passed = [
        number
        for number in range(len(LINES))
        if problem([*LINES[:number], other[number], *LINES[number + 1 :]]) is None
    ]

    assert [] == passed


def test_another_tenants_ledger_is_not_ours() -> None:
    """Whole, under the same key: its name is another."""
    other = written(tenant="globex")

    assert other.verify(Trust(keys=[key_of("globex")])).problem is None
    assert "not trusted" in other.problem(TRUST) or "named" in other.problem(TRUST)


@pytest.mark.parametrize("number", range(7))
def test_a_rechained_entry_is_found_without_any_key(number: int) -> None:
    """Every link recomputed, the old checkpoints left: their roots are others."""
    forged = rewritten(GOOD, number, actor="mallory")
    kept = iter(notes(GOOD))
    lines = [
        Note(next(kept)) if isinstance(line, Note) else line for line in forged.lines
    ]

    assert verify_export(lines, TRUST).problem is not None


@pytest.mark.parametrize("number", range(7))
def test_a_ledger_made_anew_under_a_stolen_key_is_found_by_an_older_anchor(
    number: int,
) -> None:
    """The forger has the signing key; one note that hangs outside is enough."""
    forged = rewritten(GOOD, number, actor="mallory")
    [first, last] = notes(GOOD)
    older = Trust(keys=[KEY], anchors=[first])

    assert forged.verify(TRUST).problem is None
    assert "is not that of anchor 1" in forged.problem(Trust([KEY], anchors=[last]))
    # What came after the older note is beyond what that note says.
    assert (number > 3) == (forged.verify(older).problem is None)


def test_a_restore_made_up_under_a_stolen_key_is_found() -> None:
    """An entry that explains the loss away is no explanation until it is admitted."""
    forged = Book()
    forged.say("task.created", {"title": "another story"})
    forged.say("ledger.restored", {"epoch": 1, "size": 0}, None)
    forged.sign(STOLEN, epoch=1)

    assert forged.verify(TRUST).problem is None
    assert "pass --lost 7" in forged.problem(ANCHORED)


def test_two_views_of_one_size_are_found() -> None:
    """One ledger for the auditor, another for the file: they can't both be right."""
    other = rewritten(GOOD, 6, actor="mallory")
    trust = Trust(keys=[KEY], anchors=[*notes(GOOD), *notes(other)])

    assert "is not that of anchor" in GOOD.problem(trust)
    assert "is not that of anchor" in other.problem(trust)


def test_two_checkpoints_of_one_size_are_found() -> None:
    lines = [*GOOD.lines, Note(rewritten(GOOD, 6, actor="mallory").sign(STOLEN))]

    assert verify_export(lines, TRUST).problem is not None


@pytest.mark.parametrize("says_so", [False, True])
def test_a_foreign_key_is_not_trusted(says_so: bool) -> None:  # noqa: FBT001
    """Not even where an entry of the ledger introduces it."""
    forged = written()
    foreign = verifier_key(ORIGIN, FOREIGN)
    if says_so:
        body = {"previous": KEY.text, "key": foreign.text}
        forged.say("ledger.key_changed", body, None)
    forged.say("task.moved", {}).sign(FOREIGN)

    assert "not trusted" in forged.problem(TRUST)


def test_a_foreign_anchor_is_no_anchor() -> None:
    """Who can write the file can't make a ledger look forged, or good, in silence."""
    foreign = written().sign(FOREIGN)

    assert "not trusted" in GOOD.problem(Trust(keys=[KEY], anchors=[foreign]))


@pytest.mark.parametrize("seconds", [-3600, -2, 7200])
def test_a_clock_gone_back_is_found(seconds: int) -> None:
    """Of the checkpoints, or of entries against the checkpoints around them."""
    forged = written()
    if seconds > 0:
        # An entry from the future, signed now.
        now = forged.now
        forged.now += timedelta(seconds=seconds)
        forged.say("task.moved", {})
        forged.now = now
    else:
        forged.say("task.moved", {})
        forged.now += timedelta(seconds=seconds - 2)
    forged.sign()

    assert forged.problem(TRUST)


def test_an_entry_slipped_in_late_is_found_by_its_time() -> None:
    """Made today, dated to last week: it stands behind a checkpoint of later."""
    forged = written()
    now = forged.now
    forged.now -= timedelta(days=7)
    forged.say("task.approved", {"proposal": "x"}, None)
    forged.now = now
    forged.sign(STOLEN)

    assert forged.problem(TRUST)


def test_a_checkpoint_of_fewer_entries_is_found() -> None:
    """An old note behind newer entries signs nothing of them."""
    lines = [*GOOD.lines[:-1], Note(notes(GOOD)[0])]

    assert verify_export(lines, TRUST).problem is not None


def test_each_line_of_the_good_one_is_written_one_way() -> None:
    """What the byte tests changed is what an export really writes."""
    assert TEXT == "".join(map(render_line, GOOD.lines)).encode()
    assert 7 == sum(isinstance(line, ChainedRecord) for line in GOOD.lines)
