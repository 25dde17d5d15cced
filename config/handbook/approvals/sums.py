"""Sums of money in the handbook: whole numbers, or text with decimals; never what a computer would round."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any

from babel.numbers import get_currency_precision
from pydantic import BeforeValidator, PlainSerializer

from config.handbook.chapter import refuse
from config.text import Money

WRITTEN = re.compile(r"([0-9]{1,12})(\.[0-9]{1,4})?")
REMEDY = 'write a whole number such as 5000, or in quotes "1234.50"'


def read(written: Any) -> Decimal:
    """Reads 5000 or "1234.50", in whole units of the currency. Refuses floats, and less than nothing."""
    if isinstance(written, Decimal):
        return written
    if isinstance(written, float):
        raise refuse("has decimals without quotes, which a computer rounds", f'put it in quotes: "{written:.2f}"')
    text = str(written).strip() if isinstance(written, int | str) and not isinstance(written, bool) else ""
    if text.startswith("-"):
        raise refuse("is less than nothing", REMEDY)
    if not WRITTEN.fullmatch(text):
        raise refuse("is not a sum of money", REMEDY)
    return Decimal(text)


def write(amount: Decimal) -> str:
    """The same the other way, without zeros that say nothing: "5000", "1234.5"."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


Sum = Annotated[Decimal, BeforeValidator(read), PlainSerializer(write)]
"""An amount in whole units of the company's currency (yuan, not fen)."""


def fits(amount: Decimal, currency: str) -> bool:
    """Whether the currency has so small a part: 0.5 yuan is five jiao, half a yen is nothing."""
    minor = amount.scaleb(get_currency_precision(currency))
    return minor == minor.to_integral_value()


def minor(amount: Decimal, currency: str) -> int:
    """The amount in the currency's smallest unit. It must fit."""
    return int(amount.scaleb(get_currency_precision(currency)))


def major(money: Money) -> Decimal:
    """An amount of money in whole units of its currency."""
    return Decimal(money.minor).scaleb(-get_currency_precision(money.currency))
