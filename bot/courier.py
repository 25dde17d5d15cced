"""Carries what waits in the outbox to the platforms: at their pace, again where it failed, and with an end to that."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
import secrets
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.codec import pack_card, unpack_card
from bot.dispatch import Desk
from bot.errors import DeliveryFailed
from bot.gathering import gathered
from bot.platforms import Message, Platform, Sent
from bot.ui.card import Card, Fact, Tone
from bot.words import LANGUAGES, Reader, Speaker
from config.text import t
from storage import deputies, moves, outbox, people
from storage.database import Database
from storage.errors import StorageBusy
from storage.outbox import Outgoing
from storage.places import Address
from storage.work import Work

log = logging.getLogger("opsbook.courier")

TRIES = 12
"""Tries of one message: with the pauses below, about an hour and a half."""
TRIES_WHILE_DOWN = 108
"""Tries while the platform takes nothing from anybody: about a day, for an outage is no fault of the message."""
DOWN_AFTER = timedelta(minutes=20)
"""A platform that has taken nothing for so long, though it was tried, is down. More than the longest pause."""
LONGEST_PAUSE = 900.0
SEND_LIMIT = 12.0
LAST = "web"
"""Where what reaches nobody by chat is kept: it is there whenever they look."""
ASKED = "interviews"
"""The kind of record whose live cards are the questions of a form."""
TOLD_EVERY = timedelta(hours=1)
"""The administrators hear of one kind of failure once in this time."""


@dataclass(slots=True)
class Lane:
    """One channel: whether something is under way to it, and when (monotonic seconds) it may be sent to next."""

    busy: bool = False
    free_at: float = 0.0


@dataclass(slots=True)
class Health:
    """How a platform has fared: for the health page."""

    sent: int = 0
    failed: int = 0
    failing: bool = False
    well_at: datetime | None = None


@dataclass(slots=True)
class Courier:
    """One runs in all processes together (`Database.play`). `wake()` when something was posted."""

    database: Database
    desk: Desk
    clock: Callable[[], datetime]
    platforms: Mapping[str, Platform]
    pause: Callable[[int], float] = lambda tries: (
        min(LONGEST_PAUSE, 2.0 ** min(tries, 12)) * random.uniform(0.5, 1.0)
    )  # spreads retries, guards nothing
    lanes: dict[tuple[str, str], Lane] = field(default_factory=dict)
    health: dict[str, Health] = field(default_factory=dict)
    _free_at: dict[str, float] = field(default_factory=dict)
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _told: dict[tuple[str, str], datetime] = field(default_factory=dict)
    _minute: dict[tuple[str, str], deque[float]] = field(default_factory=dict)
    _moved: dict[tuple[str, str], str] = field(default_factory=dict)
    _stopping: bool = False
    _in_charge: bool = False

    def wake(self) -> None:
        """Something waits: look at once rather than at the next second."""
        self._woken.set()

    async def run(self) -> None:
        """Works until `stop()`. A database that can't be had is waited for."""
        loop = asyncio.get_running_loop()
        while not self._stopping:
            began = loop.time()
            self._woken.clear()  # before looking: what is posted meanwhile is not slept over
            try:
                rested = await self._round()
            except StorageBusy as error:
                log.warning("the database can't be had: %s", error)
                rested = 1.0
            except Exception:
                _report("the courier's round broke")
                rested = 1.0
            if rested:
                try:
                    await asyncio.sleep(min(0.2, 4 * (loop.time() - began)))  # a long queue takes long to look through
                    await asyncio.wait_for(self._woken.wait(), rested)
                except TimeoutError:
                    continue

    async def stop(self, within: float = 8.0) -> None:
        """Takes nothing new, and lets what is under way end; what is not done by then is sent again later."""
        self._stopping = True
        self.wake()
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=within)
        for task in self._under_way:
            task.cancel()
        await self.database.yield_role("courier")

    async def drain(self) -> int:
        """Sends all that is due, waiting for nothing but pace; returns how many. For tests and the demo's past."""
        sent = 0
        while rows := await self._claim():
            sent += len(rows)
            await asyncio.gather(*[self._carry(row) for row in rows])
            self.lanes.clear()
            self._free_at.clear()
        return sent

    async def _round(self) -> float:
        """Starts what may be sent now. Returns how long to rest: 0 to go on at once."""
        if not await self.database.play("courier"):
            self._in_charge = False
            return 2.0
        if not self._in_charge:
            async with self.database.unit(self.clock()) as work:
                await outbox.take_over(work)
                self._moved = await moves.all_(work.session)
            self._in_charge = True
        rows = await self._claim()
        for row in rows:
            task = asyncio.create_task(self._carry(row), name=f"outbox {row.id}")
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return 0.0 if rows else self._rest()

    def _rest(self) -> float:
        now = asyncio.get_running_loop().time()
        soonest = min(
            (lane.free_at for lane in self.lanes.values() if not lane.busy and lane.free_at > now),
            default=now + 1,
        )
        return max(0.01, min(1.0, soonest - now))

    async def _claim(self) -> list[Outgoing]:
        now = asyncio.get_running_loop().time()
        for place in [place for place, lane in self.lanes.items() if not lane.busy and lane.free_at <= now]:
            del self.lanes[place]
        open_now = [
            name for name, platform in self.platforms.items()
            if self._free_at.get(name, 0.0) <= now and self._busy(name) < platform.pace.at_once
        ]  # fmt: skip
        if not open_now:
            return []
        room = min(50, sum(self.platforms[name].pace.at_once - self._busy(name) for name in open_now))
        async with self.database.reading() as session:
            soonest = await outbox.next_due(session, open_now)
        if soonest is None or soonest > self.clock():
            return []
        async with self.database.unit(self.clock()) as work:
            rows = await outbox.claim(work, open_now, list(self.lanes), room)
        for row in rows:
            self.lanes[row.platform, row.channel] = Lane(busy=True)
            gap = 1.0 / self.platforms[row.platform].pace.overall
            self._free_at[row.platform] = max(now, self._free_at.get(row.platform, 0.0)) + gap
        return rows

    def _gap(self, name: str, channel: str) -> float:
        """Seconds from one message to the next in a channel; a group takes only so many a minute."""
        pace = self.platforms[name].pace
        if pace.a_minute is None or channel[:1] not in tuple(pace.groups):
            return pace.channel
        now = asyncio.get_running_loop().time()
        sent = self._minute.setdefault((name, channel), deque(maxlen=pace.a_minute))
        sent.append(now)
        return max(pace.channel, sent[0] + 60.0 - now) if len(sent) == pace.a_minute else pace.channel

    def _busy(self, name: str) -> int:
        return sum(1 for (platform, _), lane in self.lanes.items() if platform == name and lane.busy)

    async def _carry(self, row: Outgoing) -> None:
        """One row, whatever happens to it; a row whose end can't be noted is tried again after its lease."""
        wait = self._gap(row.platform, row.channel)
        try:
            wait = max(wait, await self._tried(row))
        except StorageBusy as error:
            log.warning("outbox %s waits for the database: %s", row.id, error)
        except Exception:
            _report(f"what became of outbox {row.id} can't be noted")
        finally:
            loop = asyncio.get_running_loop()
            self.lanes[row.platform, row.channel] = Lane(free_at=loop.time() + wait)
            self._woken.set()

    async def _tried(self, row: Outgoing) -> float:
        """One try; a row that breaks us is given up in the end. Returns how long its channel is to be left alone."""
        health = self.health.setdefault(row.platform, Health())
        try:
            await self._deliver(row, self.platforms[row.platform])
        except DeliveryFailed as failure:
            health.failed += 1
            health.failing = not failure.permanent
            return await self._settled(row, failure)
        except StorageBusy:
            raise
        except Exception as error:
            _report(f"outbox {row.id} can't be shown")
            await self._settled(row, DeliveryFailed(f"our fault: {type(error).__name__}", permanent=row.tries >= 3))
            return 0.0
        health.sent += 1
        health.failing = False
        health.well_at = self.clock()
        return 0.0

    async def _deliver(self, row: Outgoing, platform: Platform) -> None:
        rows = await self._gathered(row)
        async with self.database.reading() as session:
            root = await session.get(Outgoing, row.under) if row.under else None
            person = await people.find(session, row.person_id) if row.person_id else None
            is_theirs, elsewhere = await self._has_moved_on(session, row, person)
            card = await self._card(session, rows)
        if card is None or (row.person_id and person is None) or self._is_stale(row):
            why = "what it shows is gone" if card is None else "too old to be of use"
            await self._ended(row, "whom it is for has left" if row.person_id and person is None else why)
            return
        if not is_theirs:
            await self._ended(row, outbox.NOT_THEIRS, elsewhere)
            return
        to = Address(row.platform, row.sent_channel or self._stands(row.platform, row.channel), row.thread)
        if root is not None:
            to = Address(row.platform, root.sent_channel or self._stands(row.platform, root.channel), root.ref)
        reader = self._reader(to, row.channel, person)
        drawn = hashlib.sha256(f"{reader.languages}{reader.zone}{pack_card(card)}".encode()).hexdigest()
        message = Message(row.id, to, card, Speaker(reader, self.clock()), row.ref, row.about, again=row.tries > 1)
        sent = await self._carried(platform, message, is_new=row.drawn != drawn)
        async with self.database.unit(self.clock()) as work:
            for one in rows:
                await outbox.mark_sent(work, one, sent.channel, sent.ref, drawn, sent.enclosed if one is row else ())
                if person is not None and one.platform == LAST and one.sent_at is None:
                    await self._stand_in(work, one, person)
        self.database.on_crash_point("after mark")

    async def _carried(self, platform: Platform, message: Message, *, is_new: bool) -> Sent:
        """Sends it, or redraws it where it stands, if it has changed; never longer than `SEND_LIMIT`."""
        try:
            async with asyncio.timeout(SEND_LIMIT):
                if message.ref is None:
                    self.database.on_crash_point("before send")
                    sent = await platform.send(message)
                    self.database.on_crash_point("after send")
                    return sent
                if is_new:
                    await platform.edit(message)
        except TimeoutError as error:
            raise DeliveryFailed("no answer in time") from error
        return Sent(message.to.channel, message.ref)

    async def _gathered(self, row: Outgoing) -> Sequence[Outgoing]:
        """The row, and where it is a notice that could wait, the others that have waited with it."""
        if row.waits_until is None or row.ref is not None:
            return (row,)
        async with self.database.reading() as session:
            others = await outbox.waiting_with(session, row, self.clock())
        return (row, *[one for one in others if one.id != row.id])

    async def _card(self, session: Any, rows: Sequence[Outgoing]) -> Card | None:
        first = rows[0]
        if len(rows) > 1:
            return gathered([unpack_card(one.card) for one in sorted(rows, key=lambda one: one.id) if one.card])
        return (
            unpack_card(first.card)
            if first.card
            else await self.desk.face(session, first.about or "", first.face or "")
        )

    def _is_stale(self, row: Outgoing) -> bool:
        return bool(row.card) and self.clock() - (row.waits_until or row.created_at) > outbox.STALE

    def _stands(self, platform: str, channel: str) -> str:
        """Where a chat that has moved is now."""
        return self._moved.get((platform, channel), channel)

    async def _has_moved_on(
        self, session: Any, row: Outgoing, person: people.Employee | None
    ) -> tuple[bool, Address | None]:
        """Whether the account that a message is for is still its person's; if not, where it goes instead.

        What stands in that chat, hangs under something there or is asked there goes nowhere: somebody else may read it.
        """
        if person is None or row.platform == "web":
            return True, None
        if await people.owns(session, person.id, row.platform, row.channel):
            return True, None
        if row.ref is not None or row.under is not None or _is_asked_there(row):
            return False, None
        return False, await people.private(session, person, frozenset(self.platforms))

    def _reader(self, to: Address, channel: str, person: people.Employee | None) -> Reader:
        company = self.database.handbook.company
        if person is not None:
            return Reader((person.language,), ZoneInfo(person.zone))
        rooms = self.database.handbook.rooms
        name = rooms.at(to.platform, channel) or rooms.at(to.platform, to.channel)
        language = rooms[name].language if name else "both"
        return Reader(LANGUAGES if language == "both" else (language,), ZoneInfo(company.zone))

    async def _ended(self, row: Outgoing, reason: str, elsewhere: Address | None = None) -> None:
        async with self.database.unit(self.clock()) as work:
            await outbox.end(work, row, reason)
            if elsewhere is not None:
                await outbox.send_elsewhere(work, row, elsewhere, "")

    async def _settled(self, row: Outgoing, failure: DeliveryFailed) -> float:
        """Decides what becomes of a row that failed. Returns how many seconds its channel is to be left alone."""
        now, reason = self.clock(), str(failure)
        async with self.database.unit(now) as work:
            if failure.moved_to and row.tries < TRIES:
                old = row.sent_channel or self._stands(row.platform, row.channel)
                await moves.note(work, row.platform, old, failure.moved_to)
                await outbox.move_channel(work, row.platform, old, failure.moved_to)
                await outbox.put_off(work, row, now, reason)
                self._moved = await moves.all_(work.session)
                return 0.0
            if failure.gone and row.ref is not None:
                await outbox.post_anew(work, row)
                return 0.0
            if failure.lost and row.person_id is not None:
                await people.lose(work, row.platform, row.channel, reason)
            if failure.permanent or (failure.retry_after is None and row.tries >= self._patience(row.platform)):
                await self._given_up(work, row, reason)
                return 0.0
            wait = failure.retry_after if failure.retry_after is not None else self.pause(row.tries)
            await outbox.put_off(work, row, now + timedelta(seconds=wait), reason)
            log.warning("outbox %s to %s is tried again in %.0f s: %s", row.id, row.platform, wait, reason)
            return wait if row.ref is None or failure.retry_after is not None else 0.0

    def _patience(self, platform: str) -> int:
        well_at = self.health[platform].well_at
        is_down = well_at is None or self.clock() - well_at > DOWN_AFTER
        return TRIES_WHILE_DOWN if is_down else TRIES

    async def _given_up(self, work: Work, row: Outgoing, reason: str) -> None:
        await outbox.end(work, row, reason)
        log.error("outbox %s to %s is given up: %s", row.id, row.platform, reason)
        if row.ref is None and row.person_id is not None and row.under is None and not _is_asked_there(row):
            person = await people.find(work.session, row.person_id)
            tried = frozenset([*row.avoid.split(","), row.platform])
            if person is not None:
                other = await people.private(work.session, person, frozenset(self.platforms), tried)
                if other.platform not in tried and other.platform in self.platforms:
                    await outbox.send_elsewhere(work, row, other, ",".join(sorted(tried - {""})))
        await self._tell_ops(work, row, reason)

    async def _stand_in(self, work: Work, row: Outgoing, person: people.Employee) -> None:
        """Tells a deputy what has come to nobody's phone: it lies in the web chat of somebody whom no chat reaches.

        Only who may see the record is told, and what it says to everybody who may: no facts, which may be hidden from
        them, and no buttons that act on it as its reader saw it.
        """
        record = row.about or row.record
        if record is None or row.for_id is not None or row.under is not None or _is_asked_there(row):
            return
        if not row.avoid and not await people.is_lost(work.session, person.id):
            return
        deputy = await deputies.stand_in(work, person)
        if deputy.id == person.id or not await self.desk.may_see(work, deputy, record):
            return
        card = unpack_card(row.card) if row.card else await self.desk.face(work.session, record, row.face or "")
        if card is None:
            return
        to = await people.private(work.session, deputy, frozenset(self.platforms))
        told = pack_card(_for_deputy(card, person, is_live=row.about is not None))
        await outbox.tell(work, told, to, deputy.id, record=record, for_id=person.id)
        work.note("outbox.stand_in", record, person=person.id, deputy=deputy.id)

    async def _tell_ops(self, work: Work, row: Outgoing, reason: str) -> None:
        rooms = self.database.handbook.rooms
        last = self._told.get((row.platform, reason))
        if "ops" not in rooms or (last is not None and self.clock() - last < TOLD_EVERY):
            return
        self._told[row.platform, reason] = self.clock()
        card = Card(
            t("A message could not be delivered"),
            facts=(
                Fact(t("Platform"), row.platform),
                Fact(t("To"), t("a person") if row.person_id else row.channel),
                Fact(t("Reason"), reason[:200]),
            ),
            tone=Tone.BAD,
        )
        for place in rooms["ops"].places():
            if place.platform in self.platforms and (place.platform, place.channel) != (
                row.platform,
                row.channel,
            ):
                await outbox.tell(work, pack_card(card), Address(place.platform, place.channel))


def _for_deputy(card: Card, person: people.Employee, *, is_live: bool) -> Card:
    """What a deputy reads of a card that was for somebody else: of a notice's buttons the plain ones, that show it."""
    plain = (one for one in card.buttons if one.tone is Tone.PLAIN and one.confirm is None)
    return Card(
        t("For {name}, who could not be reached: {title}", name=person.name, title=card.title),
        body=() if is_live else card.body,
        buttons=() if is_live else tuple(one for one in plain if one.action.count(":") < 2),
        tone=card.tone,
        foot=(t("You stand in for {name}.", name=person.name),),
    )


def _is_asked_there(row: Outgoing) -> bool:
    """Whether it is a question of an interview, which makes sense only in its own chat."""
    return (row.about or "").startswith(f"{ASKED}:")


def _report(what: str) -> None:
    """A fault of ours goes into the log with its trace, and a number to ask for it by."""
    incident = secrets.token_hex(3).upper()
    log.exception("incident %s: %s", incident, what, extra={"incident": incident})  # noqa: LOG004  # in an except
