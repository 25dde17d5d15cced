"""The company's calendar: which days are worked, and when a promise given in working hours falls due.

The company's own tables win over the published holidays, and these win over the weekday. Where nothing
is published, the weekday decides, and `certain` says no. All arithmetic is done in UTC, so that a change
of clocks cannot bend it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from config.handbook.chapter import Chapter, Day, Fault, Zone, refuse
from config.handbook.hours import Block, Week
from config.handbook.label import Named
from config.handbook.published import Published, china

ONE_DAY = timedelta(days=1)
SEARCHED_DAYS = 731
"""`add` looks two years ahead, and no further."""
COUNTED_DAYS = 366 * 50
"""`between` counts over fifty years, and no more."""
KEPT_DAYS = 4000
"""How many days' stretches are remembered."""


class NoWorkingTime(ValueError):
    """The calendar has too little working time for what was asked of it."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Working time from one moment (aware UTC) up to another."""

    start: datetime
    end: datetime


class DayOff(Chapter):
    """A day, or days from the first to the last of them, on which the company does not work."""

    name: Named
    day: Day | None = Field(default=None, alias="date")
    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _is_one_form(self) -> DayOff:
        if (self.day is None) == (self.first is None) or (self.first is None) != (self.last is None):
            remedy = "write either date = 2026-10-01, or from = 2026-10-01 and to = 2026-10-07"
            raise refuse("does not say which days", remedy)
        if self.first is not None and self.last is not None and not 0 <= (self.last - self.first).days <= 366:
            raise refuse("ends before it begins, or lasts more than a year", "check the years of from and to")
        return self

    def days(self) -> tuple[date, ...]:
        """Every day of it."""
        first, last = self.day or self.first, self.day or self.last
        assert first is not None  # _is_one_form has seen to it
        assert last is not None
        return tuple(first + ONE_DAY * n for n in range((last - first).days + 1))


class Calendar(Chapter):
    """`tables_complete_until`: the company has entered all days off and workdays up to then itself."""

    zone: Zone
    week: Week
    source: Literal["china", "none"] = "none"
    days_off: tuple[DayOff, ...] = ()
    workdays: tuple[Day, ...] = ()
    tables_complete_until: Day | None = None

    def is_workday(self, day: date) -> bool:
        """Whether the company works on this day."""
        return bool(self.hours(day))

    def hours(self, day: date) -> tuple[Block, ...]:
        """The hours worked on this day, by the clock on the wall.

        A make-up workday on a weekday that is otherwise free has the hours of the week's first working day.
        """
        by_weekday = self.week.days()[day.weekday()]
        made_up = by_weekday or self.week.usual()
        if day in self._days_off:
            return ()
        if day in self.workdays:
            return made_up
        if self._published is not None and day in self._published.days_off:
            return ()
        if self._published is not None and day in self._published.workdays:
            return made_up
        return by_weekday

    def blocks(self, day: date) -> tuple[Stretch, ...]:
        """The stretches of time worked on this day, in order; empty on a day off."""
        kept = self._stretches.get(day)
        if kept is None:
            if len(self._stretches) >= KEPT_DAYS:
                self._stretches.clear()
            kept = self._stretches[day] = tuple(self._measured(day))
        return kept

    def is_open(self, moment: datetime) -> bool:
        """Whether the company works at this moment; it does as a stretch begins, and no more as it ends."""
        now = _utc(moment)
        return any(stretch.start <= now < stretch.end for stretch in self.blocks(self._day_of(now)))

    def add(self, start: datetime, promise: timedelta) -> datetime:
        """The moment (aware UTC) at which so much working time has passed since `start`.

        A promise that is used up exactly as a stretch ends falls due then, not when the next one begins; a
        promise of nothing falls due at `start`. Raises `NoWorkingTime` if two years do not hold so much.
        """
        if promise < timedelta(0):
            raise ValueError("a promise cannot lie in the past")
        now, left = _utc(start), promise
        if not left:
            return now
        first = self._day_of(now)
        for n in range(SEARCHED_DAYS):
            for stretch in self.blocks(first + ONE_DAY * n):
                begins = max(stretch.start, now)
                if begins < stretch.end:
                    if left <= stretch.end - begins:
                        return begins + left
                    left -= stretch.end - begins
        raise NoWorkingTime(f"the two years after {first} do not have {promise} of working time")

    def between(self, a: datetime, b: datetime) -> timedelta:
        """The working time from `a` to `b`; negative if `b` comes first. At most fifty years."""
        since, until = _utc(a), _utc(b)
        if until < since:
            return -self.between(b, a)
        first = self._day_of(since)
        days = (self._day_of(until) - first).days
        if days > COUNTED_DAYS:
            raise ValueError("working time is not counted over more than fifty years")
        stretches = (stretch for n in range(days + 1) for stretch in self.blocks(first + ONE_DAY * n))
        worked = (min(stretch.end, until) - max(stretch.start, since) for stretch in stretches)
        return sum((time_of for time_of in worked if time_of > timedelta(0)), timedelta(0))

    def covered_until(self) -> date | None:
        """The last day whose holidays are known; None where the company follows no published holidays."""
        if self._published is None:
            return None
        return max(self._published.last, self.tables_complete_until or date.min)

    def certain(self, day: date) -> bool:
        """Whether it is known, rather than taken from the weekday, if this day is worked."""
        until = self.covered_until()
        if self._published is None or until is None or day in self._days_off or day in self.workdays:
            return True
        return self._published.first <= day <= until

    def faults(self) -> Iterator[Fault]:
        """Days that are said to be both worked and off."""
        for n, day in enumerate(self.workdays):
            if day in self._days_off:
                reason = f"names {day}, which is in calendar.days_off as well"
                yield Fault(("calendar", "workdays", n), reason, "keep it in one of the two")

    @cached_property
    def _days_off(self) -> frozenset[date]:
        return frozenset(day for entry in self.days_off for day in entry.days())

    @cached_property
    def _published(self) -> Published | None:
        return china() if self.source == "china" else None

    @cached_property
    def _clock(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @cached_property
    def _stretches(self) -> dict[date, tuple[Stretch, ...]]:
        return {}

    def _day_of(self, moment: datetime) -> date:
        return moment.astimezone(self._clock).date()

    def _measured(self, day: date) -> Iterator[Stretch]:
        for block in self.hours(day):
            start, end = (_moment(day, minute, self._clock) for minute in (block.opens, block.closes))
            if start < end:  # where clocks go forward, a block may fall into the hour that is left out
                yield Stretch(start, end)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("the calendar needs an aware datetime")
    return moment.astimezone(UTC)


def _moment(day: date, minute: int, clock: ZoneInfo) -> datetime:
    """The moment of a time on the wall: the first of two if clocks go back, the jump if they skip it."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    at, before = (wall.replace(tzinfo=clock, fold=fold).astimezone(UTC) for fold in (0, 1))
    if at <= before:
        return at
    while at - before > timedelta(seconds=1):  # left out: look for the jump between the two readings
        middle = before + (at - before) // 2
        if middle.astimezone(clock).replace(tzinfo=None) < wall:
            before = middle
        else:
            at = middle
    return at.replace(microsecond=0)
