"""Reseating: somebody else sits on a seat now; and deputies are called back once they are none any more."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from config.handbook.approvals.chain import Mark
from storage import deputies, people
from storage.approvals import seating
from storage.approvals.going import UNDECIDED, Going
from storage.approvals.tables import Task
from storage.people import Employee


def avoided(going: Going) -> frozenset[int]:
    """Who must not sit here by way of deputies: the requester."""
    return frozenset({going.request.requester_id})


def sits(going: Going, step: int, person_id: int) -> bool:
    """Whether somebody has a seat at this step."""
    return any(task.step == step and task.person_id == person_id and task.status != Mark.GONE for task in going.tasks)


async def reseat(going: Going, task: Task, person: Employee, **values: object) -> None:
    """Somebody else sits on a seat now; if it was open, it opens for them."""
    was_open = task.status == Mark.OPEN
    await going.put(
        task, person_id=person.id, status=str(Mark.WAITING) if was_open else task.status, opened_at=None,
        chase_at=None, chased="", left=None, **values,
    )  # fmt: skip


async def heir(
    going: Going, task: Task, wanted: Iterable[Employee | None], gone: Collection[int | None]
) -> Employee | None:
    """Who takes a seat over: the first who is wanted, else whoever keeps the approvals, else the head above them.

    Never those who are `gone`, whoever asks for it, or somebody who sits at the step already.
    """
    for one in (*wanted, *await seating.keepers(going.work, going.frozen)):
        if one is not None and one.id not in avoided(going).union(gone) and not sits(going, task.step, one.id):
            return one
    return None


async def pass_on(going: Going, task: Task, to: Employee, whose: int, what: str, **values: object) -> None:
    """Gives a seat to its heir, or to who stands in for them; the trail says `what`, and that it was `whose`."""
    sitter = await deputies.stand_in(going.work, to, avoid=avoided(going) | {whose})
    if sits(going, task.step, sitter.id):
        sitter = to
    await reseat(going, task, sitter, for_id=to.id if sitter.id != to.id else None, **values)
    await going.note(what, task=task, to=[sitter.id], for_id=whose)


async def recall(going: Going) -> bool:
    """Seats on which a deputy sits who is none any more go back; says whether there were any.

    To whoever they stood in for, or to who stands in for them now; a seat whose person would then have two at the step
    stays with the deputy.
    """
    moved = False
    for task in going.tasks:
        if task.for_id is None or task.status not in UNDECIDED:
            continue
        whose = await people.find(going.work.session, task.for_id)
        if whose is None:
            continue
        sitter = await deputies.stand_in(going.work, whose, avoid=avoided(going))
        if sitter.id == task.person_id or sits(going, task.step, sitter.id):
            continue
        was = task.person_id
        await reseat(going, task, sitter, for_id=None if sitter.id == whose.id else whose.id)
        await going.note("hand_back", task=task, to=[sitter.id], for_id=was)
        moved = True
    return moved
