"""Deputies: who decides for somebody who is away, from when until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import CheckConstraint, Index, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from config.text import Text, When, t
from storage import history, people
from storage.authority import NOT_THERE
from storage.due import Due
from storage.errors import Refusal
from storage.history import move, step
from storage.people import Employee
from storage.tables import moment
from storage.work import Work

LONGEST = timedelta(days=60)
"""A deputy is named for this long at most: who is away for longer needs somebody in their place."""
LINKS = 5
"""Deputies of deputies that are looked for."""

PLANNED, RUNNING, ENDED = "planned", "running", "ended"
BEGINS = {PLANNED: {RUNNING}}
ENDS = {PLANNED: {ENDED}, RUNNING: {ENDED}}


class Deputyship(SQLModel, table=True):
    """`deputy_id` stands in for `person_id` from `begins_at` until `ends_at`. `turn_at` is when it next begins or ends.

    `source` says what it comes from: empty where somebody named their deputy, a record (`leaves:7`) where that did.
    """

    __tablename__ = "deputyships"
    __table_args__ = (
        CheckConstraint("status IN ('planned','running','ended')", name="status"),
        CheckConstraint("person_id <> deputy_id", name="another"),
        CheckConstraint("begins_at < ends_at", name="bounded"),
        Index("ix_deputyships_person", "person_id", "status"),
        Index("ix_deputyships_deputy", "deputy_id", "status"),
        Index(
            "ix_deputyships_turn",
            "turn_at",
            sqlite_where=text("turn_at IS NOT NULL"),
            postgresql_where=text("turn_at IS NOT NULL"),
        ),
    )
    id: int = Field(default=None, primary_key=True)
    version: int = 1
    status: str = "planned"
    person_id: int = Field(foreign_key="employees.id")
    deputy_id: int = Field(foreign_key="employees.id")
    begins_at: datetime = moment()
    ends_at: datetime = moment()
    turn_at: datetime | None = moment(default=None)
    reason: str = ""
    source: str = ""
    made_at: datetime = moment()
    made_by_id: int | None = Field(default=None, foreign_key="employees.id")


turning = Due("deputies.turning", Deputyship, col(Deputyship.turn_at))
"""Deputyships that begin or end now."""


async def name(
    work: Work, deputy_id: int, begins_at: datetime, ends_at: datetime, reason: str = "", *,
    person: Employee | None = None, source: str = "",
) -> Deputyship:  # fmt: skip
    """Names who stands in for `person` (the actor, where nobody is said) from one moment until another.

    What began in the past begins now. Raises `Refusal` for oneself, a leaver, a time that has passed or is longer than
    sixty days, a second deputy at the same time, and a circle of deputies.
    """
    person = person or work.actor
    begins_at = max(begins_at, work.now)
    deputy = await people.find(work.session, deputy_id)
    if deputy is None:
        raise Refusal(t("Only somebody who works here can stand in. Please choose another colleague."), "deputy")
    if deputy.id == person.id:
        raise Refusal(t("Nobody can stand in for themselves. Please choose a colleague."), "deputy")
    if ends_at <= begins_at:
        raise Refusal(t("That ends before it begins. Please check the two days."), "until")
    if ends_at - begins_at > LONGEST:
        raise Refusal(t("A deputy is named for sixty days at most. Please choose an earlier end."), "until")
    await _held(work, person)
    if other := await _at(work.session, person.id, begins_at, ends_at):
        raise Refusal(await _named_already(work, other[0]), "since")
    if await _comes_back(work.session, person.id, deputy.id, begins_at, ends_at):
        why = t("{name} has named a deputy too, and in the end that would be {person}. Please choose somebody else.",
                name=deputy.name, person=person.name)  # fmt: skip
        raise Refusal(why, "deputy")
    ship = Deputyship(
        person_id=person.id, deputy_id=deputy.id, begins_at=begins_at, ends_at=ends_at, turn_at=begins_at,
        reason=reason, source=source, made_at=work.now, made_by_id=work.by.id if work.by else None,
    )  # fmt: skip
    work.session.add(ship)
    await work.session.flush()
    await step(work, history.about(ship), "deputies.name", after=PLANNED, person=person.id, deputy=deputy.id)
    return ship


async def end(work: Work, ship: Deputyship) -> bool:
    """Ends a deputyship now, by whom it stands in for, or by whoever named it. Returns whether it had begun.

    Raises `Refusal` where it has ended already.
    """
    if work.actor.id not in (ship.person_id, ship.made_by_id):
        raise Refusal(NOT_THERE, denied=True)
    had_begun = ship.status == RUNNING
    if ship.status == ENDED:
        raise Refusal(t("That has ended already: nobody stands in by it any more."))
    await move(work, ship, ENDED, ENDS, "deputies.end", turn_at=None)
    return had_begun


async def turn(work: Work, ship: Deputyship) -> Literal["began", "ended"] | None:
    """Begins or ends a deputyship whose time has come; None where that is not now.

    One that began and ended while we were away has only ended.
    """
    if ship.status == ENDED or ship.turn_at is None or work.now < ship.begins_at:
        return None
    if work.now >= ship.ends_at:
        await move(work, ship, ENDED, ENDS, "deputies.end", turn_at=None)
        return "ended"
    if ship.status != PLANNED:
        return None
    await move(work, ship, RUNNING, BEGINS, "deputies.begin", turn_at=ship.ends_at)
    return "began"


async def end_all_of(work: Work, leaver: Employee) -> list[tuple[Deputyship, bool]]:
    """Ends all in which a leaver has a part, on either side; each with whether it had begun."""
    rows = await work.session.execute(
        select(Deputyship)
        .where(
            or_(col(Deputyship.person_id) == leaver.id, col(Deputyship.deputy_id) == leaver.id),
            col(Deputyship.status) != ENDED,
        )
        .order_by(col(Deputyship.id))
    )
    ended = [(ship, ship.status == RUNNING) for ship in rows.scalars()]
    for ship, _ in ended:
        await move(work, ship, ENDED, ENDS, "deputies.end", turn_at=None)
    return ended


async def stand_in(work: Work, person: Employee, avoid: frozenset[int] = frozenset()) -> Employee:
    """Who decides for a person now: themselves, or their deputy, or the deputy's deputy, over five at most.

    Never somebody to `avoid`, a leaver, or one who was asked on the way already: the one before them it is, then.
    """
    stands, asked = person, {person.id}
    for _ in range(LINKS):
        ship = await running_for(work.session, stands.id, work.now)
        deputy = await people.find(work.session, ship.deputy_id) if ship is not None else None
        if deputy is None or deputy.id in asked or deputy.id in avoid:
            break
        asked.add(deputy.id)
        stands = deputy
    return stands


async def see(work: Work, ship_id: int) -> Deputyship:
    """The deputyship, if the actor has a part in it. Raises `Refusal` in the same words where it does not exist."""
    ship = await work.session.get(Deputyship, ship_id)
    if ship is None or work.actor.id not in (ship.person_id, ship.deputy_id, ship.made_by_id):
        raise Refusal(NOT_THERE, denied=True)
    return ship


async def running_for(session: AsyncSession, person_id: int, now: datetime) -> Deputyship | None:
    """By which deputyship somebody stands in for this person at that moment; None where nobody does."""
    found = await _at(session, person_id, now, now + timedelta(microseconds=1))
    return found[0] if found else None


async def of(session: AsyncSession, person_id: int) -> Sequence[Deputyship]:
    """A person's deputyships that have not ended, the first to begin first."""
    rows = await session.execute(
        select(Deputyship)
        .where(col(Deputyship.person_id) == person_id, col(Deputyship.status) != ENDED)
        .order_by(col(Deputyship.begins_at), col(Deputyship.id))
    )
    return rows.scalars().all()


async def by(session: AsyncSession, deputy_id: int) -> Sequence[Deputyship]:
    """The deputyships that have not ended in which this person stands in, the first to begin first."""
    rows = await session.execute(
        select(Deputyship)
        .where(col(Deputyship.deputy_id) == deputy_id, col(Deputyship.status) != ENDED)
        .order_by(col(Deputyship.begins_at), col(Deputyship.id))
    )
    return rows.scalars().all()


async def _at(session: AsyncSession, person_id: int, begins_at: datetime, ends_at: datetime) -> Sequence[Deputyship]:
    rows = await session.execute(
        select(Deputyship)
        .where(
            col(Deputyship.person_id) == person_id, col(Deputyship.status) != ENDED,
            col(Deputyship.begins_at) < ends_at, col(Deputyship.ends_at) > begins_at,
        )
        .order_by(col(Deputyship.begins_at), col(Deputyship.id))
    )  # fmt: skip
    return rows.scalars().all()


async def _comes_back(
    session: AsyncSession, person_id: int, deputy_id: int, begins_at: datetime, ends_at: datetime
) -> bool:
    """Whether deputies of the deputy, at some moment of this time, lead back to the person."""
    asked, to_ask = {deputy_id}, [(deputy_id, begins_at, ends_at)]
    while to_ask:
        who, since, until = to_ask.pop()
        for ship in await _at(session, who, since, until):
            if ship.deputy_id == person_id:
                return True
            if ship.deputy_id not in asked:
                asked.add(ship.deputy_id)
                to_ask.append((ship.deputy_id, max(since, ship.begins_at), min(until, ship.ends_at)))
    return False


async def _held(work: Work, person: Employee) -> None:
    """Of two deputies who are named for one person at once, the second is seen to be the second."""
    row = select(col(Employee.id)).where(col(Employee.id) == person.id)
    await work.session.execute(row.with_for_update(key_share=True))  # who is given a seat meanwhile need not wait


async def _named_already(work: Work, ship: Deputyship) -> Text:
    deputy = await work.session.get(Employee, ship.deputy_id)
    assert deputy is not None  # the deputyship has them as its key
    return t(
        "{name} stands in from {begins} until {ends} already. End that first, or choose another time.",
        name=deputy.name,
        begins=When(ship.begins_at),
        ends=When(ship.ends_at),
    )
