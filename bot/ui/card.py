"""What a record looks like in chat: a flat card without markup, that every platform draws in its own way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from config.text import Words

NOTHING = "none"
"""The action of a key that only stands there: a weekday's name in a calendar."""
ACTION_BYTES = 64
"""Telegram takes no more than 64 bytes of callback data; so no platform gets more."""


class Tone(StrEnum):
    """What a card or a button means; never a colour."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    WARN = "warn"
    MUTED = "muted"


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a card: what it is about, and how it stands."""

    label: Words
    value: Words


@dataclass(frozen=True, slots=True)
class Button:
    """Something that the reader may do. `action` is `name[:record[:version]]`, made by a press's `button()`."""

    label: Words
    action: str
    tone: Tone = Tone.PLAIN
    confirm: Words | None = None

    def __post_init__(self) -> None:
        if not self.action or len(self.action.encode()) > ACTION_BYTES:
            raise ValueError(f"an action takes 1 to {ACTION_BYTES} bytes: {self.action!r}")


@dataclass(frozen=True, slots=True)
class Link:
    """A way out of the chat: an address on our own pages."""

    label: Words
    url: str


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that somebody added: where it lies (`slack:F123`, `web:7`), its name, type and size in bytes.

    `url` opens it for those whom its platform lets; the web finds its own by `source`.
    """

    source: str
    name: str
    mime: str = "application/octet-stream"
    size: int = 0
    url: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table, with what may be done about it."""

    cells: tuple[Words, ...]
    button: Button | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A list: its columns' names and its rows, each with as many cells as there are columns."""

    columns: tuple[Words, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that we drew ourselves, kept as a file of ours, and what it shows in words."""

    file_id: int
    alt: Words


@dataclass(frozen=True, slots=True)
class Card:
    """Title, paragraphs, facts, a table, an image, files, buttons, and the clause by which it acts (`foot`).

    `pad` holds buttons that stand in rows, as on a keypad: a calendar. `once`: it holds a key (a code, a way to sign
    in), so it is shown once, to one person, and never kept. `wants`: asks the reader's phone for what no button can
    give, where they are.
    """

    title: Words
    body: tuple[Words, ...] = ()
    facts: tuple[Fact, ...] = ()
    table: Table | None = None
    image: Image | None = None
    buttons: tuple[Button, ...] = ()
    links: tuple[Link, ...] = ()
    files: tuple[Attached, ...] = ()
    tone: Tone = Tone.PLAIN
    foot: tuple[Words, ...] = ()
    pad: tuple[tuple[Button, ...], ...] = ()
    once: bool = False
    wants: Literal["", "place"] = ""
    kind: Literal["card"] = "card"


def buttons_of(card: Card) -> list[Button]:
    """All of a card's buttons: its keypad's, its own, and those of its table's rows."""
    rows = card.table.rows if card.table else ()
    return [*[key for keys in card.pad for key in keys], *card.buttons, *[row.button for row in rows if row.button]]
