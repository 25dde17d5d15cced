"""Telegram calls us: nothing is read before its secret holds, and nothing is answered 200 before it is kept."""

from __future__ import annotations

import asyncio
import hmac
import logging
import random
from typing import Protocol

from aiohttp import web

from bot.platforms.bodies import Json, Malformed, TooLarge, json_object, read
from bot.platforms.tasks import Tasks
from bot.platforms.telegram.incoming import Incoming, Kept
from bot.platforms.telegram.reading import lane_of, number_of
from bot.platforms.telegram.refusals import Refused

log = logging.getLogger(__name__)

PATH = "/telegram/webhook"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
SECONDS = 9.0
"""Telegram waits a minute for an answer. What takes longer than this goes on, and comes again to be confirmed."""
WAITING = 400
"""Updates under way; Telegram has at most 40 connections, and gives each up after a minute."""
LONGEST = 60.0


class Hooks(Protocol):
    """The calls of the Bot API that are made here. They raise `Refused`."""

    async def set_webhook(self, url: str, secret: str) -> None:
        """Telegram sends updates to this address from now on, with the secret."""


class Webhook:
    """POST /telegram/webhook: one update each, each chat's in the order in which they came."""

    def __init__(
        self, api: Hooks, incoming: Incoming, tasks: Tasks, public_url: str, secret: str, *, seconds: float = SECONDS
    ) -> None:
        if not secret.strip():
            raise ValueError("the webhook's secret is empty: every update would be anybody's")
        self.api = api
        self.incoming = incoming
        self.tasks = tasks
        self.url = public_url.rstrip("/") + PATH
        self.seconds = seconds
        self.closed = True
        self._secret = secret
        self._under_way: dict[int, asyncio.Task[Kept]] = {}
        self._last: dict[str, asyncio.Task[Kept]] = {}

    def hang(self, router: web.UrlDispatcher) -> None:
        """Hangs the one route into the web server."""
        router.add_post(PATH, self.serve)

    async def register(self) -> None:
        """Tells Telegram where we are, until it has heard."""
        failures = 0
        while True:
            try:
                await self.api.set_webhook(self.url, self._secret)
                return
            except Refused as error:
                log.warning("the webhook was not set: %s", error.code)
            failures = min(failures + 1, 10)
            await asyncio.sleep(min(LONGEST, 2.0**failures) * random.uniform(0.5, 1.0))

    async def serve(self, request: web.Request) -> web.Response:
        """403 unless the secret holds; 400, 408, 413 for what is no update; 503, 500 where it must come again."""
        given = request.headers.get(HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._secret.encode()):
            return web.Response(status=403)
        try:
            update = json_object((await read(request)).decode())
        except TooLarge:
            return web.Response(status=413)
        except TimeoutError:
            return web.Response(status=408)
        except (Malformed, ValueError, RecursionError):  # also wrong UTF-8
            return web.Response(status=400)
        if number_of(update) is None:
            return web.Response(status=400)
        return web.Response(status=_STATUS[await self._kept(update)])

    async def _kept(self, update: Json) -> Kept:
        """What became of the update; one that comes again while it is under way is the same one."""
        id = number_of(update)
        assert id is not None
        work = self._under_way.get(id)
        if work is None:
            if self.closed or len(self._under_way) >= WAITING:
                return Kept.BUSY
            work = self._begin(id, update)
        done, _ = await asyncio.wait((work,), timeout=self.seconds)
        return work.result() if done and not work.cancelled() else Kept.BUSY

    def _begin(self, id: int, update: Json) -> asyncio.Task[Kept]:
        lane = lane_of(update)
        work = self.tasks.begin(self._in_turn(update, self._last.get(lane)))
        self._under_way[id] = self._last[lane] = work

        def ended(done: asyncio.Task[Kept]) -> None:
            self._under_way.pop(id, None)
            if self._last.get(lane) is done:
                del self._last[lane]

        work.add_done_callback(ended)
        return work

    async def _in_turn(self, update: Json, before: asyncio.Task[Kept] | None) -> Kept:
        if before is not None:
            await asyncio.wait((before,))
        return await self.incoming.receive(update)


_STATUS = {Kept.KEPT: 200, Kept.BUSY: 503, Kept.FAULT: 500}
