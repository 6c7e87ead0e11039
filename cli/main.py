"""
The ``autopilot`` command: arguments in, exit code out.

Each command imports what it needs when it runs, so that a process starts with its own
libraries alone.
"""

import argparse
import re
import sys
from collections.abc import Callable, Sequence

from cli.agent_arguments import add_agents
from cli.audit_arguments import add_audit
from cli.decision_arguments import add_decisions, add_person_key
from cli.eval_arguments import add_evals
from cli.event_arguments import add_events
from cli.finish import finish
from cli.slack_arguments import add_slack
from cli.webhook_arguments import add_webhooks

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 a failure that was said, 2 wrong usage."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    command: Command | None = getattr(chosen, "command", None)
    if command is None:
        parser.print_help()
        return 2
    try:
        return command(chosen)
    except KeyboardInterrupt:
        return 130
    except Exception as exc:
        if not _is_said(exc):
            raise
        print(f"autopilot: {_say(exc)}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="autopilot",
        description="An operations agent that proposes, asks, and can prove each step.",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _add_demo(commands.add_parser("demo", help="everything here, on one machine"))
    _add_run(commands)
    _add_checks(commands)
    _add_setup(commands)
    _add_alerts(commands)
    _add_routes(commands)
    _add_silence(commands)
    add_webhooks(commands, slug=_slug)
    add_slack(commands)
    add_decisions(commands)
    add_audit(commands)
    add_events(commands)
    add_agents(commands)
    add_evals(commands)
    return parser


def _add_demo(demo: argparse.ArgumentParser) -> None:
    demo.description = (
        "Starts embedded servers, all processes and the lab, breaks the lab's "
        "platform, and prints where to look."
    )
    demo.add_argument(
        "--unattended",
        action="store_true",
        help="a scripted person opens the evidence and approves; exit 0 if all is well",
    )
    demo.add_argument("--json", action="store_true", help="one object on stdout")
    demo.add_argument("--folder", default=".autopilot", help="where state is kept")
    demo.add_argument("--web-port", type=int, default=8080)
    demo.add_argument("--lab-port", type=int, default=8090)
    demo.add_argument(
        "--sandbox",
        default="auto",
        choices=("auto", "bubblewrap", "namespaces", "none"),
    )
    demo.set_defaults(command=_demo)


def _add_run(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    up = commands.add_parser("up", help="run the Procfile against your own servers")
    up.add_argument("--logs", default=".autopilot/logs", help="a log file a process")
    up.set_defaults(command=_up)
    run = commands.add_parser("run", help="run one process of the Procfile")
    run.add_argument(
        "process", choices=("web", "gateway", "worker", "courier", "sealer")
    )
    run.set_defaults(command=_run)


def _add_checks(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
    doctor = commands.add_parser("doctor", help="check what the processes need")
    doctor.add_argument("--json", action="store_true")
    doctor.set_defaults(command=_doctor)

    redact = commands.add_parser(
        "redact", help="take what is personal or secret out of standard input"
    )
    redact.add_argument(
        "--jsonl",
        action="store_true",
        help='rows {"text"} in, rows {"text", "spans": [{start, end, type}]} out',
    )
    redact.set_defaults(command=_redact)

    policy = commands.add_parser("policy", help="look at policy")
    check = policy.add_subparsers(metavar="COMMAND", required=True).add_parser(
        "check", help="load policy, routes, agents and playbooks; say what is wrong"
    )
    check.add_argument("--json", action="store_true")
    check.set_defaults(command=_policy_check)


def _add_database(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
    database = commands.add_parser("db", help="the database")
    verbs = database.add_subparsers(metavar="COMMAND", required=True)
    upgrade = verbs.add_parser(
        "upgrade", help="migrate to this release (DATABASE_URL_RELEASE)"
    )
    upgrade.set_defaults(command=_db_upgrade)
    restored = verbs.add_parser(
        "after-restore",
        help="after a dump was put back: freeze, and begin an epoch of the ledger",
    )
    restored.add_argument("--by", required=True, help="who you are, for the ledger")
    restored.set_defaults(command=_db_after_restore)


def _add_setup(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
    _add_database(commands)
    keys = commands.add_parser("keys", help="keys")
    words = keys.add_subparsers(metavar="COMMAND", required=True)
    add_person_key(words)
    new = words.add_parser("new", help="make token, ledger, vault and webhook keys")
    new.add_argument("--json", action="store_true")
    new.set_defaults(command=_keys_new)

    tenant = commands.add_parser("tenant", help="tenants")
    add = tenant.add_subparsers(metavar="COMMAND", required=True).add_parser(
        "add", help="add a tenant's environment, its workspace and a webhook"
    )
    add.add_argument("tenant", type=_slug, help="a slug, such as genme")
    add.add_argument("--environment", type=_slug, default="prod")
    add.add_argument("--slack-team", required=True, help="T…")
    add.add_argument("--webhook", default="alertmanager", help="source of the endpoint")
    add.add_argument("--slug", type=_slug, help="last part of the endpoint's URL")
    add.add_argument("--thawed", action="store_true", help="a new one is not frozen")
    add.set_defaults(command=_tenant_add)

    for word, frozen in (("freeze", True), ("thaw", False)):
        parser = commands.add_parser(word, help=f"{word} writes of an environment")
        parser.add_argument("tenant")
        parser.add_argument("--environment", default="prod")
        parser.add_argument("--reason", required=True)
        parser.add_argument("--scope", help="a tool, a category, or service:<name>")
        parser.add_argument(
            "--for",
            dest="lasts",
            metavar="DURATION",
            help="30m, 2h or 1d",
        )
        parser.add_argument(
            "--all", action="store_true", help="stop undo and reversions as well"
        )
        parser.set_defaults(command=_freeze, frozen=frozen)


def _add_alerts(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
    alerts = commands.add_parser("alerts", help="look at alert payloads")
    words = alerts.add_subparsers(metavar="COMMAND", required=True)
    find = words.add_parser(
        "find", help="find alerts that were taken in, and their tasks"
    )
    find.add_argument("sign", help="part of a fingerprint, a title or a label")
    find.add_argument("--tenant", required=True)
    find.add_argument("--environment", default="prod")
    find.add_argument("--json", action="store_true")
    find.set_defaults(command=_alerts_find)
    parse = words.add_parser(
        "parse", help="print the alerts of a recorded payload as JSON"
    )
    parse.add_argument(
        "--source", required=True, help="as in docs/sources.md: alertmanager, grafana…"
    )
    parse.add_argument(
        "--mapping", metavar="FILE", help="of generic: your mappings, not the shipped"
    )
    parse.add_argument("file", help="a JSON file, or - for standard input")
    parse.set_defaults(command=_alerts_parse)


def _add_routes(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
    routes = commands.add_parser("routes", help="look at routing")
    test = routes.add_subparsers(metavar="COMMAND", required=True).add_parser(
        "test", help="say where a recorded payload's alerts would go, and why"
    )
    test.add_argument("file", help="a JSON file, or - for standard input")
    test.add_argument("--source", default="alertmanager")
    test.add_argument("--tenant", default="", help="as whose endpoint's")
    test.add_argument("--routes", metavar="FILE", help="in place of ROUTES_FILE")
    test.add_argument("--mapping", metavar="FILE", help="of generic: your mappings")
    test.add_argument("--json", action="store_true")
    test.set_defaults(command=_routes_test)


def _add_silence(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
    silence = commands.add_parser("silence", help="hold back what people know of")
    words = silence.add_subparsers(metavar="COMMAND", required=True)
    add = words.add_parser("add", help="alerts with these labels open after it")
    add.add_argument("--label", action="append", default=[], metavar="NAME=VALUE")
    add.add_argument("--for", dest="lasts", required=True, metavar="DURATION")
    add.add_argument("--reason", required=True)
    end = words.add_parser("end", help="end one now")
    end.add_argument("id", help="as `silence list` shows it")
    listed = words.add_parser("list", help="those that hold")
    for word, parser in (("add", add), ("end", end), ("list", listed)):
        parser.add_argument("--tenant", required=True)
        parser.add_argument("--environment", default="prod")
        parser.set_defaults(command=_silence, word=word)


def _slug(text: str) -> str:
    """Check a name that row-level security lists between commas and URLs carry."""
    if re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", text) is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no slug: use a-z, 0-9, - and _, at most 63 characters"
        )
    return text


def _demo(chosen: argparse.Namespace) -> int:
    from cli.demo import DemoOptions, run_demo

    return finish(
        run_demo(
            DemoOptions(
                folder=chosen.folder,
                web_port=chosen.web_port,
                lab_port=chosen.lab_port,
                sandbox=chosen.sandbox,
                unattended=chosen.unattended,
                as_json=chosen.json,
            )
        )
    )


def _up(chosen: argparse.Namespace) -> int:
    from cli.up import run_up

    return finish(run_up(chosen.logs))


def _run(chosen: argparse.Namespace) -> int:
    from cli.logs import configure_logs, log_policy
    from cli.processes import PROCESSES
    from gateway.settings import FileSettings

    configure_logs(chosen.process, log_policy(FileSettings().policy_folder))
    finish(PROCESSES[chosen.process]())
    return 0


def _doctor(chosen: argparse.Namespace) -> int:
    from cli.doctor import run_doctor

    return finish(run_doctor(as_json=chosen.json))


def _alerts_parse(chosen: argparse.Namespace) -> int:
    from cli.alerts import parse_file
    from cli.clock import utc_now

    return parse_file(
        chosen.source, chosen.file, received_at=utc_now(), mapping=chosen.mapping
    )


def _alerts_find(chosen: argparse.Namespace) -> int:
    from cli.alerts import find_alerts

    return finish(find_alerts(chosen))


def _routes_test(chosen: argparse.Namespace) -> int:
    from cli.clock import utc_now
    from cli.routes import show_ways
    from gateway.settings import FileSettings

    files = FileSettings()
    return show_ways(
        chosen,
        routes_file=files.routes_file,
        agents_folder=files.agents_folder,
        now=utc_now(),
    )


def _silence(chosen: argparse.Namespace) -> int:
    from cli.silences import run_silence

    return finish(run_silence(chosen))


def _redact(chosen: argparse.Namespace) -> int:
    from cli.redact import run_redact

    return run_redact(as_rows=chosen.jsonl)


def _policy_check(chosen: argparse.Namespace) -> int:
    from cli.policy_check import check_policy

    return check_policy(as_json=chosen.json)


def _db_upgrade(_chosen: argparse.Namespace) -> int:
    from cli.migrate import ReleaseSettings, upgrade

    upgrade(ReleaseSettings().database_url)
    return 0


def _db_after_restore(chosen: argparse.Namespace) -> int:
    from cli.restore import run_after_restore

    return finish(run_after_restore(chosen))


def _keys_new(chosen: argparse.Namespace) -> int:
    from cli.keys import print_keys

    return print_keys(as_json=chosen.json)


def _tenant_add(chosen: argparse.Namespace) -> int:
    from cli.tenant import add_tenant

    return finish(add_tenant(chosen))


def _freeze(chosen: argparse.Namespace) -> int:
    from cli.tenant import freeze_tenant

    return finish(freeze_tenant(chosen))


def _is_said(exc: Exception) -> bool:
    """Tell errors whose message says what to do from bugs, which show their trace."""
    from cli.errors import said_errors

    return isinstance(exc, said_errors())


def _say(exc: Exception) -> str:
    from cli.errors import say

    return say(exc)


if __name__ == "__main__":
    sys.exit(main())
