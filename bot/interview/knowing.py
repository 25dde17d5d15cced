"""Who works here and who asks: what it takes to understand an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.context import Context
from bot.events import Said
from bot.interview.state import Colleague
from bot.interview.taking import Told
from bot.ui.form import Question
from storage import people


async def everyone(session: Any) -> Sequence[Colleague]:
    """All who work here, as they are offered."""
    return [Colleague(one.id, one.name, one.department) for one in await people.everyone(session)]


def me(ctx: Context) -> Colleague:
    """Who is asked."""
    return Colleague(ctx.actor.id, ctx.actor.name, ctx.actor.department)


async def told_by(ctx: Context, question: Question, said: Said | None = None) -> Told:
    """What was said (nothing, where a button was pressed), with what the question needs to be answered."""
    return Told(
        text=said.text if said else "",
        files=said.files if said else (),
        position=said.position if said else None,
        now=ctx.work.now,
        zone=ctx.zone,
        me=me(ctx),
        people=await everyone(ctx.work.session) if question.ask in ("person", "people") else (),
    )
