"""Asks once a second what is due, and once a day what the day brings. It remembers nothing: the rows do."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.capability import Capability, Daily
from bot.codec import pack_card
from bot.context import Context
from bot.ui.card import Card, Fact, Tone
from config.text import t
from storage import confirmations, days, drafts, inbox, interviews, links, outbox, sessions
from storage.database import Database
from storage.due import Due
from storage.errors import StorageBusy
from storage.places import Address

log = logging.getLogger("opsbook.metronome")

PUT_OFF = timedelta(minutes=10)
"""How far a row is pushed away that could not be dealt with."""
CLEAN_HOUR = 3
PATIENCE = 2.0
"""Seconds that a stop waits for the tick under way; what it has not done by then is due still."""


@dataclass(slots=True)
class Metronome:
    """One runs in all processes together. `tick()` does all that is due at the clock's time."""

    database: Database
    clock: Callable[[], datetime]
    capabilities: Sequence[Capability]
    on: frozenset[str]
    posted: Callable[[], None] = lambda: None
    ticks: int = 0
    _scheduler: AsyncIOScheduler | None = None
    _done: dict[str, date] = field(default_factory=dict)
    _ticking: asyncio.Lock = field(default_factory=asyncio.Lock)

    def start(self) -> None:
        """Ticks each second; a late tick is one tick, and two never run at once."""
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._scheduler.add_job(
            self._guarded_tick, "interval", seconds=1, max_instances=1, coalesce=True, misfire_grace_time=None
        )
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler.start()

    async def stop(self) -> None:
        """No more ticks; the one under way is let finish, if that does not take long."""
        if self._scheduler is not None:
            self._scheduler.pause()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE), self._ticking:
                    pass
            self._scheduler.shutdown(wait=False)
            self._scheduler = None
        await self.database.yield_role("metronome")

    async def _guarded_tick(self) -> None:
        try:
            async with self._ticking:
                if await self.database.play("metronome"):
                    await self.tick()
        except StorageBusy as error:
            log.warning("the database can't be had: %s", error)
        except Exception:
            log.exception("incident %s: a tick broke", secrets.token_hex(3).upper())

    async def tick(self) -> int:
        """Does what is due, each row in a unit of its own. Returns how many rows it dealt with."""
        self.ticks += 1
        done = 0
        for capability in self.capabilities:
            for due, answer in capability.dues:
                async with self.database.reading() as session:
                    ids = await due.ids(session, self.clock())
                for row_id in ids:
                    await self._one(due, answer, row_id)
                done += len(ids)
            for daily in capability.dailies:
                await self._daily(daily)
        await self._clean()
        return done

    async def _one(self, due: Due, answer: Callable[[Context, Any], Any], row_id: int) -> None:
        try:
            async with self.database.unit(self.clock(), via="clock") as work:
                row = await due.take(work, row_id)
                if row is None:
                    return
                await answer(self._context(work), row)
                posted = work.posted
            if posted:
                self.posted()
        except StorageBusy:
            raise
        except Exception:
            incident = secrets.token_hex(3).upper()
            log.exception("incident %s: %s, row %s", incident, due.name, row_id, extra={"incident": incident})
            await self._put_off(due, row_id, incident)

    async def _put_off(self, due: Due, row_id: int, incident: str) -> None:
        async with self.database.unit(self.clock(), via="clock") as work:
            await due.put_off(work, row_id, work.now + PUT_OFF)
            card = Card(
                t("A reminder could not be made"),
                facts=(Fact(t("Reminder"), due.name), Fact(t("Incident"), incident)),
                tone=Tone.BAD,
            )
            for place in self._context(work).room("ops").places:
                await outbox.tell(work, pack_card(card), place)
        self.posted()

    async def _daily(self, daily: Daily) -> None:
        now = self.clock().astimezone(ZoneInfo(self.database.handbook.company.zone))
        today = now.date()
        at = daily.due(self.database.handbook)
        if at is None or now.time() < at or self._done.get(daily.name) == today:
            return
        if daily.workdays and not self.database.handbook.calendar.is_workday(today):
            return
        self._done[daily.name] = today
        try:
            async with self.database.unit(self.clock(), via="clock") as work:
                if await days.first_time(work, daily.name, today):
                    await daily.answer(self._context(work))
            self.posted()
        except StorageBusy:
            del self._done[daily.name]
            raise
        except Exception:
            await self._tell_broken(daily.name, today)

    async def _tell_broken(self, name: str, today: date) -> None:
        """What was to be done today could not be: the administrators hear so, once a day and job, and not what it had
        in hand. It is tried again tomorrow, or after a start."""
        incident = secrets.token_hex(3).upper()
        log.exception("incident %s: %s", incident, name, extra={"incident": incident})  # noqa: LOG004  # in an except
        card = Card(
            t("Something that is done every day could not be done today"),
            body=(t("It is tried again tomorrow. The log has what happened, under the number of the incident."),),
            facts=(Fact(t("What"), name), Fact(t("Incident"), incident)),
            tone=Tone.BAD,
        )
        try:
            async with self.database.unit(self.clock(), via="clock") as work:
                if await days.first_time(work, f"broke:{name}", today):
                    for place in self._context(work).room("ops").places:
                        await outbox.tell(work, pack_card(card), place)
        except StorageBusy as error:
            log.warning("nobody could be told of incident %s: %s", incident, error)
            return
        self.posted()

    async def _clean(self) -> None:
        """Once a night: what no longer matters is dropped."""
        now = self.clock().astimezone(ZoneInfo(self.database.handbook.company.zone))
        if now.hour < CLEAN_HOUR or self._done.get("clean") == now.date():
            return
        self._done["clean"] = now.date()
        try:
            async with self.database.unit(self.clock(), via="clock") as work:
                if await days.first_time(work, "clean", now.date()):
                    await inbox.forget(work)
                    await drafts.forget(work)
                    await outbox.forget(work)
                    await sessions.forget_old(work)
                    await interviews.forget(work)
                    await confirmations.forget(work)
                    await links.forget_old(work)
        except StorageBusy:
            del self._done["clean"]
            raise
        except Exception:
            await self._tell_broken("clean", now.date())

    def _context(self, work: Any) -> Context:
        return Context(work, Address("clock", ""), self.on)
