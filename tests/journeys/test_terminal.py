"""Slack takes nothing any more: the pager is called, and a terminal decides."""

import argparse
from pathlib import Path

import pytest

from bot.blocks.text import mapping_of
from cli.approving import print_person_key, run_decision
from cli.local_world import CHANNEL
from cli.processes import ROOT
from tests.journeys.person import Person
from tests.journeys.stack import Stack, running_stack, until

_SECONDS = 60.0
SLACK = "    slack_user: U0OPERATOR\n"


def rules_with_key(folder: Path, key: Path, line: str) -> Path:
    """Copy the shipped policy, its operator with a key."""
    made = folder / "rules"
    made.mkdir()
    for path in (ROOT / "policy" / "rules").iterdir():
        if path.is_file():
            text = path.read_text()
            (made / path.name).write_text(
                text.replace(SLACK, f"{SLACK}    {line}\n", 1)
            )
    assert key.exists()
    return made


@pytest.mark.services
@pytest.mark.timeout(300)
async def test_a_page_and_a_signed_approval(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """
    Executed once, by the signature's person; the platform was paged once.

    Slack comes back to a thread that ends right, each of its messages once.
    """
    key = tmp_path / "own.pem"
    print_person_key(str(key))
    rules = rules_with_key(tmp_path, key, capsys.readouterr().out.strip())
    settings = {"POLICY_FOLDER": str(rules)}
    async with running_stack(tmp_path, settings=settings) as stack:
        await stack.post("/lab/faults", {"kind": "http_500", "count": 10_000})
        await stack.lab.break_platform("bad_flag")
        await until(lambda: _has_card(stack), "a card", _SECONDS)
        stack.change("UPDATE proposals SET created_at = now() - interval '5 minutes'")
        await until(lambda: _is_paged(stack), "the pager is called", _SECONDS)
        for name in ("DATABASE_URL_WEB", "POLICY_FOLDER"):
            monkeypatch.setenv(name, {**stack.world.environment, **settings}[name])
        code = await _approve(stack, key)
        await until(lambda: _is_done(stack), "the task is done", _SECONDS)
        outcomes = stack.rows("SELECT kind, outcome FROM executions")
        actors = stack.rows(
            "SELECT actor FROM ledger WHERE event = 'task.click_received'"
        )
        unseen = await stack.lab.messages(CHANNEL)
        await stack.delete("/lab/faults")
        await Person(stack).sees("Done and verified", "approved by *operator*")
        await until(lambda: _is_sent(stack), "all is sent", _SECONDS)
        shown = await _places(stack)
        slots = stack.rows("SELECT slot FROM messages")

    assert [] == unseen
    assert shown == sorted(str(slot) for (slot,) in slots)
    # Nobody is asked for what is decided.
    assert not any(one.startswith("escalation") for one in shown)
    assert (0, [("apply", "applied")]) == (code, outcomes)
    assert [("terminal operator",)] == actors
    assert "Approved. It runs now." in capsys.readouterr().out


async def _approve(stack: Stack, key: Path) -> int:
    """Decide at a terminal on the one card there is, as it reads there."""
    [(proposal, digest)] = stack.rows("SELECT id, digest FROM proposals")
    return await run_decision(
        argparse.Namespace(
            card=str(proposal),
            tenant="genme",
            environment="prod",
            person="operator",
            key=str(key),
            digest=digest,
            verdict="approve",
        )
    )


async def _places(stack: Stack) -> list[str]:
    """Give the place of each message that is in the thread; an answer has none."""
    found = [one.get("metadata") for one in await stack.lab.messages(CHANNEL)]
    kept = [mapping_of(mapping_of(one).get("event_payload")) for one in found if one]
    return sorted(str(one["slot"]) for one in kept)


async def _has_card(stack: Stack) -> bool:
    return bool(
        stack.rows(
            "SELECT 1 FROM proposals WHERE state = 'needs_approval'"
            " AND expires_at IS NULL"
        )
    )


async def _is_sent(stack: Stack) -> bool:
    waits = "SELECT 1 FROM outbox WHERE state IN ('pending', 'sending')"
    return not stack.rows(waits)


async def _is_paged(stack: Stack) -> bool:
    return stack.rows("SELECT state FROM outbox WHERE destination = 'page'") == [
        ("sent",)
    ]


async def _is_done(stack: Stack) -> bool:
    return stack.rows("SELECT state FROM tasks") == [("completed",)]
