"""How words are written on Slack: they ring nobody and link nowhere; and how Slack's own marks are read."""

from __future__ import annotations

import re

from bot.platforms.letters import NOTHING as NOTHING  # asked for here by what draws for Slack
from bot.platforms.letters import cut as cut
from bot.platforms.letters import pieces as pieces
from bot.platforms.letters import short as short
from bot.platforms.letters import size as size


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
