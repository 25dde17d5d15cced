"""Leads a person through a form in a private chat: one question at a time, back, aside and on, until it is sent."""

from __future__ import annotations

from typing import Any

from bot.capability import Kind
from bot.context import Context
from bot.errors import Refusal
from bot.events import Said
from bot.interview import faces, pads, pressing, taking
from bot.interview.answers import all_raw, kept
from bot.interview.ending import close, expire, pick_up, put_aside
from bot.interview.finding import folded, option_called
from bot.interview.knowing import told_by
from bot.interview.showing import TOO_OLD, load, see, show, take_files
from bot.interview.state import Heard, Sending, Talk, View
from bot.interview.taking import Taken
from bot.ui.form import Asking, Question
from config.text import t
from storage import interviews
from storage.interviews import ANSWERED, DROPPED, OPEN, SENT, Interview
from storage.places import Address
from storage.tables import id_in

PREFIX = "ask."
COMMANDS = frozenset({"cancel", "back", "skip"})
"""What may be typed behind a slash while a question is open."""
WORDS = {
    "cancel": "cancel", "back": "back", "skip": "skip", "done": "done",
    "取消": "cancel", "上一步": "back", "返回": "back", "跳过": "skip", "完成": "done",
}  # fmt: skip
"""What may stand alone in a message, as the buttons say it; an answer that is called so is the answer."""
SEND = frozenset({"send", "submit", "yes", "ok", "发送", "提交", "确认", "确定", "是", "好", "好的"})
KIND = Kind("interviews", Interview, see, load, faces.card)


async def begin(ctx: Context, asking: Asking, place: Address) -> None:
    """Puts a form to the actor. One that is open there is put aside.

    What is filled in already is not asked, save the usual answers, which nobody gave: they only have to be kept; and
    files that came with the words, of which there may be more.
    """
    await put_aside(ctx, place)
    answers = _filled(ctx, asking)
    papers = [one.name for one in asking.questions if one.ask == "files" and one.name in answers]
    for name in papers:
        await take_files(ctx, answers[name])
    brought = papers if ctx.files else ()
    view = View(usual=[name for name in answers if name in (*asking.usual, *brought)], turn=0)
    talk = Talk(0, asking, answers, view, at=-1)
    talk.ask_next()
    row = await interviews.begin(ctx.work, place, **talk.values())
    talk.id = row.id
    await show(ctx, row, talk)


def _filled(ctx: Context, asking: Asking) -> dict[str, Any]:
    """What is filled in and will do; the rest is asked."""
    answers = {}
    for question in asking.questions:
        if asking.answers.get(question.name) is None:
            continue
        try:
            answers[question.name] = kept(question, asking.answers[question.name], ctx.zone)
        except Refusal:
            continue
    return {name: value for name, value in answers.items() if value is not None}


# --- Words -----------------------------------------------------------------------------------------------


async def said(ctx: Context, place: Address, said: Said) -> Heard | None:
    """Takes words, files or a position as the answer to the question that is open there; None where none is."""
    row = await _open_at(ctx, place)
    if row is None:
        return None
    talk = Talk.of(row)
    if row.expires_at <= ctx.work.now:
        await expire(ctx, row, talk)
        return None
    question = talk.question
    word = _word(question, said)
    if word is not None:
        return await _controlled(ctx, row, talk, word)
    if question is None:
        return await _over_the_whole(ctx, row, talk, said)
    await _hear(ctx, row, talk, question, said)
    return Heard()


async def _open_at(ctx: Context, place: Address) -> Interview | None:
    """The actor's open interview. One of somebody else, who had this chat before them, is none."""
    row = await interviews.open_at(ctx.work, place)
    return row if row is not None and row.employee_id == ctx.actor.id else None


def _word(question: Question | None, said: Said) -> str | None:
    """What is to be done instead of an answer, in a word; None for all else, also for what an option is called."""
    word = WORDS.get(folded(said.text)) if not said.files else None
    if question is not None and option_called(question.options, said.text) is not None:
        return None
    return None if word == "done" and (question is None or question.ask not in ("choices", "people", "files")) else word


async def _hear(ctx: Context, row: Interview, talk: Talk, question: Question, said: Said) -> None:
    """The answer, and the next question in a new message; or the same one, with what was wrong."""
    talk.view.trouble = None
    shown = talk.shown
    others: set[int] = set()
    told = await told_by(ctx, question, said)
    try:
        taken = taking.hear(talk, question, told)
        if taken is not None:
            others = talk.answer(question, taken.value)
    except Refusal as refusal:
        talk.view.trouble = refusal.text
    if question.ask == "files":
        await take_files(ctx, talk.answers.get(question.name))
    elif said.files:
        await _keep_for_later(ctx, talk, said)
    if question.ask != "files" or taking.is_long_ago(talk, ctx.work.now):
        talk.turn_page_down()
    await show(ctx, row, talk, others | {shown})


async def _keep_for_later(ctx: Context, talk: Talk, said: Said) -> None:
    """A photo that was sent with another answer belongs to the question that wants photos, if the form has one."""
    wanting = next((one for one in talk.questions if one.ask == "files"), None)
    if wanting is None:
        talk.view.trouble = talk.view.trouble or t("Files are not asked for here; only the words were taken.")
        return
    try:
        taking.add_files(talk, wanting, said.files)
        note = t("The file is kept for “{question}”.", question=wanting.label)
    except Refusal as refusal:
        note = refusal.text
    await take_files(ctx, talk.answers.get(wanting.name))
    if wanting.name not in talk.view.usual:
        talk.view.usual.append(wanting.name)
    talk.view.trouble = talk.view.trouble or note if said.text.strip() else note


async def _over_the_whole(ctx: Context, row: Interview, talk: Talk, said: Said) -> Heard:
    """All is answered: a word may send it, anything else is answered by the whole once more."""
    if folded(said.text) in SEND and not talk.view.listing:
        return Heard(sending=_sending(talk))
    shown = talk.shown
    talk.view.listing = False
    talk.view.trouble = t("This was not sent yet. Press a button to send it or to change an answer.")
    talk.turn_page_down()
    await show(ctx, row, talk, {shown})
    return Heard()


async def commanded(ctx: Context, place: Address, name: str) -> Heard | None:
    """`/cancel`, `/back`, `/skip`; None where no question is open."""
    row = await _open_at(ctx, place)
    return await _controlled(ctx, row, Talk.of(row), name) if row is not None else None


async def _controlled(ctx: Context, row: Interview, talk: Talk, name: str) -> Heard:
    if name == "cancel":
        await close(ctx, row, talk, DROPPED)
        return Heard(reply=faces.dropped(talk))
    shown, others, question = talk.shown, set[int](), talk.question
    talk.view.trouble = None
    if name == "back":
        _back(talk)
    elif question is not None:
        try:
            others = _settle(talk, question, pressing.press(talk, question, name, "", await told_by(ctx, question)))
        except Refusal as refusal:
            talk.view.trouble = refusal.text
    talk.turn_page_down()
    await show(ctx, row, talk, others | {shown})
    return Heard()


def _back(talk: Talk) -> None:
    if talk.question is None and talk.view.listing:
        talk.ask(talk.at)
    elif talk.question is not None and pads.step_out(talk):
        return
    elif talk.view.fixing:
        talk.ask(len(talk.questions))
    elif talk.at > 0:
        talk.ask(talk.at - 1)
    else:
        talk.view.trouble = t("This is the first question.")


def _settle(talk: Talk, question: Question, taken: Taken | None) -> set[int]:
    return talk.answer(question, taken.value) if taken is not None else set()


# --- Buttons ---------------------------------------------------------------------------------------------


async def pressed(ctx: Context, action: str) -> Heard:
    """Does what a button says, `ask.<verb>:<id>:<turn>[:<argument>]`, if it belongs to the question that is asked now.

    Raises `Refusal` for a button that is old, or somebody else's; then nothing has changed.
    """
    verb, _, tail = action.removeprefix(PREFIX).partition(":")
    claimed, _, tail = tail.partition(":")
    turn, _, argument = tail.partition(":")
    interview_id = id_in(claimed)
    row = await interviews.own(ctx.work, interview_id) if interview_id is not None else None
    if row is None:
        raise Refusal(TOO_OLD, denied=True)
    talk = Talk.of(row)
    if verb == "resume":
        await pick_up(ctx, row, talk)
        return Heard()
    if row.state == OPEN and row.expires_at <= ctx.work.now:
        await expire(ctx, row, talk)
        return Heard()
    _check(talk, turn)
    return await _turned(ctx, row, talk, verb, argument)


def _check(talk: Talk, turn: str) -> None:
    if talk.state == SENT:
        raise Refusal(t("This was sent already."))
    if talk.state == DROPPED:
        raise Refusal(t("This was dropped. Press “Go on with it” if you want it back."))
    if talk.state != OPEN:
        raise Refusal(t("This was put aside. Press “Go on with it” under the note about it."))
    if turn != str(talk.view.turn):
        raise Refusal(ANSWERED)


async def _turned(ctx: Context, row: Interview, talk: Talk, verb: str, argument: str) -> Heard:
    question, others = talk.question, set[int]()
    talk.view.trouble = None
    if verb == "cancel":
        await close(ctx, row, talk, DROPPED)
        return Heard()
    if verb == "back":
        _back(talk)
    elif question is not None:
        try:
            told = await told_by(ctx, question)
            others = _settle(talk, question, pressing.press(talk, question, verb, argument, told))
        except Refusal as refusal:
            if refusal.text == ANSWERED:
                raise
            talk.view.trouble = refusal.text
    elif verb == "send":
        return Heard(sending=_sending(talk))
    else:
        _look_over(talk, verb, argument)
    await show(ctx, row, talk, others)
    return Heard()


def _look_over(talk: Talk, verb: str, argument: str) -> None:
    """At the end: which answer shall be changed?"""
    number = int(argument) if argument.isascii() and argument.isdecimal() and len(argument) <= 4 else -1
    if verb == "change":
        talk.ask(len(talk.questions))
        talk.view.listing = True
    elif verb == "page" and talk.view.listing and number >= 0:
        talk.view.page = number
    elif verb == "fix" and 0 <= number < len(talk.questions):
        talk.ask(number, fixing=True)
    else:
        raise Refusal(ANSWERED)


# --- The end ---------------------------------------------------------------------------------------------


def _sending(talk: Talk) -> Sending:
    return Sending(talk.id, talk.asking.form, talk.asking.about, all_raw(talk))


async def sent(ctx: Context, sending: Sending) -> None:
    """The form was taken: its message says so, and nothing sends it again."""
    row = await interviews.own(ctx.work, sending.interview_id)
    if row is not None:
        await close(ctx, row, Talk.of(row), SENT)


async def refused(
    ctx: Context,
    sending: Sending,
    refusal: Refusal,
    questions: tuple[Question, ...] | None = None,
    about: str | None = None,
) -> None:
    """The form was not taken: the question is asked again with the words beside it, or they stand above the whole.

    `questions` are the form's as they are now, should the handbook have changed; `about` the claim on the record as it
    stands now, for the person has read that it has changed. Nothing that was answered is lost.
    """
    row = await interviews.own(ctx.work, sending.interview_id)
    if row is None:
        return
    talk = Talk.of(row)
    talk.asking = _renewed(talk.asking, questions, about)
    talk.answers = {one.name: talk.answers[one.name] for one in talk.questions if one.name in talk.answers}
    at = next((n for n, one in enumerate(talk.questions) if one.name == refusal.field), len(talk.questions))
    talk.ask(at, fixing=at < len(talk.questions))
    talk.view.trouble = refusal.text
    await show(ctx, row, talk)


def _renewed(asking: Asking, questions: tuple[Question, ...] | None, about: str | None) -> Asking:
    return Asking(
        asking.form, asking.title, asking.questions if questions is None else questions, {},
        about or asking.about, asking.send,
    )  # fmt: skip
