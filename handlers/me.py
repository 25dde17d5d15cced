"""About me: everybody sees what we know of them, and says how, when and where we shall speak to them."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from bot.capability import Capability
from bot.context import Context
from bot.errors import Refusal
from bot.ui.card import Card, Fact, Tone
from bot.ui.form import Asking, Form, Option, Question, choice, line
from config.handbook import Handbook
from config.handbook.notices import ALWAYS, QuietHours, quiet_hours
from config.text import Words, t
from config.zones import shown, zone_in
from handlers.linking import PLATFORMS, called, get_code, partings, signed_in, since, told_apart
from storage import accounts, people
from storage.people import Employee

on = Capability("me")

LAST, COMPANY, OWN = "last", "company", "own"
USUAL_HOURS = "22:00-08:00"
"""What is filled in for those who have no hours of their own yet; by itself it means nothing."""


def _places(handbook: Handbook) -> list[Option]:
    return [Option(LAST, t("Where I was last")), *[Option(name, label) for name, label in PLATFORMS.items()]]


def _rests(handbook: Handbook) -> list[Option]:
    return [
        Option(COMPANY, t("By default: {how}", how=_rest(handbook, ""))),
        Option(ALWAYS, t("Never: tell me all at once")),
        Option(OWN, t("My own hours")),
    ]


class Change(Form):
    """How a person wishes to be spoken to."""

    title = t("About me")
    send = t("Save")
    language: Annotated[str, choice(t("Language"), (Option("zh", "中文"), Option("en", "English")))]
    zone: Annotated[
        str, line(t("Time zone"), t("A city or a name, such as Shanghai, 东京, Europe/Berlin or UTC+8."), most=60)
    ]
    prefers: Annotated[str, choice(t("Where shall notices come?"), _places)]
    quiet: Annotated[
        str,
        choice(
            t("When are your quiet hours?"),
            _rests,
            t("What can wait is held back then, and comes as one notice. What is urgent always comes."),
        ),
    ]
    hours: Annotated[
        str, line(t("My own hours: from when to when?"), t("Such as 22:00-08:00, by your own clock."), most=40)
    ] = ""


@on.command(
    "me", "我的资料", "个人设置", "我的账号", "profile", "settings", help=t("My language, my hours, my accounts")
)
async def me(ctx: Context, text: str) -> Card:
    """What we know of the actor, and what they may change."""
    person, handbook = ctx.actor, ctx.handbook
    theirs = await people.accounts(ctx.work.session, person.id)
    browsers = await accounts.browsers(ctx.work, person.id)
    return Card(
        person.name,
        facts=(
            *_seat(person, handbook),
            Fact(t("Language"), "中文" if person.language == "zh" else "English"),
            Fact(t("Time zone"), shown(person.zone)),
            Fact(t("Notices come"), called(person.prefers) if person.prefers else t("where you were last")),
            Fact(t("Quiet hours"), _rest(handbook, person.quiet)),
            *[Fact(told_apart(ctx, one, theirs), since(one)) for one in theirs],
            Fact(called("web"), signed_in(browsers)),
        ),
        buttons=(
            change.button(t("Change"), tone=Tone.GOOD),
            get_code.button(t("Link another account")),
            *partings(ctx, theirs, browsers),
        ),
        foot=(t("§{number} {title}", number=handbook.notices.clause, title=handbook.clause(handbook.notices.clause)),),
    )


@on.press()
async def change(ctx: Context) -> Asking:
    """Asks how the actor wishes to be spoken to, with what holds now filled in."""
    person, may = ctx.actor, await _may_prefer(ctx)
    own = quiet_hours(person.quiet)
    asking = ctx.ask(
        Change,
        language=person.language,
        zone=shown(person.zone),
        prefers=person.prefers if person.prefers in may else LAST,
        quiet=OWN if own else ALWAYS if person.quiet == ALWAYS else COMPANY,
        hours=str(own or USUAL_HOURS),
    )
    return replace(asking, questions=tuple(_narrowed(question, may) for question in asking.questions))


@on.submit(Change)
async def settle(ctx: Context, form: Change) -> Card:
    """Keeps it; what waits goes to where the actor wants it now."""
    person = ctx.actor
    prefers = "" if form.prefers == LAST else form.prefers
    if prefers != person.prefers and form.prefers not in await _may_prefer(ctx):
        raise Refusal(t("You have no account there yet. Link it first: type “link”."), "prefers")
    was = person.prefers
    await accounts.settle(
        ctx.work,
        person,
        language=form.language,
        zone=_zone(form.zone, person),
        prefers=prefers,
        quiet=_quiet(form, person),
    )
    if prefers and prefers != was:
        await accounts.prefer(ctx.work, person, ctx.on)
    return await me(ctx, "")


def _seat(person: Employee, handbook: Handbook) -> tuple[Fact, ...]:
    departments = handbook.departments
    name = departments[person.department].name if person.department in departments else person.department
    facts = (Fact(t("Department"), name), Fact(t("Position"), person.title))
    return tuple(fact for fact in facts if fact.value)


def _rest(handbook: Handbook, quiet: str) -> Words:
    """When a person is left in peace, in words."""
    match handbook.notices.held_back(quiet):
        case QuietHours() as hours:
            return t("{hours}, by your own clock", hours=str(hours))
        case "off":
            return t("never")
        case _:
            return t("outside working time")


async def _may_prefer(ctx: Context) -> set[str]:
    theirs = await people.accounts(ctx.work.session, ctx.actor.id)
    return {LAST, *{one.platform for one in theirs if accounts.is_way_in(one, ctx.on)}, *(ctx.on & {"web"})}


def _narrowed(question: Question, may: set[str]) -> Question:
    if question.name != "prefers":
        return question
    return replace(question, options=tuple(option for option in question.options if option.value in may))


def _zone(written: str, person: Employee) -> str:
    if written == shown(person.zone):
        return person.zone
    found = zone_in(written)
    if found is None:
        raise Refusal(t("I know no such time zone. Write a large city near you, or UTC+8."), "zone")
    return found


def _quiet(form: Change, person: Employee) -> str:
    """What is kept of the two questions: hours that are newly written are meant, whatever was chosen before them."""
    own, stood_there = quiet_hours(form.hours), quiet_hours(person.quiet) or quiet_hours(USUAL_HOURS)
    if form.quiet != OWN and (not form.hours or own == stood_there):
        return "" if form.quiet == COMPANY else ALWAYS
    if own is None:
        raise Refusal(t("Please write from when until when, such as 22:00-08:00."), "hours")
    return str(own)
