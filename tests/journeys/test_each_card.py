"""Each kind of card in a browser: shared, a draft, hidden values, an unknown end."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from cli.local_world import CHANNEL
from tests.journeys.person import Person
from tests.journeys.stack import Stack, lose_the_end, until
from tests.journeys.test_cards import press, watching

_EACH = {"AGENTS_FOLDER": str(Path(__file__).parents[2] / "lab" / "agents")}
_PAGES = """
admin_pages:
  add_ticket_comment: https://tickets.example/agent/tickets/{ticket_id}
"""


async def open_thread(page: Page) -> None:
    await page.get_by_text("replies").last.click()
    await page.get_by_role("button", name="Approve chosen").last.wait_for()


@pytest.mark.services
@pytest.mark.browser
@pytest.mark.timeout(300)
async def test_a_shared_card_and_what_becomes_of_it(tmp_path: Path) -> None:
    """
    One is approved, two stay; its end is made unknown, and a person says it.

    A form that is closed decides nothing; evidence of all is opened by one click.
    """
    async with watching(tmp_path, CHANNEL, _EACH) as (stack, page):
        await open_thread(page)
        await page.get_by_label("2. Throttle GET /v1/threads").check()
        await press(page, "Reject chosen")
        await page.get_by_label("In your words").fill("perhaps")
        await page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
        await expect(page.get_by_role("dialog")).to_have_count(0)
        closed = stack.rows("SELECT count(*) FROM inbox WHERE kind = 'decision'")
        # The draft has one, too, and may stand above or below.
        shared = page.get_by_role("button", name="Approve chosen").last.locator("..")
        await shared.get_by_role("button", name="Evidence", exact=True).click()
        await page.get_by_role("dialog").get_by_text("get_dashboard").first.wait_for()
        await page.keyboard.press("Escape")
        await press(page, "Approve chosen")
        await page.get_by_text("2 alike").last.wait_for()
        await press(page, "Heal everything")
        await until(lambda: _ended(stack), "its card says how it ended", 60)
        opened = stack.rows("SELECT count(*) FROM evidence_views")
        voted = stack.rows("SELECT evidence_opened FROM approvals")

        lose_the_end(stack)
        await press(page, "It took effect")
        await page.get_by_text("It took effect, says").last.wait_for()
        ends = stack.rows("SELECT state FROM proposals ORDER BY state")

    assert [(0,)] == closed
    assert ([(3,)], [(True,)]) == (opened, voted)
    assert 1 == ends.count(("succeeded",))


async def _ended(stack: Stack) -> bool:
    """Verified or not, its end is known."""
    return bool(
        stack.rows(
            "SELECT 1 FROM outbox WHERE kind = 'card' AND state = 'sent'"
            " AND payload->>'state' IN ('succeeded', 'failed')"
        )
    )


@pytest.mark.services
@pytest.mark.browser
@pytest.mark.timeout(300)
async def test_a_draft_is_seen_whole_and_marked_done(tmp_path: Path) -> None:
    """Its hidden value is whispered; its page opens elsewhere; its note stays."""
    pages = tmp_path / "connectors.yaml"
    pages.write_text(_PAGES)
    settings = {**_EACH, "CONNECTORS_FILE": str(pages)}
    async with watching(tmp_path, CHANNEL, settings) as (stack, page):
        await open_thread(page)
        link = page.get_by_role("link", name="Open admin page").or_(
            page.get_by_role("button", name="Open admin page")
        )
        await link.last.wait_for()
        await Person(stack).press("proposal:admin_page")
        shown = await page.get_by_text("jonas_w@example.com").count()
        await press(page, "Show values")
        await page.get_by_text("jonas_w@example.com").last.wait_for()
        await press(page, "Mark done")
        await page.get_by_label("What did you do?").fill("told them by phone")
        form = page.get_by_role("dialog")
        await form.get_by_role("button", name="Mark done").click()
        await page.get_by_text("told them by phone").last.wait_for()
        rows = stack.rows(
            "SELECT closed_reason, estimate->>'admin_page' FROM proposals"
            " WHERE state = 'carried_out'"
        )

    assert 0 == shown
    [(reason, address)] = rows
    assert "told them by phone" in str(reason)
    assert "https://tickets.example/agent/tickets/48211" == address


@pytest.mark.services
@pytest.mark.browser
@pytest.mark.timeout(240)
async def test_a_message_is_triaged(tmp_path: Path) -> None:
    """What somebody wrote in a channel becomes a task, in a form that can be closed."""
    async with watching(tmp_path, "C0GENERAL") as (stack, page):
        await page.get_by_role("textbox").last.fill("replies come twice")
        await page.keyboard.press("Enter")
        said = page.get_by_text("replies come twice").last
        await said.wait_for()
        await said.hover()
        await press(page, "Triage with Autopilot")
        form = page.get_by_role("dialog")
        await form.get_by_role("button", name="Cancel").click()
        await expect(form).to_have_count(0)
        none = await _opened(stack)
        await said.hover()
        await press(page, "Triage with Autopilot")
        await form.get_by_role("button").last.click()
        await until(lambda: _opened(stack), "the task is open", 60)

    assert not none


async def _opened(stack: Stack) -> bool:
    return bool(
        stack.rows("SELECT 1 FROM tasks WHERE title LIKE '%replies come twice%'")
    )
