"""Holding: who acts upon a request has it alone until their work ends; several at once are taken in one order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import col

from storage import budgets, history
from storage.approvals.definitions import frozen_by, frozen_of
from storage.approvals.going import Going, allowance_of
from storage.approvals.tables import Aim, Request, Task
from storage.authority import NOT_THERE
from storage.errors import Refusal
from storage.work import Work

SHOWN = (
    "status", "aim", "step", "round", "resume", "decided_at", "paused_at", "answers", "minor", "currency", "days",
)  # fmt: skip
SEEN = (
    "status", "person_id", "for_id", "from_id", "parent_id", "why", "opened_at", "due_at", "chase_at", "chased", "left",
    "decided_at", "decided_by_id", "via", "comment",
)  # fmt: skip
_MOMENTS = {"decided_at", "paused_at", "opened_at", "due_at", "chase_at"}


async def hold(work: Work, request_id: int) -> Going:
    """Takes a request for one act: whoever else acts on it waits until this work ends, and then sees what it did."""
    rows = await work.session.execute(_HELD, {"id": request_id})
    request = rows.scalar_one_or_none()
    if request is None:
        raise Refusal(NOT_THERE, denied=True)
    found = await work.session.execute(_SEATS, {"request": request.id, "round": request.round})
    tasks = list(found.scalars())
    return Going(work, request, await frozen_of(work.session, request), tasks, _as_it_stands(request, tasks))


_HELD = (
    select(Request)
    .where(col(Request.id) == bindparam("id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
_SEATS = (
    select(Task)
    .where(col(Task.request_id) == bindparam("request"), col(Task.round) == bindparam("round"))
    .order_by(col(Task.id))
    .execution_options(populate_existing=True)
)


async def hold_all(work: Work, request_ids: Iterable[int]) -> list[int]:
    """Takes several requests at once, in the order of their ids, so that no two who do so wait for each other."""
    ids = sorted(set(request_ids))
    rows = await work.session.execute(
        select(col(Request.id)).where(col(Request.id).in_(ids)).order_by(col(Request.id)).with_for_update()
    )
    return list(rows.scalars())


async def hold_to_approve(work: Work, request_ids: Iterable[int]) -> None:
    """Takes several requests, and then the budgets that they would draw on or give back to, each in one order."""
    rows = await work.session.execute(
        select(Request)
        .where(col(Request.id).in_(await hold_all(work, request_ids)))
        .execution_options(populate_existing=True)
    )
    requests = list(rows.scalars())
    frozen = await frozen_by(work.session, {one.digest for one in requests})
    allowances = [allowance_of(work, frozen[one.digest], one) for one in requests if one.aim == Aim.GRANT]
    drawn = await budgets.drawn_for(work, [history.about(one) for one in requests if one.aim == Aim.WITHDRAW])
    await budgets.hold(work, [*drawn, *[one.key for one in allowances if one is not None]])


def _as_it_stands(request: Request, tasks: Sequence[Task]) -> str:
    return json.dumps(
        {
            "request": {name: _plain(getattr(request, name)) for name in SHOWN},
            "tasks": {str(task.id): {name: _plain(getattr(task, name)) for name in SEEN} for task in tasks},
        }
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def restored(values: dict[str, Any]) -> dict[str, Any]:
    """What `_as_it_stands` kept, as columns again."""
    return {
        name: datetime.fromisoformat(value) if name in _MOMENTS and value is not None else value
        for name, value in values.items()
    }
