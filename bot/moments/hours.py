"""What hour is meant: 下午三点 is 15:00, 今晚12点 the end of the day, and a bare 三点 in the afternoon."""

from __future__ import annotations

from bot.moments.said import AtHour, PartOfDay

DAY = 24 * 60
"""The minutes of a day."""

_HOURS: dict[PartOfDay, dict[int, int]] = {
    "small hours": {12: 0} | {hour: hour for hour in range(7)},
    "morning": {hour: hour for hour in range(1, 12)},
    "noon": {1: 13, 2: 14} | {hour: hour for hour in range(11, 15)},
    "afternoon": {hour: hour + 12 for hour in range(1, 9)} | {hour: hour for hour in range(12, 21)},
    "evening": {hour: hour + 12 for hour in range(5, 13)} | {hour: hour for hour in range(17, 25)} | {0: 24},
    "midnight": {},
}
"""For each part of the day: an hour as it may be said, and as it is; 24 is the end of the day."""

_END: dict[PartOfDay, int] = {"small hours": 6, "morning": 12, "noon": 14, "afternoon": 18, "evening": 24}


def minutes_of(said: AtHour, part: PartOfDay | None) -> tuple[int, bool] | None:
    """The minutes from the start of the day, and whether a rule had to choose; None if there is no such hour.

    1440 and more is in the small hours of the next day: 今晚12点半.
    """
    if said.hour > 24 or (said.hour == 24 and said.minute > 0):
        return None
    if part is None:
        guess = 1 <= said.hour <= 6 and not said.sure and not said.padded
        hour = said.hour + 12 if guess else said.hour
        minutes = hour * 60 + said.minute
        return None if minutes < 0 else (minutes, guess)
    hours = _HOURS[part]
    found = hours.get(said.hour)
    if said.sure and said.hour:
        found = said.hour if said.hour in hours.values() else None  # 3 pm in the morning
    if found is None or found * 60 + said.minute < 0:
        return None
    return found * 60 + said.minute, found == 24


def end_of(part: PartOfDay | None) -> int:
    """The minute at which a part of the day, or the day, is over."""
    return DAY if part is None else _END.get(part, 0) * 60
