"""Finds the command in what somebody typed: its name or another word for it, in either language, first in the line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz, process


@dataclass(frozen=True, slots=True)
class Understood:
    """The command that was meant, and what stood behind it."""

    name: str
    rest: str


def understand(text: str, words: Mapping[str, str]) -> Understood | None:
    """The command whose word opens the text; the longest of several. None where there is none.

    Chinese needs no space behind the word (投诉门锁坏了); English does. A leading `/` is no matter.
    """
    said = text.strip().removeprefix("/").removeprefix("\uff0f").lstrip()
    folded = said.casefold()
    for word in sorted(words, key=len, reverse=True):
        if not folded.startswith(word):
            continue
        rest = said[len(word) :]
        if not rest or not word.isascii() or not (rest[0].isalnum() or rest[0] in "-_'"):
            return Understood(words[word], rest.lstrip(" \t\n:,\uff1a\uff0c\u3001"))
    return None


def near(text: str, words: Mapping[str, str], limit: int = 3) -> list[str]:
    """Commands that may have been meant, likeliest first: to offer on buttons, never to choose."""
    first = text.strip().removeprefix("/").casefold().split(maxsplit=1)[0][:40] if text.strip("/ ") else ""
    found = process.extract(first, list(words), scorer=fuzz.ratio, limit=10, score_cutoff=60)
    return list(dict.fromkeys(words[word] for word, _, _ in found))[:limit]
