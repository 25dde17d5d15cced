"""Seats: whoever holds one gives it away, asks a colleague for advice first, or has others sign as well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from bot.context import Context
from bot.ui.card import Button
from bot.ui.form import Asking, Form, Option, choice, paragraph, person
from bot.ui.form import people as several
from config.handbook.approvals.chain import Mark, Place
from config.text import Text, Words, t
from handlers.approvals import naming, telling
from handlers.approvals.on import on
from storage import approvals
from storage.approvals import Case, Task, Went

UNDECIDED = (Mark.OPEN, Mark.WAITING)


class Transfer(Form):
    """Who is to decide instead."""

    title = t("Transfer")
    send = t("Transfer")
    to: Annotated[int, person(t("Who is to decide instead of you?"), t("It is theirs then, and not yours any more."))]
    why: Annotated[str, paragraph(t("What should they know?"))] = ""


class Delegation(Form):
    """Whose advice is wanted."""

    title = t("Delegate")
    send = t("Ask for advice")
    to: Annotated[
        int, person(t("Who is to look at it for you?"), t("They tell you what they advise; then you decide."))
    ]
    why: Annotated[str, paragraph(t("What are they to look at?"))] = ""


PLACES = (
    Option(Place.BEFORE, t("Before me: they decide first, then I do")),
    Option(Place.BESIDE, t("Beside me: they and I decide at the same time")),
    Option(Place.AFTER, t("After me: they decide once I have approved")),
)
METHODS = (
    Option("all", t("All of them must agree")),
    Option("any", t("Any one of them is enough")),
    Option("turn", t("One after the other, all of them")),
)


class AddedSigners(Form):
    """Who is to sign as well, when, and how many of them."""

    title = t("Add sign")
    send = t("Add")
    people: Annotated[tuple[int, ...], several(t("Who is to decide as well?"))]
    place: Annotated[str, choice(t("When?"), PLACES)] = Place.BEFORE
    method: Annotated[str, choice(t("If there are several"), METHODS)] = "all"
    why: Annotated[str, paragraph(t("What should they know?"))] = ""


@on.press()
async def transfer(ctx: Context, task: Task) -> Asking:
    """Asks who is to decide instead."""
    await approvals.may_task(ctx.work, task, "transfer")
    return ctx.ask(Transfer, task)


@on.submit(Transfer)
async def hand_over(ctx: Context, form: Transfer, task: Task) -> Text:
    """Gives the seat away; whoever has it now gets a card of their own."""
    went = await approvals.transfer(ctx.work, task, form.to, form.why)
    case = await _moved(ctx, went, task, t("{who} transferred it to {names}"), form.why)
    return t(
        "{what} is with {names} now, and has left your list.", what=naming.this(case), names=_names(case, went.opened)
    )


@on.press()
async def delegate(ctx: Context, task: Task) -> Asking:
    """Asks whose advice is wanted."""
    await approvals.may_task(ctx.work, task, "delegate")
    return ctx.ask(Delegation, task)


@on.submit(Delegation)
async def lend(ctx: Context, form: Delegation, task: Task) -> Text:
    """Has a colleague look at it; it comes back with what they advise."""
    went = await approvals.delegate(ctx.work, task, form.to, form.why)
    case = await _moved(ctx, went, task, t("{who} asked {names} for advice"), form.why)
    return t(
        "{names} looks at {what} for you. You hear what they advise, and then decide.",
        names=_names(case, went.opened),
        what=naming.this(case),
    )


@on.press()
async def take_back(ctx: Context, task: Task) -> Text:
    """Does not wait for the advice any longer, and decides without it."""
    case = await telling.of(ctx, await approvals.request_of(ctx.work, task))
    asked = [one.person_id for one in case.tasks if _is_lent(one, task)]
    went = await approvals.take_back(ctx.work, task)
    case = await _moved(ctx, went, task, t("{who} did not wait for advice any longer"), "", again=False)
    for person_id in asked:
        await telling.relieved(ctx, case, person_id, t("{name} decides without advice now.", name=ctx.actor.name))
    return t("{what} waits for your decision again.", what=naming.this(case))


@on.press()
async def add(ctx: Context, task: Task) -> Asking:
    """Asks who is to sign as well."""
    await approvals.may_task(ctx.work, task, "add")
    return ctx.ask(AddedSigners, task)


@on.submit(AddedSigners)
async def add_signers(ctx: Context, form: AddedSigners, task: Task) -> Text:
    """Puts them before, beside or after the actor's own seat."""
    went = await approvals.add(ctx.work, task, form.place, form.people, form.method, form.why)
    case = await telling.of(ctx, went.request)
    added = [one for one in case.tasks if one.batch and one.parent_id == task.id and one.status in UNDECIDED]
    newest = [one for one in added if one.batch == max(one.batch for one in added)]
    case = await _moved(ctx, went, task, t("{who} added {names}"), form.why, newest)
    return t(_ADDED[form.place].id, what=naming.this(case), names=_names(case, newest))


_ADDED: dict[str, Text] = {
    Place.BEFORE: t("{what} is with {names} first. It comes back to you once they agree."),
    Place.BESIDE: t("{names} and you decide on {what} at the same time."),
    Place.AFTER: t("{names} will be asked about {what} once you have approved it."),
}


@on.press()
async def take_off(ctx: Context, task: Task) -> Text:
    """Takes somebody off again whom the actor added, and who has not decided."""
    was_open = task.status == Mark.OPEN
    went = await approvals.take_off(ctx.work, task)
    case = await _moved(ctx, went, None, t("{who} took {names} off again"), "", [task], again=True)
    name = case.people[task.person_id].name
    if was_open:
        why = t("{name} took you off again; you need not do anything.", name=ctx.actor.name)
        await telling.relieved(ctx, case, task.person_id, why)
    return t("{name} need not decide on {what} any more.", name=name, what=naming.this(case))


async def takings(ctx: Context, case: Case, task: Task) -> list[Button]:
    """What the actor may take back of what they gave from this seat: those they added, the advice they wait for."""
    mine = [one for one in case.tasks if one.parent_id == task.id and one.from_id == ctx.actor.id]
    return [
        take_off.button(
            t("Take off {name}", name=case.people[one.person_id].name),
            one,
            confirm=t("Take off {name}? They will not be asked any more.", name=case.people[one.person_id].name),
        )
        for one in mine
        if one.place != Place.LENT and one.status in UNDECIDED
    ]


async def _moved(
    ctx: Context, went: Went, task: Task | None, line: Text, why: str, whom: Sequence[Task] = (), *, again: bool = True
) -> Case:
    case = await telling.of(ctx, went.request)
    told = list(whom) or went.opened
    named = t(line.id, names=_names(case, told)) if told else line
    return await telling.spread(ctx, went, telling.did(ctx, case, task, named), why, again=again)


def _names(case: Case, tasks: Sequence[Task]) -> Words:
    """Whose seats these are; where there are none, whom it waits for."""
    people = [case.people[task.person_id] for task in tasks] or naming.holders(case)
    return naming.names(people) if people else t("nobody")


def _is_lent(one: Task, task: Task) -> bool:
    return one.parent_id == task.id and one.place == Place.LENT and one.status in UNDECIDED
