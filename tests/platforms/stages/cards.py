"""Cards that every platform has to show: one for each part of a card, one too long, and words that mean harm."""

from __future__ import annotations

from datetime import UTC, date, datetime

from bot.ui.card import Attached, Button, Card, Fact, Link, Row, Table, Tone
from config.text import Label, Money, OnDay, Span, When, t, tn
from tests.platforms.web.shop import COMPLAINT, TAKEN

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
TITLE = Label("投诉 C-1：门锁打不开", "Complaint C-1: the lock won't open")
PARTS: dict[str, Card] = {
    "title": Card(TITLE),
    "body": Card(
        TITLE, body=(Label("孩子在屋里。", "A child is inside."), "第一行\nSecond line", t("Nobody has taken it."))
    ),
    "facts": Card(
        TITLE,
        facts=(
            Fact(Label("客户", "Customer"), "李女士"),
            Fact(Label("受理", "Received"), When(NOON)),
            Fact(Label("购买", "Bought on"), OnDay(date(2025, 2, 14))),
            Fact(Label("金额", "At stake"), Money(12050)),
            Fact(Label("已等", "Waited"), Span(7500)),
            Fact(Label("楼层", "Floors"), tn("{n} reply", "{n} replies", n=3)),
        ),
    ),
    "table": Card(
        TITLE,
        table=Table(
            (Label("编号", "Number"), Label("客户", "Customer"), Label("期限", "By")),
            (
                Row(("C-1", "李女士", When(NOON, "time"))),
                Row(("C-2", "Harborview Apartments", OnDay(date(2026, 3, 4)))),
            ),
        ),
    ),
    "foot": Card(
        TITLE, foot=(Label("依据 §3.4.2 投诉处理", "By §3.4.2, Complaints"), Label("第二条", "Another clause"))
    ),
    "buttons": Card(
        TITLE,
        buttons=(
            Button(Label("我来处理", "I take it"), "tickets.take:1:1", Tone.GOOD),
            Button(Label("不受理", "Turn down"), "tickets.refuse:1:1", Tone.BAD, Label("确定吗？", "Are you sure?")),
            Button("我来处理", "tickets.take:2:1"),
        ),
    ),
    "links": Card(
        TITLE,
        links=(
            Link(Label("完整报告", "Full report"), "https://example.com/r/1"),
            Link("地图", "https://example.com/地图?q=a&b=c"),
        ),
    ),
    "complaint": COMPLAINT,
    "taken": TAKEN,
}  # fmt: skip

PARAGRAPH = " ".join(f"{n} 门锁 won't open." for n in range(1, 400))[:4000]
LONGEST = Card(
    Label("投诉 " + "很长" * 60, "Complaint " + "long " * 30),
    body=(PARAGRAPH, PARAGRAPH, Label("最后一段", "The last paragraph")),
    facts=tuple(Fact(f"Fact {n}", f"value {n} " + "甲" * (n % 40)) for n in range(1, 41)),
    table=Table(
        ("Number", "Customer", "What"),
        tuple(Row((f"C-{n + 1000}", f"Customer {n}", "门锁 " * (n % 9))) for n in range(1, 101)),
    ),
    buttons=tuple(Button(f"Button {n}", f"tickets.take:{n}:1") for n in range(1, 26)),
    files=tuple(Attached(f"web:{n}", f"paper-{n}.png", "image/png", 10) for n in range(1, 11)),
    tone=Tone.WARN,
    foot=(Label("依据 §3.4.2 投诉处理", "By §3.4.2, Complaints"),),
)
"""More of everything than any chat shows."""

HOSTILE: dict[str, list[str]] = {
    "ring everybody": [
        "<!channel>", "<!here|here>", "<!everyone>", "<@U0OMAR>", "<@U0OMAR|omar>", "<!subteam^S1|all>",
        "@channel @here @everyone @all", "<#C0SERVICE|service>", "&lt;!channel&gt;", "&amp;lt;!channel&amp;gt;",
        "@opsbook_bot @omar /cancel #tag $USD", "<!date^1392734382^{date}|x>", "::C:: :wave: :tada:", "@\u200bchannel",
    ],
    "lead elsewhere": [
        "<https://evil.example|bank.example>", "[bank](https://evil.example)", "https://bank.example\u202e@evil.example",
        '<a href="https://evil.example">bank</a>', "tg://user?id=7001", '<a href="tg://user?id=7001">x</a>',
        "[x](tg://user?id=7001)", "https://еxample.com http://xn--80ak6aa92e.com",
        "mailto:a@b.example www.evil.example",
        "<mailto:a@b.example|write>", "evil.example/path?x=1", "javascript:alert(1)",
    ],
    "run": [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", '"><iframe src=x>',
        "' onmouseover='alert(1)", "<style>*{display:none}</style>", "</p></div></li><li class=message data-id=9>",
        "{{7*7}} ${7*7} {0.__class__} %s %n {title}", "<!--", "]]>", "&#x3c;script&#x3e;", "\\x3cscript\\x3e",
    ],
    "are marks": [
        "*bold* _it_ ~no~ `code` ```pre``` > quote", "__u__ ||spoiler|| **b**", "<b>unclosed <i>crossed</b></i>",
        "<tg-spoiler>x</tg-spoiler> <code>x", "& < > &amp; &lt", "* _ ~ ` [ ] ( ) # + - = | { } . !",
    ],
    "are strange to the eye": [
        "abc \u202e gnp.exe", "\u2066evil\u2069", "مرحبا بالعالم עברית", "👨‍👩‍👧‍👦 🏳️‍🌈 👩🏽‍🚒 किताब", "e\u0301" * 50,
        "z" + "\u0301" * 10_000, "\u200b\u200d\ufeff", "\u2800", "\u3164", " ", "\n\n\n", "\t", "-", "\u00ad",
    ],
    "are no text": [
        "a\x00b", "\x00", "a\x1b[31mb\x07\x7f", "a\r\nb\rc\u2028d\u2029e\x85f", "\ufffe\uffff",
        "a\ud800b", "\udfff", "\ud83d",
    ],
    "are long": [
        "x" * 150, "x" * 255, "x" * 3000, "x" * 3001, "字" * 4096, "字" * 4097, "👍" * 2048, "&" * 5000, "<" * 3000,
        "@a " * 2000, "https://e.example/" * 300, "word " * 8000, "\n".join("line" for _ in range(2000)),
    ],
}  # fmt: skip
"""Words that people write, by what they do where they are not shown as words."""
