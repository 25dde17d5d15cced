"""How fast approvals are decided: the keeper sees all, heads what their departments ask for, others their own."""

from __future__ import annotations

from datetime import timedelta

from bot.context import Context
from bot.errors import Refusal
from bot.ui.card import Card, Row, Table
from config.text import Span, Words, t
from storage.approvals.stats import Pace, paces

ROWS = 20
_WHOSE = {
    "all": t("All departments"),
    "led": t("What your departments asked for, and what you decide"),
    "own": t("What you decide"),
}


async def told(ctx: Context, template: str) -> Card:
    """The last ninety days, by template and step; of one template if it is named."""
    key = _key(ctx, template)
    found = await paces(ctx.work, key)
    title = t("Approvals: how fast they are decided")
    body: tuple[Words, ...] = (_WHOSE[found.whose], t("The last 90 days, in working time."))
    if not found.steps:
        return Card(title, body=(*body, t("Nothing was decided yet, and nothing waits.")))
    columns = (
        t("Step"), t("Decided"), t("Half within"), t("Nine of ten within"), t("Still open"), t("Overdue"),
    )  # fmt: skip
    if len(found.steps) > ROWS:
        body = (*body, t("The first {n} steps; name a template to see its own.", n=ROWS))
    return Card(title, body=body, table=Table(columns, tuple(_row(one) for one in found.steps[:ROWS])))


def _key(ctx: Context, words: str) -> str | None:
    if not words:
        return None
    templates = ctx.handbook.approvals.templates
    plain = words.casefold()
    for key, one in templates.items():
        if plain in (key, one.name.zh.casefold(), one.name.en.casefold()):
            return key
    if (found := ctx.handbook.approvals.by_word(words)) is not None:
        return found
    raise Refusal(t("There is no kind of approval called “{text}”.", text=words[:40]))


def _row(one: Pace) -> Row:
    step = t("{name}: {step}", name=one.name, step=one.step)
    return Row((step, str(one.decided), _span(one.median), _span(one.slow), str(one.open), str(one.overdue)))


def _span(time: timedelta | None) -> Words:
    return Span(int(time.total_seconds())) if time is not None else "\u2013"
