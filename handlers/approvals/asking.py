"""Asking: everybody asks for what the handbook offers them, sees where it goes, and changes what came back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from unicodedata import normalize

from bot.capability import BuiltForm
from bot.codec import pack_files, unpack_files
from bot.context import Context
from bot.ui.card import Button, Card, Fact, Tone
from bot.ui.form import Asking, Attached, Built, Kind, Option, Question, people
from bot.understanding import near, understand
from config.handbook import Handbook
from config.handbook.approvals import Template
from config.handbook.approvals.fields import FormField
from config.handbook.approvals.sums import minor
from config.text import Text, When, Words, t
from handlers.approvals import naming, telling
from handlers.approvals.on import on
from storage import approvals
from storage.approvals import Case, Request, Stop, Went
from storage.tables import id_in

FILES = 5
"""Files that a field takes which names no limit."""
CHOSEN = "chosen_"
"""What stands before a step's index, where the form asks who is to decide there."""


def _words(handbook: Handbook) -> dict[str, str]:
    """Each word by which people start a request: those of the handbook, its names and its keys."""
    return {
        normalize("NFKC", word).casefold(): key
        for key, template in handbook.approvals.open_templates().items()
        for word in (key, template.name.zh, template.name.en, *template.words)
    }


def _meant(handbook: Handbook, text: str) -> tuple[str, str] | None:
    """The template that a text begins with, and what stands behind its word."""
    understood = understand(text, _words(handbook))
    if understood is not None:
        return understood.name, understood.rest
    first, _, rest = text.strip().partition(" ")
    key = handbook.approvals.by_word(first)
    return (key, rest.strip()) if key is not None else None


@on.command(
    "request",
    "申请",
    "发起审批",
    "提单",
    "ask for",
    help=t("Ask for an approval"),
    usage=t("what kind, and what for: expense taxi 300"),
    reads_book=_meant,
)
async def start(ctx: Context, text: str) -> Card | Asking:
    """Opens the form that is meant, with what was written behind its word already in it; else offers all there are."""
    if not text:
        return await _offered(ctx, t("What would you like to ask for?"))
    meant = _meant(ctx.handbook, text)
    if meant is not None:
        return await _asked(ctx, *meant)
    likely = near(text, _words(ctx.handbook))
    unknown = t("There is no request called “{text}”. Did you mean one of these?", text=text[:40])
    if not likely:
        unknown = t("There is no request called “{text}”. This is what you can ask for.", text=text[:40])
    return await _offered(ctx, unknown, likely)


async def _offered(ctx: Context, title: Text, likely: list[str] | None = None) -> Card:
    templates = ctx.handbook.approvals.open_templates()
    mine = {key: one for key, one in templates.items() if await approvals.may_ask(ctx.work, ctx.actor, one)}
    offered = {key: mine[key] for key in likely or () if key in mine} or mine
    if not offered:
        return Card(t("There is nothing that you can ask for here. Please ask your head."))
    return Card(
        title,
        facts=tuple(Fact(one.name, one.hint) for one in offered.values() if one.hint is not None),
        buttons=tuple(begin.button(one.name, key) for key, one in offered.items()),
    )


@on.press()
async def begin(ctx: Context, text: str) -> Asking:
    """Opens the form of the kind that was chosen."""
    return await _asked(ctx, text, "")


async def _asked(ctx: Context, key: str, rest: str) -> Asking:
    built = await request_form.questions(ctx, key, None)
    filled = _filled(ctx.handbook.approvals.templates[key], rest, ctx.files)
    return put(ctx, request_form, key, built, filled)


def put(ctx: Context, form: BuiltForm, tail: str, built: Built, filled: dict[str, Any], about: Any = None) -> Asking:
    """Puts a form to the actor whose questions the handbook names as it likes, with these answers filled in."""
    if "about" in filled:  # a field may be called so, and the form's own is something else
        built = replace(built, usual={**built.usual, "about": filled.pop("about")})
    return ctx.ask_built(form.name, tail, built, about, **filled)


def _filled(template: Template, rest: str, files: tuple[Attached, ...]) -> dict[str, Any]:
    """What was written behind the word, in the first field for words; its only figure, as the amount.

    Files that came along go into the first field for files, as many as it takes.
    """
    filled: dict[str, Any] = {}
    words = next((name for name, one in template.asked.items() if one.ask in ("paragraph", "line")), None)
    if words is not None and rest:
        filled[words] = rest[
            : template.fields[words].holds or (3000 if template.fields[words].ask == "paragraph" else 150)
        ]
    figure = _figure(rest)
    if template.amount_field in template.asked and figure is not None:
        filled[template.amount_field] = figure
    papers = next((name for name, one in template.asked.items() if one.ask == "files"), None)
    if papers is not None and files:
        filled[papers] = files[: template.fields[papers].holds or FILES]
    return filled


def _figure(words: str) -> str | None:
    """The only figure in what was written, if it may be an amount: no day, no time, no number of people."""
    plain = normalize("NFKC", words)
    found = list(_FIGURE.finditer(plain))
    if len(found) != 1:
        return None
    before, after = plain[: found[0].start()][-1:], plain[found[0].end() :].lstrip()
    is_part = (before.isascii() and before.isalnum()) or before in _JOINING or after.startswith(_COUNTING)
    return None if is_part else found[0][0].replace(",", "")


_FIGURE = re.compile(r"[0-9][0-9,]*(?:\.[0-9]{1,2})?(?![0-9.])")
_JOINING = ("-", "/", ":", ".", "_", "#")
_COUNTING = ("年", "月", "日", "号", "点", "天", "个", "次", "人", "小时", "%", "-", "/", ":", "people", "day", "hour")


@on.built("request")
async def request_form(ctx: Context, tail: str, record: None) -> Built:
    """The form of a template: its fields, and who is to decide where the requester chooses."""
    template = await approvals.template_for(ctx.work, tail)
    return Built(template.name, questions(ctx, template), t("Submit"))


def questions(ctx: Context, template: Template, since: datetime | None = None) -> tuple[Question, ...]:
    """What a template asks today; of what was asked for before (`since`), also the days that it took then."""
    return tuple(_questions(ctx, template, since))


def _questions(ctx: Context, template: Template, since: datetime | None) -> Iterator[Question]:
    hint = template.hint  # what is to be known of all of it stands with its first question
    for name in template.asked:
        yield question(ctx, template, name, hint, since)
        hint = None
    for index in template.chosen():
        step = template.steps[index]
        label = t("Who approves step “{step}”?", step=step.name)
        yield people(label, _among(ctx.handbook, template, index)).named(
            f"{CHOSEN}{index}", ctx.handbook, optional=bool(step.conditions())
        )


def question(
    ctx: Context, template: Template, name: str, hint: Words | None = None, since: datetime | None = None
) -> Question:
    """What a field of a template asks; with a hint, where it has none of its own."""
    one = template.fields[name]
    least, most = _bounds(one, name == template.amount_field, ctx.handbook.company.currency)
    options = [Option(key, label) for key, label in one.options.items()]
    now = ctx.work.now
    today, then = ((at or now).astimezone(ctx.zone).date() for at in (now, since))
    kind = Kind(one.ask, one.label, one.hint or hint, least, most, options, one.first_day(then), one.last_day(today))
    return kind.named(name, ctx.handbook, optional=one.optional)


def _bounds(one: FormField, counts: bool, currency: str) -> tuple[int | None, int | None]:
    """The least and the most: of money in the smallest unit. The amount that counts is more than nothing."""
    if one.ask == "money":
        least, most = (None if limit is None else minor(Decimal(limit), currency) for limit in (one.least, one.most))
        return (int(counts) if least is None else least), most
    if one.ask == "number":
        return _whole(one.least), _whole(one.most)
    least = 1 if one.ask == "people" and one.least is None else _whole(one.least)
    return least, one.holds or {"line": 150, "paragraph": 3000, "files": FILES, "people": 20}.get(one.ask)


def _whole(limit: int | Decimal | None) -> int | None:
    return None if limit is None else int(limit)


def _among(handbook: Handbook, template: Template, index: int) -> Words | None:
    """Whom one may choose from, where that is a department."""
    keys = [rule.arg for rule in template.steps[index].by if rule.kind == "chosen"]
    if "" in keys or not keys or keys[0] not in handbook.departments:
        return None
    return t("Somebody of {department}.", department=handbook.departments[keys[0]].name)


@request_form.submit
async def receive(ctx: Context, tail: str, answers: dict[str, Any], record: None) -> Card:
    """Keeps it, brings it before those who decide first, and says where it goes."""
    return await sent(ctx, tail, answers)


async def sent(ctx: Context, key: str, answers: Mapping[str, Any], after: Request | None = None) -> Card:
    """Keeps what is asked for, and says where it goes; `after` is what it asks for again."""
    given, chosen = _split(answers)
    stops = await approvals.plan(ctx.work, key, given, chosen)
    went = await approvals.file(ctx.work, key, given, chosen, after, stops)
    case = await _set_off(ctx, went, None)
    live = () if await ctx.is_private() else (telling.show(went.request),)
    return _on_its_way(ctx, case, went, stops, live)


def _split(answers: Mapping[str, Any]) -> tuple[dict[str, Any], dict[int, list[int]]]:
    """The answers as they are kept, and who was chosen for which step."""
    chosen = {int(name.removeprefix(CHOSEN)): list(ids) for name, ids in answers.items() if name.startswith(CHOSEN)}
    given = {name: kept(value) for name, value in answers.items() if not name.startswith(CHOSEN)}
    return given, chosen


def kept(value: Any) -> Any:
    """An answer as it is kept: files, packed."""
    is_files = isinstance(value, tuple) and any(isinstance(one, Attached) for one in value)
    return pack_files(value) if is_files else value


async def _set_off(ctx: Context, went: Went, did: Text | None) -> Case:
    await ctx.show(went.request, ctx.actor, telling.MINE)
    room = (await telling.of(ctx, went.request)).frozen.template.room
    if room is not None:
        await ctx.show(went.request, ctx.room(room), telling.ROOM)
    return await telling.spread(ctx, went, did)


def _on_its_way(ctx: Context, case: Case, went: Went, stops: list[Stop], live: tuple[Button, ...]) -> Card:
    """Where it goes. What can be done about it stands on the live card, and `live` leads there from elsewhere."""
    request, what = case.request, naming.this(case)
    if went.ended:
        title = (
            t("{what} is approved: nobody need decide", what=what)
            if request.status == approvals.Status.APPROVED
            else t("{what} is rejected by rule: there is nobody to decide", what=what)
        )
        return Card(title, buttons=live)
    due = min((task.due_at for task in went.opened if task.due_at is not None), default=None)
    return Card(
        t("{what} is on its way", what=what),
        body=(t("You hear as soon as it is decided, or if somebody asks you something."),),
        facts=(
            *[Fact(stop.name, naming.stop(ctx.handbook, stop)) for stop in stops],
            *((Fact(t("First decision by"), When(due)),) if due is not None else ()),
        ),
        buttons=live,
        tone=Tone.GOOD,
    )


@on.press()
async def change(ctx: Context, text: str) -> Asking:
    """Opens what was sent back, with the answers that were given, to be changed and sent again."""
    request = await approvals.see(ctx.work, id_in(text.partition(":")[0]) or 0)
    await approvals.may(ctx.work, request, "resubmit")
    built = await change_form.questions(ctx, "", request)
    chosen = {f"{CHOSEN}{step}": tuple(ids) for step, ids in json.loads(request.chosen).items() if ids}
    given = {name: value for name, value in approvals.answers_of(request).items() if name not in built.usual}
    return put(ctx, change_form, "", built, {**given, **chosen}, request)


@on.built("change", record=Request)
async def change_form(ctx: Context, tail: str, request: Request) -> Built:
    """The form by which it was asked for, whatever the handbook says since; files stay unless new ones are attached."""
    template = (await telling.of(ctx, request)).frozen.template
    files = {name for name, one in template.asked.items() if one.ask == "files"}
    attached = {
        name: unpack_files(value) for name, value in approvals.answers_of(request).items() if name in files and value
    }
    return Built(template.name, questions(ctx, template, request.filed_at), t("Send again"), attached)


@change_form.submit
async def send_again(ctx: Context, tail: str, answers: dict[str, Any], request: Request) -> Text:
    """Sends it on its way again: nobody has agreed to what it asks for now."""
    given, chosen = _split(answers)
    went = await approvals.resubmit(ctx.work, request, given, chosen)
    case = await _set_off(ctx, went, t("{name} changed it and sent it again", name=ctx.actor.name))
    holders = naming.holders(case)
    if went.ended or not holders:
        return t("{what} was sent again; the card shows how it stands now.", what=naming.this(case))
    return t("{what} was sent again. It waits for {names} now.", what=naming.this(case), names=naming.names(holders))
