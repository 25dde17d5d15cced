"""The buttons under a message: two or three in a row where their labels are short, alone where they are long."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from bot.platforms.letters import NOTHING, cut, short, width
from bot.platforms.telegram.styled import is_visible
from bot.ui.card import Button, Card, Row, Tone
from bot.ui.form import clean
from bot.words import Speaker
from config.text import Words, t

Json = dict[str, Any]

BUTTONS = 100
A_ROW = 8
LABEL = 34
"""The widest label that a phone shows whole."""
FIT = {3: 9, 2: 15}
"""How wide each label may be where so many share a row."""
FIRST_CELL = 12
"""A row's first cell up to this width stands on its button."""
BLANK = "\u2800"
"""A key with nothing on it: Telegram takes no empty label, and this sign is empty to the eye."""
URL = 2000

_STYLE = {Tone.GOOD: "primary", Tone.BAD: "danger"}
"""A tone is the button's own colour, in clients since February 2026; no sign in front of the label."""


def keyboard(card: Card, say: Speaker, *, shown: int, leads_out: bool) -> Json | None:
    """The card's buttons, with those of the table's first `shown` rows; at most a hundred. None for none.

    The rows' come first, next to their table; then the pad, the card's own, and (where `leads_out`) the links. Where
    there are too many, the rows' go first.
    """
    pad = [[_button(button, say, pads=True) for button in line] for line in card.pad]
    pad = [line[start : start + A_ROW] for line in pad for start in range(0, len(line), A_ROW)]
    own = [_button(button, say) for button in card.buttons]
    out = [{"text": label(say, link.label), "url": link.url} for link in card.links if leads_out and opens(link.url)]
    room = BUTTONS - sum(map(len, pad)) - len(own) - len(out)
    table = _of_rows(card.table.rows, say)[:shown] if card.table else []
    found = [*_in_rows([button for button in table if button][: max(0, room)]), *pad, *_in_rows(own), *_in_rows(out)]
    return {"inline_keyboard": _first(found)} if found else None


def _first(rows: list[list[Json]]) -> list[list[Json]]:
    """The first hundred."""
    kept, room = [], BUTTONS
    for row in rows:
        kept.append(row[:room])
        room -= len(kept[-1])
        if room <= 0:
            break
    return kept


def label(say: Speaker, words: Words) -> str:
    """A label that fits: in both languages where both fit, else in the first that does."""
    found = " ".join(clean(cut(short(say, words, LABEL, width), LABEL)).split())
    return found if is_visible(found) else NOTHING


def _button(button: Button, say: Speaker, *, pads: bool = False) -> Json:
    blank = pads and not is_visible(say(button.label))
    text = BLANK if blank else label(say, button.label)
    style = _STYLE.get(button.tone)
    return {"text": text, "callback_data": button.action} | ({"style": style} if style else {})


def _of_rows(rows: Sequence[Row], say: Speaker) -> list[Json]:
    """The rows' buttons, each with what tells its row from the others; nothing for a row without one."""
    numbered, one_verb = is_numbered(rows, say), len({say(row.button.label) for row in rows if row.button}) == 1
    found: list[Json] = []
    for number, row in enumerate(rows, 1):
        if row.button is None:
            found.append({})
            continue
        verb = label(say, row.button.label)
        first = str(number) if numbered else label(say, row.cells[0])
        text = f"{first} ›" if one_verb and not numbered else f"{first} · {cut(verb, LABEL - width(first) - 3)}"
        found.append(_button(row.button, say) | {"text": text})
    return found


def is_numbered(rows: Sequence[Row], say: Speaker) -> bool:
    """Whether the rows carry numbers: their first cells are too long for a button, or the same."""
    pressed = [row for row in rows if row.button is not None]
    first = [" ".join(say(row.cells[0]).split()) if row.cells else "" for row in pressed]
    return len(set(first)) < len(first) or any(not is_visible(cell) or width(cell) > FIRST_CELL for cell in first)


def _in_rows(buttons: Sequence[Json]) -> list[list[Json]]:
    """As many to a row as are readable there; four short ones stand two and two."""
    rows, left = [], list(buttons)
    while left:
        count = next((n for n in FIT if _fits(left[:n], n)), 1)
        if count == 3 and len(left) > 3 and not _fits(left[3:5], 2) and _fits(left[:4], 2, of=4):
            count = 2
        if count == 2 and len(buttons) == len(left) == 3 and _fits(left[1:], 2):
            count = 1  # an answer alone, and below it the two that lead away
        rows.append(left[:count])
        del left[:count]
    return rows


def _fits(buttons: Sequence[Json], a_row: int, of: int | None = None) -> bool:
    return len(buttons) == (of or a_row) and all(width(button["text"]) <= FIT[a_row] for button in buttons)


def opens(url: str) -> bool:
    """Whether Telegram takes the address under a button: on the web, with a dot in its name, not this machine."""
    if not is_web(url) or len(url) > URL:
        return False
    host = urlsplit(url).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return "." in host.strip(".") and not host.endswith((".localhost", ".local"))


def is_web(url: str) -> bool:
    """Whether an address is http or https, whole, and nothing hides in it."""
    if any(char.isspace() or not char.isprintable() or char in '\\"<>' for char in url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def asks_place(say: Speaker) -> Json:
    """Instead of the letters: a key that sends where the phone is, and one that cancels. Gone after one press."""
    return {
        "keyboard": [
            [{"text": "📍 " + label(say, t("Share where I am")), "request_location": True}],
            [{"text": label(say, t("Cancel"))}],
        ],
        "resize_keyboard": True,
        "one_time_keyboard": True,
    }
