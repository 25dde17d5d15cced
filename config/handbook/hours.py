"""The working week: from when until when the company works on each day of it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, model_validator

from config.handbook.chapter import Chapter, refuse

WRITTEN = re.compile(r"([0-9]{1,2}):([0-9]{2}) ?[-\u2013\u2014~] ?([0-9]{1,2}):([0-9]{2})")
MIDNIGHT = 24 * 60


@dataclass(frozen=True, order=True)
class Block:
    """Working time within one day, in minutes after its midnight; it may close at 24:00, and not later."""

    opens: int
    closes: int

    def __str__(self) -> str:
        return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in (self.opens, self.closes))


def _block(written: Any) -> Block:
    if isinstance(written, Block):
        return written
    remedy = 'write it as "09:00-12:00"'
    text = unicodedata.normalize("NFKC", written).strip() if isinstance(written, str) else ""
    found = WRITTEN.fullmatch(text)
    if found is None:
        raise refuse("is not a stretch of working time", remedy)
    hour, minute, until_hour, until_minute = map(int, found.groups())
    if max(minute, until_minute) > 59 or max(hour * 60 + minute, until_hour * 60 + until_minute) > MIDNIGHT:
        raise refuse("has a time that no clock shows", remedy)
    if hour * 60 + minute >= until_hour * 60 + until_minute:
        raise refuse("ends before it begins", remedy + "; a night shift is written on both days, up to 24:00")
    return Block(hour * 60 + minute, until_hour * 60 + until_minute)


def _in_order(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    if any(later.opens < earlier.closes for earlier, later in pairwise(blocks)):
        raise refuse("has stretches that overlap or stand in the wrong order", "write them one after another")
    return blocks


WrittenBlock = Annotated[Block, BeforeValidator(_block), PlainSerializer(str)]
Hours = Annotated[tuple[WrittenBlock, ...], AfterValidator(_in_order)]


class Week(Chapter):
    """The hours of each weekday; a day that is left out is free."""

    monday: Hours = ()
    tuesday: Hours = ()
    wednesday: Hours = ()
    thursday: Hours = ()
    friday: Hours = ()
    saturday: Hours = ()
    sunday: Hours = ()

    @model_validator(mode="after")
    def _has_hours(self) -> Week:
        if not any(self.days()):
            raise refuse("has no working hours", 'give at least one day its hours: monday = ["09:00-12:00"]')
        return self

    def days(self) -> tuple[tuple[Block, ...], ...]:
        """The hours from Monday to Sunday."""
        weekdays = (self.monday, self.tuesday, self.wednesday, self.thursday, self.friday)
        return (*weekdays, self.saturday, self.sunday)

    def usual(self) -> tuple[Block, ...]:
        """The hours of the week's first working day: those of a make-up workday on a free weekday."""
        return next(hours for hours in self.days() if hours)

    def worked(self) -> timedelta:
        """The working time of a whole week."""
        return timedelta(minutes=sum(block.closes - block.opens for hours in self.days() for block in hours))
