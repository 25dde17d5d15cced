"""Where everything of a paper stands: marks on pages of A4, tables going on over pages with their heads repeated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.papers import Grid, Paper, Passage
from bot.papers.letters import Letters, letters
from bot.papers.words import is_number, said
from bot.ui.card import Fact
from bot.words import Speaker
from config.text import Words

SHORT, LONG = 595.28, 841.89
"""A4 in points."""
MARGIN = 50.0
WIDE_GRID = 7
"""A paper with a table of more columns lies on its side."""
HEAD, TITLE, PLAIN, SMALL, FOOT = 18.0, 12.0, 10.0, 9.0, 8.0
LEADING = 1.5
PAD = 4.0
"""Room around the words of a cell."""
HEAD_LINES = 6
LABELS = 0.28
"""The part of the width that the facts' labels have."""
WIDEST = 240.0
"""A column asks for no more than this."""


@dataclass(frozen=True, slots=True)
class Written:
    """One line of words: its left end and base line, in points from the left and from below."""

    x: float
    y: float
    text: str
    size: float
    bold: bool = False
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Ruled:
    """A thin line from left to right."""

    x: float
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class Shaded:
    """A band behind words."""

    x: float
    y: float
    width: float
    height: float


Mark = Written | Ruled | Shaded


@dataclass(frozen=True, slots=True)
class Laid:
    """A paper's pages, all of one size. Page numbers stand at the lower right, above `foot`, and are not in here."""

    width: float
    height: float
    pages: tuple[tuple[Mark, ...], ...]


def lay(paper: Paper, say: Speaker) -> Laid:
    """Lays the paper out. Whatever it says, it never raises; what is too long goes on on the next page."""
    across = any(isinstance(section, Grid) and len(section.columns) > WIDE_GRID for section in paper.sections)
    width, height = (LONG, SHORT) if across else (SHORT, LONG)
    laying = _Laying(say, letters(), width, height, paper.footer)
    laying.top(paper)
    if paper.facts:
        laying.facts(paper.facts)
    for section in paper.sections:
        if isinstance(section, Passage):
            laying.passage(section)
        else:
            laying.grid(section)
    return Laid(width, height, tuple(tuple(page) for page in laying.pages))


@dataclass(slots=True)
class _Laying:
    """The page that is being filled, from its top; `y` is where the next line may begin."""

    say: Speaker
    face: Letters
    page_width: float
    page_height: float
    footer: tuple[Words, ...]
    pages: list[list[Mark]] = field(default_factory=list)
    y: float = 0.0
    bottom: float = 0.0

    def __post_init__(self) -> None:
        told = [line for words in self.footer for line in self._wrapped(words, FOOT, self.width * 0.8)]
        self._foot = told[:HEAD_LINES]
        self.bottom = MARGIN + max(1, len(self._foot)) * FOOT * LEADING
        self.turn()

    _foot: list[str] = field(default_factory=list)

    @property
    def width(self) -> float:
        return self.page_width - 2 * MARGIN

    def turn(self) -> None:
        """Begins the next page, its foot first."""
        marks: list[Mark] = []
        y = MARGIN + (len(self._foot) - 1) * FOOT * LEADING
        for line in self._foot:
            marks.append(Written(MARGIN, y, line, FOOT, faint=True))
            y -= FOOT * LEADING
        self.pages.append(marks)
        self.y = self.page_height - MARGIN

    def room(self, height: float) -> None:
        """Turns the page where less than this is left on it; not where it is a fresh one."""
        if self.y - height < self.bottom and self.y < self.page_height - MARGIN:
            self.turn()

    def line(self, text: str, size: float, x: float = MARGIN, *, bold: bool = False, faint: bool = False) -> None:
        self.room(size * LEADING)
        self.y -= size * LEADING
        self._write(text, size, x, self.y, bold=bold, faint=faint)

    def _write(self, text: str, size: float, x: float, y: float, *, bold: bool = False, faint: bool = False) -> None:
        if text:
            self.pages[-1].append(Written(round(x, 2), round(y + size * 0.35, 2), text, size, bold, faint))

    def _wrapped(self, words: Words, size: float, width: float, between: str = "\n") -> list[str]:
        return self.face.wrapped(self.say(words, between), size, width)

    # --- The parts of a paper

    def top(self, paper: Paper) -> None:
        for text in self._wrapped(paper.title, HEAD, self.width):
            self.line(text, HEAD, bold=True)
        for words in paper.subtitle:
            for text in self._wrapped(words, PLAIN, self.width):
                self.line(text, PLAIN, faint=True)
        self.y -= PLAIN * 0.6
        self.pages[-1].append(Ruled(MARGIN, round(self.y, 2), self.width))
        self.y -= PLAIN * 0.4

    def facts(self, facts: Sequence[Fact]) -> None:
        for fact in facts:
            labels = self._wrapped(fact.label, PLAIN, self.width * LABELS - PAD)
            values = self._wrapped(fact.value, PLAIN, self.width * (1 - LABELS))
            for n in range(max(len(labels), len(values))):
                self.room(PLAIN * LEADING)
                self.y -= PLAIN * LEADING
                self._write(labels[n] if n < len(labels) else "", PLAIN, MARGIN, self.y, faint=True)
                x = MARGIN + self.width * LABELS
                self._write(values[n] if n < len(values) else "", PLAIN, x, self.y)
        self.y -= PLAIN * 0.6

    def _title(self, title: Words, needed: float) -> None:
        """A heading, with so much of what it heads on the same page."""
        lines = self._wrapped(title, TITLE, self.width) if self.say(title).strip() else []
        self.room(PLAIN * 0.8 + len(lines) * TITLE * LEADING + needed)
        self.y -= PLAIN * 0.8
        for text in lines:
            self.line(text, TITLE, bold=True)

    def passage(self, passage: Passage) -> None:
        self._title(passage.title, 2 * PLAIN * LEADING)
        for words in passage.paragraphs:
            for text in self._wrapped(words, PLAIN, self.width):
                self.line(text, PLAIN)
            self.y -= PLAIN * 0.5

    def grid(self, grid: Grid) -> None:
        table = _Table(self, grid)
        self._title(grid.title, table.head_height + 2 * SMALL * LEADING)
        table.draw()


class _Table:
    """One table being drawn: how wide its columns are, and its rows, whole on a page where they can be."""

    def __init__(self, laying: _Laying, grid: Grid) -> None:
        self.laying, self.grid = laying, grid
        self.heads = [laying.say(column, "\n") for column in grid.columns]
        self.cells = [[said(cell, laying.say, "\n") for cell in row] for row in grid.rows]
        self.widths = self._shared([self._asked(n) for n in range(len(grid.columns))])
        self.x = [MARGIN + sum(self.widths[:n]) for n in range(len(self.widths))]
        self.head = [lines[:HEAD_LINES] for lines in self._wrapped(self.heads)]
        self.head_height = self._height(max(len(lines) for lines in self.head))
        numbers = [[is_number(cell) for cell in row] for row in grid.rows]
        self.right = [
            bool(given := [row[n] for row in numbers if n < len(row)]) and all(given) for n in range(len(grid.columns))
        ]

    def _asked(self, column: int) -> float:
        """How wide a column would like to be."""
        face, size = self.laying.face, SMALL
        texts = [self.heads[column], *(row[column] for row in self.cells if column < len(row))]
        lines = (face.shown(line) for text in texts for line in text[:400].split("\n"))
        return min(max(face.width(line, size) for line in lines), WIDEST) + 2 * PAD

    def _shared(self, asked: list[float]) -> list[float]:
        """All of the paper's width: what is left over goes round, what is missing is taken from the widest."""
        whole = self.laying.width
        if sum(asked) <= whole:
            return [width * whole / sum(asked) for width in asked]
        left, widths = whole, [0.0] * len(asked)
        for done, n in enumerate(sorted(range(len(asked)), key=asked.__getitem__)):
            widths[n] = min(asked[n], left / (len(asked) - done))
            left -= widths[n]
        return widths

    def _wrapped(self, texts: Sequence[str]) -> list[list[str]]:
        return [
            self.laying.face.wrapped(text, SMALL, max(1.0, width - 2 * PAD))
            for text, width in zip(texts, self.widths, strict=False)
        ]

    @staticmethod
    def _height(lines: int) -> float:
        return lines * SMALL * LEADING + PAD

    def draw(self) -> None:
        self._draw_head()
        for row in self.cells:
            self._draw_row(self._wrapped(row))
        self.laying.y -= PLAIN * 0.6

    def _draw_head(self) -> None:
        page = self.laying
        page.pages[-1].append(
            Shaded(MARGIN, round(page.y - self.head_height, 2), round(page.width, 2), round(self.head_height, 2))
        )
        self._draw_lines(self.head, bold=True)

    def _draw_row(self, cells: list[list[str]]) -> None:
        page = self.laying
        most = max((len(lines) for lines in cells), default=1)
        fresh = page.page_height - MARGIN - self.head_height - page.bottom
        if self._height(most) > page.y - page.bottom and self._height(most) <= fresh:
            self._turn()
        while True:
            fit = max(1, int((page.y - page.bottom - PAD) / (SMALL * LEADING)))
            if page.y - self._height(1) < page.bottom:
                self._turn()
                continue
            self._draw_lines([lines[:fit] for lines in cells])
            cells = [lines[fit:] for lines in cells]
            if not any(cells):
                return
            self._turn()

    def _turn(self) -> None:
        self.laying.turn()
        self._draw_head()

    def _draw_lines(self, cells: Sequence[Sequence[str]], *, bold: bool = False) -> None:
        page = self.laying
        for n, lines in enumerate(cells):
            y = page.y - PAD / 2
            for text in lines:
                y -= SMALL * LEADING
                x = self.x[n] + PAD
                if self.right[n]:
                    x = self.x[n] + self.widths[n] - PAD - page.face.width(text, SMALL)
                page._write(text, SMALL, x, y, bold=bold)
        page.y -= self._height(max((len(lines) for lines in cells), default=1))
        page.pages[-1].append(Ruled(MARGIN, round(page.y, 2), round(page.width, 2)))
