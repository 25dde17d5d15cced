"""How far an interview has come: the form, what was answered, which question is asked, and what its message shows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Self

from pydantic import TypeAdapter

from bot.answer import Reply
from bot.codec import pack_asking, unpack_asking
from bot.ui.form import Asking, Question
from config.text import Words
from storage import interviews
from storage.interviews import Interview
from storage.places import Address


@dataclass(frozen=True, slots=True)
class Sending:
    """All is answered, and the person says: send it. The answers are as `Form.read` takes them."""

    interview_id: int
    form: str
    about: str | None
    answers: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Heard:
    """An interview took it. `reply` is to be said besides; with `sending`, the form is complete and is to be sent."""

    reply: Reply = None
    sending: Sending | None = None


@dataclass(slots=True)
class View:
    """What the newest message shows beside the question.

    `turn` counts the questions put, and stands in their buttons. `told` has, by message, the questions whose answers
    it shows once it is over; `usual` the answers that nobody gave yet: they stand there, and are asked all the same.
    """

    turn: int = 1
    today: date = date.min
    opened: datetime | None = None
    told: dict[int, list[str]] = field(default_factory=lambda: {1: []})
    usual: list[str] = field(default_factory=list)
    located: list[str] = field(default_factory=list)
    fixing: bool = False
    listing: bool = False
    old: bool = False
    trouble: Words | None = None
    page: int = 0
    found: list[int] | None = None
    marked: list[str | int] | None = None
    month: date | None = None
    day: date | None = None
    hour: int | None = None
    all_hours: bool = False
    echo: str | None = None

    def cleared(self) -> View:
        """For the next question: what belonged to the last one is gone."""
        kept = ("turn", "today", "opened", "told", "usual", "located")
        return View(**{name: getattr(self, name) for name in kept})


_VIEW = TypeAdapter(View)


@dataclass(slots=True)
class Talk:
    """An interview, taken out of its row. `at` is the number of questions where it waits to be sent."""

    id: int
    asking: Asking
    answers: dict[str, Any]
    view: View
    at: int = 0
    shown: int = 1
    state: str = interviews.OPEN

    @classmethod
    def of(cls, row: Interview) -> Self:
        """The interview that a row keeps."""
        view = _VIEW.validate_json(row.view)
        return cls(row.id, unpack_asking(row.asking), json.loads(row.answers), view, row.at, row.shown, row.state)

    def values(self) -> dict[str, Any]:
        """What its row is to keep."""
        return {
            "asking": pack_asking(replace(self.asking, answers={})),
            "answers": json.dumps(self.answers),
            "view": _VIEW.dump_json(self.view, exclude_defaults=True).decode(),
            "at": self.at,
            "shown": self.shown,
            "state": self.state,
        }

    @property
    def questions(self) -> tuple[Question, ...]:
        """The form's questions."""
        return self.asking.questions

    @property
    def question(self) -> Question | None:
        """The one that is asked now; None where all are answered."""
        return self.questions[self.at] if self.at < len(self.questions) else None

    @property
    def is_begun(self) -> bool:
        """Whether anything was answered that would be lost."""
        return any(value is not None for name, value in self.answers.items() if name not in self.view.usual)

    def is_answered(self, question: Question) -> bool:
        """Whether somebody gave an answer, or left it out."""
        return question.name in self.answers and question.name not in self.view.usual

    def ask(self, at: int, *, fixing: bool = False) -> None:
        """Puts a question, or (behind the last one) the whole before the person. Older buttons no longer count."""
        self.view = self.view.cleared()
        self.view.turn += 1
        self.view.fixing = fixing
        self.at = at

    def ask_next(self) -> None:
        """Puts the next question without an answer; the whole, where there is none."""
        after = [*range(self.at + 1, len(self.questions)), *range(min(self.at + 1, len(self.questions)))]
        self.ask(next((n for n in after if not self.is_answered(self.questions[n])), len(self.questions)))

    def answer(self, question: Question, value: Any) -> set[int]:
        """Keeps an answer, and goes on. Returns the messages that showed an earlier one."""
        name, told = question.name, self.view.told
        elsewhere = {ordinal for ordinal, names in told.items() if name in names and ordinal != self.shown}
        for ordinal in elsewhere:
            told[ordinal].remove(name)
        if name not in told.setdefault(self.shown, []):
            told[self.shown].append(name)
        self.answers[name] = value
        if name in self.view.usual:
            self.view.usual.remove(name)
        self.ask_next()
        return elsewhere

    def turn_page_down(self) -> None:
        """What comes next stands in a new message."""
        self.shown += 1
        self.view.told.setdefault(self.shown, [])


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody to choose: their name, and the department by its name in the handbook."""

    id: int
    name: str
    department: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """An interview with what its card needs: the people who are named in it."""

    talk: Talk
    people: Mapping[int, Colleague]


def place_of(row: Interview) -> Address:
    """The private chat in which it is asked."""
    return Address(row.platform, row.channel)
