"""Canaries in every tool's output: through the whole world, and into its exports."""

import asyncio
import json
import sys
from pathlib import Path
from time import time

import pytest

from bot.blocks.card_actions import APPROVE, EVIDENCE, UNDO, WHY
from cli.lab_client import Button
from cli.local_world import CHANNEL, SCOPE
from cli.processes import ROOT
from gateway.registry import ReadTool
from gateway.tools.catalog import all_tools
from tests.journeys.modelled import play_script
from tests.journeys.seeded import (
    TEAM,
    Seeds,
    Write,
    platform,
    seed,
    settings_with_walker,
    turns,
    writes_of_runs,
)
from tests.journeys.stack import Stack, proposal_of, running_stack, until
from tests.journeys.test_canaries import leaks_in

_SECONDS = 120.0
_READS = {
    spec.name
    for spec in all_tools().specs
    if isinstance(all_tools().find(spec.name), ReadTool)
}
_WRITES = {spec.name for spec in all_tools().specs} - _READS
_APPROVERS = ("U0OPERATOR", "U0SECOND")


@pytest.mark.services
@pytest.mark.timeout(400)
async def test_no_tool_s_output_tells_of_a_person(tmp_path: Path) -> None:
    """
    Every read, every write with its states and its undo; and what is exported of them.

    Each read's evidence holds a placeholder, or it was not seeded; a tool that no run
    visits is missing by name.
    """
    seeds = Seeds()
    settings = settings_with_walker(tmp_path)
    async with running_stack(tmp_path, settings=settings) as stack:
        await stack.lab.break_platform("stuck_consumer")
        found = await platform(stack, "GET", "/pipelines/warehouse")
        await seed(stack, seeds)
        leaks: dict[str, object] = {}
        for number, writes in enumerate(writes_of_runs(found["gaps"][0], time())):
            await run(stack, f"{TEAM}-{number}", writes, seeds)
            leaks |= await leaks_in(stack, seeds.traces)
        undone = await undo_all(stack)
        await look_at_all(stack)
        leaks |= await leaks_in(stack, seeds.traces)
        exports = await exported(stack, tmp_path)
        sealed = stack.rows("SELECT encode(ciphertext, 'escape') FROM vault")
        met = (await stack.get("/lab/overlays"))["overlays"]
        hidden = stack.rows("SELECT tool FROM evidence WHERE body LIKE '%⟨%'")
        ended = stack.rows(
            "SELECT tool FROM executions JOIN proposals p ON"
            " p.id = proposal_id WHERE outcome = 'applied'"
        )

    assert {} == leaks
    assert {} == traces_in(exports, (*seeds.traces, *(str(one) for (one,) in sealed)))
    assert (set(), set()) == (_READS - names(hidden), _WRITES - names(ended))
    assert [] == [path for path, answers in met.items() if not answers]
    assert 4 == undone
    # The ledger, a search in it, and each run's case in both forms.
    assert 2 + 3 * 2 == sum("⟨" in text for text in exports.values())


def names(rows: list[tuple[object, ...]]) -> set[str]:
    return {str(name) for (name,) in rows}


def traces_in(texts: dict[str, str], traces: tuple[str, ...]) -> dict[str, list[str]]:
    return {
        place: found
        for place, text in texts.items()
        if (found := [trace for trace in traces if trace in text])
    }


async def run(stack: Stack, service: str, writes: list[Write], seeds: Seeds) -> None:
    """Let a run read everything and propose; approve all, until it is carried out."""
    await play_script(stack, *turns(writes, seeds))
    labels = {"alertname": "Odd", "service": service, "team": TEAM}
    fired = {"status": "firing", "fingerprint": service, "labels": labels}
    await stack.post_webhook(json.dumps({"version": "4", "alerts": [fired]}).encode())
    wanted = {tool for tool, _, _ in writes}

    async def are_done() -> bool:
        await approve_all(stack)
        done = "SELECT tool FROM proposals WHERE state = 'succeeded'"
        return wanted <= names(stack.rows(done))

    await until(are_done, f"{sorted(wanted)} are carried out", _SECONDS)


async def approve_all(stack: Stack) -> None:
    """Let two people approve what waits for them."""
    for person in _APPROVERS:
        stack.lab.user = person
        for button in await buttons(stack, APPROVE):
            state = "SELECT state FROM proposals WHERE id = %s"
            if stack.rows(state, proposal_of(button)) == [("needs_approval",)]:
                await stack.lab.click(button)


async def undo_all(stack: Stack) -> int:
    """Have everything undone that can be; give how much was."""
    undone = "SELECT count(*) FROM proposals WHERE state = 'undone'"
    asked = await buttons(stack, UNDO)
    for button in asked:
        await stack.lab.click(button)

    async def are_undone() -> bool:
        await approve_all(stack)
        return stack.rows(undone) == [(len(asked),)]

    await until(are_undone, f"all {len(asked)} are undone", _SECONDS)
    return len(asked)


async def look_at_all(stack: Stack) -> None:
    """Open the evidence of each card, ask why, and look at Home."""
    for action in (WHY, EVIDENCE):
        for button in await buttons(stack, action):
            await stack.lab.click(button)
    await stack.post("/lab/act/home", {"user": stack.lab.user})


async def buttons(stack: Stack, action: str) -> list[Button]:
    """Give every button of that action, the oldest first."""
    return [
        Button(
            CHANNEL,
            str(message["ts"]),
            action,
            str(block.get("block_id", "")),
            str(one.get("value", "")),
        )
        for message in await stack.lab.messages(CHANNEL)
        for block in dicts(message.get("blocks"))
        for one in dicts(block.get("elements"))
        if one.get("action_id") == action
    ]


def dicts(value: object) -> list[dict[str, object]]:
    return (
        [one for one in value if isinstance(one, dict)]
        if isinstance(value, list)
        else []
    )


async def exported(stack: Stack, folder: Path) -> dict[str, str]:
    """Give everything that the command line gives away of what happened."""
    tenant = SCOPE.tenant_id
    ledger = folder / "ledger.jsonl"
    await until(lambda: _is_sealed(stack), "the ledger is sealed and signed", _SECONDS)
    await told(stack, "audit", "export", tenant, "--out", str(ledger))
    texts = {
        "export": ledger.read_text(),
        "search": await told(
            stack, "audit", "search", "--tenant", tenant, "--json", "--most", "1000"
        ),
    }
    for (task,) in stack.rows("SELECT id FROM tasks WHERE service LIKE 'canaries%'"):
        case = ("audit", "case", str(task), "--tenant", tenant)
        page = folder / f"{task}.html"
        texts[f"case {task}"] = await told(stack, *case)
        await told(stack, *case, "--html", str(page))
        texts[f"page {task}"] = page.read_text()
    return texts


async def _is_sealed(stack: Stack) -> bool:
    signed = (
        "SELECT count(*) FROM ledger l LEFT JOIN ledger_seals s ON s.ledger_id = l.id"
        " WHERE s.seq IS NULL OR s.seq > (SELECT max(size) FROM ledger_checkpoints)"
    )
    return stack.rows(signed) == [(0,)]


async def told(stack: Stack, *words: str) -> str:
    """Give what ``autopilot`` prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "cli.main",
        *words,
        cwd=ROOT,
        env=dict(stack.world.environment),
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    assert 0 == process.returncode, printed.decode()
    return printed.decode()
