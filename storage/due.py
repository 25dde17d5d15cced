"""What is due: a column that says when a record must next be looked at. Rows remember; timers only ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from storage.work import Work


@dataclass(frozen=True, slots=True)
class Due:
    """A question that the clock asks of a table: which rows have `column` at or before now? Needs a partial index."""

    name: str
    table: Any
    column: Any

    async def ids(self, session: AsyncSession, now: datetime, limit: int = 100) -> list[int]:
        """The ids of the rows that are due, the most overdue first."""
        rows = await session.execute(_due(self.table, self.column), {"now": now, "limit": limit})
        return list(rows.scalars())

    async def take(self, work: Work, row_id: int) -> Any | None:
        """The row, if it still is due and no other process holds it."""
        rows = await work.session.execute(
            select(self.table)
            .where(col(self.table.id) == row_id, self.column <= work.now)
            .with_for_update(skip_locked=True)
        )
        return rows.scalar_one_or_none()

    async def put_off(self, work: Work, row_id: int, until: datetime) -> None:
        """Pushes a row away that could not be dealt with, so that it can't stop the others."""
        await work.session.execute(
            update(self.table)
            .where(col(self.table.id) == row_id)
            .values({self.column: until})
            .execution_options(synchronize_session=False)
        )


@cache  # asked every second, of every table that the clock looks at
def _due(table: Any, column: Any) -> Select[Any]:
    return select(col(table.id)).where(column <= bindparam("now")).order_by(column).limit(bindparam("limit"))
