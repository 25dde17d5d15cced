"""Papers: what people file, print or hand to an auditor, as a PDF or as a workbook, in Chinese and in English.

A paper is plain data. `bot.papers.pdf.as_pdf` and `bot.papers.workbook.as_sheet` draw it for one reader, and draw the
same paper into the same bytes each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from bot.ui.card import Fact
from config.text import Words

Cell: TypeAlias = Words | int | Decimal
"""What stands in a table: words, or a number to reckon with. `Money`, `Span` and `OnDay` are reckoned with too."""

PDF = "application/pdf"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table under a heading: its columns' names and its rows; a row that is too short is filled up with nothing."""

    title: Words
    columns: tuple[Words, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        if not self.columns or any(len(row) > len(self.columns) for row in self.rows):
            raise ValueError(f"each row has at most as many cells as there are columns: {self.title}")


@dataclass(frozen=True, slots=True)
class Passage:
    """Paragraphs under a heading (which may be empty)."""

    title: Words
    paragraphs: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A title with lines below it, facts, sections in their order, and lines that stand at the foot of each page."""

    title: Words
    subtitle: tuple[Words, ...] = ()
    facts: tuple[Fact, ...] = ()
    sections: tuple[Grid | Passage, ...] = ()
    footer: tuple[Words, ...] = ()
