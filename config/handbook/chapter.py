"""What every chapter keeps to: nothing in it changes, and a key that nobody knows is refused."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError

Key = tuple[str | int, ...]
"""Where something stands in the file: `("calendar", "days_off", 2, "date")`."""


class Chapter(BaseModel):
    """A part of the handbook: frozen, and refusing what it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


@dataclass(frozen=True)
class Fault:
    """Something that only shows when chapters are read together; the loader adds the line."""

    key: Key
    reason: str
    remedy: str


def refuse(reason: str, remedy: str) -> PydanticCustomError:
    """An error to raise inside a schema: what is wrong, and what to write instead."""
    return PydanticCustomError("refused", "{reason}", {"reason": reason, "remedy": remedy})


def nearest(word: str, known: list[str]) -> str | None:
    """The known word that was most likely meant, or None if none is close."""
    return next(iter(get_close_matches(word.casefold(), known, n=1, cutoff=0.6)), None)


def _on_one_line(text: str) -> str:
    if any(unicodedata.category(char) in {"Cc", "Zl", "Zp"} for char in text):
        raise refuse("has a line break or a control character in it", "write it on one line")
    return text


Line = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(_on_one_line)]
"""Words on one line: not blank, at most 300 characters."""


def shaped(pattern: str, remedy: str) -> AfterValidator:
    """A check that text has this shape; the remedy says it in words."""
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if not compiled.fullmatch(text):
            raise refuse("is not written as it must be", remedy)
        return text

    return AfterValidator(check)


Name = Annotated[str, shaped("[a-z][a-z0-9_-]{0,31}", "write a-z and 0-9, such as hr or after-sales")]
"""A short name that the program uses: lower-case letters, digits, `_` and `-`. Fits into a button."""

ClauseNumber = Annotated[str, shaped(r"[0-9]{1,4}(\.[0-9]{1,4}){0,5}", 'write a number in quotes: "3.4.2"')]
"""The number of a clause, without the §: `"3.4.2"`."""


@cache
def _zone_is_known(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # OSError: the name of a folder of zones, such as "Asia"
        return False
    return True


def _checked_zone(name: str) -> str:
    if not _zone_is_known(name):
        by_folded = {zone.casefold(): zone for zone in available_timezones()}
        near = nearest(name, list(by_folded))
        hint = f'; did you mean "{by_folded[near]}"?' if near else ""
        raise refuse("is not a time zone", f'write an IANA name such as "Asia/Shanghai"{hint}')
    return name


Zone = Annotated[str, AfterValidator(_checked_zone)]
"""The name of a time zone in the IANA list."""


def is_zone(name: object) -> bool:
    """Whether this is the name of a time zone in the IANA list."""
    return isinstance(name, str) and _zone_is_known(name)


def _a_date(value: Any) -> Any:
    if not isinstance(value, date | str):
        raise refuse("is not a date", "write it as 2026-10-01, without quotes")
    return value


Day = Annotated[date, BeforeValidator(_a_date)]
"""A calendar day. A bare number is refused: it would be read as seconds since 1970."""
