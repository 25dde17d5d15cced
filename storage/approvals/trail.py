"""The trail: all that is done to a request, a line each, and each line sealed by the audit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from storage import history
from storage.approvals.tables import Act, Request, Task
from storage.prepared import Added
from storage.work import Work


async def record(
    work: Work, request: Request, what: str, *, task: Task | None = None, to: Sequence[int] = (), text: str = "",
    files: str = "[]", detail: str = "", for_id: int | None = None, at: tuple[int, int, int] | None = None,
    asked: str = "",
) -> Act:  # fmt: skip
    """Writes what is done now into the trail, and its digest into the audit: a word changed later shows.

    `at`: the edition, round and step that it happens in, where the request in hand does not say so yet. `asked` is the
    digest of what is asked for from now on.
    """
    edition, turn, step = at or (request.edition, request.round, request.step)
    if for_id is None and task is not None and _is_theirs(work, task):
        for_id = task.for_id
    given: dict[str, Any] = {
        "request_id": request.id, "at": work.now, "by_id": work.by.id if work.by else None, "for_id": for_id,
        "via": work.via, "what": what, "task_id": task.id if task else None, "step": task.step if task else step,
        "edition": edition, "round": turn, "to_ids": json.dumps(list(to)), "text": text, "files": files,
        "detail": detail,
    }  # fmt: skip
    await work.session.flush()
    act = await _WRITTEN.row(work.session, **given)
    work.note(f"approvals.{what}", history.about(request), act=act.id, digest=digest(act),
              **({"asked": asked} if asked else {}))  # fmt: skip
    return act


_WRITTEN = Added(Act)


def _is_theirs(work: Work, task: Task) -> bool:
    return work.by is not None and task.person_id == work.by.id


def digest(act: Act) -> str:
    """The SHA-256 of all that a line of the trail says."""
    at = act.at.astimezone(UTC).isoformat(timespec="microseconds")
    said = [
        act.id, act.request_id, at, act.by_id, act.for_id, act.via, act.what, act.task_id,
        act.step, act.edition, act.round, act.to_ids, act.text, act.files, act.detail,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(said, ensure_ascii=True).encode()).hexdigest()


def asked_for(request: Request, changes: Mapping[str, Any] | None = None) -> str:
    """The SHA-256 of what a request asks for, and by which rules; with the `changes` that are not kept yet."""
    said = {name: getattr(request, name) for name in _ASKED} | {
        name: value for name, value in (changes or {}).items() if name in _ASKED
    }
    return hashlib.sha256(json.dumps(said, ensure_ascii=True, sort_keys=True).encode()).hexdigest()


_ASKED = (
    "template", "digest", "requester_id", "department", "edition", "answers", "minor", "currency", "days", "chosen",
)  # fmt: skip


async def trail(session: AsyncSession, request_id: int) -> Sequence[Act]:
    """All that was done to a request, the first thing first."""
    rows = await session.execute(select(Act).where(col(Act.request_id) == request_id).order_by(col(Act.id)))
    return rows.scalars().all()
