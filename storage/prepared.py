"""Prepared statements: what every event asks of the database is compiled once, and on SQLite runs on the spot.

Building and compiling a statement costs ten times what SQLite needs to carry it out. A `Prepared` says the same
thing in both databases. It sees what the session has flushed, and nothing that only waits in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Generic, TypeVar

from sqlalchemy import Delete, Insert, Select, Table, Update, bindparam, insert, inspect, update
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import class_mapper
from sqlmodel import SQLModel

DRIVER = "driver"
"""Where a session that runs in place has its driver's connection: `session.info[DRIVER]`."""

M = TypeVar("M", bound=SQLModel)
Change = Callable[[Any], Any] | None
Statement = Select[Any] | Insert | Update | Delete
_REQUIRED = object()


@dataclass(slots=True)
class Prepared:
    """One statement of Core with named parameters; `elsewhere` where PostgreSQL says it in another way."""

    statement: Statement
    elsewhere: Statement | None = None
    columns: tuple[str, ...] = ()
    """The columns that a plain INSERT fills."""
    _sql: str = ""
    _inward: list[tuple[str, Any, Change]] = field(default_factory=list)
    _outward: list[Change] = field(default_factory=list)

    async def rows(self, session: AsyncSession, **given: Any) -> Sequence[Sequence[Any]]:
        """What it finds. Raises where a parameter is not given."""
        driver = session.info.get(DRIVER)
        if driver is None:
            return (await session.execute(self._other, given)).all()
        found = driver.execute(self._compiled(), self._bound(given)).fetchall()
        outward = self._outward
        return [
            [value if change is None else change(value) for value, change in zip(row, outward, strict=True)]
            for row in found
        ]

    async def change(self, session: AsyncSession, **given: Any) -> int:
        """Carries it out; returns how many rows it touched."""
        driver = session.info.get(DRIVER)
        if driver is None:
            done = await session.execute(self._other, given)
            return int(done.rowcount)  # type: ignore[attr-defined]  # a change's result is a cursor's
        return int(driver.execute(self._compiled(), self._bound(given)).rowcount)

    @property
    def _other(self) -> Any:
        return self.statement if self.elsewhere is None else self.elsewhere

    def _bound(self, given: dict[str, Any]) -> list[Any]:
        values = []
        for name, fixed, change in self._inward:
            value = given[name] if fixed is _REQUIRED else given.get(name, fixed)
            values.append(value if change is None else change(value))
        return values

    def _compiled(self) -> str:
        if not self._sql:
            compiled: Any = self.statement.compile(dialect=_SQLITE, column_keys=list(self.columns) or None)
            self._inward = [
                (name, _REQUIRED if compiled.binds[name].required else compiled.params[name],
                 _inward(compiled.binds[name]))
                for name in compiled.positiontup
            ]  # fmt: skip
            found = self.statement.exported_columns
            self._outward = [column.type.dialect_impl(_SQLITE).result_processor(_SQLITE, None) for column in found]
            self._sql = str(compiled)
        return self._sql


def table_of(model: type[Any]) -> Table:
    """The table of a model, for statements that need none of its objects."""
    table = inspect(model).local_table
    assert isinstance(table, Table)
    return table


def maker(model: type[M]) -> Callable[[Mapping[str, Any]], M]:
    """Makes a model's objects from whole rows, in nobody's session: who only reads must not pay for being watched."""
    new = class_mapper(model).class_manager.new_instance

    def make(values: Mapping[str, Any]) -> M:
        made: M = new()
        made.__dict__.update(values)
        return made

    return make


@cache
def _maker_of(model: type[Any]) -> Callable[[Mapping[str, Any]], Any]:
    """Asked for at first use, not when a statement is declared: other models that it knows may not be there yet."""
    return maker(model)


@dataclass(frozen=True, slots=True)
class Rows(Generic[M]):
    """Whole rows of a model's table, as its objects, in nobody's session: to be read."""

    model: type[M]
    prepared: Prepared

    async def all(self, session: AsyncSession, **given: Any) -> list[M]:
        """What it finds."""
        made, names = _maker_of(self.model), table_of(self.model).columns.keys()
        return [made(dict(zip(names, row, strict=True))) for row in await self.prepared.rows(session, **given)]


class Added(Generic[M]):
    """New rows of a model's table, each with its id from the database: as objects, in nobody's session."""

    def __init__(self, model: type[M]) -> None:
        table = table_of(model)
        columns = tuple(column.name for column in table.columns if column.name != "id")
        self.model = model
        self.prepared = Prepared(insert(table).returning(table.c.id), columns=columns)

    async def row(self, session: AsyncSession, **given: Any) -> M:
        """Puts in a row; `given` names every column but the id."""
        [[row_id]] = await self.prepared.rows(session, **given)
        made: M = _maker_of(self.model)({"id": row_id, **given})
        return made


def changing(model: type[Any], guards: tuple[str, ...], changed: tuple[str, ...], *also: Any) -> Prepared:
    """Changes these columns of the rows whose `guards` are what is given for them as `its_<name>`, and for which
    `also` holds. To be kept: it is compiled once."""
    table = table_of(model)
    same = [table.c[name] == bindparam(f"its_{name}") for name in guards]
    return Prepared(update(table).where(*same, *also).values({name: bindparam(name) for name in changed}))


def _inward(bind: Any) -> Change:
    change: Change = bind.type.dialect_impl(_SQLITE).bind_processor(_SQLITE)
    return change


_SQLITE: DefaultDialect = SQLiteDialect(paramstyle="qmark")
