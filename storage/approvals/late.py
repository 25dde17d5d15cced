"""What becomes of seats that nobody decides: a reminder, word to the head, and at the end what the step's rule says.

A rule never grants what nobody would answer for: not above a budget, and not where a second confirmation is wanted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import col

from config.handbook.approvals import Step
from config.handbook.approvals.chain import Mark, Place
from storage import people
from storage.approvals import claiming, clock, filling, seating, seconds
from storage.approvals.deciding import decide
from storage.approvals.going import Going, Went
from storage.approvals.holding import hold
from storage.approvals.rights import steward_of
from storage.approvals.tables import Request, Status, Task
from storage.approvals.trail import record
from storage.due import Due
from storage.errors import Refusal
from storage.people import Employee
from storage.work import Work, undone_if_refused

Told = Literal["remind", "late", "escalate", "approve", "reject"]


@dataclass(frozen=True, slots=True)
class Chasing(Due):
    """Seats of which somebody must be told now. The request is held first, as by all who act on it."""

    async def take(self, work: Work, row_id: int) -> Task | None:
        """The seat, if it still is due and nobody else acts on its request."""
        request = select(col(Task.request_id)).where(col(Task.id) == row_id, col(Task.chase_at) <= work.now)
        held = await work.session.execute(
            select(col(Request.id)).where(col(Request.id).in_(request)).with_for_update(skip_locked=True)
        )
        if held.first() is None:
            return None
        rows = await work.session.execute(
            select(Task).where(col(Task.id) == row_id, col(Task.chase_at) <= work.now)
            .execution_options(populate_existing=True)
        )  # fmt: skip
        return rows.scalar_one_or_none()


chasing = Chasing("approvals.chasing", Task, col(Task.chase_at))
"""Seats of which somebody must be told now."""


@dataclass(frozen=True, slots=True)
class Chased:
    """What happened to a seat: its person is told to `remind` them or that they are `late`, their head on `escalate`;
    on `approve` and `reject` its rule has decided, and `went` says what came of it. `why` a rule did not, in a word:
    `budget`, `second`, `advice`, `fills`."""

    kind: Told
    request: Request
    task: Task
    person: Employee | None
    told: list[Employee] = field(default_factory=list)
    went: Went | None = None
    why: str = ""


async def chase(work: Work, task: Task) -> Chased | None:
    """Does the highest thing that is due about a seat, once; None where nothing is, or nothing is to be decided there.

    After a stop over several of them only the highest is told, so that old news does not come as a flood.
    """
    going = await hold(work, task.request_id)
    seat = next((one for one in going.tasks if one.id == task.id), None)
    if seat is None or not _waits(going, seat):
        await _stamp(work, task, None, task.chased)
        return None
    rule = going.frozen.template.steps[seat.step]
    calendar = work.handbook.calendar
    rungs = clock.ladder(calendar, seat.due_at, rule) if seat.due_at is not None else ()
    due = [rung.name for rung in rungs if rung.at <= work.now and clock.height(rung.name) > clock.height(seat.chased)]
    name = max(due, key=clock.height, default="remind" if rule.remind_every else "")
    if name == "timeout":
        return await _decided(work, going, seat, rule)
    chased = name if clock.height(name) > clock.height(seat.chased) else seat.chased
    await _stamp(work, seat, clock.next_at(calendar, work.now, seat.due_at, chased, rule), chased)
    is_told = name and not (name == "remind" and claiming.spares(going, seat))
    return await _told(work, going, seat, name) if is_told else None


def _waits(going: Going, seat: Task) -> bool:
    request = going.request
    return seat.status == Mark.OPEN and request.status == Status.PENDING and request.paused_at is None


async def _decided(work: Work, going: Going, seat: Task, rule: Step) -> Chased:
    """What the step's rule says, where it may; else the head hears of it, and somebody has to decide."""
    why = "advice" if seat.place == Place.LENT else ""
    if rule.on_timeout == "approve" and not why:
        why = "second" if await seconds.needs(work, going.request, seat) else ""
        why = why or ("fills" if filling.asked_at(going.frozen.template, going.request, seat) else "")
    if not why:
        done = await _by_rule(work, going, seat, rule)
        if done is not None:
            return done
        going = await hold(work, seat.request_id)
        seat = next(one for one in going.tasks if one.id == seat.id)
        why = "budget"
    after = clock.next_at(work.handbook.calendar, work.now, seat.due_at, "timeout", rule)
    await _stamp(work, seat, after, "timeout")
    return await _told(work, going, seat, "escalate", why)


async def _by_rule(work: Work, going: Going, seat: Task, rule: Step) -> Chased | None:
    """The rule's decision; None where a budget does not allow it, and then nothing has happened."""
    kind: Told = "approve" if rule.on_timeout == "approve" else "reject"
    mark = Mark.APPROVED if kind == "approve" else Mark.REJECTED
    person = await people.find(work.session, seat.person_id)
    try:
        async with undone_if_refused(work):
            went = await decide(going, seat, mark, "timeout", detail=kind)
    except Refusal:
        return None
    return Chased(kind, going.request, seat, person, [person] if person is not None else [], went)


async def _told(work: Work, going: Going, seat: Task, name: str, why: str = "") -> Chased:
    kind: Told = "escalate" if name == "escalate" else "late" if name == "late" else "remind"
    person = await people.find(work.session, seat.person_id)
    told = person
    if kind == "escalate":
        told = await seating.over(work, person) if person is not None else None
        told = told or await steward_of(work, going.frozen.steward)
    ids = [told.id] if told is not None else []
    await record(work, going.request, kind, task=seat, to=ids, detail=why)
    return Chased(kind, going.request, seat, person, [told] if told is not None else [], why=why)


async def _stamp(work: Work, task: Task, at: datetime | None, chased: str) -> None:
    """Notes when somebody is told next. The seat's version stays: nobody's button goes stale by a reminder."""
    done = await work.session.execute(
        update(Task).where(col(Task.id) == task.id).values(chase_at=at, chased=chased)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    assert isinstance(done, CursorResult)
    set_committed_value(task, "chase_at", at)
    set_committed_value(task, "chased", chased)
