"""A PDF reads as it was written, in each language, over as many pages as it takes, and never fails."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from bot.papers import Grid, Paper, Passage
from bot.papers.layout import LONG, MARGIN, SHORT, Written, lay
from bot.papers.pdf import as_pdf
from bot.ui.card import Fact
from bot.words import Speaker
from config.text import t
from tests.papers.claims import CLAIM, HOSTILE, NORA, ROOM, WANG


def pages(paper: Paper, say: Speaker) -> list[list[str]]:
    """The lines of each page, as a PDF reader finds them."""
    return [page.extract_text().splitlines() for page in PdfReader(BytesIO(as_pdf(paper, say))).pages]


def columns(page: tuple[object, ...]) -> dict[float, list[str]]:
    """What stands at each distance from the left, from above."""
    found: dict[float, list[str]] = {}
    for mark in page:
        if isinstance(mark, Written):
            found.setdefault(mark.x, []).append(mark.text)
    return found


@pytest.mark.parametrize(
    ("say", "lines"),
    [
        (
            WANG,
            [
                "差旅报销 A-1001", "示例公司", "2026年11月23日 周一 09:00",
                "申请人", "李娜 (Dana Lee)", "金额", "¥1,234.50",
                "费用", "日期", "项目", "金额", "数量", "时长", "提交",
                "2026年11月20日 周五", "高铁票", "¥553.50", "2", "4 小时 30 分钟", "2026年11月23日 周一 09:00",
                "2026年11月21日 周六", "=HYPERLINK(1)", "¥127.50", "1.5", "0 分钟",
                "说明", "去上海见客户。", "@SUM(1)", "line two",
            ],
        ),
        (
            NORA,
            [
                "Travel claim A-1001", "Example Ltd.", "Sun 22 Nov 2026 20:00",
                "Asked by", "李娜 (Dana Lee)", "Amount", "CN¥1,234.50",
                "Costs", "Day", "What", "Amount", "Number", "Time", "Handed in",
                "Fri 20 Nov 2026", "Train", "CN¥553.50", "2", "4 h 30 min", "Sun 22 Nov 2026 20:00",
                "Sat 21 Nov 2026", "=HYPERLINK(1)", "CN¥127.50", "1.5", "0 min",
                "Why", "To see a client.", "@SUM(1)", "line two",
            ],
        ),
    ],
)  # fmt: skip
def test_paper_reads_in_the_readers_words_and_zone(say: Speaker, lines: list[str]) -> None:
    [page] = pages(CLAIM, say)

    said = "".join("".join(page).split())
    wanted = "".join("".join(lines).split())
    foot = say(CLAIM.footer[0]).replace(" ", "")
    number = say(t("Page {page} of {pages}", page=1, pages=1)).replace(" ", "")
    assert said == foot + wanted + number


def test_two_languages_stand_on_two_lines() -> None:
    [marks] = lay(CLAIM, ROOM).pages

    written = [mark.text for mark in marks if isinstance(mark, Written)]
    assert written[2:4] == ["差旅报销 A-1001", "Travel claim A-1001"]


def test_same_paper_gives_the_same_bytes() -> None:
    assert as_pdf(CLAIM, WANG) == as_pdf(CLAIM, WANG)


def test_paper_carries_its_typeface_and_its_title_and_no_date() -> None:
    read = PdfReader(BytesIO(as_pdf(CLAIM, WANG)))

    fonts = {font["/BaseFont"][-13:] for font in read.pages[0]["/Resources"]["/Font"].get_object().values()}  # type: ignore[index]
    embedded = ["/FontFile2" in font["/FontDescriptor"] for font in read.pages[0]["/Resources"]["/Font"].values()]  # type: ignore[index]
    assert read.metadata is not None
    assert (read.metadata.title, read.metadata.author) == ("差旅报销 A-1001", "Opsbook")
    assert str(read.metadata.creation_date)[:10] == "2000-01-01"
    assert all(embedded), fonts
    assert read.trailer["/Root"]["/Lang"] == "zh-CN"  # type: ignore[index]


def test_table_goes_on_over_pages_under_its_head() -> None:
    rows = tuple((f"A-{n}", "去上海拜访客户，讨论下一年度的合同") for n in range(1, 101))
    paper = Paper("List", sections=(Grid("", ("Number", "What"), rows),), footer=("Foot",))

    laid = lay(paper, NORA)

    first = [columns(page)[MARGIN + 4] for page in laid.pages]
    assert [lines[0] for lines in first] == ["Number"] * len(laid.pages)
    assert [line for lines in first for line in lines[1:]] == [f"A-{n}" for n in range(1, 101)]
    assert [page[0] for page in laid.pages] == [Written(MARGIN, MARGIN, "Foot", 8.0, faint=True)] * len(laid.pages)
    assert [lines[-1] for lines in pages(paper, NORA)] == [f"Page {n} of 3" for n in (1, 2, 3)]


def test_row_that_is_longer_than_a_page_goes_on_on_the_next() -> None:
    paper = Paper("List", sections=(Grid("", ("What", "Number"), (("字" * 6000, 1), ("Last", 2))),))

    read = pages(paper, NORA)

    assert "".join("".join(lines) for lines in read).count("字") == 6000
    assert (len(read), read[-1][-2:]) == (3, ["Last 2", "Page 3 of 3"])


def test_numbers_stand_at_the_right() -> None:
    paper = Paper("List", sections=(Grid("", ("Number", "What"), ((1, "one"), (1234567, "many"))),))

    [marks] = lay(paper, NORA).pages

    at = {mark.text: mark.x for mark in marks if isinstance(mark, Written)}
    assert at["1"] > at["1,234,567"]
    assert at["one"] == at["many"] == at["What"]


def test_wide_table_lies_on_its_side() -> None:
    def sides(columns: int) -> tuple[float, float]:
        laid = lay(Paper("List", sections=(Grid("", ("x",) * columns, ()),)), NORA)
        return laid.width, laid.height

    assert (sides(7), sides(8)) == ((SHORT, LONG), (LONG, SHORT))


def test_heading_is_never_left_at_the_foot_of_a_page() -> None:
    def lines(filled: int) -> list[str]:
        paper = Paper("T", sections=(Passage("", ("x",) * filled), Passage("Heading", ("First line", "Second"))))
        return [page[-2] for page in pages(paper, NORA)]

    assert [n for n in range(20, 45) if "Heading" in lines(n)] == []


@pytest.mark.parametrize("words", HOSTILE)
def test_whatever_people_write_is_drawn(words: str) -> None:
    grid = Grid(words, (words, "b", words), ((words, 1, words), (words,), ()))
    paper = Paper(words, (words,), (Fact(words, words),), (grid, Passage(words, (words, words))), (words,))

    laid = lay(paper, ROOM)

    assert as_pdf(paper, ROOM)[:5] == b"%PDF-"
    outside = [
        mark
        for page in laid.pages
        for mark in page
        if isinstance(mark, Written) and not (MARGIN - 1 <= mark.x <= laid.width and 0 < mark.y < laid.height)
    ]
    assert outside == []


def test_forty_columns_are_drawn() -> None:
    assert as_pdf(Paper("x", sections=(Grid("", ("列",) * 40, (("字", "b") * 20,) * 3),)), WANG)[:5] == b"%PDF-"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.text(max_size=60), max_size=4), max_size=8))
def test_any_words_in_any_table_are_drawn(rows: list[list[str]]) -> None:
    grid = Grid("Table", ("a", "b", "c", "d"), tuple(tuple(row) for row in rows))

    assert as_pdf(Paper("x", sections=(grid,)), NORA)[:5] == b"%PDF-"


def test_row_with_too_many_cells_is_no_row() -> None:
    with pytest.raises(ValueError, match="as many cells"):
        Grid("Table", ("a",), (("b", "c"),))
