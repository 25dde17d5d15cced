"""Forms: a class that is both the questions that a person is asked and the answers that a handler gets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, Literal, Self
from unicodedata import normalize
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision
from pydantic import BaseModel, ConfigDict

from bot.errors import Refusal
from bot.ui.card import Attached as Attached  # asked for here, shown there
from config.handbook import Handbook
from config.text import Money, Text, Words, t
from storage.tables import id_in

Ask = Literal["line", "paragraph", "number", "money", "choice", "choices", "day", "moment", "person", "files", "place"]


@dataclass(frozen=True, slots=True)
class Option:
    """One of the answers to choose from: what is kept, and what is shown."""

    value: str
    label: Words


@dataclass(frozen=True, slots=True)
class Position:
    """Where a phone says that somebody is, in degrees; `accuracy` in metres, if it tells. Never more than a claim."""

    latitude: float
    longitude: float
    accuracy: float | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it is asked: its name in the form, its kind, its words, its limits."""

    name: str
    ask: Ask
    label: Words
    hint: Words | None = None
    optional: bool = False
    least: int | None = None
    most: int | None = None
    options: tuple[Option, ...] = ()
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Asking:
    """A form put to a person: its questions, what is filled in already, and the record that it is about."""

    form: str
    title: Words
    questions: tuple[Question, ...]
    answers: dict[str, Any]
    about: str | None = None
    send: Words | None = None
    kind: Literal["asking"] = "asking"


Offered = Callable[[Handbook], Sequence[Option]]


@dataclass(frozen=True, slots=True)
class Kind:
    """What stands in a form's annotation: the question without its name, its options not yet looked up."""

    ask: Ask
    label: Words
    hint: Words | None = None
    least: int | None = None
    most: int | None = None
    options: Sequence[Option] | Offered = ()


def line(label: Words, hint: Words | None = None, *, most: int = 150) -> Kind:
    """One line of text, of at most `most` characters."""
    return Kind("line", label, hint, most=most)


def paragraph(label: Words, hint: Words | None = None, *, most: int = 3000) -> Kind:
    """Text of several lines, of at most `most` characters."""
    return Kind("paragraph", label, hint, most=most)


def number(label: Words, hint: Words | None = None, *, least: int | None = None, most: int | None = None) -> Kind:
    """A whole number from `least` to `most`."""
    return Kind("number", label, hint, least=least, most=most)


def money(label: Words, hint: Words | None = None) -> Kind:
    """An amount in the company's currency, read into its smallest unit."""
    return Kind("money", label, hint, least=0)


def choice(label: Words, options: Sequence[Option] | Offered, hint: Words | None = None) -> Kind:
    """One of the options, which may come from the handbook."""
    return Kind("choice", label, hint, options=options)


def choices(label: Words, options: Sequence[Option] | Offered, hint: Words | None = None) -> Kind:
    """Any of the options, in their order."""
    return Kind("choices", label, hint, options=options)


def day(label: Words, hint: Words | None = None) -> Kind:
    """A calendar day."""
    return Kind("day", label, hint)


def moment(label: Words, hint: Words | None = None) -> Kind:
    """A day and a time, in the asker's zone."""
    return Kind("moment", label, hint)


def person(label: Words, hint: Words | None = None) -> Kind:
    """Somebody of the company; the answer is the employee's id."""
    return Kind("person", label, hint)


def place(label: Words, hint: Words | None = None) -> Kind:
    """Where the asker is: shared by a phone, or written as `31.2304, 121.4737`."""
    return Kind("place", label, hint)


def attachments(label: Words, hint: Words | None = None, *, most: int = 5) -> Kind:
    """At most `most` files."""
    return Kind("files", label, hint, most=most)


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
                _question(name, kind, handbook, optional=not field.is_required() and not field.default)
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
        asked = {question.name: question for question in cls.questions(handbook)}
        if set(answers) - set(asked):
            raise Refusal(t("This form has changed since it was opened. Please open it again."))
        usual = cls.usual()  # where something was left empty
        given = {name: usual.get(name) if _is_empty(answers.get(name)) else answers[name] for name in asked}
        values = {name: read_answer(question, given[name], zone) for name, question in asked.items()}
        return cls(**{name: value for name, value in values.items() if value is not None})


_ASKED: dict[type[Form], tuple[Handbook, tuple[Question, ...]]] = {}


def _question(name: str, kind: Kind, handbook: Handbook, *, optional: bool) -> Question:
    options = kind.options(handbook) if callable(kind.options) else kind.options
    currency = handbook.company.currency if kind.ask == "money" else ""
    return Question(name, kind.ask, kind.label, kind.hint, optional, kind.least, kind.most, tuple(options), currency)


def _is_empty(raw: Any) -> bool:
    return raw is None or (isinstance(raw, str | list | tuple) and not raw)


def read_answer(question: Question, raw: Any, zone: ZoneInfo) -> Any:
    """One answer, cleaned and typed; None where it is optional and empty.

    Raises `Refusal` at the question where it is missing, too long, out of range or not understood.
    """
    if isinstance(raw, str):
        raw = clean(raw, lines=question.ask == "paragraph").strip()
    if _is_empty(raw):
        if question.optional:
            return None
        raise Refusal(t("Please answer this."), question.name)
    return _READ[question.ask](question, raw, zone)


def _words(question: Question, raw: Any, _zone: ZoneInfo) -> str:
    if not isinstance(raw, str):
        raise Refusal(t("Please write this in words."), question.name)
    if question.most is not None and len(raw) > question.most:
        raise Refusal(
            t("Please use at most {most} characters; these are {n}.", most=question.most, n=len(raw)),
            question.name,
        )
    return raw


def _number(question: Question, raw: Any, _zone: ZoneInfo) -> int:
    text = normalize("NFKC", str(raw)).replace(",", "")
    if len(text) > 18 or not text.removeprefix("-").isdecimal():
        raise Refusal(t("Please give a whole number, such as 3."), question.name)
    value = int(text)
    if question.least is not None and value < question.least:
        raise Refusal(t("Please give at least {least}.", least=question.least), question.name)
    if question.most is not None and value > question.most:
        raise Refusal(t("Please give at most {most}.", most=question.most), question.name)
    return value


def _money(question: Question, raw: Any, _zone: ZoneInfo) -> Money:
    text = normalize("NFKC", str(raw)).replace(",", "").removeprefix("\u00a5").strip()
    try:
        amount = Decimal(text) if len(text) <= 18 else Decimal("NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    currency = question.currency or "CNY"
    minor = amount.scaleb(get_currency_precision(currency))
    if not minor.is_finite() or minor != minor.to_integral_value() or minor < 0:
        raise Refusal(t("Please give an amount, such as 120 or 120.50."), question.name)
    return Money(int(minor), currency)


def _choice(question: Question, raw: Any, _zone: ZoneInfo) -> str:
    if raw not in [option.value for option in question.options]:
        raise Refusal(t("Please choose one of the answers offered."), question.name)
    return str(raw)


def _choices(question: Question, raw: Any, zone: ZoneInfo) -> tuple[str, ...]:
    given = raw if isinstance(raw, list | tuple) else [raw]
    return tuple(dict.fromkeys(_choice(question, value, zone) for value in given))


def _day(question: Question, raw: Any, _zone: ZoneInfo) -> date:
    try:
        return raw if isinstance(raw, date) else date.fromisoformat(str(raw))
    except ValueError:
        raise Refusal(t("Please give a day, such as 2026-03-15."), question.name) from None


def _moment(question: Question, raw: Any, zone: ZoneInfo) -> datetime:
    try:
        at = raw if isinstance(raw, datetime) else datetime.fromisoformat(str(raw))
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refusal(t("Please give a day and a time, such as 2026-03-15 14:30."), question.name) from None


def _person(question: Question, raw: Any, _zone: ZoneInfo) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool) or id_in(str(raw)) is None:
        raise Refusal(t("That person is not known here. Please choose a colleague."), question.name)
    return raw


def _files(question: Question, raw: Any, _zone: ZoneInfo) -> tuple[Attached, ...]:
    if not isinstance(raw, list | tuple) or not all(isinstance(file, Attached) for file in raw):
        raise Refusal(t("Please attach a file."), question.name)
    if question.most is not None and len(raw) > question.most:
        raise Refusal(t("Please attach at most {most} files.", most=question.most), question.name)
    return tuple(replace(file, name=clean(file.name)[:150] or "file") for file in raw)


def _place(question: Question, raw: Any, _zone: ZoneInfo) -> Position:
    if isinstance(raw, str):
        found = _DEGREES.fullmatch(normalize("NFKC", raw).strip())
        raw = Position(float(found[1]), float(found[2])) if found else None
    if not isinstance(raw, Position) or not (abs(raw.latitude) <= 90 and abs(raw.longitude) <= 180):
        raise Refusal(t("Please share where you are, or write it as 31.2304, 121.4737."), question.name)
    return raw


_DEGREES = re.compile(r"(-?[0-9]{1,2}(?:\.[0-9]{1,8})?)[,\u3001 ] ?(-?[0-9]{1,3}(?:\.[0-9]{1,8})?)")


_READ: dict[Ask, Callable[[Question, Any, ZoneInfo], Any]] = {
    "line": _words,
    "paragraph": _words,
    "number": _number,
    "money": _money,
    "choice": _choice,
    "choices": _choices,
    "day": _day,
    "moment": _moment,
    "person": _person,
    "files": _files,
    "place": _place,
}


def clean(text: str, *, lines: bool = False) -> str:
    """User text made safe to keep: no NUL, control or lone surrogate characters, line breaks only if `lines`.

    Directional overrides are dropped, for they make a name or a link read as another.
    """
    if text.isprintable():
        return text  # nothing unsafe is printable
    text = text.encode("utf-8", "ignore").decode("utf-8").replace("\r\n", "\n")
    kept = "\n\t" if lines else ""
    unsafe = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029"
    return "".join(
        char if char in kept or ((char.isprintable() or char in _JOINERS) and char not in unsafe) else " "
        for char in text
    )


_JOINERS = "\u200b\u200c\u200d\u200e\u200f\ufeff\xa0\u3000"
