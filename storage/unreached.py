"""The unreached: whom a message could not be brought to, and why; never what it said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from storage.outbox import KEPT, NOT_THEIRS, Outgoing
from storage.people import Employee

PAGE = 20
_NOBODY_MISSED = (NOT_THEIRS, "what it shows is gone", "whom it is for has left")
"""Why rows are ended that nobody waits for."""


@dataclass(frozen=True, slots=True)
class Missed:
    """A message that one person did not get on a platform: since when it waited, the platform's reason in its own
    words, the platform by which it went instead (`came_by`), if it did, and the deputy who was told (`stood_in`)."""

    person: Employee
    platform: str
    at: datetime
    why: str
    came_by: str = ""
    stood_in: str = ""


async def page(session: AsyncSession, now: datetime, after: int = 0) -> tuple[list[Missed], bool]:
    """What could not be brought to people in the last thirty days, the newest first; and whether there is more.

    Who has left by now is left out.
    """
    rows = await session.execute(
        select(Employee, Outgoing)
        .join(Outgoing, col(Outgoing.person_id) == col(Employee.id))
        .where(
            col(Outgoing.state) == "dead",
            col(Outgoing.created_at) > now - KEPT,
            col(Outgoing.ref).is_(None),
            col(Outgoing.reason).not_in(_NOBODY_MISSED),
            col(Employee.left_at).is_(None),
        )
        .order_by(col(Outgoing.created_at).desc(), col(Outgoing.id).desc())
        .offset(after)
        .limit(PAGE + 1)
    )
    found = [(person, row) for person, row in rows.all()]
    others = await _sent_instead(session, [row for _, row in found[:PAGE]])
    deputies = await _stood_in(session, [row for _, row in found[:PAGE]])
    missed = [
        Missed(
            person, row.platform, row.created_at, row.reason or "", _came_by(row, others),
            next((name for name, told in deputies if _is_for(told, row)), ""),
        )
        for person, row in found[:PAGE]
    ]  # fmt: skip
    return missed, len(found) > PAGE


async def _sent_instead(session: AsyncSession, rows: Sequence[Outgoing]) -> Sequence[Outgoing]:
    """What was sent to the same people by another platform, after a first one had failed."""
    if not rows:
        return ()
    found = await session.execute(
        select(Outgoing)
        .where(
            col(Outgoing.id) > min(row.id for row in rows),
            col(Outgoing.person_id).in_({row.person_id for row in rows}),
            col(Outgoing.avoid) != "",
            col(Outgoing.state) == "sent",
        )
        .order_by(col(Outgoing.id))
    )
    return found.scalars().all()


async def _stood_in(session: AsyncSession, rows: Sequence[Outgoing]) -> list[tuple[str, Outgoing]]:
    """What went to the deputies of the same people, with their names, the first first."""
    if not rows:
        return []
    found = await session.execute(
        select(col(Employee.name), Outgoing)
        .join(Employee, col(Employee.id) == col(Outgoing.person_id))
        .where(
            col(Outgoing.id) > min(row.id for row in rows),
            col(Outgoing.for_id).in_({row.person_id for row in rows}),
        )
        .order_by(col(Outgoing.id))
    )
    return [(name, row) for name, row in found.all()]


def _is_for(told: Outgoing, row: Outgoing) -> bool:
    return told.for_id == row.person_id and told.record == (row.about or row.record) and told.id > row.id


def _came_by(row: Outgoing, others: Sequence[Outgoing]) -> str:
    same = (row.person_id, row.created_at, row.about, row.face, row.card)
    return next(
        (
            other.platform
            for other in others
            if (other.person_id, other.created_at, other.about, other.face, other.card) == same
            and row.platform in other.avoid.split(",")
        ),
        "",
    )
