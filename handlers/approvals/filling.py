"""Filling in: a step may ask something of its approver, such as a cost centre; approving opens the form for it."""

from __future__ import annotations

from typing import Any

from bot.answer import Reply
from bot.codec import unpack_files
from bot.context import Context
from bot.ui.form import Asking, Built, paragraph
from config.text import t
from handlers.approvals import asking
from handlers.approvals.on import on
from storage import approvals
from storage.approvals import Task, filling
from storage.approvals.definitions import frozen_of

COMMENT = "approval.comment"
"""No field is called so: their names have no full stop."""


@on.built("fill", record=Task)
async def fill_form(ctx: Context, tail: str, task: Task) -> Built:
    """What the step asks of who approves, with what was answered before; and what is to be said with the yes."""
    request = await approvals.request_of(ctx.work, task)
    template = (await frozen_of(ctx.work.session, request)).template
    fields = filling.asked_at(template, request, task)
    known = approvals.answers_of(request)
    attached = {name: unpack_files(known[name]) for name, one in fields.items() if one.ask == "files" and name in known}
    comment = paragraph(t("Your comment"), t("Everybody who may see the request reads this."))
    questions = (
        *[asking.question(ctx, template, name, since=request.filed_at) for name in fields],
        comment.named(COMMENT, ctx.handbook, optional=True),
    )
    return Built(t("Approve"), questions, t("Approve"), attached)


async def ask(ctx: Context, task: Task, comment: str = "") -> Asking:
    """Puts that form to whoever is to approve."""
    await approvals.may_task(ctx.work, task, "approve")
    built = await fill_form.questions(ctx, "", task)
    known = approvals.answers_of(await approvals.request_of(ctx.work, task))
    given = {name: value for name, value in known.items() if name not in built.usual}
    return asking.put(ctx, fill_form, "", built, {**given, COMMENT: comment}, task)


@fill_form.submit
async def approve_with_answers(ctx: Context, tail: str, answers: dict[str, Any], task: Task) -> Reply:
    """Agrees; what was answered counts from here on."""
    from handlers.approvals import deciding  # which asks

    fills = {name: asking.kept(value) for name, value in answers.items() if name != COMMENT}
    return await deciding.agree(ctx, task, answers.get(COMMENT, ""), fills)
