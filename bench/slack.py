"""Slack's deliveries: an ack without a side effect, a committed click, a forged one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.load import Requests, Target, load
from bench.measure import P50, P99, RATE, Case, Goal, Sample, Side, WrongAnswer
from bench.rows import add_waiting_proposal
from bench.slack_requests import SECRET, clicks, commands, forged
from bench.world import Bench, product_web, served

# Whoever forges a request gets no more of the process than this.
_REFUSED_MS = 50
_CLICKS = "SELECT count(*) FROM inbox WHERE kind = 'decision'"


@asynccontextmanager
async def slack(bench: Bench) -> AsyncIterator[list[Case]]:
    value = await add_waiting_proposal(bench)
    help_, click = commands(), clicks(value)
    async with (
        product_web(bench, {"SLACK_SIGNING_SECRET": SECRET}) as web,
        served(bench, "slack_verifier") as verifier,
    ):
        by_hand = _side(bench, verifier, click, 1)
        yield [
            Case(
                "Slack ack c=16",
                _side(bench, web, help_, 16),
                {
                    "verifier": (
                        _side(bench, verifier, help_, 16),
                        (Goal(RATE, 0.75), Goal(P50, 1.3)),
                    )
                },
            ),
            Case(
                "Slack click, committed c=1",
                _stored(bench, _side(bench, web, click, 1)),
                {"verifier": (by_hand, (Goal(P50, 1.5),))},
            ),
            Case(
                "Slack, not signed by it c=16",
                _side(bench, web, forged(), 16, status=401),
                {
                    "verifier": (
                        _side(bench, verifier, forged(), 16, status=401),
                        (Goal(P99, _REFUSED_MS, absolute=True),),
                    )
                },
            ),
        ]


def _side(
    bench: Bench,
    port: int,
    requests: Requests,
    connections: int,
    *,
    status: int = 200,
) -> Side:
    async def side() -> Sample:
        return await load(
            Target(port),
            requests,
            connections=connections,
            seconds=bench.seconds,
            status=status,
        )

    return side


def _stored(bench: Bench, click: Side) -> Side:
    """Count the product's rows: an ack without one would be fast, and a click lost."""

    async def side() -> Sample:
        before = bench.count(_CLICKS)
        sample = await click()
        stored = bench.count(_CLICKS) - before
        if stored != sample.count:
            raise WrongAnswer(f"{sample.count} clicks acked, {stored} stored")
        return sample

    return side
