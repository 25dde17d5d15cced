"""Interviews: forms that are asked question by question in a private chat, where a platform has no forms to fill in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, CursorResult, Index, and_, delete, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Field, SQLModel, col

from config.text import t
from storage.errors import Refusal
from storage.outbox import Outgoing
from storage.people import Employee
from storage.places import Address
from storage.tables import moment
from storage.work import Work

LASTS = timedelta(hours=24)
"""So long after the last answer an interview may be gone on with; then it is over, and says so."""
KEPT = timedelta(days=7)
"""So long after that what was answered is kept, for those who come back to it."""
OPEN, ASIDE, SENT, DROPPED = "open", "aside", "sent", "dropped"
ANSWERED = t("That question was answered already. It goes on in the newest message.")


class Interview(SQLModel, table=True):
    """One form that one person is being asked in one private chat; at most one is open there.

    `asking` is the form (JSON), `answers` what has been answered so far (JSON), `at` the question that is asked now
    (the number of questions: all are answered, and it waits to be sent), `shown` the ordinal of the message that
    asks it, `view` what that message shows beside (JSON: a page, a month, what is marked, what was wrong).
    """

    __tablename__ = "interviews"
    __table_args__ = (
        CheckConstraint("state IN ('open','aside','sent','dropped')", name="state"),
        Index(
            "ix_interviews_open",
            "platform",
            "channel",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )
    id: int = Field(default=None, primary_key=True)
    employee_id: int = Field(foreign_key="employees.id", index=True)
    platform: str
    channel: str
    asking: str
    answers: str = "{}"
    at: int = 0
    shown: int = 1
    view: str = "{}"
    state: str = OPEN
    version: int = 1
    begun_at: datetime = moment()
    expires_at: datetime = moment(index=True)


async def open_at(work: Work, place: Address) -> Interview | None:
    """The interview that is open in a chat, whoever is asked; nobody else changes it before this work ends."""
    return await _one(work, col(Interview.platform) == place.platform, col(Interview.channel) == place.channel,
                      col(Interview.state) == OPEN)  # fmt: skip


async def own(work: Work, interview_id: int) -> Interview | None:
    """The actor's own, however it stands; nobody else changes it before this work ends."""
    return await _one(work, col(Interview.id) == interview_id, col(Interview.employee_id) == work.actor.id)


async def _one(work: Work, *which: Any) -> Interview | None:
    found = select(Interview).where(*which).with_for_update().execution_options(populate_existing=True)
    return (await work.session.execute(found)).scalar_one_or_none()


async def find(session: AsyncSession, interview_id: int) -> Interview | None:
    """The interview with this id, to be shown."""
    return await session.get(Interview, interview_id)


async def stand_in_line(work: Work) -> None:
    """Until this work ends, nothing else is begun for the actor: of two forms at once, one is begun after the other."""
    mine = select(col(Employee.id)).where(col(Employee.id) == work.actor.id)
    await work.session.execute(mine.with_for_update(key_share=True))


async def begin(work: Work, place: Address, **values: Any) -> Interview:
    """Opens an interview with the actor. None may be open in that chat."""
    interview = Interview(
        employee_id=work.actor.id,
        platform=place.platform,
        channel=place.channel,
        begun_at=work.now,
        expires_at=work.now + LASTS,
        **values,
    )
    work.session.add(interview)
    await work.session.flush()
    return interview


async def change(work: Work, interview: Interview, **values: Any) -> None:
    """Takes it one step on, from the version in hand; it lasts anew. Raises `Refusal` where it went on meanwhile."""
    values |= {"version": interview.version + 1, "expires_at": work.now + LASTS}
    done = await work.session.execute(
        update(Interview)
        .where(col(Interview.id) == interview.id, col(Interview.version) == interview.version)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if not isinstance(done, CursorResult) or done.rowcount != 1:
        raise Refusal(ANSWERED)
    for name, value in values.items():
        set_committed_value(interview, name, value)


async def forget(work: Work) -> None:
    """Drops what was sent or dropped a day ago, and what nobody came back to, with the windows onto it."""
    over = or_(
        and_(col(Interview.state).in_((SENT, DROPPED)), col(Interview.expires_at) <= work.now),
        col(Interview.expires_at) <= work.now - KEPT,
    )
    ids = list((await work.session.execute(select(col(Interview.id)).where(over).limit(1000))).scalars())
    if not ids:
        return
    under = aliased(Outgoing)
    await work.session.execute(
        delete(Outgoing)
        .where(
            col(Outgoing.about).in_([f"interviews:{id}" for id in ids]),
            ~select(col(under.id)).where(col(under.under) == col(Outgoing.id)).exists(),
        )
        .execution_options(synchronize_session=False)
    )
    await work.session.execute(
        delete(Interview).where(col(Interview.id).in_(ids)).execution_options(synchronize_session=False)
    )
