"""Cards and Home in a browser: evidence, grants, the next roles, a rejection."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from cli.local_world import CHANNEL
from cli.screenshots import FLAGS, chromium_path
from tests.journeys.stack import OVER_SOCKETS, Stack, running_stack, until

_MOST_MILLISECONDS = 60_000
_GRANT = "Approve and allow for 30 min"
_LATE = (
    "UPDATE proposals SET expires_in_seconds = 1800,"
    " expires_at = clock_timestamp() + interval '600 s'"
)


@asynccontextmanager
async def watching(
    folder: Path, channel: str, settings: Mapping[str, str] | None = None
) -> AsyncIterator[tuple[Stack, Page]]:
    """Break the platform, and look at a channel in a browser."""
    chromium = chromium_path()
    if chromium is None:
        pytest.skip("no Chromium here: `make browser` says how to install it")
    async with (
        running_stack(folder, settings=settings) as stack,
        async_playwright() as playwright,
    ):
        await stack.lab.break_platform("bad_flag")
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=list(FLAGS)
        )
        page = await browser.new_page()
        page.set_default_timeout(_MOST_MILLISECONDS)
        await page.goto(f"{stack.world.lab_url}/?channel={channel}&user=U0OPERATOR")
        yield stack, page
        await browser.close()


async def press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name, exact=True).last.click()


@pytest.mark.services
@pytest.mark.browser
@pytest.mark.timeout(240)
@pytest.mark.parametrize("settings", [{}, OVER_SOCKETS])
async def test_evidence_is_opened_and_the_same_is_granted(
    tmp_path: Path, settings: Mapping[str, str]
) -> None:
    """Read, approve with leave, see before and after, take the leave back."""
    async with watching(tmp_path, CHANNEL, settings) as (stack, page):
        await page.get_by_text("replies").last.click()
        await press(page, "Evidence")
        shown = page.get_by_role("dialog").get_by_text("get_dashboard_snapshot")
        await expect(shown.first).to_be_visible()
        form = page.get_by_role("dialog")
        await form.get_by_role("button", name="All of E").first.click()
        await form.get_by_text("whole").first.wait_for()
        await form.get_by_role("button", name="Close").last.click()
        await expect(form.get_by_text("whole")).to_have_count(0)
        await page.keyboard.press("Escape")
        await expect(form).to_have_count(0)
        await press(page, _GRANT)
        await page.get_by_text("Done and verified").last.wait_for()
        await press(page, "Withdraw the grant")
        await page.get_by_text("withdrawn by").last.wait_for()
        opened = stack.rows("SELECT person FROM evidence_views")
        granted = stack.rows("SELECT person, withdrawn_by FROM autonomy_overrides")
        drawn = stack.rows("SELECT count(*) FROM outbox WHERE kind = 'after'")

    assert [("operator",)] == opened
    assert [("operator", "operator")] == granted
    assert [(1,)] == drawn


@pytest.mark.services
@pytest.mark.browser
@pytest.mark.timeout(240)
@pytest.mark.parametrize("settings", [{}, OVER_SOCKETS])
async def test_a_card_goes_to_the_next_roles_and_is_rejected(
    tmp_path: Path, settings: Mapping[str, str]
) -> None:
    """Named in the thread; the reason stands on the card."""
    async with watching(tmp_path, CHANNEL, settings) as (stack, page):
        await page.get_by_text("replies").last.click()
        await page.get_by_role("button", name="Reject", exact=True).last.wait_for()
        stack.change(_LATE)
        await page.get_by_text("Now yours, too").last.wait_for()
        await page.get_by_text("passed on to").last.wait_for()
        await press(page, "Reject")
        form = page.get_by_role("dialog")
        await form.get_by_label("Reason").select_option(label="Too risky now")
        await page.get_by_label("In your words").fill("not now")
        await page.get_by_role("dialog").get_by_role("button", name="Reject").click()
        await page.get_by_text("Rejected by").last.wait_for()
        await page.get_by_text("Decided: ").last.wait_for()
        await expect(page.get_by_text("Now yours, too")).to_have_count(0)
        rows = stack.rows("SELECT state, closed_reason, roles FROM proposals")

    [(state, reason, roles)] = rows
    assert ("rejected", "not now") == (state, reason)
    assert ["reliability-oncall", "duty-manager"] == roles


@pytest.mark.services
@pytest.mark.browser
@pytest.mark.timeout(240)
@pytest.mark.parametrize("settings", [{}, OVER_SOCKETS])
async def test_home_is_made_anew_after_a_decision(
    tmp_path: Path, settings: Mapping[str, str]
) -> None:
    """
    Decided in its modal, its evidence read on top of it; then nothing waits there.
    """
    async with watching(tmp_path, CHANNEL, settings) as (stack, page):
        await until(lambda: _waits(stack), "a card waits", 60)
        await page.goto(f"{stack.world.lab_url}/?channel=home&user=U0OPERATOR")
        await press(page, "Decide")
        form = page.get_by_role("dialog")
        await form.get_by_role("button", name="Evidence").click()
        await form.get_by_text("get_dashboard_snapshot").first.wait_for()
        await form.get_by_role("button", name="Close").last.click()
        await form.get_by_label("Decision").select_option(label="Approve")
        await form.get_by_role("button", name="Decide").click()
        await page.get_by_text("Nothing waits.").wait_for()
        rows = stack.rows("SELECT verdict, evidence_opened FROM approvals")

    assert [("approve", True)] == rows


async def _waits(stack: Stack) -> bool:
    return bool(stack.rows("SELECT 1 FROM proposals WHERE expires_at IS NOT NULL"))
