"""Finds the answer or the colleague that somebody meant by what they typed: offered to choose from, never chosen."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import product
from unicodedata import normalize

from rapidfuzz import fuzz

from bot.interview.answers import SPEAKERS
from bot.interview.state import Colleague
from bot.ui.form import Option

PARTS = 100
"""So many answers may be listed in one message; a longer list is read no further."""
MOST = 40
"""Candidates that are kept: five pages of them."""
ALIKE = 70
"""How alike two names must be, of 100, to be offered for each other."""
LONGEST = 100
"""Characters of what was typed that are looked at."""
SPELLINGS = 32
"""Ways to spell one name that are looked at; of what is left of a longer name each letter has its usual sound."""


def folded(text: str) -> str:
    """Case, width and spaces at the ends are no matter."""
    return normalize("NFKC", text[:LONGEST]).casefold().strip(" \t\n.!\u3002\u300c\u300d\u201c\u201d\"'")


def option_called(options: Sequence[Option], said: str) -> int | None:
    """The option with exactly this label in either language, else the one with this number; None if not just one."""
    sought = folded(said)
    exact = [n for n, option in enumerate(options) if sought in _labels(option)]
    if len(exact) == 1:
        return exact[0]
    by_number = int(sought) - 1 if sought.isascii() and sought.isdecimal() and len(sought) <= 4 else -1
    return by_number if not exact and 0 <= by_number < len(options) else None


def options_like(options: Sequence[Option], said: str) -> list[int]:
    """The options that may have been meant, likeliest first."""
    sought = folded(said)
    ranked = [(_likeness(sought, _labels(option)), n) for n, option in enumerate(options)]
    return [n for likeness, n in sorted(ranked, key=lambda one: (-one[0], one[1])) if likeness >= ALIKE][:MOST]


def options_listed(options: Sequence[Option], said: str) -> tuple[list[int], list[str]]:
    """The options that a list of labels or numbers names (`1, 3`), and the words that name none."""
    whole = option_called(options, said)
    if whole is not None:
        return [whole], []
    parts = [part.strip() for part in _cut(said) if part.strip()]
    called = [(part, option_called(options, part)) for part in parts[:PARTS]]
    return [n for _, n in called if n is not None], [*(part for part, n in called if n is None), *parts[PARTS:]]


def _cut(said: str) -> list[str]:
    for sign in ("\u3001", "\uff0c", "\uff1b", ";", "\n"):
        said = said.replace(sign, ",")
    return said.split(",")


def _labels(option: Option) -> set[str]:
    return {folded(say(option.label)) for say in SPEAKERS.values()}


def _likeness(sought: str, keys: Iterable[str]) -> float:
    """100 for the same, 95 for a beginning, 90 for a part; else how alike the letters are."""
    if not sought:
        return 0.0
    best = 0.0
    for key in keys:
        if key == sought:
            return 100.0
        if key.startswith(sought):
            best = max(best, 95.0)
        elif sought in key and (len(sought) > 1 or not sought.isascii()):
            best = max(best, 90.0)
        elif len(sought) > 2:
            best = max(best, min(89.0, fuzz.token_sort_ratio(sought, key)), min(89.0, fuzz.ratio(sought, key)))
    return best


def colleagues(everyone: Sequence[Colleague], me: Colleague) -> list[int]:
    """Who is offered before a word is typed: the others of one's own department."""
    own = [one for one in everyone if one.department == me.department and one.id != me.id and me.department]
    return [one.id for one in own][:MOST]


def person_called(everyone: Sequence[Colleague], said: str) -> int | None:
    """The one person with exactly this name; None if there are none, or several."""
    sought = folded(said.strip().removeprefix("@"))
    exact = [one.id for one in everyone if folded(one.name) == sought]
    return exact[0] if len(exact) == 1 else None


def people_listed(everyone: Sequence[Colleague], said: str) -> tuple[list[int], list[str]]:
    """Those whom a list of names names, and the words that name nobody, or several."""
    whole = person_called(everyone, said)
    if whole is not None:
        return [whole], []
    parts = [part.strip() for part in _cut(said) if part.strip()]
    called = [(part, person_called(everyone, part)) for part in parts[:PARTS]]
    return [id for _, id in called if id is not None], [*(part for part, id in called if id is None), *parts[PARTS:]]


def people_like(everyone: Sequence[Colleague], said: str, me: Colleague) -> list[int]:
    """Who may have been meant by a name, its pinyin or its initials; one's own department first among equals."""
    sought = folded(said.strip().removeprefix("@"))
    tight = sought.replace(" ", "").replace("'", "")
    ranked = []
    for one in everyone:
        likeness = max(_likeness(sought, _names(one.name)), _likeness(tight, _sounds(one.name)))
        if likeness >= ALIKE:
            ranked.append((likeness < 90, one.department != me.department, -likeness, one.id))
    return [id for *_, id in sorted(ranked)][:MOST]


@lru_cache(maxsize=20_000)
def _names(name: str) -> frozenset[str]:
    whole = folded(name)
    return frozenset({whole, *whole.split()})


@lru_cache(maxsize=20_000)
def _sounds(name: str) -> frozenset[str]:
    """How a name is typed without Chinese letters: in full, and by its initials; each letter by all its sounds."""
    read, ways = [], 1
    for sounds in _syllables(normalize("NFKC", name[:LONGEST])):
        kept = sounds if ways * len(sounds) <= SPELLINGS else sounds[:1]
        read.append(kept)
        ways *= len(kept)
    if not read:
        return frozenset()
    return frozenset(
        sound.casefold() for parts in product(*read) for sound in ("".join(parts), "".join(part[0] for part in parts))
    )


def _syllables(name: str) -> list[list[str]]:
    """The sounds that each letter may have, the usual one first; a word that is not Chinese is one of its own."""
    if name.isascii():
        return [[word] for word in name.split()]
    # Its book of phrases takes 45 MB and a third of a second; all sounds of each letter find the same names.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")
    from pypinyin import Style, pinyin  # here, for it reads these when it is imported, and the start needs none of it

    return [list(sounds) for word in name.split() for sounds in pinyin(word, style=Style.NORMAL, heteronym=True)]
