"""The calendar's keys: a month of whole weeks from Monday on, with nothing to press where there is no day."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.interview.calendar import FIRST, LAST, Pad, hours_pad, minutes_pad, month_of, month_pad
from bot.ui.card import NOTHING
from tests.town import chinese, english


def act(verb: str, argument: object = "") -> str:
    return f"ask.{verb}:1:1:{argument}"


def drawn(pad: Pad) -> list[str]:
    """The rows as they are read."""
    return [" ".join(english(key.label) for key in row) for row in pad]


def test_month_stands_in_weeks_from_monday_with_today_and_the_answer_marked() -> None:
    pad = month_pad(date(2026, 11, 1), date(2026, 11, 23), date(2026, 11, 26), act)

    assert drawn(pad) == [
        "‹ Nov 2026 ›",
        "Mo Tu We Th Fr Sa Su",
        "· · · · · · 1",
        "2 3 4 5 6 7 8",
        "9 10 11 12 13 14 15",
        "16 17 18 19 20 21 22",
        "•23 24 25 ✓26 27 28 29",
        "30 · · · · · ·",
    ]
    assert [key.action for key in pad[0]] == ["ask.month:1:1:2026-10-01", NOTHING, "ask.month:1:1:2026-12-01"]
    assert pad[2][6].action == "ask.day:1:1:2026-11-01"
    assert chinese(pad[0][1].label) == "2026年11月"
    assert [chinese(key.label) for key in pad[1]] == ["一", "二", "三", "四", "五", "六", "日"]


@given(st.dates(FIRST, LAST))
def test_any_month_has_each_of_its_days_once(day: date) -> None:
    month = month_of(day)

    pad = month_pad(month, day, None, act)

    days = [key.action for row in pad[2:] for key in row if key.action != NOTHING]
    following = (month + timedelta(days=31)).replace(day=1)
    assert days == [act("day", (month + timedelta(days=n)).isoformat()) for n in range((following - month).days)]
    assert {len(row) for row in pad[1:]} == {7}
    assert len(pad) <= 8


def test_calendar_ends_where_nobody_has_been() -> None:
    assert month_pad(FIRST, FIRST, None, act)[0][0].action == NOTHING
    assert month_pad(month_of(LAST), LAST, None, act)[0][2].action == NOTHING
    assert (month_of(date.min), month_of(date.max)) == (FIRST, LAST.replace(day=1))


def test_hours_of_the_day_are_offered_before_those_of_the_night() -> None:
    assert drawn(hours_pad(False, act)) == [
        "07:00 08:00 09:00 10:00 11:00",
        "12:00 13:00 14:00 15:00 16:00",
        "17:00 18:00 19:00 20:00 21:00",
        "Earlier or later",
    ]
    assert sum(len(row) for row in hours_pad(True, act)) == 24
    assert drawn(minutes_pad(9, act)) == ["09:00 09:15 09:30 09:45"]
