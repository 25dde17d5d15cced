"""What a card looks like on Telegram: pure, from words to HTML and buttons, readable on a phone, and never too long."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.platforms.letters import cut, width
from bot.platforms.telegram.keyboards import is_numbered, is_web, keyboard, opens
from bot.platforms.telegram.styled import Group, Line, Run, clipped, dressed, html, length, line, plain, safe, said
from bot.ui.card import Attached, Card, Fact, Link, Row, Table, Tone
from bot.words import Speaker
from config.text import Money, OnDay, Span, Text, When, Words, t, tn

Json = dict[str, Any]

MESSAGE = 4096
CAPTION = 1024
PHONE = 36
"""So many letters stand on a phone's line."""
TITLE = 256
FOOT = 300
LEAST = 40
"""A paragraph or a fact that has to be shortened keeps at least so much, or goes."""
COLUMN = 30
ROW = 400

_MARK = {Tone.GOOD: "✅ ", Tone.BAD: "❌ ", Tone.WARN: "⚠️ "}


@dataclass(frozen=True, slots=True)
class Limits:
    """What fits: UTF-16 units of text (after the tags are read), and whether links may be buttons."""

    text: int = MESSAGE
    leads_out: bool = True


@dataclass(frozen=True, slots=True)
class Drawn:
    """A message: its words as HTML and, should Telegram not read that, plain; its buttons; whether all is in it."""

    html: str
    plain: str
    keyboard: Json | None = None
    is_whole: bool = True


def draw(card: Card, say: Speaker, limits: Limits | None = None) -> Drawn:
    """The card: title, body, facts, table, files, links, foot, in this order. What does not fit is said to be cut.

    Title, buttons, foot, links and facts are kept first; the body's paragraphs and the table share what is left, so
    that a long one costs no short one its place. The picture is not part of it.
    """
    limits = limits or Limits()
    head = Group([_title(card, say)])
    body = Group([line(say, words, between="\n") for words in card.body], "\n\n")
    facts = Group([_fact(fact, say) for fact in card.facts])
    table = _table(card.table, say)
    ends = Group([*[_file(file) for file in card.files], *_links(card.links, say, limits)])
    foot = Group([line(say, words, "i") for words in card.foot])
    shown, groups = len(table.lines), [head, body, facts, table, ends, foot]
    is_whole = _size(groups) <= limits.text
    if not is_whole:
        shown, groups = _shortened(say, limits.text, *groups)
    keys = keyboard(card, say, shown=shown, leads_out=limits.leads_out)
    return Drawn(_joined(groups, html), cut(_joined(groups, plain), limits.text), keys, is_whole)


def draw_words(words: Words, say: Speaker, limits: Limits | None = None) -> Drawn:
    """A sentence, or a few."""
    most = (limits or Limits()).text
    found = line(say, words, between="\n")
    kept = clipped(found, most)
    return Drawn(html(kept), plain(kept), is_whole=kept is found)


def _size(groups: Sequence[Group]) -> int:
    return sum(group.size() for group in groups) - 2


def _joined(groups: Sequence[Group], written: Callable[[Line], str]) -> str:
    return "\n\n".join(group.gap.join(written(one) for one in group.lines) for group in groups if group.lines)


# --- The card's parts


def _title(card: Card, say: Speaker) -> Line:
    """Bold, save where it stands alone: a sentence that nothing follows is no heading."""
    mark, tag = _MARK.get(card.tone, ""), "b" if _has_more(card) else ""
    flat = line(say, card.title, tag, flat=True)
    if length(flat) > PHONE and len(say.reader.languages) > 1:
        flat = line(say, card.title, tag, "\n")
    return (Run(mark, tag), *flat) if mark else flat


def _has_more(card: Card) -> bool:
    return bool(card.body or card.facts or card.table or card.files or card.links or card.foot)


def _colon(say: Speaker) -> str:
    """What stands between a name and its value: in Chinese alone, the wide sign and no gap."""
    return "\uff1a" if say.reader.languages == ("zh",) else ": "


def _fact(fact: Fact, say: Speaker) -> Line:
    """`Label: value`, on two lines where a phone would break it."""
    label = line(say, fact.label, "b", flat=True)
    asks = label[-1].text.endswith(("?", "？", ":", "："))
    colon, gap = ("", " ") if asks else (_colon(say).rstrip(), _colon(say)[1:])
    label, value = (*label, Run(colon)) if colon else label, line(say, fact.value)
    if width(plain(label)) + len(gap) + width(plain(value)) <= PHONE and "\n" not in plain(value):
        return (*label, Run(gap), *value) if gap else (*label, *value)
    return (*label, Run("\n"), *line(say, fact.value, between="\n"))


def _file(file: Attached) -> Line:
    name = cut(" ".join(safe(file.name).split()), 150)
    if file.url and is_web(file.url) and opens(file.url):
        return (Run("📎 "), Run(name, href=file.url))
    return (Run("📎 "), *dressed(name))


def _links(links: Sequence[Link], say: Speaker, limits: Limits) -> list[Line]:
    """Those that Telegram takes under no button, written out. What is not on the web has its words alone."""
    written: list[Line] = []
    for link in links:
        if limits.leads_out and opens(link.url):
            continue
        label = line(say, link.label, "b", flat=True)
        written.append((*label, Run(_colon(say)), Run(link.url)) if is_web(link.url) else label)
    return written


# --- Tables: a paragraph for each row, for a phone has no room for columns


def _table(table: Table | None, say: Speaker) -> Group:
    rows = table.rows if table else ()
    if table is None or not rows:
        return Group([])
    numbered = is_numbered(rows, say)
    lines = [_row(row, table, say, n if numbered else None) for n, row in enumerate(rows, 1)]
    is_narrow = all("\n" not in plain(one) and width(plain(one)) <= PHONE for one in lines)
    return Group(lines, "\n" if is_narrow else "\n\n")


def _row(row: Row, table: Table, say: Speaker, number: int | None) -> Line:
    """The first cell bold, then the others; a new line rather than a cell that a phone would break."""
    found: list[Run] = [Run(f"{number}. ")] if number is not None else []
    at = width(plain(tuple(found)))
    for index, cell in enumerate(row.cells):
        if index and not said(say, cell).strip("–"):
            continue
        drawn = line(say, cell, "" if index else "b", flat=True)
        name = table.columns[index] if index < len(table.columns) else ""
        if index and name and _needs_name(cell, plain(drawn)):
            drawn = (*clipped(line(say, name, flat=True), COLUMN), Run(_colon(say)), *drawn)
        wide = width(plain(drawn))
        if index and at + 3 + wide > PHONE:
            found.append(Run("\n"))
            at = wide
        else:
            found.append(Run(" · ")) if index else None
            at += wide + (3 if index else 0)
        found += drawn
    return tuple(found)


def _needs_name(cell: Words, shown: str) -> bool:
    """Whether a cell says nothing without its column's name: a number, an amount, a moment, a bare yes or no."""
    if isinstance(cell, When | OnDay | Span | Money):
        return True
    is_bare = isinstance(cell, Text) and not cell.args and cell.id in ("Yes", "No")
    return is_bare or not any(char.isalpha() for char in shown)


# --- When it is too much


def _shortened(
    say: Speaker, most: int, head: Group, body: Group, facts: Group, table: Group, ends: Group, foot: Group
) -> tuple[int, list[Group]]:
    """The groups within `most` units, with a word that they are not whole; and how many rows are left."""
    note = Group([line(say, t("Shortened to fit. The web chat has all of it."), "i")])
    head, ends, foot = _each(head, TITLE), _squeezed(ends, most // 5), _squeezed(_each(foot, FOOT), most // 8)
    table = _each(table, ROW)
    room = most - _size([head, ends, foot, note]) - 2
    facts = _squeezed(facts, max(room - body.size() - table.size(), room * 2 // 3))
    room -= facts.size()
    body = _squeezed(body, max(room - table.size(), room // 2 if table.lines else room))
    shown, table = _fitting(table, say, room - body.size())
    return shown, [head, body, facts, table, ends, note, foot]


def _fitting(table: Group, say: Speaker, room: int) -> tuple[int, Group]:
    """As many rows as there is room for, and how many more there are."""
    lines = list(table.lines)
    size, more = table.size(), ""
    while lines and size + len(more) + 2 * bool(more) > room:
        size -= length(lines.pop()) + len(table.gap)
        left = len(table.lines) - len(lines)
        more = said(say, tn("… and {n} more, not shown here", "… and {n} more, not shown here", n=left))
    found = Group([*lines, *([(Run(more),)] if more else [])], table.gap)
    return (len(lines), found) if found.size() <= room else (0, Group([]))


def _each(group: Group, most: int) -> Group:
    return Group([clipped(one, most) for one in group.lines], group.gap)


def _squeezed(group: Group, room: int) -> Group:
    """The group within so many units: short lines stay whole, long ones share what is left alike."""
    lines = list(group.lines)
    while lines and Group(lines, group.gap).size() > room:
        free = room - 2 - len(group.gap) * (len(lines) - 1)
        share = _share([length(one) for one in lines], free)
        if share >= LEAST or len(lines) == 1:
            return Group([clipped(one, share) for one in lines], group.gap) if share > 1 else Group([])
        lines.pop()
    return Group(lines, group.gap)


def _share(lengths: Sequence[int], room: int) -> int:
    """How long each may be at most, so that all together fit."""
    left, count = room, len(lengths)
    for size_ in sorted(lengths):
        if size_ * count > left:
            return max(0, left // count)
        left -= size_
        count -= 1
    return room
