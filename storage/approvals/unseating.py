"""Unseating: whom the rules named once and name no more decides nothing; the seat goes to whoever they name today."""

from __future__ import annotations

from config.handbook.approvals import Selector
from config.handbook.approvals.chain import Mark, Place
from config.text import t
from storage.approvals import seating
from storage.approvals.going import UNDECIDED, Going, Went
from storage.approvals.reseating import heir, pass_on
from storage.approvals.tables import Request, Task
from storage.errors import Refusal
from storage.people import Employee
from storage.work import Work

STANDING = frozenset({"manager", "head", "heads", "department", "post", "role", "steward", "manager_of"})
"""Rules that name somebody for what they are; who was chosen, or was given a seat, keeps it."""


class Unseated(Refusal):
    """The seat is no longer the actor's by the rules; nothing has happened yet."""

    def __init__(self, request: Request, task: Task) -> None:
        self.task = task
        super().__init__(
            t(
                "By the rules {number} is not yours to decide any more. It goes to whoever is now.",
                number=request.number,
            ),
            denied=True,
        )


async def check(work: Work, going: Going, task: Task) -> None:
    """Raises `Unseated` where the rule that put somebody on a seat does not name them any more."""
    if await _named(work, going, task) is not None:
        raise Unseated(going.request, task)


async def _named(work: Work, going: Going, task: Task) -> list[Employee] | None:
    """Whom the seat's rule names today, where its holder is not among them; None where they are, or need not be."""
    rule = _rule(task)
    if rule is None:
        return None
    whose = task.for_id or task.person_id
    asked = await seating.asked_of(work, going.request)
    named = await seating.select_people(work, going.frozen, asked, task.step, rule)
    return None if whose in {person.id for person in named} else named


def _rule(task: Task) -> Selector | None:
    if task.place != Place.STEP or task.why.partition(":")[0] not in STANDING:
        return None
    try:
        return Selector.read(task.why)
    except ValueError:
        return None


async def unseat(work: Work, task: Task) -> Went:
    """Gives the seat to whoever its rule names now; where others decide as well it is let go.

    Where the rule names nobody, whoever keeps the approvals has it. Raises `Refusal` where nobody is left at all.
    """
    from storage.approvals.deciding import take  # which asks us

    going, task = await take(work, task, "approve")
    named = await _named(work, going, task) or []
    whose = task.for_id or task.person_id
    others = any(one.step == task.step and one.id != task.id and one.status in UNDECIDED for one in going.tasks)
    to = await heir(going, task, named, {task.person_id, task.for_id})
    if to is None and not others:
        raise Refusal(t("Nobody can be found who may decide on {number} now. Please tell whoever keeps the handbook.",
                        number=going.request.number))  # fmt: skip
    if to is None or (going.rule.method == "any" and others):
        await going.put(task, status=str(Mark.GONE), chase_at=None)
        await going.note("unseat", task=task, for_id=whose, detail="alone")
    else:
        await pass_on(going, task, to, whose, "unseat")
    await going.settle()
    return await going.keep("unseat")
