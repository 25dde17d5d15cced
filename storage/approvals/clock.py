"""The clock of approvals: whoever is asked is reminded, the late ones' heads hear of it, and rules decide at the end.

All times are working time. A request that is paused, by a question that waits for its answer, stands still.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from config.handbook.calendar import Calendar

if TYPE_CHECKING:
    from config.handbook.approvals import Step
    from storage.approvals.tables import Task

HEIGHTS = ("", "remind", "late", "escalate", "timeout")
"""What can be told of a seat that waits, from the least to the last; a reminder comes again and again."""


class Rung(NamedTuple):
    """Something that happens once to a seat that waits, and when (aware UTC)."""

    name: str
    at: datetime


def opened(calendar: Calendar, now: datetime, rule: Step | None) -> dict[str, Any]:
    """The columns of a seat that opens now, under its step's rule: when it is due, and when somebody is told first."""
    due_at = calendar.add(now, rule.due) if rule is not None and rule.due is not None else None
    return {
        "due_at": due_at, "chase_at": next_at(calendar, now, due_at, "", rule), "chased": "", "left": None,
    }  # fmt: skip


def paused(calendar: Calendar, now: datetime, task: Task) -> dict[str, Any]:
    """The columns of a seat whose clock stops now: with the working time (seconds) left; negative if late."""
    left = task.left
    if left is None and task.due_at is not None:
        left = calendar.between(now, task.due_at) // timedelta(seconds=1)
    return {"left": left, "chase_at": None}


def held(calendar: Calendar, now: datetime, timed: dict[str, Any]) -> dict[str, Any]:
    """The columns of a seat that opens while its request's clock stands still: what `opened` gave, stopped at once."""
    left = calendar.between(now, timed["due_at"]) // timedelta(seconds=1) if timed["due_at"] is not None else None
    return {**timed, "left": left, "chase_at": None}


def resumed(calendar: Calendar, now: datetime, task: Task, rule: Step | None) -> dict[str, Any]:
    """The columns of a seat whose clock goes on now, with as much time left as it had when it stopped."""
    due_at = task.due_at if task.left is None else _off(calendar, now, timedelta(seconds=task.left))
    return {"left": None, "due_at": due_at, "chase_at": next_at(calendar, now, due_at, task.chased, rule)}


def ladder(calendar: Calendar, due_at: datetime, rule: Step) -> Iterator[Rung]:
    """What happens once to a seat that nobody decides, in order of height."""
    yield Rung("late", due_at)
    if rule.escalate_after is not None:
        yield Rung("escalate", calendar.add(due_at, rule.escalate_after))
    if rule.on_timeout != "none" and rule.timeout_after is not None and rule.due is not None:
        yield Rung("timeout", calendar.add(due_at, max(rule.timeout_after - rule.due, timedelta(0))))


def next_at(
    calendar: Calendar, now: datetime, due_at: datetime | None, chased: str, rule: Step | None
) -> datetime | None:
    """When somebody is told next: the first rung above what was told, or the next reminder, whichever is sooner."""
    if rule is None:
        return None
    times = [calendar.add(now, rule.remind_every)] if rule.remind_every else []
    if due_at is not None:
        times += [rung.at for rung in ladder(calendar, due_at, rule) if height(rung.name) > height(chased)]
    return min(times, default=None)


def height(name: str) -> int:
    """How high on the ladder something stands."""
    return HEIGHTS.index(name)


def _off(calendar: Calendar, now: datetime, left: timedelta) -> datetime:
    """The moment that is so much working time away; in the past where it is negative."""
    if left >= timedelta(0):
        return calendar.add(now, left)
    since, days = now, 1
    while calendar.between(since, now) < -left and days < 4096:
        since, days = now - timedelta(days=days), days * 2
    return calendar.add(since, max(calendar.between(since, now) + left, timedelta(0)))
