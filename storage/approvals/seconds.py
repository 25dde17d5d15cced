"""Second confirmations: what is worth much is approved twice by the same person, the second time elsewhere.

Where the company wants it so, an approval from a certain amount on counts only once its approver has confirmed it on
another of their platforms, within ten minutes, and as it then still stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from config.handbook.approvals.chain import Mark, Place
from config.handbook.approvals.sums import major
from config.text import Money, t
from storage.approvals.answers import pack, unpack
from storage.approvals.case import Case, case_of_task
from storage.approvals.definitions import frozen_of
from storage.approvals.tables import Aim, Request, Second, Status, Task
from storage.authority import NOT_THERE
from storage.errors import Refusal
from storage.history import move
from storage.work import Work

if TYPE_CHECKING:
    from config.handbook.approvals import Template
    from storage.approvals.going import Went

LASTS = timedelta(minutes=10)
AGAIN = "again"
"""The place of a confirmation that is given where it was asked for, by typing the request's number once more."""

ASKED, GIVEN, GONE = "asked", "given", "gone"
GIVES = {ASKED: {GIVEN}}
GOES = {ASKED: {GONE}}
ASKS = {ASKED: {ASKED}, GONE: {ASKED}}


class NeedsSecond(Refusal):
    """The approval wants a second confirmation; nothing has happened yet. `minor` is what it is about."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.minor = request.minor or 0
        super().__init__(
            t(
                "Approval {number} is about {amount}. So much wants a second confirmation from you, elsewhere.",
                number=request.number,
                amount=Money(self.minor, request.currency),
            )
        )


async def needs(work: Work, request: Request, task: Task, worth: Money | None = None) -> bool:
    """Whether approving this seat wants a second confirmation, by the template as it was when it was asked for.

    `worth` is the amount where the approver may just have answered it.
    """
    return wants((await frozen_of(work.session, request)).template, request, task, worth or request.worth)


def wants(template: Template, request: Request, task: Task, worth: Money | None) -> bool:
    """The rule itself: what is granted, by a seat that decides, from the template's `confirm_from` on."""
    if template.confirm_from is None or worth is None:
        return False
    if request.aim != Aim.GRANT or task.place == Place.LENT:
        return False
    return major(worth) >= template.confirm_from


async def begin(work: Work, task: Task, comment: str, place: str, fills: Mapping[str, Any] | None = None) -> Second:
    """Keeps an approval that waits for its second confirmation, on another platform than `work.via`, or `AGAIN` here.

    Where it waits already, it is asked for anew: the ten minutes begin again.
    """
    values: dict[str, Any] = {
        "person_id": work.actor.id, "first_via": work.via, "place": place, "text": comment, "at": work.now,
        "expires_at": work.now + LASTS, "fills": "" if fills is None else pack(fills),
    }  # fmt: skip
    known = await work.session.execute(
        select(Second).where(col(Second.task_id) == task.id, col(Second.task_version) == task.version).with_for_update()
    )
    second = known.scalar_one_or_none()
    if second is None:
        second = Second(task_id=task.id, task_version=task.version, **values)
        work.session.add(second)
        await work.session.flush()
        work.note("approvals.second.ask", f"approvals:{task.request_id}", task=task.id, place=place)
        return second
    await move(work, second, ASKED, ASKS, "approvals.second.ask", **values)
    return second


@dataclass(frozen=True, slots=True)
class Waiting:
    """A confirmation with the request that it is about, as it stands."""

    second: Second
    case: Case


async def waiting(session: AsyncSession, second_id: int) -> Waiting | None:
    """A confirmation as its card shows it; None if there is none."""
    second = await session.get(Second, second_id)
    whole = await case_of_task(session, second.task_id) if second is not None else None
    return Waiting(second, whole) if second is not None and whole is not None else None


async def see(work: Work, second_id: int) -> Second:
    """The confirmation, if it is the actor's to give. Raises `Refusal` in the same words where it does not exist."""
    second = await work.session.get(Second, second_id)
    if second is None or second.person_id != work.actor.id:
        raise Refusal(NOT_THERE, denied=True)
    return second


async def confirm(work: Work, second: Second) -> tuple[Went, Task]:
    """Approves, now that it is confirmed. Never where it was first said, but for those who could only say it there.

    Raises `Refusal` where it is too late, was answered already, or the request has changed since.
    """
    from storage.approvals.deciding import approve  # which asks us whether it may

    task = await _still(work, second)
    if second.place != AGAIN and work.via == second.first_via:
        raise Refusal(t("You approved it here. The second confirmation has to come from another place of yours."))
    await move(work, second, GIVEN, GIVES, "approvals.second.give")
    fills = unpack(second.fills) if second.fills else None
    return await approve(work, task, second.text, confirmed=True, fills=fills), task


async def refuse(work: Work, second: Second) -> Request:
    """Takes the approval back before it has happened: "it was not me", or a second thought. Nothing is decided."""
    if second.person_id != work.actor.id:
        raise Refusal(NOT_THERE, denied=True)
    if second.status != ASKED:
        raise Refusal(_ANSWERED)
    await move(work, second, GONE, GOES, "approvals.second.refuse")
    return await request_of(work, second)


async def request_at(work: Work, task: Task) -> Request:
    """The request that a seat belongs to."""
    rows = await work.session.execute(select(Request).where(col(Request.id) == task.request_id))
    return rows.scalar_one()


async def request_of(work: Work, second: Second) -> Request:
    """The request that a confirmation is about."""
    rows = await work.session.execute(
        select(Request).join(Task, col(Task.request_id) == col(Request.id)).where(col(Task.id) == second.task_id)
    )
    return rows.scalar_one()


_ANSWERED = t("That has been answered already. Please look at the request as it stands now.")


async def _still(work: Work, second: Second) -> Task:
    """The seat, if all is still as it was when the actor approved for the first time."""
    if second.person_id != work.actor.id:
        raise Refusal(NOT_THERE, denied=True)
    if second.status != ASKED:
        raise Refusal(_ANSWERED)
    if second.expires_at <= work.now:
        raise Refusal(t("That was more than ten minutes ago, and counts no more. Please approve it once more."))
    task = await work.session.get(Task, second.task_id)
    request = await request_of(work, second)
    assert task is not None  # the confirmation has it as its key
    moved = task.version != second.task_version or task.status != Mark.OPEN or task.person_id != work.actor.id
    if moved or request.status != Status.PENDING:
        raise Refusal(
            t("Approval {number} has changed since you approved it. Please look again.", number=request.number)
        )
    return task
