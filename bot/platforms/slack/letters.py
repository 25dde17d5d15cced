"""How words are written on Slack: they fit, ring nobody, link nowhere; and how Slack's own marks are read."""

from __future__ import annotations

import re

import regex

from bot.words import Speaker
from config.text import Words

NOTHING = "–"
"""Stands where there are no words: Slack refuses an empty text."""

_GRAPHEME = regex.compile(r"\X")
_BETWEEN = "\x1f"


def size(text: str) -> int:
    """The length as Slack's clients count it: UTF-16 units, never fewer than characters."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


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


def short(say: Speaker, words: Words, most: int) -> str:
    """Words for a small place, on one line: in both languages where both fit, else in the first that does."""
    whole = " ".join(say(words).split())
    if size(whole) <= most:
        return whole or NOTHING
    each = [" ".join(part.split()) for part in say(words, _BETWEEN).split(_BETWEEN)]
    return next((part for part in each if part and size(part) <= most), None) or cut(each[0], most)


def escape(text: str) -> str:
    """Plain words for a place where Slack reads marks: no mention, channel or link comes alive in them."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escaped(text: str, most: int) -> str:
    """Plain words, escaped and cut so that the escaped form has at most `most` units."""
    room = most
    while size(written := escape(cut(text, room))) > most:
        room = room * most // size(written) - 1
    return written


# --- Slack's marks, read ---------------------------------------------------------------------------------

_MARK = re.compile(r"<([^<>\n|]{1,2000})(?:\|([^<>\n]{0,2000}))?>")


def plain(text: str) -> str:
    """What a person wrote, as they saw it: names for mentions and channels, addresses beside their labels."""
    if "<" in text:
        text = _MARK.sub(_spoken, text)
    if "&" in text:
        text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return text


def _spoken(found: re.Match[str]) -> str:
    target, label = found[1], found[2] or ""
    match target[0]:
        case "@":
            return "@" + (label or target[1:])
        case "#":
            return "#" + (label or target[1:])
        case "!":
            return label or "@" + target[1:].split("^")[0]
    bare = re.sub(r"^(?:https?://|mailto:|tel:)", "", target)
    return f"{label} ({target})" if label and label not in (target, bare) else label or target


def without_mention(text: str, user: str) -> str:
    """The text without the mentions of one user (ours), wherever they stand."""
    return re.sub(rf"[ \t]*<@{re.escape(user)}(?:\|[^<>\n]*)?>[ \t]*[:,:,]?[ \t]*", " ", text).strip()
