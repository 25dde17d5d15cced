"""Answers as they were typed or chosen, made into values; and what somebody wrote, made safe to keep."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from unicodedata import normalize
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision, get_currency_symbol

from bot.errors import Refusal
from bot.ui.card import Attached
from bot.ui.question import Ask, Position, Question
from config.text import Money, OnDay, t, tn
from storage.tables import id_in

UNKNOWN = t("That person is not known here. Please choose a colleague.")


def is_empty(raw: Any) -> bool:
    """Whether nothing was answered."""
    return raw is None or (isinstance(raw, str | list | tuple) and not raw)


def read_answer(question: Question, raw: Any, zone: ZoneInfo) -> Any:
    """One answer, cleaned and typed; None where it is optional and empty.

    Raises `Refusal` at the question where it is missing, too long, out of range or not understood.
    """
    if isinstance(raw, str):
        raw = clean(raw, lines=question.ask == "paragraph").strip()
    if is_empty(raw):
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
    currency = question.currency or "CNY"
    amount = _amount(question, raw, currency)
    if question.least is not None and amount.minor < question.least:
        raise Refusal(t("Please give at least {least}.", least=Money(question.least, currency)), question.name)
    if question.most is not None and amount.minor > question.most:
        raise Refusal(t("Please give at most {most}.", most=Money(question.most, currency)), question.name)
    return amount


def _amount(question: Question, raw: Any, currency: str) -> Money:
    if isinstance(raw, Money) and raw.currency == currency:
        return raw
    text = _bare(normalize("NFKC", str(raw)).replace(",", "").strip(), currency)
    amount = Decimal(text) if len(text) <= 18 and _AMOUNT.fullmatch(text) else Decimal("NaN")
    minor = amount.scaleb(get_currency_precision(currency))
    if not minor.is_finite() or minor != minor.to_integral_value() or minor < 0:
        raise Refusal(t("Please give an amount, such as 120 or 120.50."), question.name)
    return Money(int(minor), currency)


def _bare(text: str, currency: str) -> str:
    """An amount without the sign or the name of its own currency; with another's it is no amount."""
    signs = [currency, *(get_currency_symbol(currency, locale=one) for one in ("en", "zh"))]
    sign = "|".join(map(re.escape, signs + (["元整", "元", "RMB"] if currency == "CNY" else [])))
    found = re.fullmatch(rf"(?:{sign})?\s*(.*?)\s*(?:{sign})?", text, re.IGNORECASE | re.DOTALL)
    return found[1] if found is not None else text


_AMOUNT = re.compile(r"[+-]?[0-9]*\.?[0-9]+|[+-]?[0-9]+\.")


def _choice(question: Question, raw: Any, _zone: ZoneInfo) -> str:
    if raw not in [option.value for option in question.options]:
        raise Refusal(t("Please choose one of the answers offered."), question.name)
    return str(raw)


def _choices(question: Question, raw: Any, zone: ZoneInfo) -> tuple[str, ...]:
    given = raw if isinstance(raw, list | tuple) else [raw]
    return tuple(dict.fromkeys(_choice(question, value, zone) for value in given))


def _day(question: Question, raw: Any, _zone: ZoneInfo) -> date:
    try:
        day = raw if isinstance(raw, date) else date.fromisoformat(str(raw))
    except ValueError:
        raise Refusal(t("Please give a day, such as 2026-03-15."), question.name) from None
    if question.earliest is not None and day < question.earliest:
        raise Refusal(t("Please give {day} or a later day.", day=OnDay(question.earliest)), question.name)
    if question.latest is not None and day > question.latest:
        raise Refusal(t("Please give {day} or an earlier day.", day=OnDay(question.latest)), question.name)
    return day


def _moment(question: Question, raw: Any, zone: ZoneInfo) -> datetime:
    try:
        at = raw if isinstance(raw, datetime) else datetime.fromisoformat(str(raw))
        moment = (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
        _ = moment - _A_DAY, moment + _A_DAY  # in some zone it is another day, which has to be one
        return moment
    except (ValueError, OverflowError):
        raise Refusal(t("Please give a day and a time, such as 2026-03-15 14:30."), question.name) from None


_A_DAY = timedelta(days=1)


def _person(question: Question, raw: Any, _zone: ZoneInfo) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool) or id_in(str(raw)) is None:
        raise Refusal(UNKNOWN, question.name)
    return raw


def _people(question: Question, raw: Any, zone: ZoneInfo) -> tuple[int, ...]:
    given = raw if isinstance(raw, list | tuple) else [raw]
    chosen = tuple(dict.fromkeys(_person(question, one, zone) for one in given))
    if question.least is not None and len(chosen) < question.least:
        raise Refusal(
            tn("Please choose at least {n} person.", "Please choose at least {n} people.", n=question.least),
            question.name,
        )
    if question.most is not None and len(chosen) > question.most:
        raise Refusal(
            tn("Please choose at most {n} person.", "Please choose at most {n} people.", n=question.most),
            question.name,
        )
    return chosen


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
    "people": _people,
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
