"""What people read: the same words in their language and on their clock; and nobody's words are filled in twice."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.words import LANGUAGES, Reader, Speaker, language_of
from config.text import Label, Money, OnDay, Span, Text, When, Words, t, tn

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""Nine in the morning in Shanghai, one at night in London; in New York it is still Sunday."""
SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")

wang = Speaker(Reader(("zh",)), MONDAY)
omar = Speaker(Reader(("en",)), MONDAY)
nora = Speaker(Reader(("en",), NEW_YORK), MONDAY)
liu = Speaker(Reader(("zh",), NEW_YORK), MONDAY)
room = Speaker(Reader(LANGUAGES), MONDAY)
long_ago = Speaker(Reader(("en",)))
"""Speaks without knowing what year it is."""


@pytest.mark.parametrize(
    ("words", "chinese", "english"),
    [
        ("Broken lock {name}", "Broken lock {name}", "Broken lock {name}"),
        ("", "", ""),
        (Label("客服部", "Customer service"), "客服部", "Customer service"),
        (t("Help"), "帮助", "Help"),
        (t("Not translated."), "Not translated.", "Not translated."),
        (t("Hello, {name}", name="王芳"), "王芳，你好", "Hello, 王芳"),
        (
            t("Complaint {number} is open again; the new promise is {when}.", number="C-1", when=When(MONDAY)),
            "投诉 C-1 已重新打开，新的承诺时限是 11月23日 周一 09:00。",
            "Complaint C-1 is open again; the new promise is Mon 23 Nov 09:00.",
        ),
        (
            t("{did}, {when}", when=When(MONDAY, "time"), did=t("{name} took it", name="Dana")),
            "09:00 Dana 接手",
            "Dana took it, 09:00",
        ),
        (t("From now on I speak English to you."), "以后我跟你说中文。", "From now on I speak English to you."),
        (tn("{n} reply", "{n} replies", n=0), "0 条回复", "0 replies"),
        (tn("{n} reply", "{n} replies", n=1), "1 条回复", "1 reply"),
        (tn("{n} reply", "{n} replies", n=2), "2 条回复", "2 replies"),
        (tn("{n} reply", "{n} replies", n=1234), "1,234 条回复", "1,234 replies"),
        (tn("{n} lamp for {name}", "{n} lamps for {name}", n=2, name="Dana"), "2 lamps for Dana", "2 lamps for Dana"),
        (When(MONDAY), "11月23日 周一 09:00", "Mon 23 Nov 09:00"),
        (When(MONDAY, "day"), "11月23日 周一", "Mon 23 Nov"),
        (When(MONDAY, "time"), "09:00", "09:00"),
        (When(datetime(2027, 1, 3, 15, 5, tzinfo=UTC)), "2027年1月3日 周日 23:05", "Sun 3 Jan 2027 23:05"),
        (When(datetime(2027, 1, 3, 15, 5, tzinfo=UTC), "day"), "2027年1月3日 周日", "Sun 3 Jan 2027"),
        (OnDay(date(2026, 11, 23)), "11月23日 周一", "Mon 23 Nov"),
        (OnDay(date(2025, 2, 5)), "2025年2月5日 周三", "Wed 5 Feb 2025"),
        (Money(12050), "¥120.50", "CN¥120.50"),
        (Money(0), "¥0.00", "CN¥0.00"),
        (Money(-5), "-¥0.05", "-CN¥0.05"),
        (Money(99_999_999_999_999_999), "¥999,999,999,999,999.99", "CN¥999,999,999,999,999.99"),
        (Money(12050, "JPY"), "JP¥12,050", "¥12,050"),
        (Money(12050, "USD"), "US$120.50", "$120.50"),
        (Span(9000), "2 小时 30 分钟", "2 h 30 min"),
        (Span(7200), "2 小时", "2 h"),
        (Span(1800), "30 分钟", "30 min"),
        (Span(50 * 3600), "50 小时", "50 h"),
        (Span(3599), "1 小时", "1 h"),
        (Span(29), "0 分钟", "0 min"),
        (Span(30), "1 分钟", "1 min"),
        (Span(-60), "0 分钟", "0 min"),
    ],
)  # fmt: skip
def test_words_are_read_in_the_readers_language(words: Words, chinese: str, english: str) -> None:
    both = chinese if chinese == english else f"{chinese} / {english}"

    assert (wang(words), omar(words), room(words)) == (chinese, english, both)


@pytest.mark.parametrize(
    ("words", "chinese", "english"),
    [
        (When(MONDAY), "11月22日 周日 20:00", "Sun 22 Nov 20:00"),
        (When(MONDAY, "day"), "11月22日 周日", "Sun 22 Nov"),
        (When(MONDAY, "time"), "20:00", "20:00"),
        (When(datetime(2026, 7, 1, 12, 0, tzinfo=UTC)), "7月1日 周三 08:00", "Wed 1 Jul 08:00"),
        (When(datetime(2027, 1, 1, 4, 0, tzinfo=UTC)), "12月31日 周四 23:00", "Thu 31 Dec 23:00"),
        (When(datetime(2027, 1, 1, 5, 0, tzinfo=UTC)), "2027年1月1日 周五 00:00", "Fri 1 Jan 2027 00:00"),
        (OnDay(date(2026, 11, 23)), "11月23日 周一", "Mon 23 Nov"),
    ],
)
def test_moments_are_read_on_the_readers_clock_and_days_are_the_same_everywhere(
    words: Words, chinese: str, english: str
) -> None:
    assert (liu(words), nora(words)) == (chinese, english)


def test_year_is_the_readers_own() -> None:
    new_year = datetime(2026, 12, 31, 20, 0, tzinfo=UTC)  # 2027 in Shanghai, 2026 in New York
    in_shanghai = Speaker(Reader(("en",), SHANGHAI), new_year)
    in_new_york = Speaker(Reader(("en",), NEW_YORK), new_year)

    assert (in_shanghai(When(new_year)), in_new_york(When(new_year))) == ("Fri 1 Jan 04:00", "Thu 31 Dec 15:00")
    assert (in_shanghai(OnDay(date(2026, 12, 31))), in_new_york(OnDay(date(2026, 12, 31)))) == (
        "Thu 31 Dec 2026",
        "Thu 31 Dec",
    )


def test_year_is_left_out_where_nobody_knows_which_it_is() -> None:
    assert (long_ago(When(MONDAY)), long_ago(OnDay(date(2019, 2, 5)))) == ("Mon 23 Nov 09:00", "Tue 5 Feb")


def test_bilingual_room_reads_both_languages_on_one_line_or_on_two() -> None:
    assert room(t("Hello, {name}", name="Dana")) == "Dana，你好 / Hello, Dana"
    assert room(t("Hello, {name}", name="Dana"), "\n") == "Dana，你好\nHello, Dana"


def test_bilingual_room_reads_each_label_inside_a_sentence_in_its_own_language() -> None:
    kind = Label("产品质量", "Product quality")

    assert room(t("Changed: {title}", title=kind)) == "已更新：产品质量 / Changed: Product quality"


def test_number_is_grouped_the_same_in_both_languages() -> None:
    assert (wang(1234567), omar(1234567), room(1234567)) == ("1,234,567", "1,234,567", "1,234,567")


@pytest.mark.parametrize(
    "name",
    [
        "{name}",
        "{number}",
        "{{name}}",
        "{0.__class__}",
        "{name.__class__}",
        "{name!r}",
        "{name:>99}",
        "%(name)s",
        "\\1",
        "\\g<0>",
    ],
)
def test_what_people_write_is_not_filled_in_again(name: str) -> None:
    asked = t("{name} asks you to look at complaint {number}", name=name, number="C-1")

    assert (wang(asked), omar(asked)) == (f"{name} 请你看看投诉 C-1", f"{name} asks you to look at complaint C-1")


@given(st.text(), st.text())
def test_any_words_come_through_as_they_were_written(name: str, number: str) -> None:
    asked = t("{name} asks you to look at complaint {number}", name=name, number=number)

    assert omar(asked) == name + " asks you to look at complaint " + number


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (t("Hello, {name}"), "Hello, {name}"),
        (t("Hello, {name}", other="Dana"), "Hello, {name}"),
        (t("Reach {0.__class__} or {name.__class__}", name="Dana"), "Reach {0.__class__} or {name.__class__}"),
        (t("Reach {name!r}, {name:>9}, {Name}, {}, {", name="Dana"), "Reach {name!r}, {name:>9}, {Name}, {}, {"),
        (t("Write {{name}} and {name}", name="Dana"), "Write {name} and Dana"),
        (Text(""), ""),
    ],
)
def test_place_that_nobody_fills_stays_as_it_is(text: Text, read: str) -> None:
    assert omar(text) == read


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("zh", "zh"),
        ("zh-CN", "zh"),
        ("zh-TW", "zh"),
        ("zh_Hans", "zh"),
        ("zh_Hans_CN", "zh"),
        ("zh-hans-raw", "zh"),  # what some people's Telegram says
        ("ZH-cn", "zh"),
        ("zh_CN.UTF-8", "zh"),
        ("en", "en"),
        ("en-GB", "en"),
        ("en_US", "en"),
        ("EN", "en"),
        ("fr", None),
        ("fr-zh", None),
        ("eng", None),
        ("zhx", None),
        ("", None),
        (None, None),
        (" en", None),
        ("x" * 9999, None),
        ("../../en", None),
        ("\x00", None),
        ("中文", None),
    ],
)
def test_language_is_found_in_a_platforms_tag(tag: str | None, language: str | None) -> None:
    assert language_of(tag) == language


@pytest.mark.parametrize("languages", [(), ("fr",), ("zh", "fr")])
def test_reader_reads_chinese_or_english(languages: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="languages are"):
        Reader(languages)


def test_speakers_are_the_same_where_their_readers_are() -> None:
    assert Speaker(Reader(("zh",)), MONDAY) == Speaker(Reader(("zh",)))
    assert Speaker(Reader(("zh",))) != Speaker(Reader(("en",)))
    assert Speaker(Reader(("zh",), SHANGHAI)) != Speaker(Reader(("zh",), NEW_YORK))
    assert (wang == "wang") is False


def test_own_words_behind_a_colon_stand_once_in_a_bilingual_room() -> None:
    title = t("Complaint {number}: {customer}", number="C-1", customer="Lee")
    note = t("{name}, {when}: {text}", name="Omar", when=When(MONDAY, "time"), text="她六点前在家")

    assert (wang(title), omar(title)) == ("投诉 C-1\uff1aLee", "Complaint C-1: Lee")
    assert room(title, "\n") == "投诉 C-1 / Complaint C-1: Lee"
    assert room(note) == "Omar 09:00 / Omar, 09:00: 她六点前在家"
