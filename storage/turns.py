"""Turns: on SQLite units run one after another on one connection, and all that wait share one durable commit.

A unit has a savepoint, so that it can be undone alone. It is told that it is kept after the commit, never before.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from storage import sqlite
from storage.errors import StorageBusy
from storage.prepared import DRIVER

PATIENCE = 2.0
"""Seconds that a unit waits for the database. Slack gives three in all before it sends again."""
BATCH = 64
"""Units that one commit may cover."""
QUIET = 3
"""Rounds of the loop without another unit, after which a batch is committed: a request that has come in takes as
many to get here. With one request at a time they cost some 40 microseconds; with sixteen they save most commits."""
IN_TURN = "in_turn"
"""An option of our connection: to SQLAlchemy it is in one transaction for ever, while the driver begins and commits."""


@dataclass(slots=True)
class _Batch:
    done: asyncio.Future[None]
    units: int = 0
    closing: asyncio.Task[None] | None = None


@dataclass(slots=True)
class Turns:
    """The one writing connection of a SQLite file. `reached` is called with the name of each step of a commit."""

    engine: AsyncEngine
    reached: Callable[[str], None]
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _connection: AsyncConnection | None = None
    _driver: Any = None
    _batch: _Batch | None = None

    async def close(self) -> None:
        """Commits what is under way, and gives the connection up."""
        if self._batch is not None and self._batch.closing is not None:
            await self._batch.closing
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[AsyncSession]:
        """One unit: kept, durably, when this ends; undone if it raises. `StorageBusy` where its turn does not come."""
        await self._wait_for_turn()
        batch: _Batch | None = None
        try:
            batch = await self._joined()
            async with self._undoable() as session:
                yield session
            batch.units += 1
        except (OperationalError, sqlite3.OperationalError) as error:
            raise _busy_or(error) from error
        finally:
            if batch is not None and batch.closing is None:
                batch.closing = asyncio.create_task(self._close(batch), name="commit")
            self._turn.release()
        await asyncio.shield(batch.done)

    async def _wait_for_turn(self) -> None:
        if not self._turn.locked():
            await self._turn.acquire()
            return
        try:
            async with asyncio.timeout(PATIENCE):
                await self._turn.acquire()
        except TimeoutError as error:
            raise StorageBusy("other work takes too long") from error

    @asynccontextmanager
    async def _undoable(self) -> AsyncIterator[AsyncSession]:
        """The session of one unit. Its own savepoint is made by its first statement; a prepared one needs none."""
        driver = self._driver
        driver.execute("SAVEPOINT unit")
        session = AsyncSession(
            self._connection,
            expire_on_commit=False,
            join_transaction_mode="create_savepoint",
            info={DRIVER: driver},
        )
        try:
            yield session
            if session.in_transaction():
                await session.commit()
        except BaseException:
            await session.close()
            with contextlib.suppress(sqlite3.OperationalError):  # a full disk has undone everything already
                driver.execute("ROLLBACK TO unit")
                driver.execute("RELEASE unit")
            raise
        await session.close()
        driver.execute("RELEASE unit")

    async def _joined(self) -> _Batch:
        batch = self._batch
        if batch is not None and not self._driver.in_transaction:
            await self._commit(batch)  # it was undone by a full disk or a failed write: its units must hear it
            batch = None
        return batch or await self._begin()

    async def _close(self, batch: _Batch) -> None:
        """Commits once nobody else comes; in a task of its own, so that no unit that is cancelled can leave it open."""
        seen, quiet = batch.units, 0
        while quiet < QUIET and batch.units < BATCH and not self._turn.locked():
            await asyncio.sleep(0)
            quiet = quiet + 1 if batch.units == seen else 0
            seen = batch.units
        async with self._turn:  # those who wait already are before us, and share the commit
            if self._batch is batch:
                await self._commit(batch)

    async def _begin(self) -> _Batch:
        if self._connection is None or self._connection.invalidated:
            await self._connect()
        loop = asyncio.get_running_loop()
        deadline, pause = loop.time() + PATIENCE, 0.002
        while not self._driver.in_transaction:
            try:
                self._driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if not str(error).startswith(sqlite.BUSY) or loop.time() > deadline:
                    raise
                await asyncio.sleep(pause)
                pause = min(pause * 2, 0.05)
        self._batch = _Batch(loop.create_future())
        return self._batch

    async def _connect(self) -> None:
        connection = await self.engine.connect()
        self._connection = await connection.execution_options(**{IN_TURN: True})
        forever = await connection.begin()
        assert forever.is_active
        self._driver = (await connection.get_raw_connection()).driver_connection

    async def _commit(self, batch: _Batch) -> None:
        self._batch = None
        try:
            if not self._driver.in_transaction:  # then the driver would commit nothing, and say nothing
                raise StorageBusy("the transaction was undone")
            self.reached("before commit")
            self._driver.execute("COMMIT")
            self.reached("after commit")
        except Exception as error:  # noqa: BLE001  # whatever it is, everybody who waits for this commit must hear it
            await self._undo()
            busy = StorageBusy(f"commit failed: {type(error).__name__}")
            busy.__cause__ = error
            batch.done.set_exception(busy)
            batch.done.exception()  # read here, for a batch whose every unit failed has nobody to read it
        else:
            batch.done.set_result(None)

    async def _undo(self) -> None:
        try:
            if self._driver.in_transaction:
                self._driver.execute("ROLLBACK")
        except sqlite3.Error:
            connection, self._connection = self._connection, None
            if connection is not None:
                await connection.invalidate()
                await connection.close()


def _busy_or(error: OperationalError | sqlite3.OperationalError) -> Exception:
    """A lock, a full disk, a failed write: all are 'not now'. A statement of ours that is wrong is not."""
    words = str(error.orig if isinstance(error, OperationalError) else error)
    passing = (
        *sqlite.BUSY,
        "database or disk is full",
        "disk I/O error",
        "unable to open",
        "attempt to write a readonly",
        "no such savepoint",  # SQLite had undone the whole transaction by itself
    )
    return StorageBusy(words) if words.startswith(passing) else error
