"""What a request looks like: to its requester, its approvers, in a room, in copy; and to those who may not see it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from bot.ui.card import Tone
from bot.ui.form import Attached
from storage import deputies
from storage.approvals import Request, Task
from storage.authority import NOT_THERE
from storage.people import Employee
from tests.approvals.crowd import book, card_of, looks, spends, travels
from tests.town import Town, english


@pytest.fixture
async def town(town_url: str) -> AsyncIterator[Town]:
    """The town with requests of every make, on a Monday at nine."""
    town = await Town.open(town_url, book())
    yield town
    await town.close()


async def test_a_card_says_what_is_asked_who_decides_and_until_when(town: Town) -> None:
    company: dict[str, Any] = {"with": [town.lin.id, town.dana.id]}
    await spends(town.sam, "6000", kind="travel", **company)

    assert card_of(town, town.boss).line == (
        "A-1001 \u00b7 Expense \u00b7 CN\u00a56,000.00 | Taxi to Ms Lee"
        " | Requester: Sam (Sales) | Why it is with you: manager, by \u00a72.6.1 Expenses and payments"
        " | Budget of Sales: CN\u00a550,000.00 of CN\u00a550,000.00 left for November 2026"
        " | Amount: CN\u00a56,000.00 | Kind: Travel | Who was with you?: Lin, Dana"
        " | State: Waits for you, due Mon 23 Nov 18:00"
        " | Manager: \u2026 Boss | Then: Review"
        " | [Approve] [Reject] [Ask] [More\u2026]"
        " | Sam asked for it, on Slack, Mon 23 Nov 09:00 | \u00a72.6.1 Expenses and payments"
    )
    assert card_of(town, town.sam).buttons == ["Nudge", "Withdraw", "Comment", "Forward"]


async def test_in_a_room_a_card_says_little_and_has_two_buttons(town: Town) -> None:
    receipt = Attached("slack:F1", "receipt.jpg", "image/jpeg", 9)
    await spends(town.sam, "300", receipts=[receipt])

    assert town.slack.reads("managers") == [
        "A-1001 \u00b7 Expense \u00b7 CN\u00a5300.00 | Requester: Sam (Sales)"
        " | State: Waits for Boss since Mon 23 Nov 09:00, due Mon 23 Nov 18:00 | Manager: \u2026 Boss"
        " | [Approve] [Reject] | \u00a72.6.1 Expenses and payments"
    ]
    assert [file.name for file in card_of(town, town.boss).card.files] == ["receipt.jpg"]


async def test_once_decided_a_card_has_no_buttons_but_undo_and_says_where_it_was(town: Town) -> None:
    await spends(town.sam, "6000")
    await town.boss.on_slack.presses("Approve", on=card_of(town, town.boss))

    decided = card_of(town, town.boss)
    assert decided.fact("Your part") == "You approved, on Slack, Mon 23 Nov 09:00"
    assert decided.fact("Manager") == "\u2713 Boss, Mon 23 Nov 09:00"
    assert decided.fact("Review") == "\u2026 Omar, \u2026 Gus (all of them)"
    assert decided.buttons == ["Undo"]

    town.clock.moves(minutes=2)
    await town.omar.on_telegram.presses("Reject", on=card_of(town, town.omar))
    await town.omar.on_telegram.fills(why="Too dear.")
    assert card_of(town, town.sam).fact("State") == "Omar rejected it: Too dear."
    assert card_of(town, town.sam).card.tone == Tone.BAD
    assert card_of(town, town.boss).buttons == []
    assert card_of(town, town.gus).buttons == []
    assert [post.buttons for post in town.slack.at("managers")] == [[]]
    assert (await looks(town.sam)).count("\u2717 Omar, Mon 23 Nov 09:02") == 1


async def test_who_passes_it_on_reads_to_whom_and_who_gets_it_from_whom(town: Town) -> None:
    await spends(town.sam)
    await town.boss.on_slack.presses("More\u2026", on=card_of(town, town.boss))
    await town.boss.on_slack.presses("Transfer")
    await town.boss.on_slack.fills(to=town.dana.id, why="You know her.")

    given, got = card_of(town, town.boss), card_of(town, town.dana)
    assert given.fact("Your part") == "Boss passed it on to Dana, on Slack, Mon 23 Nov 09:00"
    assert given.buttons == ["Undo"]
    assert got.fact("Why it is with you") == "Boss passed it on to you"
    assert got.buttons == ["Approve", "Reject", "Ask", "More\u2026"]


async def test_who_is_asked_for_advice_gives_it_and_the_lender_may_take_it_back(town: Town) -> None:
    await spends(town.sam)
    await town.boss.on_slack.presses("More\u2026", on=card_of(town, town.boss))
    await town.boss.on_slack.presses("Delegate")
    await town.boss.on_slack.fills(to=town.dana.id, why="Is that usual?")

    lent, asked = card_of(town, town.boss), card_of(town, town.dana)
    assert lent.fact("Your part") == "You have asked for advice; then it is with you again."
    assert lent.fact("Manager") == "\u25cb Boss, \u2026 Dana (advice for Boss)"
    assert lent.buttons == ["Undo", "Take back"]
    assert asked.fact("Why it is with you") == "Boss asks for your advice, and decides then"
    assert asked.buttons == ["Advise to approve", "Advise to reject", "Ask", "More\u2026"]

    await town.dana.on_slack.presses("Advise to approve", on=asked)
    assert card_of(town, town.boss).fact("Manager") == "\u2026 Boss, \u2713 Dana (advice for Boss), Mon 23 Nov 09:00"
    assert card_of(town, town.boss).buttons == ["Approve", "Reject", "Ask", "More\u2026"]


async def test_a_question_stands_on_every_card_and_on_its_persons_with_a_button(town: Town) -> None:
    await spends(town.sam)
    await town.boss.on_slack.presses("Ask", on=card_of(town, town.boss))
    await town.boss.on_slack.fills(text="Who was there?")

    asked = card_of(town, town.sam)
    assert asked.buttons == ["Answer", "Withdraw", "Comment", "Forward"]
    assert asked.fact("State") == "Waits for an answer from Sam; the time stands still"
    assert "Boss asks Sam: Who was there?" in asked.line
    assert "Boss asks Sam: Who was there?" in card_of(town, town.boss).line

    await town.sam.on_slack.presses("Answer", on=asked)
    await town.sam.on_slack.fills(text="Ms Lee.")
    said = "Boss asks Sam: Who was there? | Sam answers: Ms Lee."
    assert said in card_of(town, town.boss).line
    assert said in await looks(town.boss)


async def test_what_comes_back_is_changed_and_shows_who_sent_it_back(town: Town) -> None:
    await spends(town.sam)
    await town.boss.on_slack.presses("More\u2026", on=card_of(town, town.boss))
    await town.boss.on_slack.presses("Send back")
    await town.boss.on_slack.fills(why="Name the guests.")

    returned = card_of(town, town.sam)
    assert returned.fact("State") == "Boss sent it back: Name the guests."
    assert returned.fact("Manager") == "\u21a9 Boss, Mon 23 Nov 09:00"
    assert card_of(town, town.boss).fact("Your part") == "You sent it back, on Slack, Mon 23 Nov 09:00"
    assert returned.buttons == ["Change and send again", "Withdraw", "Comment", "Forward"]
    assert returned.card.tone == Tone.WARN

    await town.sam.on_slack.presses("Change and send again", on=returned)
    await town.sam.on_slack.fills(what="Taxi with Ms Lee", amount="280")
    assert [post.buttons for post in town.slack.at(town.boss) if "A-1001 \u00b7" in post.line] == [
        [], ["Approve", "Reject", "Ask", "More\u2026"],
    ]  # fmt: skip
    new = town.slack.at(town.boss)[-1]
    assert new.fact("What was changed") == "What was it for? \u00b7 Amount: CN\u00a5300.00 \u2192 CN\u00a5280.00"
    old = card_of(town, town.boss, "A-1001 \u00b7")
    assert old.fact("Your part") == "It has been sent round again since; this one counts no more."


async def test_several_that_pass_a_limit_together_are_pointed_out_to_who_decides(town: Town) -> None:
    await spends(town.sam, "3000")
    await spends(town.sam, "2500", "Another taxi")

    told = "Together with A-1001: CN\u00a55,500.00, which passes the limit of CN\u00a55,000.00"
    assert card_of(town, town.boss, "A-1002").fact("Please note") == told
    assert card_of(town, town.boss, "A-1002").card.tone == Tone.WARN
    assert "Please note" not in card_of(town, town.sam, "A-1002").line


async def test_so_are_they_where_several_are_approved_at_once(town: Town) -> None:
    await spends(town.sam, "3000")
    await spends(town.sam, "2500", "Another taxi")
    await town.boss.on_slack.presses(action="approvals.begin_several")

    assert town.boss.asked is not None
    which = town.boss.asked.questions[0]
    assert [english(one.label) for one in which.options] == [
        "Sam: A-1001 \u00b7 CN\u00a53,000.00 \u00b7 Expense: Taxi to Ms Lee",
        "\u26a0 Sam: A-1002 \u00b7 CN\u00a52,500.00 \u00b7 Expense: Another taxi",
    ]
    assert which.hint is not None
    assert english(which.hint) == (
        "What is worth much wants a press of its own.\n\u26a0 A-1002: Together with A-1001: CN\u00a55,500.00, "
        "which passes the limit of CN\u00a55,000.00"
    )


async def test_a_budget_that_is_too_small_is_said_before_anybody_presses(town: Town) -> None:
    await spends(town.sam, "30000")
    for person in (town.boss, town.omar, town.gus):
        seat = person.on_slack if person is not town.omar else person.on_telegram
        await seat.presses("Approve", on=card_of(town, person))
    await spends(town.lin, "21000")

    assert card_of(town, town.boss, "A-1002").fact("Budget of Sales") == (
        "CN\u00a520,000.00 of CN\u00a550,000.00 left for November 2026: not enough for this"
    )


async def test_days_are_counted_on_the_card(town: Town) -> None:
    await travels(town.sam)

    trip = card_of(town, town.boss)
    assert [trip.fact(name) for name in ("Where to", "First day", "Last day", "Days")] == [
        "Beijing", "Wed 2 Dec", "Fri 4 Dec", "3",
    ]  # fmt: skip
    assert trip.fact("State") == "Waits for you since Mon 23 Nov 09:00"


async def test_who_stands_in_reads_for_whom_and_the_one_who_is_away_hears_nothing(town: Town) -> None:
    async with town.unit() as work:
        work.by = await work.session.get(Employee, town.boss.id)
        await deputies.name(work, town.hana.id, work.now, work.now + timedelta(days=4))
    await town.passes(seconds=1)
    await travels(town.sam)

    shown = card_of(town, town.hana)
    assert "A-1001" not in " ".join(town.slack.reads(town.boss))
    assert [english(fact.value) for fact in shown.card.facts if english(fact.label) == "Why it is with you"] == [
        "you stand in for Boss: manager, by \u00a72.7.1 Business trips"
    ]
    assert (await looks(town.sam)).count("… Hana for Boss") == 1
    await town.passes(hours=24, minutes=30)
    assert "approvals wait" not in " ".join(town.slack.reads(town.boss))
    await town.hana.on_slack.presses("Approve", on=card_of(town, town.hana))
    assert "Hana for Boss approved, on Slack, Tue 24 Nov 09:30" in await looks(town.sam)


async def test_a_copy_is_to_be_read_and_talked_about(town: Town) -> None:
    await spends(town.sam)
    await town.boss.on_slack.presses("Approve", on=card_of(town, town.boss))

    copy = card_of(town, town.fay)
    assert (copy.fact("State"), copy.buttons) == ("Approved, Mon 23 Nov 09:00", ["Comment"])
    assert card_of(town, town.sam).buttons == ["Ask to withdraw", "Comment", "Forward", "Ask for the same again"]


async def test_the_last_comments_stand_on_a_card_and_all_of_them_on_the_whole(town: Town) -> None:
    await spends(town.sam)
    for n in range(1, 6):
        await town.sam.on_slack.says(f"Word {n}", under=card_of(town, town.sam))

    shown = card_of(town, town.boss).line
    assert [f"Word {n}" in shown for n in range(1, 6)] == [False, False, True, True, True]
    assert "Sam, Mon 23 Nov 09:00: Word 5" in shown  # with its day: the card stands for weeks
    whole = await looks(town.boss)
    assert [f"Sam, Mon 23 Nov 09:00: Word {n}" in whole for n in range(1, 6)] == [True] * 5


@pytest.mark.parametrize("who", ["dana", "lin", "hana"])
async def test_a_stranger_to_a_request_is_told_that_there_is_none(town: Town, who: str) -> None:
    await spends(town.sam)

    reply = await getattr(town, who).on_slack.commands("approval", "A-1001")
    assert (reply, await getattr(town, who).on_slack.commands("approval", "A-1999")) == (NOT_THERE, NOT_THERE)


async def test_an_administrator_sees_where_it_waits_and_nothing_of_it(town: Town) -> None:
    await spends(town.sam)

    assert await looks(town.ada) == (
        "A-1001 \u00b7 Expense | You may end it, as you keep the machine; what it says is not yours to read."
        " | State: Waits for Boss since Mon 23 Nov 09:00, due Mon 23 Nov 18:00 | [Terminate]"
    )
    await town.ada.on_slack.presses("Terminate")
    await town.ada.on_slack.fills(why="Sam has left.")
    assert card_of(town, town.sam).fact("State") == "Ada terminated it: Sam has left."
    assert await town.ada.on_slack.commands("approval", "A-1001") == NOT_THERE
    requests = await town.rows(select(Request))
    seats = await town.rows(select(Task).order_by(col(Task.id)))
    assert ([one.status for one in requests], [one.status for one in seats]) == (["terminated"], ["gone"])


async def test_whoever_looks_it_up_later_is_offered_no_undo_that_is_over(town: Town) -> None:
    await spends(town.sam)
    await town.boss.on_slack.presses("Approve", on=card_of(town, town.boss))

    assert "[Undo]" in await looks(town.boss)
    town.clock.moves(minutes=2)
    assert "[Undo]" not in await looks(town.boss)
