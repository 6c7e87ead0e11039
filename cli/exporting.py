"""``autopilot audit export`` and ``prove``: what a stranger takes along."""

import argparse
import json
import sys
from base64 import b64encode
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from audit.checkpoint import VerifierKey
from audit.export import BadLine, ChainedRecord, Header, Note, parse_line, render_line
from audit.merkle import prove_inclusion
from cli.case import find_tenant
from cli.clock import utc_now
from orchestrator.notary import origin_of
from orchestrator.sealer import list_tenants
from orchestrator.settings import LedgerSettings, TrustSettings
from storage import checkpoints, exports, seals
from storage.database import Tx, connect
from storage.steps import Step


async def run_export(chosen: argparse.Namespace) -> int:
    """Write the signed part of a tenant's ledger; go on where a file ends."""
    settings = LedgerSettings()
    database = connect(settings.database_url, utc_now, pool_size=1)
    header = Header(origin_of(settings.log, chosen.tenant), chosen.tenant)
    try:
        scope = await find_tenant(database, chosen.tenant)
        with Path(chosen.out).open("a+b") as file:  # noqa: ASYNC230 - nothing else runs
            begun = resume(file, header)
            async with database.transaction(scope, Step.look) as tx:
                ended = await write_export(tx, file, after=begun)
    finally:
        await database.close()
    print(f"{chosen.out}: {ended - begun} entries more, {ended} in all")
    return 0


def resume(file: BinaryIO, header: Header) -> int:
    """
    Cut a file back to its last checkpoint, and give that one's size; begin a new one.

    Raises:
        BadLine: it is the export of another ledger, or none.
    """
    file.seek(0)
    first = file.readline()
    if not first.endswith(b"\n"):
        file.truncate(0)
        file.write(render_line(header).encode())
        return 0
    if parse_line(first) != header:
        raise BadLine(f"{file.name} is the export of another ledger; name another file")
    size, seq, end = 0, 0, file.tell()
    while line := file.readline():
        if not line.endswith(b"\n"):
            break
        read = parse_line(line)
        if isinstance(read, ChainedRecord):
            seq = read.seq
        else:
            size, end = seq, file.tell()
    file.truncate(end)
    file.seek(end)
    return size


async def write_export(tx: Tx, file: BinaryIO, *, after: int) -> int:
    """Write entries and checkpoints behind ``after`` to the last checkpoint."""
    last = await checkpoints.find_last(tx)
    if last is None or last.size <= after:
        return after
    async for line, _ in exports.read_lines(tx, after=after, up_to=last.size):
        file.write(render_line(line).encode())
    return last.size


async def run_prove(chosen: argparse.Namespace) -> int:
    """Print an entry with its proof; exit 1 if no checkpoint covers it yet."""
    settings = LedgerSettings()
    database = connect(settings.database_url, utc_now, pool_size=1)
    try:
        for scope in await list_tenants(database):
            async with database.transaction(scope, Step.look) as tx:
                proof = await prove(tx, chosen.entry)
            if proof is not None:
                print(json.dumps(proof, indent=2, ensure_ascii=False))
                return 0
    finally:
        await database.close()
    print(
        f"autopilot: entry {chosen.entry}: no checkpoint covers it; it is unknown, or "
        "was written a moment ago: come again in some seconds",
        file=sys.stderr,
    )
    return 1


async def prove(tx: Tx, entry_id: UUID) -> dict[str, object] | None:
    """Give an entry, and the way from it to the first checkpoint that covers it."""
    sealed = await seals.find_sealed(tx, entry_id)
    if sealed is None:
        return None
    covering = await checkpoints.list_after(tx, sealed.seal.seq - 1, most=1)
    if not covering:
        return None
    leaves = await checkpoints.list_leaves(tx, covering[0].size)
    index = sealed.seal.seq - 1
    return {
        "entry": dict(sealed.entry.record.fields),
        "index": index,
        "proof": [one.hex() for one in prove_inclusion(leaves, index)],
        "checkpoint": Note(covering[0].note).text,
    }


def print_keys(chosen: argparse.Namespace) -> int:
    """Print the public keys: for LEDGER_VERIFIER_KEYS, and for strangers."""
    settings = TrustSettings()
    if not settings.trusted:
        print(
            "autopilot: no key; set LEDGER_SIGNING_KEY or LEDGER_VERIFIER_KEYS",
            file=sys.stderr,
        )
        return 1
    for public in settings.trusted:
        key = VerifierKey(origin_of(settings.log, chosen.tenant), public)
        print(f"{key.text}\n  LEDGER_VERIFIER_KEYS: {b64encode(public).decode()}")
    return 0
