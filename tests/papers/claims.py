"""A paper such as the finance department files: Dana's claim for a journey, and who reads it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.papers import Grid, Paper, Passage
from bot.ui.card import Fact
from bot.words import Reader, Speaker
from config.text import Label, Money, OnDay, Span, When

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
WANG = Speaker(Reader(("zh",)), MONDAY)
NORA = Speaker(Reader(("en",), ZoneInfo("America/New_York")), MONDAY)
ROOM = Speaker(Reader(("zh", "en")), MONDAY)

CLAIM = Paper(
    Label("差旅报销 A-1001", "Travel claim A-1001"),
    subtitle=(Label("示例公司", "Example Ltd."), When(MONDAY)),
    facts=(Fact(Label("申请人", "Asked by"), "李娜 (Dana Lee)"), Fact(Label("金额", "Amount"), Money(123450))),
    sections=(
        Grid(
            Label("费用", "Costs"),
            (
                Label("日期", "Day"),
                Label("项目", "What"),
                Label("金额", "Amount"),
                Label("数量", "Number"),
                Label("时长", "Time"),
                Label("提交", "Handed in"),
            ),
            (
                (OnDay(date(2026, 11, 20)), Label("高铁票", "Train"), Money(55350), 2, Span(16200), When(MONDAY)),
                (OnDay(date(2026, 11, 21)), "=HYPERLINK(1)", Money(12750), Decimal("1.5"), Span(0)),
            ),
        ),
        Passage(Label("说明", "Why"), (Label("去上海见客户。", "To see a client."), "@SUM(1)\nline two")),
    ),
    footer=(Label("仅供内部使用", "For internal use"),),
)

HOSTILE = (
    "\x00\x07\x1b[31m",
    "\ud800\udfff\ufffe\uffff",
    "\u202eevil\u2066\u200b\u200d\ufeff",
    "مرحبا بالعالم שלום",
    "👨‍👩‍👧‍👦🏳️‍🌈" * 50,
    "e\u0301\u0327" * 200,
    "字" * 3000,
    "x" * 3000,
    "<b>&amp;</b> \\ ( ) %s {name} _x0041_",
    "\n" * 200,
    "",
)
