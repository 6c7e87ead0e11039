"""What a tenant's ledger is held against: its own notes and its own name."""

import base64
from pathlib import Path

import pytest

from cli.ledgers import Ledgers, read_ledgers, read_note
from orchestrator.anchors import FileAnchor
from orchestrator.settings import TrustSettings

PUBLIC = bytes(range(32))
NOTES = ("ops-autopilot/acme\n1", "ops-autopilot/globex\n1", "ops-autopilot/acme\n2")


def test_a_claim_has_the_notes_of_its_own_log() -> None:
    found = Ledgers("ops-autopilot", (PUBLIC,), since=NOTES[1])
    claims = [
        found.claim(one, notes=NOTES, noted=frozenset({1}))
        for one in ("acme", "globex")
    ]

    assert [[NOTES[0], NOTES[2]], [NOTES[1]]] == [one.trust.anchors for one in claims]
    assert [None, NOTES[1]] == [one.trust.since for one in claims]
    assert ["ops-autopilot/acme"] == [one.name for one in claims[0].trust.keys]


async def test_the_anchor_is_read_when_it_is_asked(tmp_path: Path) -> None:
    """A sealer may be at work: what hangs there is read after the rows."""
    path = tmp_path / "anchors.jsonl"
    found = read_ledgers(
        TrustSettings.model_validate(
            {
                "LEDGER_ANCHOR_FILE": path,
                "LEDGER_VERIFIER_KEYS": base64.b64encode(PUBLIC).decode(),
            }
        )
    )
    before = await found.read_notes()
    FileAnchor(path).append(["note"])

    assert ([], ["note"]) == (before, await found.read_notes())
    assert (PUBLIC,) == found.publics


async def test_without_an_anchor_nothing_hangs_there() -> None:
    assert () == await read_ledgers(TrustSettings.model_validate({})).read_notes()


@pytest.mark.parametrize("text", ["note\n", "— ünïcode\n"])
def test_a_note_is_read_as_it_stands(tmp_path: Path, text: str) -> None:
    path = tmp_path / "note"
    path.write_text(text, encoding="utf-8")

    assert (text, None) == (read_note(str(path)), read_note(None))
