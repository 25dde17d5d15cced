"""Forms that were begun and not yet sent: kept for a day, so that neither a restart nor a closed window loses them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlmodel import Field, SQLModel, col

from storage.tables import moment
from storage.work import Work

KEPT = timedelta(days=1)


class Draft(SQLModel, table=True):
    """One person's form as it stands (JSON of the asking), until it is sent, dropped or too old."""

    __tablename__ = "drafts"
    id: int = Field(default=None, primary_key=True)
    employee_id: int = Field(foreign_key="employees.id", index=True)
    asking: str
    expires_at: datetime = moment(index=True)


async def keep(work: Work, asking: str) -> Draft:
    """Keeps a form that the actor was asked, for a day."""
    draft = Draft(employee_id=work.actor.id, asking=asking, expires_at=work.now + KEPT)
    work.session.add(draft)
    await work.session.flush()
    return draft


async def find(work: Work, draft_id: int) -> Draft | None:
    """The actor's own draft; nobody else's, and none that is too old."""
    return (
        await work.session.execute(
            select(Draft).where(
                col(Draft.id) == draft_id,
                col(Draft.employee_id) == work.actor.id,
                col(Draft.expires_at) > work.now,
            )
        )
    ).scalar_one_or_none()


async def forget(work: Work) -> None:
    """Drops what is too old."""
    await work.session.execute(delete(Draft).where(col(Draft.expires_at) <= work.now))
