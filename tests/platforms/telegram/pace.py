"""How fast Telegram lets a bot speak: one message a second to a chat, 20 a minute to a group, 30 a second in all."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.platforms.telegram.chats import Chat

CHAT_SECONDS = 0.9  # a second, less what the network may shift
GROUP_MINUTE = 20
OVERALL_SECOND = 30


class Ticks:
    """Seconds that go on only when told, for tests that would have to wait."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class TooSoon:
    """A send that came too soon. `why`: chat, group, overall, or window (inside a retry_after given before)."""

    why: str
    chat: int
    method: str
    at: float
    retry_after: int


@dataclass
class Pace:
    """Counts what is sent; refused sends don't count."""

    ticks: Callable[[], float]
    strict: bool = True
    chat_seconds: float = CHAT_SECONDS
    group_minute: int = GROUP_MINUTE
    overall_second: int = OVERALL_SECOND
    limited: list[TooSoon] = field(default_factory=list)
    _chats: dict[int, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _all: deque[float] = field(default_factory=deque)
    _closed: dict[int, float] = field(default_factory=dict)

    def close(self, chat: int, seconds: float) -> None:
        """A 429 named this many seconds: sends to the chat before they are over are written down as `window`."""
        self._closed[chat] = max(self._closed.get(chat, 0.0), self.ticks() + seconds)

    def watch(self, method: str, chat: int) -> None:
        """Writes a send down that comes inside a closed window; says nothing."""
        left = self._closed.get(chat, 0.0) - self.ticks()
        if left > 0.1:
            self._note("window", chat, method, left)

    def take(self, method: str, chat: Chat, count: int = 1) -> TooSoon | None:
        """Counts a send (of `count` messages); says why not, when it comes too soon."""
        now, sent = self.ticks(), self._chats[chat.id]
        while sent and now - sent[0] >= 60:
            sent.popleft()
        while self._all and now - self._all[0] >= 1:
            self._all.popleft()
        if self.strict and (refused := self._too_soon(method, chat, now)):
            return refused
        sent.extend([now] * count)
        self._all.extend([now] * count)
        return None

    def _too_soon(self, method: str, chat: Chat, now: float) -> TooSoon | None:
        sent = self._chats[chat.id]
        if sent and now - sent[-1] < self.chat_seconds:
            return self._note("chat", chat.id, method, 1 - (now - sent[-1]))
        if not chat.is_private and len(sent) >= self.group_minute:
            return self._note("group", chat.id, method, 60 - (now - sent[-self.group_minute]))
        if len(self._all) >= self.overall_second:
            return self._note("overall", chat.id, method, 1 - (now - self._all[0]))
        return None

    def _note(self, why: str, chat: int, method: str, left: float) -> TooSoon:
        refused = TooSoon(why, chat, method, self.ticks(), max(1, math.ceil(left)))
        self.limited.append(refused)
        del self.limited[:-10_000]
        return refused
