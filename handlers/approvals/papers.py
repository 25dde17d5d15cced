"""Papers of approvals: whoever has to do with a request takes it as a file; their keeper takes a period's register."""

from __future__ import annotations

import asyncio
import re
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from bot.context import Context
from bot.errors import Refusal
from bot.papers import PDF, WORKBOOK, Grid, Paper
from bot.ui.card import Card, Tone
from bot.ui.form import Asking, Attached, Built, Option, choice
from bot.words import Reader, Speaker
from config.text import Span, Text, When, Words, t, tn
from handlers.approvals import dossier, wording
from handlers.approvals.on import on
from storage import approvals, history
from storage.approvals import Request, reading
from storage.approvals import lists as kept
from storage.approvals.lists import Line
from storage.approvals.proof import prove
from storage.tables import id_in

PDF_FILE, EXCEL = "pdf", "xlsx"
_FORMATS = (Option(PDF_FILE, "PDF"), Option(EXCEL, "Excel"))
_LANGUAGES = (Option("zh", "中文"), Option("en", "English"))


@on.press()
async def export(ctx: Context, text: str) -> Asking:
    """Asks as what, and in which language."""
    request = await _request(ctx, text)
    built = await export_form.questions(ctx, str(request.id), None)
    return ctx.ask_built(export_form.name, str(request.id), built)


@on.built("export")
async def export_form(ctx: Context, tail: str, record: None) -> Built:
    """A file to read and print, or one to reckon with; in either language."""
    asked = (
        choice(t("As what?"), _FORMATS, t("PDF is for reading and printing, Excel for reckoning.")).named(
            "file_type", ctx.handbook
        ),
        choice(t("In which language?"), _LANGUAGES).named("language", ctx.handbook),
    )
    usual = {"file_type": PDF_FILE, "language": ctx.actor.language}
    return Built(t("Export"), asked, t("Export"), usual)


@export_form.submit
async def take_out(ctx: Context, tail: str, answers: dict[str, Any], record: None) -> Card:
    """Makes the file: all that was said and done, and whether the audit confirms it."""
    request = await _request(ctx, tail)
    whole = await approvals.case(ctx.work.session, request.id)
    assert whole is not None  # just seen
    keeps = await approvals.is_steward(ctx.work, ctx.actor, whole.frozen.steward)
    shown = reading.for_reader(whole, ctx.actor.id, keeps=keeps)
    proof = await prove(ctx.work.session, request, shown.acts)
    paper = dossier.of(shown, ctx.handbook, proof, ctx.actor, ctx.work.now)
    file = await _file(ctx, paper, request.number, answers["file_type"], answers["language"])
    ctx.work.note("approvals.export", history.about(request), file_type=answers["file_type"])
    title = t("{what}: all of it, as a file", what=wording.title(shown))
    return Card(title, body=(dossier.verdict(proof, shown.acts),), files=(file,),
                tone=Tone.PLAIN if proof.holds(shown.acts) else Tone.BAD)  # fmt: skip


async def _request(ctx: Context, text: str) -> Request:
    request = await approvals.see(ctx.work, id_in(text.partition(":")[0]) or 0)
    await approvals.may(ctx.work, request, "export")
    return request


async def _file(ctx: Context, paper: Paper, name: str, form: str, language: str) -> Attached:
    say = Speaker(Reader((language,), ctx.zone), ctx.work.now)
    data = await asyncio.to_thread(_drawn, paper, say, form)  # letters take a while, and others wait
    return await ctx.keep_file(f"{name}.{form}", PDF if form == PDF_FILE else WORKBOOK, data)


def _drawn(paper: Paper, say: Speaker, form: str) -> bytes:
    # Imported here, in the thread: both libraries take 16 MB and a tenth of a second, and most starts draw nothing.
    if form == PDF_FILE:
        from bot.papers.pdf import as_pdf

        return as_pdf(paper, say)
    from bot.papers.workbook import as_sheet

    return as_sheet(paper, say)


async def register(ctx: Context, words: str) -> Card:
    """All requests of a month or a year, as a workbook: for whoever keeps the approvals."""
    first, last, called = _period(ctx, words)
    lines = await kept.between(ctx.work, first, last)
    if not lines:
        return Card(t("Nobody asked for anything in {period}.", period=called))
    file = await _file(ctx, _register(ctx, lines, called), f"approvals-{called}", EXCEL, ctx.actor.language)
    ctx.work.note("approvals.register", "approvals", period=called, rows=len(lines))
    body: tuple[Text, ...] = (tn("{n} request.", "{n} requests.", n=len(lines)),)
    if len(lines) == kept.REGISTER:
        body = (*body, t("There are more: please name a shorter period."))
    return Card(t("Register of approvals, {period}", period=called), body=body, files=(file,))


def _period(ctx: Context, words: str) -> tuple[datetime, datetime, str]:
    """The month or year that is meant, by the company's calendar: `2026-11`, `2026`; this month if none is named."""
    zone = ZoneInfo(ctx.handbook.company.zone)
    today = ctx.work.now.astimezone(zone).date()
    plain = words or f"{today:%Y-%m}"
    found = re.fullmatch(r"(20[0-9]{2})(?:[-/.年](0?[1-9]|1[0-2])月?)?年?", plain)
    if found is None:
        raise Refusal(t("Please name a month such as 2026-11, or a year such as 2026."))
    year, month = int(found[1]), int(found[2] or 0)
    first = date(year, month or 1, 1)
    last = date(year + 1, 1, 1) if month in (0, 12) else date(year, month + 1, 1)
    begin, end = (datetime.combine(day, time(), zone) for day in (first, last))
    return begin, end, f"{year}-{month:02}" if month else f"{year}"


def _register(ctx: Context, lines: list[Line], called: str) -> Paper:
    columns = (
        t("Number"), t("What"), t("Requester"), t("Department"), t("Amount"), t("Days"), t("Asked for"), t("State"),
        t("Decided at"), t("Working time"),
    )  # fmt: skip
    rows = tuple(_registered(ctx, line) for line in lines)
    title = t("Register of approvals, {period}", period=called)
    return Paper(title, (ctx.handbook.company.name,), sections=(Grid(title, columns, rows),))


def _registered(ctx: Context, line: Line) -> tuple[Words | int, ...]:
    request, book = line.request, ctx.handbook
    key = request.department
    department: Words = book.departments[key].name if key in book.departments else key
    took: Words = ""
    if request.decided_at is not None:
        took = Span(int(book.calendar.between(request.filed_at, request.decided_at).total_seconds()))
    return (
        request.number, line.frozen.template.name, line.requester.name, department, line.worth or "",
        request.days if request.days is not None else "", _day(request.filed_at), wording.state(request),
        _day(request.decided_at), took,
    )  # fmt: skip


def _day(at: datetime | None) -> Words:
    return When(at) if at is not None else ""
