"""A paper as a PDF on A4, with Chinese and Latin letters that are in the file itself, so that it reads alike anywhere.

The words in it can be searched and copied. The same paper gives the same bytes each time.
"""

from __future__ import annotations

from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from bot.papers import Paper
from bot.papers.layout import FOOT, MARGIN, Laid, Mark, Ruled, Shaded, Written, lay
from bot.papers.letters import NAME, letters
from bot.papers.words import for_years
from bot.words import Speaker
from config.text import t

INK, FAINT, LINE, BAND = 0.1, 0.42, 0.75, 0.93
"""Shades of grey, from black (0) to white (1)."""
BOLD = 0.028
"""A bold letter is drawn with an edge of this part of its size: the typeface has one weight."""


def as_pdf(paper: Paper, say: Speaker) -> bytes:
    """The paper on pages of A4, upright or, for a wide table, on its side, in the reader's words and zone.

    Takes a tenth of a second for ten pages, on a processor: for a long paper call it through `asyncio.to_thread`.
    Letters that the typeface does not have (emoji, Arabic, …) are drawn as boxes.
    """
    say = for_years(say)
    laid = lay(paper, say)
    kept = BytesIO()
    canvas = Canvas(kept, pagesize=(laid.width, laid.height), invariant=1, lang=_language(say), initialFontName=NAME)
    canvas.setTitle(letters().shown(say(paper.title)))
    canvas.setAuthor("Opsbook")
    canvas.setSubject("")
    canvas.setCreator("Opsbook")
    for n, page in enumerate(laid.pages, 1):
        for mark in page:
            _draw(canvas, mark)
        _number(canvas, laid, say(t("Page {page} of {pages}", page=n, pages=len(laid.pages))))
        canvas.showPage()
    canvas.save()
    return kept.getvalue()


def _language(say: Speaker) -> str:
    return "zh-CN" if say.reader.languages[0] == "zh" else "en"


def _number(canvas: Canvas, laid: Laid, words: str) -> None:
    x = laid.width - MARGIN - letters().width(words, FOOT)
    _draw(canvas, Written(x, MARGIN, words, FOOT, faint=True))


def _draw(canvas: Canvas, mark: Mark) -> None:
    match mark:
        case Shaded(x, y, width, height):
            canvas.setFillGray(BAND)
            canvas.rect(x, y, width, height, stroke=0, fill=1)
        case Ruled(x, y, width):
            canvas.setStrokeGray(LINE)
            canvas.setLineWidth(0.5)
            canvas.line(x, y, x + width, y)
        case Written():
            _write(canvas, mark)


def _write(canvas: Canvas, line: Written) -> None:
    shade = FAINT if line.faint else INK
    canvas.setFillGray(shade)
    canvas.setStrokeGray(shade)
    canvas.setLineWidth(line.size * BOLD)
    words = canvas.beginText(line.x, line.y)
    words.setFont(NAME, line.size)
    words.setTextRenderMode(2 if line.bold else 0)
    words.textOut(line.text)
    canvas.drawText(words)
