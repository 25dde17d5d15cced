"""Confirmations: "are you sure?", asked by a first press and answered by the same press again within a minute."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Field, SQLModel, col

from storage.tables import insert_into, moment
from storage.work import Work

LASTS = timedelta(minutes=1)
READ_IN = timedelta(seconds=1)
"""Nobody has read the question sooner: a thumb that hit twice, or presses that waited while we were away."""


class Confirmation(SQLModel, table=True):
    """Somebody has been asked whether they mean this press; once for each person and action."""

    __tablename__ = "confirmations"
    employee_id: int = Field(primary_key=True, foreign_key="employees.id")
    action: str = Field(primary_key=True)
    at: datetime = moment()


async def given(work: Work, action: str) -> bool:
    """Whether the actor was asked about this very press within the last minute; else notes that they are asked now.

    A yes is used up by it. Two presses at once, or in a row before the question can have been read, are no yes.
    """
    mine = (col(Confirmation.employee_id) == work.actor.id, col(Confirmation.action) == action)
    asked = await work.session.execute(
        delete(Confirmation)
        .where(*mine, col(Confirmation.at) > work.now - LASTS, col(Confirmation.at) <= work.now - READ_IN)
        .returning(col(Confirmation.at))
    )
    if asked.first() is not None:
        return True
    await work.session.execute(delete(Confirmation).where(*mine))
    row = insert_into(work.session, Confirmation, employee_id=work.actor.id, action=action, at=work.now)
    await work.session.execute(row.on_conflict_do_nothing())
    return False


async def forget(work: Work) -> None:
    """Drops questions that nobody answered."""
    await work.session.execute(delete(Confirmation).where(col(Confirmation.at) <= work.now - LASTS))
