"""How updates are posted to the bot's webhook: chats side by side, each one again until the answer is 2xx."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from tests.platforms.telegram.updates import Updates

Json = dict[str, Any]

KEPT_STATUSES = 10_000
PAUSES = (0.05, 0.1, 0.2, 0.5, 1.0)  # between tries; the real ones grow to minutes


class Hook:
    """The webhook: chats side by side, each chat's updates one after another, each until the answer is 2xx."""

    def __init__(self, updates: Updates) -> None:
        self.url, self.secret, self.max_connections = "", "", 40
        self.last_error: str | None = None
        self.last_error_date = 0
        self.pauses: tuple[float, ...] = PAUSES
        self.timeout = 10.0
        self.statuses: list[int] = []  # what the bot answered, in order; 0: nothing
        self._updates = updates
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._session: aiohttp.ClientSession | None = None

    def stir(self) -> None:
        """Begins with every chat that has something waiting and nothing under way."""
        if not self.url:
            return
        for update in self._updates.pending:
            key = chat_of(update)
            if key not in self._busy and len(self._busy) < self.max_connections:
                self._busy[key] = asyncio.create_task(self._deliver(key))
                self._busy[key].add_done_callback(partial(self._done, key))

    def _done(self, key: str, _: asyncio.Task[None]) -> None:
        self._busy.pop(key, None)
        self.stir()

    async def _deliver(self, key: str) -> None:
        tries = 0
        while self.url and (update := self._first(key)):
            status = await self.post(self.url, update, self.secret)
            if 200 <= status < 300:
                tries = 0
                self._updates.confirm(update)
                continue
            await asyncio.sleep(self.pauses[min(tries, len(self.pauses) - 1)])
            tries += 1

    def _first(self, key: str) -> Json | None:
        return next((one for one in self._updates.pending if chat_of(one) == key), None)

    async def post(self, url: str, update: Json, secret: str | None) -> int:
        """Posts one update once; 0 when no answer came."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self.timeout))
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        try:
            async with self._session.post(url, json=update, headers=headers) as answer:
                await answer.read()
                status, said = answer.status, f"Wrong response from the webhook: {answer.status} {answer.reason}"
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            status, said = 0, f"Connection failed: {type(error).__name__}"
        if not 200 <= status < 300:
            self.last_error, self.last_error_date = said, int(self._updates.clock().timestamp())
        self.statuses.append(status)
        del self.statuses[:-KEPT_STATUSES]
        return status

    async def close(self) -> None:
        """Ends what is under way."""
        self.url = ""
        tasks = list(self._busy.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None


def chat_of(update: Json) -> str:
    """What keeps its order: the chat that an update is about; for presses too."""
    for content in update.values():
        if isinstance(content, dict):
            where = content if "chat" in content else content.get("message")
            if isinstance(where, dict) and isinstance(where.get("chat"), dict):
                return str(where["chat"].get("id"))
    return str(update.get("update_id"))
