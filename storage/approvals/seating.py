"""Seating: who sits at a step of a chain, by the handbook's rules for roles, heads, absences and people met twice."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from config.handbook.approvals import Frozen, Selector, Step
from config.text import t
from storage import deputies, people
from storage.approvals.answers import unpack
from storage.approvals.tables import Request
from storage.errors import Refusal
from storage.people import Employee
from storage.work import Work


@dataclass(frozen=True, slots=True)
class Placed:
    """Somebody with a seat: by which rule, in whose place; `skips` says why they need not decide themselves."""

    person: Employee
    why: str
    required: bool = False
    for_person: Employee | None = None
    skips: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What seating needs to know of a request, also of one that is not yet filed."""

    requester: Employee
    department: str
    answers: dict[str, Any]
    chosen: dict[int, list[int]]


@dataclass(frozen=True, slots=True)
class Table:
    """Who sits at a step. `settled` where nobody was found and the rules say what then: `approve` or `reject`."""

    placed: tuple[Placed, ...] = ()
    settled: str = ""
    dropped: tuple[Placed, ...] = field(default=())
    """Who has a seat of this step already, in another's place."""


async def asked_of(work: Work, request: Request) -> Asked:
    """What seating needs of a request that is filed."""
    requester = await people.ever(work.session, request.requester_id)
    assert requester is not None  # a foreign key
    chosen = {int(step): list(ids) for step, ids in json.loads(request.chosen).items()}
    return Asked(requester, request.department, unpack(request.answers), chosen)


async def seat(work: Work, frozen: Frozen, asked: Asked, index: int, agreed: Sequence[tuple[int, int]] = ()) -> Table:
    """Who sits at this step now. `agreed` are those who have approved this edition: (step, employee id).

    Raises `Refusal` where nobody can be found, and the rules name nobody else.
    """
    step = frozen.template.steps[index]
    found = await _by_rules(work, frozen, asked, index, step)
    found = await _without_the_requester(work, frozen, asked, found, step)
    if not found:
        return await _for_want_of(work, frozen, asked, step)
    kept, dropped = _once_each([await _stood_in(work, asked, one) for one in found])
    return Table(tuple(_agreed(frozen, asked, index, agreed, one) for one in kept), dropped=dropped)


async def _by_rules(work: Work, frozen: Frozen, asked: Asked, index: int, step: Step) -> tuple[Placed, ...]:
    must = {person.id for rule in step.required for person in await select_people(work, frozen, asked, index, rule)}
    rows = [
        Placed(person, str(rule), person.id in must)
        for rule in step.by
        for person in await select_people(work, frozen, asked, index, rule)
    ]
    return _once_each(rows)[0]


async def select_people(work: Work, frozen: Frozen, asked: Asked, index: int, rule: Selector) -> list[Employee]:
    """Whom a rule names, leavers left out; empty where it names nobody."""
    arg = rule.arg
    if rule.kind in _COLUMNS:
        return await _where(work, _COLUMNS[rule.kind] == arg)
    match rule.kind:
        case "manager":
            return _some(await _manager(work, asked.requester))
        case "head":
            return _some(await people.head_of(work, arg or asked.department))
        case "heads":
            return await _heads(work, asked, int(arg))
        case "person":
            return list(await people.named(work.session, arg))[:1]
        case "field":
            return await _found(work, _ids(asked.answers.get(arg)))
        case "manager_of":
            named = await _found(work, _ids(asked.answers.get(arg)))
            return [one for person in named for one in _some(await _manager(work, person))]
        case "chosen":
            return await _found(work, asked.chosen.get(index, ()))
        case _:
            return _some(await people.head_of(work, frozen.steward))


_COLUMNS: dict[str, Any] = {
    "department": col(Employee.department),
    "post": col(Employee.title),
    "role": col(Employee.role),
}


def _some(person: Employee | None) -> list[Employee]:
    return [] if person is None else [person]


async def _manager(work: Work, person: Employee) -> Employee | None:
    """Whom somebody reports to: their manager, else the head of their department, else the head above."""
    if person.manager_id is not None and (manager := await people.find(work.session, person.manager_id)) is not None:
        return manager
    head = await people.head_of(work, person.department)
    if head is not None and head.id != person.id:
        return head
    return await people.head_above(work, person)


async def _heads(work: Work, asked: Asked, levels: int) -> list[Employee]:
    """So many levels of heads, from the requester's own upwards, each once."""
    head = await people.head_of(work, asked.department)
    if head is not None and head.id == asked.requester.id:
        head = await people.head_above(work, head)
    found: list[Employee] = []
    while head is not None and len(found) < levels and head.id not in {one.id for one in found}:
        found.append(head)
        head = await people.head_above(work, head)
    return found


async def _where(work: Work, condition: Any) -> list[Employee]:
    rows = await work.session.execute(
        select(Employee).where(condition, col(Employee.left_at).is_(None)).order_by(col(Employee.id))
    )
    return list(rows.scalars())


def _ids(answer: Any) -> tuple[int, ...]:
    if isinstance(answer, int):
        return (answer,)
    return tuple(answer) if isinstance(answer, tuple | list) else ()


async def _found(work: Work, ids: Iterable[int]) -> list[Employee]:
    return [person for one in ids if (person := await people.find(work.session, one)) is not None]


async def _without_the_requester(
    work: Work, frozen: Frozen, asked: Asked, found: tuple[Placed, ...], step: Step
) -> tuple[Placed, ...]:
    """Nobody judges what they ask for themselves, unless the rules say so: their own head does, or nobody need.

    Where the step asks something of its approver, somebody has to sit there.
    """
    rule = frozen.template.requester_is_approver
    if rule == "self":
        return found
    kept: list[Placed] = []
    for one in found:
        if one.person.id != asked.requester.id:
            kept.append(one)
        elif rule == "skip" and not step.fills:
            kept.append(replace(one, skips="requester"))
        elif (head := await over(work, asked.requester)) is not None:
            kept.append(Placed(head, f"over:{one.why}", one.required))
    return _once_each(kept)[0]


async def over(work: Work, person: Employee) -> Employee | None:
    """Who is over somebody: their manager, else their head, else the head above; never themselves."""
    manager = await _manager(work, person)
    return manager if manager is not None and manager.id != person.id else None


async def _for_want_of(work: Work, frozen: Frozen, asked: Asked, step: Step) -> Table:
    """Nobody was found: what the handbook wants done then."""
    rule = frozen.template.no_approver
    if rule in ("approve", "reject"):
        return Table(settled=rule)
    kind, _, name = rule.partition(":")
    named = list(await people.named(work.session, name))[:1] if kind == "person" else []
    for person in (*named, *await keepers(work, frozen)):
        if person.id != asked.requester.id:
            return Table((await _stood_in(work, asked, Placed(person, "no_approver", True)),))
    raise Refusal(
        t(
            "Nobody can be found who may decide at the step “{step}”. Please tell whoever keeps the handbook.",
            step=step.name,
        )
    )


async def keepers(work: Work, frozen: Frozen) -> list[Employee]:
    """Whom it falls to where the rules find nobody: whoever keeps the approvals, then the head above them."""
    steward = await people.head_of(work, frozen.steward)
    return [] if steward is None else [steward, *_some(await people.head_above(work, steward))]


async def _stood_in(work: Work, asked: Asked, one: Placed) -> Placed:
    """Where somebody is away, their deputy sits there; never the requester."""
    if one.skips:
        return one
    deputy = await deputies.stand_in(work, one.person, avoid=frozenset({asked.requester.id}))
    return one if deputy.id == one.person.id else replace(one, person=deputy, for_person=one.person)


def _once_each(rows: Iterable[Placed]) -> tuple[tuple[Placed, ...], tuple[Placed, ...]]:
    """One seat for each person: their own before one in another's place; and what was dropped."""
    listed = list(rows)
    own = {one.person.id for one in listed if one.for_person is None}
    kept: dict[int, Placed] = {}
    dropped: list[Placed] = []
    for one in listed:
        doubled = one.person.id in kept or (one.for_person is not None and one.person.id in own)
        if doubled:
            dropped.append(one)
            if one.required and one.person.id in kept:
                kept[one.person.id] = replace(kept[one.person.id], required=True)
        else:
            kept[one.person.id] = one
    musts = {one.person.id for one in dropped if one.required}
    return tuple(replace(one, required=True) if one.person.id in musts else one for one in kept.values()), tuple(
        dropped
    )


def _agreed(frozen: Frozen, asked: Asked, index: int, agreed: Sequence[tuple[int, int]], one: Placed) -> Placed:
    """Who has approved this already is not asked again, where the rules say so."""
    rule = frozen.template.same_person
    if one.skips or rule == "again" or frozen.template.steps[index].fills:  # an answer is asked of whoever sits here
        return one
    path = frozen.template.path(frozen.template.facts(asked.answers, asked.department))
    before = path[path.index(index) - 1] if index in path and path.index(index) > 0 else None
    has = {person for step, person in agreed if rule == "once" or step == before}
    return replace(one, skips="agreed") if one.person.id in has else one
