"""What is asked often is found by an index, in both databases: no list, tick or courier reads a whole table."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, text

from config.handbook import Handbook
from storage import outbox, people, schema, tickets
from storage.approvals import Request, lists
from storage.approvals.proof import prove
from storage.database import Database
from storage.outbox import Outgoing
from storage.people import Employee
from storage.prepared import DRIVER
from storage.work import Work

MONDAY = datetime(2026, 11, 23, 1, tzinfo=UTC)
HANDBOOK = Handbook.load()
ASKED_FOR = Request(id=1, template="expense", digest="", requester_id=1, department="service")
ASKED: list[tuple[str, Callable[[Work], Awaitable[Any]], str]] = [
    ("mine", tickets.mine, "ix_tickets_owner"),
    ("open", tickets.open_, "ix_tickets_open"),
    ("overdue", tickets.overdue, "ix_tickets_open"),
    ("reported", tickets.reported, "ix_tickets_reporter"),
    ("approvals that wait for me", lists.waiting, "ix_approval_tasks_open"),
    ("what I asked for", lists.mine, "ix_approvals_requester"),
    ("what I was told of", lists.copied, "ix_approval_copies_person"),
    ("a tick", lambda work: tickets.unanswered.ids(work.session, work.now), "ix_tickets_chase"),
    ("the courier's next", lambda work: outbox.next_due(work.session), "ix_outbox_due"),
    ("the courier's claim", lambda work: outbox.claim(work, ["slack"], []), "ix_outbox_due"),
    ("the windows onto a record", lambda work: outbox.windows(work.session, "tickets:1"), "ix_outbox_about"),
    ("a request's lines in the audit", lambda work: prove(work.session, ASKED_FOR, []), "ix_audit_about"),
]


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The service team has Dana; Sam sells. Two thousand messages have gone out."""
    database = await Database.open(database_url, HANDBOOK)
    await schema.upgrade(database)
    async with database.unit(MONDAY) as work:
        for number, (name, department) in enumerate([("Dana", "service"), ("Sam", "sales")], start=1):
            work.session.add(Employee(id=number, name=name, department=department, joined_at=MONDAY))
        sent = {"card": "{}", "platform": "slack", "channel": "C1", "created_at": MONDAY, "state": "sent", "ref": "1.0"}
        await work.session.execute(insert(Outgoing), [sent] * 2000)  # a courier's table is full of what is done
        await work.session.execute(text("ANALYZE"))
    yield database
    await database.close()


@pytest.mark.parametrize(("ask", "index"), [one[1:] for one in ASKED], ids=[one[0] for one in ASKED])
async def test_what_is_asked_often_is_found_by_its_index(
    database: Database, ask: Callable[[Work], Awaitable[Any]], index: str
) -> None:
    plan = await planned(database, 1, ask)

    assert index in plan, plan


async def test_what_a_reporter_has_open_is_found_in_its_order(database: Database) -> None:
    plan = await planned(database, 2, tickets.open_)

    assert "ix_tickets_waiting" in plan, plan
    assert "TEMP B-TREE" not in plan, plan


async def planned(database: Database, person_id: int, ask: Callable[[Work], Awaitable[Any]]) -> str:
    """How the database goes about what is asked, explained with the very parameters that it was asked with."""
    asked: list[tuple[str, Any]] = []

    def heard(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        if statement.lstrip().startswith("SELECT"):
            asked.append((statement, parameters))

    async with database.unit(MONDAY) as work:
        work.by = await people.find(work.session, person_id)
        if not database.is_sqlite:
            await work.session.execute(text("SET LOCAL enable_seqscan = off"))  # for a table without rows it is right
        connection = await work.session.connection()
        driver = work.session.info.get(DRIVER)
        if driver is not None:  # what is prepared passes SQLAlchemy by; the driver tells all, with its parameters in it
            driver.set_trace_callback(lambda statement: heard(connection, None, statement, ()))
        else:
            event.listen(database.engine.sync_engine, "before_cursor_execute", heard)
        await ask(work)
        if driver is not None:
            driver.set_trace_callback(None)
        else:
            event.remove(database.engine.sync_engine, "before_cursor_execute", heard)
        explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
        lines = [
            str(row[-1])
            for statement, parameters in asked
            for row in await connection.run_sync(_explained, f"{explain} {statement}", parameters)
        ]
    return "\n".join(lines)


def _explained(connection: Connection, statement: str, parameters: Any) -> Any:
    return connection.exec_driver_sql(statement, parameters).all()
