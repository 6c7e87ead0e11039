"""The arguments of ``autopilot audit``; each command imports what it needs."""

import argparse
from datetime import datetime
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
    case = words.add_parser(
        "case", help="print everything that was kept of a task, as JSON or as a page"
    )
    case.add_argument("task", help="its id, or the short one that its thread shows")
    case.add_argument("--tenant", required=True)
    case.add_argument("--html", metavar="FILE", help="one page that loads nothing")
    case.set_defaults(command=_case)
    _add_search(words)
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


def _add_search(words: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    search = words.add_parser("search", help="find entries of a tenant, newest first")
    search.add_argument("--tenant", required=True)
    search.add_argument("--environment", help="this one alone")
    search.add_argument("--actor", help="who did it: a person, gateway, policy…")
    search.add_argument("--event", help="such as task.approved")
    search.add_argument("--tool")
    search.add_argument("--target", help="a value among an action's params, whole")
    search.add_argument("--rule", help="the rule that allowed or refused it")
    search.add_argument("--text", help="words that an entry has, all of them")
    search.add_argument("--since", type=_instant, metavar="TIME")
    search.add_argument("--until", type=_instant, metavar="TIME", help="before this")
    search.add_argument(
        "--before", type=UUID, metavar="ENTRY", help="the page behind this entry"
    )
    search.add_argument("--most", type=int, default=50, metavar="N")
    search.add_argument("--json", action="store_true")
    search.set_defaults(command=_search)


def _instant(text: str) -> datetime:
    from cli.searching import parse_instant

    return parse_instant(text)


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


def _case(chosen: argparse.Namespace) -> int:
    from cli.case import run_case

    return finish(run_case(chosen))


def _search(chosen: argparse.Namespace) -> int:
    from cli.searching import run_search

    return finish(run_search(chosen))


def _keys(chosen: argparse.Namespace) -> int:
    from cli.exporting import print_keys

    return print_keys(chosen)
