"""Forms: a class that is both the questions that a person is asked and the answers that a handler gets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from bot.errors import Refusal
from bot.ui.card import Attached as Attached  # asked for here, shown there
from bot.ui.question import Ask as Ask
from bot.ui.question import Kind as Kind
from bot.ui.question import Offered as Offered
from bot.ui.question import Option as Option
from bot.ui.question import Position as Position
from bot.ui.question import Question as Question
from bot.ui.question import attachments as attachments
from bot.ui.question import between as between
from bot.ui.question import choice as choice
from bot.ui.question import choices as choices
from bot.ui.question import day as day
from bot.ui.question import line as line
from bot.ui.question import moment as moment
from bot.ui.question import money as money
from bot.ui.question import number as number
from bot.ui.question import paragraph as paragraph
from bot.ui.question import people as people
from bot.ui.question import person as person
from bot.ui.question import place as place
from bot.ui.reading import UNKNOWN as UNKNOWN
from bot.ui.reading import clean as clean
from bot.ui.reading import is_empty
from bot.ui.reading import read_answer as read_answer
from config.handbook import Handbook
from config.text import Text, Words, t

CHANGED = t("This form has changed since it was opened. Please open it again.")
TAIL_BYTES = 80
"""What a built form may have behind its name: so much fits into every platform's window."""
QUESTIONS = 80
"""Questions that one form may ask: Slack's window has no room for many more."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A form put to a person: its questions, what is filled in already, and the record that it is about.

    `answers` are values as `Form.read` gives them (`Money`, `date`, `datetime`, a tuple of ids or `Attached`), or the
    words that somebody would type. `usual` names those that nobody gave: they stand there unless somebody changes them.
    """

    form: str
    title: Words
    questions: tuple[Question, ...]
    answers: dict[str, Any]
    about: str | None = None
    send: Words | None = None
    usual: tuple[str, ...] = ()
    kind: Literal["asking"] = "asking"


class Form(BaseModel):
    """The one class to inherit: its annotated fields are the questions, in their order.

    A field with a default may be left out. `title` heads the form; `send` is the word on its button.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)
    title: ClassVar[Text]
    send: ClassVar[Text] = t("Submit")

    @classmethod
    def questions(cls, handbook: Handbook) -> tuple[Question, ...]:
        """The questions, with the handbook's options looked up; the same ones each time."""
        known = _ASKED.get(cls)
        if known is None or known[0] is not handbook:
            questions = tuple(
                kind.named(name, handbook, optional=not field.is_required() and not field.default)
                for name, field in cls.model_fields.items()
                for kind in field.metadata
                if isinstance(kind, Kind)
            )
            known = _ASKED[cls] = (handbook, questions)
        return known[1]

    @classmethod
    def usual(cls) -> dict[str, Any]:
        """The answers that stand there unless somebody changes them."""
        return {name: field.default for name, field in cls.model_fields.items() if not field.is_required()}

    @classmethod
    def read(cls, answers: Mapping[str, Any], handbook: Handbook, zone: ZoneInfo) -> Self:
        """Answers as a platform brought them, made into the form.

        Unknown names are refused. Raises `Refusal` with the first question whose answer will not do.
        """
        return cls(**_read(cls.questions(handbook), cls.usual(), answers, zone))


_ASKED: dict[type[Form], tuple[Handbook, tuple[Question, ...]]] = {}


@dataclass(frozen=True, slots=True)
class Built:
    """A form whose questions come from data at run time: its title, its questions, the word on its button.

    `usual` has what stands where something is left empty, as a form's defaults do: values as `read` gives them. Files
    that were attached earlier belong there: Slack and the web show them, but take only new ones, so that an empty
    question leaves them as they are.

    Raises `ValueError` for two questions of one name, for a name that is no word, and for more than `QUESTIONS`.
    """

    title: Words
    questions: tuple[Question, ...]
    send: Words | None = None
    usual: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [question.name for question in self.questions]
        if len(set(names)) != len(names) or len(names) > QUESTIONS or not all(map(_NAME.fullmatch, names)):
            raise ValueError(f"a form needs at most {QUESTIONS} questions, each with a name of its own: {names}")

    def read(self, answers: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
        """Answers as a platform brought them, typed, by question; what is optional and was left empty is not there.

        Unknown names are refused. Raises `Refusal` with the first question whose answer will not do.
        """
        return _read(self.questions, self.usual, answers, zone)


_NAME = re.compile(r"\w[\w.-]{0,59}")


def _read(
    questions: Sequence[Question], usual: Mapping[str, Any], answers: Mapping[str, Any], zone: ZoneInfo
) -> dict[str, Any]:
    asked = {question.name: question for question in questions}
    if set(answers) - set(asked):
        raise Refusal(CHANGED)
    given = {name: usual.get(name) if is_empty(answers.get(name)) else answers[name] for name in asked}
    values = {name: read_answer(question, given[name], zone) for name, question in asked.items()}
    return {name: value for name, value in values.items() if value is not None}


def filled_in(questions: Sequence[Question], usual: Mapping[str, Any], filled: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in a form when it is put to somebody: what is known, else what is usual; nothing that is empty."""
    names = {question.name for question in questions}
    known = {**usual, **{name: value for name, value in filled.items() if not is_empty(value)}}
    return {name: value for name, value in known.items() if name in names and not is_empty(value)}


def stand_already(question: Question, given: Any) -> Text | None:
    """Says which files a question has already, on platforms whose forms take only new ones; None where it has none."""
    files = given if question.ask == "files" and isinstance(given, list | tuple) else ()
    names = ", ".join(file.name for file in files if isinstance(file, Attached))
    return t("So far: {files}. They stay, unless you add others.", files=names) if names else None
