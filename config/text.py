"""Words for people, kept as values: what is said, and with what; a language and a time zone come last."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class When:
    """A moment (aware datetime), to be read in the reader's zone: in full, by day, or by time of day."""

    at: datetime
    style: Literal["moment", "day", "time"] = "moment"
    kind: Literal["when"] = "when"

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("When needs an aware datetime")


@dataclass(frozen=True, slots=True)
class OnDay:
    """A calendar day, the same in every zone."""

    day: date
    kind: Literal["day"] = "day"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the currency's smallest unit (fen, cents): never a float."""

    minor: int
    currency: str = "CNY"
    kind: Literal["money"] = "money"


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time in whole seconds, shown as hours and minutes."""

    seconds: int
    kind: Literal["span"] = "span"


@dataclass(frozen=True, slots=True)
class Label:
    """A name that the company gave in both languages."""

    zh: str
    en: str
    kind: Literal["label"] = "label"


@dataclass(frozen=True, slots=True)
class Text:
    """A message id (the English sentence) with its arguments; `many` and `n` where the number decides."""

    id: str
    args: dict[str, int | Words] = field(default_factory=dict)
    many: str | None = None
    n: int | None = None
    kind: Literal["text"] = "text"


Words: TypeAlias = str | Text | Label | When | OnDay | Money | Span
"""What a person may be shown. A plain `str` is somebody's own words: shown as written, never translated."""


def t(message: str, /, **args: Words | int) -> Text:
    """Names a sentence of the dictionary; `{name}` places take `args`. Translates nothing."""
    return Text(message, dict(args))


def tn(one: str, many: str, /, *, n: int, **args: Words | int) -> Text:
    """The same where a number decides the form: `tn("{n} ticket", "{n} tickets", n=3)`."""
    return Text(one, {"n": n, **args}, many=many, n=n)
