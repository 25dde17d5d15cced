"""The README's pictures, of the demo company as it really looks: `python -m tests.browser.pictures`."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import Browser, Page, async_playwright, expect

from tests.browser.conftest import CHROMIUM

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"
MOST_BYTES = 200_000
"""Of one picture: the README is also read over a bad line."""
STARTS_WITHIN = 60.0
THEIRS = {"zh": re.compile("：[\u4e00-\u9fff]"), "en": re.compile(": [A-Z]")}
"""A complaint's title where the customer is written in the picture's own language."""
OURS = ("OPSBOOK_", "SLACK_", "TELEGRAM_")

Poses = Callable[[Page, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Picture:
    """What is to be seen: by whom in each language, where, on a page of which size, and after doing what."""

    name: str
    who: dict[str, str]
    at: str
    width: int
    height: int
    poses: Poses
    scale: float = 1


async def _at_once(page: Page, language: str) -> None:
    """Nothing to do first."""


async def _with_the_thread(page: Page, language: str) -> None:
    title = page.locator(".card-title", has_text=THEIRS[language])
    complaint = page.locator("main .message", has=title).filter(has=page.locator("button.replies")).last
    await complaint.locator("button.replies").click()
    await expect(page.locator("aside [role=log] .message").first).to_be_visible()
    await complaint.locator(".card").evaluate("card => card.scrollIntoView({block: 'start'})")
    await page.locator("aside textarea").blur()
    await page.mouse.move(5, 5)


async def _with_the_form(page: Page, language: str) -> None:
    words = {
        "zh": ("投诉", "三楼会议室的门锁打不开，今天下午要用。"),
        "en": ("complaint", "The lock of room 3 won't open."),
    }
    command, what = words[language]
    await page.locator("main textarea").fill(f"/{command} {what}")
    await page.keyboard.press("Enter")
    await expect(page.locator("dialog[open] textarea")).to_have_value(what)
    await page.locator("dialog[open] [name=customer]").fill({"zh": "云栖酒店", "en": "Cloud Hotel"}[language])
    await page.locator("dialog[open] h2").click()


async def _at_what_waits_for_approval(page: Page, language: str) -> None:
    """Their own chat, at the request that they are to decide on."""
    person = re.search(r"/as/(\d+)/", page.url)
    assert person is not None
    await page.goto(f"{page.url.partition('?')[0]}?at=dm:{person[1]}")
    more = page.get_by_role("button", name={"zh": "更多…", "en": "More…"}[language], exact=True).last
    await expect(more).to_be_visible()
    await page.locator(".card", has=more).last.evaluate("card => card.scrollIntoView({block: 'end'})")
    await page.locator("main textarea").blur()


SERVICE = {"zh": "陈雨薇", "en": "Dana Novak"}
PHONE = (390, 780)
ALL = (
    Picture("room", SERVICE, "service", 1200, 720, _with_the_thread),
    Picture("day", {"zh": "刘洋", "en": "Grace Okafor"}, "day", *PHONE, _at_once, scale=1.5),
    Picture("form", {"zh": "孙悦", "en": "James Whitfield"}, "day", *PHONE, _with_the_form, scale=1.5),
    Picture(
        "approval",
        {"zh": "赵国栋", "en": "Thomas Becker"},
        "day",
        390,
        1010,
        _at_what_waits_for_approval,
        scale=1.5,
    ),
)


async def take_all() -> list[str]:
    """Takes every picture in both languages; says of each how large it is."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with _demo() as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        told = [await _take(browser, url, picture, language) for picture in ALL for language in ("zh", "en")]
        await browser.close()
    return told


async def _take(browser: Browser, url: str, picture: Picture, language: str) -> str:
    context = await browser.new_context(
        viewport={"width": picture.width, "height": picture.height},
        device_scale_factor=picture.scale,
        locale={"zh": "zh-CN", "en": "en-GB"}[language],
    )
    page = await context.new_page()
    await page.goto(url)
    await page.locator(".cast a", has_text=picture.who[language]).click()
    await page.goto(f"{page.url}?at={picture.at}")
    await expect(page.locator("main h1")).to_be_visible()
    if picture.at == "day":
        await expect(page.locator("main .buttons")).to_be_visible()
    await picture.poses(page, language)
    to = PICTURES / f"{picture.name}-{language}.png"
    await page.screenshot(path=to, animations="disabled", caret="hide")
    await context.close()
    size = to.stat().st_size
    if size > MOST_BYTES:
        raise SystemExit(f"{to.name} has {size:,} bytes: make its page smaller, at most {MOST_BYTES:,}")
    return f"{to.relative_to(ROOT)}: {size:,} bytes"


@asynccontextmanager
async def _demo() -> AsyncIterator[str]:
    """The real demo, on any free port, with a new database and none of this machine's settings."""
    with TemporaryDirectory() as folder:
        settings = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        settings |= {
            "OPSBOOK_PORT": "0",
            "OPSBOOK_DATABASE_URL": f"sqlite:///{folder}/demo.db",
            "PYTHONPATH": str(ROOT),
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "demo", cwd=folder, env=settings, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        try:
            async with asyncio.timeout(STARTS_WITHIN):
                line = (await process.stdout.readline()).decode()
            found = re.search(r"http://\S+", line)
            if found is None:
                raise SystemExit("the demo did not start")
            yield found[0]
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


def main() -> None:
    """Takes the pictures anew."""
    for line in asyncio.run(take_all()):
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
