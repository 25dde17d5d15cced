"""Talk about a request: comments, which are part of its record; and questions, during which its clock stands still."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlmodel import col

from config.handbook.approvals.chain import Mark
from config.text import t
from storage import people
from storage.approvals import clock, rights
from storage.approvals.deciding import take
from storage.approvals.going import Going, Went
from storage.approvals.holding import hold, hold_all
from storage.approvals.tables import Act, Query, Request, Status, Task
from storage.approvals.trail import record
from storage.errors import Refusal
from storage.people import Employee
from storage.work import Work

MOST_OPEN = 5
"""Questions that may be open about one request at once."""


async def comment(work: Work, request: Request, text: str, files: str = "[]") -> Act:
    """Keeps what somebody said about it. Its version stays, so that nobody's button goes stale by it."""
    await rights.may(work, request, "comment")
    return await record(work, request, "comment", text=text, files=files)


async def ask(work: Work, task: Task, of_id: int, text: str) -> Query:
    """Asks the requester, or another colleague, before deciding. The clock stands still until it is answered."""
    going, task = await take(work, task, "ask")
    person = await people.find(work.session, of_id)
    if person is None:
        raise Refusal(t("That person is not known here. Please choose a colleague."), "of")
    if person.id == work.actor.id:
        raise Refusal(t("That is you. Please choose somebody else."), "of")
    if await _open(work, going.request) >= MOST_OPEN:
        raise Refusal(t("{n} questions are open already. Please wait for an answer.", n=MOST_OPEN))
    query = Query(
        request_id=going.request.id, task_id=task.id, by_id=work.actor.id, of_id=person.id, at=work.now, text=text
    )
    work.session.add(query)
    await work.session.flush()
    await going.note("ask", task=task, to=[person.id], text=text, detail=str(query.id))
    if going.request.paused_at is None:
        going.changes["paused_at"] = work.now
        for one in going.tasks:
            if one.status == Mark.OPEN:
                await going.time(one, **clock.paused(work.handbook.calendar, work.now, one))
    await going.keep("ask")
    return query


async def answer(work: Work, query: Query, text: str) -> Went:
    """Answers a question; with the last one the clock goes on."""
    going = await hold(work, query.request_id)
    fresh = await work.session.get(Query, query.id, populate_existing=True)
    assert fresh is not None  # just seen
    if fresh.of_id != work.actor.id:
        raise Refusal(t("This question is for somebody else. You may write a comment."), denied=True)
    if fresh.status != "open" or going.request.status != Status.PENDING:
        raise Refusal(t("This question is answered, or does not matter any more."))
    await _close(work, fresh, text)
    await going.note("answer", to=[fresh.by_id], text=text, detail=str(fresh.id))
    await resume(going)
    return await going.keep("answer")


async def excuse(work: Work, person: Employee) -> list[Went]:
    """Somebody leaves: nobody waits for their answers any longer, and the clock goes on."""
    rows = await work.session.execute(
        select(Query).where(col(Query.of_id) == person.id, col(Query.status) == "open").order_by(col(Query.id))
    )
    asked: dict[int, list[Query]] = {}
    for query in rows.scalars():
        asked.setdefault(query.request_id, []).append(query)
    found = []
    for request_id in await hold_all(work, asked):
        going = await hold(work, request_id)
        for query in asked[request_id]:
            await _close(work, query, "", "dropped")
            await going.note("drop", to=[person.id], detail="question")
        await resume(going)
        found.append(await going.keep("drop"))
    return found


async def _close(work: Work, query: Query, text: str, status: str = "answered") -> None:
    query.status, query.answer, query.answered_at, query.version = status, text, work.now, query.version + 1
    await work.session.flush()


async def resume(going: Going) -> None:
    """Lets the clock go on, where no question is open any more."""
    if going.request.paused_at is None or await _open(going.work, going.request):
        return
    going.changes["paused_at"] = None
    for one in going.tasks:
        if one.status == Mark.OPEN:
            rule = going.frozen.template.steps[one.step]
            await going.time(one, **clock.resumed(going.work.handbook.calendar, going.work.now, one, rule))


async def _open(work: Work, request: Request) -> int:
    rows = await work.session.execute(
        select(func.count()).select_from(Query).where(col(Query.request_id) == request.id, col(Query.status) == "open")
    )
    return int(rows.scalar_one())
