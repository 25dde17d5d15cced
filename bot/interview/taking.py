"""Takes an answer to each kind of question: from what was typed, sent or shared."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot import moments
from bot.codec import pack_files
from bot.errors import Refusal
from bot.interview import finding
from bot.interview.answers import kept, shortened
from bot.interview.state import Colleague, Talk
from bot.ui.card import Attached
from bot.ui.form import Position, Question, clean
from config.text import t

FILES = 5
"""Files that a question takes, where it does not say."""
BUTTONS = frozenset({"choice", "choices", "day", "moment", "person", "people"})
"""Questions with their answers on buttons."""
BY_BUTTON = t("Please press one of the buttons, or write it in words.")
YES = frozenset({"yes", "y", "ok", "right", "对", "对的", "是", "是的", "好", "好的", "嗯", "没错"})
NO = frozenset({"no", "n", "wrong", "不", "不对", "不是", "错", "错了"})
"""What may be typed where we asked whether we understood."""
HANDFUL = timedelta(seconds=5)
"""Photos that come so quickly were sent together: they are counted in one message."""


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody told us, and what it takes to understand it. `people`: where the question asks for some."""

    text: str
    files: tuple[Attached, ...]
    position: Position | None
    now: datetime
    zone: ZoneInfo
    me: Colleague
    people: Sequence[Colleague] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """An answer, as it is kept; None where the question is left out."""

    value: Any


Settled = Taken | None
"""None: nothing is settled yet, but the view has changed."""


def hear(talk: Talk, question: Question, told: Told) -> Settled:
    """The answer in what was said. Raises `Refusal` with the words that stand beside the question then."""
    if question.ask == "files":
        return _files(talk, question, told)
    if question.ask == "place":
        return Taken(kept(question, told.position or told.text, told.zone))
    if not told.text.strip():
        raise Refusal(BY_BUTTON if question.ask in BUTTONS else t("This question wants words."))
    echo = talk.view.echo
    talk.view.found = talk.view.echo = None
    if echo is not None and finding.folded(told.text) in YES:
        return Taken(echo)
    if echo is not None and finding.folded(told.text) in NO:
        talk.view.day = talk.view.hour = None
        return None
    return _HEAR[question.ask](talk, question, told)


def _words(_talk: Talk, question: Question, told: Told) -> Settled:
    return Taken(kept(question, told.text, told.zone))


def _choice(talk: Talk, question: Question, told: Told) -> Settled:
    chosen = finding.option_called(question.options, told.text)
    if chosen is not None:
        return Taken(question.options[chosen].value)
    talk.view.found, talk.view.page = finding.options_like(question.options, told.text) or None, 0
    if talk.view.found is None:
        raise Refusal(t("“{text}” is none of the answers. Please press one.", text=_quoted(told.text)))
    raise Refusal(t("Did you mean one of these?"))


def _choices(talk: Talk, question: Question, told: Told) -> Settled:
    chosen, unknown = finding.options_listed(question.options, told.text)
    marked = set(marks(talk, question)) | {question.options[n].value for n in chosen}
    talk.view.marked = [option.value for option in question.options if option.value in marked]
    if unknown:
        raise Refusal(t("“{text}” is none of the answers. Please press one.", text=_quoted(unknown[0])))
    return None


def marks(talk: Talk, question: Question) -> list[Any]:
    """What is marked now: what was marked by hand, else what stands there."""
    standing = talk.answers.get(question.name) or []
    return list(standing) if talk.view.marked is None else talk.view.marked


def _person(talk: Talk, _question: Question, told: Told) -> Settled:
    chosen = finding.person_called(told.people, told.text)
    if chosen is not None:
        return Taken(chosen)
    raise _offered(talk, told, told.text)


def _people(talk: Talk, question: Question, told: Told) -> Settled:
    """Each of the names that just one person has is marked; for the first that is nobody's, who may be meant."""
    called, unknown = finding.people_listed(told.people, told.text)
    talk.view.marked = list(dict.fromkeys([*marks(talk, question), *called]))
    if unknown:
        raise _offered(talk, told, unknown[0])
    return None


def _offered(talk: Talk, told: Told, name: str) -> Refusal:
    """Offers those who may have been meant by a name, and says so."""
    talk.view.found, talk.view.page = finding.people_like(told.people, name, told.me), 0
    if talk.view.found:
        return Refusal(t("Did you mean one of these?"))
    talk.view.found = finding.colleagues(told.people, told.me)
    return Refusal(t("Nobody here is called “{text}”. Try the name, its pinyin or its initials.", text=_quoted(name)))


def _day(talk: Talk, question: Question, told: Told) -> Settled:
    exact = _iso(question, told)
    if exact is not None:
        return Taken(exact)
    day = moments.read_day(told.text, told.now, told.zone)
    if day is None:
        raise Refusal(t("I did not understand that day. Choose it here, or write it like 2026-03-15 or “next Friday”."))
    talk.view.echo, talk.view.month = kept(question, day, told.zone), day.replace(day=1)
    return None


def _moment(talk: Talk, question: Question, told: Told) -> Settled:
    exact = _iso(question, told)
    if exact is not None:
        return Taken(exact)
    ways = [f"{talk.view.day} {told.text}", told.text] if talk.view.day else [told.text]
    read = (moments.understand_moment(words, told.now, told.zone) for words in ways)
    found = next((each for each in read if each is not None), None)
    if found is None:
        raise Refusal(t("I did not understand that. Choose it here, or write it like “tomorrow 3pm”."))
    if found.time is None:
        talk.view.day, talk.view.hour = found.day, None
        return None
    talk.view.echo = kept(question, datetime.combine(found.day, found.time), told.zone)
    return None


def _iso(question: Question, told: Told) -> Any:
    """A day or a moment that is written in figures as computers do it, in full: no room for doubt."""
    text = told.text.strip()
    if len(text) < (10 if question.ask == "day" else 16):
        return None
    try:
        return kept(question, text, told.zone)
    except Refusal:
        return None


def _files(talk: Talk, question: Question, told: Told) -> Settled:
    if not told.files:
        raise Refusal(t("This question wants a photo or a file."))
    return add_files(talk, question, told.files)


def add_files(talk: Talk, question: Question, files: tuple[Attached, ...]) -> Settled:
    """Counts files to the others; the question is answered where it wants just one. Raises `Refusal` at its limit."""
    most = question.most if question.most is not None else FILES
    standing = list(talk.answers.get(question.name) or [])
    fresh = json.loads(pack_files(tuple(_named(file) for file in files)))
    talk.answers[question.name] = (standing + fresh)[:most]
    if len(standing) + len(fresh) > most:
        raise Refusal(t("There is room for {most} here; what came after was not kept.", most=most))
    return Taken(talk.answers[question.name]) if most == 1 else None


def is_long_ago(talk: Talk, now: datetime) -> bool:
    """Whether the newest message stands so long that another photo is no longer of the same handful."""
    return talk.view.opened is None or now - talk.view.opened > HANDFUL


def _named(file: Attached) -> Attached:
    return Attached(file.source, clean(file.name)[:150] or "file", file.mime, file.size, file.url)


def _quoted(text: str) -> str:
    return shortened(clean(text).strip(), 40)


_HEAR: dict[str, Callable[[Talk, Question, Told], Settled]] = {
    "line": _words,
    "paragraph": _words,
    "number": _words,
    "money": _words,
    "choice": _choice,
    "choices": _choices,
    "day": _day,
    "moment": _moment,
    "person": _person,
    "people": _people,
}
