"""What a person sees of a message or a window in Slack, as one line; and what in it would ring, link or
mention.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

_ANGLED = re.compile(r"<([^<>\n]+)>")
_STYLED = [re.compile(rf"(?<![\w{m}])\{m}(?=\S)([^{m}\n]+?)(?<=\S)\{m}(?![\w{m}])") for m in "*_~`"]
_BARE_URL = re.compile(r"(?<![<|\w])(?:https?://|www\.)[^\s<>|]+", re.IGNORECASE)
_BARE_NAME = re.compile(r"(?<![\w<])@(channel|here|everyone|[a-z][\w.-]*)|(?<![\w<&])#([a-z][\w-]*)", re.IGNORECASE)
_MARKDOWN_LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)[^)]*\)")


# --- Lines ----------------------------------------------------------------------------------------


def line_of_message(message: Json) -> str:
    """A message as one line: its blocks, or its text when it has none; buttons in brackets, fields as `name:
    value`.
    """
    blocks = message.get("blocks")
    parts = _lines(blocks) if blocks else [_formatted(message.get("text") or "")]
    for attachment in message.get("attachments") or []:
        parts += _lines(attachment.get("blocks") or [])
        parts += [_formatted(attachment[name]) for name in ("pretext", "title", "text") if attachment.get(name)]
    parts += [f"(file: {file.get('title') or file.get('name')})" for file in message.get("files") or []]
    return " | ".join(part for part in parts if part)


def line_of_view(view: Json, errors: Mapping[str, str] | None = None) -> str:
    """A modal or the home tab as one line: title, questions with what stands in them, refusals, then its
    buttons.
    """
    parts = [_shown(view.get("title"))]
    for block in view.get("blocks", []):
        said = (errors or {}).get(block.get("block_id", ""))
        parts += [*_lines([block]), f"! {said}" if said else ""]
    if (errors or {}).get(""):
        parts.append(f"! {(errors or {})['']}")
    parts.append(" ".join(f"[{_shown(view[name])}]" for name in ("submit", "close") if view.get(name)))
    return " | ".join(part for part in parts if part)


def _lines(blocks: Sequence[Json]) -> list[str]:
    return [part for block in blocks for part in _block(block)]


def _block(block: Json) -> list[str]:
    match block.get("type"):
        case "section":
            parts = [_shown(one) for one in [block.get("text"), *(block.get("fields") or [])]]
            return [*parts, element(block["accessory"]) if block.get("accessory") else ""]
        case "header":
            return [_shown(block.get("text"))]
        case "context":
            return [element(one) for one in block["elements"]]
        case "actions":
            return [" ".join(element(one) for one in block["elements"])]
        case "input":
            optional = " (optional)" if block.get("optional") else ""
            hint = f" ({_shown(block['hint'])})" if block.get("hint") else ""
            return [f"{_shown(block['label'])}{optional}{hint}: {element(block['element'])}"]
        case "image" | "video":
            title = f"{_shown(block['title'])} " if block.get("title") else ""
            return [f"{title}(image: {block.get('alt_text', '')})"]
        case "table" | "data_table":
            return [" / ".join(_cell(cell) for cell in row) for row in block["rows"]]
        case "markdown":
            return [" ".join(str(block["text"]).split())]
        case "rich_text":
            return [_rich(block)]
    return []


def element(part: Json) -> str:
    """One element as a person sees it: a button by its label, a question by what stands in it."""
    kind = part.get("type")
    if kind in ("plain_text", "mrkdwn"):
        return _shown(part)
    if kind == "button":
        return f"[{_shown(part['text'])}]"
    if kind == "image":
        return f"(image: {part.get('alt_text', '')})"
    if kind == "overflow":
        return f"[... {', '.join(_shown(one['text']) for one in part['options'])}]"
    chosen = [part["initial_option"]] if part.get("initial_option") else part.get("initial_options") or []
    stands = [_shown(one["text"]) for one in chosen] or [str(one) for one in _initial(part)]
    offered = [_shown(one["text"]) for one in options(part)]
    return (", ".join(stands) or "___") + (f" <{', '.join(offered)}>" if offered else "")


def _initial(part: Json) -> list[object]:
    return [value for name, value in part.items() if name.startswith("initial_") and value not in (None, "", [])]


def options(part: Json) -> list[Json]:
    """Every option that an element offers, groups opened."""
    found = list(part.get("options") or [])
    for group in part.get("option_groups") or []:
        found += group["options"]
    return found


def _cell(cell: Json) -> str:
    if cell.get("type") == "rich_text":
        return _rich(cell)
    return str(cell.get("text", cell.get("value", "")))


def _rich(part: Json) -> str:
    match part.get("type"):
        case "text":
            return str(part.get("text", ""))
        case "user":
            return f"@{part.get('user_id')}"
        case "broadcast":
            return f"@{part.get('range')}"
        case "link":
            return str(part.get("text") or part.get("url"))
        case "emoji":
            return f":{part.get('name')}:"
        case "rich_text_section" | "rich_text_preformatted":
            return "".join(_rich(one) for one in part.get("elements") or [])
    return " ".join(_rich(one) for one in part.get("elements") or [])


def _shown(part: Json | None) -> str:
    """A text object as shown. Plain text keeps its entities: whoever escapes there has escaped too much."""
    if not part:
        return ""
    written = str(part.get("text", ""))
    return _formatted(written) if part.get("type") == "mrkdwn" else " ".join(written.split())


def _formatted(written: str) -> str:
    for style in _STYLED:
        written = style.sub(r"\1", written)
    written = " ".join(_ANGLED.sub(_spoken, written).split())
    return written.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _spoken(found: re.Match[str]) -> str:
    target, _, label = found[1].partition("|")
    if target.startswith("!date^"):
        return label
    if target.startswith(("@", "#", "!")):
        return "@" + (label or target.lstrip("@#!").removeprefix("subteam^")).lstrip("@")
    return f"{label} ({target})" if label and label != target else target


# --- What is live ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Live:
    """A piece of a text that Slack makes live: `kind` is broadcast, group, user, channel, link, date or
    autolink.
    """

    kind: str
    raw: str
    where: str

    def __str__(self) -> str:
        return f"{self.kind} {self.raw} at {self.where}"


def live_in_message(message: Json) -> list[Live]:
    """All that a message makes live, in its notification text, blocks and attachments.

    `parse=none` doesn't disarm `<!channel>`: only escaping does. It does stop addresses from being linked;
    `link_names` and `parse=full` make bare names live as well.
    """
    asked = message.get("sent_with") or {}
    full, none = asked.get("parse") == "full", asked.get("parse") == "none"
    names = full or asked.get("link_names") in (True, 1, "1", "true")
    found = list(_live_in_text(message.get("text") or "", "text", bare=not none, names=names))
    found += _live_in_part(message.get("blocks") or [], "blocks")
    for index, attachment in enumerate(message.get("attachments") or []):
        found += _live_in_part(attachment.get("blocks") or [], f"attachments/{index}/blocks")
        for name, value in attachment.items():
            if isinstance(value, str):
                found += _live_in_text(value, f"attachments/{index}/{name}", bare=True, names=False)
        for field in attachment.get("fields") or []:
            found += _live_in_text(str(field.get("value", "")), f"attachments/{index}/fields", bare=True, names=False)
    return found


def live_in_view(view: Json) -> list[Live]:
    """All that a modal or home tab makes live."""
    return list(_live_in_part(view.get("blocks") or [], "blocks"))


def _live_in_part(part: Any, where: str) -> Iterator[Live]:
    if isinstance(part, list):
        for index, one in enumerate(part):
            yield from _live_in_part(one, f"{where}/{index}")
    elif isinstance(part, dict):
        kind = part.get("type")
        if kind == "mrkdwn":
            bare = not part.get("verbatim")
            yield from _live_in_text(str(part.get("text", "")), where, bare=bare, names=False)
        elif kind == "markdown":
            written = str(part.get("text", ""))
            yield from _live_in_text(written, where, bare=True, names=True)
            yield from (Live("link", found[1], where) for found in _MARKDOWN_LINK.finditer(written))
        elif kind in ("user", "usergroup", "broadcast", "channel", "link"):
            named = "group" if kind == "usergroup" else str(kind)
            target = next(
                (str(part[n]) for n in ("user_id", "usergroup_id", "range", "channel_id", "url") if n in part),
                "",
            )
            yield Live(named, target, where)
        else:
            for name, one in part.items():
                if isinstance(one, (dict, list)):
                    yield from _live_in_part(one, f"{where}/{name}")


def _live_in_text(written: str, where: str, *, bare: bool, names: bool) -> Iterator[Live]:
    for found in _ANGLED.finditer(written):
        kind = _kind(found[1])
        if kind:
            yield Live(kind, found[0], where)
    rest = _ANGLED.sub(" ", written)
    if bare:
        yield from (Live("autolink", found[0], where) for found in _BARE_URL.finditer(rest))
    if names:
        yield from (Live("name", found[0], where) for found in _BARE_NAME.finditer(rest))


def _kind(inside: str) -> str | None:
    if inside.startswith("!"):
        name = inside[1:].split("|")[0].split("^")[0]
        return {"subteam": "group", "date": "date"}.get(name, "broadcast")
    if inside.startswith(("@", "#")):
        return "user" if inside[0] == "@" else "channel"
    return "link" if re.match(r"(?i)[a-z][a-z0-9+.-]*:|www\.|[^\s|]+\.[a-z]{2,}(\||/|$)", inside) else None
