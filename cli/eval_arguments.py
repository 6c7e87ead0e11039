"""The arguments of ``autopilot evals``."""

import argparse


def add_evals(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    evals = commands.add_parser("evals", help="look at what evals will be made of")
    words = evals.add_subparsers(metavar="COMMAND", required=True)
    cases = words.add_parser(
        "cases", help="what people edited or rejected, one case for each, oldest first"
    )
    cases.add_argument("--tenant", required=True)
    cases.add_argument("--environment", help="this one alone")
    cases.add_argument("--agent", metavar="NAME", help="proposals of this agent alone")
    cases.add_argument("--jsonl", action="store_true", help="a JSON value a line")
    cases.set_defaults(command=_cases)


def _cases(chosen: argparse.Namespace) -> int:
    from cli.eval_cases import run_cases
    from cli.finish import finish

    return finish(run_cases(chosen))
