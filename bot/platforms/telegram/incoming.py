"""What comes in from Telegram: nothing is confirmed before it is kept, and every press gets its answer once."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from bot.answer import Answer, Outcome
from bot.events import Commanded, Event, Said
from bot.platforms.tasks import Tasks
from bot.platforms.telegram.fetching import Fetched, Fetching
from bot.platforms.telegram.reading import (
    Arrived,
    Back,
    Did,
    Edited,
    Idle,
    Lost,
    Moved,
    Ours,
    Placed,
    Spot,
    Unread,
    number_of,
    read,
)
from bot.platforms.telegram.replies import EVERYBODY, Replies
from bot.platforms.telegram.store import Known, Store
from bot.platforms.telegram.toasts import alone, speaker, worded
from bot.words import Speaker
from config.text import Text, t
from storage.errors import StorageBusy
from storage.places import Address, Identity

log = logging.getLogger(__name__)

AT_ONCE = 16
"""Updates that the desk has at the same time."""
TRIES = 3
"""Times that an update may break our own reading before it is let go."""
UNFINISHED = 500
"""Updates remembered between two tries."""
HEARD = 2000
"""Messages of which we remember what became of them, should they be changed."""
AS_SENT = t(
    "I read messages as they were sent, not as they are changed later. Please send it again; in a form, “Back” lets "
    "you change an answer."
)


class Kept(StrEnum):
    """What became of an update: kept (or nothing to us), or to be delivered again."""

    KEPT = "kept"
    BUSY = "busy"
    FAULT = "fault"


class Desk(Protocol):
    """Where events are handed over; the answer comes after the commit."""

    async def handle(self, event: Event, can_ask: bool = True, private: Address | None = None) -> Answer:
        """Takes an event; `private` is the actor's own chat, where forms are asked and replies posted."""


@dataclass(slots=True)
class _Open:
    """An update that is not finished: as it was read first, for a place must not grow old between two tries."""

    arrived: Arrived | None
    fetched: Fetched | None = None
    broke: int = 0
    since: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class _Heard:
    """A message or a press that we had: whose, its words (not kept as such), and whether something was done by it."""

    user: str
    words: int
    was_taken: bool


class Incoming:
    """Takes updates, from polling or from the webhook, to the desk, and shows the desk's answers."""

    def __init__(
        self,
        desk: Desk,
        store: Store,
        fetching: Fetching,
        replies: Replies,
        tasks: Tasks,
        ours: Ours,
        clock: Callable[[], datetime],
    ) -> None:
        self.desk = desk
        self.store = store
        self.fetching = fetching
        self.replies = replies
        self.tasks = tasks
        self.ours = ours
        self.clock = clock
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._open: OrderedDict[int, _Open] = OrderedDict()
        self._heard: OrderedDict[tuple[str, str | None], _Heard] = OrderedDict()

    async def receive(self, update: Any, *, late_after: float = 0.0) -> Kept:
        """Takes one update, once. BUSY and FAULT: nothing was kept, and it has to come again. Never raises.

        A press that has to come again is told so, `late_after` seconds after it came first.
        """
        id = number_of(update)
        if id is None:
            log.warning("an update without a number was passed over")
            return Kept.KEPT
        open = self._open.pop(id, None) or _Open(read(update, self.ours, self.clock()))
        work = self.tasks.begin(self._take(open))
        await asyncio.wait((work,))
        kept = Kept.BUSY if work.cancelled() else self._judged(id, open, work)
        if kept is not Kept.KEPT:
            self._open[id] = open
            while len(self._open) > UNFINISHED:
                self._open.popitem(last=False)
            self._say_late(open, late_after)
        return kept

    def _judged(self, id: int, open: _Open, work: asyncio.Task[Kept]) -> Kept:
        """What the work says; one that breaks time after time is let go, so that it can't stop the others."""
        error = work.exception()
        if error is None:
            return work.result()
        open.broke += 1
        incident = secrets.token_hex(3).upper()
        log.error(
            "incident %s: update %s broke (%s of %s)",
            incident,
            id,
            open.broke,
            TRIES,
            exc_info=error,
            extra={"incident": incident},
        )
        if open.broke < TRIES:
            return Kept.FAULT
        if isinstance(open.arrived, Did):
            self.tasks.start(self.replies.press(open.arrived.spot.callback))
        return Kept.KEPT

    def _say_late(self, open: _Open, late_after: float) -> None:
        spot = open.arrived.spot if isinstance(open.arrived, Did) else None
        waited = time.monotonic() - open.since
        if spot is not None and spot.callback and waited >= late_after:
            self.tasks.start(self.replies.late(spot))

    async def _take(self, open: _Open) -> Kept:
        try:
            match open.arrived:
                case Did():
                    return await self._did(open, open.arrived)
                case Edited(did):
                    return await self._changed(open, did)
                case Unread(spot, words):
                    await self._tell(spot, words, await self._known(spot))
                case Idle(callback, words):
                    shown = worded(words, EVERYBODY, alert=True) if words is not None else None
                    self.tasks.start(self.replies.press(callback, shown))
                case Moved(old, new):
                    await self.store.moved(old, new)
                case Lost(id, user, why):
                    await self.store.lost(id, user, why)
                case Back(id, user):
                    await self.store.back(id, user)
                case Placed(chat, status):
                    log.info("we are now %s in the group telegram:%s", status, chat)
        except StorageBusy:
            return Kept.BUSY
        return Kept.KEPT

    async def _did(self, open: _Open, did: Did) -> Kept:
        spot = did.spot
        known = await self._known(spot) if did.files or not spot.is_private else None
        event = did.event
        if isinstance(event, Said) and did.files and known is not None:
            open.fetched = open.fetched or await self.fetching.fetch(event.who, did.files)
            event = replace(event, files=open.fetched.files)
            if not event.text and not event.files:
                await self._tell(spot, open.fetched.sorry, known)
                return Kept.KEPT
        may_write = spot.is_private or (known is not None and known.is_met)
        private = alone(spot.user) if may_write else None
        async with self._slots:
            answer = await self.desk.handle(event, can_ask=private is not None, private=private)
        if answer.outcome in _AGAIN:
            return _AGAIN[answer.outcome]
        if answer.outcome is not Outcome.AGAIN:
            self._remember(did, answer.outcome)
        is_known = spot.is_private or known is not None
        self.tasks.start(self.replies.answer(spot, event, answer, is_known=is_known, may_write=may_write))
        if open.fetched is not None and answer.outcome is not Outcome.AGAIN:
            await self._tell(spot, open.fetched.sorry, known)
        return Kept.KEPT

    async def _changed(self, open: _Open, did: Did) -> Kept:
        """Words that could not be taken as they were are new ones now. Else who changed them hears that it is too late.

        So they do who went on meanwhile: their words would answer a question that came later, or be done twice. What
        we don't remember may have been taken; in a group it was perhaps not for us.
        """
        spot, heard = did.spot, self._heard.get((did.spot.chat, did.spot.message))
        if heard is not None and heard.words == _words(did.event):
            return Kept.KEPT  # Telegram tells of changes that nobody sees
        if heard is not None and not heard.was_taken and self._is_last(spot):
            return await self._did(open, did)
        if heard is not None or spot.is_private:
            self._remember(did, Outcome.DONE)
            await self._tell(spot, AS_SENT, await self._known(spot))
        return Kept.KEPT

    def _remember(self, did: Did, outcome: Outcome) -> None:
        place = (did.spot.chat, did.spot.message)
        before = self._heard.pop(place, None)
        was_taken = outcome not in _NOT_TAKEN or (before is not None and before.was_taken)
        self._heard[place] = _Heard(did.spot.user, _words(did.event), was_taken)
        while len(self._heard) > HEARD:
            self._heard.popitem(last=False)

    def _is_last(self, spot: Spot) -> bool:
        """Whether they have said and pressed nothing since, in this chat."""
        theirs = (place for place, one in reversed(self._heard.items()) if one.user == spot.user)
        return next((place for place in theirs if place[0] == spot.chat), None) == (spot.chat, spot.message)

    async def _known(self, spot: Spot) -> Known | None:
        return await self.store.known(Identity("telegram", "", spot.user))

    async def _tell(self, spot: Spot, words: Text | None, known: Known | None) -> None:
        """Says in private, where we may, why something was not taken."""
        if words is not None and (spot.is_private or (known is not None and known.is_met)):
            say = Speaker(known.reader) if known is not None else speaker(spot, EVERYBODY)
            self.tasks.start(self.replies.tell(spot, words, say))


def _words(event: Event) -> int:
    return hash((event.name, event.text) if isinstance(event, Commanded) else getattr(event, "text", ""))


_NOT_TAKEN = (Outcome.UNKNOWN, Outcome.REFUSED, Outcome.STRANGER, Outcome.ENDED)
_AGAIN = {Outcome.BUSY: Kept.BUSY, Outcome.FAULT: Kept.FAULT}
