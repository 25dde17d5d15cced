"""How records change: by one guarded step each, so that of two people who press at once exactly one succeeds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Protocol

from sqlalchemy import CursorResult, Index, bindparam, false, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from config.text import t
from storage.errors import Refusal
from storage.prepared import Prepared, Rows, changing, table_of
from storage.tables import moment
from storage.work import Work

FASTER = t("Someone was faster; the card shows how it stands now.")


class Step(SQLModel, table=True):
    """One step of a record's life: who took it, when, from where, and what changed."""

    __tablename__ = "history"
    __table_args__ = (Index("ix_history_about", "about", "id"),)
    id: int = Field(default=None, primary_key=True)
    about: str
    at: datetime = moment()
    by_id: int | None = Field(default=None, foreign_key="employees.id")
    via: str = ""
    what: str
    before: str = ""
    after: str = ""


class Kept(Protocol):
    """A record with a life: its table, its state and the version that each move raises."""

    __tablename__: ClassVar[Any]
    id: int
    status: str
    version: int


def about(record: Kept) -> str:
    """How a record is named in windows, history and audit: `tickets:42`."""
    return f"{record.__tablename__}:{record.id}"


async def move(work: Work, record: Kept, to: str, moves: Mapping[Any, set[Any]], what: str, **changes: Any) -> None:
    """Takes a record to another state, with `changes`: one UPDATE guarded by allowed states and version, one step.

    Raises `Refusal` where the state or the version is no longer what the actor saw; then nothing is changed.
    """
    allowed = tuple(str(state) for state, nexts in moves.items() if to in nexts)
    before = record.status
    values = {"status": str(to), "version": record.version + 1, **changes}
    await work.session.flush()
    moved = _moved(type(record), allowed, tuple(values))
    if await moved.change(work.session, its_id=record.id, its_version=record.version, **values) != 1:
        raise Refusal(FASTER)
    _remember(record, **values)
    await step(work, about(record), what, before, str(to))


@cache
def _moved(model: type[Any], allowed: tuple[str, ...], changed: tuple[str, ...]) -> Prepared:
    table = table_of(model)
    return changing(model, ("id", "version"), changed, or_(false(), *[table.c.status == state for state in allowed]))


async def once(work: Work, record: Kept, stamp: str, seen: Any, to: Any, what: str, **changes: Any) -> bool:
    """Sets a stamp if it still is what was seen, and says whether it was us: a reminder fires once, whoever asks."""
    table = type(record)
    done = await work.session.execute(
        update(table)
        .where(col(table.id) == record.id, getattr(table, stamp) == seen)
        .values(**{stamp: to}, **changes)
        .execution_options(synchronize_session=False)
    )
    if _rows(done) != 1:
        return False
    _remember(record, **{stamp: to}, **changes)
    await step(work, about(record), what)
    return True


_STEPS = table_of(Step)
_STEP = Prepared(insert(_STEPS), columns=("about", "at", "by_id", "via", "what", "before", "after"))


async def step(work: Work, record: str, what: str, before: str = "", after: str = "", **detail: Any) -> None:
    """Writes a step into the record's history, and the same into the audit."""
    by_id = work.by.id if work.by else None
    await _STEP.change(
        work.session, about=record, at=work.now, by_id=by_id, via=work.via, what=what, before=before, after=after
    )
    work.note(what, record, **({"before": before, "after": after} if after else {}), **detail)


async def steps(session: AsyncSession, record: str, limit: int = 50) -> list[Step]:
    """A record's latest steps, the first of them first."""
    return (await _LATEST.all(session, about=record, limit=limit))[::-1]


_LATEST = Rows(
    Step,
    Prepared(
        select(_STEPS)
        .where(_STEPS.c.about == bindparam("about"))
        .order_by(_STEPS.c.id.desc())
        .limit(bindparam("limit"))
    ),
)


def _rows(result: Any) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount


def _remember(record: Kept, **values: Any) -> None:
    """Lets the record in hand say what the database now says, without reading it again."""
    from sqlalchemy.orm.attributes import set_committed_value

    for name, value in values.items():
        set_committed_value(record, name, value)
