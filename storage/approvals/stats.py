"""How fast requests are decided: by template and step, of the last ninety days, in working time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlmodel import col

from config.handbook.approvals.chain import Mark, Place
from config.text import Label
from storage import people
from storage.approvals.definitions import frozen_by
from storage.approvals.rights import is_steward
from storage.approvals.tables import Request, Status, Task
from storage.work import Work

DAYS = timedelta(days=90)
MOST = 20_000
"""So many seats are counted, the latest ones: more would keep everybody waiting."""


@dataclass(frozen=True, slots=True)
class Pace:
    """One step of a template: how many were decided, in how much working time (half, nine of ten), and what waits."""

    template: str
    name: Label
    step: Label
    decided: int
    median: timedelta | None
    slow: timedelta | None
    open: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Paces:
    """The steps, and whose they are: everybody's (`all`), those of departments that the actor leads, their own."""

    whose: str
    steps: tuple[Pace, ...]


@dataclass(slots=True)
class _Count:
    order: int
    took: list[timedelta] = field(default_factory=list)
    open: set[int] = field(default_factory=set)
    overdue: set[int] = field(default_factory=set)


async def paces(work: Work, template: str | None = None) -> Paces:
    """For whoever keeps the approvals all; for heads what their departments asked for; for others what they decide."""
    whose, theirs = await _theirs(work)
    query = (
        select(
            col(Request.template), col(Request.digest), col(Task.step), col(Task.status),
            col(Task.opened_at), col(Task.decided_at), col(Task.due_at), col(Request.id),
        )
        .join(Request, col(Request.id) == col(Task.request_id))
        .where(_counted(work.now), *theirs, *((col(Request.template) == template,) if template else ()))
        .order_by(col(Task.id).desc())
        .limit(MOST)
    )  # fmt: skip
    rows = (await work.session.execute(query)).all()
    return Paces(whose, await _summed(work, rows))


async def _theirs(work: Work) -> tuple[str, list[Any]]:
    if await is_steward(work, work.actor):
        return "all", []
    led = (await people.leads(work)).get(work.actor.id, frozenset())
    own = or_(col(Task.person_id) == work.actor.id, col(Task.decided_by_id) == work.actor.id)
    return ("led", [or_(col(Request.department).in_(led), own)]) if led else ("own", [own])


def _counted(now: datetime) -> Any:
    decided = and_(col(Task.status).in_((Mark.APPROVED, Mark.REJECTED)), col(Task.decided_at) >= now - DAYS)
    waits = and_(
        col(Task.status) == Mark.OPEN, col(Request.status) == Status.PENDING, col(Task.round) == col(Request.round)
    )
    return and_(or_(decided, waits), col(Task.opened_at).is_not(None), col(Task.place) != Place.LENT)


async def _summed(work: Work, rows: Sequence[Any]) -> tuple[Pace, ...]:
    frozen = await frozen_by(work.session, {row[1] for row in rows})
    counts: dict[tuple[str, Label, Label], _Count] = {}
    for key, digest, step, status, opened_at, decided_at, due_at, request_id in rows:
        template = frozen[digest].template
        if not 0 <= step < len(template.steps):
            continue
        count = counts.setdefault((key, template.name, template.steps[step].name), _Count(step))
        if status == Mark.OPEN:
            count.open.add(request_id)  # once, however many may decide on it
            if due_at is not None and due_at < work.now:
                count.overdue.add(request_id)
        else:
            count.took.append(work.handbook.calendar.between(opened_at, decided_at))
    found = sorted(counts.items(), key=lambda item: (item[0][0], item[1].order))
    return tuple(
        Pace(*key, len(one.took), _share(one.took, 50), _share(one.took, 90), len(one.open), len(one.overdue))
        for key, one in found
    )


def _share(took: list[timedelta], percent: int) -> timedelta | None:
    """The time within which so many of a hundred were decided (the nearest rank)."""
    return sorted(took)[-(-len(took) * percent // 100) - 1] if took else None
