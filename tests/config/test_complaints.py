"""A complaint is answered by the hour that was promised, or one after another hears that it was not."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from config.handbook import Handbook
from config.handbook.complaints import Complaints, Rung, Step
from config.handbook.duration import Delay, Promise, write

HANDBOOK = Handbook.load(None)
CALENDAR, COMPLAINTS = HANDBOOK.calendar, HANDBOOK.complaints
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("urgency", "answer_by"),
    [("normal", "2026-03-09 17:00"), ("high", "2026-03-09 12:00"), ("critical", "2026-03-06 18:00")],
)
def test_answer_is_promised_by_urgency(urgency: str, answer_by: str) -> None:
    assert COMPLAINTS.answer_by(CALENDAR, at("2026-03-06 17:00"), urgency) == at(answer_by)


def test_urgencies_stand_from_patient_to_pressing() -> None:
    assert [(key, write(urgency.answer_within)) for key, urgency in COMPLAINTS.urgencies.items()] == [
        ("normal", "8h"),
        ("high", "4h"),
        ("critical", "1h"),
    ]
    with pytest.raises(KeyError):
        COMPLAINTS.promise("whenever")


def test_ladder_climbs_in_working_time() -> None:
    received, answer_by = at("2026-03-06 09:00"), at("2026-03-06 18:00")

    assert COMPLAINTS.ladder(CALENDAR, received, answer_by) == (
        Rung("warn", at("2026-03-06 16:24")),
        Rung("head", at("2026-03-06 18:00")),
        Rung("upper", at("2026-03-09 11:00")),
    )


def test_each_rung_follows_the_last() -> None:
    received, answer_by = at("2026-03-06 09:00"), at("2026-03-06 18:00")
    ladder = COMPLAINTS.ladder(CALENDAR, received, answer_by)

    done: tuple[Step | None, ...] = (None, "warn", "head", "upper")
    climbed = [COMPLAINTS.next_rung(CALENDAR, received, answer_by, step) for step in done]

    assert climbed == [*ladder, None]


def test_promise_already_missed_warns_at_once() -> None:
    received, missed = at("2026-03-06 10:00"), at("2026-03-06 09:00")

    assert COMPLAINTS.warn_at(CALENDAR, received, missed) == missed


def test_upper_one_does_not_hear_before_the_head() -> None:
    written = COMPLAINTS.model_dump(by_alias=True)

    with pytest.raises(ValidationError, match="upper_after before head_after"):
        Complaints.model_validate({**written, "head_after": "3h"})


@given(st.integers(0, 330 * 24 * 60), st.integers(0, 6000))
@settings(max_examples=100, deadline=None)
def test_ladder_never_goes_down(after: int, minutes: int) -> None:
    received = at("2026-01-01 00:00") + timedelta(minutes=after)
    answer_by = received + timedelta(minutes=minutes)
    moments = [rung.at for rung in COMPLAINTS.ladder(CALENDAR, received, answer_by)]

    assert moments == sorted(moments)
    assert moments[0] <= answer_by


@pytest.mark.parametrize(
    ("written", "minutes"), [("8h", 480), ("30m", 30), ("1h30m", 90), ("90m", 90), ("0m", 0), ("1H 5M", 65)]
)
def test_length_of_time_is_read(written: str, minutes: int) -> None:
    assert TypeAdapter(Delay).validate_python(written) == timedelta(minutes=minutes)


@pytest.mark.parametrize("written", ["", "h", "2d", "1d4h", "4", "1m1h", "-1h", "1.5h", "٣h", "9999h", 4, None])
def test_what_is_no_length_of_working_time_is_refused(written: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Delay).validate_python(written)


def test_promise_of_nothing_is_refused() -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Promise).validate_python("0m")


@given(st.integers(0, 59_999).map(lambda minutes: timedelta(minutes=minutes)))
@settings(max_examples=100)
def test_length_of_time_reads_as_it_was_written(length: timedelta) -> None:
    assert TypeAdapter(Delay).validate_python(write(length)) == length
    assert TypeAdapter(Delay).validate_python(length) == length
