"""Sharing: who has to do with a request shows it to colleagues, who have a card of it from then on."""

from __future__ import annotations

from typing import Any

from bot.context import Context
from bot.ui.card import Card, Tone
from bot.ui.form import Asking, Built, paragraph
from bot.ui.form import people as several
from config.text import Text, t
from handlers.approvals import naming, telling
from handlers.approvals.on import on
from storage import approvals
from storage.approvals import Request
from storage.approvals.sharing import MOST
from storage.tables import id_in


@on.press()
async def share(ctx: Context, text: str) -> Asking:
    """Asks to whom. What happens to the request meanwhile is no matter."""
    request = await _request(ctx, text)
    tail = str(request.id)
    return ctx.ask_built(share_form.name, tail, await share_form.questions(ctx, tail, None))


async def _request(ctx: Context, text: str) -> Request:
    request = await approvals.see(ctx.work, id_in(text.partition(":")[0]) or 0)
    await approvals.may(ctx.work, request, "share")
    return request


@on.built("share")
async def share_form(ctx: Context, tail: str, record: None) -> Built:
    """To whom, and what they should know."""
    whom = several(t("Whom do you show it to?"), t("They may read it from now on, and comment on it."), most=MOST)
    words = paragraph(t("What should they know?"), t("Everybody who may see the request reads this."))
    asked = (whom.named("people", ctx.handbook), words.named("words", ctx.handbook, optional=True))
    return Built(t("Forward"), asked, t("Forward"))


@share_form.submit
async def show_to(ctx: Context, tail: str, answers: dict[str, Any], record: None) -> Text:
    """Gives each a card, and says under whoever asked's own to whom it was shown."""
    request = await _request(ctx, tail)
    words = answers.get("words", "")
    told = await approvals.share(ctx.work, request, answers["people"], words)
    await ctx.refresh(request)
    for person in told:
        await ctx.show(request, person, f"copy:{person.id}")
    names = naming.names(told)
    if ctx.actor.id != request.requester_id:
        said = Card(t("{name} showed it to {names}", name=ctx.actor.name, names=names),
                    body=(words,) if words else (), tone=Tone.MUTED)  # fmt: skip
        await ctx.echo(request, said, faces=frozenset({telling.MINE}))
    case = await telling.of(ctx, request)
    return t("{names} can read {what} now.", names=names, what=naming.this(case))
