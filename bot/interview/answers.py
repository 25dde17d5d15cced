"""An answer on its way: from what was given to what is kept (JSON), from there to the form, and into words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision

from bot.codec import pack_files
from bot.errors import Refusal
from bot.interview.state import Colleague, Talk
from bot.ui.card import Attached
from bot.ui.form import Position, Question, read_answer
from bot.words import Reader, Speaker
from config.text import Label, Money, OnDay, Text, When, Words, t

_UTC = ZoneInfo("UTC")
SPEAKERS = {"zh": Speaker(Reader(("zh",))), "en": Speaker(Reader(("en",)))}
LONG = 600
"""Characters of somebody's own words that a message shows; all of them are sent."""


def kept(question: Question, given: Any, zone: ZoneInfo) -> Any:
    """An answer that was given, checked, as JSON can hold it; None where it is left out. Raises `Refusal`."""
    value = read_answer(question, digits(given) if isinstance(given, Money) else given, zone)
    match value:
        case Money():
            return digits(value)
        case datetime() | date():
            return value.isoformat()
        case Position():
            return asdict(value)
        case tuple() if question.ask == "files":
            return json.loads(pack_files(value))
        case tuple():
            return list(value)
    return value


def raw(question: Question, value: Any) -> Any:
    """What was kept, as `Form.read` takes it."""
    if value is None:
        return None
    match question.ask:
        case "files":
            return [Attached(**file) for file in value]
        case "place":
            return Position(**value)
    return value


def all_raw(talk: Talk) -> dict[str, Any]:
    """All that was answered, as `Form.read` takes it; what was left out is not there."""
    given = {question.name: raw(question, talk.answers.get(question.name)) for question in talk.questions}
    return {name: value for name, value in given.items() if value is not None}


def digits(money: Money) -> str:
    """An amount as it is typed: `120.50`."""
    return str(Decimal(money.minor).scaleb(-get_currency_precision(money.currency)))


def worded(question: Question, value: Any, people: Mapping[int, Colleague], *, most: int = LONG) -> Words:
    """An answer that was kept, as its giver reads it."""
    if value is None:
        return t("left out")
    if question.ask in ("person", "people"):
        names = [_name(one, people) for one in (value if isinstance(value, list) else [value])]
        return names[0] if len(names) == 1 else joined(names)
    try:
        read = read_answer(question, raw(question, value), _UTC)
    except Refusal:  # the handbook no longer offers it
        return shortened(str(value), most)
    match read:
        case Position():
            return f"{read.latitude:.5f}, {read.longitude:.5f}"
        case Money():
            return read
        case datetime():
            return When(read.astimezone(UTC))
        case date():
            return OnDay(read)
        case tuple() if question.ask == "files":
            return shortened(", ".join(file.name for file in read), most)
        case tuple():
            return joined([_label(question, each) for each in read])
    return _label(question, read) if question.ask == "choice" else shortened(str(read), most)


def _name(id: int, people: Mapping[int, Colleague]) -> Words:
    return people[id].name if id in people else t("somebody who has left")


def _label(question: Question, value: str) -> Words:
    return next((option.label for option in question.options if option.value == value), value)


def joined(words: Sequence[Words]) -> Words:
    """Several labels in one."""
    between = {"zh": "\u3001", "en": ", "}
    zh, en = (between[language].join(say(one) for one in words) for language, say in SPEAKERS.items())
    return Label(zh=zh, en=en)


def shortened(words: str, most: int = LONG) -> str:
    """At most so many characters, with a sign where there is more."""
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def width(words: Words) -> int:
    """How wide it is on a button, in the wider of both languages; a Chinese sign is two wide."""
    return max(sum(1 if char < "\u2e80" else 2 for char in say(words)) for say in SPEAKERS.values())


def warned(words: Words) -> Text:
    """Words that say why it did not go on."""
    return Text("\u26a0\ufe0f {words}", {"words": words})
