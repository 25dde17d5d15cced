"""How a card looks on Slack: the same facts in the same order as everywhere, within what Slack will show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from bot.platforms.slack.letters import NOTHING, cut, escaped, pieces, short, size
from bot.ui.card import NOTHING as NO_ACTION
from bot.ui.card import Button, Card, Fact, Link, Row, Table, Tone
from bot.words import Speaker
from config.text import Words, t, tn

Json = dict[str, Any]

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MESSAGE_LETTERS = 13_000
"""All texts of one message together: beyond about 13,200 Slack answers msg_blocks_too_long (undocumented)."""
FALLBACK = 4000
"""`text` of a message: chat.postMessage takes 40,000, chat.update 4,000."""
HEADER = 150
SECTION = 3000
FIELD = 2000
FIELDS = 10
CONTEXT_ELEMENTS = 10
ACTIONS = 25
BUTTON = 75
BUTTON_VALUE = 2000
ACTION_ID = 255
URL = 3000
CONFIRM_TITLE = 100
CONFIRM_TEXT = 300
CONFIRM_BUTTON = 30
PARAGRAPH_PIECES = 3
"""A paragraph of ours has 3,000 characters in each of two languages, and a few more."""

LINK = "link"
"""The action id of buttons that only open an address; Slack tells us of a press all the same."""

_STYLE = {Tone.GOOD: "primary", Tone.BAD: "danger"}
_MARK = {Tone.GOOD: "✅ ", Tone.BAD: "❌ ", Tone.WARN: "⚠️ "}  # Slack has no other way to give a card its tone


def message_of(reply: Card | Words, say: Speaker) -> Json:
    """The `text` (for notices and screen readers) and `blocks` of a message."""
    if isinstance(reply, Card):
        return {"text": text_of(reply, say), "blocks": blocks_of(reply, say)}
    words = say(reply, "\n")
    parts = enumerate(pieces(words, SECTION, PARAGRAPH_PIECES))
    found = [_section(f"text{i}", _plain(part)) for i, part in parts]
    return {"text": escaped(words, FALLBACK), "blocks": found}


def text_of(card: Card, say: Speaker) -> str:
    """The card without blocks: escaped words, one thing a line, cut at what an edited message may have."""
    card = _with_files(card)
    lines = [_title(card, say), *(say(words, "\n") for words in card.body)]
    lines += [f"{say(fact.label)}: {say(fact.value)}" for fact in card.facts]
    if card.table:
        lines += [_line(card.table.columns, say), *(_line(row.cells, say) for row in card.table.rows)]
    lines += [say(card.image.alt)] if card.image else []
    lines += [f"{say(link.label)}: {link.url}" for link in card.links]
    lines += [say(words) for words in card.foot]
    return escaped("\n".join(line for line in lines if line), FALLBACK)


def blocks_of(card: Card, say: Speaker, most: int = MESSAGE_BLOCKS) -> list[Json]:
    """The card in at most `most` blocks. What does not fit is cut, and said to be; never an error.

    Buttons, links and the clause are placed first, then facts, body, table: in the order of what a reader can
    least do without. They are shown in the card's own order.
    """
    letters = MESSAGE_LETTERS if most == MESSAGE_BLOCKS else 10 * MESSAGE_LETTERS
    drawing = _Drawing(say, most, letters)
    found = _drawn(_with_files(card), drawing)
    if drawing.is_whole:
        return found
    note = say(t("Shortened to fit. The web chat has all of it."))
    found = _drawn(_with_files(card), _Drawing(say, most - 1, letters - size(note)))
    return [*found, {"type": "context", "block_id": "shortened", "elements": [_plain(note)]}]


def _drawn(card: Card, drawing: _Drawing) -> list[Json]:
    head = drawing.head(_title(card, drawing.say))
    keys = [key for line in card.pad for key in line if key.action != NO_ACTION]
    tail = [*drawing.buttons([*keys, *card.buttons]), *drawing.links(card.links), *drawing.foot(card)]
    facts = drawing.facts(card.facts)
    body = drawing.body(card.body)
    table = drawing.table(card.table) if card.table else []
    return [*head, *body, *facts, *table, *tail]


def _with_files(card: Card) -> Card:
    """Slack's own files as links, which Slack opens for those who may; ours by name, for they are shared below."""
    links = tuple(Link(file.name, file.url) for file in card.files if file.url)
    named = tuple(f"📎 {file.name}" for file in card.files if not file.url)
    return replace(card, links=card.links + links, body=card.body + named) if card.files else card


def _title(card: Card, say: Speaker) -> str:
    return _MARK.get(card.tone, "") + " ".join(say(card.title).split())


def _line(cells: Sequence[Words], say: Speaker) -> str:
    return " | ".join(" ".join(say(cell).split()) or NOTHING for cell in cells)


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": True}


def _section(id: str, text: Json) -> Json:
    return {"type": "section", "block_id": id, "text": text}


class _Drawing:
    """One message being drawn: how many blocks and letters are left, and which action ids are taken."""

    def __init__(self, say: Speaker, blocks: int, letters: int) -> None:
        self.say = say
        self.room = blocks
        self.left = letters
        self.names: Counter[str] = Counter()
        self.is_whole = True

    def text(self, words: str, most: int) -> Json:
        """A plain text, cut to its place and to what is left of the message."""
        text = cut(words, max(1, min(most, self.left)))
        self.is_whole = self.is_whole and min(most, size(words.strip())) <= self.left
        self.left = max(1, self.left - size(text))
        return _plain(text)

    def place(self, blocks: list[Json]) -> list[Json]:
        """As many of the blocks as there is room for."""
        kept = blocks[: max(0, self.room)]
        self.room -= len(kept)
        return kept

    def head(self, title: str) -> list[Json]:
        return self.place([{"type": "header", "block_id": "title", "text": self.text(title, HEADER)}])

    def body(self, body: Sequence[Words]) -> list[Json]:
        parts = [part for words in body for part in pieces(self.say(words, "\n"), SECTION, PARAGRAPH_PIECES)]
        kept = parts[: max(0, self.room)] if self.left > 1 else []
        if len(kept) < len(parts) and kept:
            kept[-1] += " …"
        found: list[Json] = []
        for i, part in enumerate(kept):
            if self.left > 1:
                found.append(_section(f"body{i}", self.text(part, SECTION)))
        self.is_whole = self.is_whole and len(found) == len(parts)
        return self.place(found)

    def facts(self, facts: Sequence[Fact]) -> list[Json]:
        found: list[Json] = []
        for start in range(0, len(facts), FIELDS):
            lines = [f"{self.say(f.label)}\n{self.say(f.value)}" for f in facts[start : start + FIELDS]]
            fields = [self.text(line, FIELD) for line in lines if self.left > 1]
            self.is_whole = self.is_whole and len(fields) == len(lines)
            if fields:
                found.append({"type": "section", "block_id": f"facts{len(found)}", "fields": fields})
        return self.place(found)

    def table(self, table: Table) -> list[Json]:
        """The columns' names, then the rows; how many more there are, where they do not all fit."""
        if not table.rows or self.room < 3:
            return []
        names = _line(table.columns, self.say) if table.columns else ""
        found = [self._context("columns", [names])] if names else []
        room = self.room - len(found) - 1
        buttons = any(row.button for row in table.rows)
        rows, shown = self._rows(table.rows, room) if buttons else self._lines(table.rows, room)
        more = len(table.rows) - shown
        if more:
            rest = self.say(tn("… and {n} more, not shown here", "… and {n} more, not shown here", n=more))
            rows.append(self._context("more", [rest]))
        return self.place(found + rows)

    def _rows(self, rows: Sequence[Row], room: int) -> tuple[list[Json], int]:
        found: list[Json] = []
        for row in rows[:room]:
            line = _line(row.cells, self.say)
            if self.left < size(line) + 2 * BUTTON:
                break
            block = _section(f"row{len(found)}", self.text(line, SECTION))
            if row.button:
                block["accessory"] = self.button(row.button)
            found.append(block)
        return found, len(found)

    def _lines(self, rows: Sequence[Row], room: int) -> tuple[list[Json], int]:
        """Rows with nothing to press share a section, so that far more of them fit."""
        sections: list[str] = []
        shown = 0
        for row in rows:
            line = cut(_line(row.cells, self.say), SECTION)
            if sum(map(size, sections)) + len(sections) + size(line) + BUTTON > self.left:
                break
            if sections and size(sections[-1]) + 1 + size(line) <= SECTION:
                sections[-1] += "\n" + line
            elif len(sections) < room:
                sections.append(line)
            else:
                break
            shown += 1
        blocks = [_section(f"row{i}", self.text(line, SECTION)) for i, line in enumerate(sections)]
        return blocks, shown

    def buttons(self, buttons: Sequence[Button]) -> list[Json]:
        return self._actions("buttons", [self.button(button) for button in buttons])

    def button(self, button: Button) -> Json:
        """Its action id is the action's name (numbered where it repeats), its value the whole action."""
        label = short(self.say, button.label, BUTTON)
        drawn: Json = {
            "type": "button",
            "action_id": self._own(button.action.split(":", 1)[0]),
            "text": self.text(label, BUTTON),
            "value": button.action[:BUTTON_VALUE],
        }
        if button.tone in _STYLE:
            drawn["style"] = _STYLE[button.tone]
        if button.confirm is not None:
            drawn["confirm"] = self._confirm(button)
        return drawn

    def _confirm(self, button: Button) -> Json:
        asked: Json = {
            "title": self.text(short(self.say, button.label, CONFIRM_TITLE), CONFIRM_TITLE),
            "text": self.text(self.say(button.confirm or button.label, "\n"), CONFIRM_TEXT),
            "confirm": self.text(short(self.say, button.label, CONFIRM_BUTTON), CONFIRM_BUTTON),
            "deny": self.text(short(self.say, t("Cancel"), CONFIRM_BUTTON), CONFIRM_BUTTON),
        }
        return asked | ({"style": "danger"} if button.tone is Tone.BAD else {})

    def links(self, links: Sequence[Link]) -> list[Json]:
        return self._actions("links", [self._link(link) for link in links if _is_open(link.url)])

    def _link(self, link: Link) -> Json:
        label = self.text(short(self.say, link.label, BUTTON), BUTTON)
        return {"type": "button", "action_id": self._own(LINK), "text": label, "url": link.url}

    def foot(self, card: Card) -> list[Json]:
        """The clause; and what Slack can't show: a picture in words, an address that it would refuse."""
        lines = [self.say(card.image.alt)] if card.image else []
        lines += [f"{self.say(link.label)}: {link.url}" for link in card.links if not _is_open(link.url)]
        parts = [lines[start : start + CONTEXT_ELEMENTS] for start in range(0, len(lines), CONTEXT_ELEMENTS)]
        above = [self._context(f"more{n}", part) for n, part in enumerate(parts)]
        clause = [self.say(words) for words in card.foot][-CONTEXT_ELEMENTS:]
        return [*self.place(above), *self.place([self._context("foot", clause)] if clause else [])]

    def _context(self, id: str, lines: Sequence[str]) -> Json:
        return {"type": "context", "block_id": id, "elements": [self.text(line, FIELD) for line in lines]}

    def _actions(self, id: str, elements: list[Json]) -> list[Json]:
        groups = [elements[start : start + ACTIONS] for start in range(0, len(elements), ACTIONS)]
        return self.place(
            [{"type": "actions", "block_id": f"{id}{i}", "elements": group} for i, group in enumerate(groups)]
        )

    def _own(self, name: str) -> str:
        self.names[name] += 1
        times = self.names[name]
        return name[:ACTION_ID] if times == 1 else f"{name[: ACTION_ID - 8]}:{times}"


def _is_open(url: str) -> bool:
    """Whether Slack takes the address under a button: on the web, with a host, and not too long."""
    if size(url) > URL or any(char.isspace() for char in url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
