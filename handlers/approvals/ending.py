"""Ends and reminders: whoever asked takes it back or reminds whom it waits for; who keeps approvals may end it."""

from __future__ import annotations

from bot.context import Context
from bot.errors import Refusal
from bot.ui.card import Card, Tone
from bot.ui.form import Asking, Built, paragraph
from config.text import Text, When, t
from handlers.approvals import naming, telling
from handlers.approvals.on import on
from storage import approvals
from storage.approvals import Case, Request, Status
from storage.people import Employee
from storage.tables import id_in

WITHDRAW, TERMINATE = "withdraw", "terminate"


@on.press()
async def withdraw(ctx: Context, text: str) -> Text:
    """Takes back what is not decided yet."""
    request = await _seen(ctx, text)
    went = await approvals.withdraw(ctx.work, request)
    case = await telling.spread(ctx, went, t("{name} withdrew it", name=ctx.actor.name))
    if case.request.status == Status.APPROVED:
        return t("{what} stays approved, as it was.", what=naming.this(case))
    return t("{what} is withdrawn. Nobody need decide any more.", what=naming.this(case))


@on.press()
async def withdraw_granted(ctx: Context, text: str) -> Asking:
    """Asks why what was granted is to be taken back."""
    request = await _seen(ctx, text)
    await approvals.may(ctx.work, request, "withdraw_granted")
    return await _ask_why(ctx, WITHDRAW, request)


@on.press()
async def terminate(ctx: Context, text: str) -> Asking:
    """Asks why it is to be ended."""
    request = await approvals.look_over(ctx.work, id_in(text.partition(":")[0]) or 0)
    await approvals.may(ctx.work, request, TERMINATE)
    return await _ask_why(ctx, TERMINATE, request)


async def _seen(ctx: Context, text: str) -> Request:
    return await approvals.see(ctx.work, id_in(text.partition(":")[0]) or 0)


async def _ask_why(ctx: Context, what: str, request: Request) -> Asking:
    tail = f"{what}:{request.id}"
    return ctx.ask_built(why_form.name, tail, await why_form.questions(ctx, tail, None))


@on.built("why")
async def why_form(ctx: Context, tail: str, record: None) -> Built:
    """Why it is to end."""
    if tail.startswith(f"{TERMINATE}:"):
        title, question, send = t("Terminate"), t("Why is it to be ended?"), t("Terminate")
    else:
        title, question, send = t("Ask to withdraw"), t("Why is it to be withdrawn?"), t("Send")
    hint = t("Everybody whom it concerns reads this.")
    return Built(title, (paragraph(question, hint).named("why", ctx.handbook),), send)


@why_form.submit
async def end(ctx: Context, tail: str, answers: dict[str, str], record: None) -> Text:
    """Ends it, or has those decide who approved it."""
    what, _, written = tail.partition(":")
    if what == TERMINATE:
        return await _terminated(ctx, await approvals.look_over(ctx.work, id_in(written) or 0), answers["why"])
    return await _to_be_withdrawn(ctx, await _seen(ctx, written), answers["why"])


async def _terminated(ctx: Context, request: Request, why: str) -> Text:
    went = await approvals.terminate(ctx.work, request, why)
    case = await telling.spread(ctx, went, t("{name} ended it", name=ctx.actor.name), why)
    return t(
        "{number} is ended. {name}, who asked for it, is told.", number=case.request.number, name=case.requester.name
    )


async def _to_be_withdrawn(ctx: Context, request: Request, why: str) -> Text:
    went = await approvals.withdraw_granted(ctx.work, request, why)
    case = await telling.spread(ctx, went, t("{name} asked to withdraw it", name=ctx.actor.name), why)
    if went.ended:
        return t("{what} is withdrawn.", what=naming.this(case))
    return t(
        "Whether {what} may be withdrawn is with {names} now. Until then it holds.",
        names=naming.names(naming.holders(case)),
        what=naming.this(case),
    )


@on.press()
async def nudge(ctx: Context, text: str) -> Text:
    """Reminds those for whom it waits."""
    request = await _seen(ctx, text)
    reminded = await approvals.nudge(ctx.work, request)
    case = await telling.of(ctx, request)
    await ctx.refresh(request)
    for person in reminded:
        await ctx.tell(person, _reminder(ctx, case, person), about=request)
    if not reminded:
        raise Refusal(t("{number} waits for nobody just now.", number=request.number))
    return t("I have reminded {names} of {number}.", names=naming.names(reminded), number=request.number)


def _reminder(ctx: Context, case: Case, person: Employee) -> Card:
    title = t("{name} reminds you: {what} waits for you", name=ctx.actor.name, what=naming.this(case))
    seats = [one for one in case.tasks if one.person_id == person.id and one.status == "open"]
    since = min((one.opened_at for one in seats if one.opened_at is not None), default=case.request.filed_at)
    first = telling.deciding(case, seats[0] if seats else None)
    return telling.notice(case, person, title, t("Since {when}", when=When(since)), tone=Tone.WARN, first=first)


@on.leaving
async def hand_on(ctx: Context, leaver: Employee) -> None:
    """What waited for a leaver goes to whoever is over them; what they asked for ends."""
    gone = t("{name} has left", name=leaver.name)
    for went in await approvals.replace(ctx.work, leaver):
        await telling.spread(ctx, went, gone)
    for went in await approvals.excuse(ctx.work, leaver):
        await telling.spread(ctx, went, gone)
    for went in await approvals.orphan(ctx.work, leaver):
        await ctx.refresh(went.request)
        await ctx.echo(went.request, Card(gone, tone=Tone.MUTED), faces=frozenset({telling.ROOM}))
