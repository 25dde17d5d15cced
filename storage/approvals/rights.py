"""Who may do what to a request: one table of act × relation × state, asked on every press, on every platform."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import bindparam, or_, select
from sqlmodel import col

from config.handbook.approvals.chain import Mark, Place
from config.text import Label, Text, When, t
from storage import deputies, history, people
from storage.approvals.case import tasks_of
from storage.approvals.definitions import frozen_of
from storage.approvals.reading import NO_SEAT
from storage.approvals.tables import Act, Copy, Query, Request, Status, Task
from storage.authority import NOT_THERE, Rights, allows, require
from storage.errors import Refusal
from storage.people import Employee, Role
from storage.prepared import Prepared, table_of
from storage.work import Work

P = TypeVar("P", Task, Query)


class Relation(StrEnum):
    """What a person is to a request. Nobody else sees it."""

    REQUESTER = "requester"
    APPROVER = "approver"
    """Has an open seat, and decides."""
    ADVISER = "adviser"
    """Was asked for advice by one who decides."""
    WAITING = "waiting"
    """Has a seat whose turn has not come."""
    LENDER = "lender"
    """Has asked somebody for advice, and waits for it."""
    ADDER = "adder"
    """Has put somebody beside, before or after their own seat, who has not decided yet."""
    SEATED = "seated"
    """Had a seat at some time, or did something to it."""
    ASKED = "asked"
    """Has a question to answer."""
    COPIED = "copied"
    STEWARD = "steward"
    """Keeps the approvals: the head of the department that the handbook names."""
    ADMIN = "admin"
    """Keeps the machine: may end what is stuck, without reading it."""


ALWAYS = tuple(Status)
UNDER_WAY = (Status.PENDING, Status.RETURNED)
PENDING = (Status.PENDING,)
ENDED = (Status.APPROVED, Status.REJECTED, Status.WITHDRAWN, Status.TERMINATED)
(REQUESTER, APPROVER, ADVISER, WAITING, LENDER, ADDER, SEATED, ASKED, COPIED, STEWARD, ADMIN) = Relation
_READERS = (REQUESTER, APPROVER, ADVISER, WAITING, LENDER, ADDER, SEATED, ASKED, COPIED, STEWARD)

RIGHTS: Rights = {
    "see": dict.fromkeys(_READERS, ALWAYS),
    "comment": dict.fromkeys(_READERS, ALWAYS),
    "export": dict.fromkeys((REQUESTER, APPROVER, WAITING, LENDER, ADDER, SEATED, STEWARD), ALWAYS),
    "share": dict.fromkeys((REQUESTER, APPROVER, ADVISER, WAITING, LENDER, ADDER, SEATED, STEWARD), ALWAYS),
    "approve": {APPROVER: PENDING},
    "reject": {APPROVER: PENDING},
    "send_back": {APPROVER: PENDING},
    "transfer": {APPROVER: PENDING},
    "delegate": {APPROVER: PENDING},
    "add": {APPROVER: PENDING},
    "claim": {APPROVER: PENDING},
    "release": {APPROVER: PENDING},
    "advise": {ADVISER: PENDING},
    "ask": {APPROVER: PENDING, ADVISER: PENDING},
    "answer": {ASKED: PENDING},
    "take_back": {LENDER: PENDING},
    "take_off": {ADDER: PENDING},
    "resubmit": {REQUESTER: (Status.RETURNED,)},
    "withdraw": {REQUESTER: UNDER_WAY},
    "withdraw_granted": {REQUESTER: (Status.APPROVED,)},
    "nudge": {REQUESTER: PENDING},
    "again": {REQUESTER: ENDED},
    "terminate": {STEWARD: UNDER_WAY, ADMIN: UNDER_WAY},
    "look_over": {STEWARD: ALWAYS, ADMIN: UNDER_WAY},
}
"""act → relation → the states in which it is theirs. Undoing has a rule of its own: `deciding.may_undo`."""


async def relations(work: Work, request: Request, person: Employee) -> set[Relation]:
    """What a person is to this request; empty for somebody whom it does not concern."""
    found = set()
    if request.requester_id == person.id:
        found.add(REQUESTER)
    rows = [task for task in await tasks_of(work.session, request.id) if person.id in _people(task)]
    found |= {relation for task in rows for relation in _by_seat(task, rows, request, person)}
    if SEATED not in found and await _did_something(work, request, person):
        found.add(SEATED)
    if await _is_asked(work, request, person):
        found.add(ASKED)
    if await _COPIED_TO.rows(work.session, request=request.id, person=person.id):
        found.add(COPIED)
    if person.role == Role.ADMIN:
        found.add(ADMIN)
    if await is_steward(work, person, (await frozen_of(work.session, request)).steward):
        found.add(STEWARD)
    return found


def _people(task: Task) -> tuple[int | None, ...]:
    return task.person_id, task.for_id, task.from_id


def _by_seat(task: Task, rows: list[Task], request: Request, person: Employee) -> set[Relation]:
    is_now = task.round == request.round and request.status == Status.PENDING
    undecided = is_now and task.status in (Mark.OPEN, Mark.WAITING)
    if task.person_id != person.id:
        is_mine = task.from_id == person.id and task.place in (Place.BEFORE, Place.AFTER, Place.BESIDE)
        return {SEATED, ADDER} if undecided and is_mine else {SEATED}
    if undecided and task.status == Mark.OPEN:
        return {ADVISER if task.place == Place.LENT else APPROVER, SEATED}
    if undecided:
        lent = any(
            one.parent_id == task.id and one.place == Place.LENT and one.status in (Mark.OPEN, Mark.WAITING)
            for one in rows
        )
        return {LENDER, WAITING, SEATED} if lent else {WAITING, SEATED}
    return {SEATED} if task.opened_at is not None else set()


async def _did_something(work: Work, request: Request, person: Employee) -> bool:
    rows = await work.session.execute(
        select(col(Act.id))
        .where(
            col(Act.request_id) == request.id,
            or_(col(Act.by_id) == person.id, col(Act.for_id) == person.id),
            col(Act.what).not_in(NO_SEAT),
        )
        .limit(1)
    )
    return rows.first() is not None


async def _is_asked(work: Work, request: Request, person: Employee) -> bool:
    return bool(await _ASKED_OF.rows(work.session, request=request.id, person=person.id))


_QUERIES, _COPIES = table_of(Query), table_of(Copy)
_ASKED_OF = Prepared(
    select(_QUERIES.c.id).where(
        _QUERIES.c.request_id == bindparam("request"), _QUERIES.c.of_id == bindparam("person"),
        _QUERIES.c.status == "open",
    )
)  # fmt: skip
_COPIED_TO = Prepared(
    select(_COPIES.c.person_id).where(
        _COPIES.c.request_id == bindparam("request"), _COPIES.c.person_id == bindparam("person")
    )
)


async def steward_of(work: Work, department: str) -> Employee | None:
    """Who keeps the approvals: the head of this department."""
    return await people.head_of(work, department)


async def is_steward(work: Work, person: Employee, department: str | None = None) -> bool:
    """Whether a person keeps the approvals."""
    steward = await steward_of(work, department or work.handbook.approvals.steward)
    return steward is not None and steward.id == person.id


async def see(work: Work, request_id: int) -> Request:
    """The request, if the actor may see it. Raises `Refusal` in the same words where it does not exist."""
    return await _shown(work, request_id, "see")


async def look_over(work: Work, request_id: int) -> Request:
    """The request for those who may end it without reading it: of it they are shown no contents."""
    return await _shown(work, request_id, "look_over")


async def _shown(work: Work, request_id: int, act: str) -> Request:
    request = await work.session.get(Request, request_id, populate_existing=True)
    if request is not None and allows(RIGHTS, act, await relations(work, request, work.actor), request.status):
        return request
    raise Refusal(NOT_THERE, denied=True)


async def see_task(work: Work, task_id: int) -> Task:
    """A seat, if the actor may see its request."""
    return await _part(work, Task, task_id)


async def see_query(work: Work, query_id: int) -> Query:
    """A question, if the actor may see its request."""
    return await _part(work, Query, query_id)


async def _part(work: Work, kind: type[P], row_id: int) -> P:
    part = await work.session.get(kind, row_id, populate_existing=True)
    if part is None:
        raise Refusal(NOT_THERE, denied=True)
    await see(work, part.request_id)
    return part


async def may(work: Work, request: Request, act: str) -> None:
    """Raises `Refusal`, in words that say why, where the actor may not do this to the request as it stands."""
    who = await relations(work, request, work.actor)
    sees = "look_over" if act == "terminate" else "see"
    if not (allows(RIGHTS, sees, who, request.status) or allows(RIGHTS, "see", who, request.status)):
        raise Refusal(NOT_THERE, denied=True)
    if allows(RIGHTS, act, who, request.status):
        return
    require(work, RIGHTS, act, who, request.status, history.about(request), await _why(work, request, act))


async def may_task(work: Work, task: Task, act: str) -> None:
    """The same for what one does with a seat: it must be the actor's own, and open; else it says whose it is."""
    request = await request_of(work, task)
    who = await relations(work, request, work.actor)
    if not allows(RIGHTS, "see", who, request.status):
        raise Refusal(NOT_THERE, denied=True)
    if task.for_id is not None and _by_act(task, act, work.actor.id) in (APPROVER, ADVISER):
        await _still_stands_in(work, task, request)
    if not _is_mine(work, task, act, request, who):
        raise Refusal(await stale(work, task), denied=not allows(RIGHTS, act, who, request.status))


async def acts_at(work: Work, task: Task, acts: Iterable[str]) -> frozenset[str]:
    """Those of the acts that `may_task` would let the actor do."""
    request = await request_of(work, task)
    who = await relations(work, request, work.actor)
    if not allows(RIGHTS, "see", who, request.status):
        return frozenset()
    mine = frozenset(act for act in acts if _is_mine(work, task, act, request, who))
    deciding = frozenset(act for act in mine if _by_act(task, act, work.actor.id) in (APPROVER, ADVISER))
    if task.for_id is not None and deciding:
        try:
            await _still_stands_in(work, task, request)
        except Refusal:
            return mine - deciding
    return mine


def _is_mine(work: Work, task: Task, act: str, request: Request, who: set[Relation]) -> bool:
    """Whether this very seat gives the actor the right to this act, as its request stands."""
    relation = _by_act(task, act, work.actor.id)
    if relation is None or (relation is LENDER and LENDER not in who):
        return False
    return request.status in RIGHTS[act].get(relation, ()) and task.round == request.round


async def _still_stands_in(work: Work, task: Task, request: Request) -> None:
    """A deputy decides as long as they are one, also where the clock has not yet called the seat back."""
    person = await people.find(work.session, task.for_id or 0)
    if person is None or task.person_id != work.actor.id:
        return
    sits = await deputies.stand_in(work, person, avoid=frozenset({request.requester_id}))
    if sits.id != work.actor.id and not await _has_seat(work, task, sits):
        raise Refusal(
            t("You don't stand in for {name} any more. {number} goes back to them.", name=person.name,
              number=request.number),
            denied=True,
        )  # fmt: skip


async def _has_seat(work: Work, task: Task, person: Employee) -> bool:
    """Whether somebody sits at this step already, so that the seat stays with their deputy."""
    rows = await work.session.execute(
        select(col(Task.id)).where(
            col(Task.request_id) == task.request_id, col(Task.round) == task.round, col(Task.step) == task.step,
            col(Task.person_id) == person.id, col(Task.status) != Mark.GONE,
        )
    )  # fmt: skip
    return rows.first() is not None


def _by_act(task: Task, act: str, person_id: int) -> Relation | None:
    """The relation that this very seat gives for an act; None where it gives none."""
    if act == "take_off":
        added = task.place in (Place.BEFORE, Place.AFTER, Place.BESIDE) and task.from_id == person_id
        return ADDER if added and task.status in (Mark.OPEN, Mark.WAITING) else None
    if task.person_id != person_id:
        return None
    if act == "take_back":
        return LENDER if task.status == Mark.WAITING else None
    if task.status != Mark.OPEN:
        return None
    return ADVISER if task.place == Place.LENT else APPROVER


async def request_of(work: Work, task: Task) -> Request:
    """The request that a seat belongs to, as it stands."""
    request = await work.session.get(Request, task.request_id, populate_existing=True)
    assert request is not None  # a foreign key
    return request


async def my_task(work: Work, request: Request) -> Task | None:
    """The actor's open seat of this request, one that decides before one that advises; None where they have none."""
    rows = await work.session.execute(
        select(Task)
        .where(
            col(Task.request_id) == request.id, col(Task.round) == request.round,
            col(Task.person_id) == work.actor.id, col(Task.status) == Mark.OPEN,
        )
        .order_by(col(Task.id))
    )  # fmt: skip
    found = list(rows.scalars())
    return next((task for task in found if task.place != Place.LENT), found[0] if found else None)


STATES: dict[str, Text] = {
    Status.PENDING: t("under way"),
    Status.RETURNED: t("with its requester, to be changed"),
    Status.APPROVED: t("approved"),
    Status.REJECTED: t("rejected"),
    Status.WITHDRAWN: t("withdrawn"),
    Status.TERMINATED: t("terminated"),
}


async def stale(work: Work, task: Task) -> Text:
    """What to say to somebody whose button is not theirs to press any more: who has decided, and when."""
    request = await request_of(work, task)
    number = request.number
    by = await work.session.get(Employee, task.decided_by_id) if task.decided_by_id else None
    if task.status in (Mark.APPROVED, Mark.REJECTED) and by is not None and task.decided_at is not None:
        when, via = When(task.decided_at, "time"), Label(*_PLATFORMS.get(task.via, (task.via, task.via)))
        own = by.id == work.actor.id
        if task.status == Mark.APPROVED:
            return (
                t(
                    "You have approved {number} already, on {platform} at {when}.",
                    number=number,
                    platform=via,
                    when=when,
                )
                if own
                else t("{name} has approved {number} already, at {when}.", name=by.name, number=number, when=when)
            )
        return (
            t("You have rejected {number} already, on {platform} at {when}.", number=number, platform=via, when=when)
            if own
            else t("{name} has rejected {number} already, at {when}.", name=by.name, number=number, when=when)
        )
    if request.status != Status.PENDING:
        return t("{number} is {state} now. Nothing is to be decided.", number=number, state=STATES[request.status])
    if task.round != request.round or task.edition != request.edition:
        return t("{number} has been changed since. Please look at it as it is now.", number=number)
    holder = await people.find(work.session, task.person_id)
    if holder is not None and holder.id != work.actor.id and task.status in (Mark.OPEN, Mark.WAITING):
        return t("{number} is with {name} now, not with you.", number=number, name=holder.name)
    if task.status == Mark.OPEN:
        return t(
            "Something has been done about {number} since. It still waits for you: please look again.", number=number
        )
    if task.status == Mark.WAITING:
        return t("{number} is not with you yet: others decide first. You'll be told when it is.", number=number)
    return t("{number} does not wait for you any more; the card shows how it stands now.", number=number)


async def _why(work: Work, request: Request, act: str) -> Text:
    if act in ("approve", "reject", "send_back", "transfer", "delegate", "add", "ask", "advise"):
        return t("{number} does not wait for you.", number=request.number)
    if act in ("withdraw", "withdraw_granted", "nudge", "resubmit", "again"):
        if request.requester_id != work.actor.id:
            return t("Only whoever asked for {number} can do that.", number=request.number)
        return t("{number} is {state}; that can't be done now.", number=request.number, state=STATES[request.status])
    if act == "terminate":
        return t("Only whoever keeps the approvals, or an administrator, can end {number}, while it is under way.",
                 number=request.number)  # fmt: skip
    return t("That can't be done to {number} as it stands now.", number=request.number)


_PLATFORMS = {"slack": ("Slack", "Slack"), "telegram": ("Telegram", "Telegram"), "web": ("网页", "the web page")}
