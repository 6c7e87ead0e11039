"""
Compare the product with the least that could do the work: `make bench`.

Exit code: 0 when every answer was right, whatever the goals; 1 when one was wrong; with
--strict also 1 when a goal was missed or a comparison is void.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, ExitStack
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.dispatch import dispatch
from bench.footprint import footprint
from bench.gateway import gateway
from bench.ingestion import ingestion
from bench.measure import Case, Result, WrongAnswer, compare
from bench.sandbox import sandbox
from bench.slack import slack
from bench.world import Bench, benching

Area = Callable[[Bench], AbstractAsyncContextManager[list[Case]]]

# In this order: a case may leave queued tasks behind, and an idle worker takes them.
AREAS: dict[str, Area] = {
    "sandbox": sandbox,
    "dispatch": dispatch,
    "footprint": footprint,
    "gateway": gateway,
    "slack": slack,
    "ingestion": ingestion,
}
_HEAD = (
    f"{'case':<38} {'floor':<17} {'figure':<11} {'product':>9} {'floor':>9}"
    f" {'ratio':>6} {'min..max':>12} {'A/A':>5} {'goal':>8}  verdict"
)


def main() -> int:
    options = _options()
    try:
        return asyncio.run(_run(options))
    except WrongAnswer as exc:
        print(f"a wrong answer, no figures: {exc}", file=sys.stderr)
        return 1


async def _run(options: argparse.Namespace) -> int:
    results: list[Result] = []
    with ExitStack() as stack:
        folder = options.folder or Path(
            stack.enter_context(TemporaryDirectory(prefix="autopilot-bench-"))
        )
        async for result in _measure(folder, options):
            results.append(result)
            if not options.json:
                print(_line(result), flush=True)
    if options.json:
        print(json.dumps([asdict(result) for result in results], indent=2))
    failed = any(result.verdict != "met" for result in results)
    return 1 if options.strict and failed else 0


async def _measure(folder: Path, options: argparse.Namespace) -> AsyncIterator[Result]:
    if not options.json:
        print(
            f"{options.rounds} rounds, {options.seconds:g} s a side; ratio: median of"
            f" product over floor within a round\n{_HEAD}",
            flush=True,
        )
    async with benching(folder, options.seconds) as bench:
        for name, area in AREAS.items():
            if options.only and name not in options.only:
                continue
            async with area(bench) as cases:
                for case in cases:
                    for result in await compare(case, options.rounds):
                        yield result


def _line(result: Result) -> str:
    spread = f"{result.lowest:.2f}..{result.highest:.2f}"
    return (
        f"{result.case:<38} {result.floor_name:<17} {result.figure:<11}"
        f" {result.product:>9.2f} {result.floor:>9.2f} {result.ratio:>6.2f}"
        f" {spread:>12} {result.aa:>5.2f} {result.goal:>8}  {result.verdict}"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=AREAS, metavar="AREA")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--folder", type=Path, help="keep data and logs here")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--strict", action="store_true", help="goals bind")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
