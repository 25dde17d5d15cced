"""Complaints: anyone may report one, the team takes and answers them, and the heads hear of the late ones."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Annotated

from bot.capability import Capability, Face
from bot.codec import pack_files, unpack_files
from bot.context import Context
from bot.errors import Refusal
from bot.ui.card import Button, Card, Fact, Row, Table, Tone
from bot.ui.form import Asking, Attached, Form, Option, attachments, choice, line, paragraph, person
from config.handbook import Handbook
from config.text import Text, When, Words, t
from storage import people, tickets
from storage.people import Employee
from storage.tables import id_in
from storage.tickets import CLOSED, OPEN, RESOLVED, TAKEN, Case, Page, Ticket
from storage.work import Work

on = Capability("tickets")


def _kinds(handbook: Handbook) -> list[Option]:
    return [Option(key, label) for key, label in handbook.complaints.kinds.items()]


def _urgencies(handbook: Handbook) -> list[Option]:
    return [Option(key, urgency.label) for key, urgency in handbook.complaints.urgencies.items()]


class NewComplaint(Form):
    """What we need to know when a customer complains."""

    title = t("New complaint")
    customer: Annotated[str, line(t("Customer"), t("Who complains: a company or a person."))]
    contact: Annotated[str, line(t("How to reach them"), t("A phone number or an address."))] = ""
    what: Annotated[str, paragraph(t("What happened?"))]
    urgency: Annotated[str, choice(t("How urgent is it?"), _urgencies)] = "normal"
    kind: Annotated[str, choice(t("What is it about?"), _kinds)]
    files: Annotated[tuple[Attached, ...], attachments(t("Pictures or papers"))] = ()


class Answer(Form):
    """What became of it."""

    title = t("Resolve complaint")
    send = t("Resolve")
    answer: Annotated[
        str, paragraph(t("What was done, and what was the customer told?"), t("The reporter will read this."))
    ]


class Handover(Form):
    """Who is to have it."""

    title = t("Assign complaint")
    send = t("Assign")
    to: Annotated[int, person(t("Who is to have it?"), t("Somebody of the team that answers complaints."))]


class AddedNote(Form):
    """What is to be known about it."""

    title = t("Add a note")
    send = t("Add")
    text: Annotated[str, paragraph(t("Note"))]
    files: Annotated[tuple[Attached, ...], attachments(t("Pictures or papers"))] = ()


class Reopening(Form):
    """Why it is not over."""

    title = t("Reopen complaint")
    send = t("Reopen")
    why: Annotated[str, paragraph(t("Why is it to be looked at again?"))]


@on.command("complaint", "投诉", "客诉", "complain", help=t("Report a customer's complaint"), usage=t("what happened"))
async def ask(ctx: Context, text: str) -> Asking:
    """Opens the form, with what was written behind the command already in it, and the files that came along."""
    return ctx.ask(NewComplaint, what=text[:3000], files=ctx.files[:5])


@on.submit(NewComplaint)
async def receive(ctx: Context, form: NewComplaint) -> Text:
    """Keeps it, and shows it to the team."""
    given = form.model_dump(exclude={"files"})
    ticket = await tickets.receive(ctx.work, **given, files=pack_files(form.files))
    await ctx.show(ticket, ctx.room("service"))
    return t(
        "Complaint {number} is with the team. The promise: an answer by {when}.",
        number=ticket.number,
        when=When(ticket.answer_by),
    )


@on.press()
async def take(ctx: Context, ticket: Ticket) -> None:
    """Takes it: the customer has somebody now."""
    await tickets.take(ctx.work, ticket)
    await ctx.refresh(ticket)


@on.press()
async def assign(ctx: Context, ticket: Ticket) -> Asking:
    """Asks who is to have it."""
    await tickets.may(ctx.work, ticket, "assign")
    return ctx.ask(Handover, ticket)


@on.submit(Handover)
async def hand_over(ctx: Context, form: Handover, ticket: Ticket) -> Text:
    """Gives it to a colleague, who gets a card of their own."""
    owner = await tickets.assign(ctx.work, ticket, form.to)
    await ctx.refresh(ticket)
    if owner.id != ctx.actor.id:
        await ctx.show(ticket, owner, "owner")
    return t("{name} has complaint {number} now, and has been told.", name=owner.name, number=ticket.number)


@on.press()
async def resolve(ctx: Context, ticket: Ticket) -> Asking:
    """Asks what became of it."""
    if ticket.status == OPEN:
        raise Refusal(t("Nobody has taken {number} yet. Take it first, then resolve it.", number=ticket.number))
    await tickets.may(ctx.work, ticket, "resolve")
    return ctx.ask(Answer, ticket)


@on.submit(Answer)
async def answer(ctx: Context, form: Answer, ticket: Ticket) -> Text:
    """Keeps the answer, and tells whoever reported it."""
    await tickets.resolve(ctx.work, ticket, form.answer)
    await ctx.refresh(ticket)
    reporter = await people.find(ctx.work.session, ticket.reporter_id)
    if reporter is not None and reporter.id != ctx.actor.id:
        await ctx.tell(reporter, _outcome(ticket, ctx.actor), urgent=False, about=ticket)
        return t("Resolved. {name}, who reported it, is told.", name=reporter.name)
    return t("Complaint {number} is resolved.", number=ticket.number)


@on.press()
async def close(ctx: Context, ticket: Ticket) -> None:
    """Ends it."""
    await tickets.close(ctx.work, ticket)
    await ctx.refresh(ticket)


@on.press()
async def reopen(ctx: Context, ticket: Ticket) -> Asking:
    """Asks why it is not over."""
    await tickets.may(ctx.work, ticket, "reopen")
    return ctx.ask(Reopening, ticket)


@on.submit(Reopening)
async def take_up_again(ctx: Context, form: Reopening, ticket: Ticket) -> Text:
    """Takes it up again, under a new promise."""
    await tickets.reopen(ctx.work, ticket, form.why)
    await ctx.refresh(ticket)
    owner = await people.find(ctx.work.session, ticket.owner_id) if ticket.owner_id else None
    if owner is not None and owner.id != ctx.actor.id:
        await ctx.tell(
            owner,
            _notice(t("Complaint {number} is open again", number=ticket.number), ticket, Tone.WARN, form.why),
            about=ticket,
        )
    return t(
        "Complaint {number} is open again; the new promise is {when}.",
        number=ticket.number,
        when=When(ticket.answer_by),
    )


@on.press()
async def escalate(ctx: Context, ticket: Ticket) -> Text:
    """Brings it before the head now, without waiting for the promise to be missed."""
    told = await tickets.escalate(ctx.work, ticket)
    await ctx.refresh(ticket)
    if told.id != ctx.actor.id:
        title = t("{name} asks you to look at complaint {number}", name=ctx.actor.name, number=ticket.number)
        await ctx.tell(told, _notice(title, ticket, Tone.WARN), about=ticket)
    return t("{name} has been told about complaint {number}.", name=told.name, number=ticket.number)


@on.press()
async def add_note(ctx: Context, ticket: Ticket) -> Asking:
    """Asks what is to be known."""
    await tickets.may(ctx.work, ticket, "note")
    return ctx.ask(AddedNote, ticket)


@on.submit(AddedNote)
async def keep_note(ctx: Context, form: AddedNote, ticket: Ticket) -> Text:
    """Keeps it with the ticket, and says it under every card."""
    await _noted(ctx, ticket, form.text, form.files)
    return t("The note is with complaint {number}.", number=ticket.number)


@on.said(Ticket)
async def listen(ctx: Context, ticket: Ticket, text: str, attached: tuple[Attached, ...]) -> None:
    """What people write under the card is kept with it, and said under its other windows."""
    if text or attached:
        await _noted(ctx, ticket, text, attached)


@on.due(tickets.unanswered)
async def chase(ctx: Context, ticket: Ticket) -> None:
    """Warns the owner or the team, then tells the head, then the head's head: once each."""
    late = await tickets.chase(ctx.work, ticket)
    if late is None:
        return
    await ctx.refresh(ticket)
    owner = await people.find(ctx.work.session, ticket.owner_id) if ticket.owner_id else None
    title = _LATE[late.rung][owner is not None]
    tone = Tone.WARN if late.rung == "warn" else Tone.BAD
    card = _notice(t(title.id, number=ticket.number, name=owner.name if owner else ""), ticket, tone)
    await ctx.tell(late.told or owner or ctx.room("service"), card, about=ticket)


_LATE = {
    "warn": (
        t("Nobody has taken complaint {number} yet"),
        t("{name}, complaint {number} needs its answer soon"),
    ),
    "head": (
        t("The promise for complaint {number} is missed, and nobody has taken it"),
        t("The promise for complaint {number} is missed; {name} has it"),
    ),
    "upper": (
        t("Complaint {number} still has no answer, and nobody has taken it"),
        t("Complaint {number} still has no answer; {name} has it"),
    ),
}


def _is_number(text: str) -> bool:
    """Whether somebody just writes a complaint's number: `C-1042`, `#1042`."""
    return text.strip()[:1] in ("c", "C", "#", "\uff43", "\uff23", "\uff03") and tickets.id_of(text) is not None


@on.command(
    "ticket",
    "工单",
    "查工单",
    help=t("Look at one complaint"),
    usage=t("its number, such as C-1042"),
    reads=_is_number,
)
async def look_up(ctx: Context, text: str) -> Card:
    """Shows one ticket with its notes and its history; a list where no number was given."""
    if not text:
        return await list_tickets(ctx, "")
    ticket_id = tickets.id_of(text)
    if ticket_id is None:
        raise Refusal(t("“{text}” is not a complaint's number. It looks like C-1042.", text=text[:40]))
    return await _whole(ctx, ticket_id)


@on.press()
async def look(ctx: Context, text: str) -> Card:
    """Shows one ticket from a list or a notice, as it stands now."""
    return await _whole(ctx, id_in(text) or 0)


@on.command(
    "tickets",
    "工单列表",
    "我的工单",
    help=t("List complaints"),
    usage=t("mine, open, overdue or reported"),
)
async def list_tickets(ctx: Context, text: str) -> Card:
    """Lists mine, or what was asked for."""
    name = next((name for name, words in _LISTS.items() if text.casefold() in words), None)
    if name is None and text:
        raise Refusal(t("Lists are: mine, open, overdue, reported."))
    return await _listed(ctx, name or "mine", None)


_LISTS: dict[str, tuple[str, ...]] = {
    "mine": ("mine", "my", "我的"),
    "open": ("open", "all", "未完成", "待处理", "全部"),
    "overdue": ("overdue", "late", "超时", "逾期"),
    "reported": ("reported", "我报的", "我提交的"),
}
_LISTING: dict[str, Callable[[Work, int | None], Awaitable[Page]]] = {
    "mine": tickets.mine,
    "open": tickets.open_,
    "overdue": tickets.overdue,
    "reported": tickets.reported,
}
_NAMED = {
    "mine": t("My complaints"),
    "open": t("Open complaints"),
    "overdue": t("Overdue complaints"),
    "reported": t("Complaints that I reported"),
}
_EMPTY = {
    "mine": t("You have no complaint to answer."),
    "open": t("No complaint is waiting for an answer."),
    "overdue": t("Nothing is overdue. Every promise is being kept."),
    "reported": t("You have not reported a complaint yet. Type “complaint” to report one."),
}
_TABS = {"mine": t("Mine"), "open": t("Open"), "overdue": t("Overdue"), "reported": t("Reported by me")}


@on.press()
async def page(ctx: Context, text: str) -> Card:
    """Turns to a list, or to its next page."""
    name, _, after = text.partition(":")
    if name not in _LISTING or (after and id_in(after) is None):
        raise Refusal(t("That list does not exist."))
    return await _listed(ctx, name, id_in(after))


async def _listed(ctx: Context, name: str, after: int | None) -> Card:
    found = await _LISTING[name](ctx.work, after)
    tabs = [page.button(label, key) for key, label in _TABS.items() if key != name or after]
    more = [page.button(t("Next page"), f"{name}:{found.after}", tone=Tone.GOOD)] if found.after else []
    rows = tuple(_row(ticket, ctx.work.now) for ticket in found.tickets)
    table = Table((t("Number"), t("Customer"), t("State"), t("Answer by")), rows)
    body: tuple[Words, ...] = () if found.tickets else (_EMPTY[name],)
    return Card(_NAMED[name], body=body, table=table if found.tickets else None, buttons=(*more, *tabs))


def _row(ticket: Ticket, now: datetime) -> Row:
    waits = ticket.status in (OPEN, TAKEN)
    when: Words = When(ticket.answer_by) if waits else ""
    state = _STATES[ticket.status]
    if waits and ticket.answer_by < now:
        state = t("{state}, overdue", state=state)
    return Row((ticket.number, ticket.customer, state, when), look.button(t("Show"), str(ticket.id)))


@on.todo
async def waiting(work: Work) -> Sequence[Row]:
    """What I have taken, for the team what nobody has taken, for its heads what is overdue; the most pressing first."""
    found = list((await tickets.mine(work)).tickets)
    department = work.handbook.complaints.department
    if work.actor.department == department:
        found += [ticket for ticket in (await tickets.open_(work)).tickets if ticket.status == OPEN]
    if await people.is_over(work, work.actor, department):
        found += (await tickets.overdue(work)).tickets
    pressing = sorted(
        {ticket.id: ticket for ticket in found}.values(), key=lambda ticket: (ticket.answer_by, ticket.id)
    )
    return [_row(ticket, work.now) for ticket in pressing]


@on.leaving
async def hand_back(ctx: Context, leaver: Employee) -> None:
    """What a leaver had taken is open again, and the team sees it."""
    for ticket in await tickets.hand_back(ctx.work, leaver):
        await ctx.refresh(ticket)
        title = t("Complaint {number} is open again: {name} has left", number=ticket.number, name=leaver.name)
        await ctx.tell(ctx.room("service"), _notice(title, ticket, Tone.WARN))


async def _noted(ctx: Context, ticket: Ticket, text: str, attached: tuple[Attached, ...]) -> None:
    await tickets.note(ctx.work, ticket, text, pack_files(attached))
    await ctx.refresh(ticket)
    body: tuple[Words, ...] = (text,) if text else ()
    await ctx.echo(ticket, Card(t("{name} wrote", name=ctx.actor.name), body=body, files=attached, tone=Tone.MUTED))


async def _whole(ctx: Context, ticket_id: int) -> Card:
    await tickets.see(ctx.work, ticket_id)
    whole = await tickets.case(ctx.work.session, ticket_id)
    assert whole is not None  # just seen
    notes = await tickets.all_notes(ctx.work.session, ticket_id)
    return card(Case(whole.ticket, whole.reporter, whole.owner, notes, whole.steps), Face("whole", ctx.handbook))


def _outcome(ticket: Ticket, by: Employee) -> Card:
    return Card(
        t("Complaint {number} is resolved", number=ticket.number),
        body=(ticket.answer,),
        facts=(Fact(t("Customer"), ticket.customer), Fact(t("Resolved by"), by.name)),
        buttons=(look.button(t("Show"), str(ticket.id)),),
        tone=Tone.GOOD,
    )


def _notice(title: Text, ticket: Ticket, tone: Tone, why: str = "") -> Card:
    return Card(
        title,
        body=(why,) if why else (),
        facts=(Fact(t("Customer"), ticket.customer), Fact(t("Answer by"), When(ticket.answer_by))),
        buttons=(look.button(t("Show"), str(ticket.id)),),
        tone=tone,
    )


_STATES: dict[str, Text] = {
    OPEN: t("Not taken yet"),
    TAKEN: t("Taken"),
    RESOLVED: t("Resolved"),
    CLOSED: t("Closed"),
}
_STEPS = {
    "tickets.receive": t("{name} reported it"),
    "tickets.take": t("{name} took it"),
    "tickets.assign": t("{name} assigned it"),
    "tickets.resolve": t("{name} resolved it"),
    "tickets.close": t("{name} closed it"),
    "tickets.reopen": t("{name} reopened it"),
    "tickets.escalate": t("{name} escalated it"),
    "tickets.hand_back": t("Open again because its owner left"),
    "tickets.chase.warn": t("A reminder was sent"),
    "tickets.chase.head": t("The promise was missed; the head was told"),
    "tickets.chase.upper": t("The head's head was told"),
}


@on.card(Ticket, see=tickets.see, load=tickets.case)
def card(case: Case, face: Face) -> Card:
    """The ticket's face: who complains of what, how it stands, who did what and when, and what can be done."""
    ticket, chapter = case.ticket, face.handbook.complaints
    whole = face.name == "whole"
    steps = case.steps if whole else case.steps[-4:]
    return Card(
        t("Complaint {number}: {customer}", number=ticket.number, customer=ticket.customer),
        body=(
            ticket.what,
            *((t("Answer: {text}", text=ticket.answer),) if ticket.answer else ()),
            *[_note(note.text, who.name, When(note.at, "moment" if whole else "time")) for note, who in case.notes],
        ),
        facts=(
            Fact(t("State"), _state(case)),
            Fact(t("Answer by"), When(ticket.answer_by)),
            Fact(t("Urgency"), chapter.urgency(ticket.urgency).label),
            Fact(t("About"), chapter.kinds.get(ticket.kind, ticket.kind)),
            *((Fact(t("How to reach them"), ticket.contact),) if ticket.contact else ()),
            Fact(t("Reported by"), case.reporter.name),
        ),
        files=(*unpack_files(ticket.files), *[file for note, _ in case.notes for file in unpack_files(note.files)]),
        buttons=_buttons(ticket),
        tone=_tone(ticket),
        foot=(
            *[_step(step.what, who.name if who else "", When(step.at)) for step, who in steps],
            t("§{number} {title}", number=chapter.clause, title=face.handbook.clause(chapter.clause)),
        ),
    )


def _note(text: str, name: str, when: When) -> Text:
    return t("{name}, {when}: {text}", name=name, when=when, text=text or t("(a file)"))


def _step(what: str, name: str, when: When) -> Text:
    return t("{did}, {when}", when=when, did=t(_STEPS[what].id, name=name) if what in _STEPS else what)


def _state(case: Case) -> Words:
    if case.owner is not None and case.ticket.status == TAKEN:
        return t("Taken by {name}", name=case.owner.name)
    return _STATES[case.ticket.status]


def _tone(ticket: Ticket) -> Tone:
    if ticket.status in (RESOLVED, CLOSED):
        return Tone.GOOD if ticket.status == RESOLVED else Tone.MUTED
    return {"": Tone.PLAIN, "warn": Tone.WARN}.get(ticket.chased, Tone.BAD)


def _buttons(ticket: Ticket) -> tuple[Button, ...]:
    note = add_note.button(t("Add note"), ticket)
    again = reopen.button(t("Reopen"), ticket)
    end = close.button(t("Close"), ticket, confirm=t("Close this complaint for good?"))
    give = assign.button(t("Assign"), ticket)
    up = escalate.button(t("Escalate"), ticket, confirm=t("Tell the head about it now?"))
    match ticket.status:
        case tickets.OPEN:
            return (take.button(t("Take"), ticket, tone=Tone.GOOD), give, up, note, end)
        case tickets.TAKEN:
            return (resolve.button(t("Resolve"), ticket, tone=Tone.GOOD), give, up, note)
        case tickets.RESOLVED:
            return (end, again, note)
        case _:
            return (again, note)
