"""Ends that nobody's decision brings: withdrawn, ended by whoever keeps the approvals; and being reminded meanwhile."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import col

from config.handbook.approvals.chain import Mark
from config.text import When, t
from storage import history, people
from storage.approvals import rights
from storage.approvals.going import Going, Went
from storage.approvals.holding import hold, hold_all
from storage.approvals.tables import Aim, Request, Status, Task
from storage.approvals.trail import record
from storage.errors import Refusal
from storage.history import FASTER
from storage.people import Employee
from storage.work import Work


async def _take(work: Work, request: Request, act: str) -> Going:
    seen = request.version
    going = await hold(work, request.id)
    await rights.may(work, going.request, act)
    if going.request.version != seen:
        raise Refusal(FASTER)
    return going


async def withdraw(work: Work, request: Request, why: str = "") -> Went:
    """The requester takes it back before it is decided. Where it asks to undo an approval, that stays as it was."""
    going = await _take(work, request, "withdraw")
    await going.note("withdraw", text=why)
    await going.let_go(going.tasks)
    if going.request.aim == Aim.WITHDRAW:
        going.changes["aim"] = str(Aim.GRANT)
        going.end(Status.APPROVED)
        return await going.keep("withdraw")
    going.end(Status.WITHDRAWN)
    return await going.keep("withdraw", undoable=True)


async def withdraw_granted(work: Work, request: Request, why: str) -> Went:
    """The requester asks to take back what was granted: it goes round again, and those who approved it decide.

    Raises `Refusal` where the template does not allow that, or no longer.
    """
    going = await _take(work, request, "withdraw_granted")
    within = going.frozen.template.withdraw_within
    if within is None:
        raise Refusal(
            t("What is approved by this template can't be withdrawn any more. Please talk to whoever approved it.")
        )
    assert going.request.decided_at is not None  # it is approved
    until = work.handbook.calendar.add(going.request.decided_at, within)
    if work.now > until:
        raise Refusal(t("It could be withdrawn until {when}. Please talk to whoever approved it.", when=When(until)))
    going.to = str(Status.PENDING)
    going.request.aim = Aim.WITHDRAW
    going.changes |= {"aim": str(Aim.WITHDRAW), "round": going.round + 1, "step": -1}
    going.tasks.clear()
    await going.note("withdraw_granted", text=why)
    path = going.path()
    if not path:
        await going.grant()
    elif await going.begin(path[0]):
        await going.settle()
    else:
        await going.refuse()
    return await going.keep("withdraw_granted")


async def terminate(work: Work, request: Request, why: str) -> Went:
    """Whoever keeps the approvals, or an administrator, ends what is stuck; the trail says who, and why."""
    going = await _take(work, request, "terminate")
    await going.note("terminate", text=why)
    return await _end(going, "terminate")


async def orphan(work: Work, person: Employee) -> list[Went]:
    """Somebody leaves: what they asked for and is still under way is ended."""
    rows = await work.session.execute(
        select(col(Request.id)).where(
            col(Request.requester_id) == person.id, col(Request.status).in_([Status.PENDING, Status.RETURNED])
        )
    )
    found = []
    for request_id in await hold_all(work, rows.scalars()):
        going = await hold(work, request_id)
        await going.note("orphan", to=[person.id])
        found.append(await _end(going, "orphan"))
    return found


async def _end(going: Going, what: str) -> Went:
    """Ends it. A wish to take back what was granted ends by its being granted still."""
    await going.let_go(going.tasks)
    if going.request.aim == Aim.WITHDRAW:
        going.changes["aim"] = str(Aim.GRANT)
        going.end(Status.APPROVED)
    else:
        going.end(Status.TERMINATED)
    return await going.keep(what)


async def nudge(work: Work, request: Request) -> list[Employee]:
    """Reminds those for whom it waits; returns them. Not more often than the handbook allows."""
    await rights.may(work, request, "nudge")
    last = request.nudged_at
    if last is not None:
        again = work.handbook.calendar.add(last, work.handbook.approvals.nudge_every)
        if work.now < again:
            raise Refusal(t("They were reminded at {when}. You can remind them again from {again}.",
                            when=When(last, "time"), again=When(again)))  # fmt: skip
    if request.paused_at is not None:
        raise Refusal(
            t("A question about {number} is open; it waits for the answer, not for a decision.", number=request.number)
        )
    rows = await work.session.execute(
        select(Task).where(
            col(Task.request_id) == request.id, col(Task.round) == request.round, col(Task.status) == Mark.OPEN
        )
    )
    ids = dict.fromkeys(task.person_id for task in rows.scalars())
    found = [person for one in ids if (person := await people.find(work.session, one)) is not None]
    if not await history.once(work, request, "nudged_at", last, work.now, "approvals.nudge"):
        raise Refusal(FASTER)
    await record(work, request, "nudge", to=[person.id for person in found])
    return found
