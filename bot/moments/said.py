"""What can be said of a moment: a day, a weekday, an hour, a part of the day, a time from now; and what comes of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, and a time of it to the minute, or None where no time was said; `assumed` if a rule filled a gap."""

    day: date
    time: time | None = None
    assumed: bool = False

    def at(self, zone: ZoneInfo) -> datetime | None:
        """The moment in UTC; None without a time. Raises `OverflowError` at the ends of the calendar."""
        return None if self.time is None else datetime.combine(self.day, self.time, zone).astimezone(UTC)


PartOfDay = Literal["small hours", "morning", "noon", "afternoon", "evening", "midnight"]


@dataclass(frozen=True, slots=True)
class After:
    """So many minutes from now, or before now: 两小时后."""

    minutes: int


@dataclass(frozen=True, slots=True)
class InDays:
    """So many days or months from today: 明天, in a month."""

    days: int = 0
    months: int = 0


@dataclass(frozen=True, slots=True)
class OnWeekday:
    """A weekday (Monday is 0), the coming one or that of a week (this one is 0).

    `loose` where English speakers differ about the week: this, next and last Tuesday.
    """

    weekday: int
    week: int | None = None
    loose: bool = False


@dataclass(frozen=True, slots=True)
class OnDate:
    """A date: the day of the month (None is its last), and what is known of the month and the year.

    `months` and `years` count from this one. `loose` where the order of day and month is a rule of ours.
    """

    day: int | None
    month: int | None = None
    year: int | None = None
    months: int | None = None
    years: int | None = None
    loose: bool = False


@dataclass(frozen=True, slots=True)
class AtHour:
    """An hour as it was said. `minute` is negative in "a quarter to four".

    `sure` if no half of the day is left open (3 pm); `padded` if it was written as on a 24-hour clock (03:30).
    """

    hour: int
    minute: int = 0
    sure: bool = False
    padded: bool = False


@dataclass(frozen=True, slots=True)
class InPart:
    """A part of the day."""

    part: PartOfDay


@dataclass(frozen=True, slots=True)
class Figure:
    """A bare number: an hour, if something beside it says so; or a day of the month, where a day is asked for."""

    number: int
    minute: int | None = None
    padded: bool = False


Piece: TypeAlias = After | InDays | OnWeekday | OnDate | AtHour | InPart | Figure
Read: TypeAlias = Callable[[re.Match[str]], tuple[Piece, ...]]
Rule: TypeAlias = tuple[re.Pattern[str], Read]


def rule(pattern: str, read: Read) -> Rule:
    """What stands in a text, and what it says. No groups that repeat, so that matching takes linear time."""
    return re.compile(pattern, re.ASCII), read


def either(names: Iterable[str]) -> str:
    """A pattern for any of the names, the longer ones first."""
    return "|".join(sorted(names, key=len, reverse=True))
