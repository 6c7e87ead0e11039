"""An edit in a browser: the form, what it changes, the new card."""

from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from cli.local_world import CHANNEL
from cli.screenshots import FLAGS, chromium_path
from tests.journeys.stack import Stack, running_stack, until

_MOST_MILLISECONDS = 60_000
_EDITED = "SELECT params->>'rollout_percent' FROM proposals WHERE edited_by IS NOT NULL"
_CLICKS = "SELECT count(*) FROM inbox WHERE source = 'slack'"


@pytest.mark.services
@pytest.mark.browser
@pytest.mark.timeout(240)
async def test_a_person_sees_what_an_edit_changes_before_it_is_proposed(
    tmp_path: Path,
) -> None:
    """Unchanged: told so. Changed: the diff first, stored only once it is confirmed."""
    chromium = chromium_path()
    if chromium is None:
        pytest.skip("no Chromium here: `make browser` says how to install it")
    async with running_stack(tmp_path) as stack, async_playwright() as playwright:
        await stack.lab.break_platform("bad_flag")
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=list(FLAGS)
        )
        page = await browser.new_page()
        await page.goto(f"{stack.world.lab_url}/?channel={CHANNEL}&user=U0OPERATOR")
        await page.get_by_text("replies").last.click(timeout=_MOST_MILLISECONDS)
        await page.get_by_role("button", name="Edit").last.click(
            timeout=_MOST_MILLISECONDS
        )

        await _press(page, "Review")
        await expect(page.get_by_text("Nothing is changed yet")).to_be_visible()
        await page.get_by_label("Rollout").fill("5")
        await _press(page, "Review")
        diff = page.get_by_role("dialog").get_by_text("0 → 5")
        await expect(diff).to_be_visible()
        await page.screenshot(path=tmp_path / "review.png")
        stored = stack.rows(_CLICKS)
        await _press(page, "Propose edit")
        await until(lambda: _is_edited(stack), "the edit is a card", 60)
        await page.get_by_text("edited by").last.wait_for(timeout=_MOST_MILLISECONDS)
        await browser.close()

    assert [(0,)] == stored


async def _press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name).click()


async def _is_edited(stack: Stack) -> bool:
    return stack.rows(_EDITED) == [("5",)]
