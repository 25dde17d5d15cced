"""Ends: taken back before and after, ended by whoever keeps the approvals, reminded, and left behind by leavers."""

from bot.answer import Outcome
from storage.approvals import Status
from tests.approvals.conftest import asks, request, seat
from tests.town import Town


async def test_whoever_asked_takes_it_back_before_it_is_decided(town: Town) -> None:
    await asks(town.sam)
    await town.sam.on_slack.presses("Withdraw")

    assert town.sam.reads == "A-1001 Expense is withdrawn. Nobody need decide any more."
    assert (await request(town)).status == Status.WITHDRAWN
    assert town.slack.post(town.boss).buttons == []
    assert town.slack.reads_under(town.slack.post("managers")) == ["Sam withdrew it"]

    await town.sam.on_slack.presses(action="approvals.withdraw:1")
    assert town.sam.reads == "A-1001 is withdrawn; that can't be done now."


async def test_nobody_else_takes_it_back(town: Town) -> None:
    await asks(town.sam)
    await town.boss.on_slack.presses(action="approvals.withdraw:1")
    assert town.boss.reads == "Only whoever asked for A-1001 can do that."
    await town.fay.on_slack.presses(action="approvals.withdraw:1")
    assert town.fay.reads == "There is no such record, or it is not yours to see."
    assert (await request(town)).status == Status.PENDING


async def test_what_was_granted_is_taken_back_if_those_who_approved_it_agree(town: Town) -> None:
    await asks(town.sam)
    await town.boss.on_slack.presses("Approve")
    town.clock.moves(hours=2)
    await town.sam.on_slack.presses("Ask to withdraw")
    await town.sam.on_slack.fills(why="Ms Lee paid it.")

    assert town.sam.reads == "Whether A-1001 Expense may be withdrawn is with Boss now. Until then it holds."
    town.clock.moves(minutes=1)
    await town.boss.on_slack.presses("Approve")
    assert town.boss.reads == "You approved. A-1001 is withdrawn, and Sam is told."
    assert (await request(town)).status == Status.WITHDRAWN
    assert town.slack.reads(town.sam)[-1] == (
        "A-1001 Expense is withdrawn, as you wished | Boss approved, on Slack | Amount: CN¥300.00 | [Show]"
    )


async def test_what_may_not_be_withdrawn_stays_approved(town: Town) -> None:
    await asks(town.sam)
    await town.boss.on_slack.presses("Approve")
    town.clock.moves(hours=2)
    await town.sam.on_slack.presses("Ask to withdraw")
    await town.sam.on_slack.fills(why="Ms Lee paid it.")
    await town.boss.on_slack.presses("Reject")
    await town.boss.on_slack.fills(why="It is paid out.")

    assert town.boss.reads == "You rejected it. A-1001 stays approved, and Sam is told."
    assert (await request(town)).status == Status.APPROVED
    assert town.slack.reads(town.sam)[-1] == (
        "A-1001 Expense stays approved: it may not be withdrawn | Boss rejected it, on Slack | It is paid out."
        " | Amount: CN¥300.00 | [Show]"
    )


async def test_an_administrator_ends_what_is_stuck_unread(town: Town) -> None:
    await asks(town.sam)
    await town.ada.on_slack.presses(action="approvals.terminate:1")
    await town.ada.on_slack.fills(why="Boss has retired.")

    assert town.ada.reads == "A-1001 is ended. Sam, who asked for it, is told."
    assert (await request(town)).status == Status.TERMINATED
    assert town.slack.reads(town.sam)[-1] == (
        "A-1001 Expense was ended | Ada ended it | Boss has retired. | Amount: CN¥300.00 | [Show]"
    )
    await town.ada.on_slack.presses(action="approvals.look:1")
    assert town.ada.outcome == Outcome.DONE or town.ada.reads.startswith("There is no such record")


async def test_nobody_else_ends_it(town: Town) -> None:
    await asks(town.sam)
    await town.sam.on_slack.presses(action="approvals.terminate:1")
    assert town.sam.outcome == Outcome.REFUSED
    await town.fay.on_slack.presses(action="approvals.terminate:1")
    assert town.fay.reads == "There is no such record, or it is not yours to see."


async def test_those_it_waits_for_are_reminded_but_not_pestered(town: Town) -> None:
    await asks(town.sam)
    town.clock.moves(hours=3)
    await town.sam.on_slack.presses("Nudge")

    assert town.sam.reads == "I have reminded Boss of A-1001."
    assert town.slack.reads(town.boss)[-1] == (
        "Sam reminds you: A-1001 Expense waits for you | Since Mon 23 Nov 09:00 | Amount: CN¥300.00"
        " | [Approve] [Reject] [Show]"
    )
    await town.sam.on_slack.presses("Nudge")
    assert town.sam.reads == "They were reminded at 12:00. You can remind them again from Mon 23 Nov 15:00."


async def test_what_waits_for_a_leaver_goes_on(town: Town) -> None:
    await asks(town.sam, "6000")
    await town.boss.on_slack.presses("Approve")
    await town.gus.leaves()

    assert [(await seat(town, n)).person_id for n in (2, 3)] == [town.omar.id, town.hana.id]
    assert town.slack.post(town.hana).buttons == ["Approve", "Reject", "Ask", "More…"]
    assert town.slack.reads_under(town.slack.post("managers"))[-1] == "Gus has left"
    await town.omar.on_telegram.presses("Approve")
    await town.hana.on_slack.presses("Approve")
    assert (await request(town)).status == Status.APPROVED


async def test_what_a_leaver_asked_for_ends(town: Town) -> None:
    await asks(town.sam)
    await town.sam.leaves()

    assert (await request(town)).status == Status.TERMINATED
    assert town.slack.post(town.boss).buttons == []
    assert town.slack.reads_under(town.slack.post("managers")) == ["Sam has left"]
    assert town.telegram.at(town.sam) == []
