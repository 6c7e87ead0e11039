"""``evals cases``: every case of a tenant, for people and as JSON Lines."""

import argparse
import json
from uuid import uuid4

import pytest

from cli import eval_cases as command
from cli.eval_arguments import add_evals
from policy.eval_case import EvalCaseKind
from storage import eval_cases
from storage.eval_cases import Edited, NewEvalCase
from storage.redacted import RedactedText
from storage.steps import Step
from tests.cli.world import Environment
from tests.conftest import Databases, Scopes
from tests.database import Urls
from tests.samples import add_proposal, add_task
from tests.storage.sealing import PROD, STAGING, make_sealing

DIFF = {"limit_rps": {"before": 600, "after": 400}}
HOSTILE = RedactedText("too\x1b[2J\nmuch\u202e at once")


@pytest.fixture(autouse=True)
async def kept(
    environment: Environment, urls: Urls, database: Databases, scopes: Scopes
) -> None:
    """Three cases, of two agents and two environments, a second after each other."""
    environment.set(DATABASE_URL_WEB=urls["web"])
    await make_sealing(database, scopes)
    for scope, agent, edited in (
        (PROD, "triage 2", None),
        (STAGING, "triage 2", Edited({"limit_rps": 400}, DIFF)),
        (PROD, "other 1", None),
    ):
        database.clock.move(seconds=1)
        async with database("gateway").transaction(scope, Step.set_up) as tx:
            proposal = await add_proposal(
                tx, await add_task(tx), proposed_by=f"agent {agent}"
            )
            kind = EvalCaseKind.edited if edited else EvalCaseKind.rejected
            await eval_cases.append(
                tx,
                proposal,
                NewEvalCase(uuid4(), kind, "too_risky", HOSTILE, not edited, edited),
            )


async def cases(capfd: pytest.CaptureFixture[str], *words: str) -> list[str]:
    parser = argparse.ArgumentParser()
    add_evals(parser.add_subparsers())
    chosen = parser.parse_args(["evals", "cases", "--tenant", "acme", *words])
    assert 0 == await command.run_cases(chosen)
    return capfd.readouterr().out.splitlines()


async def test_each_case_is_a_line(capfd: pytest.CaptureFixture[str]) -> None:
    """Who, what, what a person made of it, and why; nothing moves the terminal."""
    first, second, third = await cases(capfd)

    assert first.endswith(
        "  rejected  too_risky, another plan asked: too[2J much at once"
    )
    assert "triage/2" in second
    assert "staging" in second
    assert "  edited  limit_rps 600 → 400  too_risky: " in second
    assert "other/1" in third


async def test_json_lines_are_whole(capfd: pytest.CaptureFixture[str]) -> None:
    """Each field of each case, to be read by a program."""
    found = [json.loads(line) for line in await cases(capfd, "--jsonl")]

    assert ["rejected", "edited", "rejected"] == [one["kind"] for one in found]
    assert (DIFF, {"limit_rps": 400}) == (found[1]["diff"], found[1]["edited_params"])
    assert set(eval_cases.EvalCase.__dataclass_fields__) == set(found[0])


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (("--agent", "triage"), 2),
        (("--environment", "prod"), 2),
        (("--agent", "triage", "--environment", "prod"), 1),
        (("--agent", "nobody"), 1),
    ],
)
async def test_fewer_may_be_asked_for(
    capfd: pytest.CaptureFixture[str], words: tuple[str, ...], count: int
) -> None:
    """Of one agent, of one environment; none is said to be none."""
    assert count == len(await cases(capfd, *words))


async def test_pages_follow_each_other(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """More cases than one page holds are all printed, in order."""
    whole = await cases(capfd)
    monkeypatch.setattr(command, "_A_PAGE", 1)

    assert whole == await cases(capfd)
