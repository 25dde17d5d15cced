"""Seats change hands: transferred, lent for advice, others added or taken off, deputies sent and called back."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlmodel import col

from config.handbook.approvals.chain import Mark, Place
from config.text import Text, t
from storage import deputies, people
from storage.approvals import seating
from storage.approvals.deciding import take
from storage.approvals.going import UNDECIDED, Going, Went
from storage.approvals.holding import hold, hold_all
from storage.approvals.reseating import avoided, heir, pass_on, recall, reseat, sits
from storage.approvals.tables import Aim, Request, Status, Task
from storage.errors import Refusal
from storage.people import Employee
from storage.work import Work, undone_if_refused

MOST_ADDED = 20
"""People whom one act may add."""
MOST_SEATS = 60
"""Seats of one round: beyond that nobody would find out any more why it waits."""
DEPTH = 5
"""Seats around seats around seats: deeper than this is a circle of courtesies."""


async def transfer(work: Work, task: Task, to_id: int, why: str) -> Went:
    """Gives the actor's seat away for good; whoever has it now decides."""
    going, task = await take(work, task, "transfer")
    person = await _receiver(going, to_id)
    deputy = await deputies.stand_in(work, person, avoid=avoided(going))
    await _once_at_the_step(going, deputy)
    given = {} if task.parent_id is not None else {"from_id": work.actor.id, "why": "transfer"}
    whose = task.for_id
    await reseat(going, task, deputy, for_id=person.id if deputy.id != person.id else None, **given)
    await going.note("transfer", task=task, to=[person.id], text=why, for_id=whose)
    await going.settle()
    return await going.keep("transfer", undoable=True)


async def delegate(work: Work, task: Task, to_id: int, why: str) -> Went:
    """Asks a colleague for advice; the seat waits for it, and then its holder decides."""
    going, task = await take(work, task, "delegate")
    person = await _receiver(going, to_id)
    await _once_at_the_step(going, person)
    await going.seat([_around(going, task, Place.LENT, person, "all", 0)])
    await going.note("delegate", task=task, to=[person.id], text=why)
    await going.settle()
    return await going.keep("delegate", undoable=True)


async def take_back(work: Work, task: Task) -> Went:
    """Does not wait for the advice any longer."""
    going, task = await take(work, task, "take_back")
    lent = [one for one in going.tasks if one.parent_id == task.id and one.place == Place.LENT]
    await going.let_go(lent)
    await going.note("take_back", task=task, to=[one.person_id for one in lent])
    await going.settle()
    return await going.keep("take_back", undoable=True)


async def add(work: Work, task: Task, place: str, ids: Sequence[int], method: str, why: str) -> Went:
    """Puts others before, after or beside the actor's seat: it needs their word as well, all, any, or in turn."""
    going, task = await take(work, task, "add")
    if place not in (Place.BEFORE, Place.AFTER, Place.BESIDE) or method not in ("all", "any", "turn"):
        raise Refusal(t("Please choose one of the answers offered."), "place")
    wanted = list(dict.fromkeys(ids))
    if not 0 < len(wanted) <= MOST_ADDED:
        raise Refusal(t("Please choose from 1 to {most} people.", most=MOST_ADDED), "people")
    if len(going.tasks) + len(wanted) > MOST_SEATS or _depth(going, task) >= DEPTH:
        raise Refusal(t("So many people are asked already. Please decide, or send it back."), "people")
    rows: list[Task] = []
    for ordinal, one in enumerate(wanted):
        person = await _receiver(going, one, "people")
        deputy = await deputies.stand_in(work, person, avoid=avoided(going))
        await _once_at_the_step(going, deputy, "people")
        if deputy.id in {row.person_id for row in rows}:
            continue
        rows.append(_around(going, task, Place(place), deputy, method, ordinal,
                            for_id=person.id if deputy.id != person.id else None))  # fmt: skip
    await going.seat(rows)
    for row in rows:
        await going.put(row, batch=rows[0].id)
    await going.note("add", task=task, to=[row.person_id for row in rows], text=why, detail=f"{place}:{method}")
    await going.settle()
    return await going.keep("add", undoable=True)


async def take_off(work: Work, task: Task) -> Went:
    """Takes somebody off again whom the actor added, and who has not decided."""
    going, task = await take(work, task, "take_off")
    await going.let_go(_with_all_around(going, task))
    await going.note("take_off", task=task, to=[task.person_id])
    await going.settle()
    return await going.keep("take_off", undoable=True)


def _with_all_around(going: Going, task: Task) -> list[Task]:
    found, edge = [task], [task.id]
    while edge:
        around = [one for one in going.tasks if one.parent_id in edge]
        found += around
        edge = [one.id for one in around]
    return found


def _depth(going: Going, task: Task) -> int:
    above, depth = {one.id: one.parent_id for one in going.tasks}, 0
    at = task.parent_id
    while at is not None:
        at, depth = above.get(at), depth + 1
    return depth


def _around(
    going: Going, task: Task, place: Place, person: Employee, method: str, ordinal: int, for_id: int | None = None
) -> Task:
    return Task(
        request_id=going.request.id, round=going.round, edition=going.edition, step=task.step, place=place,
        parent_id=task.id, method=method, ordinal=ordinal, person_id=person.id, for_id=for_id,
        from_id=going.work.actor.id, why="delegate" if place == Place.LENT else "add",
    )  # fmt: skip


async def _receiver(going: Going, person_id: int, field: str = "to") -> Employee:
    person = await people.find(going.work.session, person_id)
    if person is None:
        raise Refusal(t("That person is not known here. Please choose a colleague."), field)
    if person.id == going.work.actor.id:
        raise Refusal(t("That is you. Please choose somebody else."), field)
    if person.id == going.request.requester_id and going.frozen.template.requester_is_approver != "self":
        raise Refusal(
            t("{name} asks for this, and can't decide on it. Please choose somebody else.", name=person.name), field
        )
    return person


async def _once_at_the_step(going: Going, person: Employee, field: str = "to") -> None:
    for task in going.tasks:
        if task.step == going.step and task.person_id == person.id and task.status != Mark.GONE:
            raise Refusal(_has_a_seat(task, person), field)


def _has_a_seat(task: Task, person: Employee) -> Text:
    if task.status in UNDECIDED:
        return t("{name} is asked at this step already. Please choose somebody else.", name=person.name)
    return t("{name} has decided at this step already. Please choose somebody else.", name=person.name)


async def deputise(work: Work, person: Employee, deputy: Employee) -> list[Went]:
    """Brings before a deputy all that waits for somebody who is away; the trail says for whom they decide.

    What the deputy asks for themselves, or is asked at the same step already, stays where it is.
    """
    found = []
    for request_id in await _waiting_for(work, col(Task.person_id) == person.id):
        going, moved = await hold(work, request_id), False
        for task in going.tasks:
            if task.person_id == person.id and task.status in UNDECIDED:
                stand_in = await deputies.stand_in(work, person, avoid=avoided(going))
                if stand_in.id == person.id or sits(going, task.step, stand_in.id):
                    continue
                await reseat(going, task, stand_in, for_id=task.for_id or person.id)
                await going.note("deputise", task=task, to=[stand_in.id], for_id=person.id)
                moved = True
        if moved:
            await going.settle()
            found.append(await going.keep("deputise"))
    return found


async def hand_back(work: Work, person: Employee) -> list[Went]:
    """Calls back what deputies have not decided: to whoever they stood in for, or to who stands in for them now.

    `person` is who is back. Others whose seats had come to a deputy by way of them are looked at as well.
    """
    found = []
    for request_id in await _waiting_for(work, col(Task.for_id).is_not(None)):
        going = await hold(work, request_id)
        if await recall(going):
            await going.settle()
            found.append(await going.keep("hand_back"))
    return found


async def _waiting_for(work: Work, condition: object) -> list[int]:
    rows = await work.session.execute(
        select(col(Task.request_id))
        .join(Request, col(Request.id) == col(Task.request_id))
        .where(
            condition,  # type: ignore[arg-type]  # a column's comparison
            col(Task.status).in_(UNDECIDED), col(Request.status) == Status.PENDING,
            col(Task.round) == col(Request.round),
        )
        .distinct()
        .order_by(col(Task.request_id))
    )  # fmt: skip
    return await hold_all(work, rows.scalars())


async def replace(work: Work, person: Employee) -> list[Went]:
    """Somebody leaves: their seats go to whoever is over them, else to whoever keeps the approvals.

    Where a deputy left, the seat is again theirs for whom it was. Where nobody is left who could decide, the request
    goes back to its requester; and where it could not go on without them. Never raises `Refusal`: they leave.
    """
    found = []
    for request_id in await _waiting_for(work, or_(col(Task.person_id) == person.id, col(Task.for_id) == person.id)):
        try:
            async with undone_if_refused(work):
                went = await _replaced(await hold(work, request_id), person)
        except Refusal:
            going = await hold(work, request_id)
            await _given_back(going)
            went = await going.keep("replace")
        if went is not None:
            found.append(went)
    return found


async def _replaced(going: Going, person: Employee) -> Went | None:
    """One request without the leaver; None for their own."""
    if going.request.requester_id == person.id:
        return None
    for task in list(going.tasks):
        if task.status in UNDECIDED and task.for_id == person.id and task.person_id != person.id:
            await going.put(task, for_id=None)  # the deputy keeps it, in nobody's name
        elif task.status in UNDECIDED and task.person_id == person.id:
            await _inherited(going, task, person)
    if any(task.step == going.step and task.status in UNDECIDED for task in going.tasks):
        await going.settle()
    else:  # nobody grants what they ask for by leaving
        await _given_back(going)
    return await going.keep("replace")


async def _given_back(going: Going) -> None:
    """To its requester; what was granted, and was only asked to be taken back, stays granted."""
    await going.let_go(going.tasks)
    if going.request.aim == Aim.WITHDRAW:
        going.changes["aim"] = str(Aim.GRANT)
        going.end(Status.APPROVED)
        return
    going.to = str(Status.RETURNED)
    going.changes |= {"resume": None, "step": -1, "paused_at": None}
    await going.note("return", detail="nobody")


async def _inherited(going: Going, task: Task, person: Employee) -> None:
    """A leaver's seat, given to whoever is to have it, or let go."""
    to = await _heir(going, task, person)
    if to is None:
        await going.put(task, status=str(Mark.GONE), chase_at=None)
        await going.note("drop", task=task, to=[person.id])
        return
    await pass_on(going, task, to, person.id, "replace", why=f"left:{task.why}"[:200])


async def _heir(going: Going, task: Task, person: Employee) -> Employee | None:
    """Who takes a leaver's seat; None where others who decide as well are left at the step, or it was only advice."""
    others = any(
        one.step == task.step and one.id != task.id and one.status in UNDECIDED and one.place == task.place
        and one.parent_id == task.parent_id and one.person_id != person.id
        for one in going.tasks
    )  # fmt: skip
    is_one_of_many = task.place == Place.STEP and going.rule.method == "any"
    if task.place == Place.LENT or (is_one_of_many and others):
        return None
    whose = await people.find(going.work.session, task.for_id) if task.for_id is not None else None
    return await heir(going, task, (whose, await seating.over(going.work, person)), {person.id})
