"""What day is meant: 下周二 is the Tuesday of next week, 25号 the coming 25th, 元旦 in December that of a new year."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from bot.moments.said import InDays, OnDate, OnWeekday

LOOKING_BACK = timedelta(days=60)
"""So long a date without a year is still the last one, and not the coming one."""


def day_in(said: InDays, today: date) -> date:
    """So many days or months on; in a shorter month its last day. Raises `OverflowError`, `ValueError`."""
    if not said.months:
        return today + timedelta(days=said.days)
    year, month = _month_on(today, said.months)
    return date(year, month, min(today.day, monthrange(year, month)[1]))


def day_of_week(said: OnWeekday, today: date, *, over: bool) -> date | None:
    """The weekday that was meant; `over` if today's is past. None where English can mean two different days."""
    if said.week is None:
        ahead = (said.weekday - today.weekday()) % 7
        return today + timedelta(days=7 if ahead == 0 and over else ahead)
    this_week = today + timedelta(days=said.weekday - today.weekday())
    if said.loose and said.week <= 0 and this_week < today:
        return None  # "this Tuesday", "last Tuesday" on a Wednesday: yesterday, or a week off?
    return this_week + timedelta(weeks=said.week)


def day_of(said: OnDate, today: date) -> tuple[date, bool]:
    """The date that was meant, and whether a rule had to choose. Raises `ValueError` if there is no such day."""
    if said.month is None:
        coming = said.months is None and said.day is not None and said.day < today.day
        year, month = _month_on(today, 1 if coming else said.months or 0)
        return _day(year, month, said.day), coming or said.day is None
    if said.year is not None:
        year, guess = said.year, said.loose
    elif said.years is not None:
        year, guess = today.year + said.years, False
    else:
        earliest = today - LOOKING_BACK
        last = (said.month, said.day or 31) < (earliest.month, earliest.day)
        year = earliest.year + 1 if last else earliest.year
        guess = said.loose or year != today.year
    return _day(year, said.month, said.day), guess or said.day is None


def _day(year: int, month: int, day: int | None) -> date:
    first = date(year, month, 1)
    return first.replace(day=day if day is not None else monthrange(year, month)[1])


def _month_on(today: date, months: int) -> tuple[int, int]:
    years, month = divmod(today.month - 1 + months, 12)
    return today.year + years, month + 1
