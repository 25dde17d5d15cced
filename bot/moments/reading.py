"""Reads a text piece by piece, in both languages at once, and settles the day and the time that the pieces leave."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from unicodedata import category, normalize
from zoneinfo import ZoneInfo

from bot.moments import chinese, english, figures
from bot.moments.days import day_in, day_of, day_of_week
from bot.moments.hours import DAY, end_of, minutes_of
from bot.moments.said import After, AtHour, Figure, InDays, InPart, Moment, OnDate, OnWeekday, Piece, Rule

P = TypeVar("P", bound=Piece)
LONGEST = 100
"""Characters. Nobody needs more for a moment, and a longer text is not even looked at."""


def understand_moment(text: str, now: datetime, zone: ZoneInfo, *, day_only: bool = False) -> Moment | None:
    """The day and the time that a text means, seen from `now` (aware) in `zone`; None if it is not clear.

    The time is None where none was said; `f"{day} {answer}"` reads the answer to a second question. Past moments are
    understood too. With `day_only` a time is left out of the result, and a bare number is a day of the month.
    Never raises on any text.
    """
    try:
        plain = _plain(text)
        if plain is None:
            return None
        found = _instant(plain, zone) or _settle(_pieces(plain), now.astimezone(zone), zone, day_only=day_only)
    except (ValueError, OverflowError):  # no such day, or beyond the calendar
        return None
    return replace(found, time=None) if found and day_only else found


def read_day(text: str, now: datetime, zone: ZoneInfo) -> date | None:
    """The day that a text means; None if it is not clear."""
    found = understand_moment(text, now, zone, day_only=True)
    return found.day if found else None


def read_moment(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The moment that a text means, in UTC; None if it is not clear, or if it names a day without a time."""
    found = understand_moment(text, now, zone)
    return found.at(zone) if found else None


def _plain(text: str) -> str | None:
    """The text in small letters, plain width and figures; None if it is too long."""
    if len(text) > LONGEST:
        return None
    plain = normalize("NFKC", "".join(char for char in text if category(char) != "Cf"))
    plain = " ".join(plain.lower().replace("\u2019", "'").split()).rstrip(" .!?~。")
    return english.with_figures(chinese.with_figures(plain)) if len(plain) <= LONGEST else None


_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[t ][0-9:.]{5,15}(?:z|[+-][0-9]{2}:?[0-9]{2})", re.ASCII)


def _instant(plain: str, zone: ZoneInfo) -> Moment | None:
    """ISO 8601 with an offset, as computers write it."""
    if not _INSTANT.fullmatch(plain):
        return None
    return _on_the_clock(datetime.fromisoformat(plain.upper()), zone)


_RULES: tuple[Rule, ...] = figures.RULES + chinese.RULES + english.RULES
_FILLER = re.compile(r"(?:[ ,()@、的吧在于]|(?:at|on|the|by)\b)*", re.ASCII)


def _pieces(plain: str) -> Sequence[Piece] | None:
    """What the text says, from front to back, the longest piece first; None if a part of it says nothing known."""
    pieces: list[Piece] = []
    place = 0
    while place < len(plain):
        end, said = max((_tried(rule, plain, place) for rule in _RULES), key=lambda tried: tried[0])
        if end <= place:
            filler = _FILLER.match(plain, place)
            if filler is None or filler.end() == place:
                return None
            end = filler.end()
        pieces += said
        place = end
    return pieces


def _tried(rule: Rule, plain: str, place: int) -> tuple[int, tuple[Piece, ...]]:
    pattern, read = rule
    found = pattern.match(plain, place)
    if found is None or _cut(plain, found.end()):
        return place, ()
    said = read(found)
    return (found.end(), said) if said else (place, ())


def _cut(plain: str, end: int) -> bool:
    """Whether a word or a number is cut in two there."""
    two = plain[end - 1 : end + 1]
    return len(two) == 2 and two.isascii() and (two.isalpha() or two.isdecimal())


@dataclass(frozen=True, slots=True)
class _Said:
    """The pieces by their kind, each at most once."""

    after: After | None
    days: InDays | None
    date: OnDate | None
    weekday: OnWeekday | None
    hour: AtHour | None
    part: InPart | None
    figure: Figure | None

    @property
    def says_a_day(self) -> bool:
        return bool(self.days or self.date or self.weekday)


def _by_kind(pieces: Sequence[Piece]) -> _Said | None:
    """None if two pieces say the same thing, or if something stands beside a time from now."""

    def one(kind: type[P]) -> P | None:
        return next((piece for piece in pieces if isinstance(piece, kind)), None)

    kinds = {type(piece) for piece in pieces}
    twice = len(kinds) < len(pieces) or {InDays, OnDate} <= kinds or {AtHour, Figure} <= kinds
    if twice or (After in kinds and len(pieces) > 1):
        return None
    return _Said(one(After), one(InDays), one(OnDate), one(OnWeekday), one(AtHour), one(InPart), one(Figure))


def _settle(pieces: Sequence[Piece] | None, now: datetime, zone: ZoneInfo, *, day_only: bool) -> Moment | None:
    said = _by_kind(pieces) if pieces else None
    if said is None:
        return None
    if said.after:
        return _on_the_clock(now.astimezone(UTC) + timedelta(minutes=said.after.minutes), zone)
    placed = _placed(said, said.figure, day_only=day_only) if said.figure else said
    clock = _clock(placed) if placed else None
    if placed is None or clock is None:
        return None
    minutes, guessed = clock
    chosen = _day(placed, now, minutes)
    if chosen is None or (day_only and not placed.says_a_day):
        return None
    day, assumed = chosen
    if minutes is None or day_only:
        return Moment(day, None, assumed)
    return _on_the_wall(day + timedelta(days=minutes // DAY), minutes % DAY, zone, assumed=assumed or guessed)


def _placed(said: _Said, figure: Figure, *, day_only: bool) -> _Said | None:
    """With a bare number as an hour, or as a day of the month; None if it could be either.

    Friday 9 may be the 9th, and 25 Nov 26 a year: only beside a part of the day, or a day that is complete.
    """
    complete = said.days or (said.date and (said.date.year or said.date.month is None))
    if said.part or complete:
        return replace(said, hour=AtHour(figure.number, figure.minute or 0, padded=figure.padded))
    if day_only and not said.says_a_day and figure.minute is None:
        return replace(said, date=OnDate(figure.number))
    return None


def _clock(said: _Said) -> tuple[int | None, bool] | None:
    """The minutes of the day if a time was said, and whether a rule chose; None if there is no such time."""
    part = said.part.part if said.part else None
    if said.hour:
        return minutes_of(said.hour, part)
    if part == "noon":
        return 12 * 60, True
    if part == "midnight":
        return None if said.says_a_day else (0, False)
    return None, False


def _day(said: _Said, now: datetime, minutes: int | None) -> tuple[date, bool] | None:
    """The day, and whether a rule chose it; None if the pieces contradict each other, or say two things."""
    today = now.date()
    last = minutes if minutes is not None else end_of(said.part.part if said.part else None)
    over = last <= now.hour * 60 + now.minute
    if said.days or said.date:
        day, guess = day_of(said.date, today) if said.date else (day_in(said.days or InDays(), today), False)
        if said.weekday and (said.weekday.week is not None or day.weekday() != said.weekday.weekday):
            return None
        return day, guess
    if said.weekday:
        meant = day_of_week(said.weekday, today, over=over)
        same = said.weekday.week is None and said.weekday.weekday == today.weekday()
        return (meant, same or (said.weekday.loose and said.weekday.week == 1)) if meant else None
    return (today + timedelta(days=over), True) if said.hour or said.part else None


def _on_the_clock(at: datetime, zone: ZoneInfo) -> Moment:
    here = at.astimezone(zone)
    return Moment(here.date(), time(here.hour, here.minute, fold=here.fold))


def _on_the_wall(day: date, minutes: int, zone: ZoneInfo, *, assumed: bool) -> Moment:
    """A time of the day; one that the clock leaves out when it goes forward is as long after that moment."""
    wanted = time(*divmod(minutes, 60))
    found = _on_the_clock(datetime.combine(day, wanted, zone).astimezone(UTC), zone)
    return replace(found, assumed=assumed or (found.day, found.time) != (day, wanted))
