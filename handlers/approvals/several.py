"""Several at once: whoever many requests wait for chooses some of them, and each is decided by itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bot.context import Context
from bot.errors import Refusal
from bot.ui.card import Card, Row, Table, Tone
from bot.ui.form import Asking, Built, Option, choices, paragraph
from config.text import Money, Text, Words, t, tn
from handlers.approvals import own, wording
from handlers.approvals.lists import NOTHING_WAITS, look
from handlers.approvals.on import on
from storage import approvals
from storage.approvals import NeedsSecond
from storage.approvals import lists as kept
from storage.approvals.lists import Line
from storage.tables import id_in
from storage.work import undone_if_refused


@on.press()
async def begin_several(ctx: Context) -> Asking:
    """Asks which of those that wait are to be approved."""
    tail = str(int(ctx.work.now.timestamp()) + 1)  # what had come to them by now, to the second
    built = await _several(ctx, await kept.batch(ctx.work))
    return ctx.ask_built(several.name, tail, built)


@on.built("several")
async def several(ctx: Context, tail: str, record: None) -> Built:
    """Those that waited when it was opened, so that each that was chosen can be said to have gone or not."""
    since = id_in(tail)
    if since is None:
        raise Refusal(t("This form has changed since it was opened. Please open it again."))
    return await _several(ctx, await kept.batch(ctx.work, datetime.fromtimestamp(since, UTC)))


async def _several(ctx: Context, lines: Sequence[Line]) -> Built:
    if not lines:
        raise Refusal(NOTHING_WAITS)
    notes = await _notes(ctx, lines)
    options = [
        Option(str(line.task.id), _marked(line) if line.request.id in notes else _in_short(line))
        for line in lines
        if line.task is not None
    ]
    hint: Words = t("What is worth much wants a press of its own.")
    for note in notes.values():
        hint = Text("{first}\n{second}", {"first": hint, "second": note})
    which = choices(t("Which do you approve?"), options, hint)
    comment = paragraph(t("Your comment"), t("It stands with each of them."), most=1000)
    asked = (which.named("which", ctx.handbook), comment.named("comment", ctx.handbook, optional=True))
    return Built(t("Approve several"), asked, t("Approve"))


async def _notes(ctx: Context, lines: Sequence[Line]) -> dict[int, Text]:
    """By request: that it passes a limit together with others, as its card says."""
    others = {line.request.id: json.loads(line.request.related) for line in lines}
    found = await kept.by_ids(ctx.work.session, {one for ids in others.values() for one in ids})
    notes: dict[int, Text] = {}
    for line in lines:
        if line.request.requester_id == ctx.actor.id:
            continue
        related = [one for one in found if one.id in others[line.request.id]]
        said = own.together(line.worth, related, line.frozen.template)
        if said is not None:
            notes[line.request.id] = t("⚠ {number}: {text}", number=line.request.number, text=said)
    return notes


def _marked(line: Line) -> Text:
    return Text("⚠ {request}", {"request": _in_short(line)})


def _in_short(line: Line) -> Text:
    amount, number = line.worth, line.request.number
    what = wording.gist(line)
    head = number if amount is None else t("{first} \u00b7 {second}", first=number, second=amount)
    return t("{who}: {what}", who=line.requester.name, what=t("{first} \u00b7 {second}", first=head, second=what))


@several.submit
async def approve_several(ctx: Context, tail: str, answers: dict[str, Any], record: None) -> Card:
    """Decides each by itself: one that can't be approved keeps none of the others."""
    rows = {str(one.task.id): (one.request.number, str(one.request.id), one.worth)
            for one in await _chosen(ctx, tail) if one.task is not None}  # fmt: skip
    await approvals.hold_to_approve(ctx.work, [int(rows[value][1]) for value in answers["which"]])
    went: list[Row] = []
    stayed: list[Row] = []
    for value in answers["which"]:
        number, request_id, amount = rows[value]
        link = look.button(t("Show"), request_id)
        try:
            async with undone_if_refused(ctx.work):
                await _approve(ctx, int(value), answers.get("comment", ""))
            went.append(Row((number, t("you approved it")), link))
        except NeedsSecond:
            why = _wants_a_second(amount)
            stayed.append(Row((number, why), link))
        except Refusal as refusal:
            stayed.append(Row((number, refusal.text), link))
    title = tn("{n} approved", "{n} approved", n=len(went))
    if stayed:
        title = t("{went}, {n} not", went=title, n=len(stayed))
    table = Table((t("Number"), t("What came of it")), (*stayed, *went))
    return Card(title, table=table, tone=Tone.WARN if stayed else Tone.GOOD)


def _wants_a_second(amount: Money | None) -> Text:
    if amount is None:
        return t("It wants a second confirmation: approve it by itself")
    return t("{amount} wants a second confirmation: approve it by itself", amount=amount)


async def _chosen(ctx: Context, tail: str) -> list[Line]:
    return await kept.batch(ctx.work, datetime.fromtimestamp(id_in(tail) or 0, UTC))


async def _approve(ctx: Context, task_id: int, comment: str) -> None:
    from handlers.approvals import deciding

    task = await approvals.see_task(ctx.work, task_id)
    went = await approvals.approve(ctx.work, task, comment)
    line = t("{who} approved, on {platform}")
    await deciding.decided(ctx, went, task, line, t("You approved."), comment)
