"""A real chromium before the web chat: one browser for the run, a new page for each person."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from tests.platforms.web.shop import Shop, open_shop

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
Sits = Callable[..., Awaitable[Page]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks these tests; they are skipped without a browser, but never where OPSBOOK_CI is set."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None and os.environ.get("OPSBOOK_CI") != "1":
                item.add_marker(pytest.mark.skip(reason="there is no chromium here"))


@pytest_asyncio.fixture(loop_scope="session")
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """The demo company."""
    async with open_shop(tmp_path) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def sits(shop: Shop, chromium: Browser) -> AsyncIterator[Sits]:
    """`await sits("dana", "?at=service")`: Dana sits down before her page. Any error on a page fails the test."""
    troubles: list[str] = []

    async def sit(name: str, at: str = "", width: int = 1280, height: int = 800) -> Page:
        context = await chromium.new_context(viewport={"width": width, "height": height})
        context.set_default_timeout(5000)
        page = await context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda line: troubles.append(line.text) if "Content Security Policy" in line.text else None)
        await page.goto(shop.url(f"/as/{shop.people[name].id}/{at}"))
        return page

    yield sit
    for context in chromium.contexts:
        await context.close()
    assert troubles == []
