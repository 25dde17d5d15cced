"""Claiming: where any one of several is enough, one of them says that they are looking at it, and the others see so.

A claim takes nobody's right away: whoever decides, decides. It ends with all that happens to the seat it stands on.
"""

from __future__ import annotations

from collections.abc import Sequence

from config.handbook.approvals import Step
from config.handbook.approvals.chain import Mark, Place
from config.text import Text, When, t
from storage import people
from storage.approvals import unseating
from storage.approvals.deciding import take
from storage.approvals.going import Going
from storage.approvals.tables import Request, Status, Task
from storage.errors import Refusal
from storage.work import Work


def looking(request: Request, tasks: Sequence[Task]) -> Task | None:
    """The seat whose holder is looking at it now; None where nobody says so."""
    if request.status != Status.PENDING:
        return None
    return next((one for one in tasks if one.claimed_at is not None and one.round == request.round), None)


def is_shared(rule: Step, tasks: Sequence[Task], task: Task) -> bool:
    """Whether a seat is one of several open ones of which any one is enough."""
    return rule.method == "any" and task.place == Place.STEP and task.status == Mark.OPEN and any(
        one.id != task.id and one.place == Place.STEP and one.status == Mark.OPEN
        and (one.step, one.round) == (task.step, task.round)
        for one in tasks
    )  # fmt: skip


async def claim(work: Work, task: Task) -> Task | None:
    """Says that the actor is looking at it, also where another was: returns the seat of whoever had it before.

    No seat's version changes, so that nobody's button goes stale. Raises `Unseated` as a decision does.
    """
    going, task = await take(work, task, "claim")
    await unseating.check(work, going, task)
    request, before = going.request, looking(going.request, going.tasks)
    if before is not None and before.id == task.id and task.claimed_at is not None:
        raise Refusal(t("You are looking at {number} already, since {when}: the others see it.",
                        number=request.number, when=When(task.claimed_at)))  # fmt: skip
    if not is_shared(going.frozen.template.steps[task.step], going.tasks, task):
        raise Refusal(t("{number} waits for nobody who could decide instead of you: nobody need be told.",
                        number=request.number))  # fmt: skip
    if before is not None:
        await going.time(before, claimed_at=None)
    await going.time(task, claimed_at=work.now)
    to, detail = ([before.person_id], "over") if before is not None else ([], "")
    await going.note("claim", task=task, to=to, detail=detail)
    return before


async def release(work: Work, task: Task) -> None:
    """Leaves it to the others again, as if the actor had never said so."""
    going, task = await take(work, task, "release")
    if task.claimed_at is None:
        raise Refusal(await _not_held(work, going))
    await going.time(task, claimed_at=None)
    await going.note("release", task=task)


async def _not_held(work: Work, going: Going) -> Text:
    number, holder = going.request.number, looking(going.request, going.tasks)
    person = await people.find(work.session, holder.person_id) if holder is not None else None
    if person is None:
        return t("Nobody is looking at {number} just now: it waits for all of you.", number=number)
    return t("{name} is looking at {number} now, not you.", name=person.name, number=number)


def spares(going: Going, seat: Task) -> bool:
    """Whether a reminder is not for whoever sits here, since another of them is looking at it, and it is not late.

    Where nothing says when it is due, that holds for as long as from one reminder to the next: nothing waits for ever
    for one who has forgotten it.
    """
    holder = looking(going.request, going.tasks)
    if holder is None or holder.claimed_at is None or holder.id == seat.id or seat.place != Place.STEP:
        return False
    if seat.due_at is not None:
        return going.work.now < seat.due_at
    every = going.frozen.template.steps[seat.step].remind_every
    return every is not None and going.work.now < going.work.handbook.calendar.add(holder.claimed_at, every)
