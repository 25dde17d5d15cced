"""Days and times in figures, which read the same in both languages: 2026-11-25 14:30, 11/25, 3pm."""

from __future__ import annotations

import re

from bot.moments.said import AtHour, Figure, OnDate, Piece, Rule, rule

YEAR = r"(?:19|20|21)[0-9]{2}"


def _dated(found: re.Match[str]) -> tuple[Piece, ...]:
    return (OnDate(int(found["day"]), int(found["month"]), int(found["year"])),)


def _slashed(found: re.Match[str]) -> tuple[Piece, ...]:
    month, day = int(found[1]), int(found[2])
    year = int(found[3]) if found[3] else None
    if month > 12 >= day:
        return (OnDate(month, day, year),)  # 25/11
    return (OnDate(day, month, year, loose=day <= 12 and day != month),)


def _timed(found: re.Match[str]) -> tuple[Piece, ...]:
    return hour(found["hour"], int(found["minute"] or 0), found["half"])


def hour(figures: str, minute: int, half: str | None = None) -> tuple[AtHour, ...]:
    """An hour with its a(m) or p(m), if it has one; 15 pm is 15, and 15 am is nothing."""
    number = int(figures)
    if half is None:
        return (AtHour(number, minute, padded=figures.startswith("0")),)
    if (half == "a" and number > 12) or (half == "p" and number == 0):
        return ()
    return (AtHour(number if number > 12 else number % 12 + 12 * (half == "p"), minute, sure=True),)


HALF = r" ?(?P<half>[ap])\.?m\b\.?"

RULES: tuple[Rule, ...] = (
    rule(
        rf"(?P<year>{YEAR})(?P<mark>[-/.])(?P<month>[0-9]{{1,2}})(?P=mark)(?P<day>[0-9]{{1,2}})(?:t(?=[0-9]))?", _dated
    ),
    rule(rf"(?P<year>{YEAR})(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}})(?:t(?=[0-9]))?", _dated),
    rule(rf"([0-9]{{1,2}})/([0-9]{{1,2}})(?:/({YEAR}))?", _slashed),
    rule(r"([0-9]{2})-([0-9]{2})()(?= [0-9]{1,2}:)", _slashed),  # by itself, 09-11 may be two hours
    rule(rf"(?P<hour>[0-9]{{1,2}}) ?: ?(?P<minute>[0-5][0-9])(?::[0-5][0-9])?(?:{HALF})?", _timed),
    rule(rf"(?P<hour>[0-9]{{1,2}})(?:[. ](?P<minute>[0-5][0-9]))?{HALF}", _timed),
    rule(  # before the next, which is as long
        r"(?:(?<=\bat )|(?<=@)|(?<=@ ))([0-9]{1,2})(?: ([0-5][0-9]))?",
        lambda found: hour(found[1], int(found[2] or 0)),
    ),
    rule(
        r"([0-9]{1,2})(?: ([0-5][0-9]))?",
        lambda found: (Figure(int(found[1]), int(found[2]) if found[2] else None, found[1].startswith("0")),),
    ),
)
