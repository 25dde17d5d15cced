"""How words are made to fit their place on any platform: cut between signs, never inside one, and never to nothing."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import regex

from bot.words import Speaker
from config.text import Words

NOTHING = "–"
"""Stands where there are no words: platforms refuse an empty text."""

_GRAPHEME = regex.compile(r"\X")
_BETWEEN = "\x1f"


def size(text: str) -> int:
    """The length as Slack's and Telegram's clients count it: UTF-16 units, never fewer than characters."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def width(text: str) -> int:
    """How wide a text is on a screen: a Chinese sign and an emoji are two letters wide, an accent is none."""
    return sum(map(_wide, text)) if not text.isascii() else len(text)


def _wide(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def cut(text: str, most: int) -> str:
    """The text if it has at most `most` units; else as many whole graphemes as fit, and `…`. Never empty."""
    text = text.strip() or NOTHING
    if size(text) <= most:
        return text
    return _beginning(text, most - 1).rstrip() + "…"


def pieces(text: str, most: int, count: int) -> list[str]:
    """The text in at most `count` pieces of at most `most` units, parted at a space or line break."""
    rest = text.strip()
    parts: list[str] = []
    while size(rest) > most and len(parts) < count - 1:
        head = _beginning(rest, most)
        gap = max(head.rfind("\n"), head.rfind(" "))
        head = head[:gap] if gap > len(head) // 2 else head
        parts.append(head.rstrip() or NOTHING)
        rest = rest[len(head) :].lstrip()
    return [*parts, cut(rest, most)]


def _beginning(text: str, most: int) -> str:
    """Whole graphemes of at most `most` units; if even the first is longer, the characters that fit."""
    end, room = 0, most
    for found in _GRAPHEME.finditer(text):
        room -= size(found[0])
        if room < 0:
            break
        end = found.end()
    return text[:end] if end else text[: most // 2]


def short(say: Speaker, words: Words, most: int, measure: Callable[[str], int] = size) -> str:
    """Words for a small place, on one line: in both languages where both fit, else in the first that does."""
    whole = " ".join(say(words).split())
    if measure(whole) <= most:
        return whole or NOTHING
    each = [" ".join(part.split()) for part in say(words, _BETWEEN).split(_BETWEEN)]
    return next((part for part in each if part and measure(part) <= most), None) or cut(each[0], most)
