"""Days and moments in English: this Friday at half past nine, in two hours, the 3rd of next month."""

from __future__ import annotations

import re

from babel.dates import get_day_names, get_month_names

from bot.moments.figures import HALF, YEAR, hour
from bot.moments.said import After, AtHour, InDays, InPart, OnDate, OnWeekday, PartOfDay, Piece, Rule, either, rule

# fmt: off
_CARDINALS = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]
_IRREGULAR = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth", "twenty": "twentieth", "thirty": "thirtieth",
}
# fmt: on
_NUMBERS = {word: number for number, word in enumerate(_CARDINALS)} | {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
}
_NUMBERS |= {
    f"{ten}-{one}": _NUMBERS[ten] + _NUMBERS[one]
    for ten in ("twenty", "thirty", "forty", "fifty")
    for one in _CARDINALS[1:10]
}


def _ordinal(cardinal: str) -> str:
    ten, dash, one = cardinal.rpartition("-")
    return ten + dash + _IRREGULAR.get(one, f"{one}th")


_WORDS = {word: str(number) for word, number in _NUMBERS.items()} | {
    _ordinal(word): f"{number}th" for word, number in _NUMBERS.items() if 1 <= number <= 31
}
_WORD = re.compile(rf"\b(?:{either(_WORDS).replace('-', '[- ]')})\b", re.ASCII)


def with_figures(text: str) -> str:
    """The text with its numbers in figures: half past three is half past 3, twenty-fifth is 25th."""
    return _WORD.sub(lambda found: _WORDS[found[0].replace(" ", "-")], text)


_MONTHS = [get_month_names("wide", locale="en")[month].lower() for month in range(1, 13)]
_WEEKDAYS = [get_day_names("wide", locale="en")[day].lower() for day in range(7)]
_FEASTS = {"new years day": (1, 1), "new years eve": (12, 31), "christmas eve": (12, 24)}
_FEASTS |= {"christmas day": (12, 25), "christmas": (12, 25)}
_SHIFT = {"last": -1, "this": 0, "the": 0, "next": 1}
_DAYS = {"day before yesterday": -2, "yesterday": -1, "today": 0, "day after tomorrow": 2}
_PARTS: dict[str, PartOfDay] = {
    "morning": "morning",
    "afternoon": "afternoon",
    "evening": "evening",
    "night": "evening",
    "midnight": "midnight",
}


def _span(found: re.Match[str]) -> tuple[Piece, ...]:
    """In two hours, in an hour and a half, 3 days from now, a week ago."""
    said, unit = found["n"], found["unit"]
    number = 0.5 if said.startswith("half") else 1.0 if said in {"a", "an"} else float(said)
    way = -1 if found["way"] == "ago" else 1
    if unit[0] == "h" or unit.startswith("min"):
        minutes = number * (60 if unit[0] == "h" else 1) + 30 * bool(found["more"]) + int(found["rest"] or 0)
        return (After(way * int(minutes)),)
    if not number.is_integer() or found["more"] or found["rest"]:
        return ()
    whole = way * int(number)
    if unit.startswith("month"):
        return (InDays(months=whole),)
    return (InDays(whole * (7 if unit.startswith("week") else 1)),)


def _weekday(found: re.Match[str]) -> tuple[Piece, ...]:
    number = next(place for place, name in enumerate(_WEEKDAYS) if name.startswith(found["name"][:3]))
    which, week = found["which"], found["before"] or found["behind"]
    if which and week:
        return ()
    if which in _SHIFT:
        return (OnWeekday(number, _SHIFT[which], loose=True),)
    return (OnWeekday(number, _SHIFT[week] if week else None),)


def _dated(found: re.Match[str]) -> tuple[Piece, ...]:
    month = next(place for place, name in enumerate(_MONTHS, 1) if name.startswith(found["name"][:3]))
    return (OnDate(int(found["day"]), month, int(found["year"]) if found["year"] else None),)


def _in_month(found: re.Match[str]) -> tuple[Piece, ...]:
    return (OnDate(int(found["day"]), months=_SHIFT[found["which"]]),)


def _past(found: re.Match[str]) -> tuple[Piece, ...]:
    """Half past three, a quarter to four pm, 20 minutes past 9."""
    minute = {"half": 30, "quarter": 15}.get(found["by"]) or int(found["by"])
    return hour(found["hour"], minute if found["way"] == "past" else -minute, found["half"])


_LENGTH = (
    r"(?P<n>[0-9]{1,4}(?:\.5)?|half an?|an?) ?(?P<unit>minutes?|mins?|hours?|hrs?|h|days?|weeks?|months?)"
    r"(?P<more> and a half)?(?: ?(?:and )?(?P<rest>[0-9]{1,2}) ?(?:minutes?|mins?))?"
)
_MONTH = rf"(?P<name>{'|'.join(f'{name}|{name[:3]}' for name in _MONTHS)}|sept)\.?"
_MINUTES = "(?: ?min(?:ute)?s?)"
_HOUR = rf"(?P<hour>[0-9]{{1,2}})(?:{HALF})?"
_DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
_IN_YEAR = rf"(?:[ \-]?,? ?(?P<year>{YEAR}))?"
_WEEKDAY = r"(?P<name>mon|tues?|wed|weds|thurs?|thu|fri|sat|sun|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b\.?"

RULES: tuple[Rule, ...] = (
    rule("(?:right )?now", lambda found: (After(0),)),
    rule(either(_DAYS), lambda found: (InDays(_DAYS[found[0]]),)),
    rule("tomm?orr?ow|tmrw?", lambda found: (InDays(1),)),
    rule("tonight", lambda found: (InDays(0), InPart("evening"))),
    rule("last night", lambda found: (InDays(-1), InPart("evening"))),
    rule(
        "(this )?(?:in the |at )?(morning|afternoon|evening|night|midnight)",
        lambda found: ((InDays(0),) if found[1] else ()) + (InPart(_PARTS[found[2]]),),
    ),
    rule("midnight tonight|tonight (?:at )?midnight", lambda found: (InDays(0), AtHour(24, sure=True))),
    rule("(?:12 ?)?noon|midday", lambda found: (AtHour(12, sure=True),)),
    rule(
        either(_FEASTS).replace("years", "year'?s"),
        lambda found: (OnDate(month=_FEASTS[found[0].replace("'", "")][0], day=_FEASTS[found[0].replace("'", "")][1]),),
    ),
    rule(rf"in {_LENGTH}(?P<way>)(?:'?s?'? time)?", _span),
    rule(rf"{_LENGTH} (?P<way>from (?:now|today)|later|ago)", _span),
    rule(
        rf"(?:(?P<before>this|next|last) week (?:on )?)?(?:(?P<which>this coming|coming|this|next|last) )?{_WEEKDAY}"
        r"(?: (?:of )?(?P<behind>this|next|last) week)?",
        _weekday,
    ),
    rule(rf"{_DAY}[ \-]?(?:of )?{_MONTH}{_IN_YEAR}", _dated),
    rule(rf"{_MONTH}[ \-]?(?:the )?{_DAY}{_IN_YEAR}", _dated),
    rule("([0-9]{1,2})(?:st|nd|rd|th)", lambda found: (OnDate(int(found[1])),)),
    rule(rf"{_DAY} (?:of )?(?P<which>this|the|next|last) month", _in_month),
    rule(rf"(?P<which>this|next|last) month (?:on )?(?:the )?{_DAY}", _in_month),
    rule(
        "(?:end|last day) of (?:(the|this|next|last) )?month|month[- ]end|eom",
        lambda found: (OnDate(None, months=_SHIFT[found[1] or "this"]),),
    ),
    rule(
        "(?:end|last day) of (?:(the|this|next|last) )?year",
        lambda found: (OnDate(None, 12, years=_SHIFT[found[1] or "this"]),),
    ),
    rule(rf"(?:a )?(?P<by>half|quarter|5|10|20|25){_MINUTES}? (?P<way>past) {_HOUR}", _past),
    rule(rf"(?:a )?(?P<by>quarter|(?:5|10|20|25)(?={_MINUTES})){_MINUTES}? (?P<way>to) {_HOUR}", _past),
    rule(r"(?P<hour>[0-9]{1,2}) ?o'?clock", lambda found: hour(found["hour"], 0)),
)
