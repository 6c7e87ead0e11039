"""
``make screenshots``: pictures of the thread and the modal, from a running demo.

They are taken in headless Chromium from the lab's page, which renders what the bot
sent; nothing is drawn for the picture.
"""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import httpx
import yaml
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from cli.demo import DemoOptions, running_demo
from cli.lab_client import LabClient
from cli.local_world import CHANNEL, LocalWorld
from cli.progress import Progress

_ROOT = Path(__file__).parents[1]
_LAB_AGENTS, _RULES = _ROOT / "lab" / "agents", _ROOT / "policy" / "rules"
_GRANT = "    grant: {minutes: 30, most: 3}\n"
# Of two approvals at most one may come so soon: the second of a hurried person.
_FATIGUE = "    fatigue: {of: 2, hasty_seconds: 60, most_hasty: 1, most_unread: 2}\n"
_STORMY = "ROUTES_FILE"
_SERVICES = (
    "feed",
    "search",
    "profile",
    "upload",
    "notify",
    "billing",
    "media",
    "tags",
)
CHROMIUMS = ("/usr/bin/chromium", "/usr/bin/google-chrome", "/usr/bin/chromium-browser")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_DESKTOP: ViewportSize = {"width": 1360, "height": 900}
_TALL: ViewportSize = {"width": 1360, "height": 1340}
_PHONE: ViewportSize = {"width": 400, "height": 860}


def chromium_path() -> str | None:
    """Give an installed Chromium; None where there is none."""
    return next((path for path in CHROMIUMS if os.access(path, os.X_OK)), None)


async def take(folder: Path) -> None:
    """Run a demo in a folder of its own and take every picture."""
    path = chromium_path()
    if path is None:
        raise SystemExit("no Chromium: install it (Debian: apt-get install chromium)")
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    progress = Progress()
    worlds: Sequence[tuple[Mapping[str, str], Callable[..., Awaitable[None]]]] = (
        ({}, _take_all),
        ({"AGENTS_FOLDER": str(_LAB_AGENTS)}, _take_alike),
        ({_STORMY: ""}, _take_storm),
    )
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=list(FLAGS)
        )
        for settings, take_some in worlds:
            with tempfile.TemporaryDirectory(prefix="autopilot-") as state:
                options = DemoOptions(
                    folder=state,
                    web_port=8380,
                    lab_port=8390,
                    sandbox="auto",
                    unattended=True,
                    as_json=False,
                    settings=_settings(settings, Path(state)),
                )
                async with running_demo(options, Path(state), progress) as world:
                    await take_some(browser, world, folder)
        await browser.close()


def _settings(settings: Mapping[str, str], folder: Path) -> Mapping[str, str]:
    made = {**settings, "POLICY_FOLDER": str(_strict(folder))}
    if _STORMY in settings:
        made[_STORMY] = str(_stormy(folder))
    return made


def _stormy(folder: Path) -> Path:
    """Give the shipped routes with a storm that comes soon and stays."""
    text = yaml.safe_load((_ROOT / "routes.yaml").read_text(encoding="utf-8"))
    text["storm"] = {"threads_per_minute": 3, "calm_seconds": 600}
    routes = folder / "routes.yaml"
    routes.write_text(yaml.safe_dump(text), encoding="utf-8")
    return routes


def _strict(folder: Path) -> Path:
    """Give the shipped rules, with habits measured where the demo's cards are."""
    rules = folder / "rules"
    shutil.copytree(_RULES, rules)
    people = rules / "people.yaml"
    text = people.read_text(encoding="utf-8")
    people.write_text(text.replace(_GRANT, f"{_GRANT}{_FATIGUE}", 1), encoding="utf-8")
    return rules


async def _shoot(page: Page, path: Path) -> None:
    """Take a picture with the pointer out of the way: it would hover over something."""
    await page.mouse.move(1, 1)
    await page.screenshot(path=path)


async def _take_all(browser: Browser, world: LocalWorld, folder: Path) -> None:
    lab = LabClient(world.lab_url, platform_token=world.environment["PLATFORM_TOKEN"])
    await lab.break_platform("bad_flag")
    page = await _open(browser, world, dark=False, phone=False)
    approve = page.get_by_role("button", name="Approve", exact=True).last
    await _open_thread(page)
    await approve.wait_for(timeout=60_000)
    await page.get_by_text("Evidence:").last.wait_for()
    await page.get_by_text("needs approval").first.wait_for()
    await _shoot(page, folder / "thread.png")
    phone = await _open(browser, world, dark=True, phone=True)
    await _open_thread(phone)
    await phone.get_by_role(
        "button", name="Approve", exact=True
    ).last.scroll_into_view_if_needed()
    await _shoot(phone, folder / "thread-phone.png")
    root = await _open(browser, world, dark=False, phone=True)
    await root.get_by_text("needs approval").first.wait_for()
    await _shoot(root, folder / "root-phone.png")
    await _take_forms(page, folder)
    await _take_reading(browser, world, page, folder)
    allow = "Approve and allow for 30 min"
    await page.get_by_role("button", name=allow).last.click()
    await page.get_by_text("Done and verified").last.wait_for(timeout=90_000)
    await page.get_by_text("closed").first.wait_for()
    await page.get_by_alt_text("before and after").last.wait_for()
    await _shoot(page, folder / "closed.png")
    await page.get_by_role("button", name="Undo").last.click()
    await page.get_by_text("Undo: Turn flag new_ranker off").last.wait_for()
    await page.get_by_text("1 reply").last.click()
    await approve.wait_for(timeout=60_000)
    await _shoot(page, folder / "undo.png")
    await approve.click()
    await page.get_by_text("so one more is needed").last.wait_for(timeout=60_000)
    await _shoot(page, folder / "worn.png")
    await lab.close()


async def _take_alike(browser: Browser, world: LocalWorld, folder: Path) -> None:
    """Take a card that several share, and a draft."""
    lab = LabClient(world.lab_url, platform_token=world.environment["PLATFORM_TOKEN"])
    await lab.break_platform("bad_flag")
    page = await _open(browser, world, dark=False, phone=False)
    await page.set_viewport_size(_TALL)
    await _open_thread(page)
    chosen = page.get_by_role("button", name="Approve chosen").last
    await chosen.wait_for(timeout=60_000)
    await page.get_by_role("button", name="Mark done").last.wait_for(timeout=60_000)
    await page.get_by_role("button", name="Take over").first.wait_for(timeout=60_000)
    await page.get_by_label("2. Throttle GET /v1/threads").check()
    await chosen.scroll_into_view_if_needed()
    await _shoot(page, folder / "fold.png")
    await lab.close()


async def _take_storm(browser: Browser, world: LocalWorld, folder: Path) -> None:
    """Take Home in a storm, with cards that wait; then frozen, with its answer."""
    lab = LabClient(world.lab_url, platform_token=world.environment["PLATFORM_TOKEN"])
    await lab.break_platform("bad_flag")
    home = await _open(browser, world, dark=False, phone=False, channel="home")
    await _shows(home, "Decide")
    for number, service in enumerate(_SERVICES):
        await _post_alert(world, service, number)
    await _shows(home, "storm in")
    await _shoot(home, folder / "home-storm.png")
    await lab.command(CHANNEL, "freeze prod 30m a bad deploy is rolled back")
    await _shows(home, "is frozen")
    await home.get_by_role("button", name="Decide").first.click()
    form = home.get_by_role("dialog")
    await form.get_by_label("Decision").select_option(label="Approve")
    await form.get_by_role("button", name="Decide").click()
    await home.get_by_text("Writes are frozen by").first.wait_for(timeout=60_000)
    await form.wait_for(state="hidden")
    await _shoot(home, folder / "home-frozen.png")
    await lab.close()


async def _shows(home: Page, text: str) -> None:
    """Open Home again until it says so: nothing else makes it anew."""
    shown = home.get_by_text(text).first
    for _ in range(60):
        await home.reload()
        await home.get_by_text("Open tasks").first.wait_for()
        await home.wait_for_timeout(1000)
        if await shown.count():
            return
    raise SystemExit(f"Home never said {text!r}")


async def _post_alert(world: LocalWorld, service: str, number: int) -> None:
    """Fire an alert of a service that had none."""
    labels = {"alertname": "PodCrashLooping", "service": service}
    one = {
        "status": "firing",
        "fingerprint": f"storm-{number}",
        "startsAt": "2026-01-02T03:04:05Z",
        "labels": {**labels, "team": "reliability", "severity": "warning"},
        "annotations": {"summary": f"{service}: a pod crashes"},
    }
    token = world.environment["LAB_WEBHOOK_TOKEN"]
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(
            f"{world.web_url}/webhooks/alertmanager/lab",
            json={"alerts": [one]},
            headers={"Authorization": f"Bearer {token}"},
        )
        answer.raise_for_status()


async def _take_forms(page: Page, folder: Path) -> None:
    await page.get_by_role("button", name="Edit").last.click()
    await page.get_by_label("Rollout").wait_for()
    await page.get_by_label("On", exact=True).select_option(label="on")
    await page.get_by_label("Rollout").fill("5")
    await _shoot(page, folder / "edit.png")
    await page.get_by_role("button", name="Review").click()
    await page.get_by_text("Check your edit").wait_for()
    await _shoot(page, folder / "edit-review.png")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Reject").last.click()
    await page.get_by_label("In your words").wait_for()
    await _shoot(page, folder / "reject.png")
    await page.keyboard.press("Escape")


async def _take_reading(
    browser: Browser, world: LocalWorld, page: Page, folder: Path
) -> None:
    """Take what is read before a decision: the evidence, and Home."""
    await page.get_by_role("button", name="Evidence").last.click()
    await page.get_by_role("dialog").get_by_text("get_dashboard").first.wait_for()
    await _shoot(page, folder / "evidence.png")
    await page.keyboard.press("Escape")
    home = await _open(browser, world, dark=False, phone=False, channel="home")
    await home.get_by_role("button", name="Decide").first.wait_for(timeout=60_000)
    await _shoot(home, folder / "home.png")
    await home.close()
    phone = await _open(browser, world, dark=True, phone=True, channel="home")
    await phone.get_by_role("button", name="Decide").first.wait_for(timeout=60_000)
    await _shoot(phone, folder / "home-phone.png")
    await phone.close()


async def _open(
    browser: Browser,
    world: LocalWorld,
    *,
    dark: bool,
    phone: bool,
    channel: str = CHANNEL,
) -> Page:
    context = await browser.new_context(
        viewport=_PHONE if phone else _DESKTOP,
        color_scheme="dark" if dark else "light",
        device_scale_factor=2 if phone else 1,
    )
    page = await context.new_page()
    await page.goto(f"{world.lab_url}/?channel={channel}&user=U0OPERATOR")
    return page


async def _open_thread(page: Page) -> None:
    replies = page.get_by_text("replies").last
    await replies.wait_for(timeout=60_000)
    await replies.click()


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1] if len(sys.argv) > 1 else "docs")))
