"""What Telegram makes of a text: cleaned, cut to its limits, and with the commands and links that it finds itself."""

from __future__ import annotations

import re
from typing import Any

from tests.platforms.telegram import html
from tests.platforms.telegram.chats import Refused
from tests.platforms.telegram.shown import part, units
from tests.platforms.telegram.wire import Args

Json = dict[str, Any]

TEXT, CAPTION = 4096, 1024
MOST_ENTITIES = 100

_FOUND = {
    "bot_command": re.compile(r"(?<![\w/@])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/@])"),
    "mention": re.compile(r"(?<![\w@/])@[A-Za-z0-9_]{3,32}(?![\w])"),
    "url": re.compile(
        r"(?<![\w@./])(?:https?://[^\s<>\"'，。；、）]+|(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|cn|me|app|info)\b(?:/[^\s<>\"'，。；、）]*)?)",
        re.IGNORECASE,
    ),
    "email": re.compile(r"(?<![\w.])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "hashtag": re.compile(r"(?<![\w#])#\w*[^\W\d]\w*"),
}
_CONTROL = {code: " " for code in range(32) if code != 10} | {0x202E: None, 0x202D: None, 13: None}
_CLOSED = ("code", "pre", "text_link", "text_mention", "url", "email", "mention")


def formatted(args: Args, name: str, parse_mode: str, entities: str) -> tuple[str, list[Json]]:
    """A text of a request with its entities, trimmed as Telegram trims it. Raises Refused."""
    text, mode = args.text(name), args.text(parse_mode).lower()
    if any(0xD800 <= ord(sign) <= 0xDFFF for sign in text):
        raise Refused("Bad Request: strings must be encoded in UTF-8")
    if mode == "html":
        text, found = html.parse(text)
    elif mode in ("", "none"):
        found = [dict(one) for one in args.object(entities, "entities") or []]
    else:
        raise Refused("Bad Request: unsupported parse_mode")
    return _trimmed(text.translate(_CONTROL) if len(text) < 1_000_000 else text, found)


def _trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    start = units(text) - units(text.lstrip())
    text = text.strip()
    end, kept = units(text), []
    for entity in entities:
        first = max(0, entity["offset"] - start)
        last = min(end, entity["offset"] + entity["length"] - start)
        if last > first:
            kept.append(entity | {"offset": first, "length": last - first})
    return text, found_in(text, kept)[:MOST_ENTITIES]


def found_in(text: str, given: list[Json] | None = None) -> list[Json]:
    """The given entities, and what Telegram finds by itself where they leave room."""
    kept = list(given or [])
    taken = [(one["offset"], one["offset"] + one["length"]) for one in kept if one["type"] in _CLOSED]
    for kind in ("email", "url", "bot_command", "mention", "hashtag"):
        for match in _FOUND[kind].finditer(text):
            start = units(text[: match.start()])
            end = start + units(match.group())
            if not any(start < last and first < end for first, last in taken):
                taken.append((start, end))
                kept.append({"offset": start, "length": end - start, "type": kind})
    return sorted(kept, key=lambda one: (one["offset"], -one["length"]))


def text_of(args: Args, too_long: str = "message is too long") -> Json:
    """The body of a text message. Raises Refused when it is empty or too long."""
    if not args.text("text"):
        raise Refused("Bad Request: message text is empty")
    text, entities = formatted(args, "text", "parse_mode", "entities")
    if not text:
        raise Refused("Bad Request: text must be non-empty")
    if units(text) > TEXT:
        raise Refused(f"Bad Request: {too_long}")
    return {"text": text} | ({"entities": entities} if entities else {})


def caption_of(args: Args) -> Json:
    """The caption's part of a body; empty without one. Raises Refused when it is too long."""
    text, entities = formatted(args, "caption", "parse_mode", "caption_entities")
    if units(text) > CAPTION:
        raise Refused("Bad Request: message caption is too long")
    if not text:
        return {}
    return {"caption": text} | ({"caption_entities": entities} if entities else {})


def commands_in(text: str, entities: list[Json]) -> list[str]:
    """The commands that a text gives, `/take@opsbook_bot` as it stands."""
    return [part(text, one) for one in entities if one["type"] == "bot_command"]
