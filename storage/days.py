"""What is done once a day: a row for each, so that it is done once, by one process, even if the clock asks twice."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Field, SQLModel, col

from storage.tables import insert_into, moment
from storage.work import Work


class DayDone(SQLModel, table=True):
    """A job of the calendar, done for this day."""

    __tablename__ = "days_done"
    name: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    at: datetime = moment()


async def first_time(work: Work, name: str, day: date) -> bool:
    """Notes that a job is done for this day, with the work that does it; False where it was done already."""
    row = insert_into(work.session, DayDone, name=name, day=day, at=work.now).on_conflict_do_nothing()
    done = await work.session.execute(row.returning(col(DayDone.name)))
    return done.first() is not None  # an INSERT's rowcount is -1 on PostgreSQL
