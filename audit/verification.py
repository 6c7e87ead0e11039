"""
Verify a ledger from its documented lines alone: nothing that is stored is believed.

Theory of operation. ``Verifier.take`` gets header, entries and checkpoints in order. It
computes each leaf, link and root anew; a checkpoint counts when it opens under a key
that is trusted, stands right behind its last entry, and has the computed root. Anchors
are checkpoints that were kept elsewhere: the tree must have had that root at that size.
Anything else is a problem, and the first one ends it: there is no "verified, but".
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from audit.cases import Cases, Disorder
from audit.checkpoint import (
    BadCheckpoint,
    Checkpoint,
    VerifierKey,
    open_checkpoint,
)
from audit.export import BadLine, ChainedRecord, Header, Line, Note
from audit.merkle import Frontier
from audit.record import GENESIS, Record, chain

# Between the clocks of hosts, and for transactions that took long.
MOST_SKEW = timedelta(minutes=10)
KEY_CHANGED = "ledger.key_changed"
RESTORED = "ledger.restored"


class Forged(Exception):
    """The first thing that is not as it has to be."""


@dataclass(frozen=True, slots=True)
class Trust:
    """
    What the verifier brings: nothing of it may come from whom it doubts.

    ``keys`` are all that signed, today's and earlier ones. ``since`` is a checkpoint up
    to which times and cases were looked at before: those are passed over, the hashes
    are not. ``known_lost`` entries went in restores that the verifier knows of.
    """

    keys: Sequence[VerifierKey]
    anchors: Sequence[str] = ()
    since: str | None = None
    known_lost: int = 0


@dataclass(frozen=True, slots=True)
class Verified:
    """
    ``problem`` names the first bad entry; None if every one is good.

    ``signed`` entries are in a checkpoint, ``anchored`` ones in one that hangs outside.
    ``under_way`` actions have begun and have no outcome yet; ``unsealed`` entries wait.
    """

    tenant_id: str
    entries: int
    signed: int
    anchored: int
    under_way: int
    lost: int
    problem: str | None
    head: str
    unsealed: int = 0


@dataclass(slots=True)
class _Wanted:
    """A root that the tree must have had; ``what`` says who says so."""

    checkpoint: Checkpoint
    what: str
    differs: bool = False
    reached: bool = False


@dataclass(slots=True)
class _Window:
    """The earliest and the latest entry since the last checkpoint."""

    earliest: tuple[datetime, int] | None = None
    latest: tuple[datetime, int] | None = None

    def take(self, at: datetime, seq: int) -> None:
        self.earliest = min(self.earliest or (at, seq), (at, seq))
        self.latest = max(self.latest or (at, seq), (at, seq))


@dataclass(slots=True)
class _State:
    seq: int = 0
    previous: bytes = GENESIS
    frontier: Frontier = field(default_factory=Frontier)
    task_seqs: dict[str, int] = field(default_factory=dict)
    signed: Checkpoint | None = None
    key: VerifierKey | None = None
    window: _Window = field(default_factory=_Window)
    key_changes: list[tuple[str, str]] = field(default_factory=list)
    restores: list[tuple[int, int]] = field(default_factory=list)


class Verifier:
    """Takes a tenant's ledger line by line; ``finish`` says what came out."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust
        self._header: Header | None = None
        self._state = _State()
        self._cases = Cases()
        self._wanted: list[_Wanted] = []
        self._settled = 0
        self.last_leaf = b""
        self.problem: str | None = None

    @property
    def head(self) -> bytes:
        """Give the last link, as it was computed."""
        return self._state.previous

    @property
    def entries(self) -> int:
        return self._state.seq

    @property
    def signed(self) -> int:
        return self._state.signed.size if self._state.signed else 0

    def take(self, line: Line) -> bool:
        """Take the next line; False once there is a problem, which stays."""
        if self.problem is None:
            try:
                self._take(line)
            except (Forged, Disorder, BadCheckpoint) as exc:
                self.problem = f"{self._place(line)}: {exc}"
        return self.problem is None

    def finish(self, *, may_trail: bool = False) -> Verified:
        """
        Say what came out; ``may_trail``: entries may wait for their checkpoint.

        Also after a problem: then the counts are of what was good before it.
        """
        state = self._state
        lost = 0
        if self.problem is None:
            try:
                lost = self._finish(may_trail=may_trail)
            except Forged as exc:
                self.problem = str(exc)
        anchored = [
            one.checkpoint.size
            for one in self._wanted
            if one.reached and not one.differs
        ]
        return Verified(
            tenant_id=self._header.tenant if self._header else "",
            entries=state.seq,
            signed=self.signed,
            anchored=max(anchored, default=0),
            under_way=self._cases.under_way,
            lost=lost,
            problem=self.problem,
            head=state.previous.hex(),
        )

    def _place(self, line: Line) -> str:
        if isinstance(line, ChainedRecord):
            return f"entry {self._state.seq + 1} ({line.record.id})"
        if isinstance(line, Note):
            return f"checkpoint after entry {self._state.seq}"
        return "header"

    def _take(self, line: Line) -> None:
        if isinstance(line, Header):
            self._begin(line)
        elif self._header is None:
            raise Forged("there is no header before it")
        elif isinstance(line, ChainedRecord):
            self._chain(line, self._header)
        else:
            self._sign(line, self._header)

    def _begin(self, header: Header) -> None:
        if self._header is not None:
            raise Forged("a second header")
        if not header.origin.endswith(f"/{header.tenant}"):
            raise Forged(f"{header.origin} is no log of {header.tenant}")
        self._header = header
        numbered = enumerate(self._trust.anchors, 1)
        kept = [(note, f"anchor {number}") for number, note in numbered]
        if self._trust.since is not None:
            kept.append((self._trust.since, "the checkpoint of --since"))
        for note, what in kept:
            if not note.startswith(f"{header.origin}\n"):
                continue
            try:
                opened, _ = open_checkpoint(note, self._trust.keys)
            except BadCheckpoint as exc:
                raise Forged(f"{what}: {exc}") from exc
            self._wanted.append(_Wanted(opened, what))
            if note == self._trust.since:
                self._settled = opened.size
        if self._trust.since is not None and not self._settled:
            raise Forged("the checkpoint of --since is another log's, or empty")

    def _chain(self, line: ChainedRecord, header: Header) -> None:
        state, record = self._state, line.record
        if line.seq != state.seq + 1:
            raise Forged(f"expected sequence {state.seq + 1}, found {line.seq}")
        if record.tenant != header.tenant:
            raise Forged(
                f"an entry of {record.tenant} in the ledger of {header.tenant}"
            )
        leaf = self.last_leaf = record.leaf()
        link = chain(state.previous, line.seq, leaf)
        if link.hex() != line.hash:
            raise Forged("the hash does not follow from content and order")
        self._order(record)
        self._note_time(record, line.seq)
        try:
            self._cases.take(record)
        except Disorder:
            if line.seq > self._settled:
                raise
        self._note_itself(record)
        state.seq, state.previous = line.seq, link
        state.frontier = state.frontier.extended([leaf])
        self._compare()

    def _order(self, record: Record) -> None:
        if (record.task is None) != (record.task_seq is None):
            raise Forged("a task without a number, or a number without a task")
        if record.task is None:
            return
        seqs = self._state.task_seqs
        expected = seqs.get(record.task, 0) + 1
        if record.task_seq != expected:
            raise Forged(
                f"task {record.task}: expected its entry {expected}, "
                f"found {record.task_seq}"
            )
        seqs[record.task] = expected

    def _note_time(self, record: Record, seq: int) -> None:
        try:
            at = datetime.fromisoformat(record.at)
        except ValueError:
            at = None
        if at is None or at.tzinfo is None:
            raise Forged(f"{record.at!r} is no instant")
        self._state.window.take(at, seq)

    def _note_itself(self, record: Record) -> None:
        """Keep what the ledger says of its own keys and restores."""
        if record.event not in {KEY_CHANGED, RESTORED}:
            return
        try:
            body = json.loads(record.body)
            if record.event == KEY_CHANGED:
                self._state.key_changes.append((body["previous"], body["key"]))
            else:
                self._state.restores.append((int(body["epoch"]), int(body["size"])))
        except (ValueError, KeyError, TypeError) as exc:
            raise Forged(f"a {record.event} that says nothing") from exc

    def _compare(self) -> None:
        """Hold the root against everyone who says what it was at this size."""
        state = self._state
        for one in self._wanted:
            if one.checkpoint.size == state.seq:
                one.reached = True
                one.differs = one.checkpoint.root != state.frontier.root()

    def _sign(self, line: Note, header: Header) -> None:
        state = self._state
        checkpoint, key = open_checkpoint(line.text, self._trust.keys)
        if checkpoint.origin != header.origin:
            raise Forged(f"it is of {checkpoint.origin}")
        if checkpoint.size != state.seq:
            raise Forged(f"it is of {checkpoint.size} entries, not of {state.seq}")
        if checkpoint.root != state.frontier.root():
            raise Forged("its root is not that of the entries before it")
        before = state.signed
        if before is not None and checkpoint.size <= before.size:
            raise Forged("there is one of this size already")
        self._hold_key(key)
        self._hold_epoch(checkpoint)
        if checkpoint.size > self._settled:
            self._hold_clock(checkpoint)
        state.signed, state.key = checkpoint, key
        state.window = _Window()

    def _hold_key(self, key: VerifierKey) -> None:
        before = self._state.key
        changes, self._state.key_changes = self._state.key_changes, []
        if before is None or before == key:
            return
        if (before.text, key.text) not in changes:
            raise Forged(
                f"signed by {key.id.hex()}, the one before by {before.id.hex()}, and "
                "no entry says that the key changed"
            )

    def _hold_epoch(self, checkpoint: Checkpoint) -> None:
        before = self._state.signed.epoch if self._state.signed else 0
        if checkpoint.epoch < before:
            raise Forged(f"epoch {checkpoint.epoch} after epoch {before}")
        told = {epoch for epoch, _ in self._state.restores}
        if checkpoint.epoch > before and checkpoint.epoch not in told:
            raise Forged(f"epoch {checkpoint.epoch}, and no entry tells of a restore")

    def _hold_clock(self, checkpoint: Checkpoint) -> None:
        made_at = datetime.fromisoformat(checkpoint.made_at)
        window, before = self._state.window, self._state.signed
        if window.latest and window.latest[0] > made_at + MOST_SKEW:
            raise Forged(
                f"entry {window.latest[1]} is of {window.latest[0]}, and was signed "
                f"before, at {made_at}"
            )
        if before is None:
            return
        since = datetime.fromisoformat(before.made_at)
        if made_at < since:
            raise Forged(f"the clock went back from {since} to {made_at}")
        if window.earliest and window.earliest[0] < since - MOST_SKEW:
            raise Forged(
                f"entry {window.earliest[1]} is of {window.earliest[0]}, and what came "
                f"before it was signed at {since} already"
            )

    def _finish(self, *, may_trail: bool) -> int:
        state = self._state
        if self._header is None:
            raise Forged("there is no header, and nothing to verify")
        signed = self.signed
        if signed == 0 and (state.seq > 0 or not may_trail):
            raise Forged("entry 1: no checkpoint signs it; nothing is verified")
        if signed < state.seq and not may_trail:
            raise Forged(f"entry {signed + 1}: no checkpoint signs it")
        lost = 0
        for one in self._wanted:
            size = one.checkpoint.size
            if size <= state.seq and one.reached and not one.differs:
                continue
            lost = max(lost, self._lost(one))
        if lost > self._trust.known_lost:
            raise Forged(
                f"{lost} entries hang at an anchor and were lost in a restore; if you "
                f"know of that, pass --lost {lost}"
            )
        return lost

    def _lost(self, one: _Wanted) -> int:
        """
        Give how many entries of an anchor a restore lost.

        Raises:
            Forged: no restore explains it.
        """
        size = one.checkpoint.size
        for epoch, kept in self._state.restores:
            if epoch > one.checkpoint.epoch and kept < size:
                return size - kept
        if size > self._state.seq:
            raise Forged(
                f"entry {self._state.seq + 1}: {one.what} is of {size} entries, and "
                f"there are {self._state.seq}"
            )
        raise Forged(
            f"entry {size}: the tree up to it is not that of {one.what}, "
            f"made at {one.checkpoint.made_at}"
        )


def verify_export(lines: Iterable[Line], trust: Trust) -> Verified:
    """Verify a whole export; a line that is none is a problem as any other."""
    verifier = Verifier(trust)
    try:
        for line in lines:
            if not verifier.take(line):
                break
    except BadLine as exc:
        return replace(verifier.finish(), problem=str(exc))
    return verifier.finish()
