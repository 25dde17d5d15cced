"""The pace of one bot: one message a second to a chat, 20 a minute to a group, 30 a second over all, edits too."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.errors import DeliveryFailed

CHAT_SECONDS = 1.0
GROUP_MINUTE = 20
OVERALL_SECOND = 30
MINUTE = 60.0
REMEMBERED = 1000
"""So many chats are kept before the idle ones are dropped."""


@dataclass(slots=True)
class _Chat:
    """What went to one chat in the last minute; `held_until` after Telegram asked for a pause."""

    sent: deque[float] = field(default_factory=deque)
    held_until: float = 0.0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0


class Gate:
    """Lets calls through one by one. `now`: monotonic seconds."""

    def __init__(self, now: Callable[[], float], sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        self._now = now
        self._sleep = sleep
        self._chats: dict[str, _Chat] = {}
        self._all: deque[float] = deque(maxlen=OVERALL_SECOND)

    async def take(self, chat: str, most: float) -> None:
        """Returns when something may be sent to the chat; it counts as sent.

        Waits at most `most` seconds: where it would take longer, raises `DeliveryFailed` with the time to wait.
        """
        until = self._now() + most
        here = self._here(chat)
        here.waiting += 1
        try:
            async with here.turn:
                while (free_at := self._free_at(chat, here)) > self._now():
                    if free_at > until:
                        raise DeliveryFailed("too much, too fast", retry_after=free_at - self._now())
                    await self._sleep(free_at - self._now())
                here.sent.append(self._now())
                self._all.append(self._now())
        finally:
            here.waiting -= 1

    def sent(self, chat: str) -> None:
        """What was let through has arrived; the next may follow a second after that, for a picture travels long."""
        here = self._here(chat)
        if here.sent:
            here.sent[-1] = self._now()

    def hold(self, chat: str, seconds: float) -> None:
        """Telegram asked for a pause: nothing goes to this chat meanwhile. Others go on."""
        here = self._here(chat)
        here.held_until = max(here.held_until, self._now() + seconds)

    def _free_at(self, chat: str, here: _Chat) -> float:
        """When the chat, its minute and the whole bot are free again; in the past where they are now."""
        now = self._now()
        while here.sent and here.sent[0] <= now - MINUTE:
            here.sent.popleft()
        times = [here.held_until]
        if here.sent:
            times.append(here.sent[-1] + CHAT_SECONDS)
        if is_group(chat) and len(here.sent) >= GROUP_MINUTE:
            times.append(here.sent[-GROUP_MINUTE] + MINUTE)
        if len(self._all) == OVERALL_SECOND:
            times.append(self._all[0] + 1.0)
        return max(times)

    def _here(self, chat: str) -> _Chat:
        if chat not in self._chats and len(self._chats) >= REMEMBERED:
            self._forget()
        return self._chats.setdefault(chat, _Chat())

    def _forget(self) -> None:
        """Drops the chats that nothing is known of which would matter now."""
        now = self._now()
        for chat, here in list(self._chats.items()):
            is_idle = not here.sent or here.sent[-1] <= now - (MINUTE if is_group(chat) else CHAT_SECONDS)
            if is_idle and here.held_until <= now and not here.waiting:
                del self._chats[chat]


def is_group(chat: str) -> bool:
    """Whether a chat is a group or a channel: their ids are negative, or an @name."""
    return chat.startswith(("-", "@"))
