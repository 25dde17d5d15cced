"""Deciding: approve, reject, advise, send back; and taking that back, within a minute."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlmodel import col

from config.handbook.approvals.chain import Mark
from config.text import t
from storage import budgets, history, people
from storage.approvals import filling, rights, seconds, unseating
from storage.approvals.going import UNDECIDED, Going, Went
from storage.approvals.holding import SEEN, hold, restored
from storage.approvals.reseating import recall
from storage.approvals.tables import Aim, Query, Request, Status, Task
from storage.approvals.trail import asked_for
from storage.authority import NOT_THERE
from storage.errors import Refusal
from storage.people import Employee
from storage.work import Work

UNDO = timedelta(minutes=1)
"""So long after an act whoever did it may take it back."""


async def take(work: Work, task: Task, act: str) -> tuple[Going, Task]:
    """Takes a request for an act upon one of its seats, which must still stand as the actor saw it."""
    seen = task.version
    going = await hold(work, task.request_id)
    fresh = next((one for one in going.tasks if one.id == task.id), None)
    if fresh is None:
        fresh = await work.session.get(Task, task.id, populate_existing=True)
        assert fresh is not None  # just seen
    await rights.may_task(work, fresh, act)
    if fresh.version != seen:
        raise Refusal(await rights.stale(work, fresh))
    return going, fresh


async def approve(
    work: Work, task: Task, comment: str = "", *, confirmed: bool = False, fills: Mapping[str, Any] | None = None
) -> Went:
    """Agrees, from the actor's seat. Of two presses exactly one counts; the last to agree may be who grants it.

    `fills` are the answers that the step asks of whoever approves. Raises `NeedsAnswers` where they were not brought,
    `NeedsSecond` where the amount wants a second confirmation, `Unseated` where the rules do not name the actor any
    more, and `Refusal` where a budget would be overdrawn.
    """
    going, task = await take(work, task, "approve")
    await unseating.check(work, going, task)
    filling.take_in(going, task, fills)
    if not confirmed and await seconds.needs(work, going.request, task, going.worth):
        raise seconds.NeedsSecond(going.request)
    await filling.note(going, task)
    return await decide(going, task, Mark.APPROVED, "approve", comment)


async def reject(work: Work, task: Task, why: str) -> Went:
    """Says no, from the actor's seat, and why."""
    going, task = await take(work, task, "reject")
    await unseating.check(work, going, task)
    return await decide(going, task, Mark.REJECTED, "reject", why)


async def decide(going: Going, task: Task, mark: Mark, what: str, text: str = "", detail: str = "") -> Went:
    """Marks a seat as decided, and lets the request go on from there. The clock decides with nobody acting."""
    work = going.work
    await going.put(
        task, status=str(mark), decided_at=work.now, decided_by_id=work.by.id if work.by else None, via=work.via,
        comment=text, chase_at=None,
    )  # fmt: skip
    await going.note(what, task=task, text=text, detail=detail)
    await going.settle()
    return await going.keep(what, undoable=work.by is not None)


async def advise(work: Work, task: Task, agrees: bool, comment: str) -> Went:
    """Says what one thinks to whoever asked for it by delegating; they decide then."""
    going, task = await take(work, task, "advise")
    mark = Mark.APPROVED if agrees else Mark.REJECTED
    await going.put(task, status=str(mark), decided_at=work.now, decided_by_id=work.actor.id, via=work.via,
                    comment=comment, chase_at=None)  # fmt: skip
    await going.note("advise", task=task, text=comment, detail="agrees" if agrees else "disagrees")
    await going.settle()
    return await going.keep("advise", undoable=True)


async def send_back(work: Work, task: Task, to: int | None, why: str) -> Went:
    """Sends it back: to the requester, to be changed; or to an earlier step, to be looked at again from there."""
    going, task = await take(work, task, "send_back")
    if going.request.aim == Aim.WITHDRAW:
        raise Refusal(t("This asks only whether {number} may be withdrawn: approve or reject that.",
                        number=going.request.number))  # fmt: skip
    if to is not None and to not in earlier(going):
        raise Refusal(t("It can only be sent back to a step that it has passed."), "to")
    await going.put(task, status=str(Mark.GONE), decided_at=None, chase_at=None, comment=why)
    await going.note("return", task=task, text=why, detail="" if to is None else str(to))
    await going.let_go(going.tasks)
    if to is None:
        going.to = str(Status.RETURNED)
        going.changes |= {"resume": task.step, "step": -1, "paused_at": None}
    else:
        going.changes |= {"round": going.round + 1}
        going.tasks.clear()
        if await going.begin(to):
            await going.settle()
        else:
            await going.refuse()
    return await going.keep("return", undoable=True)


def earlier(going: Going) -> tuple[int, ...]:
    """The steps that a request has passed."""
    return tuple(index for index in going.path() if index < going.request.step)


def may_undo(request: Request, person_id: int, now: datetime) -> bool:
    """Whether somebody may take back what was done last: theirs, a minute ago at most, nothing after it."""
    if not request.undo:
        return False
    kept = json.loads(request.undo)
    return (
        kept["by"] == person_id and kept["version"] == request.version
        and now - datetime.fromisoformat(kept["at"]) <= UNDO
    )  # fmt: skip


_SINCE = t("Something has been done since, so it can't be taken back any more. The card shows how it stands now.")


async def undo(work: Work, request: Request) -> Went:
    """Puts a request back to where it stood before the actor's last act. Raises `Refusal` where that is over."""
    going = await hold(work, request.id)
    request = going.request
    if not may_undo(request, work.actor.id, work.now):
        kept = json.loads(request.undo) if request.undo else {}
        if kept.get("by") == work.actor.id and kept.get("version") == request.version:
            raise Refusal(
                t(
                    "A decision can be taken back for a minute; that is over. Write a comment, or talk to {name}.",
                    name=(await _requester(work, request)).name,
                )
            )
        await _may_see(work, request)
        raise Refusal(_SINCE)
    kept = json.loads(request.undo)
    was_granted = request.status == Status.APPROVED
    await _seats_back(going, kept)
    await _nobody_left(going, kept.get("queries", []))
    going.changes |= restored(kept["request"])
    going.to = going.changes.pop("status")
    refilled = going.changes.get("answers", request.answers) != request.answers
    if kept.get("queries"):
        await work.session.execute(
            update(Query).where(col(Query.id).in_(kept["queries"]), col(Query.status) == "dropped")
            .values(status="open", version=Query.version + 1).execution_options(synchronize_session=False)
        )  # fmt: skip
    await going.note("undo", detail=kept["what"], asked=asked_for(request, going.changes) if refilled else "")
    if was_granted:
        await budgets.release(work, history.about(request))
    if going.to == Status.PENDING and await recall(going):
        await going.settle()
    went = await going.keep("undo")
    went.opened = [task for task in going.tasks if task.status == Mark.OPEN]
    return went


async def _nobody_left(going: Going, queries: list[int]) -> None:
    """Refuses where somebody has left since whom it would wait for again, or who asks for it."""
    asked = await going.work.session.execute(select(col(Query.of_id)).where(col(Query.id).in_(queries)))
    again = [*asked.scalars(), *[task.person_id for task in going.tasks if task.status in UNDECIDED]]
    for person_id in (going.request.requester_id, *again):
        if await people.find(going.work.session, person_id) is None:
            raise Refusal(_SINCE)


async def _requester(work: Work, request: Request) -> Employee:
    person = await work.session.get(Employee, request.requester_id)
    assert person is not None  # a foreign key
    return person


async def _may_see(work: Work, request: Request) -> None:
    if not await rights.relations(work, request, work.actor):
        raise Refusal(NOT_THERE, denied=True)


async def _seats_back(going: Going, kept: dict[str, dict[str, dict[str, object]]]) -> None:
    """Each seat as it was; those that came since are gone."""
    rows = await going.work.session.execute(
        select(Task).where(col(Task.request_id) == going.request.id).execution_options(populate_existing=True)
    )
    known = {int(id): values for id, values in kept["tasks"].items()}
    newest = max(known, default=0)
    tasks = list(rows.scalars())
    for task in tasks:
        if task.id in known:
            values = restored(known[task.id])
            if any(getattr(task, name) != values[name] for name in SEEN):
                await going.put(task, **values)
        elif task.id > newest and task.status != Mark.GONE:
            await going.put(task, status=str(Mark.GONE), chase_at=None)
    going.tasks = [task for task in tasks if task.id in known]  # those of other rounds sit nowhere now
