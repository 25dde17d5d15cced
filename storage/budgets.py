"""Budgets: what a department may spend in a period, drawn on by approvals, never overdrawn, whoever acts at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, CheckConstraint, ColumnElement, CursorResult, Index, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from config.text import Label, Money, Words, t
from storage.errors import Refusal
from storage.tables import insert_into, moment
from storage.work import Work

if TYPE_CHECKING:
    from config.handbook.approvals import Allowance


class Budget(SQLModel, table=True):
    """What has been drawn from a department's budget of one period, in the currency's smallest unit."""

    __tablename__ = "budgets"
    __table_args__ = (CheckConstraint("drawn >= 0", name="drawn"),)
    department: str = Field(primary_key=True)
    period: str = Field(primary_key=True)
    currency: str = Field(primary_key=True)
    drawn: int = Field(default=0, sa_type=BigInteger)


class Drawing(SQLModel, table=True):
    """One drawing for a record (`approvals:7`), or its release (negative). The sum of a budget's is what is drawn."""

    __tablename__ = "budget_drawings"
    __table_args__ = (
        Index("ix_budget_drawings_about", "about"),
        Index("ix_budget_drawings_budget", "department", "period"),
    )
    id: int = Field(default=None, primary_key=True)
    department: str
    period: str
    currency: str
    about: str
    minor: int = Field(sa_type=BigInteger)
    at: datetime = moment()
    by_id: int | None = Field(default=None, foreign_key="employees.id")


Key = tuple[str, str, str]
"""A budget's: its department, period and currency."""


async def draw(work: Work, allowance: Allowance, about: str, minor: int) -> None:
    """Draws for a record (`approvals:7`), by one UPDATE that is guarded by the allowance.

    Of several who draw at once, those succeed whom it is enough for. Raises `Refusal` in words that say what is left.
    """
    if minor < 0:
        raise ValueError(f"a drawing is not negative: {minor}")
    if minor == 0:
        return
    key = allowance.key
    is_drawn = 0
    if minor <= allowance.minor:  # what is more than the whole may be more than the column holds
        await _opened(work, key)
        is_drawn = await _changed(work, key, minor, col(Budget.drawn) + minor <= allowance.minor)
    if not is_drawn:
        raise await _overdrawn(work, allowance, minor)
    _kept(work, key, about, minor, "budgets.draw")


async def release(work: Work, about: str) -> int:
    """Gives back what is drawn for a record, to the budgets that it came from, once, however often it is asked.

    Returns how much that was.
    """
    given_back = 0
    for key in sorted(await drawn_for(work, [about])):  # in one order, so that no two wait for each other
        await _held(work, key)
        minor = int(
            await work.session.scalar(
                select(func.coalesce(func.sum(Drawing.minor), 0)).where(col(Drawing.about) == about, *_of(Drawing, key))
            )
            or 0
        )
        if minor > 0:
            await _changed(work, key, -minor)
            _kept(work, key, about, -minor, "budgets.release")
            await work.session.flush()
            given_back += minor
    return given_back


async def drawn_for(work: Work, abouts: Collection[str]) -> set[Key]:
    """The budgets that were ever drawn on for these records."""
    if not abouts:
        return set()
    rows = await work.session.execute(
        select(col(Drawing.department), col(Drawing.period), col(Drawing.currency)).where(
            col(Drawing.about).in_(abouts)
        )
    )
    return {(department, period, currency) for department, period, currency in rows.all()}


async def hold(work: Work, keys: Iterable[Key]) -> None:
    """Takes several budgets before they are drawn on, in one order, so that no two who do so wait for each other."""
    wanted = sorted(set(keys))
    for key in wanted if len(wanted) > 1 else ():
        await _opened(work, key)
        await _held(work, key)


async def drawn(session: AsyncSession, allowance: Allowance) -> int:
    """What has been drawn from a budget."""
    return await session.scalar(select(col(Budget.drawn)).where(*_of(Budget, allowance.key))) or 0


async def drawn_by_period(session: AsyncSession, department: str, currency: str) -> dict[str, int]:
    """What a department has drawn from its budgets in a currency, by their periods."""
    rows = await session.execute(
        select(col(Budget.period), col(Budget.drawn)).where(
            col(Budget.department) == department, col(Budget.currency) == currency
        )
    )
    return {row[0]: row[1] for row in rows}


async def left(session: AsyncSession, allowance: Allowance) -> int:
    """What may still be drawn; never less than nothing, also where the handbook's allowance was lowered since."""
    return max(0, allowance.minor - await drawn(session, allowance))


async def drawings(session: AsyncSession, allowance: Allowance, limit: int = 20) -> Sequence[Drawing]:
    """What drew on a budget, the latest first."""
    rows = await session.execute(
        select(Drawing).where(*_of(Drawing, allowance.key)).order_by(col(Drawing.id).desc()).limit(limit)
    )
    return rows.scalars().all()


async def verify(session: AsyncSession) -> list[str]:
    """The budgets whose drawings do not add up to what is said to be drawn; empty, as it should be."""
    kept = await session.execute(
        select(col(Budget.department), col(Budget.period), col(Budget.currency), col(Budget.drawn))
    )
    columns = (col(Drawing.department), col(Drawing.period), col(Drawing.currency))
    sums = await session.execute(select(*columns, func.sum(Drawing.minor)).group_by(*columns))
    said: dict[Key, int] = {(one[0], one[1], one[2]): int(one[3]) for one in kept.all()}
    summed: dict[Key, int] = {(one[0], one[1], one[2]): int(one[3]) for one in sums.all()}
    return [
        f"{' '.join(key)}: {said.get(key, 0)} is said to be drawn, the drawings come to {summed.get(key, 0)}"
        for key in sorted({*said, *summed})
        if said.get(key, 0) != summed.get(key, 0)
    ]


async def _opened(work: Work, key: Key) -> None:
    department, period, currency = key
    row = insert_into(work.session, Budget, department=department, period=period, currency=currency, drawn=0)
    await work.session.execute(row.on_conflict_do_nothing())


async def _held(work: Work, key: Key) -> None:
    """Nobody else changes this budget, or what is drawn from it, before this work has ended."""
    await work.session.execute(select(col(Budget.drawn)).where(*_of(Budget, key)).with_for_update())


async def _changed(work: Work, key: Key, by: int, *guards: ColumnElement[bool]) -> int:
    done = await work.session.execute(
        update(Budget)
        .where(*_of(Budget, key), *guards)
        .values(drawn=col(Budget.drawn) + by)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(done, CursorResult)
    return done.rowcount


def _of(table: type[Budget] | type[Drawing], key: Key) -> tuple[ColumnElement[bool], ...]:
    department, period, currency = key
    return (col(table.department) == department, col(table.period) == period, col(table.currency) == currency)


def _kept(work: Work, key: Key, about: str, minor: int, what: str) -> None:
    department, period, currency = key
    by_id = work.by.id if work.by else None
    work.session.add(
        Drawing(
            department=department, period=period, currency=currency, about=about, minor=minor, at=work.now, by_id=by_id
        )
    )
    work.note(what, about, department=department, period=period, minor=abs(minor), currency=currency)


async def _overdrawn(work: Work, allowance: Allowance, minor: int) -> Refusal:
    rest = await left(work.session, allowance)
    return Refusal(
        t(
            "The budget of {department} for {period} has {left} left, and this is {amount}. It takes a smaller amount, "
            "or a larger budget in the handbook.",
            department=named(work, allowance.department),
            period=allowance.called,
            left=Money(rest, allowance.currency),
            amount=Money(minor, allowance.currency),
        )
    )


def named(work: Work, department: str) -> Words:
    """How people call a department; its key, where the handbook has it no more."""
    departments = work.handbook.departments
    label: Label | None = departments[department].name if department in departments else None
    return label or department
