"""A workbook holds numbers to reckon with, and people's words as words: never a formula, never a damaged file."""

from __future__ import annotations

import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from bot.papers import Grid, Paper
from bot.papers.workbook import CELL, as_sheet
from bot.words import Speaker
from config.text import Money, OnDay, Span, When
from tests.papers.claims import CLAIM, HOSTILE, MONDAY, NORA, ROOM, WANG


def day(year: int, month: int, day: int, hour: int = 0) -> datetime:
    """As a workbook holds it: without a zone."""
    return datetime(year, month, day, hour, tzinfo=UTC).replace(tzinfo=None)


def opened(paper: Paper, say: Speaker) -> Workbook:
    return load_workbook(BytesIO(as_sheet(paper, say)))


def cells(book: Workbook, name: str) -> list[list[Any]]:
    return [list(row) for row in book[name].iter_rows(values_only=True)]


def one(cell: Any, say: Speaker = NORA) -> Any:
    """One cell as it comes back."""
    return opened(Paper("x", sections=(Grid("Table", ("a",), ((cell,),)),)), say)["Table"]["A2"]


def test_overview_comes_first_then_each_table() -> None:
    book = opened(CLAIM, NORA)

    assert book.sheetnames == ["Overview", "Costs"]
    assert cells(book, "Overview") == [
        ["Travel claim A-1001", None],
        ["Example Ltd.", None],
        ["Sun 22 Nov 2026 20:00", None],
        [None, None],
        ["Asked by", "李娜 (Dana Lee)"],
        ["Amount", 1234.5],
        [None, None],
        ["Why", None],
        ["To see a client.", None],
        ["@SUM(1)\nline two", None],
        [None, None],
        ["For internal use", None],
    ]
    assert cells(book, "Costs") == [
        ["Day", "What", "Amount", "Number", "Time", "Handed in", "Handed in (UTC)"],
        [
            day(2026, 11, 20), "Train", 553.5, 2, timedelta(hours=4, minutes=30), "Sun 22 Nov 2026 20:00",
            day(2026, 11, 23, 1),
        ],
        [day(2026, 11, 21), "=HYPERLINK(1)", 127.5, 1.5, timedelta(0), None, None],
    ]  # fmt: skip


def test_chinese_reader_reads_chinese() -> None:
    book = opened(CLAIM, WANG)

    assert book.sheetnames[1:] == ["费用"]
    assert cells(book, "费用")[1][1:2] + cells(book, "费用")[1][5:6] == ["高铁票", "2026年11月23日 周一 09:00"]
    assert book["费用"]["C2"].number_format == '"¥"#,##0.00;-"¥"#,##0.00'


def test_two_languages_stand_in_one_cell() -> None:
    assert cells(opened(CLAIM, ROOM), "费用 Costs")[1][1] == "高铁票\nTrain"


def test_head_stands_still_and_filters() -> None:
    sheet = opened(CLAIM, NORA)["Costs"]

    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:G3")
    assert [sheet.column_dimensions[name].width > 8 for name in "ABCDEFG"] == [True] * 7


def test_same_paper_gives_the_same_bytes() -> None:
    first = as_sheet(CLAIM, NORA)

    assert as_sheet(CLAIM, NORA) == first
    with zipfile.ZipFile(BytesIO(first)) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b'<dcterms:modified xsi:type="dcterms:W3CDTF">2000-01-01' in parts.read("docProps/core.xml")


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "|x", "%0", "{=1}", "https://evil.example"])
def test_words_are_never_a_formula_nor_a_link(words: str) -> None:
    cell = one(words)

    assert (cell.value, cell.data_type, cell.hyperlink) == (words, "s", None)
    assert cell.quotePrefix == (words[0] in "=+-@\t|%")


@pytest.mark.parametrize(
    ("cell", "value", "form"),
    [
        (12, 12, "#,##0"),
        (-3, -3, "#,##0"),
        (Decimal("12.30"), 12.3, "#,##0.##########"),
        (Money(-5), -0.05, '"CN¥"#,##0.00;-"CN¥"#,##0.00'),
        (Money(500, "JPY"), 500, '"¥"#,##0;-"¥"#,##0'),
        (OnDay(date(1900, 3, 1)), day(1900, 3, 1), "yyyy-mm-dd"),
        (OnDay(date(2026, 2, 28)), day(2026, 2, 28), "yyyy-mm-dd"),
        (Span(90000), timedelta(hours=25), "[h]:mm"),
    ],
)
def test_numbers_are_numbers(cell: Any, value: Any, form: str) -> None:
    found = one(cell)

    assert (found.value, found.number_format) == (value, form)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (10**15, "1,000,000,000,000,000"),
        (Decimal("1234567890.123456789"), "1,234,567,890.123456789"),
        (Decimal("NaN"), "NaN"),
        (Money(10**15), "CN¥10,000,000,000,000.00"),
        (OnDay(date(1899, 5, 4)), "Thu 4 May 1899"),
    ],
)
def test_numbers_that_would_be_rounded_are_words(cell: Any, words: str) -> None:
    assert one(cell).value == words


def test_moments_before_excel_have_no_number() -> None:
    book = opened(Paper("x", sections=(Grid("T", ("a",), ((When(datetime(1890, 1, 1, tzinfo=UTC)),),)),)), NORA)

    assert cells(book, "T") == [["a", "a (UTC)"], ["Tue 31 Dec 1889 19:00", None]]


@pytest.mark.parametrize(
    ("titles", "names"),
    [
        (("a/b:c*d?[e]\\f", "'quoted'"), ["a b c d e f", "quoted"]),
        (("History", "history"), ["History 2", "history 3"]),
        (("overview", "", " "), ["overview 2", "Table", "Table 2"]),
        (("字" * 40, "字" * 40), ["字" * 30 + "…", "字" * 28 + "… 2"]),
        (("👍" * 20,), ["👍" * 15 + "…"]),
        (("\x00\ud800",), ["Table"]),
    ],
)
def test_sheets_have_names_that_excel_takes(titles: tuple[str, ...], names: list[str]) -> None:
    paper = Paper("x", sections=tuple(Grid(title, ("a",), ()) for title in titles))

    assert opened(paper, NORA).sheetnames[1:] == names


@pytest.mark.parametrize("words", HOSTILE)
def test_whatever_people_write_is_kept_and_opens(words: str) -> None:
    grid = Grid(words, (words,), ((words,), ()))

    book = opened(Paper(words, sections=(grid,), footer=(words,)), ROOM)

    assert len(book.sheetnames) == 2


def test_words_that_excel_would_read_as_a_code_stay() -> None:
    assert one("_x0041_ <b>&amp;").value == "_x0041_ <b>&amp;"


def test_longest_words_are_cut_to_what_a_cell_holds() -> None:
    cut = one("字" * 40_000).value

    assert (len(cut), cut[-2:]) == (CELL, "字…")


def test_moment_reads_in_the_readers_zone() -> None:
    assert [one(When(MONDAY), say).value for say in (WANG, NORA)] == [
        "2026年11月23日 周一 09:00",
        "Sun 22 Nov 2026 20:00",
    ]
