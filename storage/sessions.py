"""Sessions on the web: a link lets its employee in once, within ten minutes; leaving ends everything at once.

Only hashes are kept, so that nobody who reads the database, or a backup of it, can sign in with what they see.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from config.text import t
from storage.errors import Refusal
from storage.people import Employee
from storage.people import find as find_person
from storage.tables import moment
from storage.work import Work

INVITATION_LASTS = timedelta(minutes=10)
SESSION_LASTS = timedelta(days=30)


class WebInvitation(SQLModel, table=True):
    """A sign-in link, by the hash of its token."""

    __tablename__ = "web_invitations"
    token_hash: str = Field(primary_key=True)
    employee_id: int = Field(foreign_key="employees.id", index=True)
    expires_at: datetime = moment()
    used_at: datetime | None = moment(default=None)


class WebSession(SQLModel, table=True):
    """Somebody signed in on a browser, by the hash of its cookie."""

    __tablename__ = "web_sessions"
    token_hash: str = Field(primary_key=True)
    employee_id: int = Field(foreign_key="employees.id", index=True)
    opened_at: datetime = moment()
    expires_at: datetime = moment()
    ended_at: datetime | None = moment(default=None)


async def invite(work: Work, employee: Employee) -> str:
    """A token for a sign-in link: 256 bits, good once, for ten minutes. Ends the person's earlier unused ones."""
    token = secrets.token_urlsafe(32)
    await work.session.execute(
        delete(WebInvitation).where(col(WebInvitation.employee_id) == employee.id, col(WebInvitation.used_at).is_(None))
    )
    work.session.add(
        WebInvitation(token_hash=_hash(token), employee_id=employee.id, expires_at=work.now + INVITATION_LASTS)
    )
    work.note("sessions.invite", f"employees:{employee.id}")
    return token


async def open(work: Work, token: str) -> str:
    """Uses up a sign-in link and begins a session: the cookie's token, always a new one.

    Raises `Refusal`, with the same words, for a link that is unknown, used, too old, or a leaver's.
    """
    used = await work.session.execute(
        update(WebInvitation)
        .where(
            col(WebInvitation.token_hash) == _hash(token),
            col(WebInvitation.used_at).is_(None),
            col(WebInvitation.expires_at) > work.now,
        )
        .values(used_at=work.now)
        .returning(col(WebInvitation.employee_id))
    )
    employee_id = used.scalar_one_or_none()
    employee = await find_person(work.session, employee_id) if employee_id is not None else None
    if employee is None:
        raise Refusal(t("This link has been used or is too old. Please ask for a new one."))
    session_token = secrets.token_urlsafe(32)
    work.session.add(
        WebSession(
            token_hash=_hash(session_token),
            employee_id=employee.id,
            opened_at=work.now,
            expires_at=work.now + SESSION_LASTS,
        )
    )
    work.note("sessions.open", f"employees:{employee.id}")
    return session_token


async def find(session: AsyncSession, token: str, now: datetime) -> int | None:
    """Whose session this is; None where it is unknown, ended or over, or its employee has left."""
    return await session.scalar(
        select(col(WebSession.employee_id))
        .join(Employee, col(Employee.id) == col(WebSession.employee_id))
        .where(
            col(WebSession.token_hash) == _hash(token),
            col(WebSession.ended_at).is_(None),
            col(WebSession.expires_at) > now,
            col(Employee.left_at).is_(None),
        )
    )


async def end(work: Work, token: str) -> None:
    """Signs out of one browser. No such session is no error."""
    await work.session.execute(
        update(WebSession)
        .where(col(WebSession.token_hash) == _hash(token), col(WebSession.ended_at).is_(None))
        .values(ended_at=work.now)
    )


async def end_all(work: Work, employee_id: int) -> None:
    """Ends every session of a person, and their unused links."""
    await work.session.execute(
        update(WebSession)
        .where(col(WebSession.employee_id) == employee_id, col(WebSession.ended_at).is_(None))
        .values(ended_at=work.now)
    )
    await work.session.execute(
        delete(WebInvitation).where(col(WebInvitation.employee_id) == employee_id, col(WebInvitation.used_at).is_(None))
    )


async def forget_old(work: Work) -> None:
    """Drops links and sessions that have been over for a day."""
    day_ago = work.now - timedelta(days=1)
    await work.session.execute(delete(WebInvitation).where(col(WebInvitation.expires_at) < day_ago))
    await work.session.execute(delete(WebSession).where(col(WebSession.expires_at) < day_ago))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
