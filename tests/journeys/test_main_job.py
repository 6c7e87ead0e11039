"""The main job in a browser, and as the unattended demo tells it."""

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from cli.local_world import CHANNEL
from cli.processes import ROOT
from cli.screenshots import FLAGS, chromium_path
from tests.journeys.stack import OVER_SOCKETS, Stack, roots, running_stack, until

_ONCE = "SELECT count(*) FROM executions WHERE outcome = 'applied'"


@pytest.mark.browser
@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    "settings", [{}, pytest.param(OVER_SOCKETS, marks=pytest.mark.services)]
)
async def test_a_person_approves_in_the_page_and_the_platform_recovers(
    tmp_path: Path, settings: Mapping[str, str]
) -> None:
    """A real click on Approve, in a real browser, brings the platform back, once."""
    chromium = chromium_path()
    if chromium is None:
        pytest.skip("no Chromium here: `make browser` says how to install it")
    async with (
        running_stack(tmp_path, settings=settings) as stack,
        async_playwright() as playwright,
    ):
        await stack.lab.break_platform("bad_flag")
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=list(FLAGS)
        )
        page = await browser.new_page()
        url = f"{stack.world.lab_url}/?channel={CHANNEL}&user=U0OPERATOR"
        await page.goto(url)
        await page.get_by_text("replies").last.click(timeout=60_000)

        await page.get_by_role("button", name="Approve", exact=True).last.click(
            timeout=60_000
        )
        await page.get_by_text("Done and verified").last.wait_for(timeout=60_000)
        await page.get_by_text("closed").first.wait_for(timeout=30_000)

        ratio = await stack.lab.error_ratio("discourse")
        assert (ratio < 0.01, stack.rows(_ONCE), len(await roots(stack))) == (
            True,
            [(1,)],
            1,
        )
        await browser.close()


@pytest.mark.services
@pytest.mark.timeout(600)
@pytest.mark.parametrize("run", range(3))
async def test_the_unattended_demo_recovers(tmp_path: Path, run: int) -> None:
    """`autopilot demo --unattended --json` prints one object: all is well."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "cli.main",
        *("demo", "--unattended", "--json", "--folder", str(tmp_path / "state")),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )

    out, _ = await process.communicate()

    told = json.loads(out)
    del told["timeline"], told["entries"]
    seconds = {told.pop("seconds_to_first_thread"), told.pop("seconds_to_recovery")}
    assert (process.returncode, None in seconds, told) == (
        0,
        False,
        {
            "recovered": True,
            "threads": 1,
            "executions": {"toggle_feature_flag": 1},
            "ledger_verified": True,
            "problems": [],
        },
    ), f"run {run}"


@pytest.mark.services
@pytest.mark.timeout(240)
async def test_all_alerts_resolved_closes_the_task_unacted(tmp_path: Path) -> None:
    """A platform that heals by itself leaves no execution and no open card."""
    routes = tmp_path / "routes.yaml"
    text = (ROOT / "routes.yaml").read_text()
    routes.write_text(text.replace("quiet_seconds: 60", "quiet_seconds: 1"))
    async with running_stack(tmp_path, settings={"ROUTES_FILE": str(routes)}) as stack:
        await stack.lab.break_platform("bad_flag")
        await until(lambda: _card(stack), "a card", 60)

        await stack.post("/lab/heal", {})
        await until(lambda: _closed(stack), "the task is closed", 60)

        states = stack.rows("SELECT state FROM proposals")
        assert (states, stack.rows(_ONCE)) == ([("withdrawn",)], [(0,)])


async def _card(stack: Stack) -> bool:
    return await stack.lab.find_button(CHANNEL, "proposal:approve") is not None


async def _closed(stack: Stack) -> bool:
    return stack.rows("SELECT state FROM tasks") == [("completed",)]
