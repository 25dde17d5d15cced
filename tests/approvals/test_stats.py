"""How fast approvals are decided: in working time, by step; to each as much as concerns them."""

from collections.abc import AsyncIterator

import pytest

from config.text import t
from tests.approvals.crowd import book, card_of, spends, travels
from tests.town import Person, Town, english, line


@pytest.fixture
async def town(town_url: str) -> AsyncIterator[Town]:
    """The town with requests of every make, on a Monday at nine."""
    town = await Town.open(town_url, book())
    yield town
    await town.close()


async def decides(town: Town, who: Person, number: str, what: str = "Approve") -> None:
    """Somebody decides from their card."""
    seat = who.on_telegram if who is town.omar else who.on_slack
    await seat.presses(what, on=card_of(town, who, number))
    assert who.outcome == "done", who.reads


async def test_the_pace_is_counted_in_working_time_by_step(town: Town) -> None:
    await spends(town.sam, "6000")
    await travels(town.sam)
    await travels(town.lin)
    town.clock.moves(hours=2)
    await decides(town, town.boss, "A-1001")
    await decides(town, town.boss, "A-1002")
    town.clock.moves(hours=22)  # past lunch and the night: six hours of work later
    await decides(town, town.omar, "A-1001")
    town.clock.moves(hours=9, minutes=1)
    await spends(town.lin, "100")

    await town.boss.on_slack.commands("approvals", "stats")
    assert town.boss.reads == (
        "Approvals: how fast they are decided | All departments | The last 90 days, in working time."
        " | Expense: Manager, 1, 2 h, 2 h, 1, 0 | Expense: Review, 1, 6 h, 6 h, 1, 0"
        " | Trip: Manager, 1, 2 h, 2 h, 1, 0"
    )
    await town.boss.on_slack.commands("approvals", "统计 出差")
    assert town.boss.reads == (
        "Approvals: how fast they are decided | All departments | The last 90 days, in working time."
        " | Trip: Manager, 1, 2 h, 2 h, 1, 0"
    )


async def test_half_and_nine_of_ten_are_told_apart_and_what_is_late_is_counted(town: Town) -> None:
    for n in range(1, 11):
        await travels(town.sam)
        assert card_of(town, town.boss, f"A-{1000 + n}").buttons[0] == "Approve"
    await spends(town.sam)
    for n in range(1, 11):
        town.clock.moves(minutes=10)
        await decides(town, town.boss, f"A-{1000 + n}")
    town.clock.moves(hours=22)

    await town.boss.on_slack.commands("approvals", "stats")
    assert town.boss.reads.endswith(
        "Expense: Manager, 0, \u2013, \u2013, 1, 1 | Trip: Manager, 10, 50 min, 1 h 30 min, 0, 0"
    )


async def test_others_see_how_fast_they_are_themselves(town: Town) -> None:
    await spends(town.sam, "6000")
    await decides(town, town.boss, "A-1001")

    await town.omar.on_slack.commands("approvals", "stats")
    assert town.omar.answer is not None
    assert line(town.omar.answer.reply, english).endswith("| Expense: Review, 0, \u2013, \u2013, 1, 0")
    await town.dana.on_slack.commands("approvals", "stats")
    assert town.dana.reads == (
        "Approvals: how fast they are decided | What you decide | The last 90 days, in working time."
        " | Nothing was decided yet, and nothing waits."
    )


async def test_a_kind_that_is_unknown_is_said_to_be(town: Town) -> None:
    assert await town.boss.on_slack.commands("approvals", "stats lunch") == t(
        "There is no kind of approval called \u201c{text}\u201d.", text="lunch"
    )


async def test_what_is_older_than_ninety_days_counts_no_more(town: Town) -> None:
    await travels(town.sam)
    await decides(town, town.boss, "A-1001")
    town.clock.moves(days=91)

    await town.boss.on_slack.commands("approvals", "stats")
    assert town.boss.reads.endswith("Nothing was decided yet, and nothing waits.")


async def test_a_request_that_waits_for_several_is_counted_once(town: Town) -> None:
    await spends(town.sam, "6000")
    await decides(town, town.boss, "A-1001")
    seats = [town.omar, town.gus]
    assert [card_of(town, one).buttons[0] for one in seats] == ["Approve", "Approve"]

    await town.boss.on_slack.commands("approvals", "stats")
    assert town.boss.reads.endswith("Expense: Review, 0, \u2013, \u2013, 1, 0")
