"""All of the incoming side: learns who we are, sets the menu, and takes updates by asking or by being called."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

from aiohttp import web

from bot.capability import CommandHelp
from bot.platforms.tasks import Tasks
from bot.platforms.telegram.api import We
from bot.platforms.telegram.fetching import Fetching, Files
from bot.platforms.telegram.incoming import Desk, Incoming
from bot.platforms.telegram.links import key_of
from bot.platforms.telegram.menu import Menu, Menus
from bot.platforms.telegram.polling import POLL_SECONDS, Polling, Polls
from bot.platforms.telegram.reading import Ours
from bot.platforms.telegram.refusals import Refused
from bot.platforms.telegram.replies import Calls, Replies, Show
from bot.platforms.telegram.store import Store
from bot.platforms.telegram.webhook import Hooks, Webhook
from storage.errors import StorageBusy

log = logging.getLogger(__name__)

FINISH_SECONDS = 1.5
"""Seconds for what goes on after the last answer; with the polling's own, stopping takes under 5."""
LONGEST = 60.0


class Bot(Calls, Files, Polls, Hooks, Menus, Protocol):
    """The Bot API, as the incoming side calls it. Every call raises `Refused`, and nothing else."""

    async def me(self) -> We:
        """Who the token says that we are."""


class Offering(Desk, Protocol):
    """A desk that says which commands it takes."""

    @property
    def commands(self) -> Sequence[CommandHelp]:
        """All commands, as they are offered."""


class Intake:
    """Built once. With a webhook's address and secret Telegram calls us; without, we ask.

    `in_charge`: whether this process is the one that asks; `show`: writes to somebody in private, at once.
    """

    def __init__(
        self,
        api: Bot,
        desk: Offering,
        store: Store,
        show: Show,
        clock: Callable[[], datetime],
        token: str,
        *,
        in_charge: Callable[[], Awaitable[bool]],
        public_url: str = "",
        webhook_secret: str = "",
        poll_seconds: int = POLL_SECONDS,
    ) -> None:
        id = token.partition(":")[0]
        names = frozenset(command.name for command in desk.commands)
        self.api = api
        self.desk = desk
        self.store = store
        self.ours = Ours(int(id) if id.isdecimal() else 0, "", key_of(token), names)
        self.tasks = Tasks()
        self.menu = Menu(api)
        replies = Replies(api, show, self.ours)
        self.incoming = Incoming(desk, store, Fetching(api, store), replies, self.tasks, self.ours, clock)
        self.webhook: Webhook | None = None
        self.polling: Polling | None = None
        if webhook_secret:
            self.webhook = Webhook(api, self.incoming, self.tasks, public_url, webhook_secret)
        else:
            self.polling = Polling(api, self.incoming, in_charge, self._prepare, poll_seconds=poll_seconds)
        self._beside: set[asyncio.Task[None]] = set()

    def hang(self, router: web.UrlDispatcher) -> None:
        """Hangs Telegram's one route into the web server; none where we ask."""
        if self.webhook is not None:
            self.webhook.hang(router)

    async def start(self) -> None:
        """Begins to take updates. Returns at once; where Telegram can't be reached, it goes on trying by itself."""
        self._start(self._introduce())
        if self.polling is not None:
            self.polling.start()

    async def stop(self) -> None:
        """Takes nothing more in, and lets what is under way finish; returns within 5 s."""
        if self.webhook is not None:
            self.webhook.closed = True
        for task in list(self._beside):
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)
        if self.polling is not None:
            await self.polling.stop()
        await self.tasks.finish(FINISH_SECONDS if self.polling is not None else 2 * FINISH_SECONDS)

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def _introduce(self) -> None:
        """Learns our name; then opens the door, tells Telegram where it is, and sets the menu."""
        failures = 0
        while not self.ours.username:
            try:
                await self._learn()
            except Refused as error:
                failures = min(failures + 1, 10)
                log.warning("Telegram does not say who we are: %s", error.code)
                await asyncio.sleep(min(LONGEST, 2.0**failures / 2) * random.uniform(0.5, 1.0))
        if self.webhook is not None:
            await self._adopt()
            self.webhook.closed = False
            await self.webhook.register()
        await self.menu.set(self.desk.commands)

    async def _prepare(self) -> None:
        """Before we ask for the first time: our name, our own numbers, and no webhook beside us. What waits is kept."""
        if not self.ours.username:
            await self._learn()
        await self._adopt()
        await self.api.delete_webhook()

    async def _adopt(self) -> None:
        """What an earlier version handled is known by our number before anything comes in, so nothing is done twice."""
        while True:
            try:
                await self.store.adopt(self.ours.id)
                return
            except StorageBusy as error:
                log.warning("the records can't be had: %s", error)
                await asyncio.sleep(1.0)

    async def _learn(self) -> None:
        we = await self.api.me()
        self.ours.username = we.username
        if we.id.isdecimal():
            self.ours.id = int(we.id)
