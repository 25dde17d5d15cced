"""Complaint tickets: received from anyone, taken by the team, answered within the promise, chased when they are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, Select, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from config.handbook.complaints import Step as Rung
from config.text import t
from storage import history, people
from storage.authority import NOT_THERE, Rights, allows, require
from storage.due import Due
from storage.errors import Refusal
from storage.history import Step, move, step
from storage.people import Employee
from storage.prepared import Added
from storage.tables import id_of_number, moment
from storage.work import Work

FIRST = 1000
"""Numbers start behind this, so that nobody reads "complaint 3" as "they have only had three"."""
PAGE = 10


class Status(StrEnum):
    """Where a ticket stands."""

    OPEN = "open"
    TAKEN = "taken"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Relation(StrEnum):
    """What a person is to a ticket. Nobody else sees it; not even the administrator."""

    REPORTER = "reporter"
    OWNER = "owner"
    TEAM = "team"
    HEAD = "head"


OPEN, TAKEN, RESOLVED, CLOSED = Status
UNANSWERED = (OPEN, TAKEN)
ANSWERED = (RESOLVED, CLOSED)
ALWAYS = tuple(Status)

TAKES = {OPEN: {TAKEN}}
ASSIGNS = {OPEN: {TAKEN}, TAKEN: {TAKEN}}
RESOLVES = {TAKEN: {RESOLVED}}
CLOSES = {OPEN: {CLOSED}, RESOLVED: {CLOSED}}
REOPENS = {RESOLVED: {OPEN, TAKEN}, CLOSED: {OPEN, TAKEN}}
STAYS = {OPEN: {OPEN}, TAKEN: {TAKEN}}

REPORTER, OWNER, TEAM, HEAD = Relation
RIGHTS: Rights = {
    "see": {REPORTER: ALWAYS, OWNER: ALWAYS, TEAM: ALWAYS, HEAD: ALWAYS},
    "note": {REPORTER: ALWAYS, OWNER: ALWAYS, TEAM: ALWAYS, HEAD: ALWAYS},
    "take": {TEAM: (OPEN,), HEAD: (OPEN,)},
    "assign": {OWNER: UNANSWERED, TEAM: (OPEN,), HEAD: UNANSWERED},
    "resolve": {OWNER: (TAKEN,), HEAD: (TAKEN,)},
    "close": {REPORTER: (RESOLVED,), OWNER: (RESOLVED,), TEAM: (RESOLVED,), HEAD: (OPEN, RESOLVED)},
    "reopen": {REPORTER: ANSWERED, OWNER: ANSWERED, TEAM: ANSWERED, HEAD: ANSWERED},
    "escalate": {REPORTER: UNANSWERED, OWNER: UNANSWERED, TEAM: UNANSWERED, HEAD: UNANSWERED},
}

_UNANSWERED = text("status IN ('open','taken')")
_CHASED = text("chase_at IS NOT NULL")


def _partial(name: str, *columns: str, where=_UNANSWERED) -> Index:  # type: ignore[no-untyped-def]  # a text clause
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


class Ticket(SQLModel, table=True):
    """A complaint. `chase_at` is when somebody must next be told that it waits; `chased` is who was told last."""

    __tablename__ = "tickets"
    __table_args__ = (
        CheckConstraint("status IN ('open','taken','resolved','closed')", name="status"),
        CheckConstraint("urgency IN ('normal','high','critical')", name="urgency"),
        CheckConstraint("(status <> 'taken') OR owner_id IS NOT NULL", name="owned"),
        _partial("ix_tickets_owner", "owner_id", "answer_by", "id"),
        _partial("ix_tickets_open", "department", "answer_by", "id"),
        _partial("ix_tickets_chase", "chase_at", where=_CHASED),
        _partial("ix_tickets_waiting", "reporter_id", "answer_by", "id"),
        Index("ix_tickets_reporter", "reporter_id", "id"),
    )
    id: int = Field(default=None, primary_key=True)
    version: int = 1
    status: str = OPEN
    customer: str
    contact: str = ""
    what: str
    kind: str
    urgency: str
    department: str
    reporter_id: int = Field(foreign_key="employees.id")
    owner_id: int | None = Field(default=None, foreign_key="employees.id")
    received_at: datetime = moment()
    promised_at: datetime = moment()
    answer_by: datetime = moment()
    answer: str = ""
    answered_at: datetime | None = moment(default=None)
    chase_at: datetime | None = moment(default=None)
    chased: str = ""
    escalated: int = 0
    files: str = "[]"

    @property
    def number(self) -> str:
        """How people call it: `C-1042`."""
        return f"C-{FIRST + self.id}"


class Note(SQLModel, table=True):
    """What somebody wrote about a ticket, in its thread or by its button."""

    __tablename__ = "ticket_notes"
    id: int = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="tickets.id", index=True)
    at: datetime = moment()
    by_id: int = Field(foreign_key="employees.id")
    via: str = ""
    text: str
    files: str = "[]"


unanswered = Due("tickets.unanswered", Ticket, col(Ticket.chase_at))
"""Tickets about which somebody must be told now."""


_RECEIVED = Added(Ticket)


def id_of(words: str) -> int | None:
    """The id that a number means, as people type it (`C-1042`, `c1042`, `1042`, full-width too); None if it is none."""
    return id_of_number(words, "C", FIRST)


async def receive(
    work: Work, *, customer: str, what: str, contact: str = "", urgency: str = "normal", kind: str = "other",
    files: str = "[]",
) -> Ticket:  # fmt: skip
    """Keeps a complaint, with the moment by which the handbook promises an answer, in working time."""
    chapter, calendar = work.handbook.complaints, work.handbook.calendar
    answer_by = chapter.answer_by(calendar, work.now, urgency)
    values: dict[str, Any] = {
        "version": 1, "status": str(OPEN), "customer": customer, "contact": contact, "what": what, "kind": kind,
        "urgency": urgency, "department": chapter.department, "reporter_id": work.actor.id, "owner_id": None,
        "received_at": work.now, "promised_at": work.now, "answer_by": answer_by, "answer": "", "answered_at": None,
        "chase_at": chapter.warn_at(calendar, work.now, answer_by), "chased": "", "escalated": 0, "files": files,
    }  # fmt: skip
    ticket = await _RECEIVED.row(work.session, **values)
    await step(work, history.about(ticket), "tickets.receive", after=OPEN)
    return ticket


async def relations(work: Work, ticket: Ticket, person: Employee) -> set[Relation]:
    """What a person is to this ticket; empty for somebody whom it does not concern."""
    found = set()
    if ticket.reporter_id == person.id:
        found.add(REPORTER)
    if ticket.owner_id == person.id:
        found.add(OWNER)
    if ticket.department == person.department:
        found.add(TEAM)
    if await people.is_over(work, person, ticket.department):
        found.add(HEAD)
    return found


async def see(work: Work, ticket_id: int) -> Ticket:
    """The ticket, if the actor may see it. Raises `Refusal` in the same words where it does not exist."""
    ticket = (await work.session.execute(select(Ticket).where(col(Ticket.id) == ticket_id))).scalar_one_or_none()
    if ticket is not None and allows(RIGHTS, "see", await relations(work, ticket, work.actor), ticket.status):
        return ticket
    raise Refusal(NOT_THERE, denied=True)


async def may(work: Work, ticket: Ticket, action: str) -> None:
    """Raises `Refusal`, in words that say why, where the actor may not do this to the ticket as it stands."""
    who = await relations(work, ticket, work.actor)
    if not allows(RIGHTS, "see", who, ticket.status):
        raise Refusal(NOT_THERE, denied=True)
    ever = any(relation in RIGHTS[action] for relation in who)
    why = (
        t("As complaint {number} stands now, that is for whoever has it, or for a head.", number=ticket.number)
        if ever
        else t("That is for the team that answers complaints, or for whoever has taken this one.")
    )
    if ever and action == "resolve" and ticket.status == OPEN:
        why = t("Nobody has taken {number} yet. Take it first, then resolve it.", number=ticket.number)
    require(work, RIGHTS, action, who, ticket.status, history.about(ticket), why)


async def take(work: Work, ticket: Ticket) -> None:
    """Takes an open ticket for the actor. Of two at once exactly one has it."""
    await may(work, ticket, "take")
    await move(work, ticket, TAKEN, TAKES, "tickets.take", owner_id=work.actor.id)


async def assign(work: Work, ticket: Ticket, to_id: int) -> Employee:
    """Gives a ticket to a member of its team, or to a head over it, who is then its owner."""
    await may(work, ticket, "assign")
    person = await people.find(work.session, to_id)
    if person is None or not await relations(work, ticket, person) & {TEAM, HEAD}:
        raise Refusal(t("Only somebody of the team that answers complaints can have it. Please choose another."), "to")
    if person.id == ticket.owner_id:
        raise Refusal(t("{name} has it already.", name=person.name), "to")
    await move(work, ticket, TAKEN, ASSIGNS, "tickets.assign", owner_id=person.id)
    return person


async def resolve(work: Work, ticket: Ticket, answer: str) -> None:
    """Notes what the customer was told; the promise is kept, and nobody is chased any more."""
    await may(work, ticket, "resolve")
    await move(
        work,
        ticket,
        RESOLVED,
        RESOLVES,
        "tickets.resolve",
        answer=answer,
        answered_at=work.now,
        chase_at=None,
    )


async def close(work: Work, ticket: Ticket) -> None:
    """Ends a ticket that is answered; a head may end one that nobody has taken."""
    await may(work, ticket, "close")
    await move(work, ticket, CLOSED, CLOSES, "tickets.close", chase_at=None)


async def reopen(work: Work, ticket: Ticket, why: str) -> None:
    """Takes up an answered ticket again, with a new promise from now, for whoever had it if they still work here."""
    await may(work, ticket, "reopen")
    chapter, calendar = work.handbook.complaints, work.handbook.calendar
    answer_by = chapter.answer_by(calendar, work.now, ticket.urgency)
    owner = await people.find(work.session, ticket.owner_id) if ticket.owner_id else None
    await move(
        work, ticket, TAKEN if owner else OPEN, REOPENS, "tickets.reopen",
        owner_id=owner.id if owner else None, promised_at=work.now, answer_by=answer_by, answered_at=None,
        chase_at=chapter.warn_at(calendar, work.now, answer_by), chased="", escalated=0,
    )  # fmt: skip
    await note(work, ticket, why)


async def escalate(work: Work, ticket: Ticket) -> Employee:
    """Brings a ticket before the head, and the next time before the head's head; never before the actor.

    Returns who is to be told.
    """
    await may(work, ticket, "escalate")
    level = ticket.escalated + 1
    person = await _level(work, ticket, level)
    if person is not None and person.id == work.actor.id:
        level += 1
        person = await _level(work, ticket, level)
    if person is None or level > 2:
        raise Refusal(t("{number} is with the highest head already.", number=ticket.number))
    await move(work, ticket, ticket.status, STAYS, "tickets.escalate", escalated=level)
    return person


async def _level(work: Work, ticket: Ticket, level: int) -> Employee | None:
    head = await people.head_of(work, ticket.department)
    return head if head is None or level == 1 else await people.head_above(work, head)


async def note(work: Work, ticket: Ticket, words: str, files: str = "[]") -> Note:
    """Keeps what the actor wrote with the ticket. Its version stays, so that nobody's button goes stale by it."""
    await may(work, ticket, "note")
    written = Note(ticket_id=ticket.id, at=work.now, by_id=work.actor.id, via=work.via, text=words, files=files)
    work.session.add(written)
    await step(work, history.about(ticket), "tickets.note")
    return written


@dataclass(frozen=True, slots=True)
class Chase:
    """Who hears that a ticket waits: `warn` the team or its owner, the `head`, the `upper` one."""

    rung: Rung
    told: Employee | None


async def chase(work: Work, ticket: Ticket) -> Chase | None:
    """Climbs the ladder to the highest rung that is due, once; None where that is not now, or was done by another.

    After a stop over several rungs only the highest is told, so that old news does not come as a flood.
    """
    chapter, calendar = work.handbook.complaints, work.handbook.calendar
    due = [
        rung.step for rung in chapter.ladder(calendar, ticket.promised_at, ticket.answer_by)
        if rung.at <= work.now and _height(rung.step) > _height(ticket.chased)
    ]  # fmt: skip
    rung = due[-1] if due else ticket.chased
    after = chapter.next_rung(calendar, ticket.promised_at, ticket.answer_by, rung or None)  # type: ignore[arg-type]  # "" is none
    raised = {"escalated": max(ticket.escalated, _height(rung) - 1)} if due else {}
    mine = await history.once(
        work,
        ticket,
        "chase_at",
        ticket.chase_at,
        after.at if after else None,
        f"tickets.chase.{rung}",
        chased=rung,
        **raised,
    )
    if not mine or not due:
        return None
    return Chase(due[-1], await _level(work, ticket, _height(due[-1]) - 1) if due[-1] != "warn" else None)


def _height(rung: str) -> int:
    return ("", "warn", "head", "upper").index(rung)


@dataclass(frozen=True, slots=True)
class Case:
    """A ticket with all that its card shows."""

    ticket: Ticket
    reporter: Employee
    owner: Employee | None
    notes: Sequence[tuple[Note, Employee]]
    steps: Sequence[tuple[Step, Employee | None]]


async def case(session: AsyncSession, ticket_id: int) -> Case | None:
    """A ticket as it stands, with its people, its latest three notes and its steps; None if there is none."""
    ticket = await session.get(Ticket, ticket_id)
    if ticket is None:
        return None
    steps = await history.steps(session, history.about(ticket))
    notes = await session.execute(
        select(Note, Employee).join(Employee, col(Employee.id) == col(Note.by_id))
        .where(col(Note.ticket_id) == ticket.id).order_by(col(Note.id).desc()).limit(3)
    )  # fmt: skip
    ids = {ticket.reporter_id, ticket.owner_id, *[one.by_id for one in steps]} - {None}
    rows = await session.execute(select(Employee).where(col(Employee.id).in_(ids)))
    who = {person.id: person for person in rows.scalars()}
    return Case(
        ticket, who[ticket.reporter_id], who.get(ticket.owner_id or 0),
        [(note, person) for note, person in notes.all()][::-1],
        [(one, who.get(one.by_id or 0)) for one in steps if one.what != "tickets.note"],
    )  # fmt: skip


async def all_notes(session: AsyncSession, ticket_id: int, limit: int = 40) -> list[tuple[Note, Employee]]:
    """The latest notes of a ticket with who wrote them, oldest first."""
    rows = await session.execute(
        select(Note, Employee).join(Employee, col(Employee.id) == col(Note.by_id))
        .where(col(Note.ticket_id) == ticket_id).order_by(col(Note.id).desc()).limit(limit)
    )  # fmt: skip
    return [(note, person) for note, person in rows.all()][::-1]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list, and where the next one starts (None at the end)."""

    tickets: Sequence[Ticket]
    after: int | None


async def mine(work: Work, after: int | None = None) -> Page:
    """The actor's own that wait for an answer, the most pressing first."""
    return await _page(work, select(Ticket).where(col(Ticket.owner_id) == work.actor.id), after)


async def open_(work: Work, after: int | None = None) -> Page:
    """All that wait for an answer and that the actor may see: the team's, or the ones that they reported."""
    return await _page(work, await _visible(work), after)


async def overdue(work: Work, after: int | None = None) -> Page:
    """Those whose promise is missed, and that the actor may see."""
    return await _page(work, (await _visible(work)).where(col(Ticket.answer_by) < work.now), after)


async def reported(work: Work, after: int | None = None) -> Page:
    """Those that the actor reported, in whatever state, the newest first."""
    query = select(Ticket).where(col(Ticket.reporter_id) == work.actor.id)
    if after is not None:
        query = query.where(col(Ticket.id) < after)
    rows = (await work.session.execute(query.order_by(col(Ticket.id).desc()).limit(PAGE + 1))).scalars().all()
    return Page(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)


async def _visible(work: Work) -> Select[Ticket]:
    department = work.handbook.complaints.department
    if work.actor.department == department or await people.is_over(work, work.actor, department):
        return select(Ticket).where(col(Ticket.department) == department)
    return select(Ticket).where(col(Ticket.reporter_id) == work.actor.id)


async def _page(work: Work, query: Select[Ticket], after: int | None) -> Page:
    query = query.where(_UNANSWERED)  # in the index's own words: bound values would not match a partial index
    if after is not None:
        last = await work.session.get(Ticket, after)
        if last is not None:
            here = (col(Ticket.answer_by), col(Ticket.id))
            query = query.where(tuple_(*here) > tuple_(last.answer_by, last.id))
    query = query.order_by(col(Ticket.answer_by), col(Ticket.id)).limit(PAGE + 1)
    rows = (await work.session.execute(query)).scalars().all()
    return Page(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)


async def hand_back(work: Work, person: Employee) -> list[Ticket]:
    """Opens again what a leaver had taken, so that nothing stays with somebody who is gone."""
    rows = await work.session.execute(
        select(Ticket).where(col(Ticket.owner_id) == person.id, col(Ticket.status) == TAKEN)
    )
    orphaned = list(rows.scalars())
    for ticket in orphaned:
        await move(work, ticket, OPEN, {TAKEN: {OPEN}}, "tickets.hand_back", owner_id=None)
    return orphaned
