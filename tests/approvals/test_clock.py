"""What waits for a decision: its approver is reminded, the head hears of it, and at the end the step's rule decides."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from config.handbook.approvals import Step
from storage import budgets
from storage.approvals import Status, Task, clock
from tests.approvals.conftest import request, seat
from tests.approvals.timed import asks, timed, titles
from tests.town import MONDAY, Town, chinese, english


@pytest.fixture
async def town(town_url: str) -> AsyncIterator[Town]:
    town = await Town.open(town_url, timed())
    yield town
    await town.close()


HOUR = timedelta(hours=1)
CALENDAR = timed().calendar
EXPENSE = timed().approvals.templates["expense"].steps[0]
SMALL = timed().approvals.templates["small"].steps[0]
PAY = timed().approvals.templates["pay"].steps[0]
REMINDED = Step.model_validate({"name": {"zh": "提醒", "en": "Reminded"}, "by": ["manager"], "remind_every": "2h"})


def at(hour: int, minute: int = 0, day: int = 23) -> datetime:
    """A time on Shanghai's clocks in that week; Monday where no day is said."""
    return datetime(2026, 11, day, hour - 8, minute, tzinfo=UTC)


def task(due_at: datetime | None = None) -> Task:
    return Task(request_id=1, round=1, edition=1, step=0, person_id=1, due_at=due_at)


@pytest.mark.parametrize(
    ("rule", "due_at", "chase_at"),
    [
        (EXPENSE, at(14), at(12)),
        (SMALL, at(14), at(14)),
        (REMINDED, None, at(11)),
        (PAY, None, None),
        (None, None, None),
    ],
)
def test_a_seat_that_opens_is_due_by_its_steps_rule(
    rule: Step | None, due_at: datetime | None, chase_at: datetime | None
) -> None:
    assert clock.opened(CALENDAR, MONDAY, rule) == {
        "due_at": due_at, "chase_at": chase_at, "chased": "", "left": None,
    }  # fmt: skip


def test_a_seat_that_opens_while_the_clock_stands_still_has_all_its_time_left() -> None:
    assert clock.held(CALENDAR, MONDAY, clock.opened(CALENDAR, MONDAY, EXPENSE)) == {
        "due_at": at(14), "chase_at": None, "chased": "", "left": 4 * 3600,
    }  # fmt: skip
    assert clock.held(CALENDAR, MONDAY, clock.opened(CALENDAR, MONDAY, PAY))["left"] is None


@pytest.mark.parametrize(
    ("stopped", "went_on", "left", "due_at"),
    [
        (at(10), at(16), 3 * 3600, at(10, day=24)),
        (at(14), at(16), 0, at(16)),
        (at(16), at(16, day=25), -2 * 3600, at(14, day=25)),
        (at(10, day=24), at(10, day=26), -5 * 3600, at(14, day=25)),
    ],
)
def test_a_clock_goes_on_with_as_much_time_as_it_had(
    stopped: datetime, went_on: datetime, left: int, due_at: datetime
) -> None:
    seat = task(due_at=at(14))

    values = clock.paused(CALENDAR, stopped, seat)
    assert values == {"left": left, "chase_at": None}
    seat.left, seat.chase_at = left, None
    assert clock.paused(CALENDAR, went_on, seat) == values  # stopped already

    assert clock.resumed(CALENDAR, went_on, seat, EXPENSE)["due_at"] == due_at


def test_a_clock_without_a_due_time_only_reminds_again() -> None:
    seat = task()
    assert clock.paused(CALENDAR, at(10), seat) == {"left": None, "chase_at": None}
    assert clock.resumed(CALENDAR, at(16), seat, REMINDED) == {"left": None, "due_at": None, "chase_at": at(18)}
    assert clock.resumed(CALENDAR, at(16), seat, None) == {"left": None, "due_at": None, "chase_at": None}


async def test_an_approver_is_reminded_then_late_and_then_their_head_hears_of_it(town: Town) -> None:
    await asks(town.dana, "expense")

    await town.passes(hours=2, minutes=59)
    assert titles(town, town.hana) == []
    await town.passes(minutes=1)  # 12:00
    assert titles(town, town.hana) == []  # it can wait until the lunch is over
    await town.passes(hours=2)  # 14:00
    assert titles(town, town.hana) == ["A-1001 Expense waits for you", "A-1001 Expense is late: it waits for you"]
    assert titles(town, town.boss) == []
    await town.passes(hours=2)  # 16:00
    assert titles(town, town.boss) == ["A-1001 Expense is late: it waits for Hana"]
    told = town.slack.post(town.boss)
    assert told.line == (
        "A-1001 Expense is late: it waits for Hana | Please see to it that Hana decides, or passes it on."
        " | Step: Manager | Waits since: Mon 23 Nov 09:00 | Was due: Mon 23 Nov 14:00"
    )
    await town.passes(hours=2)
    assert titles(town, town.boss) == ["A-1001 Expense is late: it waits for Hana"]

    assert [one for one, _ in await town.audited() if one in _CHASES] == [
        "approvals.remind", "approvals.late", "approvals.escalate",
    ]  # fmt: skip


_CHASES = ("approvals.remind", "approvals.late", "approvals.escalate", "approvals.timeout")


async def test_a_reminder_makes_nobodys_button_stale(town: Town) -> None:
    await asks(town.dana, "expense")
    card = town.slack.post(town.hana)

    await town.passes(hours=5)
    await town.hana.on_slack.presses("Approve", on=card)

    assert town.hana.outcome == "done", town.hana.reads
    assert (await request(town)).status == Status.APPROVED


async def test_after_a_long_stop_only_the_highest_is_told(town: Town) -> None:
    await asks(town.dana, "expense")

    await town.passes(days=2)

    assert titles(town, town.hana) == []
    assert titles(town, town.boss) == ["A-1001 Expense is late: it waits for Hana"]


async def test_what_is_decided_or_withdrawn_is_not_chased(town: Town) -> None:
    await asks(town.dana, "expense")
    await asks(town.omar, "expense", "1")
    await town.hana.on_slack.presses("Approve", on="A-1001")
    await town.omar.on_slack.presses("Withdraw")

    await town.passes(days=3)

    assert [title for title in titles(town, town.hana) if "waits" in title] == []
    assert titles(town, town.boss) == []
    assert [(await seat(town, n)).chase_at for n in (1, 2)] == [None, None]


async def test_a_rule_approves_what_nobody_decided_and_everybody_hears_that_nobody_did(town: Town) -> None:
    await asks(town.dana, "small")

    await town.passes(hours=6, minutes=59)
    assert (await request(town)).status == Status.PENDING
    await town.passes(minutes=1)

    assert (await request(town)).status == Status.APPROVED
    assert titles(town, town.dana)[-1] == "A-1001 Small thing is approved"
    assert titles(town, town.hana)[-1] == "A-1001 Small thing was decided without you"
    decided = await seat(town, 1)
    assert (decided.status, decided.decided_by_id, decided.via) == ("approved", None, "clock")
    async with town.database.reading() as session:
        assert await budgets.verify(session) == []


async def test_a_rule_rejects_what_nobody_decided(town: Town) -> None:
    await asks(town.dana, "strict")

    await town.passes(hours=5)

    assert (await request(town)).status == Status.REJECTED
    assert titles(town, town.dana)[-1] == "A-1001 Now or never is rejected"


async def test_a_rule_approves_nothing_above_the_budget(town: Town) -> None:
    await asks(town.dana, "small", "800")
    await asks(town.omar, "small", "300")

    await town.passes(days=1)

    assert [(await request(town, n)).status for n in (1, 2)] == [Status.APPROVED, Status.PENDING]
    assert [english(post.card.body[0]) for post in town.slack.at(town.boss) if post.message.about is None] == [
        "By its rule it would be approved now, but the budget does not allow it: somebody has to decide."
    ]
    assert (await seat(town, 2)).status == "open"
    assert [one for one, about in await town.audited() if about == "approvals:2" and one in _CHASES] == [
        "approvals.escalate"
    ]
    await town.passes(days=3)
    assert len(titles(town, town.boss)) == 1


async def test_a_rule_approves_nothing_that_wants_a_second_confirmation(town: Town) -> None:
    await asks(town.dana, "small", "2000")

    await town.passes(days=1)

    assert (await request(town)).status == Status.PENDING
    assert titles(town, town.boss) == ["A-1001 Small thing is late: it waits for Hana"]


async def test_while_a_question_waits_the_clock_stands_still(town: Town) -> None:
    await asks(town.dana, "small")
    await town.passes(hours=1)
    await town.hana.on_slack.presses("Ask")
    await town.hana.on_slack.fills(text="Which taxi?")
    assert town.hana.outcome == "done", town.hana.reads

    await town.passes(days=7)
    assert (await request(town)).status == Status.PENDING
    assert (await seat(town, 1)).left == 3 * 3600


async def test_reminders_are_in_the_readers_language(town: Town) -> None:
    await asks(town.dana, "expense")
    await town.passes(hours=5)

    late = town.slack.post(town.hana)
    assert late.line.split(" | ")[0] == chinese(late.card.title)
