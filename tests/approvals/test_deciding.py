"""Deciding: one tap, a reason for a no, a way back to an earlier step, and a minute to take it back."""

import asyncio

from bot.answer import Outcome
from storage.approvals import Status
from tests.approvals.conftest import asks, request, seat
from tests.town import Town, english, line


async def test_an_expense_is_approved_with_one_tap_and_everybody_hears(town: Town) -> None:
    await asks(town.sam)

    town.clock.moves(minutes=5)
    await town.boss.on_slack.presses("Approve")

    assert town.boss.reads == "You approved. A-1001 is through, and Sam is told."
    assert (await request(town)).status == Status.APPROVED
    assert town.slack.reads(town.sam)[-1] == (
        "A-1001 Expense is approved | Boss approved, on Slack | Amount: CN¥300.00 | [Show]"
    )
    assert town.slack.reads_under(town.slack.post("managers")) == ["Boss approved, on Slack"]
    assert town.slack.reads_under(town.slack.at(town.sam)[0]) == []
    assert town.slack.post(town.boss).buttons == ["Undo"]
    assert len(town.slack.at(town.fay)) == 1


async def test_all_of_a_step_have_to_agree_and_one_no_is_enough(town: Town) -> None:
    await asks(town.sam, "6000")
    await town.boss.on_slack.presses("Approve")
    assert town.boss.reads == "You approved. A-1001 waits for Omar and Gus now."
    assert town.slack.reads_under(town.slack.at(town.sam)[0]) == ["Boss approved, on Slack"]

    await town.omar.on_telegram.presses("Approve")
    await town.gus.on_slack.presses("Reject")
    await town.gus.on_slack.fills(why="No invoice.")

    assert (await request(town)).status == Status.REJECTED
    assert town.slack.reads(town.sam)[-1] == (
        "A-1001 Expense is rejected | Gus rejected it, on Slack | No invoice. | Amount: CN¥6,000.00 | [Show]"
    )
    assert town.slack.reads_under(town.slack.post("managers")) == [
        "Boss approved, on Slack", "Omar approved, on Telegram", "Gus rejected it, on Slack",
    ]  # fmt: skip


async def test_a_no_without_a_reason_is_none(town: Town) -> None:
    await asks(town.sam)
    await town.boss.on_slack.presses("Reject")
    await town.boss.on_slack.fills()

    assert town.boss.reads == "Please answer this."
    assert (await request(town)).status == Status.PENDING


async def test_a_yes_may_carry_a_comment(town: Town) -> None:
    await asks(town.sam)
    await town.boss.on_slack.presses("More…")
    assert town.boss.reads == (
        "A-1001 Expense: what would you like to do? | [Approve with a comment] [Ask a question] [Send back] [Transfer]"
        " [Delegate] [Add sign] [Comment] [Forward] [Show]"
    )
    await town.boss.on_slack.presses("Approve with a comment")
    await town.boss.on_slack.fills(comment="Next time by tram.")

    assert town.slack.reads(town.sam)[-1] == (
        "A-1001 Expense is approved | Boss approved, on Slack | Next time by tram. | Amount: CN¥300.00 | [Show]"
    )
    assert (await seat(town, 1)).comment == "Next time by tram."


async def test_who_presses_twice_or_too_late_hears_how_it_stands(town: Town) -> None:
    await asks(town.sam)
    old = town.slack.post(town.boss).card.buttons[0].action
    await town.boss.on_slack.presses("Approve")

    town.clock.moves(minutes=2)
    await town.boss.on_telegram.presses(action=old)
    assert town.boss.reads == "You have approved A-1001 already, on Slack at 09:00. | [Show]"
    await town.boss.on_phone.presses(action=old)
    assert town.boss.reads == "You have approved A-1001 already, on Slack at 09:00."  # it goes by in a moment there
    await town.boss.on_slack.presses(action=old)
    await town.boss.on_slack.presses("Show")
    assert town.boss.reads.startswith("A-1001 \u00b7 Expense \u00b7 CN¥300.00")
    await town.dana.on_slack.presses(action=old)
    assert town.dana.reads == "There is no such record, or it is not yours to see."


async def test_of_several_presses_at_once_exactly_one_approves(town: Town) -> None:
    await asks(town.sam)
    approve = town.slack.post(town.boss).card.buttons[0].action

    seats = [town.boss.on_slack, town.boss.on_telegram, town.boss.on_web]
    replies = await asyncio.gather(*[one.presses(action=approve) for one in seats])

    approved = "You approved. A-1001 is through, and Sam is told."
    assert [line(reply, english) for reply in replies].count(approved) == 1
    assert len(town.slack.reads_under(town.slack.post("managers"))) == 1


async def test_on_a_phone_a_yes_is_a_tap_and_a_no_is_asked_why(town: Town) -> None:
    await asks(town.sam, "6000")
    await town.boss.on_slack.presses("Approve")

    await town.omar.on_phone.presses("Reject")
    assert line(town.telegram.post(town.omar).card, english) == (
        "Why not? | Whoever asked for it reads this. | [Cancel] | Reject"
    )
    await town.omar.on_phone.says("没有发票")
    await town.omar.on_phone.presses("Reject")

    assert (await request(town)).status == Status.REJECTED
    assert line(town.telegram.post(town.omar).card, english) == (
        "You rejected it. Sam is told about A-1001, with your reason."
    )
    assert line(town.slack.post(town.sam).card, english) == (
        "A-1001 Expense is rejected | Omar rejected it, on Telegram | 没有发票 | Amount: CN¥6,000.00 | [Show]"
    )


async def test_in_a_room_each_press_counts_for_whoever_has_a_seat(town: Town) -> None:
    await asks(town.sam, "6000")

    await town.sam.on_slack.presses("Approve", on=town.slack.post("managers"))
    assert town.sam.reads == "This waits for Boss, not for you."
    await town.dana.on_slack.presses("Approve", on=town.slack.post("managers"))
    assert town.dana.reads == "This waits for others, not for you."
    await town.dana.on_slack.presses(action="approvals.approve_here:99:1")
    assert town.dana.reads == "This waits for others, not for you."

    await town.boss.on_slack.presses("Approve", on=town.slack.post("managers"))
    assert town.boss.reads == "You approved. A-1001 waits for Omar and Gus now."
    await town.gus.on_slack.presses("Reject", on=town.slack.post("managers"))
    await town.gus.on_slack.fills(why="No invoice.")
    assert (await request(town)).status == Status.REJECTED

    await town.boss.on_slack.presses(action="approvals.approve_here:1:1")
    assert town.boss.reads == "A-1001 is rejected now. Nothing is to be decided."
    await town.boss.on_slack.presses(action="approvals.approve_here:1:2")
    assert town.boss.reads == "A-1001 has been changed since. Please look at it as it is now."


async def test_it_goes_back_to_an_earlier_step_with_what_is_to_be_done(town: Town) -> None:
    await asks(town.sam, "6000")
    await town.boss.on_slack.presses("Approve")

    await town.gus.on_slack.presses("More…")
    await town.gus.on_slack.presses("Send back")
    assert town.gus.asked is not None
    assert [option.value for option in town.gus.asked.questions[0].options] == ["requester", "0"]
    await town.gus.on_slack.fills(to="0", why="Is that not from the June budget?")

    assert town.gus.answer is not None
    kept = await request(town)
    assert (kept.status, kept.step, kept.round, kept.edition) == (Status.PENDING, 0, 2, 1)
    assert town.slack.post(town.boss).buttons == ["Approve", "Reject", "Ask", "More…"]
    assert town.slack.reads_under(town.slack.at(town.sam)[0])[-1] == (
        "Gus sent it back, on Slack | Is that not from the June budget?"
    )


async def test_what_was_decided_is_taken_back_within_a_minute(town: Town) -> None:
    await asks(town.sam)
    await town.boss.on_slack.presses("Approve")
    town.clock.moves(seconds=50)
    await town.boss.on_slack.presses("Undo")

    assert town.boss.reads == "Taken back. A-1001 stands as it did before."
    assert (await request(town)).status == Status.PENDING
    assert town.slack.post(town.boss).buttons == ["Approve", "Reject", "Ask", "More…"]
    taken_back = (
        "A-1001 Expense is under way again: nothing is decided yet | Boss took back what was done last"
        " | Amount: CN¥300.00 | [Show]"
    )
    assert town.slack.reads(town.sam)[-1] == taken_back
    assert town.slack.reads(town.fay)[-1] == taken_back

    await town.boss.on_slack.presses("Approve")
    assert (await request(town)).status == Status.APPROVED


async def test_those_whose_turn_it_was_for_a_minute_hear_that_it_is_not(town: Town) -> None:
    await asks(town.sam, "6000")
    await town.boss.on_slack.presses("Approve")
    await town.boss.on_slack.presses("Undo")

    assert line(town.slack.post(town.gus).card, english) == (
        "A-1001 Expense is no longer with you | Boss took back what was done last | Amount: CN¥6,000.00 | [Show]"
    )
    assert (await seat(town, 2)).status == (await seat(town, 3)).status == "gone"


async def test_after_a_minute_or_once_it_went_on_it_stays_decided(town: Town) -> None:
    await asks(town.sam)
    await town.boss.on_slack.presses("Approve")
    undo = next(one.action for one in town.slack.post(town.boss).card.buttons)
    town.clock.moves(seconds=61)
    await town.boss.on_slack.presses(action=undo)

    assert town.boss.outcome == Outcome.REFUSED
    assert town.boss.reads == (
        "A decision can be taken back for a minute; that is over. Write a comment, or talk to Sam."
    )
    await town.sam.on_slack.presses(action=undo)
    assert town.sam.outcome == Outcome.REFUSED


async def test_much_money_is_confirmed_elsewhere(town: Town) -> None:
    await asks(town.sam, "60000")
    await town.boss.on_slack.presses("Approve")

    assert town.boss.reads.startswith("A-1001 Expense: please confirm it on Telegram | ")
    assert (await seat(town, 1)).status == "open"

    await town.boss.on_telegram.presses("Confirm")
    assert town.boss.reads == "You approved, and confirmed it. A-1001 waits for Omar and Gus now."
    assert (await seat(town, 1)).status == "approved"
