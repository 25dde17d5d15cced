"""Budgets: heads see what their departments have left to spend, and the finance department sees it of all."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from bot.capability import Capability
from bot.context import Context
from bot.errors import Refusal
from bot.ui.card import Card, Fact, Row, Table, Tone
from config.handbook.approvals import Allowance
from config.text import Money, OnDay, Text, When, Words, t
from storage import budgets, people
from storage.approvals import FIRST
from storage.budgets import Drawing

on = Capability("budgets")

FINANCE = "finance"
"""The department that sees every budget, where the company has one under this key."""
NOT_YOURS = t("Budgets are for the heads of their departments, and for finance.")


@on.command("budget", "预算", "budgets", help=t("What a department has left to spend"))
async def budget(ctx: Context, text: str) -> Card | Text:
    """What is left of each budget that is the actor's to see, and when the next period begins."""
    mine = [one for one in _allowances(ctx) if await _may_see(ctx, one.department)]
    if not mine:
        return NOT_YOURS
    rows = [await _row(ctx, one) for one in mine]
    columns = (t("Department"), t("Period"), t("Budget"), t("Left to spend"))
    return Card(t("Budgets"), table=Table(columns, tuple(rows)))


async def _row(ctx: Context, allowance: Allowance) -> Row:
    left = await budgets.left(ctx.work.session, allowance)
    return Row(
        (
            budgets.named(ctx.work, allowance.department),
            allowance.called,
            Money(allowance.minor, allowance.currency),
            Money(left, allowance.currency),
        ),
        drawings.button(t("Show"), allowance.department),
    )


@on.press()
async def drawings(ctx: Context, text: str) -> Card:
    """What drew on a department's budget in this period, the latest first."""
    allowance = next((one for one in _allowances(ctx) if one.department == text), None)
    if allowance is None or not await _may_see(ctx, text):
        raise Refusal(NOT_YOURS, denied=True)
    session, currency = ctx.work.session, allowance.currency
    drew = await budgets.drawings(session, allowance)
    left = await budgets.left(session, allowance)
    rows = tuple(Row((_number(one), Money(one.minor, currency), When(one.at))) for one in drew)
    return Card(
        t("Budget of {department}, {period}", department=budgets.named(ctx.work, text), period=allowance.called),
        body=() if drew else (t("Nothing has drawn on it in this period."),),
        facts=(
            Fact(t("Budget"), Money(allowance.minor, currency)),
            Fact(t("Drawn"), Money(await budgets.drawn(session, allowance), currency)),
            Fact(t("Left to spend"), Money(left, currency)),
            Fact(t("Until"), OnDay(allowance.last)),
        ),
        table=Table((t("Request"), t("Amount"), t("When")), rows) if drew else None,
        tone=Tone.WARN if left * 10 < allowance.minor else Tone.PLAIN,
    )


def _number(drawing: Drawing) -> Words:
    kind, _, number = drawing.about.partition(":")
    number = f"A-{FIRST + int(number)}" if kind == "approvals" and number.isdecimal() else drawing.about
    return number if drawing.minor > 0 else t("{number}, given back", number=number)


def _allowances(ctx: Context) -> list[Allowance]:
    """All budgets of the handbook, in the period that today is in, by the company's clock."""
    chapter, company = ctx.handbook.approvals.budgets, ctx.handbook.company
    today = ctx.work.now.astimezone(ZoneInfo(company.zone)).date()
    found = [chapter.of(department, one.templates[0], today, company.currency) for department, one in chapter.items()]
    return [one for one in found if one is not None]


async def _may_see(ctx: Context, department: str) -> bool:
    return ctx.actor.department == FINANCE or await people.is_over(ctx.work, ctx.actor, department)
