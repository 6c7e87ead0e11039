"""
``autopilot slack manifest``: the app to create in a workspace.

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
    manifest.set_defaults(command=_manifest)


def _manifest(chosen: argparse.Namespace) -> int:
    from bot.manifest import EXAMPLE_URL, manifest_text

    print(manifest_text(chosen.url or EXAMPLE_URL), end="")
    return 0


def _https(text: str) -> str:
    """Take an origin alone: Slack sends to https, and we add the path."""
    if not re.fullmatch(r"https://[a-z0-9.-]+(:\d{1,5})?/?", text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no https://HOST; Slack sends to https alone"
        )
    return text
