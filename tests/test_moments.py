"""Days and moments as people write them: what is meant by them, and what is left open and so not understood."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.moments import Moment, read_day, read_moment, understand_moment
from bot.words import Reader, Speaker
from config.text import OnDay, When

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)
FRIDAY_EVENING = datetime(2026, 11, 27, 18, 30, tzinfo=SHANGHAI)
NEW_YEARS_EVE = datetime(2026, 12, 31, 16, 20, tzinfo=SHANGHAI)
LEAP_DAY = datetime(2028, 2, 29, 12, 0, tzinfo=SHANGHAI)


def written(moment: Moment | None) -> str:
    """All that a moment holds, on one line: 2026-11-24 15:00, with a ~ where something was assumed."""
    if moment is None:
        return "not clear"
    at = f" {moment.time:%H:%M}" if moment.time else ""
    return f"{moment.day}{at}{' ~' if moment.assumed else ''}"


CHINESE = [
    ("今天", "2026-11-23"),
    ("明天", "2026-11-24"),
    ("后天上午", "2026-11-25"),
    ("大后天", "2026-11-26"),
    ("昨天下午4点", "2026-11-22 16:00"),
    ("前天", "2026-11-21"),
    ("明天下午三点", "2026-11-24 15:00"),
    ("明天下午三点半", "2026-11-24 15:30"),
    ("明天下午三点四十", "2026-11-24 15:40"),
    ("明天下午三点零五分", "2026-11-24 15:05"),
    ("明天下午3点15分", "2026-11-24 15:15"),
    ("明天下午03:30", "2026-11-24 15:30"),
    ("明天15:30", "2026-11-24 15:30"),
    ("明天十五点", "2026-11-24 15:00"),
    ("明天三点", "2026-11-24 15:00 ~"),
    ("明天3", "2026-11-24 15:00 ~"),
    ("明早9点", "2026-11-24 09:00"),
    ("明晚七点一刻", "2026-11-24 19:15"),
    ("明天凌晨1点", "2026-11-24 01:00"),
    ("明天中午", "2026-11-24 12:00 ~"),
    ("明天中午十二点半", "2026-11-24 12:30"),
    ("明天傍晚6点", "2026-11-24 18:00"),
    ("明天24点", "2026-11-25 00:00"),
    ("明天零点", "2026-11-24 00:00"),
    ("今晚八点", "2026-11-23 20:00"),
    ("今晚12点", "2026-11-24 00:00 ~"),
    ("今天8点", "2026-11-23 08:00"),
    ("十点一刻", "2026-11-23 10:15 ~"),
    ("3点", "2026-11-23 15:00 ~"),
    ("8点", "2026-11-24 08:00 ~"),
    ("差一刻四点", "2026-11-23 15:45 ~"),
    ("四点差五分", "2026-11-23 15:55 ~"),
    ("下午", "2026-11-23 ~"),
    ("周五", "2026-11-27"),
    ("周五上午十点", "2026-11-27 10:00"),
    ("周五十点", "2026-11-27 10:00"),
    ("周五十一点半", "2026-11-27 11:30"),
    ("星期天晚上8点", "2026-11-29 20:00"),
    ("礼拜三", "2026-11-25"),
    ("周1 8:30", "2026-11-30 08:30 ~"),
    ("周一上午十点", "2026-11-23 10:00 ~"),
    ("周一", "2026-11-23 ~"),
    ("下周二 15:00", "2026-12-01 15:00"),
    ("下周二下午三点", "2026-12-01 15:00"),
    ("下个星期五", "2026-12-04"),
    ("下下周三", "2026-12-09"),
    ("本周五晚上8点半", "2026-11-27 20:30"),
    ("这周日", "2026-11-29"),
    ("上周五", "2026-11-20"),
    ("三天后", "2026-11-26"),
    ("三天后下午两点", "2026-11-26 14:00"),
    ("十天之后", "2026-12-03"),
    ("两周后", "2026-12-07"),
    ("一个月后", "2026-12-23"),
    ("两天前", "2026-11-21"),
    ("两小时后", "2026-11-23 11:00"),
    ("一个半小时后", "2026-11-23 10:30"),
    ("半小时后", "2026-11-23 09:30"),
    ("1小时20分钟后", "2026-11-23 10:20"),
    ("四十五分钟后", "2026-11-23 09:45"),
    ("再过两个小时", "2026-11-23 11:00"),
    ("一小时前", "2026-11-23 08:00"),
    ("现在", "2026-11-23 09:00"),
    ("11月25日", "2026-11-25"),
    ("11月25日下午3点", "2026-11-25 15:00"),
    ("十一月二十五号上午九点半", "2026-11-25 09:30"),
    ("11月25日（周三）15:00", "2026-11-25 15:00"),
    ("2026年11月25日14时30分", "2026-11-25 14:30"),
    ("二〇二六年十一月二十五日", "2026-11-25"),
    ("26年12月1日", "2026-12-01"),
    ("明年1月3日", "2027-01-03"),
    ("1月3日", "2027-01-03 ~"),
    ("11月20日", "2026-11-20"),
    ("25号", "2026-11-25"),
    ("二十五号下午", "2026-11-25"),
    ("3号", "2026-12-03 ~"),
    ("下个月3号", "2026-12-03"),
    ("本月28日", "2026-11-28"),
    ("月底", "2026-11-30 ~"),
    ("下月底", "2026-12-31 ~"),
    ("年底", "2026-12-31 ~"),
    ("元旦", "2027-01-01 ~"),
    ("国庆节", "2026-10-01"),
    ("明年元旦", "2027-01-01"),
    ("明天下午 3 点 30 分", "2026-11-24 15:30"),
    ("2026 年 12 月 5 日 9:00", "2026-12-05 09:00"),
    ("2 个小时后", "2026-11-23 11:00"),
    ("１１月２５日　１５：３０", "2026-11-25 15:30"),
    ("下週三下午兩點", "2026-12-02 14:00"),
    ("明天下午三点吧。", "2026-11-24 15:00"),
]  # fmt: skip

ENGLISH = [
    ("today", "2026-11-23"),
    ("tomorrow", "2026-11-24"),
    ("the day after tomorrow", "2026-11-25"),
    ("yesterday at 4pm", "2026-11-22 16:00"),
    ("tomorrow 3pm", "2026-11-24 15:00"),
    ("Tomorrow at 3:30 p.m.", "2026-11-24 15:30"),
    ("tomorrow at 3.30pm", "2026-11-24 15:30"),
    ("tomorrow at 15:30", "2026-11-24 15:30"),
    ("tomorrow at 03:30", "2026-11-24 03:30"),
    ("tomorrow at 3", "2026-11-24 15:00 ~"),
    ("tomorrow at 3:30", "2026-11-24 15:30 ~"),
    ("tomorrow at noon", "2026-11-24 12:00"),
    ("tmr 9am", "2026-11-24 09:00"),
    ("tomorrow morning", "2026-11-24"),
    ("tomorrow morning at 9", "2026-11-24 09:00"),
    ("tomorrow at 5 in the afternoon", "2026-11-24 17:00"),
    ("tomorrow 12am", "2026-11-24 00:00"),
    ("half past three tomorrow", "2026-11-24 15:30 ~"),
    ("a quarter to four tomorrow", "2026-11-24 15:45 ~"),
    ("ten past nine tomorrow", "2026-11-24 09:10"),
    ("tomorrow at three o'clock", "2026-11-24 15:00 ~"),
    ("tomorrow at eleven thirty", "2026-11-24 11:30"),
    ("tonight", "2026-11-23"),
    ("tonight at 8", "2026-11-23 20:00"),
    ("tonight at midnight", "2026-11-24 00:00"),
    ("this afternoon at 4", "2026-11-23 16:00"),
    ("this morning at 8", "2026-11-23 08:00"),
    ("last night at 9", "2026-11-22 21:00"),
    ("noon", "2026-11-23 12:00 ~"),
    ("8am", "2026-11-24 08:00 ~"),
    ("5pm", "2026-11-23 17:00 ~"),
    ("at 3", "2026-11-23 15:00 ~"),
    ("midnight", "2026-11-24 00:00 ~"),
    ("now", "2026-11-23 09:00"),
    ("Friday", "2026-11-27"),
    ("on Friday at 9", "2026-11-27 09:00"),
    ("Fri 10:30", "2026-11-27 10:30"),
    ("this Friday 9:30", "2026-11-27 09:30"),
    ("Friday night at 8", "2026-11-27 20:00"),
    ("Mon 9am", "2026-11-30 09:00 ~"),
    ("Monday 10am", "2026-11-23 10:00 ~"),
    ("Monday", "2026-11-23 ~"),
    ("next Tuesday", "2026-12-01 ~"),
    ("next Tuesday 3pm", "2026-12-01 15:00 ~"),
    ("Tuesday next week", "2026-12-01"),
    ("next week on Tuesday at 15:00", "2026-12-01 15:00"),
    ("last Friday", "2026-11-20"),
    ("in 3 days", "2026-11-26"),
    ("in three days at 2pm", "2026-11-26 14:00"),
    ("in two weeks", "2026-12-07"),
    ("a week from today", "2026-11-30"),
    ("in a month", "2026-12-23"),
    ("2 days ago", "2026-11-21"),
    ("in two hours", "2026-11-23 11:00"),
    ("in an hour and a half", "2026-11-23 10:30"),
    ("in half an hour", "2026-11-23 09:30"),
    ("in 1 hour 20 minutes", "2026-11-23 10:20"),
    ("45 minutes from now", "2026-11-23 09:45"),
    ("an hour ago", "2026-11-23 08:00"),
    ("25 Nov", "2026-11-25"),
    ("Nov 25th at 5 pm", "2026-11-25 17:00"),
    ("November 25, 2026 14:30", "2026-11-25 14:30"),
    ("the 25th of November", "2026-11-25"),
    ("the twenty-fifth of November at noon", "2026-11-25 12:00"),
    ("Wed, 25 Nov 2026, 9 a.m.", "2026-11-25 09:00"),
    ("25-Nov-2026", "2026-11-25"),
    ("Dec 1", "2026-12-01"),
    ("January 3rd", "2027-01-03 ~"),
    ("the 25th", "2026-11-25"),
    ("the 3rd", "2026-12-03 ~"),
    ("the 3rd of next month", "2026-12-03"),
    ("end of month", "2026-11-30 ~"),
    ("the end of next month", "2026-12-31 ~"),
    ("end of the year", "2026-12-31 ~"),
    ("New Year\u2019s Day", "2027-01-01 ~"),
    ("christmas eve at 5pm", "2026-12-24 17:00"),
    ("ｎｅｘｔ　ｗｅｅｋ　Ｔｕｅｓｄａｙ　１５：３０", "2026-12-01 15:30"),
    ("  tomorrow   at  3 : 30 pm ", "2026-11-24 15:30"),
]  # fmt: skip

FIGURES = [
    ("2026-11-25", "2026-11-25"),
    ("2026-11-25 14:30", "2026-11-25 14:30"),
    ("2026-11-25T14:30:00", "2026-11-25 14:30"),
    ("2026-11-25T14:30:00Z", "2026-11-25 22:30"),
    ("2026-11-25T14:30:00.000+09:00", "2026-11-25 13:30"),
    ("2026-11-25 3:30", "2026-11-25 15:30 ~"),
    ("2026-11-25 3", "2026-11-25 15:00 ~"),
    ("2026/11/25", "2026-11-25"),
    ("2026.11.25", "2026-11-25"),
    ("20261125", "2026-11-25"),
    ("11/25 3pm", "2026-11-25 15:00"),
    ("25/11", "2026-11-25"),
    ("3/4", "2027-03-04 ~"),
    ("12/11/2026", "2026-12-11 ~"),
    ("11-25 15:00", "2026-11-25 15:00"),
    ("tomorrow 下午3点", "2026-11-24 15:00"),
    ("周五 9am", "2026-11-27 09:00"),
    ("Friday 晚上八点半", "2026-11-27 20:30"),
]  # fmt: skip

UNCLEAR = [
    "", " ", "，", "hello", "投诉", "3", "25", "11.25", "1500", "26/11/25", "09-11", "10 to 5", "3-5点",
    "明天3点到5点", "2月31日", "31号", "11月31日", "0月3日", "13月1日", "2026-02-29", "Feb 30", "20261325",
    "the 32nd", "25:00", "明天25点", "明天24点30", "12:60", "15am", "0pm", "下午23点", "早上3pm",
    "tomorrow morning 3pm", "晚上2点", "上午12点", "Friday midnight", "明天午夜", "Friday 9", "周五 9",
    "Nov 25 3", "25 Nov 26", "11月25日（周四）", "Tuesday 25 Nov", "周末", "weekend", "下周", "next week",
    "next month", "下个月", "上午和下午", "tomorrow or Friday", "明天后天", "两三天后", "过两天", "过几天",
    "3个工作日后", "周五前", "before Friday", "每周五", "every Friday", "in 1.5 days", "明天两小时后",
    "3pm 5pm", "now tomorrow", "下午3点晚上", "not tomorrow", "tomorrowish", "summon", "3pm EST",
    "99999999999999999999", "in 9999 months ago", "next week next Tuesday", "差五分三点差五分",
    "0001-01-01",
]  # fmt: skip


@pytest.mark.parametrize(("said", "meant"), [*CHINESE, *ENGLISH, *FIGURES])
def test_a_moment_is_understood_on_a_monday_morning(said: str, meant: str) -> None:
    assert written(understand_moment(said, MONDAY, SHANGHAI)) == meant


@pytest.mark.parametrize("said", UNCLEAR)
def test_what_is_open_or_impossible_is_not_understood(said: str) -> None:
    assert understand_moment(said, MONDAY, SHANGHAI) is None


@pytest.mark.parametrize(
    ("now", "said", "meant"),
    [
        (FRIDAY_EVENING, "周五", "2026-11-27 ~"),
        (FRIDAY_EVENING, "周五晚上8点", "2026-11-27 20:00 ~"),
        (FRIDAY_EVENING, "周五下午3点", "2026-12-04 15:00 ~"),
        (FRIDAY_EVENING, "周五下午", "2026-12-04 ~"),
        (FRIDAY_EVENING, "周五晚上", "2026-11-27 ~"),
        (FRIDAY_EVENING, "Friday 6:30pm", "2026-12-04 18:30 ~"),
        (FRIDAY_EVENING, "Friday 6:31pm", "2026-11-27 18:31 ~"),
        (FRIDAY_EVENING, "本周二", "2026-11-24"),
        (FRIDAY_EVENING, "这周五下午3点", "2026-11-27 15:00"),
        (FRIDAY_EVENING, "this Tuesday", "not clear"),
        (FRIDAY_EVENING, "last Tuesday", "not clear"),
        (FRIDAY_EVENING, "Tuesday last week", "2026-11-17"),
        (FRIDAY_EVENING, "last Saturday", "2026-11-21"),
        (FRIDAY_EVENING, "next Tuesday", "2026-12-01 ~"),
        (FRIDAY_EVENING, "next Sunday", "2026-12-06 ~"),
        (FRIDAY_EVENING, "coming Tuesday", "2026-12-01"),
        (FRIDAY_EVENING, "下周日", "2026-12-06"),
        (FRIDAY_EVENING, "三点", "2026-11-28 15:00 ~"),
        (FRIDAY_EVENING, "晚上十点", "2026-11-27 22:00 ~"),
        (FRIDAY_EVENING, "下午", "2026-11-28 ~"),
        (FRIDAY_EVENING, "今天下午3点", "2026-11-27 15:00"),
        (FRIDAY_EVENING, "in 8 hours", "2026-11-28 02:30"),
        (FRIDAY_EVENING, "27号", "2026-11-27"),
        (FRIDAY_EVENING, "26号", "2026-12-26 ~"),
        (NEW_YEARS_EVE, "元旦", "2027-01-01 ~"),
        (NEW_YEARS_EVE, "明天", "2027-01-01"),
        (NEW_YEARS_EVE, "1月3日上午10点", "2027-01-03 10:00 ~"),
        (NEW_YEARS_EVE, "12月28日", "2026-12-28"),
        (NEW_YEARS_EVE, "11月1日", "2026-11-01"),
        (NEW_YEARS_EVE, "10月31日", "2027-10-31 ~"),
        (NEW_YEARS_EVE, "月底", "2026-12-31 ~"),
        (NEW_YEARS_EVE, "下个月3号", "2027-01-03"),
        (NEW_YEARS_EVE, "下下个月3号", "2027-02-03"),
        (NEW_YEARS_EVE, "30号", "2027-01-30 ~"),
        (NEW_YEARS_EVE, "31号", "2026-12-31"),
        (NEW_YEARS_EVE, "今晚12点半", "2027-01-01 00:30 ~"),
        (NEW_YEARS_EVE, "next Friday", "2027-01-08 ~"),
        (NEW_YEARS_EVE, "in two months", "2027-02-28"),
        (NEW_YEARS_EVE, "end of the year", "2026-12-31 ~"),
        (NEW_YEARS_EVE, "new years eve at 11pm", "2026-12-31 23:00"),
        (LEAP_DAY, "今天", "2028-02-29"),
        (LEAP_DAY, "2月29日下午3点", "2028-02-29 15:00"),
        (LEAP_DAY, "明天", "2028-03-01"),
        (LEAP_DAY, "月底", "2028-02-29 ~"),
        (LEAP_DAY, "end of next month", "2028-03-31 ~"),
        (LEAP_DAY, "30号", "not clear"),
        (LEAP_DAY, "31 Dec", "2027-12-31 ~"),
        (LEAP_DAY, "30 Dec", "2028-12-30"),
        (LEAP_DAY, "31 Jan", "2028-01-31"),
        (LEAP_DAY, "2027-02-29", "not clear"),
        (LEAP_DAY, "明年2月29日", "not clear"),
        (LEAP_DAY, "in a month", "2028-03-29"),
        (LEAP_DAY, "noon", "2028-03-01 12:00 ~"),
        (datetime(2027, 1, 5, 9, 0, tzinfo=SHANGHAI), "12月28日", "2026-12-28 ~"),
        (datetime(2026, 3, 1, 9, 0, tzinfo=SHANGHAI), "29 Feb", "not clear"),
        (datetime(2026, 11, 23, 17, 0, 59, tzinfo=UTC), "明天", "2026-11-25"),
        (datetime(2026, 11, 23, 17, 0, 59, tzinfo=UTC), "in one minute", "2026-11-24 01:01"),
    ],
)  # fmt: skip
def test_a_moment_is_seen_from_now(now: datetime, said: str, meant: str) -> None:
    assert written(understand_moment(said, now, SHANGHAI)) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("25", "2026-11-25"),
        ("3", "2026-12-03 ~"),
        ("明天下午三点", "2026-11-24"),
        ("今晚12点", "2026-11-23"),
        ("tonight", "2026-11-23"),
        ("两小时后", "2026-11-23"),
        ("2026-11-25T23:30:00Z", "2026-11-26"),
        ("Monday 8am", "2026-11-30 ~"),
        ("noon", "not clear"),
        ("三点", "not clear"),
        ("明天25点", "not clear"),
        ("31", "not clear"),
        ("3 30", "not clear"),
    ],
)
def test_where_a_day_is_asked_for_the_time_is_left_out(said: str, meant: str) -> None:
    assert written(understand_moment(said, MONDAY, SHANGHAI, day_only=True)) == meant


@pytest.mark.parametrize(
    ("said", "meant", "utc"),
    [  # the clocks of New York go forward on 14 March 2027 at 2:00, and back on 7 November at 2:00
        ("14 March 2027 at 02:30", Moment(date(2027, 3, 14), time(3, 30), assumed=True), (3, 14, 7, 30)),
        ("14 March 2027 at 01:59", Moment(date(2027, 3, 14), time(1, 59)), (3, 14, 6, 59)),
        ("14 March 2027 at 03:00", Moment(date(2027, 3, 14), time(3, 0)), (3, 14, 7, 0)),
        ("7 November 2027 at 01:30", Moment(date(2027, 11, 7), time(1, 30)), (11, 7, 5, 30)),
        ("7 November 2027 at 02:00", Moment(date(2027, 11, 7), time(2, 0)), (11, 7, 7, 0)),
    ],
)
def test_a_time_that_the_clock_leaves_out_or_repeats(said: str, meant: Moment, utc: tuple[int, int, int, int]) -> None:
    found = understand_moment(said, MONDAY, NEW_YORK)

    assert found == meant
    assert found.at(NEW_YORK) == datetime(2027, *utc, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "said", "meant", "at"),
    [
        ((2027, 3, 14, 6, 30), "in one hour", "2027-03-14 03:30", (2027, 3, 14, 7, 30)),
        ((2027, 11, 7, 5, 30), "一小时后", "2027-11-07 01:30", (2027, 11, 7, 6, 30)),
        ((2027, 11, 6, 16, 0), "in 24 hours", "2027-11-07 11:00", (2027, 11, 7, 16, 0)),
        ((2027, 11, 6, 16, 0), "in 1 day at 12:00", "2027-11-07 12:00", (2027, 11, 7, 17, 0)),
    ],
)
def test_hours_from_now_are_hours_that_pass(
    now: tuple[int, int, int, int, int], said: str, meant: str, at: tuple[int, int, int, int, int]
) -> None:
    clock = datetime(*now, tzinfo=UTC)

    assert written(understand_moment(said, clock, NEW_YORK)) == meant
    assert read_moment(said, clock, NEW_YORK) == datetime(*at, tzinfo=UTC)


def test_a_form_reads_a_day_and_a_moment() -> None:
    assert read_day("明天下午三点", MONDAY, SHANGHAI) == date(2026, 11, 24)
    assert read_day("noon", MONDAY, SHANGHAI) is None
    assert read_moment("明天下午三点", MONDAY, SHANGHAI) == datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
    assert read_moment("明天", MONDAY, SHANGHAI) is None
    assert read_moment("明天", datetime.max.replace(tzinfo=UTC), SHANGHAI) is None


def test_a_second_answer_gives_the_time_of_the_day() -> None:
    first = understand_moment("周五", MONDAY, SHANGHAI)

    assert first == Moment(date(2026, 11, 27))
    assert understand_moment(f"{first.day} 下午三点", MONDAY, SHANGHAI) == Moment(date(2026, 11, 27), time(15, 0))
    assert understand_moment(f"{first.day} 3", MONDAY, SHANGHAI) == Moment(
        date(2026, 11, 27), time(15, 0), assumed=True
    )


def between(first: date, last: date, zone: ZoneInfo | None = None) -> st.SearchStrategy[datetime]:
    """Whole minutes."""
    times = st.times().map(lambda at: at.replace(second=0, microsecond=0, tzinfo=zone))
    return st.builds(datetime.combine, st.dates(first, last), times)


CHINESE_DIGITS = str.maketrans("0123456789", "〇一二三四五六七八九")
WORDS = [said for said, _ in [*CHINESE, *ENGLISH, *FIGURES]] + UNCLEAR


def in_chinese(number: int) -> str:
    """A number to 99 in characters."""
    ten, one = divmod(number, 10)
    tens = f"{'' if ten == 1 else str(ten)}十" if ten else ""
    return (tens + (str(one) if one or not ten else "")).translate(str.maketrans("0123456789", "零一二三四五六七八九"))


@given(between(date(1900, 1, 2), date(2199, 12, 30)))
def test_a_moment_in_full_is_read_back_however_it_is_written(at: datetime) -> None:
    half = "上午" if at.hour < 12 else "下午"
    in_full = f"{str(at.year).translate(CHINESE_DIGITS)}年{in_chinese(at.month)}月{in_chinese(at.day)}日"
    forms = [
        at.isoformat(),
        at.isoformat(" ", "minutes"),
        f"{at:%Y/%m/%d %H:%M}",
        f"{at:%Y%m%d %H:%M}",
        f"{at:%Y年%m月%d日 %H:%M}",
        f"{at:%d %B %Y, %H:%M}",
        f"{at:%B} {at.day}, {at.year} at {at:%I:%M %p}",
        f"{at:%I:%M%p} on {at:%A}, {at.day} {at:%b} {at.year}",
        f"{at:%m/%d/%Y %H:%M}" if at.day > 12 or at.day == at.month else at.isoformat(),
        f"{in_full} {at:%H:%M}",
    ]
    if 1 <= at.hour <= 11 or 12 <= at.hour <= 20:
        forms.append(f"{in_full}{half}{in_chinese(at.hour)}点{in_chinese(at.minute)}分")

    assert {form: understand_moment(form, MONDAY, ZoneInfo("UTC")) for form in forms} == dict.fromkeys(
        forms, Moment(at.date(), at.time())
    )


@given(
    between(date(1950, 1, 1), date(2025, 12, 30), SHANGHAI) | between(date(2026, 9, 24), date(2199, 12, 30), SHANGHAI),
    st.sampled_from(["zh", "en"]),
)
def test_what_we_show_can_be_written_to_us(at: datetime, language: str) -> None:
    say = Speaker(Reader((language,), SHANGHAI), MONDAY)

    assert read_day(say(OnDay(at.date())), MONDAY, SHANGHAI) == at.date()
    assert read_moment(say(When(at)), MONDAY, SHANGHAI) == at.astimezone(UTC)


@given(between(date(2000, 1, 1), date(2100, 1, 1), NEW_YORK), st.sampled_from(WORDS))
def test_a_moment_that_was_understood_is_the_same_in_full(now: datetime, said: str) -> None:
    found = understand_moment(said, now, NEW_YORK)

    if found is not None and found.time is not None:
        in_full = f"{found.day} {found.time:%H:%M}"
        assert understand_moment(in_full, now, NEW_YORK) == Moment(found.day, found.time)


@given(between(date(2000, 1, 1), date(2100, 1, 1), SHANGHAI), st.integers(0, 6))
def test_a_weekday_is_ahead_by_less_than_a_week(now: datetime, weekday: int) -> None:
    chinese = read_moment(f"周{'一二三四五六日'[weekday]} 12:00", now, SHANGHAI)
    english = read_moment(f"{date(2026, 11, 23 + weekday):%A} at noon", now, SHANGHAI)
    next_week = read_day(f"下周{'一二三四五六日'[weekday]}", now, SHANGHAI)

    assert chinese == english
    assert chinese is not None
    assert chinese.astimezone(SHANGHAI).weekday() == weekday
    assert timedelta() < chinese - now <= timedelta(days=7)
    assert next_week == now.date() + timedelta(days=7 + weekday - now.weekday())


@given(st.one_of(st.text(), st.lists(st.sampled_from([*"".join(WORDS), *WORDS])).map("".join)), st.booleans())
@example("\ud800明天\udfff", False)
@example("\ufdfa" * 100, False)
@example("明\u200b天", True)
@example("٣ pm", False)
@example("²点", False)
@example("İ" * 100, True)
def test_no_text_is_a_fault(text: str, day_only: bool) -> None:
    found = understand_moment(text, MONDAY, SHANGHAI, day_only=day_only)

    assert found is None or not day_only or found.time is None


@pytest.mark.parametrize(
    "text", ["1" * 100_000, "明天 " * 33_334, " " * 100_000 + "tomorrow", "in 1 " * 20_000, "\u200b" * 101]
)
def test_a_long_text_is_not_looked_at(text: str) -> None:
    assert understand_moment(text, MONDAY, SHANGHAI) is None
