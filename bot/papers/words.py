"""What stands in a cell, in the reader's words."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from babel.numbers import format_decimal

from bot.papers import Cell
from bot.words import LOCALES, Speaker
from config.text import Money, Span

EXACT = "#,##0.##########"
LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)


def for_years(say: Speaker) -> Speaker:
    """The same reader, who is told each day with its year: a paper is read years later."""
    return Speaker(say.reader, LONG_AGO)


def said(cell: Cell, say: Speaker, between: str = " / ") -> str:
    """The cell as this reader reads it; a number in the reader's first language alone, with all that it has."""
    if isinstance(cell, Decimal):
        if not cell.is_finite():
            return str(cell)
        return format_decimal(cell, EXACT, LOCALES[say.reader.languages[0]], decimal_quantization=False)
    return say(cell, between)


def is_number(cell: Cell) -> bool:
    """Whether it is something to reckon with, which stands at the right of its column."""
    return isinstance(cell, int | Decimal | Money | Span)
