"""``autopilot audit verify --from-export``: a file and public keys, no database."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from audit.checkpoint import VerifierKey, parse_verifier_key
from audit.export import Header, Line, parse_anchors, parse_line, parse_lines
from audit.verification import Trust, Verified, verify_export
from cli.audit import print_verified
from cli.ledgers import read_note
from orchestrator.settings import TrustSettings


def run_verify_export(chosen: argparse.Namespace) -> int:
    """Verify one tenant's export; exit 1 at the first bad entry, and on any doubt."""
    found = verify_file(Path(chosen.from_export), chosen, TrustSettings())
    print_verified([found], as_json=chosen.json)
    if found.problem is None and not found.anchored and not chosen.json:
        print(
            "  No anchor was given (--anchors, --since): a ledger that was cut off, or "
            "made anew under a stolen key, would look the same."
        )
    return 0 if found.problem is None else 1


def verify_file(
    path: Path, chosen: argparse.Namespace, settings: TrustSettings
) -> Verified:
    """Hold a file against the keys and anchors that were given."""
    anchors = chosen.anchors or settings.anchor_file
    notes = parse_anchors(Path(anchors).read_bytes()) if anchors else []
    with path.open("rb") as export:
        trust = Trust(
            keys=_keys(chosen.key, settings, export.readline()),
            anchors=notes,
            since=read_note(chosen.since),
            known_lost=chosen.lost,
        )
        export.seek(0)
        return verify_export(_lines(export), trust)


def _lines(export: Iterator[bytes]) -> Iterator[Line]:
    yield from parse_lines(export)


def _keys(given: list[str], settings: TrustSettings, first: bytes) -> list[VerifierKey]:
    """Give the keys of ``--key``; else those of the settings, under this log's name."""
    if given:
        return [parse_verifier_key(one) for one in given]
    header = parse_line(first)
    if not isinstance(header, Header):
        return []
    name = f"{settings.log}/{header.tenant}"
    return [VerifierKey(name, one) for one in settings.trusted]
