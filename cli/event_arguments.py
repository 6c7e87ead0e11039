"""The arguments of ``autopilot events``."""

import argparse

from cli.finish import finish


def add_events(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    events = commands.add_parser("events", help="follow tasks' events, or repeat them")
    words = events.add_subparsers(metavar="COMMAND", required=True)
    tail = words.add_parser(
        "tail", help="print what arrives on the bus, a CloudEvent a line, until Ctrl-C"
    )
    tail.add_argument(
        "--beginning", action="store_true", help="all that the bus still has first"
    )
    tail.set_defaults(command=_tail)
    replay = words.add_parser(
        "replay", help="print sealed events from the ledger, a CloudEvent a line"
    )
    replay.add_argument("--tenant", required=True)
    replay.add_argument(
        "--from",
        dest="start",
        default="1",
        metavar="WHERE",
        help="a sequence of the tenant's, or a time such as 2026-11-27T09:00Z",
    )
    replay.add_argument(
        "--publish",
        action="store_true",
        help="put them on the bus again, under their ids, instead of printing them",
    )
    replay.set_defaults(command=_replay)
    for parser in (tail, replay):
        parser.add_argument("--environment", help="of this one alone")
        parser.add_argument("--task", metavar="ID", help="of this one alone")
        parser.add_argument(
            "--type", help="of this type alone, such as ops.agent_task.approved"
        )
    tail.add_argument("--tenant", help="of this one alone")


def _tail(chosen: argparse.Namespace) -> int:
    from cli.events import run_tail

    return finish(run_tail(chosen))


def _replay(chosen: argparse.Namespace) -> int:
    from cli.events import run_replay

    return finish(run_replay(chosen))
