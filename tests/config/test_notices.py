"""When people are left in peace: the company's working time, never, or their own hours; to the last branch."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.handbook import Handbook, HandbookError
from config.handbook.calendar import Calendar
from config.handbook.notices import Notices, QuietHours, quiet_hours
from config.zones import shown, zone_in

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
NOTICES = Notices()
CALENDAR = Calendar.model_validate(
    {
        "zone": "Asia/Shanghai",
        "week": {
            day: ["09:00-12:00", "13:00-18:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
        },
        "days_off": [{"from": "2026-10-01", "to": "2026-10-07", "name": {"zh": "国庆", "en": "National Day"}}],
        "workdays": ["2026-10-10"],
    }
)


def at(local: str, zone: ZoneInfo = SHANGHAI, fold: int = 0) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def heard(
    local: str, quiet: str = "", zone: ZoneInfo = SHANGHAI, fold: int = 0, notices: Notices = NOTICES
) -> datetime:
    return notices.heard_from(at(local, zone, fold), zone, quiet, CALENDAR)


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ("2026-11-23 09:00", "2026-11-23 09:00"),  # a Monday
        ("2026-11-23 11:59:59", "2026-11-23 11:59:59"),
        ("2026-11-23 12:00", "2026-11-23 13:00"),
        ("2026-11-23 08:59:59.999999", "2026-11-23 09:00"),
        ("2026-11-23 18:00", "2026-11-24 09:00"),
        ("2026-11-27 18:00", "2026-11-30 09:00"),  # over the weekend
        ("2026-11-28 10:00", "2026-11-30 09:00"),
        ("2026-09-30 20:00", "2026-10-08 09:00"),  # over a holiday
        ("2026-10-09 19:00", "2026-10-10 09:00"),  # a Saturday that is worked
        ("2026-10-10 13:30", "2026-10-10 13:30"),
    ],
)
def test_what_can_wait_comes_in_working_time(now: str, told: str) -> None:
    assert heard(now) == at(told)


def test_working_time_is_the_company_s_wherever_somebody_is() -> None:
    assert heard("2026-11-23 09:00", zone=BERLIN) == at("2026-11-23 09:00", BERLIN)  # 16:00 in Shanghai
    assert heard("2026-11-23 12:00", zone=BERLIN) == at("2026-11-24 09:00")


def test_who_wants_everything_at_once_gets_it_at_once() -> None:
    assert heard("2026-11-28 03:00", "off") == at("2026-11-28 03:00")


@pytest.mark.parametrize(
    ("quiet", "now", "told"),
    [
        ("22:00-08:00", "2026-11-28 21:59:59", "2026-11-28 21:59:59"),  # on a Saturday as on any day
        ("22:00-08:00", "2026-11-28 22:00", "2026-11-29 08:00"),
        ("22:00-08:00", "2026-11-29 00:00", "2026-11-29 08:00"),
        ("22:00-08:00", "2026-11-29 07:59", "2026-11-29 08:00"),
        ("22:00-08:00", "2026-11-29 08:00", "2026-11-29 08:00"),
        ("12:00-14:00", "2026-11-23 12:00", "2026-11-23 14:00"),
        ("12:00-14:00", "2026-11-23 14:00", "2026-11-23 14:00"),
        ("12:00-14:00", "2026-11-23 02:00", "2026-11-23 02:00"),
        ("20:00-24:00", "2026-11-23 23:00", "2026-11-24 00:00"),
        ("00:00-06:00", "2026-11-23 00:00", "2026-11-23 06:00"),
    ],
)
def test_own_hours_hold_every_day(quiet: str, now: str, told: str) -> None:
    assert heard(now, quiet) == at(told)


def test_own_hours_are_by_their_own_clock() -> None:
    assert heard("2026-11-23 23:00", "22:00-08:00", BERLIN) == at("2026-11-24 08:00", BERLIN)


def test_clocks_that_change_bend_no_quiet_hours() -> None:
    assert heard("2026-03-28 23:00", "22:00-08:00", BERLIN) - at("2026-03-28 23:00", BERLIN) == timedelta(hours=8)
    assert heard("2026-10-24 23:00", "22:00-08:00", BERLIN) - at("2026-10-24 23:00", BERLIN) == timedelta(hours=10)


def test_an_end_that_the_clocks_leave_out_is_soon_after() -> None:
    assert heard("2026-03-29 01:00", "22:00-02:30", BERLIN) == at("2026-03-29 03:30", BERLIN)
    assert heard("2026-03-29 03:00", "22:00-02:30", BERLIN) == at("2026-03-29 03:00", BERLIN)


def test_an_end_that_the_clocks_give_twice_counts_each_time() -> None:
    assert heard("2026-10-25 02:10", "22:00-02:30", BERLIN) == at("2026-10-25 02:30", BERLIN)
    assert heard("2026-10-25 02:40", "22:00-02:30", BERLIN) == at("2026-10-25 02:40", BERLIN)
    assert heard("2026-10-25 02:10", "22:00-02:30", BERLIN, fold=1) == at("2026-10-25 02:30", BERLIN, fold=1)


@given(
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001  # theirs is
    begins=st.times(),
    ends=st.times(),
    zone=st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]),
)
def test_quiet_hours_are_over_when_they_say_so(now: datetime, begins: object, ends: object, zone: str) -> None:
    hours, clock = QuietHours(begins, ends), ZoneInfo(zone)  # type: ignore[arg-type]
    if begins == ends:
        return

    over = hours.over(now, clock)

    assert now <= over <= now + timedelta(hours=25)
    assert not hours.hold(over.astimezone(clock).time())


def test_a_company_may_decide_otherwise() -> None:
    night, never = Notices(wait="21:00-07:00"), Notices(wait="off")  # type: ignore[arg-type]  # as it is written

    assert heard("2026-11-28 10:00", notices=night) == at("2026-11-28 10:00")
    assert heard("2026-11-28 22:00", notices=night) == at("2026-11-29 07:00")
    assert heard("2026-11-28 22:00", notices=never) == at("2026-11-28 22:00")
    assert heard("2026-11-28 22:00", "off", notices=night) == at("2026-11-28 22:00")
    assert heard("2026-11-28 22:00", "23:00-05:00", notices=night) == at("2026-11-28 22:00")
    assert night.model_dump_json() == '{"wait":"21:00-07:00","clause":"5.2"}'


def test_hours_that_nobody_can_read_are_the_company_s() -> None:
    assert heard("2026-11-28 10:00", "whenever") == at("2026-11-30 09:00")


def test_a_company_that_works_no_more_makes_nobody_wait() -> None:
    closed = Calendar.model_validate(
        CALENDAR.model_dump(by_alias=True, exclude={"days_off", "workdays"})
        | {
            "days_off": [
                {"from": f"{year}-01-01", "to": f"{year}-12-31", "name": {"zh": "停业", "en": "Closed"}}
                for year in range(2026, 2031)
            ]
        }
    )

    assert NOTICES.heard_from(at("2026-11-23 09:00"), SHANGHAI, "", closed) == at("2026-11-23 09:00")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("22:00-08:00", "22:00-08:00"),
        ("22-8", "22:00-08:00"),
        (" 22：00 － 8：30 ", "22:00-08:30"),
        ("22点到8点", "22:00-08:00"),
        ("22点30分至7点", "22:30-07:00"),
        ("22:00 to 7:15", "22:00-07:15"),
        ("12:00~24:00", "12:00-00:00"),
        ("8-8", None),
        ("0:00-24:00", None),
        ("25-8", None),
        ("22:60-8", None),
        ("24:30-8", None),
        ("always", None),
        ("", None),
    ],
)
def test_hours_are_read_as_people_write_them(written: str, read: str | None) -> None:
    hours = quiet_hours(written)

    assert (str(hours) if hours else None) == read


def test_a_wait_that_says_nothing_is_refused_with_its_remedy(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[notices]\nwait = "at night"\nclause = "9.9"\n')

    with pytest.raises(HandbookError) as refused:
        Handbook.load(own)

    assert [str(problem) for problem in refused.value.problems] == [
        'line 2: notices.wait says nothing about when to wait: write "working_time", "off", or hours such as '
        '"22:00-08:00"'
    ]


def test_a_clause_without_a_title_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[notices]\nclause = "9.9"\n')

    with pytest.raises(HandbookError) as refused:
        Handbook.load(own)

    assert [(one.key, one.line) for one in refused.value.problems] == [("notices.clause", 2)]


def test_the_shipped_handbook_waits_for_working_time() -> None:
    assert Handbook.load(None).notices == Notices(wait="working_time", clause="5.2")


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("Shanghai", "Asia/Shanghai"),
        ("上海", "Asia/Shanghai"),
        ("北京时间", "Asia/Shanghai"),
        ("new york", "America/New_York"),
        ("europe/berlin", "Europe/Berlin"),
        ("东京", "Asia/Tokyo"),
        ("UTC", "UTC"),
        ("UTC＋8", "Etc/GMT-8"),
        ("gmt -5", "Etc/GMT+5"),
        ("+05:30", "Asia/Kolkata"),
        ("UTC+0", "UTC"),
        ("UTC+15", None),
        ("UTC-13", None),
        ("UTC-5:30", None),
        ("Asia", None),
        ("../../etc/passwd", None),
        ("Atlantis", None),
        ("", None),
    ],
)
def test_zones_are_read_as_people_write_them(written: str, zone: str | None) -> None:
    assert zone_in(written) == zone


def test_zones_are_shown_as_people_read_them() -> None:
    assert [shown(zone) for zone in ("Asia/Shanghai", "Etc/GMT-8", "Etc/GMT+5", "UTC")] == [
        "Asia/Shanghai",
        "UTC+8",
        "UTC-5",
        "UTC",
    ]
    assert [zone_in(shown(zone)) for zone in ("Etc/GMT-8", "Etc/GMT+5")] == ["Etc/GMT-8", "Etc/GMT+5"]
