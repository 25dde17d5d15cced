"""Notices: when people are left in peace, so that what can wait comes in their working time, or outside quiet hours."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, PlainSerializer

from config.handbook.calendar import Calendar, NoWorkingTime
from config.handbook.chapter import Chapter, ClauseNumber, refuse

ALWAYS: Literal["off"] = "off"
"""Nothing waits: every notice is told at once."""
WORKING_TIME: Literal["working_time"] = "working_time"
"""Notices wait for the company's working time."""

_INSTANT = timedelta(microseconds=1)
_CLOCK = r"([0-9]{1,2})(?:[:点时](?:([0-9]{2})分?)?)?"
_WRITTEN = re.compile(rf"{_CLOCK} ?(?:[-\u2013\u2014~\uff5e]|到|至|to|until) ?{_CLOCK}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From when until when, by the clock on the wall, each day; over midnight where the end comes first."""

    begins: time
    ends: time

    def __str__(self) -> str:
        return f"{self.begins:%H:%M}-{self.ends:%H:%M}"

    def hold(self, wall: time) -> bool:
        """Whether it is quiet at this time of day; it is as they begin, and no more as they end."""
        if self.begins < self.ends:
            return self.begins <= wall < self.ends
        return wall >= self.begins or wall < self.ends

    def over(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The first moment from `now` on (aware UTC) at which it is not quiet.

        Where the clocks go back over the end, it comes twice, and the next of the two counts. Where they go forward
        over it, it is by the old clock, up to an hour after the jump.
        """
        local = now.astimezone(zone)
        if not self.hold(local.time()):
            return now
        day = local.date() if local.time() < self.ends else local.date() + timedelta(days=1)
        wall = datetime.combine(day, self.ends)
        ends = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        return next((end for end in ends if end > now), now)


def quiet_hours(written: str) -> QuietHours | None:
    """What somebody wrote as their quiet hours (`22:00-08:00`, `22-8`, `22点到8点`); None if it is not that.

    24:00 is midnight. Hours that end as they begin are none.
    """
    found = _WRITTEN.fullmatch(unicodedata.normalize("NFKC", written).strip())
    if found is None:
        return None
    hour, minute, until_hour, until_minute = (int(part or 0) for part in found.groups())
    if max(minute, until_minute) > 59 or max(hour * 60 + minute, until_hour * 60 + until_minute) > 24 * 60:
        return None
    begins, ends = time(hour % 24, minute), time(until_hour % 24, until_minute)
    return QuietHours(begins, ends) if begins != ends else None


def _wait(written: Any) -> Any:
    if isinstance(written, QuietHours) or written in (WORKING_TIME, ALWAYS):
        return written
    hours = quiet_hours(written) if isinstance(written, str) else None
    if hours is None:
        raise refuse("says nothing about when to wait", 'write "working_time", "off", or hours such as "22:00-08:00"')
    return hours


Wait = Annotated[
    Literal["working_time", "off"] | QuietHours,
    BeforeValidator(_wait),
    PlainSerializer(str),
]


class Notices(Chapter):
    """`wait`: when notices that can wait are held back, for everybody who has not chosen their own hours."""

    wait: Wait = WORKING_TIME
    clause: ClauseNumber = "5.2"

    def held_back(self, quiet: str) -> Wait:
        """When a person's notices wait: as they chose (`off`, `22:00-08:00`), else as the company has it."""
        if quiet == ALWAYS:
            return ALWAYS
        return (quiet_hours(quiet) if quiet else None) or self.wait

    def heard_from(self, now: datetime, zone: ZoneInfo, quiet: str, calendar: Calendar) -> datetime:
        """The moment (aware UTC) from which a person may be told what can wait: `now`, or when their hours begin.

        Working time is the company's, by its calendar; quiet hours are by the person's own clock, every day. Where
        the company works no more, nothing waits for it.
        """
        match self.held_back(quiet):
            case QuietHours() as hours:
                return hours.over(now.astimezone(UTC), zone)
            case "off":
                return now
            case _:
                try:
                    return max(calendar.add(now, _INSTANT) - _INSTANT, now)
                except NoWorkingTime:
                    return now
