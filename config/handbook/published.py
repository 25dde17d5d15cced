"""The public holidays and make-up workdays that a state has published, and until when it has done so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import import_module


@dataclass(frozen=True)
class Published:
    """Days off and make-up workdays of the years from `first` to `last`; outside them nothing is known."""

    days_off: frozenset[date]
    workdays: frozenset[date]
    first: date
    last: date


@cache
def china() -> Published:
    """Mainland China, by the State Council's yearly notice, as the library chinesecalendar holds it.

    The library is only loaded when a company asks for it. A year counts as published as a whole.
    """
    library = import_module("chinese_calendar")
    return Published(
        days_off=frozenset(library.holidays),
        workdays=frozenset(library.workdays),
        first=date(min(library.holidays).year, 1, 1),
        last=date(max(library.holidays).year, 12, 31),
    )
