"""Filing: somebody asks for something by a template; it is planned, kept and sent off, or changed and sent again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision
from sqlalchemy import select
from sqlmodel import col

from config.handbook.approvals import Frozen, Step, Template
from config.text import Label, Money, Text, t, tn
from storage import people
from storage.approvals import rights, seating
from storage.approvals.answers import columns_of, refuse_too_much, unpack
from storage.approvals.definitions import keep
from storage.approvals.going import Going, Went
from storage.approvals.holding import hold
from storage.approvals.tables import Request, Status
from storage.approvals.trail import asked_for, record
from storage.errors import Refusal
from storage.people import Employee
from storage.work import Work

Answers = Mapping[str, Any]
Chosen = Mapping[int, Sequence[int]]


@dataclass(frozen=True, slots=True)
class Stop:
    """A step that a request will come to: who is to decide, and by which rules. `settled`: nobody is, by rule."""

    step: int
    name: Label
    method: str
    people: list[Employee]
    why: list[str]
    skipped: str = ""


def answers_of(request: Request) -> dict[str, Any]:
    """What was answered, typed again."""
    return unpack(request.answers)


async def may_ask(work: Work, person: Employee, template: Template) -> bool:
    """Whether somebody may ask by this template."""
    if template.may_be_asked_by(person.department, [person.role]):
        return True
    for who in template.may_ask:
        if who in work.handbook.departments and await people.is_over(work, person, who):
            return True
    return False


async def template_for(work: Work, key: str) -> Template:
    """A template that is in use and that the actor may ask by; else a refusal."""
    template = work.handbook.approvals.open_templates().get(key)
    if template is None:
        raise Refusal(t("There is no such kind of request (any more). Type “request” to see those there are."))
    if not await may_ask(work, work.actor, template):
        raise Refusal(t("“{name}” is not for you to ask for. Please ask your head.", name=template.name), denied=True)
    return template


async def plan(work: Work, key: str, answers: Answers, chosen: Chosen) -> list[Stop]:
    """The steps that the actor's request would go through, and whom it would meet there today.

    Raises `Refusal` as `file` would, so that nobody fills in a form in vain.
    """
    await template_for(work, key)
    frozen = Frozen.read(work.handbook.approvals.freeze(key))
    asked = await _asked(work, frozen, _by_requester(frozen.template, answers), chosen)
    return await _stops(work, frozen, asked)


async def _stops(work: Work, frozen: Frozen, asked: seating.Asked, start: int = 0) -> list[Stop]:
    """The steps from `start` on, as they look today if everybody agrees."""
    stops: list[Stop] = []
    agreed: list[tuple[int, int]] = []
    for index in (index for index in _path(frozen, asked) if index >= start):
        step = frozen.template.steps[index]
        table = await seating.seat(work, frozen, asked, index, agreed)
        live = [one for one in table.placed if not one.skips]
        agreed += [(index, one.person.id) for one in live if step.method in ("all", "turn")]
        skipped = table.settled or (table.placed[0].skips if table.placed and not live else "")
        stops.append(
            Stop(index, step.name, step.method, [one.person for one in live], [one.why for one in live], skipped)
        )
    return stops


def _spared(stops: Sequence[Stop]) -> str:
    """The steps among them at which nobody will have to be asked: those who agree before, or who ask for it."""
    return json.dumps([stop.step for stop in stops if not stop.people and stop.skipped in ("agreed", "requester")])


async def file(
    work: Work, key: str, answers: Answers, chosen: Chosen, after: Request | None = None, stops: Sequence[Stop] = ()
) -> Went:
    """Keeps what the actor asks for, and brings it before those who decide first.

    `after` is an ended request of theirs that it asks for again: both trails name the other. `stops` is what was
    planned: what its cards say of the steps to come. Raises `Refusal` at the field where the answers will not do, or
    where nobody could decide.
    """
    if after is not None:
        await rights.may(work, after, "again")
    template = await template_for(work, key)
    frozen = Frozen.read(work.handbook.approvals.freeze(key))
    answers = _by_requester(template, answers)
    asked = await _asked(work, frozen, answers, chosen)
    request = Request(
        template=key, digest=await keep(work, key), requester_id=work.actor.id, department=work.actor.department,
        chosen=json.dumps(asked.chosen), spared=_spared(stops), filed_at=work.now, **columns_of(template, answers),
    )  # fmt: skip
    work.session.add(request)
    await work.session.flush()
    request.related = json.dumps(await _related(work, template, request, template.amount_of(answers)))
    await work.session.flush()
    await record(work, request, "file", detail=request.digest, asked=asked_for(request))
    if after is not None:
        await record(work, request, "again_after", detail=f"{after.number} {after.status}")
        await record(work, after, "again", detail=request.number)
    return await _set_off(Going(work, request, frozen, []), "file", None)


async def resubmit(work: Work, request: Request, answers: Answers, chosen: Chosen) -> Went:
    """Sends again what was sent back, changed or not: a new edition, which nobody has approved yet.

    It begins at the first step, or where it was sent back from, if its template says so, that step is still on its way,
    and it asks for no more than those before have agreed to.
    """
    going = await hold(work, request.id)
    await rights.may(work, going.request, "resubmit")
    template = going.frozen.template
    answers = {**_by_requester(template, answers), **_by_approvers(template, going.request)}
    asked = await _asked(work, going.frozen, answers, chosen, department=going.request.department)
    going.changes |= {
        "edition": request.edition + 1, "round": request.round + 1, "chosen": json.dumps(asked.chosen),
        "related": json.dumps(await _related(work, template, request, template.amount_of(answers))),
        **columns_of(template, answers),
    }  # fmt: skip
    before = going.request.answers
    going.tasks.clear()
    resume = request.resume if template.resubmit == "here" and not _asks_for_more(going) else None
    going.changes["spared"] = _spared(await _foreseen(work, going.frozen, asked, resume or 0))
    changed = "changed" if before != going.changes["answers"] else "unchanged"
    await going.note("resubmit", detail=changed, text=before, asked=asked_for(request, going.changes))
    return await _set_off(going, "resubmit", resume)


async def _foreseen(work: Work, frozen: Frozen, asked: seating.Asked, start: int) -> list[Stop]:
    """The same as far as it can be foreseen: where nobody can be found, that is said when it comes to it."""
    try:
        return await _stops(work, frozen, asked, start)
    except Refusal:
        return []


def _by_requester(template: Template, answers: Answers) -> dict[str, Any]:
    """The answers that are the requester's to give."""
    return {name: value for name, value in answers.items() if name not in template.filled}


def _by_approvers(template: Template, request: Request) -> dict[str, Any]:
    """What its approvers have answered: it stands there, to be looked at again by those of their step."""
    return {name: value for name, value in unpack(request.answers).items() if name in template.filled}


def _asks_for_more(going: Going) -> bool:
    """Whether those who agreed before it was sent back agreed to less, or others would have to agree now."""
    request, template = going.request, going.frozen.template
    was = template.path(template.facts(unpack(request.answers), request.department))
    passed = [[index for index in path if index < (request.resume or 0)] for path in (was, going.path())]
    minor, days = going.changes["minor"] or 0, going.changes["days"] or 0
    return passed[0] != passed[1] or minor > (request.minor or 0) or days > (request.days or 0)


async def _set_off(going: Going, what: str, resume: int | None) -> Went:
    going.to = str(Status.PENDING)
    going.changes |= {"resume": None, "decided_at": None, "step": -1}
    path = going.path()
    if going.frozen.template.copies_at == "start" and what == "file":
        await going.copy()
    start = resume if resume is not None and resume in path else (path[0] if path else None)
    if start is None:
        await going.note("settle", detail="no_step")
        await going.grant()
    elif await going.begin(start):
        await going.settle()
    else:
        await going.refuse()
    return await going.keep("send")


async def _asked(
    work: Work, frozen: Frozen, answers: Answers, chosen: Chosen, department: str | None = None
) -> seating.Asked:
    """What is asked, checked where only the records can: days in order, approvers whom one may choose."""
    template = frozen.template
    if template.days:
        first, last = (answers.get(name) for name in template.days)
        if first is not None and last is not None and last < first:
            raise Refusal(t("The last day can't be before the first."), template.days[1])
    refuse_too_much(answers)
    asked = seating.Asked(
        work.actor, department or work.actor.department, dict(answers),
        {step: list(dict.fromkeys(ids)) for step, ids in chosen.items()},
    )  # fmt: skip
    for index in _path(frozen, asked):
        if index in template.chosen():
            await _check_chosen(work, frozen, asked, index)
    asked.chosen.update({step: [] for step in set(asked.chosen) - set(template.chosen())})
    return asked


async def choosable(work: Work, template: Template, index: int, ids: Sequence[int]) -> list[int]:
    """Those of them whom the actor may still choose for a step."""
    return [one for one in ids if await _why_not(work, template, index, one) is None]


async def _check_chosen(work: Work, frozen: Frozen, asked: seating.Asked, index: int) -> None:
    field = f"chosen_{index}"
    ids = asked.chosen.get(index, [])
    if not ids:
        raise Refusal(t("Please choose who is to decide at this step."), field)
    step = frozen.template.steps[index]
    least = _least(step)
    if len(ids) < least:
        raise Refusal(tn("Please choose at least {n} person.", "Please choose at least {n} people.", n=least), field)
    for one in ids:
        if (why := await _why_not(work, frozen.template, index, one)) is not None:
            raise Refusal(why, field)


async def _why_not(work: Work, template: Template, index: int, person_id: int) -> Text | None:
    """Why somebody can't be chosen for a step; None where they can."""
    allowed = {rule.arg for rule in template.steps[index].by if rule.kind == "chosen"}
    person = await people.find(work.session, person_id)
    if person is None:
        return t("That person is not known here. Please choose a colleague.")
    if person.id == work.actor.id and template.requester_is_approver != "self":
        return t("You can't decide on your own request. Please choose somebody else.")
    if "" not in allowed and person.department not in allowed:
        names = [work.handbook.departments[key].name for key in sorted(allowed) if key in work.handbook.departments]
        department = names[0] if names else ""
        return t("{name} can't decide at this step: it is for {department}.", name=person.name, department=department)
    return None


def _least(step: Step) -> int:
    """How many the requester must choose: where two have to agree, and nobody else decides, one is not enough."""
    kind, _, figure = step.method.partition(":")
    return int(figure) if kind == "count" and all(rule.kind == "chosen" for rule in step.by) else 1


def _path(frozen: Frozen, asked: seating.Asked) -> tuple[int, ...]:
    return frozen.template.path(frozen.template.facts(asked.answers, asked.department))


async def _related(work: Work, template: Template, request: Request, amount: Money | None) -> list[int]:
    """Others of the same person and kind, of the last days, that together with this one pass a limit that it alone
    stays under: perhaps one thing in several parts."""
    if not template.split_days or amount is None or not amount.minor:
        return []
    rows = await work.session.execute(
        select(Request.id, Request.minor).where(  # type: ignore[call-overload]  # SQLModel's select is narrower
            col(Request.requester_id) == request.requester_id, col(Request.template) == request.template,
            col(Request.currency) == amount.currency, col(Request.id) != request.id,
            col(Request.filed_at) > work.now - timedelta(days=template.split_days),
            col(Request.status).in_([Status.PENDING, Status.RETURNED, Status.APPROVED]),
        ).order_by(col(Request.id))
    )  # fmt: skip
    others = [(id, minor) for id, minor in rows.all() if minor]
    scale = Decimal(10) ** get_currency_precision(amount.currency)
    alone, together = Decimal(amount.minor) / scale, Decimal(amount.minor + sum(minor for _, minor in others)) / scale
    return [id for id, _ in others] if template.crosses(alone, together) is not None else []
