"""Deciding: whoever holds a seat approves it, rejects it with a reason, sends it back, or takes that back at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from bot.answer import Reply
from bot.capability import Press
from bot.context import Context
from bot.errors import Refusal
from bot.ui.card import Button, Card, Tone
from bot.ui.form import Asking, Built, Form, Option, choice, paragraph
from config.handbook.approvals.chain import Place
from config.text import Text, t
from handlers.approvals import naming, sharing, signing, talking, telling
from handlers.approvals.on import on
from storage import approvals, history
from storage.approvals import NeedsAnswers, NeedsSecond, Request, Status, Task, Unseated, Went
from storage.approvals.rights import STATES
from storage.tables import id_in

REQUESTER = "requester"


class Consent(Form):
    """What is to be said with a yes."""

    title = t("Approve")
    send = t("Approve")
    comment: Annotated[str, paragraph(t("Your comment"), t("Everybody who may see the request reads this."))]


class Rejection(Form):
    """Why not."""

    title = t("Reject")
    send = t("Reject")
    why: Annotated[str, paragraph(t("Why not?"), t("Whoever asked for it reads this."))]


class Advice(Form):
    """What somebody thinks who was asked for advice."""

    title = t("Give advice")
    send = t("Send")
    agrees: Annotated[
        str, choice(t("What do you advise?"), (Option("yes", t("Approve it")), Option("no", t("Reject it"))))
    ]
    comment: Annotated[str, paragraph(t("What is to be known?"))] = ""


@on.press()
async def approve(ctx: Context, task: Task) -> Reply:
    """Agrees with one tap."""
    return await agree(ctx, task, "")


@on.press()
async def approve_with(ctx: Context, task: Task) -> Asking:
    """Asks what is to be said with it."""
    from handlers.approvals import filling  # which decides

    await approvals.may_task(ctx.work, task, _act(task, "approve"))
    built = await filling.fill_form.questions(ctx, "", task)
    return await filling.ask(ctx, task) if len(built.questions) > 1 else ctx.ask(Consent, task)


@on.submit(Consent)
async def consent(ctx: Context, form: Consent, task: Task) -> Reply:
    """Agrees, with a comment."""
    return await agree(ctx, task, form.comment)


async def agree(ctx: Context, task: Task, comment: str, fills: Mapping[str, Any] | None = None) -> Reply:
    """Agrees from this seat; where much is at stake, a second confirmation is asked for first.

    Where the step asks something of its approver, that comes before all.
    """
    from handlers.approvals import filling, seconds  # which decide, and tell

    if task.place == Place.LENT:
        return await _advise(ctx, task, True, comment)
    try:
        went = await approvals.approve(ctx.work, task, comment, fills=fills)
    except NeedsAnswers:
        return await filling.ask(ctx, task, comment)
    except NeedsSecond:
        return await seconds.begin_second(ctx, task, comment, fills)
    except Unseated as unseated:
        return await passed_on(ctx, unseated)
    return await decided(ctx, went, task, t("{who} approved, on {platform}"), t("You approved."), comment)


async def passed_on(ctx: Context, unseated: Unseated) -> Text:
    """Who decided once by what they were, and are no more, hears so; whoever is now has it."""
    went = await approvals.unseat(ctx.work, unseated.task)
    await telling.spread(ctx, went)
    ctx.work.note("approvals.unseated", history.about(went.request), task=unseated.task.id)
    return unseated.text


async def decided(ctx: Context, went: Went, task: Task, line: Text, done: Text, why: str) -> Text:
    """Tells everybody what came of a decision, and the actor whom it waits for now."""
    case = await telling.of(ctx, went.request)
    await telling.spread(ctx, went, telling.did(ctx, case, task, line), why, case=case)
    return telling.onward(ctx, case, done)


@on.press()
async def reject(ctx: Context, task: Task) -> Asking:
    """Asks why not; of whom advice is wanted, what they advise."""
    await approvals.may_task(ctx.work, task, _act(task, "reject"))
    return ctx.ask(Advice, task, agrees="no") if task.place == Place.LENT else ctx.ask(Rejection, task)


@on.submit(Rejection)
async def refuse(ctx: Context, form: Rejection, task: Task) -> Text:
    """Says no; whoever asked for it hears why."""
    if task.place == Place.LENT:
        return await _advise(ctx, task, False, form.why)
    try:
        went = await approvals.reject(ctx.work, task, form.why)
    except Unseated as unseated:
        return await passed_on(ctx, unseated)
    return await decided(ctx, went, task, t("{who} rejected it, on {platform}"), t("You rejected it."), form.why)


@on.press()
async def advise(ctx: Context, task: Task) -> Asking:
    """Asks what they think, of whom advice was wanted."""
    await approvals.may_task(ctx.work, task, "advise")
    return ctx.ask(Advice, task)


@on.submit(Advice)
async def give_advice(ctx: Context, form: Advice, task: Task) -> Text:
    """Says it to whoever asked; they decide."""
    return await _advise(ctx, task, form.agrees == "yes", form.comment)


async def _advise(ctx: Context, task: Task, agrees: bool, comment: str) -> Text:
    went = await approvals.advise(ctx.work, task, agrees, comment)
    line = t("{who} advised to approve, on {platform}") if agrees else t("{who} advised to reject, on {platform}")
    return await decided(ctx, went, task, line, t("Your advice is given."), comment)


def _act(task: Task, act: str) -> str:
    return "advise" if task.place == Place.LENT else act


@on.press()
async def approve_here(ctx: Context, text: str) -> Reply:
    """Agrees in a room, where everybody sees the same card: from the actor's own seat, if they have one."""
    return await agree(ctx, await _mine_here(ctx, text), "")


@on.press()
async def reject_here(ctx: Context, text: str) -> Asking:
    """The same for a no."""
    return await reject.answer(ctx, await _mine_here(ctx, text))  # type: ignore[return-value]  # it asks why


async def _mine_here(ctx: Context, text: str) -> Task:
    request_id, _, turn = text.partition(":")
    try:
        request = await approvals.see(ctx.work, id_in(request_id) or 0)
    except Refusal:
        raise Refusal(t("This waits for others, not for you."), denied=True) from None
    task = await approvals.my_task(ctx.work, request)
    if str(request.round) != turn:
        raise Refusal(t("{number} has been changed since. Please look at it as it is now.", number=request.number))
    if task is not None:
        return task
    raise Refusal(await _waits_for_others(ctx, request))


async def _waits_for_others(ctx: Context, request: Request) -> Text:
    holders = naming.holders(await telling.of(ctx, request))
    if request.status != Status.PENDING or not holders:
        state = STATES[request.status]
        return t("{number} is {state} now. Nothing is to be decided.", number=request.number, state=state)
    return t("This waits for {names}, not for you.", names=naming.names(holders))


@on.press()
async def more(ctx: Context, task: Task) -> Card:
    """All else that one may do from this seat, for the actor alone."""
    case = await telling.of(ctx, await approvals.request_of(ctx.work, task))
    mine = await approvals.acts_at(ctx.work, task, [act for act, _, _ in _others()])
    return Card(
        t("{what}: what would you like to do?", what=naming.this(case)),
        buttons=(
            *[press.button(label, task) for act, press, label in _others() if act in mine],
            *await signing.takings(ctx, case, task),
            talking.comment.button(t("Comment"), str(case.request.id)),
            sharing.share.button(t("Forward"), str(case.request.id)),
            telling.show(case.request),
        ),
    )


def _others() -> tuple[tuple[str, Press, Text], ...]:
    return (
        ("approve", approve_with, t("Approve with a comment")),
        ("advise", advise, t("Give advice")),
        ("ask", talking.ask, t("Ask a question")),
        ("send_back", send_back, t("Send back")),
        ("transfer", signing.transfer, t("Transfer")),
        ("delegate", signing.delegate, t("Delegate")),
        ("add", signing.add, t("Add sign")),
    )


@on.press()
async def send_back(ctx: Context, task: Task) -> Asking:
    """Asks to whom, and why."""
    await approvals.may_task(ctx.work, task, "send_back")
    return ctx.ask_built(return_form.name, "", await return_form.questions(ctx, "", task), task, to=REQUESTER)


@on.built("return", record=Task)
async def return_form(ctx: Context, tail: str, task: Task) -> Built:
    """To whoever asked for it, or to a step that it has passed; and why."""
    case = await telling.of(ctx, await approvals.request_of(ctx.work, task))
    back = t("{name}, to be changed", name=case.requester.name)
    earlier = [index for index in case.path if index < case.request.step]
    options = (
        Option(REQUESTER, back),
        *[
            Option(str(index), t("Step “{step}”, to be looked at again", step=naming.step_name(case, index)))
            for index in earlier
        ],
    )
    return Built(
        t("Send back"),
        (
            choice(t("To whom?"), options).named("to", ctx.handbook),
            paragraph(t("What is to be done?"), t("Whoever gets it reads this.")).named("why", ctx.handbook),
        ),
        t("Send back"),
    )


@return_form.submit
async def hand_back(ctx: Context, tail: str, answers: dict[str, str], task: Task) -> Text:
    """Sends it back, and tells whoever has it now."""
    to = None if answers["to"] == REQUESTER else int(answers["to"])
    went = await approvals.send_back(ctx.work, task, to, answers["why"])
    line = t("{who} sent it back, on {platform}")
    return await decided(ctx, went, task, line, t("You sent it back."), answers["why"])


@on.press()
async def undo(ctx: Context, request: Request) -> Text:
    """Takes back what the actor did just now, if nothing has come of it yet; whoever was told, is told."""
    told = telling.told_so_far(await telling.of(ctx, request))
    went = await approvals.undo(ctx.work, request)
    case = await telling.undone(ctx, told, went)
    return t("Taken back. {number} stands as it did before.", number=case.request.number)


def buttons(task: Task) -> tuple[Button, Button]:
    """The two that decide, about this seat as it stands."""
    return (
        approve.button(t("Approve"), task, tone=Tone.GOOD),
        reject.button(t("Reject"), task, tone=Tone.BAD),
    )
