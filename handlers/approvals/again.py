"""Asking again: whoever asked for something that has ended opens its form once more, with what they answered then."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from bot.codec import unpack_files
from bot.context import Context
from bot.errors import Refusal
from bot.platforms.files import own_id
from bot.ui.card import Card
from bot.ui.form import Asking, Attached, Built, Question, read_answer
from config.handbook.approvals import Template
from config.text import t
from handlers.approvals import asking
from handlers.approvals.on import on
from storage import approvals, people, webchat
from storage.approvals import Request
from storage.approvals.definitions import frozen_of
from storage.tables import id_in


@on.press()
async def again(ctx: Context, text: str) -> Asking:
    """Opens the form as it is today, with the old answers as far as they still fit."""
    request = await _ended(ctx, text)
    template = await approvals.template_for(ctx.work, request.template)
    built = await _built(ctx, request, template)
    answers = await _answers(ctx, request, built)
    chosen = await _chosen(ctx, request, template)
    given = {name: value for name, value in answers.items() if name not in built.usual}
    return asking.put(ctx, again_form, str(request.id), built, {**given, **chosen})


@on.built("again")
async def again_form(ctx: Context, tail: str, record: None) -> Built:
    """The form of its template; the files of then stay unless new ones are attached."""
    request = await _ended(ctx, tail)
    return await _built(ctx, request, await approvals.template_for(ctx.work, request.template))


async def _built(ctx: Context, request: Request, template: Template) -> Built:
    files: dict[str, Any] = {}
    asked: list[Question] = []
    for question in asking.questions(ctx, template):
        there, gone = await _files(ctx, request, question)
        files |= {question.name: there} if there else {}
        lost = t("Not there any more: {files}. Please attach them anew.", files=", ".join(file.name for file in gone))
        asked.append(replace(question, hint=lost) if gone else question)
    return Built(template.name, tuple(asked), t("Submit"), files)


@again_form.submit
async def ask_again(ctx: Context, tail: str, answers: dict[str, Any], record: None) -> Card:
    """Sends it on its way as a request of its own, which remembers the one before."""
    before = await _ended(ctx, tail)
    card = await asking.sent(ctx, before.template, answers, before)
    await ctx.refresh(before)
    return card


async def _ended(ctx: Context, text: str) -> Request:
    request = await approvals.see(ctx.work, id_in(text.partition(":")[0]) or 0)
    await approvals.may(ctx.work, request, "again")
    return request


async def _files(ctx: Context, request: Request, question: Question) -> tuple[tuple[Attached, ...], list[Attached]]:
    """The files that it was asked for with: those that are there still, and those of ours that are not."""
    packed = approvals.answers_of(request).get(question.name)
    if question.ask != "files" or not packed or not await _is_asked_alike(ctx, request, question):
        return (), []
    given = unpack_files(packed)
    ours = {file: one for file in given if (one := own_id(file)) is not None}
    known = await webchat.lines_of(ctx.work.session, ctx.actor.id, list(ours.values()))
    gone = [file for file, one in ours.items() if one not in known]
    return tuple(file for file in given if file not in gone)[: question.most], gone


async def _is_asked_alike(ctx: Context, request: Request, question: Question) -> bool:
    """Whether the requester was asked this then, and in this way."""
    then = (await frozen_of(ctx.work.session, request)).template.asked.get(question.name)
    return then is not None and then.ask == question.ask


async def _answers(ctx: Context, request: Request, built: Built) -> dict[str, Any]:
    """What was answered then to what is asked today."""
    given = approvals.answers_of(request)
    found: dict[str, Any] = {}
    for question in built.questions:
        if question.ask == "files" or question.name not in given or not await _is_asked_alike(ctx, request, question):
            continue
        value = await _left_of(ctx, question, given[question.name])
        if _fits(ctx, question, value):
            found[question.name] = value
    return found


async def _left_of(ctx: Context, question: Question, value: Any) -> Any:
    """The answer without options that are no longer offered, and without people who have left."""
    match question.ask:
        case "choices":
            offered = {option.value for option in question.options}
            return tuple(one for one in value if one in offered)
        case "people":
            return tuple([one for one in value if await people.find(ctx.work.session, one) is not None])
        case "person":
            return value if await people.find(ctx.work.session, value) is not None else None
    return value


def _fits(ctx: Context, question: Question, value: Any) -> bool:
    """Whether it would be taken today."""
    try:
        return read_answer(replace(question, optional=False), value, ctx.zone) is not None
    except Refusal:
        return False


async def _chosen(ctx: Context, request: Request, template: Template) -> dict[str, tuple[int, ...]]:
    """Whom they chose then for steps at which one chooses today, as far as they still may."""
    then = (await frozen_of(ctx.work.session, request)).template
    found: dict[str, tuple[int, ...]] = {}
    for step, ids in json.loads(request.chosen).items():
        index = int(step)
        if index in template.chosen() and template.steps[index].name == then.steps[index].name:
            still = await approvals.choosable(ctx.work, template, index, ids)
            found |= {f"{asking.CHOSEN}{index}": tuple(still)} if still else {}
    return found
