"""Which provider serves: the first whose self-test passes, and why not the others."""

import argparse
import gc
import importlib
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from runner.escape_test import Outcome
from runner.gateway_client import open_http
from runner.host import Host, render_outcome
from runner.inmate import Entry
from runner.layout import INNER_SOCKET, find_layout
from runner.providers import Namespaces, Provider, bare, bubblewrap
from runner.selftest import run_selftest

PREFERRED = ("bubblewrap", "namespaces")
HARMLESS_NAMES = frozenset({"LC_CTYPE"})
Tester = Callable[[Provider], Outcome]


def main(arguments: list[str]) -> int:
    options = _parse(arguments)
    if set(os.environ) - HARMLESS_NAMES:  # noqa: TID251 (to refuse it, not to read it)
        sys.stderr.write("zygote: start it with an empty environment\n")
        return 2
    project = Path(__file__).resolve().parents[1]
    import_everything()

    def tester(provider: Provider) -> Outcome:
        return run_selftest(
            provider, project=project, forbidden_sockets=tuple(options.forbid_socket)
        )

    provider, outcome, rejected = choose(options.provider, project, tester)
    for path in options.warm_socket:
        if Path(path).exists():
            provider.refill(path)
    with socket.socket(fileno=options.control_fd) as control:
        host = Host(control, provider, lambda: tester(provider))
        host.send(
            event="started",
            provider=provider.name,
            inner_socket=INNER_SOCKET if provider.name != "none" else "",
            rejected=dict(rejected),
            **render_outcome(outcome),
        )
        gc.freeze()
        host.serve()
    return 0


def choose(
    wanted: str, project: Path, tester: Tester
) -> tuple[Provider, Outcome, dict[str, str]]:
    """
    Give the provider, its self-test's outcome, and why the others were passed over.

    One that was asked for by name is kept when its self-test fails: the outcome is
    reported, and the worker decides. ``none`` stands in where nothing can be built.
    """
    rejected: dict[str, str] = {}
    for name in PREFERRED if wanted == "auto" else (wanted,):
        try:
            provider = build(name, project)
        except OSError as error:
            rejected[name] = str(error)
            continue
        outcome = tester(provider)
        if outcome.passed or wanted != "auto":
            return provider, outcome, rejected
        rejected[name] = outcome.failures
    provider = bare(project)
    return provider, tester(provider), rejected


def build(name: str, project: Path) -> Provider:
    """
    Give the provider of that name.

    Raises:
        OSError: it can't work on this host.
    """
    if name == "none":
        return bare(project)
    if sys.platform != "linux":
        raise OSError(f"{name} needs Linux")
    if name == "bubblewrap":
        return bubblewrap(find_layout(project))
    return Namespaces(layout=find_layout(project), project=project)


def import_everything() -> None:
    """Import what a run needs, down to what the first request would import lazily."""
    for entry in Entry:
        importlib.import_module(entry.value)
    open_http("/nonexistent", "", timeout_seconds=1).close()
    # A run without a model does not need it; a fork of this has it for nothing.
    importlib.import_module("runner.model_client")


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="zygote", allow_abbrev=False)
    parser.add_argument("--control-fd", type=int, required=True)
    parser.add_argument(
        "--provider", choices=("auto", *PREFERRED, "none"), default="auto"
    )
    parser.add_argument("--warm-socket", action="append", default=[])
    parser.add_argument("--forbid-socket", action="append", default=[])
    return parser.parse_args(arguments)
