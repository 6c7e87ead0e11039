"""
``autopilot slack``: the app to create in a workspace, and what Slack thinks of ours.

It imports what it needs when it runs, as in ``cli.main``.
"""

import argparse
import re


def add_slack(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
    """Add the words to the command."""
    parser = commands.add_parser("slack", help="the app in Slack")
    words = parser.add_subparsers(metavar="COMMAND", required=True)
    manifest = words.add_parser("manifest", help="print the app's manifest, as YAML")
    manifest.add_argument(
        "--url",
        type=_https,
        help="where Slack reaches your web process, as https://ops.example.com",
    )
    manifest.add_argument(
        "--socket-mode",
        action="store_true",
        help="Slack reaches you over connections that web opens; there is no URL",
    )
    manifest.set_defaults(command=_manifest)
    live = words.add_parser(
        "validate-live",
        help="have Slack itself validate one payload of each shape that is sent",
    )
    live.set_defaults(command=_validate_live)


def _manifest(chosen: argparse.Namespace) -> int:
    from bot.manifest import EXAMPLE_URL, manifest_text

    url = "" if chosen.socket_mode else chosen.url or EXAMPLE_URL
    print(manifest_text(url), end="")
    return 0


def _validate_live(_chosen: argparse.Namespace) -> int:
    from cli.clock import utc_now
    from cli.finish import finish
    from cli.validate_live import LiveSettings, validate_live

    return finish(validate_live(LiveSettings(), now=utc_now()))


def _https(text: str) -> str:
    """Take an origin alone: Slack sends to https, and we add the path."""
    if not re.fullmatch(r"https://[a-z0-9.-]+(:\d{1,5})?/?", text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no https://HOST; Slack sends to https alone"
        )
    return text
