"""A request with all that its card shows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from config.handbook.approvals import Frozen
from config.text import Money
from storage.approvals.answers import unpack
from storage.approvals.definitions import frozen_of
from storage.approvals.tables import Act, Copy, Query, Request, Task
from storage.people import Employee
from storage.prepared import Prepared, Rows, table_of

M = TypeVar("M", Task, Act, Query, Copy)


@dataclass(frozen=True, slots=True)
class Case:
    """A request as it stands: its seats of all rounds, its trail, and everybody whom it names, leavers too."""

    request: Request
    frozen: Frozen
    answers: dict[str, Any]
    path: tuple[int, ...]
    tasks: Sequence[Task]
    acts: Sequence[Act]
    queries: Sequence[Query]
    copies: Sequence[Copy]
    people: Mapping[int, Employee]
    hidden: frozenset[str] = frozenset()
    """Fields that its reader may not read: `answers` is without them."""

    @property
    def requester(self) -> Employee:
        """Who asks for it."""
        return self.people[self.request.requester_id]

    @property
    def worth(self) -> Money | None:
        """What it is about in money, as far as its reader may know."""
        return None if self.frozen.template.amount_field in self.hidden else self.request.worth

    @property
    def days(self) -> int | None:
        """How many days it is about, as far as its reader may know."""
        return None if self.hidden.intersection(self.frozen.template.days) else self.request.days

    def without(self, hidden: frozenset[str]) -> Case:
        """The same for somebody who may not read these fields."""
        if not hidden:
            return self
        answers = {name: value for name, value in self.answers.items() if name not in hidden}
        return replace(self, answers=answers, hidden=self.hidden | hidden)


async def case(session: AsyncSession, request_id: int) -> Case | None:
    """A request as it stands; None if there is none."""
    request = await session.get(Request, request_id)
    if request is None:
        return None
    frozen, answers = await frozen_of(session, request), unpack(request.answers)
    tasks = await tasks_of(session, request.id)
    acts = await _ACTS.all(session, request=request.id)
    queries = await _QUERIES.all(session, request=request.id)
    copies = await _COPIES.all(session, request=request.id)
    ids = _named(request, frozen, answers, tasks, acts, queries, copies)
    rows = await session.execute(_PEOPLE, {"ids": list(ids)})
    path = frozen.template.path(frozen.template.facts(answers, request.department))
    return Case(request, frozen, answers, path, tasks, acts, queries, copies, {one.id: one for one in rows.scalars()})


_PEOPLE = select(Employee).where(col(Employee.id).in_(bindparam("ids", expanding=True)))


async def tasks_of(session: AsyncSession, request_id: int) -> list[Task]:
    """All seats of a request, of all its rounds, to be read: in nobody's session."""
    return await _TASKS.all(session, request=request_id)


def _all_of(model: type[M], order: str) -> Rows[M]:
    """What is kept of a request in a table: asked for at every card that is drawn, so prepared."""
    table = table_of(model)
    query = select(table).where(table.c.request_id == bindparam("request")).order_by(table.c[order])
    return Rows(model, Prepared(query))


_TASKS = _all_of(Task, "id")
_ACTS = _all_of(Act, "id")
_QUERIES = _all_of(Query, "id")
_COPIES = _all_of(Copy, "person_id")


async def case_of_task(session: AsyncSession, task_id: int) -> Case | None:
    """The case that a seat belongs to."""
    task = await session.get(Task, task_id)
    return await case(session, task.request_id) if task is not None else None


async def case_of_query(session: AsyncSession, query_id: int) -> Case | None:
    """The case that a question belongs to."""
    query = await session.get(Query, query_id)
    return await case(session, query.request_id) if query is not None else None


def _named(
    request: Request, frozen: Frozen, answers: dict[str, Any], tasks: Sequence[Task], acts: Sequence[Act],
    queries: Sequence[Query], copies: Sequence[Copy],
) -> set[int]:  # fmt: skip
    ids: set[int | None] = {request.requester_id}
    for task in tasks:
        ids |= {task.person_id, task.for_id, task.from_id, task.decided_by_id}
    for act in acts:
        ids |= {act.by_id, act.for_id, *json.loads(act.to_ids)}
    for query in queries:
        ids |= {query.by_id, query.of_id}
    ids |= {copy.person_id for copy in copies}
    for name, field in frozen.template.fields.items():
        if field.ask in ("person", "people"):
            answer = answers.get(name)
            ids |= {answer} if isinstance(answer, int) else set(answer or ())
    return {one for one in ids if one is not None}
