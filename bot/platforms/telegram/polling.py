"""Asks Telegram for updates. One is confirmed only when it and all before it are kept: a crash loses nothing.

Telegram's offset is one number: all below it is gone for good. So we ask from the lowest update that is not finished,
and pass over what we have already. Each chat's updates go one after another, chats side by side; where a chat is
stuck, the others go on with what comes in the same hundred.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import secrets
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Protocol

from bot.platforms.telegram.incoming import Incoming, Kept
from bot.platforms.telegram.reading import lane_of, number_of
from bot.platforms.telegram.refusals import Meaning, Refused

log = logging.getLogger(__name__)

POLL_SECONDS = 25
LIMIT = 100
"""As many as Telegram gives at once, and so as many as may be unfinished."""
PAUSE = 0.3
"""Seconds between two looks while something is unfinished: it lies in front of what is new."""
AGAIN_AFTER = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds between two tries of one update; the last one from then on."""
LATE_AFTER = 1.0
ROLE_SECONDS = 5.0
OTHER_SECONDS = 5.0
TOKEN_SECONDS = 60.0
LONGEST = 30.0
LOG_EVERY = 60.0
STOP_SECONDS = 3.0
REMEMBERED = 1000
"""Finished updates remembered, should they come again: the inbox would know them too, but it costs a transaction."""

Json = dict[str, Any]


class Polls(Protocol):
    """The calls of the Bot API that are made here. They raise `Refused`."""

    async def updates(self, offset: int | None, timeout: int, limit: int = 100) -> list[Json]:
        """The updates from `offset` on, as they came; waits up to `timeout` seconds for the first."""

    async def delete_webhook(self) -> None:
        """Telegram calls nobody any more; what waits is kept."""


class Polling:
    """The loop that asks. `in_charge`: whether this process may (one in all); `prepare`: what comes before the first.

    `prepare` may raise `Refused`, and is tried again then.
    """

    def __init__(
        self,
        api: Polls,
        incoming: Incoming,
        in_charge: Callable[[], Awaitable[bool]],
        prepare: Callable[[], Awaitable[object]],
        *,
        poll_seconds: int = POLL_SECONDS,
    ) -> None:
        self.api = api
        self.incoming = incoming
        self.in_charge = in_charge
        self.prepare = prepare
        self.poll_seconds = poll_seconds
        self._is_ready = False
        self._next: int | None = None
        self._unfinished: set[int] = set()
        self._finished: OrderedDict[int, None] = OrderedDict()
        self._lanes: dict[str, deque[Json]] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._idle, self._stopping = asyncio.Event(), asyncio.Event()
        self._failures = 0
        self._logged: dict[str, float] = {}
        self._loop: asyncio.Task[None] | None = None
        self._round: asyncio.Task[None] | None = None

    @property
    def offset(self) -> int | None:
        """What is asked for next: the lowest update that is not finished, else the one behind the last."""
        return min(self._unfinished) if self._unfinished else self._next

    def start(self) -> None:
        """Begins to ask, beside everything else."""
        self._stopping.clear()
        self._loop = asyncio.ensure_future(self._run())

    async def stop(self) -> None:
        """Asks no more, at once, and lets what is under way finish, for `STOP_SECONDS` at most.

        What was not begun, or not kept, is not confirmed: it comes again after the next start.
        """
        self._stopping.set()
        if self._round is not None:
            self._round.cancel()
        if self._loop is not None:
            await asyncio.wait((self._loop,))
        if self._workers:
            _, left = await asyncio.wait(set(self._workers), timeout=STOP_SECONDS)
            for worker in left:
                worker.cancel()
            await asyncio.gather(*left, return_exceptions=True)
        self._next = self.offset
        self._unfinished.clear()
        self._lanes.clear()

    # --- Asking

    async def _run(self) -> None:
        """One round after another; a round that breaks is told of, and the next one comes."""
        while not self._stopping.is_set():
            self._round = asyncio.ensure_future(self._ask())
            await asyncio.wait((self._round,))
            if not self._round.cancelled() and (error := self._round.exception()) is not None:
                incident = secrets.token_hex(3).upper()
                log.error("incident %s: asking broke", incident, exc_info=error, extra={"incident": incident})
                await self._rest(self._back_off())

    async def _ask(self) -> None:
        if not await self.in_charge():
            await self._rest(ROLE_SECONDS)
            return
        try:
            if not self._is_ready:
                await self.prepare()
                self._is_ready = True
            wait = 0 if self._unfinished else self.poll_seconds
            found = await self.api.updates(self.offset, wait, LIMIT)
        except Refused as error:
            await self._refused(error)
            return
        self._failures = 0
        news = self._take(found)
        if self._unfinished:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), PAUSE)
        elif found and not news:
            await self._rest(PAUSE)  # the same again, though we asked for the next: it must not become a race

    def _take(self, found: list[Json]) -> int:
        """Puts what is new into its chat's lane; says how many that were."""
        numbers = [(number_of(update), update) for update in found]
        new = [
            (id, update)
            for id, update in numbers
            if id is not None and id not in self._unfinished and id not in self._finished
        ]
        for id, update in new:
            self._unfinished.add(id)
            self._idle.clear()
            self._put(lane_of(update), update)
        known = [id for id, _ in numbers if id is not None]
        if known:
            self._next = max(known) + 1  # of this batch: after a quiet week Telegram counts from anywhere
        return len(new)

    async def _refused(self, error: Refused) -> None:
        if error.status == 409 and "webhook" in error.code.lower():
            self._is_ready = False
            log.warning("a webhook was set beside us: it is taken away, for updates are asked for here")
            await self._rest(0 if await self._has_deleted() else self._back_off())
        elif error.status == 409:
            self._log_rarely("somebody else asks for this bot's updates: is another Opsbook running with its token?")
            await self._rest(OTHER_SECONDS)
        elif error.meaning is Meaning.TOKEN:
            self._log_rarely("Telegram refuses our token: check TELEGRAM_BOT_TOKEN", 24 * 3600)
            await self._rest(TOKEN_SECONDS)
        elif error.retry_after is not None:
            await self._rest(error.retry_after)
        else:
            self._log_rarely(f"Telegram is not to be reached: {error.code}")
            await self._rest(self._back_off())

    async def _has_deleted(self) -> bool:
        try:
            await self.api.delete_webhook()
        except Refused as error:
            log.warning("the webhook could not be taken away: %s", error.code)
            return False
        return True

    def _back_off(self) -> float:
        self._failures = min(self._failures + 1, 10)
        return min(LONGEST, 2.0 ** (self._failures - 1)) * random.uniform(0.5, 1.0)

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    def _log_rarely(self, words: str, seconds: float = LOG_EVERY) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._logged.get(words, -seconds) >= seconds:
            self._logged = {words: now} | {said: at for said, at in self._logged.items() if now - at < 24 * 3600}
            self._logged[words] = now
            log.error(words)

    # --- Chats side by side

    def _put(self, lane: str, update: Json) -> None:
        waiting = self._lanes.setdefault(lane, deque())
        waiting.append(update)
        if len(waiting) == 1:
            worker = asyncio.ensure_future(self._work(lane, waiting))
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)

    async def _work(self, lane: str, waiting: deque[Json]) -> None:
        """One chat's updates, each until it is kept, in their order."""
        while waiting and await self._until_kept(waiting[0]):
            self._finish(waiting.popleft())
        if not waiting:
            del self._lanes[lane]

    async def _until_kept(self, update: Json) -> bool:
        for pause in _pauses():
            if self._stopping.is_set():
                break
            if await self.incoming.receive(update, late_after=LATE_AFTER) is Kept.KEPT:
                return True
            await self._rest(pause)
        return False

    def _finish(self, update: Json) -> None:
        id = number_of(update)
        if id is None:
            return
        self._unfinished.discard(id)
        self._finished[id] = None
        while len(self._finished) > REMEMBERED:
            self._finished.popitem(last=False)
        if not self._unfinished:
            self._idle.set()


def _pauses() -> Iterator[float]:
    yield from AGAIN_AFTER
    while True:
        yield AGAIN_AFTER[-1]
