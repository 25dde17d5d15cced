"""Work that goes on after an answer was given: known by name to nobody, but never lost from sight."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

log = logging.getLogger(__name__)
T = TypeVar("T")


class Tasks:
    """Tasks under way: held so that none is collected, waited for at the end, their failures told once."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, object]) -> None:
        """Begins the work beside ours; nobody waits for what it brings."""
        self._running.add(task := asyncio.ensure_future(work))
        task.add_done_callback(self._ended)

    def begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begins the work beside ours, to be waited for."""
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("work in the background failed: %s", type(error).__name__)

    async def finish(self, seconds: float) -> None:
        """Waits for all that is under way, and for what it begins; ends what takes longer."""
        try:
            async with asyncio.timeout(seconds):
                while self._running:
                    await asyncio.wait(set(self._running))
        except TimeoutError:
            left = set(self._running)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
