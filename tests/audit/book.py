"""A ledger made in memory: entries, links and checkpoints, as the sealer makes them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.checkpoint import Checkpoint, VerifierKey, sign_checkpoint, verifier_key
from audit.export import ChainedRecord, Header, Line, Note, render_line
from audit.merkle import Frontier
from audit.record import GENESIS, Record, chain
from audit.verification import Trust, Verified, verify_export

TENANT = "acme"
ORIGIN = f"ops-autopilot/{TENANT}"
PRIVATE = Ed25519PrivateKey.from_private_bytes(b"1" * 32)
STOLEN = PRIVATE
FOREIGN = Ed25519PrivateKey.from_private_bytes(b"9" * 32)
KEY = verifier_key(ORIGIN, PRIVATE)
START = datetime(2026, 11, 26, 21, tzinfo=UTC)
TASK = "018f3c4e-0000-7000-8000-00000000000a"
PROPOSAL = "018f3c4e-0000-7000-8000-00000000000b"
EVIDENCE = "018f3c4e-0000-7000-8000-00000000000c"
EXECUTION = "018f3c4e-0000-7000-8000-00000000000d"
DIGEST = "ab" * 32
Body = Mapping[str, object]

# One action, from its task to its outcome; each step as the gateway says it.
STEPS: tuple[tuple[str, Body], ...] = (
    ("task.created", {"title": "discourse: 5xx", "kind": "reliability"}),
    ("task.evidence_attached", {"evidence": EVIDENCE, "tool": "get_metrics"}),
    (
        "task.proposed_action",
        {
            "proposal": PROPOSAL,
            "digest": DIGEST,
            "evidence": [EVIDENCE],
            "decision": "018f3c4e-0000-7000-8000-00000000000e",
            "rule": "default-l1",
            "state": "needs_approval",
            "tool": "toggle_feature_flag",
        },
    ),
    (
        "task.approved",
        {"proposal": PROPOSAL, "digest": DIGEST, "people": ["U1"], "approval": "a"},
    ),
    (
        "task.execution_begun",
        {
            "proposal": PROPOSAL,
            "digest": DIGEST,
            "execution": EXECUTION,
            "rule": "default-l1",
        },
    ),
    (
        "task.executed",
        {"proposal": PROPOSAL, "execution": EXECUTION, "outcome": "applied"},
    ),
    ("task.verified", {"proposal": PROPOSAL, "execution": EXECUTION}),
)


@dataclass
class Book:
    """``lines`` grow by ``say`` and ``sign``; the clock is the book's own."""

    tenant: str = TENANT
    now: datetime = START
    lines: list[Line] = field(default_factory=list)
    frontier: Frontier = field(default_factory=Frontier)
    link: bytes = GENESIS
    task_seqs: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lines.append(Header(f"ops-autopilot/{self.tenant}", self.tenant))

    def say(self, event: str, body: Body, task: str | None = TASK) -> "Book":
        """Append an entry a second later."""
        self.now += timedelta(seconds=1)
        seq = self.frontier.size + 1
        task_seq = None
        if task is not None:
            task_seq = self.task_seqs[task] = self.task_seqs.get(task, 0) + 1
        text = json.dumps(body, sort_keys=True, separators=(",", ":"))
        at = self.now.isoformat(timespec="microseconds")
        record = Record(
            id=str(UUID(int=seq)),
            tenant=self.tenant,
            environment="prod",
            task=task,
            task_seq=task_seq,
            event=event,
            actor="gateway",
            at=at,
            body=text,
        )
        return self.add(record)

    def add(self, record: Record) -> "Book":
        """Chain a record, whatever it says."""
        seq, leaf = self.frontier.size + 1, record.leaf()
        self.link = chain(self.link, seq, leaf)
        self.frontier = self.frontier.extended([leaf])
        self.lines.append(ChainedRecord(seq, self.link.hex(), record))
        return self

    def sign(self, key: Ed25519PrivateKey = PRIVATE, *, epoch: int = 0) -> str:
        """Sign what there is; give the note."""
        self.now += timedelta(seconds=1)
        at = self.now.isoformat(timespec="microseconds")
        origin = f"ops-autopilot/{self.tenant}"
        checkpoint = Checkpoint(
            origin, self.frontier.size, self.frontier.root(), epoch, at
        )
        note = sign_checkpoint(checkpoint, key)
        self.lines.append(Note(note))
        return note

    @property
    def text(self) -> bytes:
        return "".join(map(render_line, self.lines)).encode()

    def verify(self, trust: Trust | None = None) -> Verified:
        return verify_export(self.lines, trust or Trust(keys=[KEY]))

    def problem(self, trust: Trust | None = None) -> str:
        """Give what was found; fail if nothing was."""
        found = self.verify(trust).problem
        assert found is not None
        return found


def written(*, tenant: str = TENANT) -> Book:
    """Give a whole case with a checkpoint in the middle and one at its end."""
    book = Book(tenant)
    for number, (event, body) in enumerate(STEPS):
        book.say(event, body)
        if number == 3:
            book.sign()
    book.sign()
    return book


def notes(book: Book) -> list[str]:
    return [line.text for line in book.lines if isinstance(line, Note)]


def records(book: Book) -> list[Record]:
    return [line.record for line in book.lines if isinstance(line, ChainedRecord)]


def rewritten(book: Book, number: int, *, actor: str) -> Book:
    """Make a ledger anew with one actor changed, under the same key."""
    again = Book(book.tenant)
    for index, record in enumerate(records(book)):
        changed = replace(record, actor=actor) if index == number else record
        again.now = datetime.fromisoformat(record.at)
        again.add(changed)
        if index == 3:
            again.sign(STOLEN)
    again.sign(STOLEN)
    return again


def key_of(tenant: str) -> VerifierKey:
    return verifier_key(f"ops-autopilot/{tenant}", PRIVATE)
