"""Bounds of a field: the least and the most that it takes, and its first and last day, also counted from today."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

from config.handbook.approvals import sums
from config.handbook.chapter import refuse

TODAY = "today"
YEARS = 100
"""So far from today a bound may lie."""
_WRITTEN = re.compile(r"([+-])([0-9]{1,5})([dwmy])")
_DAYS = {"d": 1, "w": 7}
_MONTHS = {"m": 1, "y": 12}
_REMEDY = 'write "today", days, weeks, months or years from it such as "-30d", "+2w", "+6m" or "-1y", or a date'


def _limit(written: Any) -> Any:
    if isinstance(written, float | str):
        return sums.read(written)
    return written if isinstance(written, int | Decimal) and not isinstance(written, bool) else _refused(written)


def _refused(_written: Any) -> int:
    raise refuse("is not a number", 'write a whole number such as 1, or of money in quotes "0.01"')


def _kept(limit: int | Decimal) -> int | str:
    return sums.write(limit) if isinstance(limit, Decimal) else limit


Limit = Annotated[int | Decimal, BeforeValidator(_limit), PlainSerializer(_kept)]
"""A whole number; of money also text with decimals, "0.01", in whole units of the company's currency."""


def _day(written: Any) -> str:
    if type(written) is date:
        return written.isoformat()
    text = written.replace(" ", "").casefold() if isinstance(written, str) else ""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return text if text == TODAY or _is_date(text) else _no_day()
    if int(found[2]) > {"d": 366, "w": 52, "m": 12, "y": 1}[found[3]] * YEARS:
        raise refuse("is too far away", f"write at most {YEARS} years")
    return text


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _no_day() -> str:
    raise refuse("is no day", _REMEDY)


DayBound = Annotated[str, BeforeValidator(_day)]
"""A day as it is written: `today`, so far from it (`-30d`, `+2w`, `+6m`, `-1y`), or a date."""


def is_counted(bound: str) -> bool:
    """Whether a bound moves with the calendar."""
    return bound == TODAY or _WRITTEN.fullmatch(bound) is not None


def day_of(bound: str, today: date) -> date:
    """The day that a bound means today; months and years end on a month's last day where it is shorter."""
    if bound == TODAY:
        return today
    found = _WRITTEN.fullmatch(bound)
    if found is None:
        return date.fromisoformat(bound)
    far = int(found[2]) * (-1 if found[1] == "-" else 1)
    if found[3] in _DAYS:
        return today + timedelta(days=far * _DAYS[found[3]])
    year, month = divmod(today.year * 12 + today.month - 1 + far * _MONTHS[found[3]], 12)
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))
