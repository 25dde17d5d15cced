"""A paper as a workbook: an overview first, then one sheet for each table, with numbers that can be reckoned with.

Whatever people wrote stays words: nothing in it is ever a formula or a link. The same paper gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from babel.numbers import get_currency_precision, get_currency_symbol
from xlsxwriter.workbook import Workbook

from bot.papers import Cell, Grid, Paper, Passage
from bot.papers.words import for_years, said
from bot.ui.form import clean
from bot.words import LOCALES, Speaker
from config.text import Money, OnDay, Span, When, t

CELL = 32_767
"""What Excel holds in a cell, in UTF-16 units; more, and it calls the file damaged."""
NAME = 31
FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
DIGITS = 15
"""A number of more digits would be rounded: it goes as words."""
NARROWEST, WIDEST = 8, 60
FIRST_DAY = datetime(1900, 3, 1, tzinfo=UTC).date()
"""Excel counts a 29 February 1900 that never was; days before it go as words."""
MADE = datetime(2000, 1, 1)  # noqa: DTZ001  # stands in every file, so that the same paper gives the same bytes
FORMULA = ("=", "+", "-", "@", "\t", "\r", "|", "%")


def as_sheet(paper: Paper, say: Speaker) -> bytes:
    """The paper as an xlsx workbook. Moments stand as the reader reads them, and beside them in UTC to reckon with.

    Takes a second for 20,000 rows, on a processor: for a long paper call it through `asyncio.to_thread`.
    """
    kept = BytesIO()
    book = Workbook(kept, {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False})
    book.set_properties({"created": MADE, "title": _kept(said(paper.title, say)), "author": "Opsbook"})
    writing = _Writing(book, for_years(say))
    writing.overview(paper)
    for section in paper.sections:
        if isinstance(section, Grid):
            writing.grid(section)
    book.close()
    return kept.getvalue()


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the sheet: its name, its cells, and whether they are the moments of one of ours, in UTC."""

    name: str
    cells: tuple[Cell | datetime | None, ...]


class _Writing:
    """The workbook being written."""

    def __init__(self, book: Workbook, say: Speaker) -> None:
        self.book, self.say = book, say
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._names: set[str] = {"history"}  # Excel keeps this one for itself

    def overview(self, paper: Paper) -> None:
        """Title, facts, passages and foot on the first sheet."""
        sheet = self.book.add_worksheet(self._name(self.say(t("Overview"))))
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, WIDEST)
        row = self._lines(sheet, 0, (paper.title, *paper.subtitle), bold_first=True) + 1
        for fact in paper.facts:
            self._cell(sheet, row, 0, fact.label, bold=True)
            self._cell(sheet, row, 1, fact.value)
            row += 1
        for section in paper.sections:
            if isinstance(section, Passage):
                row = self._lines(sheet, row + 1, (section.title, *section.paragraphs), bold_first=True)
        self._lines(sheet, row + 1, paper.footer)

    def _lines(self, sheet: Any, row: int, lines: Sequence[Cell], *, bold_first: bool = False) -> int:
        """Each in a row of its own, the empty ones left out; returns the row after them."""
        for n, words in enumerate(lines):
            if said(words, self.say).strip():
                self._cell(sheet, row, 0, words, bold=bold_first and n == 0, wrap=False)
                row += 1
        return row

    def grid(self, grid: Grid) -> None:
        """A sheet with the names of the columns standing still above the rows, and a filter on each."""
        sheet = self.book.add_worksheet(self._name(self.say(grid.title)))
        columns = self._columns(grid)
        for n, column in enumerate(columns):
            self._cell(sheet, 0, n, column.name, bold=True)
            for row, cell in enumerate(column.cells, 1):
                self._cell(sheet, row, n, cell)
            sheet.set_column(n, n, self._width(column))
        sheet.freeze_panes(1, 0)
        if grid.rows:
            sheet.autofilter(0, 0, len(grid.rows), len(columns) - 1)

    def _columns(self, grid: Grid) -> list[_Column]:
        """Those of the grid; one with moments is followed by the same moments in UTC."""
        found = []
        for n, words in enumerate(grid.columns):
            name, cells = self.say(words), tuple(row[n] if n < len(row) else None for row in grid.rows)
            found.append(_Column(name, cells))
            if any(isinstance(cell, When) for cell in cells):
                moments = tuple(cell.at if isinstance(cell, When) and _counts(cell.at) else None for cell in cells)
                found.append(_Column(self.say(t("{column} (UTC)", column=name)), moments))
        return found

    def _width(self, column: _Column) -> float:
        texts = [column.name, *(self._shown(cell) for cell in column.cells[:1000])]
        longest = max(_letters(line) for text in texts for line in text[:200].split("\n"))
        return min(max(longest + 3, NARROWEST), WIDEST)

    def _shown(self, cell: Cell | datetime | None) -> str:
        if cell is None:
            return ""
        return "2026-01-01 00:00:00" if isinstance(cell, datetime) else said(cell, self.say)

    # --- One cell

    def _cell(
        self,
        sheet: Any,
        row: int,
        column: int,
        cell: Cell | datetime | None,
        *,
        bold: bool = False,
        wrap: bool = True,
    ) -> None:
        number, form = self._number(cell)
        look: dict[str, Any] = {"valign": "top"} | ({"bold": True} if bold else {})
        if number is not None:
            sheet.write_number(row, column, number, self._format(look | {"num_format": form}))
        elif cell is not None and (words := _kept(said(cell, self.say, "\n"))):  # type: ignore[arg-type]
            quoted = {"quote_prefix": True} if words.startswith(FORMULA) else {}
            look |= {"text_wrap": wrap, "num_format": "@"} | quoted
            sheet.write_string(row, column, words, self._format(look))

    def _number(self, cell: Cell | datetime | None) -> tuple[float | int | None, str]:
        """The number that Excel reckons with, and how it shows it; None where it goes as words."""
        match cell:
            case datetime():
                return _serial(cell), "yyyy-mm-dd hh:mm:ss"
            case int():
                return (cell, "#,##0") if abs(cell) < 10**DIGITS else (None, "")
            case Decimal():
                digits = cell.as_tuple().digits
                return (float(cell), "#,##0.##########") if cell.is_finite() and len(digits) <= DIGITS else (None, "")
            case Money():
                return self._money(cell)
            case Span():
                return cell.seconds / 86400, "[h]:mm"
            case OnDay() if cell.day >= FIRST_DAY:
                return (cell.day - FIRST_DAY).days + 61, "yyyy-mm-dd"
        return None, ""

    def _money(self, money: Money) -> tuple[float | None, str]:
        if abs(money.minor) >= 10**DIGITS:
            return None, ""
        digits = get_currency_precision(money.currency)
        symbol = get_currency_symbol(money.currency, LOCALES[self.say.reader.languages[0]]).replace('"', "")
        shown = f'"{symbol}"#,##0' + ("." + "0" * digits if digits else "")
        return float(Decimal(money.minor).scaleb(-digits)), f"{shown};-{shown}"

    def _format(self, look: dict[str, Any]) -> Any:
        key = tuple(sorted(look.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(look)
        return self._formats[key]

    def _name(self, wanted: str) -> str:
        """A name for a sheet that Excel allows, and that no other has."""
        plain = _plain(wanted) or _plain(self.say(t("Table")))
        name, n = _cut(plain, NAME).strip("' "), 1
        while name.casefold() in self._names:
            n += 1
            name = f"{_cut(plain, NAME - len(f' {n}')).strip()} {n}"
        self._names.add(name.casefold())
        return name


def _counts(at: datetime) -> bool:
    """Whether Excel can count this moment."""
    return at.astimezone(UTC).date() >= FIRST_DAY


def _serial(at: datetime) -> float:
    """A moment in UTC as Excel counts: days since before 1900."""
    return (at - datetime(1899, 12, 30, tzinfo=UTC)).total_seconds() / 86400


def _kept(text: str) -> str:
    """What may stand in a cell: nothing that XML cannot hold, and no more than Excel can."""
    return _cut(clean(text, lines=True).strip("\ufffe\uffff"), CELL)


def _cut(text: str, most: int) -> str:
    """At most so many UTF-16 units, whole letters, an ellipsis at the end of what was longer."""
    units = text.encode("utf-16-le")
    if len(units) <= 2 * most:
        return text
    return units[: 2 * (most - 1)].decode("utf-16-le", "ignore") + "…"


def _letters(text: str) -> int:
    """How wide words are, in letters; a Chinese sign is two wide."""
    return sum(1 if char < "\u2e80" else 2 for char in text)


def _plain(wanted: str) -> str:
    return " ".join(clean(wanted).translate(FORBIDDEN).split()).strip("' ")
