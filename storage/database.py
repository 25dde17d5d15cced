"""The database: one durable transaction for each thing that a person or a clock does.

`unit()` is the seam: a verb can't tell whether units run in turn on one connection with one commit for all that
wait (SQLite), or side by side (PostgreSQL).
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    create_async_engine,
)
from sqlalchemy.pool import AsyncAdaptedQueuePool

from config.handbook import Handbook
from storage import audit, sqlite
from storage.errors import DatabaseUnusable, StorageBusy
from storage.people import Employee
from storage.turns import IN_TURN, PATIENCE, Turns
from storage.work import Work

ONE_AT_A_TIME = 0x0B5B00
"""PostgreSQL advisory locks: this plus a role's number is held by the one process that plays it."""


def async_url(url: str) -> str:
    """The engine's URL for a company's: `sqlite:///…` in place, `postgresql://…` by psycopg."""
    parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    driver = {"sqlite": "sqlite+inplace", "postgresql": "postgresql+psycopg"}[parsed.get_backend_name()]
    return parsed.set(drivername=driver).render_as_string(hide_password=False)


@dataclass(slots=True)
class Database:
    """Opened by `await Database.open(url)`, ended by `close()`.

    `on_crash_point` is for tests: called with the name of each step that a crash could follow.
    """

    url: str
    handbook: Handbook = field(repr=False)
    engine: AsyncEngine
    readers: AsyncEngine
    on_crash_point: Callable[[str], None] = lambda name: None
    _turns: Turns | None = None
    _locks: dict[str, Any] = field(default_factory=dict)
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    """A role's connection is asked by one task at a time: a stop must not take it from under the one that asks."""

    @property
    def unavailable(self) -> tuple[type[Exception], ...]:
        """What is raised where the database does not answer; for those who only ask whether it does."""
        return (DBAPIError, StorageBusy, TimeoutError, OSError)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.engine.dialect.name == "sqlite"

    @classmethod
    async def open(cls, url: str, handbook: Handbook) -> Database:
        """Connects, and says plainly why not (`DatabaseUnusable`). Makes no table: see `schema.upgrade`."""
        engine_url = async_url(url)
        if engine_url.startswith("sqlite"):
            return cls._open_sqlite(url, handbook, engine_url)
        engine = create_async_engine(
            engine_url,
            hide_parameters=True,
            pool_size=10,
            max_overflow=5,
            pool_timeout=PATIENCE,
            pool_pre_ping=True,
            pool_recycle=1800,
        )
        return cls(url, handbook, engine, engine)

    @classmethod
    def _open_sqlite(cls, url: str, handbook: Handbook, engine_url: str) -> Database:
        writer = create_async_engine(engine_url, hide_parameters=True, connect_args=_CONNECT)
        event.listen(writer.sync_engine, "connect", lambda connection, _: sqlite.set_up(connection))
        event.listen(writer.sync_engine, "begin", _begin_writing)
        reader = create_async_engine(
            engine_url, hide_parameters=True, poolclass=AsyncAdaptedQueuePool, max_overflow=50, connect_args=_CONNECT
        )
        event.listen(reader.sync_engine, "connect", lambda connection, _: _read_only(connection))
        event.listen(reader.sync_engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        database = cls(url, handbook, writer, reader)
        database._turns = Turns(writer, lambda step: database.on_crash_point(step))
        return database

    async def close(self) -> None:
        """Gives up every connection and lock."""
        if self._turns is not None:
            await self._turns.close()
        for role in list(self._locks):
            await self.yield_role(role)
        await self.engine.dispose()
        if self.readers is not self.engine:
            await self.readers.dispose()

    @asynccontextmanager
    async def unit(self, now: datetime, by: Employee | None = None, via: str = "") -> AsyncIterator[Work]:
        """One unit of work: all that it changed, its history, audit and outbox rows are kept together, or none.

        `now` is the moment that it bears, `by` who does it (None: the clock or the command line), `via` the platform.
        """
        async with self.session() as session:
            work = Work(session, now, self.handbook, by, via)
            yield work
            await audit.seal(work)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed, durably, when the block ends, before this returns; undone if it raises.

        Raises `StorageBusy` when the database can't be had within `PATIENCE` seconds.
        """
        units = self._turns.unit() if self._turns is not None else self._side_by_side()
        async with units as session:
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A consistent look at what is committed, which never waits for a writer and may change nothing."""
        async with AsyncSession(self.readers, expire_on_commit=False) as session:
            try:
                yield session
            finally:
                session.expunge_all()  # what was read stays readable
                await session.rollback()

    @asynccontextmanager
    async def _side_by_side(self) -> AsyncIterator[AsyncSession]:
        try:
            async with AsyncSession(self.engine, expire_on_commit=False) as session:
                yield session
                self.on_crash_point("before commit")
                await session.commit()
                self.on_crash_point("after commit")
        except (OperationalError, InterfaceError, TimeoutError) as error:
            raise StorageBusy(type(error).__name__) from error
        except DBAPIError as error:
            if error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _TRY_AGAIN:
                raise StorageBusy(type(error).__name__) from error
            raise

    async def play(self, role: str) -> bool:
        """Whether this process may play `role` (courier, metronome): one process in all may, and keeps it.

        SQLite: a lock on a file beside the database. PostgreSQL: an advisory lock. Both end with the process.
        """
        async with self._asking:
            if await self._holds(role):
                return True
            lock = self._lock_file(role) if self.is_sqlite else await self._advisory(role)
            if lock is not None:
                self._locks[role] = lock
            return lock is not None

    async def _holds(self, role: str) -> bool:
        lock = self._locks.get(role)
        if isinstance(lock, AsyncConnection):
            try:
                await lock.execute(text("SELECT 1"))
                await lock.commit()
            except DBAPIError:  # with the connection the lock is gone, and another process may have it
                await self._give_up(role)
                return False
        return lock is not None

    def _lock_file(self, role: str) -> IO[str] | None:
        path = make_url(self.url).database
        if not path or path == ":memory:":
            return open(os.devnull, encoding="ascii")
        handle = Path(f"{path}.{role}.lock").open("a", encoding="ascii")  # noqa: SIM115  # held as long as the role
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.close()
            return None
        return handle

    async def _advisory(self, role: str) -> AsyncConnection | None:
        try:
            connection = await self.engine.connect()
        except (OperationalError, InterfaceError, TimeoutError) as error:
            raise StorageBusy(type(error).__name__) from error
        number = ONE_AT_A_TIME + sum(role.encode())
        held = await connection.scalar(text("SELECT pg_try_advisory_lock(:number)"), {"number": number})
        await connection.commit()
        if held:
            return connection
        await connection.close()
        return None

    async def yield_role(self, role: str) -> None:
        """Gives a role back, so that another process may take it at once."""
        async with self._asking:
            await self._give_up(role)

    async def _give_up(self, role: str) -> None:
        lock = self._locks.pop(role, None)
        if isinstance(lock, AsyncConnection):
            with contextlib.suppress(SQLAlchemyError):
                await lock.execute(text("SELECT pg_advisory_unlock_all()"))  # a closed connection may linger
                await lock.commit()
            await lock.invalidate()
            await lock.close()
        elif lock is not None:
            lock.close()


_CONNECT = {"check_same_thread": False, "factory": sqlite.Connection}
_TRY_AGAIN = {"40001", "40P01", "55P03", "57P01", "57P02", "57P03", "53300"}
"""serialization failure, deadlock, lock not available, shutting down, starting up, too many connections"""


def _begin_writing(connection: Connection) -> None:
    if IN_TURN not in connection.get_execution_options():
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _read_only(connection: Any) -> None:
    sqlite.set_up(connection)
    connection.execute("PRAGMA busy_timeout=500").fetchall()
    connection.execute("PRAGMA query_only=ON").fetchall()


def check_file(url: str) -> None:
    """Refuses (`DatabaseUnusable`) a SQLite file that can't be used: its folder missing, not ours, or damaged."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return
    path = Path(parsed.database)
    folder = path.resolve().parent
    if not folder.is_dir():
        raise DatabaseUnusable(f"the folder {folder} does not exist: make it, or change OPSBOOK_DATABASE_URL")
    if not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK | os.R_OK)):
        raise DatabaseUnusable(f"{path} can't be written by this user: change its owner, or OPSBOOK_DATABASE_URL")
    if path.exists() and path.stat().st_size:
        with path.open("rb") as file:
            if file.read(16) != b"SQLite format 3\0":
                raise DatabaseUnusable(f"{path} is no SQLite database: restore it from a backup")
