"""Letters on paper: how wide words are, where a line may end, and a box for a letter that there is none for."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

import regex
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from bot.ui.form import clean

FONT = Path(__file__).parent / "fonts" / "NotoSansCJKsc.ttf"
"""Chinese and Latin letters in one file; what it is and may be used for stands beside it."""
NAME = "NotoSansCJKsc"
BOX = "□"
"""Stands for a letter that the font does not have."""

_OPENING = r"（《〈「『【〔〖“‘"
_CLOSING = r"，。、；：？！）》〉」』】〕〗”’…—％·"
_WIDE = rf"\u2E80-\u303F\u3040-\u33FF\u3400-\u9FFF\uF900-\uFAFF\uFE30-\uFE4F\uFF00-\uFFEF{BOX}"
_PIECE = regex.compile(
    rf"\s+|[{_OPENING}]*(?:[[{_WIDE}]--[{_OPENING}{_CLOSING}]]|[^\s{_WIDE}{_OPENING}{_CLOSING}]+)?[{_CLOSING}]*",
    regex.V1,
)
"""What a line is not broken within: a Chinese sign or a word, with the marks that may not begin or end a line."""
_CLUSTER = regex.compile(r"\X")
_UNSEEN = regex.compile(r"[\p{Default_Ignorable_Code_Point}\p{Cf}]")


class Letters:
    """The typeface, read once."""

    def __init__(self) -> None:
        font = TTFont(NAME, str(FONT), validate=0)
        pdfmetrics.registerFont(font)
        self._widths: dict[int, float] = font.face.charWidths
        self._known: frozenset[int] = frozenset(font.face.charToGlyph)

    def shown(self, text: str) -> str:
        """The text in letters that there are: a box for each one that there is not, nothing for what is never seen."""
        if text.isascii() and text.isprintable():
            return text
        text = unicodedata.normalize("NFC", clean(text.expandtabs(4).replace("\u00ad", ""), lines=True))
        return "".join(self._drawn(cluster) for cluster in _CLUSTER.findall(text))

    def _drawn(self, cluster: str) -> str:
        cluster = _UNSEEN.sub("", cluster)
        if cluster == "\n" or all(ord(char) in self._known for char in cluster):
            return cluster
        return "".join(char for char in cluster if ord(char) in self._known) + BOX

    def width(self, text: str, size: float) -> float:
        """In points."""
        return sum(self._widths.get(ord(char), 1000.0) for char in text) * size / 1000

    def wrapped(self, text: str, size: float, width: float) -> list[str]:
        """The text in lines of at most `width` points; at least one, if an empty one. A word that is wider is cut."""
        found: list[str] = []
        for line in self.shown(text).split("\n"):
            found += self._lines(line.rstrip(), size, width)
        return found

    def _lines(self, text: str, size: float, width: float) -> list[str]:
        lines, line, used = [], "", 0.0
        for piece in _PIECE.findall(text):
            wide = self.width(piece, size)
            if used + wide > width and not piece.isspace():
                if line.strip():
                    lines.append(line.rstrip())
                line, used = "", 0.0
                *full, piece = self._cut(piece, size, width) if wide > width else [piece]
                lines += full
                wide = self.width(piece, size)
            line, used = line + piece, used + wide
        return [*lines, line.rstrip()] if line.strip() or not lines else lines

    def _cut(self, word: str, size: float, width: float) -> list[str]:
        """A word that is wider than a line, in parts that are not; each has one letter at least."""
        parts, part, used = [], "", 0.0
        for cluster in _CLUSTER.findall(word):
            wide = self.width(cluster, size)
            if part and used + wide > width:
                parts.append(part)
                part, used = "", 0.0
            part, used = part + cluster, used + wide
        return [*parts, part]


@cache
def letters() -> Letters:
    """The one typeface of the program, read when it is first needed (a tenth of a second)."""
    return Letters()
