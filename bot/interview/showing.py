"""Keeps how far an interview has come, and has its messages drawn: the newest, and those that say something new."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from bot.codec import pack_card
from bot.context import Context
from bot.errors import Refusal
from bot.interview import faces
from bot.interview.finding import colleagues
from bot.interview.knowing import everyone, me
from bot.interview.state import Loaded, Talk, place_of
from bot.ui.form import Question
from config.text import t
from storage import interviews, outbox, webchat
from storage.interviews import OPEN, Interview
from storage.tables import id_in
from storage.work import Work

TOO_OLD = t("This form is too old, or was begun by somebody else. Please start again.")


async def see(work: Work, interview_id: int) -> Interview:
    """The actor's own interview. Raises `Refusal` for any other."""
    row = await interviews.own(work, interview_id)
    if row is None:
        raise Refusal(TOO_OLD)
    return row


async def load(session: Any, interview_id: int) -> Loaded | None:
    """An interview as it stands, with the people who are named in it; None where it is gone."""
    row = await interviews.find(session, interview_id)
    if row is None:
        return None
    talk = Talk.of(row)
    asks_for_people = any(question.ask in ("person", "people") for question in talk.questions)
    people = await everyone(session) if asks_for_people else ()
    return Loaded(talk, {one.id: one for one in people})


async def show(ctx: Context, row: Interview, talk: Talk, others: Collection[int] = ()) -> None:
    """Keeps it, one version on, and shows its newest message; of the `others` only what has changed is drawn.

    Not all of them each time: a chat takes one change a second, and the question must not wait for it. Raises
    `Refusal` where the interview has gone on meanwhile.
    """
    talk.view.today = ctx.work.now.astimezone(ctx.zone).date()
    if talk.shown != row.shown or talk.view.opened is None:
        talk.view.opened = ctx.work.now
    if talk.state == OPEN and talk.question is not None:
        await _prepare(ctx, row, talk, talk.question)
    await interviews.change(ctx.work, row, **talk.values())
    for ordinal in [talk.shown, *sorted(set(others) - {talk.shown}, reverse=True)]:
        await outbox.show(ctx.work, f"interviews:{talk.id}", str(ordinal), place_of(row), row.employee_id)


async def _prepare(ctx: Context, row: Interview, talk: Talk, question: Question) -> None:
    """What a question needs before it is asked: colleagues to offer, and once the key that shares where one is."""
    if question.ask in ("person", "people") and talk.view.found is None:
        talk.view.found = colleagues(await everyone(ctx.work.session), me(ctx))
    if question.ask == "place" and question.name not in talk.view.located:
        talk.view.located.append(question.name)
        await outbox.tell(ctx.work, pack_card(faces.prompt()), place_of(row), row.employee_id)


async def take_files(ctx: Context, kept: Any) -> None:
    """Files that are part of an answer stay; loose ones would be dropped after a day, and an interview may last."""
    ids = [id_in(str(file["source"]).removeprefix("web:")) for file in kept or ()]
    await webchat.take_files(ctx.work, ctx.actor.id, [id for id in ids if id is not None])
