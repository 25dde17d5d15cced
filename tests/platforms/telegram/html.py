"""Telegram's HTML: which tags it takes, what becomes of them, and the words with which it refuses the others."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tests.platforms.telegram.chats import Refused
from tests.platforms.telegram.shown import units

Json = dict[str, Any]

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
}
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}

_SIGN = re.compile(r"&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(lt|gt|amp|quot))(;?)")
_NAME = re.compile(r"[^\s>]*")
_ATTRIBUTE = re.compile(r"[^\s=>]*")
_TOKEN = re.compile(r"[A-Za-z0-9.-]*")
_WEB = re.compile(r"(?:(?:https?|ftp|tonsite|ton|tg)://)?[^\s/]+\.?[^\s]*$", re.IGNORECASE)


@dataclass
class _Open:
    tag: str
    argument: str
    at: int  # in UTF-16 units
    index: int  # in the text so far


@dataclass
class _Reader:
    source: str
    at: int = 0
    text: list[str] = field(default_factory=list)
    units: int = 0
    open: list[_Open] = field(default_factory=list)
    entities: list[Json] = field(default_factory=list)

    def byte(self, at: int) -> int:
        return len(self.source[:at].encode("utf-8", "surrogatepass"))

    def fail(self, words: str) -> Refused:
        return Refused(f"Bad Request: can't parse entities: {words}")

    def skip(self) -> None:
        while self.at < len(self.source) and self.source[self.at].isspace():
            self.at += 1

    @property
    def sign(self) -> str:
        return self.source[self.at : self.at + 1]

    def match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.source, self.at)
        assert found is not None
        self.at = found.end()
        return found.group()


def parse(source: str) -> tuple[str, list[Json]]:
    """The text as people see it and its entities. Raises Refused with Telegram's words."""
    reader = _Reader(source)
    while reader.at < len(source):
        sign = source[reader.at]
        if sign == "<":
            (_end if source[reader.at + 1 : reader.at + 2] == "/" else _start)(reader)
            continue
        words, reader.at = _decoded(source, reader.at)
        reader.text.append(words)
        reader.units += units(words)
    if reader.open:
        left = reader.open[-1]
        raise reader.fail(f'Can\'t find end tag corresponding to start tag "{left.tag}"')
    return "".join(reader.text), sorted(reader.entities, key=lambda one: (one["offset"], -one["length"]))


def _decoded(source: str, at: int) -> tuple[str, int]:
    """One character, `&lt;` and `&#60;` resolved; other names stay as they are."""
    found = _SIGN.match(source, at) if source[at] == "&" else None
    if found is None:
        return source[at], at + 1
    hexadecimal, decimal, name, _ = found.groups()
    if name:
        return NAMED[name], found.end()
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    if not 0 < code < 0x10FFFF:
        return source[at], at + 1
    return chr(code), found.end()


def _start(reader: _Reader) -> None:
    begin, byte = reader.at, reader.byte(reader.at)
    reader.at += 1
    tag = reader.match(_NAME).lower()
    if reader.at >= len(reader.source):
        raise reader.fail(f"Unclosed start tag at byte offset {byte}")
    if tag not in TAGS:
        raise reader.fail(f'Unsupported start tag "{tag}" at byte offset {byte}')
    argument = ""
    while reader.sign != ">":
        reader.skip()
        if reader.sign == ">":
            break
        name, value = _attribute(reader, tag, byte)
        argument = _argument(tag, name, value) or argument
    reader.at += 1
    if tag == "span" and argument != "spoiler":
        raise reader.fail(f'Tag "span" must have class "tg-spoiler" at byte offset {reader.byte(begin)}')
    reader.open.append(_Open(tag, argument, reader.units, len(reader.text)))


def _attribute(reader: _Reader, tag: str, byte: int) -> tuple[str, str]:
    name = reader.match(_ATTRIBUTE).lower()
    if not name:
        raise reader.fail(f'Empty attribute name in the tag "{tag}" at byte offset {byte}')
    reader.skip()
    if reader.sign != "=":
        if tag == "blockquote" and name == "expandable" and reader.sign:
            return name, ""
        raise reader.fail(
            f'Expected equal sign in declaration of an attribute of the tag "{tag}" at byte offset {byte}'
        )
    reader.at += 1
    reader.skip()
    if reader.sign in ("'", '"') and reader.sign:
        value = _quoted(reader)
    else:
        start = reader.at
        value = reader.match(_TOKEN).lower()
        if reader.sign and not reader.sign.isspace() and reader.sign != ">":
            raise reader.fail(f"Unexpected end of name token at byte offset {reader.byte(start)}")
    if not reader.sign:
        raise reader.fail(f"Unclosed start tag at byte offset {byte}")
    return name, value


def _quoted(reader: _Reader) -> str:
    mark, found = reader.sign, []
    reader.at += 1
    while reader.sign and reader.sign != mark:
        words, reader.at = _decoded(reader.source, reader.at)
        found.append(words)
    reader.at += 1
    return "".join(found)


def _argument(tag: str, name: str, value: str) -> str:
    """What an attribute says that Telegram listens to."""
    if (tag, name) in (("a", "href"), ("tg-emoji", "emoji-id")):
        return value
    if (tag, name) == ("code", "class") and value.startswith("language-"):
        return value.removeprefix("language-")
    if (tag, name) == ("span", "class") and value.startswith("tg-"):
        return value.removeprefix("tg-")
    return "1" if (tag, name) == ("blockquote", "expandable") else ""


def _end(reader: _Reader) -> None:
    byte = reader.byte(reader.at)
    if not reader.open:
        raise reader.fail(f"Unexpected end tag at byte offset {byte}")
    reader.at += 2
    tag = reader.match(_NAME).lower()
    reader.skip()
    if reader.sign != ">":
        raise reader.fail(f"Unclosed end tag at byte offset {byte}")
    reader.at += 1
    opened = reader.open.pop()
    if tag and tag != opened.tag:
        raise reader.fail(f'Unmatched end tag at byte offset {byte}, expected "</{opened.tag}>", found "</{tag}>"')
    if reader.units > opened.at and (entity := _entity(opened, "".join(reader.text[opened.index :]))):
        reader.entities.append({"offset": opened.at, "length": reader.units - opened.at} | entity)
        _joined_with_pre(reader, entity)


def _entity(opened: _Open, words: str) -> Json | None:
    match TAGS[opened.tag]:
        case "text_link":
            address = opened.argument or words
            return _link(address) if _WEB.match(address) else None
        case "custom_emoji":
            return {"type": "custom_emoji", "custom_emoji_id": opened.argument}
        case "blockquote" if opened.argument:
            return {"type": "expandable_blockquote"}
        case "code" if opened.argument:
            return {"type": "code", "language": opened.argument}
        case kind:
            return {"type": kind}


def _link(address: str) -> Json | None:
    if found := re.match(r"tg://user\?id=([0-9]+)$", address):
        return {"type": "text_mention", "user": {"id": int(found[1]), "is_bot": False, "first_name": ""}}
    if "://" not in address and not address.startswith("mailto:"):
        address = f"http://{address}"
    _, _, rest = address.partition("://")
    _, slash, path = rest.partition("/")
    return {"type": "text_link", "url": address if slash or address.startswith("tg:") else f"{address}/{path}"}


def _joined_with_pre(reader: _Reader, entity: Json) -> None:
    """`<pre><code class="language-python">` is one block with a language."""
    *_, last = reader.entities
    if entity["type"] == "code" and "language" not in last and "language" not in entity:
        return
    if entity["type"] == "pre":
        inner = [one for one in reader.entities[:-1] if one["type"] == "code" and one.get("language")]
        if inner and (inner[-1]["offset"], inner[-1]["length"]) == (last["offset"], last["length"]):
            last["language"] = inner[-1]["language"]
            reader.entities.remove(inner[-1])
    elif entity["type"] == "code" and not any(one.tag == "pre" for one in reader.open):
        last.pop("language", None)
