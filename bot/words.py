"""Puts words into a reader's language, calendar and zone: the last thing that happens before a person reads."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, get_currency_precision
from babel.support import Translations

from config.text import Label, Money, OnDay, Span, Text, When, Words

LANGUAGES = ("zh", "en")
LOCALES = {"zh": Locale("zh", script="Hans"), "en": Locale("en")}
FOLDER = Path(__file__).parent.parent / "locales"
_PLACE = re.compile(r"\{\{|\}\}|\{([a-z_][a-z0-9_]*)\}")
_OWN_WORDS = re.compile(r"[:\uff1a]\s*\{([a-z_][a-z0-9_]*)\}$")
_TAG = re.compile(r"(zh|en)(?![a-z0-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: the languages to show (two of them stacked, in a bilingual room) and the zone of their clock."""

    languages: tuple[str, ...] = LANGUAGES
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))

    def __post_init__(self) -> None:
        if not self.languages or set(self.languages) - set(LANGUAGES):
            raise ValueError(f"languages are {LANGUAGES}: {self.languages}")


class Speaker:
    """Says words to one reader. Called with any words; a bilingual reader gets both, joined by `between`."""

    def __init__(self, reader: Reader, now: datetime | None = None) -> None:
        self.reader = reader
        self._now = now

    def __call__(self, words: Words | int, between: str = " / ") -> str:
        """The words as this reader reads them. Plain strings stay as they are: they are somebody's own."""
        if isinstance(words, str):
            return words
        if len(self.reader.languages) == 1:
            return self._in(self.reader.languages[0], words)
        if isinstance(words, Text) and (once := self._once(words)) is not None:
            return once
        said = dict.fromkeys(self._in(language, words) for language in self.reader.languages)
        return between.join(said)

    def _once(self, text: Text) -> str | None:
        """A sentence that ends in somebody's own words after a colon, in each language: those words stand once."""
        heads: list[str] = []
        tail = None
        for language in self.reader.languages:
            template = _catalogue(language).ugettext(text.id) if text.id else ""
            found = _OWN_WORDS.search(template)
            tail = text.args.get(found[1]) if found else None
            if found is None or not isinstance(tail, str):
                return None
            heads.append(self._in(language, Text(text.id, {**text.args, found[1]: ""})).rstrip(":\uff1a \n"))
        return f"{' / '.join(dict.fromkeys(heads))}: {tail}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Speaker) and other.reader == self.reader

    __hash__ = None  # type: ignore[assignment]  # compared by reader, never a key

    def _in(self, language: str, words: Words | int) -> str:
        match words:
            case Text():
                return self._text(language, words)
            case str():
                return words
            case int():
                return format_decimal(words, locale=LOCALES[language])
            case Label():
                return words.zh if language == "zh" else words.en
            case When():
                return self._when(language, words)
            case OnDay():
                return format_date(words.day, self._date(language, words.day), locale=LOCALES[language])
            case Money():
                amount = Decimal(words.minor).scaleb(-get_currency_precision(words.currency))
                return format_currency(amount, words.currency, locale=LOCALES[language])
            case Span():
                return _span(language, words.seconds)

    def _text(self, language: str, text: Text) -> str:
        if not text.args and text.many is None:
            return _sentence(language, text.id)
        catalogue = _catalogue(language)
        if text.many is not None and text.n is not None:
            template = catalogue.ungettext(text.id, text.many, text.n)
        else:
            template = catalogue.ugettext(text.id) if text.id else ""  # gettext keeps its header under ""

        def fill(place: re.Match[str]) -> str:
            if place[1] is None:
                return place[0][0]  # a doubled brace is one brace
            value = text.args.get(place[1])
            return place[0] if value is None else self._in(language, value)

        return _PLACE.sub(fill, template)

    def _when(self, language: str, when: When) -> str:
        at = when.at.astimezone(self.reader.zone)
        locale = LOCALES[language]
        if when.style == "time":
            return format_time(at, "HH:mm", locale=locale)
        pattern = self._date(language, at)
        if when.style == "moment":
            pattern += " HH:mm"
        return format_datetime(at, pattern, locale=locale)

    def _date(self, language: str, day: date) -> str:
        """The pattern of a day; with its year, unless that is this one."""
        near = self._now is None or day.year == self._now.astimezone(self.reader.zone).year
        return _DATE[language][near]


_DATE = {"zh": {True: "M月d日 EEE", False: "y年M月d日 EEE"}, "en": {True: "EEE d MMM", False: "EEE d MMM y"}}


def _span(language: str, seconds: int) -> str:
    hours, minutes = divmod(max(0, seconds + 30) // 60, 60)  # never in days: a working day is not 24 hours
    hour, minute = {"zh": ("小时", "分钟"), "en": ("h", "min")}[language]
    parts = [f"{n} {unit}" for n, unit in ((hours, hour), (minutes, minute)) if n]
    return " ".join(parts) or f"0 {minute}"


@lru_cache(maxsize=4096)
def _sentence(language: str, id: str) -> str:
    """A sentence with nothing to fill in: most are, and a form has dozens."""
    template = _catalogue(language).ugettext(id) if id else ""
    return _PLACE.sub(lambda place: place[0][0] if place[1] is None else place[0], template)


@cache
def _catalogue(language: str) -> Translations:
    """Compiles the `.po` in memory: nothing to build, and nothing stale (28 ms once)."""
    path = FOLDER / language / "LC_MESSAGES" / "opsbook.po"
    if not path.exists():
        return Translations()
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return Translations(compiled, domain="opsbook")


def language_of(tag: str | None) -> str | None:
    """The language that a platform's tag means (`zh-TW`, `zh_Hans_CN`, `zh-hans-raw`, `en-GB`), None if neither."""
    found = _TAG.match(tag or "")
    return found[1].lower() if found else None
