"""
The arguments of ``autopilot webhooks``.

Each command imports what it needs when it runs, as in ``cli.main``.
"""

import argparse
from collections.abc import Callable

from cli.finish import finish


def add_webhooks(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    *,
    slug: Callable[[str], str],
) -> None:
    """Add the words to the command; ``slug`` checks a name as the command does."""
    parser = commands.add_parser("webhooks", help="endpoints that alerts come to")
    words = parser.add_subparsers(metavar="COMMAND", required=True)

    add = words.add_parser("add", help="add an endpoint of a tenant's environment")
    add.add_argument("tenant", type=slug)
    add.add_argument("--environment", type=slug, default="prod")
    add.add_argument("--source", required=True, help="as in docs/sources.md")
    add.add_argument("--slug", type=slug, help="last part of the endpoint's URL")
    add.set_defaults(command=_add)

    shown = words.add_parser(
        "list", help="print what there is, when it last heard from whom, and no secret"
    )
    shown.add_argument("tenant", nargs="?", help="of this one alone")
    shown.add_argument("--json", action="store_true")
    shown.set_defaults(command=_list)

    rotate = words.add_parser(
        "rotate", help="make a second token valid, or a second secret or topic"
    )
    rotate.add_argument("slug")
    rotate.add_argument(
        "--finish", action="store_true", help="only the newest stays valid"
    )
    rotate.set_defaults(command=_rotate)
    for one in (add, rotate):
        _add_proof(one)

    reseal = words.add_parser("reseal", help="seal all secrets with a new WEBHOOK_KEY")
    reseal.description = (
        "Seals the secrets of all endpoints with the first key of WEBHOOK_KEY, which "
        "has the new key and the old one, with a comma between them; all or none. Web "
        "has both before, and the new one alone afterwards."
    )
    reseal.set_defaults(command=_reseal)

    remove = words.add_parser("remove", help="remove an endpoint")
    remove.add_argument("slug")
    remove.set_defaults(command=_remove)
    _add_webhook_test(words.add_parser("test", help="send a test event"))


def _add_webhook_test(test: argparse.ArgumentParser) -> None:
    test.description = (
        "Sends the running web process one event as the vendor would: an info alert "
        "titled 'Test of webhook SLUG', which opens a task and its thread as any alert "
        "does, or the vendor's own ping, which opens nothing. Reads the endpoint by "
        "DATABASE_URL_RELEASE; signs with its newest secret, which WEBHOOK_KEY opens; "
        "a token comes on standard input. Exit 0 if the answer is 2xx."
    )
    test.add_argument("slug")
    test.add_argument("--url", help="of web; default http://WEB_HOST:WEB_PORT")
    test.add_argument("--token-from-stdin", action="store_true")
    test.set_defaults(command=_test)


def _add_proof(one: argparse.ArgumentParser) -> None:
    proof = one.add_mutually_exclusive_group()
    proof.add_argument(
        "--secret-from-stdin",
        action="store_true",
        help="the vendor's signing secret, sealed with WEBHOOK_KEY",
    )
    proof.add_argument(
        "--new-token", action="store_true", help="a token, which is the default"
    )
    proof.add_argument(
        "--topic", action="append", metavar="ARN", help="cloudwatch: of Amazon SNS"
    )


def _add(chosen: argparse.Namespace) -> int:
    from cli.webhooks import add_webhook

    return finish(add_webhook(chosen))


def _list(chosen: argparse.Namespace) -> int:
    from cli.webhooks import list_webhooks

    return finish(list_webhooks(chosen))


def _rotate(chosen: argparse.Namespace) -> int:
    from cli.webhooks import rotate_webhook

    return finish(rotate_webhook(chosen))


def _reseal(_chosen: argparse.Namespace) -> int:
    from cli.webhooks import reseal_webhooks

    return finish(reseal_webhooks())


def _remove(chosen: argparse.Namespace) -> int:
    from cli.webhooks import remove_webhook

    return finish(remove_webhook(chosen))


def _test(chosen: argparse.Namespace) -> int:
    from cli.webhook_trial import try_webhook

    return finish(try_webhook(chosen))
