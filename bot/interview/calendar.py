"""A calendar on buttons: the days of a month, Monday first; the hours of a day; and the quarters of an hour."""

from __future__ import annotations

from calendar import Calendar, monthrange
from collections.abc import Callable
from datetime import date, timedelta

from bot.ui.card import NOTHING, Button
from config.text import Label, Words, t

Pad = tuple[tuple[Button, ...], ...]
Action = Callable[..., str]
"""Makes the action of a button: `action("day", "2026-11-24")`."""

FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)
"""The calendar's ends; a day beyond them can be written."""
WORKING = range(7, 22)
"""The hours that are offered at once."""
QUARTERS = (0, 15, 30, 45)
_WEEK = Calendar(firstweekday=0)
_DAYS = tuple(
    zip("\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u65e5", ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"), strict=True)
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def month_of(day: date) -> date:
    """The first day of the month that is shown for a day."""
    return min(max(day, FIRST), LAST).replace(day=1)


def month_pad(
    month: date, today: date, standing: date | None, action: Action, first: date | None = None, last: date | None = None
) -> Pad:
    """A month: its name between two arrows, the weekdays' names, and its weeks. Today has a dot, the answer a tick.

    Days before the `first` and after the `last` that are taken are no keys.
    """
    weeks = _WEEK.monthdatescalendar(month.year, month.month)
    first, last = max(first or FIRST, FIRST), min(last or LAST, LAST)
    return (
        _header(month, action, first, last),
        tuple(_dead(Label(zh=zh, en=en)) for zh, en in _DAYS),
        *[
            tuple(
                _day(day, today, standing, action) if day.month == month.month and first <= day <= last else _dead("·")
                for day in week
            )
            for week in weeks
        ],
    )


def _header(month: date, action: Action, first: date, last: date) -> tuple[Button, ...]:
    before = (month - timedelta(days=1)).replace(day=1)
    after = month + timedelta(days=monthrange(month.year, month.month)[1])
    name = Label(zh=f"{month.year}年{month.month}月", en=f"{_MONTHS[month.month - 1]} {month.year}")
    return (
        Button("‹", action("month", before.isoformat())) if month > first else _dead("·"),
        _dead(name),
        Button("›", action("month", after.isoformat())) if after <= last else _dead("·"),
    )


def _day(day: date, today: date, standing: date | None, action: Action) -> Button:
    mark = "✓" if day == standing else "•" if day == today else ""
    return Button(f"{mark}{day.day}", action("day", day.isoformat()))


def hours_pad(every: bool, action: Action) -> Pad:
    """The hours from seven to nine in the evening; all of them, if asked for."""
    hours = list(range(24) if every else WORKING)
    rows = _rows([Button(f"{hour:02d}:00", action("hour", hour)) for hour in hours], 5 if not every else 6)
    return rows if every else (*rows, (Button(t("Earlier or later"), action("hours")),))


def minutes_pad(hour: int, action: Action) -> Pad:
    """The quarters of an hour."""
    return (tuple(Button(f"{hour:02d}:{minute:02d}", action("minute", minute)) for minute in QUARTERS),)


def _rows(buttons: list[Button], wide: int) -> Pad:
    return tuple(tuple(buttons[n : n + wide]) for n in range(0, len(buttons), wide))


def _dead(label: Words) -> Button:
    return Button(label, NOTHING)
