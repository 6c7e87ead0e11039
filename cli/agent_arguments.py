"""The arguments of ``autopilot agents``."""

import argparse


def add_agents(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    agents = commands.add_parser("agents", help="look at agents' definitions")
    words = agents.add_subparsers(metavar="COMMAND", required=True)
    listed = words.add_parser("list", help="every version, with its digest")
    listed.set_defaults(command=_list)
    show = words.add_parser("show", help="every part of one version")
    show.add_argument("agent", metavar="NAME/VERSION")
    show.set_defaults(command=_show)
    diff = words.add_parser("diff", help="what tells two versions apart")
    diff.add_argument("one", metavar="NAME/VERSION")
    diff.add_argument("other", metavar="NAME/VERSION")
    diff.set_defaults(command=_diff)
    for parser in (listed, show, diff):
        parser.add_argument("--json", action="store_true", help="one JSON value")


def _list(chosen: argparse.Namespace) -> int:
    from cli.agents import list_agents

    return list_agents(as_json=chosen.json)


def _show(chosen: argparse.Namespace) -> int:
    from cli.agents import show_agent

    return show_agent(chosen.agent, as_json=chosen.json)


def _diff(chosen: argparse.Namespace) -> int:
    from cli.agents import diff_agents

    return diff_agents(chosen.one, chosen.other, as_json=chosen.json)
