"""Complaints: who takes them, how soon we promise to answer, and who hears of it when we may fail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, StrictInt, model_validator

from config.handbook.calendar import Calendar
from config.handbook.chapter import Chapter, ClauseNumber, Name, refuse
from config.handbook.duration import Delay, Promise
from config.handbook.label import Named

Step = Literal["warn", "head", "upper"]


class Rung(NamedTuple):
    """A step of the ladder: when (aware UTC) to `warn` the team, or to tell its `head` or the `upper` one."""

    step: Step
    at: datetime


class Urgency(Chapter):
    """How soon we answer, in working time."""

    label: Named
    answer_within: Promise


class Urgencies(Chapter):
    """The three urgencies; a company decides what they are called and what they promise."""

    normal: Urgency
    high: Urgency
    critical: Urgency

    def items(self) -> Iterator[tuple[str, Urgency]]:
        """From the most patient to the most pressing."""
        yield from (("normal", self.normal), ("high", self.high), ("critical", self.critical))


class Complaints(Chapter):
    """`head_after` and `upper_after` are working time after the promise is missed."""

    department: Name
    clause: ClauseNumber = "3.4.2"
    urgencies: Urgencies
    kinds: Annotated[dict[Name, Named], Field(min_length=1)]
    warn_left_percent: Annotated[StrictInt, Field(ge=1, le=90)] = 20
    head_after: Delay = timedelta(0)
    upper_after: Delay = timedelta(hours=2)

    @model_validator(mode="after")
    def _climbs(self) -> Complaints:
        if self.upper_after < self.head_after:
            raise refuse("has upper_after before head_after", "let the department's own head hear first")
        return self

    def urgency(self, key: str) -> Urgency:
        """The urgency of this key; KeyError if there is none."""
        return dict(self.urgencies.items())[key]

    def promise(self, urgency: str) -> timedelta:
        """The working time within which we answer a complaint of this urgency; KeyError if there is none."""
        return self.urgency(urgency).answer_within

    def answer_by(self, calendar: Calendar, now: datetime, urgency: str) -> datetime:
        """When a complaint received now must have been answered (aware UTC)."""
        return calendar.add(now, self.promise(urgency))

    def warn_at(self, calendar: Calendar, received_at: datetime, answer_by: datetime) -> datetime:
        """When so little of the working time is left that the team is warned; never after `answer_by`."""
        whole = max(calendar.between(received_at, answer_by), timedelta(0))
        return min(calendar.add(received_at, whole * (100 - self.warn_left_percent) // 100), answer_by)

    def ladder(self, calendar: Calendar, received_at: datetime, answer_by: datetime) -> tuple[Rung, ...]:
        """Everything that will happen to a complaint that nobody answers, in order."""
        return (
            Rung("warn", self.warn_at(calendar, received_at, answer_by)),
            Rung("head", calendar.add(answer_by, self.head_after)),
            Rung("upper", calendar.add(answer_by, self.upper_after)),
        )

    def next_rung(
        self, calendar: Calendar, received_at: datetime, answer_by: datetime, done: Step | None
    ) -> Rung | None:
        """The step after the one that was done last; None once everybody has been told."""
        rungs = self.ladder(calendar, received_at, answer_by)
        steps = [rung.step for rung in rungs]
        climbed = 0 if done is None else steps.index(done) + 1
        return rungs[climbed] if climbed < len(rungs) else None
