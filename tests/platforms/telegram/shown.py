"""What a person sees of a Telegram message, as one line; and its text written in Telegram's HTML."""

from __future__ import annotations

from html import escape
from typing import Any

Json = dict[str, Any]

_TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "spoiler": "tg-spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
_PICTURES = ("photo", "video", "voice", "audio", "animation", "sticker", "video_note")


def rows(markup: Json | None) -> list[list[Json]]:
    """The rows of buttons of any kind of keyboard."""
    found = (markup or {}).get("inline_keyboard") or (markup or {}).get("keyboard") or []
    return [[one if isinstance(one, dict) else {"text": one} for one in row] for row in found]


def line(body: Json, markup: Json | None) -> str:
    """Lines joined by ` | `, files in brackets, then the labels: `Complaint C-1 | Ms Lee [I take it] [Close]`."""
    parts = [*_file(body), *str(body.get("text", body.get("caption", ""))).split("\n")]
    text = " | ".join(part.strip() for part in parts if part.strip())
    labels = " ".join(f"[{button['text']}]" for row in rows(markup) for button in row)
    return f"{text} {labels}".strip()


def _file(body: Json) -> list[str]:
    if "document" in body:
        return [f"(file: {body['document'].get('file_name', '')})"]
    if "location" in body:
        return [f"(location: {body['location']['latitude']}, {body['location']['longitude']})"]
    return [f"({kind})" for kind in _PICTURES if kind in body]


def units(text: str) -> int:
    """The length of a text as Telegram counts it: in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def part(text: str, entity: Json) -> str:
    """The words that an entity covers."""
    coded = text.encode("utf-16-le", "surrogatepass")
    start = entity["offset"] * 2
    return coded[start : start + entity["length"] * 2].decode("utf-16-le", "surrogatepass")


def html(text: str, entities: list[Json]) -> str:
    """The text in Telegram's HTML; what Telegram found by itself (bare links, mentions) stays as text."""
    opens: dict[int, list[str]] = {}
    closes: dict[int, list[str]] = {}
    for entity in sorted(entities, key=lambda one: (one["offset"], -one["length"])):
        start, end = _tags(entity)
        if start:
            opens.setdefault(entity["offset"], []).append(start)
            closes.setdefault(entity["offset"] + entity["length"], []).insert(0, end)
    found, at = [], 0
    for sign in text:
        found += [*closes.get(at, []), *opens.get(at, []), escape(sign, quote=False)]
        at += units(sign)
    return "".join([*found, *closes.get(at, [])])


def _tags(entity: Json) -> tuple[str, str]:
    kind = entity["type"]
    if kind == "text_link":
        return f'<a href="{escape(entity["url"])}">', "</a>"
    if kind == "text_mention":
        return f'<a href="tg://user?id={entity["user"]["id"]}">', "</a>"
    if kind == "pre" and entity.get("language"):
        return f'<pre><code class="language-{entity["language"]}">', "</code></pre>"
    if kind == "expandable_blockquote":
        return "<blockquote expandable>", "</blockquote>"
    return (f"<{_TAGS[kind]}>", f"</{_TAGS[kind]}>") if kind in _TAGS else ("", "")


def live(text: str, entities: list[Json]) -> list[tuple[str, str]]:
    """What in a text would ring or lead elsewhere: mentions, commands, links; kind and words (or address)."""
    kinds = ("mention", "text_mention", "bot_command", "url", "text_link", "email", "hashtag", "cashtag")
    return [(one["type"], str(one.get("url", part(text, one)))) for one in entities if one["type"] in kinds]
