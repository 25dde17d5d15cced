"""Claiming: where any one is enough, one of them says that they are looking at it; the others may still decide."""

from __future__ import annotations

from bot.context import Context
from bot.ui.card import Tone
from config.text import Text, t
from handlers.approvals import deciding, naming, telling
from handlers.approvals.on import on
from storage import approvals
from storage.approvals import Case, Task, Unseated


@on.press()
async def claim(ctx: Context, task: Task) -> Text:
    """Says so on everybody's card; whoever was looking at it before, hears that they need not."""
    try:
        before = await approvals.claim(ctx.work, task)
    except Unseated as unseated:
        return await deciding.passed_on(ctx, unseated)
    case = await telling.of(ctx, await approvals.request_of(ctx.work, task))
    await ctx.refresh(case.request)
    if before is not None:
        await _relieved(ctx, case, task, before)
    return t("Everybody sees now that you are looking at {what}. The others may still decide.", what=naming.this(case))


async def _relieved(ctx: Context, case: Case, task: Task, before: Task) -> None:
    person, title = case.people[before.person_id], t("{who} is looking at {what} now")
    said = t(title.id, who=naming.doer(case, task, ctx.actor), what=naming.this(case))
    card = telling.notice(case, person, said, t("You may still decide."), tone=Tone.MUTED)
    await ctx.tell(person, card, urgent=False, about=case.request)


@on.press()
async def release(ctx: Context, task: Task) -> Text:
    """Leaves it to the others: their cards say no more that somebody is at it."""
    await approvals.release(ctx.work, task)
    case = await telling.of(ctx, await approvals.request_of(ctx.work, task))
    await ctx.refresh(case.request)
    return t("Nobody is waited for in particular now: {what} is for any one of you.", what=naming.this(case))
