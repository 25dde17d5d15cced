"""Requests in heaps: one is asked for as people do, and then stands there many times, each with its seat and its trail.

Everybody but the two who lead reports to one of them; each asks for overtime, and whom they report to decides.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Table, inspect, text

from storage import approvals, people
from storage.approvals.tables import Act, Request, Task
from storage.database import Database
from tests.bench.names import PEOPLE

ASKED_FOR = {"day": "2026-03-02", "hours": 3, "why": "The stocktaking", "return": "leave"}
LEAD = text("UPDATE employees SET manager_id = 2 - id % 2 WHERE id > 2")
NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count) "
REQUESTER = f"3 + n % {PEOPLE - 2}"
"""Who asks for the n-th request."""
LEADER = f"2 - ({REQUESTER}) % 2"
"""Who decides on it."""
OVER = (
    "UPDATE approvals SET status = 'approved', decided_at = filed_at, step = -1 WHERE id % 50 <> 1",
    "UPDATE approval_tasks SET status = 'approved', decided_at = opened_at, decided_by_id = person_id, chase_at = NULL"
    " WHERE request_id % 50 <> 1",
    "INSERT INTO approval_copies (request_id, person_id, why) SELECT id, 1 + id % 2, 'head:hr' FROM approvals",
)
"""Of fifty requests one is under way, and the two who lead were told of all."""


async def many(database: Database, now: datetime, count: int, *, over: bool = False) -> None:
    """So many requests, all of them under way; or nearly all of them over."""
    async with database.unit(now, via="slack") as work:
        await work.session.execute(LEAD)
        work.by = await people.find(work.session, 3)
        await approvals.file(work, "overtime", {**ASKED_FOR, "day": now.date()}, {})
    async with database.unit(now) as work:
        for statement in (
            _again(Request, id="n", requester_id=REQUESTER),
            _again(Task, id="n", request_id="n", person_id=LEADER),
            _again(Act, id="NULL", request_id="n", by_id=REQUESTER),
        ):
            await work.session.execute(text(statement), {"count": count})
        for change in OVER if over else ():
            await work.session.execute(text(change))


def _again(model: type[Any], **changed: str) -> str:
    """The first row of a table again, for each number from the second on, with what is `changed`."""
    table = inspect(model).local_table
    assert isinstance(table, Table)
    names = [column.name for column in table.columns]
    into = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(changed.get(name, f'one."{name}"') for name in names)
    rows = f"SELECT {values} FROM {table.name} AS one, numbers WHERE one.id = 1"  # noqa: S608  # names of ours
    return f"INSERT INTO {table.name} ({into}) {NUMBERS} {rows}"
