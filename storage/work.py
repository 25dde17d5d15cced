"""The unit of work: one transaction that knows who acts, and when. Verbs take it first, and never commit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncSession, AsyncSessionTransaction

from config.handbook import Handbook
from storage.errors import Refusal
from storage.prepared import DRIVER

if TYPE_CHECKING:
    from storage.people import Employee


@dataclass(slots=True)
class Entry:
    """What the audit will say: what was done, about which record, with which particulars (ids, never texts)."""

    what: str
    about: str
    detail: dict[str, Any]


@dataclass(slots=True)
class Attempt:
    """A savepoint; on SQLite it is the driver's own, for SQLAlchemy's costs as much as all else that an event does."""

    session: AsyncSession
    driver: Any = None
    name: str = ""
    nested: AsyncSessionTransaction | None = None
    was_begun: bool = False
    """Whether the session had begun a savepoint of its own, outside ours, which must outlive it."""

    async def keep(self) -> None:
        """It is well: all that waited in the session is written."""
        if self.nested is not None:
            await self.nested.commit()
            return
        is_within = self.session.in_transaction() and not self.was_begun  # the session's own savepoint is inside ours
        if self.session.in_transaction():
            await self.session.flush()
        if not is_within:  # one that stays open keeps each page that is changed after it, until the commit
            self.driver.execute(f"RELEASE {self.name}")

    async def undo(self) -> None:
        """Nothing of it has happened; what the session held is forgotten."""
        if self.nested is not None:
            await self.nested.rollback()
        else:
            if self.session.in_transaction() and not self.was_begun:
                await self.session.rollback()
            self.driver.execute(f"ROLLBACK TO {self.name}")
        self.session.expunge_all()


@dataclass(slots=True)
class Work:
    """`by` is None where the clock acts. `posted` tells the edge that something waits for the courier."""

    session: AsyncSession
    now: datetime
    handbook: Handbook
    by: Employee | None = None
    via: str = ""
    entries: list[Entry] = field(default_factory=list)
    posted: bool = False
    _attempts: int = 0

    @property
    def actor(self) -> Employee:
        """Who acts. A verb that only people may use asks for it."""
        if self.by is None:
            raise RuntimeError("nobody acts in this unit of work")
        return self.by

    async def attempt(self) -> Attempt:
        """A point to come back to: what is done from here on can be undone alone."""
        driver = self.session.info.get(DRIVER)
        if driver is None:
            return Attempt(self.session, nested=await self.session.begin_nested())
        was_begun = self.session.in_transaction()
        if was_begun:
            await self.session.flush()
            _ = await self.session.connection()  # its own savepoint begins now, should it have asked nothing yet
        self._attempts += 1
        name = f"attempt{self._attempts}"  # of two, one within the other, each is undone alone
        driver.execute(f"SAVEPOINT {name}")  # at once: SQLAlchemy's waits for its next statement, and ours pass it by
        return Attempt(self.session, driver, name, was_begun=was_begun)

    def note(self, what: str, about: str, **detail: Any) -> None:
        """Puts a line into the audit, kept with this work or not at all."""
        self.entries.append(Entry(what, about, detail))


@asynccontextmanager
async def undone_if_refused(work: Work) -> AsyncIterator[None]:
    """A savepoint: a refusal undoes what was done within, and goes on."""
    attempt = await work.attempt()
    entries, posted = len(work.entries), work.posted
    try:
        yield
    except Refusal:
        await attempt.undo()
        del work.entries[entries:]
        work.posted = posted
        raise
    await attempt.keep()
