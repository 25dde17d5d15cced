"""A promise falls due when the company has worked so long, whatever weekends and clocks do."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from config.handbook.calendar import Calendar, NoWorkingTime, Stretch

OFFICE = ["09:00-12:00", "13:00-18:00"]
WEEKDAYS = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), OFFICE)
SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
NAME = {"zh": "休息", "en": "Closed"}


def calendar(**written: object) -> Calendar:
    return Calendar.model_validate({"zone": "Asia/Shanghai", "week": WEEKDAYS, **written})


CHINA = calendar(source="china")
BERLIN_ALL_DAY = calendar(zone="Europe/Berlin", week={"sunday": ["00:00-24:00"], "monday": ["00:00-24:00"]})
BEIRUT = {"saturday": ["22:00-24:00"], "sunday": ["00:00-02:00", "02:30-04:00"]}
CALENDARS = st.sampled_from(
    [
        CHINA,
        BERLIN_ALL_DAY,
        calendar(zone="Europe/Berlin"),
        calendar(zone="Asia/Beirut", week=BEIRUT),
        calendar(zone="Australia/Lord_Howe", week={"sunday": ["01:00-02:15", "02:15-03:00"]}),
    ]
)
MINUTES = st.integers(0, 3 * 365 * 24 * 60)
MOMENTS = MINUTES.map(lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))
PROMISES = st.integers(0, 40 * 60).map(lambda minutes: timedelta(minutes=minutes))


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "promise", "due"),
    [
        ("2026-03-02 09:00", 1, "2026-03-02 10:00"),
        ("2026-03-02 11:30", 1, "2026-03-02 13:30"),  # over the lunch break
        ("2026-03-02 09:00", 3, "2026-03-02 12:00"),  # ends with the block, not after lunch
        ("2026-03-02 12:30", 1, "2026-03-02 14:00"),  # asked during the break
        ("2026-03-02 06:00", 1, "2026-03-02 10:00"),  # asked before hours
        ("2026-03-02 18:00", 1, "2026-03-03 10:00"),  # asked as the day ends
        ("2026-03-06 17:00", 4, "2026-03-09 12:00"),  # Friday evening to Monday
        ("2026-03-07 15:00", 1, "2026-03-09 10:00"),  # asked on a Saturday
        ("2026-09-30 17:00", 2, "2026-10-08 10:00"),  # over National Day
        ("2026-10-09 17:00", 2, "2026-10-10 10:00"),  # on into a make-up Saturday
        ("2028-02-28 17:00", 2, "2028-02-29 10:00"),  # a leap day
    ],
)
def test_promise_falls_due_in_working_time(start: str, promise: int, due: str) -> None:
    assert CHINA.add(at(start), hours(promise)) == at(due)
    assert CHINA.between(at(start), at(due)) == hours(promise)


def test_promise_of_nothing_falls_due_at_once() -> None:
    assert CHINA.add(at("2026-03-07 15:00"), hours(0)) == at("2026-03-07 15:00")


def test_promise_over_a_change_of_clocks_counts_real_hours() -> None:
    assert BERLIN_ALL_DAY.add(at("2026-03-29 00:00", BERLIN), hours(4)) == at("2026-03-29 05:00", BERLIN)
    assert BERLIN_ALL_DAY.add(at("2026-10-25 00:00", BERLIN), hours(4)) == at("2026-10-25 03:00", BERLIN)
    assert BERLIN_ALL_DAY.between(at("2026-03-29 00:00", BERLIN), at("2026-03-30 00:00", BERLIN)) == hours(23)
    assert BERLIN_ALL_DAY.between(at("2026-10-25 00:00", BERLIN), at("2026-10-26 00:00", BERLIN)) == hours(25)


def test_block_within_a_left_out_hour_shrinks_to_what_is_left() -> None:
    jump = datetime(2026, 3, 29, 1, tzinfo=UTC)
    early = calendar(zone="Europe/Berlin", week={"sunday": ["02:00-02:30", "02:30-04:00"]})

    assert early.blocks(date(2026, 3, 29)) == (Stretch(jump, jump + hours(1)),)


def test_answer_is_in_utc() -> None:
    assert CHINA.add(at("2026-03-02 09:00"), hours(1)).tzinfo is UTC
    assert CHINA.blocks(date(2026, 3, 2))[0].start.tzinfo is UTC


def test_naive_moments_and_negative_promises_are_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        CHINA.add(at("2026-03-02 09:00").replace(tzinfo=None), hours(1))
    with pytest.raises(ValueError, match="past"):
        CHINA.add(at("2026-03-02 09:00"), hours(-1))


def test_add_gives_up_after_two_years() -> None:
    years = (2026, 2027, 2028)
    closed = [{"from": date(year, 1, 1), "to": date(year, 12, 31), "name": NAME} for year in years]

    with pytest.raises(NoWorkingTime, match="two years after 2026-01-01 do not have 1:00:00 of working"):
        calendar(days_off=closed).add(at("2026-01-01 09:00"), hours(1))


def test_between_is_negative_backwards_and_bounded() -> None:
    assert CHINA.between(at("2026-03-02 11:00"), at("2026-03-02 10:00")) == hours(-1)
    with pytest.raises(ValueError, match="fifty"):
        CHINA.between(at("1970-01-01 00:00"), at("2038-01-01 00:00"))


def test_company_is_open_from_the_first_moment_to_before_the_last() -> None:
    moments = ["2026-03-02 08:59", "2026-03-02 09:00", "2026-03-02 12:00", "2026-03-07 10:00"]

    assert [CHINA.is_open(at(moment)) for moment in moments] == [False, True, False, False]


def test_own_tables_win_over_the_published_holidays() -> None:
    own = calendar(
        source="china",
        days_off=[
            {"date": date(2026, 3, 2), "name": NAME},
            {"from": date(2026, 2, 14), "to": date(2026, 2, 14), "name": NAME},
        ],
        workdays=[date(2026, 10, 1), date(2026, 3, 7)],
    )
    days = [date(2026, 3, 2), date(2026, 2, 14), date(2026, 10, 1), date(2026, 3, 7), date(2026, 10, 2)]

    assert [own.is_workday(day) for day in days] == [False, False, True, True, False]
    assert [CHINA.is_workday(day) for day in days] == [True, True, False, False, False]


def test_make_up_day_has_its_own_hours_or_the_usual_ones() -> None:
    saturdays = calendar(source="china", week={**WEEKDAYS, "saturday": ["10:00-12:00"]})

    assert [str(block) for block in CHINA.hours(date(2026, 10, 10))] == OFFICE
    assert [str(block) for block in saturdays.hours(date(2026, 10, 10))] == ["10:00-12:00"]
    assert saturdays.hours(date(2026, 10, 3)) == ()


def test_unpublished_years_follow_the_weekday_and_are_not_certain() -> None:
    last = CHINA.covered_until()
    assert last is not None
    national_day = date(last.year + 1, 10, 1)
    monday = national_day - timedelta(days=national_day.weekday())

    assert (last.month, last.day) == (12, 31)
    assert CHINA.is_workday(monday)
    assert [CHINA.certain(day) for day in (last, monday, date(2003, 12, 31))] == [True, False, False]


def test_tables_entered_by_hand_make_a_year_certain() -> None:
    own = calendar(
        source="china",
        workdays=[date(2041, 2, 2)],
        days_off=[{"date": date(2041, 2, 4), "name": NAME}],
        tables_complete_until=date(2040, 12, 31),
    )

    assert own.covered_until() == date(2040, 12, 31)
    assert [own.certain(date(*day)) for day in ((2040, 5, 1), (2041, 2, 1))] == [True, False]
    assert [own.certain(date(*day)) for day in ((2041, 2, 2), (2041, 2, 4))] == [True, True]


def test_calendar_without_a_source_is_always_certain() -> None:
    assert calendar().covered_until() is None
    assert calendar().certain(date(2099, 10, 1))


def test_remembered_days_stay_few() -> None:
    fresh = calendar()
    fresh.between(at("2000-01-01 00:00"), at("2012-01-01 00:00"))

    assert fresh.between(at("2000-01-03 00:00"), at("2000-01-04 00:00")) == hours(8)
    assert fresh == calendar()


@pytest.mark.parametrize(
    "written",
    [
        {"week": {}},
        {"week": {"monday": ["12:00-09:00"]}},
        {"week": {"monday": ["09:00-25:00"]}},
        {"week": {"monday": ["09:60-10:00"]}},
        {"week": {"monday": ["09:00-24:30"]}},
        {"week": {"monday": ["nine to five"]}},
        {"week": {"monday": [9]}},
        {"week": {"monday": ["09:00-12:00", "11:00-13:00"]}},
        {"days_off": [{"name": NAME}]},
        {"days_off": [{"name": NAME, "from": date(2026, 1, 1)}]},
        {"days_off": [{"name": NAME, "date": date(2026, 1, 1), "to": date(2026, 1, 2)}]},
        {"days_off": [{"name": NAME, "date": date(2026, 1, 1), "from": date(2026, 1, 1), "to": date.max}]},
        {"days_off": [{"name": NAME, "from": date(2026, 1, 2), "to": date(2026, 1, 1)}]},
        {"days_off": [{"name": NAME, "from": date(2026, 1, 1), "to": date(2028, 1, 1)}]},
        {"workdays": [20260101]},
        {"zone": "Asia"},
        {"zone": "Mars/Olympus"},
    ],
)
def test_impossible_calendars_are_refused(written: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        calendar(**written)


def test_hours_may_be_typed_on_a_chinese_keyboard() -> None:
    typed = calendar(week={"monday": ["9：00－12：00", "13:00 – 24:00"]})

    assert [str(block) for block in typed.hours(date(2026, 3, 2))] == ["09:00-12:00", "13:00-24:00"]


@given(CALENDARS, MOMENTS, PROMISES)
@settings(max_examples=200, deadline=None)
def test_between_undoes_add(office: Calendar, start: datetime, promise: timedelta) -> None:
    assert office.between(start, office.add(start, promise)) == promise


@given(CALENDARS, MOMENTS, MOMENTS, PROMISES, PROMISES)
@settings(max_examples=200, deadline=None)
def test_later_and_longer_never_falls_due_sooner(
    office: Calendar, one: datetime, other: datetime, short: timedelta, more: timedelta
) -> None:
    first, last = sorted((one, other))

    assert office.add(first, short) <= office.add(last, short)
    assert office.add(first, short) <= office.add(first, short + more)


@given(CALENDARS, MOMENTS, MOMENTS, MOMENTS)
@settings(max_examples=100, deadline=None)
def test_working_time_adds_up(office: Calendar, a: datetime, b: datetime, c: datetime) -> None:
    assert office.between(a, b) + office.between(b, c) == office.between(a, c)


@given(CALENDARS, st.dates(date(2020, 1, 1), date(2030, 12, 31)))
@settings(max_examples=200, deadline=None)
def test_stretches_stand_in_order(office: Calendar, day: date) -> None:
    stretches = [stretch for n in range(3) for stretch in office.blocks(day + timedelta(days=n))]
    moments = [moment for stretch in stretches for moment in (stretch.start, stretch.end)]

    assert moments == sorted(moments)
