"""Takes what the buttons below a question say: an answer, a mark, a page, a day of the calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time

from bot.errors import Refusal
from bot.interview.answers import kept
from bot.interview.calendar import FIRST, LAST, QUARTERS
from bot.interview.state import Talk
from bot.interview.taking import Settled, Taken, Told, marks
from bot.ui.form import UNKNOWN, Question
from config.text import t
from storage.interviews import ANSWERED
from storage.tables import LARGEST_ID


def press(talk: Talk, question: Question, verb: str, argument: str, told: Told) -> Settled:
    """What a button below the question does. Each says what is to be so, and not what is to change: twice is once.

    Raises `Refusal` beside the question; for a button that can't stand there, the one for old buttons.
    """
    take = _PRESS.get(verb)
    if take is None:
        raise Refusal(ANSWERED)
    return take(talk, question, argument, told)


def _keep(talk: Talk, question: Question, _argument: str, _told: Told) -> Settled:
    standing = talk.answers.get(question.name)
    if standing is None:
        raise Refusal(ANSWERED)
    return Taken(standing)


def _skip(talk: Talk, question: Question, _argument: str, _told: Told) -> Settled:
    """Leaves it out; where the form needs it, what stands there may stay."""
    standing = talk.answers.get(question.name)
    if not question.optional and standing is None:
        raise Refusal(t("This question can't be left out."))
    return Taken(None if question.optional else standing)


def _pick(_talk: Talk, question: Question, argument: str, told: Told) -> Settled:
    if question.ask == "person":
        return Taken(_colleague(argument, told))
    number = _number(argument, LARGEST_ID)
    if question.ask != "choice" or number >= len(question.options):
        raise Refusal(ANSWERED)
    return Taken(question.options[number].value)


def _mark(talk: Talk, question: Question, argument: str, told: Told) -> Settled:
    if question.ask == "people":
        talk.view.marked = list(dict.fromkeys([*marks(talk, question), _colleague(argument, told)]))
        return None
    return _marked(talk, question, argument, lambda marked, value: marked | {value})


def _unmark(talk: Talk, question: Question, argument: str, _told: Told) -> Settled:
    if question.ask == "people":
        talk.view.marked = [id for id in marks(talk, question) if id != _number(argument, LARGEST_ID)]
        return None
    return _marked(talk, question, argument, lambda marked, value: marked - {value})


def _marked(talk: Talk, question: Question, argument: str, change: Callable[[set[str], str], set[str]]) -> Settled:
    number = _number(argument, len(question.options) - 1)
    marked = change(set(marks(talk, question)), question.options[number].value)
    talk.view.marked = [option.value for option in question.options if option.value in marked]
    return None


def _colleague(argument: str, told: Told) -> int:
    number = _number(argument, LARGEST_ID)
    if number not in [one.id for one in told.people]:
        raise Refusal(UNKNOWN)
    return number


def _done(talk: Talk, question: Question, _argument: str, told: Told) -> Settled:
    is_marked = question.ask in ("choices", "people")
    standing = marks(talk, question) if is_marked else talk.answers.get(question.name)
    if not (is_marked or question.ask == "files") or (not standing and not question.optional):
        raise Refusal(t("Please choose at least one.") if is_marked else t("Please attach a file."))
    return Taken(kept(question, standing, told.zone) if question.ask == "people" else standing or None)


def _remove(talk: Talk, question: Question, argument: str, _told: Told) -> Settled:
    standing = talk.answers.get(question.name)
    if question.ask == "files" and standing and len(standing) == _number(argument, 1000):
        talk.answers[question.name] = standing[:-1] or None
        if len(standing) == 1:
            del talk.answers[question.name]
    return None


def _page(talk: Talk, _question: Question, argument: str, _told: Told) -> Settled:
    talk.view.page = _number(argument, 1000)
    return None


def _everything(talk: Talk, _question: Question, _argument: str, _told: Told) -> Settled:
    talk.view.found, talk.view.page = None, 0
    return None


def _month(talk: Talk, _question: Question, argument: str, _told: Told) -> Settled:
    talk.view.month = _date(argument).replace(day=1)
    return None


def _on_day(talk: Talk, question: Question, argument: str, told: Told) -> Settled:
    chosen = _date(argument)
    if question.ask == "day":
        return Taken(kept(question, chosen, told.zone))
    talk.view.day, talk.view.hour, talk.view.echo = chosen, None, None
    return None


def _hours(talk: Talk, _question: Question, _argument: str, _told: Told) -> Settled:
    talk.view.all_hours = True
    return None


def _hour(talk: Talk, _question: Question, argument: str, _told: Told) -> Settled:
    talk.view.hour = _number(argument, 23)
    return None


def _minute(talk: Talk, question: Question, argument: str, told: Told) -> Settled:
    day, hour, minute = talk.view.day, talk.view.hour, _number(argument, 59)
    if question.ask != "moment" or day is None or hour is None or minute not in QUARTERS:
        raise Refusal(ANSWERED)
    return Taken(kept(question, datetime.combine(day, time(hour, minute)), told.zone))


def _yes(talk: Talk, _question: Question, _argument: str, _told: Told) -> Settled:
    if talk.view.echo is None:
        raise Refusal(ANSWERED)
    return Taken(talk.view.echo)


def _no(talk: Talk, _question: Question, _argument: str, _told: Told) -> Settled:
    talk.view.echo = talk.view.day = talk.view.hour = None
    return None


def _number(argument: str, most: int) -> int:
    if not (argument.isascii() and argument.isdecimal() and len(argument) <= 10 and int(argument) <= most):
        raise Refusal(ANSWERED)
    return int(argument)


def _date(argument: str) -> date:
    try:
        day = date.fromisoformat(argument)
    except ValueError:
        raise Refusal(ANSWERED) from None
    if not FIRST <= day <= LAST:
        raise Refusal(ANSWERED)
    return day


_PRESS: dict[str, Callable[[Talk, Question, str, Told], Settled]] = {
    "keep": _keep,
    "skip": _skip,
    "pick": _pick,
    "mark": _mark,
    "unmark": _unmark,
    "done": _done,
    "remove": _remove,
    "page": _page,
    "all": _everything,
    "month": _month,
    "day": _on_day,
    "hours": _hours,
    "hour": _hour,
    "minute": _minute,
    "yes": _yes,
    "no": _no,
}
