"""What people come to see, and how long they look for it."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

PATIENCE = 10.0
"""Seconds that people wait at most for what nobody promised so soon: the next question, when two have come just before
it, on a machine that is busy with other tests."""


class Reads(Protocol):
    """Somebody who reads their own chat with us."""

    def reads(self) -> list[str]:
        """What we wrote to them, one line a message."""


async def reads(who: Reads, *wanted: str) -> None:
    """These are the last messages that somebody reads, soon."""
    await soon(lambda: who.reads()[-len(wanted) :], list(wanted))


async def comes(look: Callable[[], list[str]], *words: str) -> str:
    """The last message that somebody reads has these words, soon. Returns it."""
    await soon(lambda: [word for word in words if word not in (look() or [""])[-1]], [])
    return look()[-1]


async def soon(look: Callable[[], Any], wanted: Any) -> None:
    """Whoever looks comes to see this, within `PATIENCE`."""
    end = time.monotonic() + PATIENCE
    while (found := look()) != wanted and time.monotonic() < end:  # noqa: ASYNC110  # seen from outside
        await asyncio.sleep(0.02)
    assert found == wanted


@dataclass(frozen=True, slots=True)
class Window:
    """A place where somebody looks, and what they are to see there."""

    look: Callable[[], Any]
    wanted: Any
    pace: float = 0.0
    """Seconds that the platform takes for a message of the same act that goes before; that is not our delay."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How long it took until a window showed what somebody did."""

    step: str
    platform: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s on {self.platform} ({self.step})"


_STATE = re.compile(r"(?:状态 / State|状态|State):?(?: \|)? (.*?) \| (?:承诺时限|Answer by|直属上级|Manager)")


def state_of(lines: list[str]) -> str:
    """How the last card in a room stands, in its reader's words; empty where no card is."""
    found = [state[1] for line in lines if (state := _STATE.search(line))]
    return found[-1].replace(" | ", " / ") if found else ""
