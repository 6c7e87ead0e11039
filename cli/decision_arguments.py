"""The arguments of ``autopilot approve | reject`` and ``keys person``."""

import argparse


def add_decisions(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
    for verdict in ("approve", "reject"):
        parser = commands.add_parser(
            verdict, help=f"{verdict} a card in this terminal, under your own key"
        )
        parser.add_argument("card", help="a proposal's id, or the id of its task")
        parser.add_argument("--tenant", required=True)
        parser.add_argument("--environment", default="prod")
        parser.add_argument("--person", required=True, help="your id in people.yaml")
        parser.add_argument("--key", required=True, help="the file of your private key")
        parser.add_argument("--digest", help="of the card that was read: asks nothing")
        if verdict == "reject":
            parser.add_argument(
                "--reason", required=True, help="as in Slack: wrong_target, too_risky…"
            )
        parser.set_defaults(command=_decide, verdict=verdict)


def add_person_key(
    words: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
    person = words.add_parser(
        "person", help="make a key with which one decides in a terminal"
    )
    person.add_argument("file", help="where the private key goes; must not exist")
    person.set_defaults(command=_make_key)


def _decide(chosen: argparse.Namespace) -> int:
    from cli.approving import run_decision
    from cli.finish import finish

    return finish(run_decision(chosen))


def _make_key(chosen: argparse.Namespace) -> int:
    from cli.approving import print_person_key

    return print_person_key(chosen.file)
