"""An approval of much money counts once its approver has confirmed it elsewhere: themselves, in time, as it was."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import delete
from sqlalchemy import text as sql
from sqlmodel import col

from bot.ui.form import Asking
from storage.approvals import Second, Status
from storage.people import Account
from tests.approvals.conftest import request, seat
from tests.approvals.timed import asks, timed
from tests.town import Town, chinese, english


@pytest.fixture
async def town(town_url: str) -> AsyncIterator[Town]:
    town = await Town.open(town_url, timed())
    yield town
    await town.close()


async def approves(town: Town) -> None:
    """Sam asks for 500, and Boss approves it on Slack: it wants a second confirmation, on Telegram."""
    await asks(town.sam, "pay", "500")
    await town.boss.on_slack.presses("Approve")


async def status(town: Town) -> str:
    return (await request(town)).status


async def test_less_than_so_much_is_approved_at_once(town: Town) -> None:
    await asks(town.sam, "pay", "499.99")
    await town.boss.on_slack.presses("Approve")

    assert await status(town) == Status.APPROVED


async def test_so_much_is_confirmed_on_another_platform(town: Town) -> None:
    await approves(town)

    assert town.boss.reads == (
        "A-1001 Payment: please confirm it on Telegram"
        " | So much wants a second confirmation. I have asked you there; it counts for ten minutes."
        " | Requested by: Sam | Amount: CN¥500.00"
    )
    assert await status(town) == Status.PENDING
    assert town.telegram.post(town.boss).line == (
        "Confirm your approval of A-1001 Payment?"
        " | You approved it on Slack. It counts once you confirm it here, until 09:10."
        " | Requested by: Sam | Amount: CN¥500.00 | [Confirm] [No]"
    )

    await town.boss.on_telegram.presses("Confirm")

    assert town.boss.reads == "You approved, and confirmed it. A-1001 is through, and Sam is told."
    assert await status(town) == Status.APPROVED
    assert town.telegram.post(town.boss).line.startswith("You confirmed your approval of A-1001 Payment | ")
    assert town.telegram.post(town.boss).buttons == ["Show"]
    decided = await seat(town, 1)
    assert (decided.decided_by_id, decided.via) == (town.boss.id, "telegram")
    assert [what for what, _ in await town.audited() if "second" in what or what == "approvals.approve"] == [
        "approvals.second.ask", "approvals.second.give", "approvals.approve", "approvals.approve",
    ]  # fmt: skip


async def test_the_comment_of_the_first_time_is_kept(town: Town) -> None:
    await asks(town.sam, "pay", "500")
    await town.boss.on_slack.presses("More…")
    await town.boss.on_slack.presses("Approve with a comment")
    await town.boss.on_slack.fills(comment="But the cheaper one.")

    await town.boss.on_telegram.presses("Confirm")

    assert (await seat(town, 1)).comment == "But the cheaper one."


async def test_a_no_decides_nothing(town: Town) -> None:
    await approves(town)

    await town.boss.on_telegram.presses("No")

    assert town.boss.reads == (
        "A-1001 is not approved, and still waits for you. If it was not you who approved it on Slack, tell your "
        "administrator at once."
    )
    assert await status(town) == Status.PENDING
    assert "approvals.second.refuse" in [what for what, _ in await town.audited()]

    await town.boss.on_slack.presses("Approve", on="A-1001")
    await town.boss.on_telegram.presses("Confirm")
    assert await status(town) == Status.APPROVED


async def test_it_is_not_confirmed_where_it_was_approved(town: Town) -> None:
    await approves(town)

    await town.boss.on_slack.presses(action="approvals.confirm_second:1:1")

    assert town.boss.reads == ("You approved it here. The second confirmation has to come from another place of yours.")
    assert await status(town) == Status.PENDING


async def test_nobody_else_confirms_or_refuses_it(town: Town) -> None:
    await approves(town)

    for who in (town.sam, town.hana, town.ada):
        for act in ("confirm_second", "refuse_second"):
            await who.on_telegram.presses(action=f"approvals.{act}:1:1")
            assert who.outcome == "refused"

    assert await status(town) == Status.PENDING
    assert (await town.row(Second, 1)).status == "asked"


async def test_it_counts_for_ten_minutes(town: Town) -> None:
    await approves(town)

    town.clock.moves(minutes=10)
    await town.boss.on_telegram.presses("Confirm")

    assert town.boss.reads == "That was more than ten minutes ago, and counts no more. Please approve it once more."
    assert await status(town) == Status.PENDING

    await town.boss.on_slack.presses("Approve", on="A-1001")
    await town.boss.on_telegram.presses("Confirm")
    assert await status(town) == Status.APPROVED


async def test_approving_again_asks_again_and_the_older_button_is_old(town: Town) -> None:
    await approves(town)
    town.clock.moves(minutes=9)
    await town.boss.on_slack.presses("Approve", on="A-1001")
    town.clock.moves(minutes=9)

    await town.boss.on_telegram.presses(action="approvals.confirm_second:1:1")
    assert town.boss.outcome == "refused"
    await town.boss.on_telegram.presses("Confirm")

    assert await status(town) == Status.APPROVED
    assert await town.rows(sql("SELECT count(*) FROM approval_seconds")) == [1]


async def test_a_second_click_is_answered_kindly(town: Town) -> None:
    await approves(town)
    card = town.telegram.post(town.boss).card
    confirm = card.buttons[0].action
    await town.boss.on_telegram.presses(action=confirm)

    await town.boss.on_telegram.presses(action=confirm)

    assert town.boss.outcome == "refused"
    assert [what for what, _ in await town.audited()].count("approvals.second.give") == 1


async def test_what_has_changed_meanwhile_is_not_confirmed(town: Town) -> None:
    await approves(town)
    confirm = town.telegram.post(town.boss).card.buttons[0].action
    await town.sam.on_slack.presses("Withdraw")
    assert await status(town) == Status.WITHDRAWN

    await town.boss.on_telegram.presses(action=confirm)

    assert town.boss.reads == "Approval A-1001 has changed since you approved it. Please look again."
    assert await status(town) == Status.WITHDRAWN


async def test_who_has_no_other_account_confirms_on_the_web(town: Town) -> None:
    async with town.unit() as work:
        its = (col(Account.employee_id) == town.boss.id, col(Account.platform) == "telegram")
        await work.session.execute(delete(Account).where(*its))

    await approves(town)
    assert town.boss.reads.startswith("A-1001 Payment: please confirm it on Web | ")
    await town.boss.on_web.presses("Confirm")

    assert await status(town) == Status.APPROVED


async def test_who_is_known_nowhere_else_is_told_to_link_an_account(town: Town) -> None:
    async with town.unit() as work:
        await work.session.execute(delete(Account).where(col(Account.employee_id) == town.boss.id))
    await asks(town.sam, "pay", "500")

    await town.boss.on_web.presses("Approve")

    assert town.boss.reads == (
        "So much wants a second confirmation from another place of yours, and I know of none. Type “link” to add one, "
        "and then approve it again."
    )
    assert await status(town) == Status.PENDING


async def test_where_the_template_says_so_the_number_is_typed_again(town: Town) -> None:
    await asks(town.sam, "here", "500")
    reply = await town.boss.on_slack.presses("Approve")
    assert isinstance(reply, Asking)
    assert town.boss.reads == "(Confirm the approval) | Type the request's number once more?"
    assert english(reply.questions[0].hint or "") == "You approve CN\u00a5500.00 for Sam. The number looks like A-1007."

    await town.boss.on_slack.fills(number="A-1002")
    assert town.boss.reads == "That is another number. This is about A-1001."
    assert await status(town) == Status.PENDING
    await town.boss.on_slack.fills(number="a1001")

    assert await status(town) == Status.APPROVED


async def test_where_only_the_web_runs_the_number_is_typed_again(town: Town) -> None:
    town.desk.on = frozenset({"web"})
    await asks(town.sam, "pay", "500")

    await town.boss.on_web.presses("Approve")
    assert isinstance(town.boss.asked, Asking)
    await town.boss.on_web.fills(number="1001")

    assert await status(town) == Status.APPROVED


async def test_a_confirmation_is_read_in_chinese(town: Town) -> None:
    await asks(town.dana, "pay", "500")
    await town.hana.on_slack.presses("Approve")

    shown = town.telegram.post(town.hana)
    assert shown.line.split(" | ")[0] == chinese(shown.card.title)
