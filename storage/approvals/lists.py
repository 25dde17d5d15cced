"""Lists of requests: what waits for me, what I asked for, decided or was told of; and all, for whoever keeps them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, and_, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from config.handbook.approvals import Frozen
from config.handbook.approvals.chain import Mark, Place
from config.text import Money, t
from storage import deputies
from storage.approvals.case import case
from storage.approvals.definitions import frozen_by
from storage.approvals.reading import hidden
from storage.approvals.rights import UNDER_WAY, is_steward
from storage.approvals.tables import FIRST, Copy, Request, Status, Task
from storage.errors import Refusal
from storage.people import Employee, Role
from storage.tables import id_of_number
from storage.work import Work

PAGE = 10
BATCH = 20
"""So many are put before somebody to be decided at once."""
REGISTER = 5000
"""So many stand in one register."""
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Line:
    """A request in a list, with the definition that names it; `task` is the seat that it is listed for.

    `holders` are those whom it waits for, where the list says so; `hidden` the fields that its reader may not read;
    `looking` is who else is looking at it, and since when, where any one is enough.
    """

    request: Request
    frozen: Frozen
    requester: Employee
    task: Task | None = None
    holders: tuple[Employee, ...] = ()
    hidden: frozenset[str] = frozenset()
    looking: tuple[Employee, datetime] | None = None

    def can_wait(self, now: datetime) -> bool:
        """Whether somebody else is looking at it, and it is not late."""
        is_late = self.task is not None and self.task.due_at is not None and self.task.due_at < now
        return self.looking is not None and (not is_late or self.request.paused_at is not None)

    @property
    def worth(self) -> Money | None:
        """What it is about in money, as far as the list's reader may know."""
        return None if self.frozen.template.amount_field in self.hidden else self.request.worth


@dataclass(frozen=True, slots=True)
class Stuck:
    """A request under way, for those who may end it without reading it: where it waits, for whom, since when."""

    request: Request
    frozen: Frozen
    holders: tuple[str, ...]
    since: datetime


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """A page of a list, and where the next one starts (None at the end)."""

    rows: Sequence[R]
    after: int | None


def id_of(words: str) -> int | None:
    """The id that a number means, as people type it (`A-1007`, `a1007`, `1007`, full-width too); None if it is none."""
    return id_of_number(words, "A", FIRST)


async def waiting(work: Work, after: int | None = None) -> Page[Line]:
    """What the actor may decide or advise on now, what has waited longest first. `after` is a seat's id."""
    query = _open_seats().where(col(Task.person_id) == work.actor.id)
    last = await work.session.get(Task, after) if after is not None else None
    if last is not None and last.opened_at is not None:
        query = query.where(tuple_(*_OLDEST) > tuple_(last.opened_at, last.id))
    rows = (await work.session.execute(query.order_by(*_OLDEST).limit(PAGE + 1))).all()
    return _cut(await _lines(work.session, rows), lambda line: line.task.id if line.task else 0)


async def mine(work: Work, after: int | None = None) -> Page[Line]:
    """What the actor asked for, in whatever state, the newest first; with those whom it waits for."""
    page = await _newest(work, select(Request).where(col(Request.requester_id) == work.actor.id), after)
    under_way = [line.request.id for line in page.rows if line.request.status == Status.PENDING]
    held = await _held(work.session, under_way) if under_way else {}
    rows = [
        replace(line, holders=tuple({person.id: person for _, person in held.get(line.request.id, ())}.values()))
        for line in page.rows
    ]
    return Page(rows, page.after)


async def done(work: Work, after: int | None = None) -> Page[Line]:
    """What the actor has decided on, in whatever state it is now, the newest first."""
    page = await _newest_of(
        work, col(Task.request_id), after,
        col(Task.person_id) == work.actor.id,
        col(Task.decided_by_id) == work.actor.id,
        col(Task.status).in_((Mark.APPROVED, Mark.REJECTED)),
    )  # fmt: skip
    return Page([await _as_read(work, line) for line in page.rows], page.after)


async def copied(work: Work, after: int | None = None) -> Page[Line]:
    """What the actor was told of as a copy, the newest first."""
    page = await _newest_of(work, col(Copy.request_id), after, col(Copy.person_id) == work.actor.id)
    return Page([await _as_read(work, line) for line in page.rows], page.after)


async def everything(work: Work, after: int | None = None) -> Page[Line]:
    """All requests, the newest first: for whoever keeps the approvals. Raises `Refusal` for everybody else."""
    await _need_steward(work)
    return await _newest(work, select(Request), after)


async def stuck(work: Work, after: int | None = None) -> Page[Stuck]:
    """All that is under way, the oldest first: for administrators, who see of it where it waits, and nothing else."""
    if work.actor.role != Role.ADMIN and not await is_steward(work, work.actor):
        raise Refusal(t("That list is for whoever keeps the approvals, and for administrators."), denied=True)
    query = select(Request).where(col(Request.status).in_(UNDER_WAY)).order_by(col(Request.id)).limit(PAGE + 1)
    if after is not None:
        query = query.where(col(Request.id) > after)
    lines = await _lines(work.session, [(None, request) for request in (await work.session.execute(query)).scalars()])
    held = await _held(work.session, [line.request.id for line in lines])
    page = _cut(lines, lambda line: line.request.id)
    return Page([_stuck(line, held.get(line.request.id, [])) for line in page.rows], page.after)


async def batch(work: Work, since: datetime | None = None) -> list[Line]:
    """What the actor may decide at once, the oldest first.

    With `since`, what was theirs to decide then, also where it has been decided, passed on or withdrawn meanwhile: so
    that of several that were chosen, each can be said to have gone or not.
    """
    mine = col(Task.person_id) == work.actor.id
    if since is None:
        query = _open_seats().where(mine, col(Task.place) != "lent").limit(BATCH)
    else:
        ever = or_(mine, col(Task.from_id) == work.actor.id, col(Task.for_id) == work.actor.id)
        over = or_(col(Request.status).in_(UNDER_WAY), col(Request.decided_at) >= since - timedelta(seconds=2))
        query = _seats().where(ever, over, col(Task.opened_at) <= since).limit(BATCH * 10)
    return await _lines(work.session, (await work.session.execute(query.order_by(*_OLDEST))).all())


async def waiting_for_each(work: Work) -> dict[int, list[Line]]:
    """What waits for whom, by employee id, what others are looking at last; leavers, and those for whom a deputy stands
    in, are left out."""
    query = _open_seats().join(Employee, col(Employee.id) == col(Task.person_id)).where(col(Employee.left_at).is_(None))
    found: dict[int, list[Line]] = {}
    for line in await _lines(work.session, (await work.session.execute(query.order_by(*_OLDEST))).all()):
        assert line.task is not None  # each stands for a seat
        found.setdefault(line.task.person_id, []).append(line)
    away = [one for one in found if await deputies.running_for(work.session, one, work.now)]
    return {
        person_id: sorted(lines, key=lambda line: line.can_wait(work.now))
        for person_id, lines in found.items()
        if person_id not in away
    }


async def between(work: Work, first: datetime, last: datetime) -> list[Line]:
    """All that was asked for from `first` up to `last`, the oldest first: the register, for whoever keeps them."""
    await _need_steward(work)
    query = select(Request).where(col(Request.filed_at) >= first, col(Request.filed_at) < last)
    rows = await work.session.execute(query.order_by(col(Request.id)).limit(REGISTER))
    return await _lines(work.session, [(None, request) for request in rows.scalars()])


async def newest_of(session: AsyncSession, person_id: int) -> int:
    """The id of what somebody asked for last; 0 where they never asked."""
    rows = await session.execute(select(func.max(col(Request.id))).where(col(Request.requester_id) == person_id))
    return rows.scalar_one() or 0


async def by_ids(session: AsyncSession, ids: Collection[int]) -> list[Request]:
    """The requests with these ids, in their order."""
    if not ids:
        return []
    rows = await session.execute(select(Request).where(col(Request.id).in_(ids)).order_by(col(Request.id)))
    return list(rows.scalars())


_OLDEST: tuple[Any, ...] = (col(Task.opened_at), col(Task.id))


def _seats() -> Select[Task, Request]:
    return select(Task, Request).join(Request, col(Request.id) == col(Task.request_id))


def _open_seats() -> Select[Task, Request]:
    is_open = and_(col(Task.status) == Mark.OPEN, col(Task.round) == col(Request.round))
    return _seats().where(is_open, col(Request.status) == Status.PENDING)


async def _need_steward(work: Work) -> None:
    if not await is_steward(work, work.actor):
        raise Refusal(t("Only whoever keeps the approvals sees all of them."), denied=True)


async def _newest(work: Work, query: Select[Request], after: int | None) -> Page[Line]:
    if after is not None:
        query = query.where(col(Request.id) < after)
    rows = (await work.session.execute(query.order_by(col(Request.id).desc()).limit(PAGE + 1))).scalars()
    return _cut(await _lines(work.session, [(None, request) for request in rows]), lambda line: line.request.id)


async def _newest_of(work: Work, request_id: Any, after: int | None, *which: Any) -> Page[Line]:
    """The newest that something of theirs hangs on: found from there, so that not all requests are gone through."""
    if after is not None:
        which = (*which, request_id < after)
    ids = select(request_id).where(*which).distinct().order_by(request_id.desc()).limit(PAGE + 1)
    return await _newest(work, select(Request).where(col(Request.id).in_(ids)), after)


async def _as_read(work: Work, line: Line) -> Line:
    """The line as the actor may read it."""
    if not line.frozen.template.hidden_somewhere:
        return line
    whole = await case(work.session, line.request.id)
    assert whole is not None  # just listed
    keeps = await is_steward(work, work.actor, line.frozen.steward)
    return replace(line, hidden=hidden(whole, work.actor.id, keeps=keeps))


def _cut(lines: Sequence[Line], key: Any) -> Page[Line]:
    return Page(lines[:PAGE], key(lines[PAGE - 1]) if len(lines) > PAGE else None)


async def _lines(session: AsyncSession, rows: Iterable[Any]) -> list[Line]:
    """Seats (or None) and requests, with the definitions and the requesters."""
    found = [(task, request) for task, request in rows]
    frozen = await frozen_by(session, {request.digest for _, request in found})
    who = await named(session, {request.requester_id for _, request in found})
    lines = [_line(request, frozen[request.digest], who[request.requester_id], task) for task, request in found]
    return await _looked_at(session, lines) if any(_one_is_enough(line) for line in lines) else lines


def _one_is_enough(line: Line) -> bool:
    task = line.task
    return task is not None and task.place == Place.STEP and line.frozen.template.steps[task.step].method == "any"


async def _looked_at(session: AsyncSession, lines: Sequence[Line]) -> list[Line]:
    """The lines with who else is looking at them. Few look at anything at a time, so all who do are asked for."""
    rows = await session.execute(
        select(Task, Employee)
        .join(Employee, col(Employee.id) == col(Task.person_id))
        .where(col(Task.claimed_at).is_not(None))
    )
    found = {(task.request_id, task.round, task.step): (task, person) for task, person in rows.all()}
    return [replace(line, looking=_another(line, found)) for line in lines]


def _another(
    line: Line, found: Mapping[tuple[int, int, int], tuple[Task, Employee]]
) -> tuple[Employee, datetime] | None:
    seat = line.task
    if seat is None or not _one_is_enough(line):
        return None
    task, person = found.get((seat.request_id, seat.round, seat.step), (seat, None))
    return (person, task.claimed_at) if person is not None and task.id != seat.id and task.claimed_at else None


def _line(request: Request, frozen: Frozen, requester: Employee, task: Task | None) -> Line:
    """A line that is listed for a seat shows what may be read from there."""
    is_anothers = task is not None and task.person_id != requester.id
    here = frozen.template.hidden_at([task.step]) if task is not None and is_anothers else frozenset()
    return Line(request, frozen, requester, task, hidden=here)


async def named(session: AsyncSession, ids: Collection[int]) -> dict[int, Employee]:
    """People by their ids, leavers too."""
    rows = await session.execute(select(Employee).where(col(Employee.id).in_(ids)))
    return {person.id: person for person in rows.scalars()}


async def _held(session: AsyncSession, ids: Collection[int]) -> dict[int, list[tuple[Task, Employee]]]:
    rows = await session.execute(
        select(Task, Employee)
        .join(Request, and_(col(Request.id) == col(Task.request_id), col(Request.round) == col(Task.round)))
        .join(Employee, col(Employee.id) == col(Task.person_id))
        .where(col(Task.request_id).in_(ids), col(Task.status) == Mark.OPEN)
        .order_by(*_OLDEST)
    )
    held: dict[int, list[tuple[Task, Employee]]] = {}
    for task, person in rows.all():
        held.setdefault(task.request_id, []).append((task, person))
    return held


def _stuck(line: Line, held: Sequence[tuple[Task, Employee]]) -> Stuck:
    since = [task.opened_at for task, _ in held if task.opened_at is not None]
    names = tuple(person.name for _, person in held)
    if line.request.status == Status.RETURNED:
        names, since = (line.requester.name,), []
    return Stuck(line.request, line.frozen, names, min(since, default=line.request.filed_at))
