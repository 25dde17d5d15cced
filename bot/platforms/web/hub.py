"""Tells every open page what has changed: each page within a second, and at once what happened in this process.

One task reads the changes from the database in their order and hands them to each page's own short queue. A page
that can't keep up is cut off: it comes back by itself, with the number of the last change that it had.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from storage.people import Employee
from storage.webchat import Posted

PULSE = 0.75
"""Seconds between two looks at the database while a page is open: for other processes' news, and for leavers."""
QUEUE = 200
"""Changes that may wait for one page."""

log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class Listener:
    """An open page: whose it is (as they stand now), by which session, and what waits for it. None ends it."""

    employee: Employee
    token: str | None
    queue: asyncio.Queue[Posted | None] = field(default_factory=lambda: asyncio.Queue(QUEUE))
    ended: bool = False

    def give(self, news: Posted) -> None:
        """Puts a change into the queue; a page whose queue is full is ended."""
        try:
            self.queue.put_nowait(news)
        except asyncio.QueueFull:
            self.end()

    def end(self) -> None:
        """Ends the page's stream, whatever still waits for it."""
        self.ended = True
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(None)


News = Callable[[int], Awaitable[list[Posted]]]
"""The changes after a number, a limited count of them, in their order."""
StillHere = Callable[[Collection[Listener]], Awaitable[dict[Listener, Employee]]]
"""Of these pages, those whose session goes on, with their employees as they stand now."""


class Hub:
    """`news` and `still_here` ask the database; `last` is the number of the last change that is committed."""

    def __init__(self, news: News, still_here: StillHere, last: Callable[[], Awaitable[int]]) -> None:
        self._news = news
        self._still_here = still_here
        self._last = last
        self._listeners: set[Listener] = set()
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._at = 0
        self.closed = False

    def __len__(self) -> int:
        """How many pages are open."""
        return len(self._listeners)

    def wake(self) -> None:
        """Says that something was committed just now."""
        self._woken.set()

    @asynccontextmanager
    async def listening(self, employee: Employee, token: str | None = None) -> AsyncIterator[Listener]:
        """A page is open for as long as the block lasts; it gets what is committed after the block began."""
        listener = Listener(employee, token)
        if self.closed:
            listener.end()
        elif self._task is None or self._task.done():
            self._at = await self._last()
            self._task = asyncio.create_task(self._run(), name="web hub")
            self._task.add_done_callback(self._over)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)
            self.wake()

    async def close(self) -> None:
        """Ends every stream, and takes no more."""
        self.closed = True
        self._end_all()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        clock = asyncio.get_running_loop().time
        looked_at = clock()
        while self._listeners:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), max(0.0, looked_at + PULSE - clock()))
            self._woken.clear()
            if clock() - looked_at >= PULSE:
                looked_at = clock()
                await self._drop_leavers()
            await self._spread()

    async def _spread(self) -> None:
        while news := await self._news(self._at):
            for posted in news:
                self._at = posted.message.change
                for listener in self._listeners:
                    if not listener.ended:
                        listener.give(posted)

    async def _drop_leavers(self) -> None:
        here = await self._still_here(self._listeners)
        for listener in list(self._listeners):
            if listener in here:
                listener.employee = here[listener]
            elif not listener.ended:
                listener.end()

    def _over(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("the web chat's news stopped; open pages come back by themselves", exc_info=error)
        self._end_all()

    def _end_all(self) -> None:
        for listener in self._listeners:
            if not listener.ended:
                listener.end()
