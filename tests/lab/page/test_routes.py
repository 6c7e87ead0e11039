"""The page in a real browser, where there is one."""

import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.lab.world import CHANNEL, OPERATOR, Received, World, button, card, modal

HOSTILE = "<img src=x onerror=alert(1)>"
ESCAPED = "&lt;img src=x onerror=alert(1)&gt;"


async def test_the_page_has_a_strict_policy(world: World) -> None:
    """No inline script, no foreign script, no frame."""
    answer = await world.http.get("/")

    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in answer.text


@pytest.mark.parametrize("name", ["routes.py", "..%2froutes.py", "none.js"])
async def test_only_its_own_files_are_served(world: World, name: str) -> None:
    """Nothing outside the folder."""
    assert 404 == (await world.http.get(f"/page/{name}")).status_code


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no chromium on this machine")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        yield await browser.new_page()
        await browser.close()


@pytest.mark.browser
async def test_a_card_is_shown_and_its_words_stay_words(
    world: World, page: Page
) -> None:
    """A link opens channel and thread; hostile text is text."""
    root = await world.slack.chat_postMessage(channel=CHANNEL, text=ESCAPED)
    await world.slack.chat_postMessage(
        channel=CHANNEL,
        text="card",
        thread_ts=root["ts"],
        blocks=card(button("approve", style="primary")),
    )
    await page.goto(f"{world.url}/?channel={CHANNEL}&thread={root['ts']}")

    thread = page.locator("#thread-messages")
    await expect(
        thread.get_by_role("button", name="Approve", exact=True)
    ).to_be_visible()
    await expect(thread.locator("strong")).to_have_text("Turn it off?")
    await expect(page.locator("#messages .words")).to_have_text(HOSTILE)
    assert 0 == await page.locator("#messages img").count()


@pytest.mark.browser
async def test_a_permalink_leads_to_its_thread(world: World, page: Page) -> None:
    """Of a root and of a reply: the page opens the thread that it stands in."""
    root = await world.slack.chat_postMessage(channel=CHANNEL, text="it burns")
    reply = await world.slack.chat_postMessage(
        channel=CHANNEL, text="a card", thread_ts=root["ts"]
    )
    for one in (root, reply):
        found = await world.slack.chat_getPermalink(
            channel=CHANNEL, message_ts=one["ts"]
        )
        await world.slack.chat_postMessage(
            channel="C0SAFETY", text=f"<{found['permalink']}|look {one['ts']}>"
        )

    for one in (root, reply):
        await page.goto(f"{world.url}/?channel=C0SAFETY&user={OPERATOR}")
        await page.get_by_text(f"look {one['ts']}").click()
        thread = page.locator("#thread-messages")
        await expect(thread.get_by_text("a card")).to_be_visible()
        assert f"user={OPERATOR}" in page.url


@pytest.mark.browser
async def test_a_modal_is_filled_in_and_sent(world: World, page: Page) -> None:
    """A click opens it, a wrong number is told, the right one arrives."""

    async def open_it(received: Received) -> str:
        if received.payload["type"] == "block_actions":
            await world.slack.views_open(
                trigger_id=received.payload["trigger_id"], view=modal()
            )
        return ""

    world.app.answer = open_it
    await world.slack.chat_postMessage(
        channel=CHANNEL, text="card", blocks=card(button("edit"))
    )
    await page.goto(f"{world.url}/?channel={CHANNEL}")
    await page.get_by_role("button", name="Edit").click()
    await page.get_by_label("Limit").fill("50")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("alert")).to_contain_text("at least 100")
    await page.get_by_label("Limit").fill("600")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("#modal")).to_be_hidden()

    values = world.app.received[-1].payload["view"]["state"]["values"]
    assert "600" == values["limit"]["v"]["value"]
