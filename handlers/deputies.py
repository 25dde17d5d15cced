"""Deputies: whoever is away says who decides for them and until when; at the end they hear what was done."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated

from bot.answer import Reply
from bot.capability import Capability
from bot.context import Context
from bot.errors import Refusal
from bot.interview.finding import people_like, person_called
from bot.interview.knowing import everyone, me
from bot.moments import read_day
from bot.ui.card import Button, Card, Fact, Row, Table, Tone
from bot.ui.form import Asking, Form, day, line, person
from config.text import OnDay, Text, When, Words, t, tn
from handlers.approvals import naming, telling
from storage import approvals, deputies, people
from storage.approvals.away import decided_for
from storage.approvals.tables import Request
from storage.deputies import RUNNING, Deputyship
from storage.people import Employee
from storage.tables import id_in

on = Capability("deputies")

SHOWN = 20
"""Requests that one card lists."""
OFF = ("off", "end", "stop", "none", "取消", "结束", "停止", "关闭")
_FROM = re.compile(r"(?:\s+from\s+|\s*从)(?P<since>.+)$", re.IGNORECASE)
_UNTIL = re.compile(r"(?:\s+(?:until|till|to)\s+|\s*(?:直到|到|至))(?P<until>.+)$", re.IGNORECASE)


class Away(Form):
    """Who decides while one is away, and until when."""

    title = t("Name a deputy")
    send = t("Save")
    deputy: Annotated[int, person(t("Who decides for you?"), t("What waits for you goes to them, in your name."))]
    since: Annotated[date, day(t("From which day?"))]
    until: Annotated[date, day(t("Until which day?"), t("That day is included; sixty days at most."))]
    reason: Annotated[str, line(t("Why are you away?"), t("Your deputy reads this."))] = ""


@on.command(
    "deputy",
    "代理人",
    "代理",
    help=t("Who decides for me while I am away"),
    usage=t("Omar until Friday; or: off"),
)
async def name(ctx: Context, text: str) -> Reply:
    """Names whom the words say, ends it by `off`, shows how it stands; else opens the form."""
    if text.casefold().strip() in OFF:
        return await _off(ctx)
    if text:
        return await _named(ctx, text)
    mine = await deputies.of(ctx.work.session, ctx.actor.id)
    theirs = await deputies.by(ctx.work.session, ctx.actor.id)
    return await _standing(ctx, mine, theirs) if mine or theirs else _asked(ctx)


async def _named(ctx: Context, text: str) -> Reply:
    """At once where exactly one colleague has this name and both days are clear; else by the form."""
    who, since, until = _read(ctx, text)
    known = await everyone(ctx.work.session)
    deputy_id = person_called(known, who)
    if deputy_id is not None and since is not None and until is not None:
        return await _kept(ctx, deputy_id, since, until, "")
    likely = [one for one in people_like(known, who, me(ctx)) if one != ctx.actor.id]
    return _asked(ctx, deputy_id or (likely[0] if len(likely) == 1 else None), since, until)


def _read(ctx: Context, text: str) -> tuple[str, date | None, date | None]:
    """The name, the first day and the last one that the words say; today is the first where none is said."""
    ends = _UNTIL.search(text)
    rest = text[: ends.start()] if ends else text
    begins = _FROM.search(rest)
    who = (rest[: begins.start()] if begins else rest).strip(" ,，:：")
    since = _day(ctx, begins["since"]) if begins else ctx.work.now.astimezone(ctx.zone).date()
    return who, since, _day(ctx, ends["until"]) if ends else None


def _day(ctx: Context, words: str) -> date | None:
    return read_day(words.strip(), ctx.work.now, ctx.zone)


def _asked(ctx: Context, deputy_id: int | None = None, since: date | None = None, until: date | None = None) -> Asking:
    today = ctx.work.now.astimezone(ctx.zone).date()
    return ctx.ask(Away, deputy=deputy_id, since=since or today, until=until)


@on.press()
async def another(ctx: Context) -> Asking:
    """Opens the form for one more time away."""
    return _asked(ctx)


@on.submit(Away)
async def keep(ctx: Context, form: Away) -> Text:
    """Keeps it; from the first day on it works by itself."""
    return await _kept(ctx, form.deputy, form.since, form.until, form.reason)


async def _kept(ctx: Context, deputy_id: int, since: date, until: date, reason: str) -> Text:
    begins_at, ends_at = _morning(ctx, since), _morning(ctx, min(until, _FAR) + timedelta(days=1))
    ship = await deputies.name(ctx.work, deputy_id, begins_at, ends_at, reason)
    deputy = await _person(ctx, ship.deputy_id)
    if await deputies.turn(ctx.work, ship) == "began":
        await _begin(ctx, ship)
    else:
        await ctx.tell(deputy, _planned(ctx, ship), urgent=False)
    return t(
        "{name} stands in for you from {begins} until {ends}. What waits for you then goes to them, and what they have "
        "not decided comes back to you.",
        name=deputy.name,
        begins=_first(ctx, ship),
        ends=_last(ctx, ship),
    )


_FAR = date(9000, 1, 1)
"""Far too late, as storage will say; behind it there are days that have no day after them."""


def _morning(ctx: Context, first: date) -> datetime:
    return datetime.combine(first, time(), ctx.zone)


def _first(ctx: Context, ship: Deputyship) -> Words:
    """The day on which it begins, as it was named; the moment, where that is within a day."""
    begins = ship.begins_at.astimezone(ctx.zone)
    return OnDay(begins.date()) if begins.time() == time() else When(ship.begins_at)


def _last(ctx: Context, ship: Deputyship) -> Words:
    """Its last day, as it was named; the moment, where it ends within a day."""
    ends = ship.ends_at.astimezone(ctx.zone)
    return OnDay(ends.date() - timedelta(days=1)) if ends.time() == time() else When(ship.ends_at)


def _planned(ctx: Context, ship: Deputyship) -> Card:
    return Card(
        t("You will stand in for {name}", name=ctx.actor.name),
        body=(ship.reason,) if ship.reason else (),
        facts=(Fact(t("From"), _first(ctx, ship)), Fact(t("Until"), _last(ctx, ship))),
    )


async def _standing(ctx: Context, mine: Sequence[Deputyship], theirs: Sequence[Deputyship]) -> Card:
    rows = [await _row(ctx, ship, is_mine=True) for ship in mine]
    rows += [await _row(ctx, ship, is_mine=False) for ship in theirs]
    return Card(
        t("Deputies"),
        table=Table((t("Who stands in"), t("From"), t("Until")), tuple(rows)),
        buttons=(another.button(t("Name a deputy"), tone=Tone.GOOD),),
    )


async def _row(ctx: Context, ship: Deputyship, *, is_mine: bool) -> Row:
    who = await _person(ctx, ship.deputy_id if is_mine else ship.person_id)
    label = t("{name} for you", name=who.name) if is_mine else t("you for {name}", name=who.name)
    end_it = _end_now(ship) if is_mine else None
    return Row((label, _first(ctx, ship), _last(ctx, ship)), end_it)


def _end_now(ship: Deputyship) -> Button:
    return stop.button(t("End now"), str(ship.id), confirm=t("Decide for yourself again from now on?"))


async def _off(ctx: Context) -> Text:
    mine = await deputies.of(ctx.work.session, ctx.actor.id)
    if not mine:
        raise Refusal(t("Nobody stands in for you. To name somebody, type “deputy”."))
    return await _stopped(ctx, next((ship for ship in mine if ship.status == RUNNING), mine[0]))


@on.press()
async def stop(ctx: Context, text: str) -> Text:
    """Ends it before its time."""
    return await _stopped(ctx, await deputies.see(ctx.work, id_in(text) or 0))


async def _stopped(ctx: Context, ship: Deputyship) -> Text:
    deputy = await _person(ctx, ship.deputy_id)
    if await deputies.end(ctx.work, ship):
        await _finish(ctx, ship)
        return t("You decide for yourself again. {name} is told.", name=deputy.name)
    title = t("You need not stand in for {name} after all", name=ctx.actor.name)
    await ctx.tell(deputy, Card(title, facts=(Fact(t("From"), _first(ctx, ship)),)), urgent=False)
    return t("{name} will not stand in for you, and is told.", name=deputy.name)


@on.due(deputies.turning)
async def turn(ctx: Context, ship: Deputyship) -> None:
    """Begins and ends deputyships when their time has come."""
    match await deputies.turn(ctx.work, ship):
        case "began":
            await _begin(ctx, ship)
        case "ended":
            await _finish(ctx, ship)


async def _begin(ctx: Context, ship: Deputyship) -> None:
    """What waits goes to the deputy, who is told what came over; so is the one who is away."""
    absent, deputy = await _person(ctx, ship.person_id), await _person(ctx, ship.deputy_id)
    if absent.left_at is not None or deputy.left_at is not None:
        return
    came = []
    for went in await approvals.deputise(ctx.work, absent, deputy):
        line_of = t("{name} stands in for {other} now", name=deputy.name, other=absent.name)
        await telling.spread(ctx, went, line_of)
        came.append(went.request)
    title = t("You stand in for {name} until {ends}", name=absent.name, ends=_last(ctx, ship))
    await ctx.tell(deputy, await _listing(ctx, title, came, ship.reason))
    if ctx.work.by is None or ctx.work.by.id != absent.id:
        told = t("{name} stands in for you now, until {ends}", name=deputy.name, ends=_last(ctx, ship))
        await ctx.tell(absent, Card(told, buttons=(_end_now(ship),)), urgent=False)


async def _listing(ctx: Context, title: Words, came: Sequence[Request], reason: str) -> Card:
    body: tuple[Words, ...] = (reason,) if reason else ()
    if not came:
        nothing = t("Nothing waits at present. What comes until then goes to you.")
        return Card(title, body=(*body, nothing))
    count = tn("{n} request came over to you.", "{n} requests came over to you.", n=len(came))
    return Card(title, body=(*body, count), table=await _table(ctx, came), tone=Tone.WARN)


async def _table(ctx: Context, requests: Sequence[Request]) -> Table:
    rows = []
    for request in requests[:SHOWN]:
        case = await telling.of(ctx, request)
        rows.append(Row((naming.this(case), case.requester.name), telling.show(request)))
    return Table((t("Request"), t("Requested by")), tuple(rows))


async def _finish(ctx: Context, ship: Deputyship) -> None:
    """What is undecided goes back; whoever was away hears what was done for them, and the deputy that it is over."""
    absent, deputy = await _person(ctx, ship.person_id), await _person(ctx, ship.deputy_id)
    back = []
    if absent.left_at is None:
        for went in await approvals.hand_back(ctx.work, absent):
            await telling.spread(ctx, went, t("{name} decides for themselves again", name=absent.name))
            back.append(went.request)
        await ctx.tell(absent, await _summary(ctx, absent, ship, back))
    if deputy.left_at is None:
        title = t("You no longer stand in for {name}", name=absent.name)
        body = (tn("{n} request went back.", "{n} requests went back.", n=len(back)),) if back else ()
        await ctx.tell(deputy, Card(title, body=body), urgent=False)


async def _summary(ctx: Context, absent: Employee, ship: Deputyship, back: Sequence[Request]) -> Card:
    decided: dict[tuple[str, str], list[str]] = {}
    for what, by, request in await decided_for(ctx.work, absent, ship.begins_at):
        decided.setdefault((what, by.name), []).append(request.number)
    facts = [
        Fact(t(_DID[what].id, name=by), ", ".join(dict.fromkeys(numbers))) for (what, by), numbers in decided.items()
    ]
    waits = tn("{n} request waits for you again.", "{n} requests wait for you again.", n=len(back))
    nothing = t("Nothing had to be decided for you.")
    return Card(
        t("While you were away"),
        body=(waits,) if back else () if facts else (nothing,),
        facts=tuple(facts),
        table=await _table(ctx, back) if back else None,
        tone=Tone.WARN if back else Tone.PLAIN,
    )


_DID = {
    "approve": t("Approved by {name}"),
    "reject": t("Rejected by {name}"),
    "return": t("Sent back by {name}"),
    "transfer": t("Passed on by {name}"),
}


@on.leaving
async def part(ctx: Context, leaver: Employee) -> None:
    """Whoever leaves stands in for nobody, and nobody for them; who counted on them decides for themselves again."""
    for ship, had_begun in await deputies.end_all_of(ctx.work, leaver):
        if ship.deputy_id == leaver.id:
            absent = await _person(ctx, ship.person_id)
            if had_begun:
                await _returned(ctx, absent)
            told = t("{name}, your deputy, has left. Please name another one.", name=leaver.name)
            button = another.button(t("Name a deputy"), tone=Tone.GOOD)
            await ctx.tell(absent, Card(told, buttons=(button,), tone=Tone.WARN))
            continue
        deputy = await people.find(ctx.work.session, ship.deputy_id)
        if deputy is not None:
            told = t("You no longer stand in for {name}, who has left", name=leaver.name)
            await ctx.tell(deputy, Card(told), urgent=False)


async def _returned(ctx: Context, absent: Employee) -> None:
    for went in await approvals.hand_back(ctx.work, absent):
        await telling.spread(ctx, went, t("{name} decides for themselves again", name=absent.name))


async def _person(ctx: Context, employee_id: int) -> Employee:
    """Somebody by their id, also if they have left."""
    found = await ctx.work.session.get(Employee, employee_id)
    assert found is not None  # a deputyship has them as its key
    return found
