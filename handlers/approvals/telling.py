"""Telling: who decides next gets a card, whoever asked hears what was done, and those in copy are told at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.context import Context
from bot.ui.card import Attached, Button, Card, Fact, Tone
from config.handbook.approvals.chain import Mark
from config.text import Text, Words, t
from handlers.approvals import naming
from storage import approvals
from storage.approvals import Case, Request, Status, Task, Went, reading
from storage.approvals.rights import STATES
from storage.people import Employee

MINE, ROOM = "mine", "room"
"""The faces under which it is said, in a line, what was done: every approver's own would be too many."""


async def spread(
    ctx: Context, went: Went, did: Words | None = None, why: str = "", *, again: bool = True, case: Case | None = None
) -> Case:
    """Shows everybody what came of an act: those who may decide now, those in copy, and whoever asked for it.

    `did` says in a line what was done, `why` in the actor's own words why. Whoever has a card already, and may decide
    `again` now, is told so. Returns the case as it stands now, which may be given where it was just read.
    """
    request = went.request
    case = case or await of(ctx, request)
    await ctx.refresh(request)
    for task in went.opened:
        await ctx.show(request, case.people[task.person_id], f"task:{task.id}:{task.person_id}")
        if again and task.opened_at != ctx.work.now:
            await _call_back(ctx, case, task, did, why)
    for person_id in went.copied:
        await ctx.show(request, case.people[person_id], "copy")
    is_told = await _tell_requester(ctx, case, went, did, why)
    if did is not None:
        by_requester = ctx.work.by is not None and ctx.work.by.id == request.requester_id
        # why is not for all who sit in a room
        await ctx.echo(request, Card(did, tone=Tone.MUTED), faces=frozenset({ROOM}), after_cards=True)
        if not (is_told or by_requester):
            said = Card(did, body=(why,) if why else (), tone=Tone.MUTED)
            await ctx.echo(request, said, faces=frozenset({MINE}), after_cards=True)
    return case


async def _call_back(ctx: Context, case: Case, task: Task, did: Words | None, why: str) -> None:
    """A card that is only drawn again rings no bell: whoever gave a seat away for a while is told that it is back."""
    if ctx.work.by is not None and ctx.work.by.id == task.person_id:
        return
    title = t("{what} is with you again", what=naming.this(case))
    body = tuple(words for words in (did, why) if words)
    person = case.people[task.person_id]
    card = notice(case, person, title, *body, tone=Tone.WARN, first=deciding(case, task))
    await ctx.tell(person, card, about=case.request)


def deciding(case: Case, task: Task | None) -> tuple[Button, ...]:
    """The two buttons that decide, where this seat may decide now."""
    from handlers.approvals.deciding import buttons  # which tells

    is_open = task is not None and task.status == Mark.OPEN and case.request.status == Status.PENDING
    return buttons(task) if task is not None and is_open else ()


async def of(ctx: Context, request: Request) -> Case:
    """A request with all that belongs to it, as it stands now."""
    case = await approvals.case(ctx.work.session, request.id)
    assert case is not None  # just seen
    return case


async def _tell_requester(ctx: Context, case: Case, went: Went, did: Words | None, why: str) -> bool:
    """A notice that stays, where it has ended or come back to them; not about what they did themselves."""
    if ctx.work.by is not None and ctx.work.by.id == case.requester.id:
        return False
    if not went.ended and case.request.status != Status.RETURNED:
        return False
    title, tone = _outcome(case)
    body = tuple(words for words in (did, why) if words)
    await ctx.tell(case.requester, notice(case, case.requester, title, *body, tone=tone), about=case.request)
    return True


def _outcome(case: Case) -> tuple[Text, Tone]:
    what = naming.this(case)
    match case.request.status:
        case Status.APPROVED if _wished_to_withdraw(case):
            return t("{what} stays approved: it may not be withdrawn", what=what), Tone.WARN
        case Status.APPROVED:
            return t("{what} is approved", what=what), Tone.GOOD
        case Status.REJECTED:
            return t("{what} is rejected", what=what), Tone.BAD
        case Status.RETURNED:
            return t("{what} came back to you, to be changed", what=what), Tone.WARN
        case Status.WITHDRAWN:
            return t("{what} is withdrawn, as you wished", what=what), Tone.MUTED
        case _:
            return t("{what} was ended", what=what), Tone.BAD


def _wished_to_withdraw(case: Case) -> bool:
    """Whether what was decided last was not what it asks for, but whether it may be taken back."""
    return any(act.what == "withdraw_granted" and act.round == case.request.round for act in case.acts)


def notice(
    case: Case, to: Employee, title: Words, *body: Words, tone: Tone = Tone.PLAIN, first: Sequence[Button] = ()
) -> Card:
    """A notice about a request: it stays as it was said, and leads to the request as it stands."""
    worth = reading.for_reader(case, to.id).worth
    return Card(
        title,
        body=body,
        facts=(Fact(t("Amount"), worth),) if worth is not None else (),
        buttons=(*first, *_change(case), show(case.request)),
        tone=tone,
    )


def _change(case: Case) -> tuple[Button, ...]:
    from handlers.approvals.asking import change  # which tells

    if case.request.status != Status.RETURNED:
        return ()
    return (change.button(t("Change and send again"), str(case.request.id), tone=Tone.GOOD),)


def show(request: Request) -> Button:
    """The button that shows a request as it stands when it is pressed."""
    from handlers.approvals.lists import look  # which tells

    return look.button(t("Show"), str(request.id))


def did(ctx: Context, case: Case, task: Task | None, what: Text) -> Text:
    """What the actor did, from which seat and where: `{who} approved, on {platform}`."""
    who = naming.doer(case, task, ctx.actor)
    return t(what.id, who=who, platform=naming.platform(ctx.work.via), **what.args)


def onward(ctx: Context, case: Case, done: Text) -> Text:
    """What the actor hears: that it is done, and whom it waits for now."""
    request, waiting = case.request, naming.holders(case)
    number, name = request.number, case.requester.name
    if request.status == Status.PENDING:
        if not waiting:
            return t("{done} {number} waits for an answer now.", done=done, number=number)
        return t("{done} {number} waits for {names} now.", done=done, number=number, names=naming.names(waiting))
    if case.requester.id == ctx.actor.id:
        return t("{done} {number} is {state} now.", done=done, number=number, state=STATES[request.status])
    if request.status == Status.APPROVED and _wished_to_withdraw(case):
        return t("{done} {number} stays approved, and {name} is told.", done=done, number=number, name=name)
    return t(_ONWARD[request.status].id, done=done, number=number, name=name)


_WITH_REASON = t("{done} {name} is told about {number}, with your reason.")
_ONWARD: dict[str, Text] = {
    Status.APPROVED: t("{done} {number} is through, and {name} is told."),
    Status.REJECTED: _WITH_REASON,
    Status.RETURNED: _WITH_REASON,
    Status.WITHDRAWN: t("{done} {number} is withdrawn, and {name} is told."),
    Status.TERMINATED: _WITH_REASON,
}


async def comment(ctx: Context, request: Request, text: str, files: tuple[Attached, ...]) -> None:
    """Says under every window what somebody wrote, save in rooms: those who sit there may not read the request."""
    await ctx.refresh(request)
    body: tuple[Words, ...] = (text,) if text else ()
    said = Card(t("{name} wrote", name=ctx.actor.name), body=body, files=files, tone=Tone.MUTED)
    await ctx.echo(request, said, but=frozenset({ROOM}))


async def relieved(ctx: Context, case: Case, person_id: int, why: Words) -> None:
    """Somebody need not decide any more, and hears it; not if it was they who did it."""
    person = case.people.get(person_id)
    if person is None or person.left_at is not None or (ctx.work.by is not None and ctx.work.by.id == person_id):
        return
    title = t("{what} is no longer with you", what=naming.this(case))
    await ctx.tell(person, notice(case, person, title, why, tone=Tone.MUTED), urgent=False, about=case.request)


@dataclass(frozen=True, slots=True)
class Told:
    """Who had been told what, before something is taken back."""

    holders: tuple[int, ...]
    outcome: tuple[int, ...]


def told_so_far(case: Case) -> Told:
    """Whom it waits for, and who has heard how it ended. Asked before the undoing: records change under one's hands."""
    request, template = case.request, case.frozen.template
    is_out = request.status != Status.PENDING
    has_gone_out = request.status == Status.APPROVED and template.copies_at == "end"
    copied = [copy.person_id for copy in case.copies if not copy.why.startswith(reading.SHARED)] if has_gone_out else []
    holders = tuple(person.id for person in naming.holders(case))
    return Told(holders, (request.requester_id, *copied) if is_out else ())


async def undone(ctx: Context, told: Told, went: Went) -> Case:
    """Whoever was told of a decision hears that it was taken back; those whose turn it was, that it is not."""
    line = t("{name} took back what was done last", name=ctx.actor.name)
    case = await spread(ctx, went, line, again=False)
    now = {person.id for person in naming.holders(case)}
    for person_id in told.holders:
        if person_id not in now:
            await relieved(ctx, case, person_id, line)
    title = t("{what} is under way again: nothing is decided yet", what=naming.this(case))
    for person_id in dict.fromkeys(told.outcome):
        person = case.people[person_id]
        if person.left_at is None and person.id != ctx.actor.id:
            await ctx.tell(person, notice(case, person, title, line, tone=Tone.WARN), about=case.request)
    return case
