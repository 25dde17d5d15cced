"""The inbox: what has come in and what was answered, so that a thing done has one effect, however often it comes."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Index, bindparam, delete, exists, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased
from sqlmodel import Field, SQLModel, col

from storage.prepared import Prepared, table_of
from storage.tables import insert_into, moment
from storage.work import Work

KEPT = timedelta(days=3)
"""Longer than any platform delivers again: Slack 5 minutes, Telegram 24 hours."""


class Arrival(SQLModel, table=True):
    """One event, by the platform's own id for it, with the answer that it got (JSON)."""

    __tablename__ = "inbox"
    __table_args__ = (Index("ix_inbox_at", "at"),)
    platform: str = Field(primary_key=True)
    event: str = Field(primary_key=True)
    at: datetime = moment()
    answer: str | None = None
    faults: int = 0


_INBOX = table_of(Arrival)
_ARRIVED = Prepared(
    sqlite.insert(_INBOX).on_conflict_do_nothing().returning(_INBOX.c.event),  # the row count is -1 on PostgreSQL
    postgresql.insert(_INBOX).on_conflict_do_nothing().returning(_INBOX.c.event),
    columns=("platform", "event", "at", "faults"),
)
_EARLIER = Prepared(
    select(_INBOX.c.answer).where(_INBOX.c.platform == bindparam("platform"), _INBOX.c.event == bindparam("event"))
)
_ANSWERED = Prepared(
    update(_INBOX)
    .where(_INBOX.c.platform == bindparam("its_platform"), _INBOX.c.event == bindparam("its_event"))
    .values(answer=bindparam("answer"))
)


async def is_new(work: Work, platform: str, event: str) -> bool:
    """Notes an arrival; False where it has been here before (in any process: the key decides, and waits for it)."""
    return bool(await _ARRIVED.rows(work.session, platform=platform, event=event, at=work.now, faults=0))


async def earlier(work: Work, platform: str, event: str) -> str | None:
    """The answer that this event got when it was first delivered."""
    rows = await _EARLIER.rows(work.session, platform=platform, event=event)
    return rows[0][0] if rows else None


async def answer(work: Work, platform: str, event: str, said: str) -> None:
    """Keeps the answer, for the next time that the same thing arrives."""
    await _ANSWERED.change(work.session, its_platform=platform, its_event=event, answer=said)


async def failed(work: Work, platform: str, event: str) -> int:
    """Counts a failure of ours with this event, under a key of its own, and says how many there were."""
    key = f"!{event}"
    again = {"faults": Arrival.__table__.c.faults + 1}  # type: ignore[attr-defined]  # set by sqlmodel
    insert = insert_into(work.session, Arrival, platform=platform, event=key, at=work.now, answer=None, faults=1)
    done = await work.session.execute(
        insert.on_conflict_do_update(index_elements=["platform", "event"], set_=again).returning(col(Arrival.faults))
    )
    return int(done.scalar_one())


async def adopt(work: Work, platform: str, kind: str, owner: str) -> None:
    """Puts an owner's id into the keys that have none yet (`update:7` becomes `update:<owner>:7`), so that what was
    handled under the old key is known under the new one."""
    named = func.substr(Arrival.event, len(kind) + 1)
    new = literal(f"{kind}{owner}:") + named
    other = aliased(Arrival)
    event = col(Arrival.event)
    ownerless = (col(Arrival.platform) == platform, event.like(f"{kind}%"), event.not_like(f"{kind}%:%"))
    await work.session.execute(
        update(Arrival)
        .where(*ownerless, ~exists().where(col(other.platform) == platform, col(other.event) == new))
        .values(event=new)
        .execution_options(synchronize_session=False)
    )
    await work.session.execute(delete(Arrival).where(*ownerless))  # known by both keys already


async def forget(work: Work) -> int:
    """Drops arrivals that no platform will send again. Returns how many."""
    done = await work.session.execute(delete(Arrival).where(col(Arrival.at) < work.now - KEPT))
    return int(done.rowcount)  # type: ignore[attr-defined]  # a DELETE's result is a cursor's
