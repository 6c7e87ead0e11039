"""The arguments of ``autopilot audit``; each command imports what it needs."""

import argparse
from uuid import UUID

from cli.finish import finish


def add_audit(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    audit = commands.add_parser("audit", help="look at the ledger")
    words = audit.add_subparsers(metavar="COMMAND", required=True)
    _add_verify(words)
    export = words.add_parser(
        "export", help="write a tenant's signed ledger to a file, or go on with one"
    )
    export.add_argument("tenant")
    export.add_argument("--out", required=True, metavar="FILE", help="JSON Lines")
    export.set_defaults(command=_export)
    prove = words.add_parser(
        "prove", help="print an entry with its proof to a signed checkpoint"
    )
    prove.add_argument("entry", type=UUID, help="its id")
    prove.set_defaults(command=_prove)
    keys = words.add_parser("keys", help="print the public keys of a tenant's ledger")
    keys.add_argument("tenant")
    keys.set_defaults(command=_keys)


def _add_verify(words: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    verify = words.add_parser(
        "verify",
        help="recompute the ledger: chain, tree, signatures, anchors, cases; "
        "exit 1 at the first bad entry",
    )
    verify.add_argument("--json", action="store_true")
    verify.add_argument(
        "--from-export", metavar="FILE", help="an export alone, without the database"
    )
    verify.add_argument(
        "--since",
        metavar="FILE",
        help="a checkpoint that you kept: the ledger must continue it; times and cases "
        "before it are passed over",
    )
    verify.add_argument(
        "--anchors", metavar="FILE", help="in place of LEDGER_ANCHOR_FILE"
    )
    verify.add_argument(
        "--key",
        action="append",
        default=[],
        metavar="KEY",
        help="of an export: name+id+base64, as `audit keys` prints it; may be repeated",
    )
    verify.add_argument(
        "--lost",
        type=int,
        default=0,
        metavar="N",
        help="so many entries went in restores that you know of",
    )
    verify.set_defaults(command=_verify)


def _verify(chosen: argparse.Namespace) -> int:
    if chosen.from_export is not None:
        from cli.verify_export import run_verify_export

        return run_verify_export(chosen)
    from cli.audit import run_verify

    return finish(run_verify(chosen))


def _export(chosen: argparse.Namespace) -> int:
    from cli.exporting import run_export

    return finish(run_export(chosen))


def _prove(chosen: argparse.Namespace) -> int:
    from cli.exporting import run_prove

    return finish(run_prove(chosen))


def _keys(chosen: argparse.Namespace) -> int:
    from cli.exporting import print_keys

    return print_keys(chosen)
