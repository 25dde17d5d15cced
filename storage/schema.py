"""The schema: brought up to date before anything starts, step by step; never touched where it is newer than we are."""

from __future__ import annotations

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from storage import (
    approvals,
    audit,
    budgets,
    confirmations,
    days,
    deputies,
    drafts,
    history,
    inbox,
    interviews,
    links,
    moves,
    outbox,
    people,
    sessions,
    tickets,
    webchat,
)
from storage.database import Database
from storage.errors import DatabaseUnusable, SchemaTooNew
from storage.sqlite import BUSY

TABLES = (
    approvals, audit, budgets, confirmations, days, deputies, drafts, history, inbox, interviews, links, moves, outbox,
    people, sessions, tickets, webchat,
)  # fmt: skip
"""Every module that has tables: named here, so that each is known to the migrations."""
FOLDER = Path(__file__).parent / "migrations"
PATIENCE = 10.0
"""Seconds that a start waits for another process that is at work on the same SQLite file."""
_UPGRADE_LOCK = 0x0B5B5EA2


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


async def upgrade(database: Database) -> None:
    """Brings the database to this program's revision, in one transaction; a kill midway leaves it as it was.

    Raises `SchemaTooNew` where a newer program has made it, `DatabaseUnusable` where it is not ours or damaged.
    """
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while True:
        try:
            async with database.engine.connect() as connection, connection.begin():
                await connection.run_sync(_upgrade)
            if database.is_sqlite:
                await _check(database)
            return
        except DBAPIError as error:
            busy = str(error.orig).startswith(BUSY)  # another process is at work on the same file
            if not busy or asyncio.get_running_loop().time() > deadline:
                raise DatabaseUnusable(_why(error, database.is_sqlite)) from error
        await asyncio.sleep(0.05)


def _why(error: DBAPIError, is_sqlite: bool) -> str:
    said = (str(error.orig).splitlines() or ["no reason given"])[0]
    if not is_sqlite:
        return f"the database does not answer ({said}): start it, or correct the address"
    if said.startswith(BUSY):
        return f"the database is in use ({said}): stop whatever else works on it"
    return f"the database can't be read ({said}): stop, and restore the last backup"


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _UPGRADE_LOCK})
    current = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory.from_config(_config())
    if current == script.get_current_head():
        return
    if current is not None and current not in {revision.revision for revision in script.walk_revisions()}:
        raise SchemaTooNew(
            f"the database is at revision {current}, which this program does not know: it was made by a newer one. "
            "Start that program, or restore a backup that this one has made."
        )
    command.upgrade(_config(connection), "head")


async def _check(database: Database) -> None:
    async with database.reading() as session:
        rows = (await session.execute(text("PRAGMA quick_check(1)"))).scalars().all()
    if list(rows) != ["ok"]:
        raise DatabaseUnusable(f"the database is damaged ({rows[0]}): stop, and restore the last backup")
