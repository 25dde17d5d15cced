"""The web chat's shop, open for one test; and people's browsers, as far as HTTP goes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.platforms.web.shop import Shop, open_shop

NUMBERS = count(1)


@dataclass
class Browser:
    """A person's page, without a screen. `base` is where their page stands."""

    shop: Shop
    session: aiohttp.ClientSession
    base: str
    headers: dict[str, str] = field(default_factory=lambda: {"Sec-Fetch-Site": "same-origin"})

    async def get(self, path: str) -> aiohttp.ClientResponse:
        """Opens an address under the page."""
        return await self.session.get(self.shop.url(self.base + path), allow_redirects=False)

    async def post(self, path: str, **body: Any) -> aiohttp.ClientResponse:
        """Posts JSON; a `client_id` is made up where the page would."""
        if path not in ("seen", "language"):
            body.setdefault("client_id", f"client-{next(NUMBERS):08d}")
        return await self.session.post(self.shop.url(self.base + path), json=body, headers=self.headers)

    async def says(self, text: str, channel: str = "service", **more: Any) -> Any:
        """Says something, and gets what the page gets."""
        answer = await self.post("say", text=text, channel=channel, **more)
        assert answer.status == 200, await answer.text()
        return await answer.json()

    async def presses(self, action: str, channel: str = "service", message: int | None = None) -> Any:
        """Presses a button."""
        return await (await self.post("press", action=action, channel=channel, message=message)).json()

    async def adds(self, name: str, data: bytes) -> aiohttp.ClientResponse:
        """Uploads a file."""
        url = self.shop.url(self.base + "upload")
        return await self.session.post(url, params={"name": name}, data=BytesIO(data), headers=self.headers)


Opens = Callable[[str], Browser]


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """The demo company."""
    async with open_shop(tmp_path) as opened:
        yield opened


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Shop]:
    """The same company in earnest: people have to sign in."""
    async with open_shop(tmp_path, demo=False) as opened:
        yield opened


@pytest.fixture
async def web_session() -> AsyncIterator[aiohttp.ClientSession]:
    """A client that keeps no cookies of its own."""
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(10),
    ) as session:
        yield session


@pytest.fixture
def opens(shop: Shop, web_session: aiohttp.ClientSession) -> Opens:
    """`opens("dana")`: Dana opens the demo company's chat."""
    return lambda name: Browser(shop, web_session, f"/as/{shop.people[name].id}/")
