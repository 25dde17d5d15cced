"""Questions: the kinds that a form may ask, each with its words and its limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from config.handbook import Handbook
from config.text import Money, OnDay, Text, Words, t

Ask = Literal[
    "line", "paragraph", "number", "money", "choice", "choices", "day", "moment", "person", "people", "files", "place"
]  # fmt: skip


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
    """A question as it is asked: its name in the form, its kind, its words, its limits.

    `least` and `most` bound a number's value, and an amount's in the currency's smallest unit; of people, how many
    there may be; of words and files, only `most` counts. `earliest` and `latest` bound a day.
    """

    name: str
    ask: Ask
    label: Words
    hint: Words | None = None
    optional: bool = False
    least: int | None = None
    most: int | None = None
    options: tuple[Option, ...] = ()
    currency: str = ""
    earliest: date | None = None
    latest: date | None = None


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
    earliest: date | None = None
    latest: date | None = None

    def named(self, name: str, handbook: Handbook, *, optional: bool = False) -> Question:
        """The question under this name, as it is asked: for forms that are built from data."""
        options = self.options(handbook) if callable(self.options) else self.options
        currency = handbook.company.currency if self.ask == "money" else ""
        return Question(
            name, self.ask, self.label, self.hint, optional, self.least, self.most, tuple(options), currency,
            self.earliest, self.latest,
        )  # fmt: skip


def between(question: Question) -> Text | None:
    """Says which figures, amounts or days a question takes, on platforms that don't show it by themselves."""
    least: Words | int | None
    most: Words | int | None
    match question.ask:
        case "number":
            least, most = question.least, question.most
        case "money":  # the smallest amount there is goes without saying
            says = question.least is not None and question.least > 1
            least = Money(question.least or 0, question.currency) if says else None
            most = Money(question.most, question.currency) if question.most is not None else None
        case "day":
            least = OnDay(question.earliest) if question.earliest is not None else None
            most = OnDay(question.latest) if question.latest is not None else None
        case _:
            return None
    if least is not None and most is not None:
        return t("From {least} to {most}.", least=least, most=most)
    is_day = question.ask == "day"
    if least is not None:
        return t("From {day} on.", day=least) if is_day else t("At least {least}.", least=least)
    if most is not None:
        return t("Until {day}.", day=most) if is_day else t("At most {most}.", most=most)
    return None


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


def people(label: Words, hint: Words | None = None, *, least: int = 1, most: int = 20) -> Kind:
    """Several of the company, from `least` to `most`; the answer is the employees' ids, in the order of the choice."""
    return Kind("people", label, hint, least=least, most=most)


def place(label: Words, hint: Words | None = None) -> Kind:
    """Where the asker is: shared by a phone, or written as `31.2304, 121.4737`."""
    return Kind("place", label, hint)


def attachments(label: Words, hint: Words | None = None, *, most: int = 5) -> Kind:
    """At most `most` files."""
    return Kind("files", label, hint, most=most)
