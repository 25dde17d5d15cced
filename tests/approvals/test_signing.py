"""Seats: given away, lent for advice, and others put before, beside and after them."""

from storage.approvals import Status
from tests.approvals.conftest import asks, request, seat
from tests.town import Town


async def _more(town: Town, who: str, label: str, **answers: object) -> None:
    person = getattr(town, who)
    await person.on_slack.presses("More…")
    await person.on_slack.presses(label)
    await person.on_slack.fills(**answers)


async def test_a_seat_is_transferred_and_whoever_has_it_now_decides(town: Town) -> None:
    await asks(town.sam)
    old = town.slack.post(town.boss).card.buttons[0].action

    await _more(town, "boss", "Transfer", to=town.dana.id, why="You know her.")

    assert town.boss.reads == "A-1001 Expense is with Dana now, and has left your list."
    assert town.slack.post(town.boss).buttons == ["Undo"]
    assert town.slack.post(town.dana).buttons == ["Approve", "Reject", "Ask", "More…"]
    assert town.slack.reads_under(town.slack.post("managers")) == ["Boss transferred it to Dana"]

    await town.boss.on_slack.presses(action=old)
    assert town.boss.reads == "A-1001 is with Dana now, not with you. | [Show]"
    await town.dana.on_slack.presses("Approve")
    assert (await request(town)).status == Status.APPROVED


async def test_a_seat_goes_neither_to_whoever_asked_nor_to_oneself(town: Town) -> None:
    await asks(town.sam)
    await _more(town, "boss", "Transfer", to=town.sam.id)
    assert town.boss.reads == "Sam asks for this, and can't decide on it. Please choose somebody else."
    await town.boss.on_slack.fills(to=town.boss.id)
    assert town.boss.reads == "That is you. Please choose somebody else."


async def test_advice_comes_back_to_whoever_asked_for_it(town: Town) -> None:
    await asks(town.sam)
    await _more(town, "boss", "Delegate", to=town.dana.id, why="Is that the usual fare?")
    assert town.boss.reads == "Dana looks at A-1001 Expense for you. You hear what they advise, and then decide."

    town.clock.moves(minutes=1)
    await town.dana.on_slack.presses("Advise to reject")
    assert town.dana.reads == "(Give advice) | What do you advise?? | What is to be known??"
    await town.dana.on_slack.fills(agrees="no", comment="Twice the usual.")
    assert town.dana.reads == "Your advice is given. A-1001 waits for Boss now."
    assert (await request(town)).status == Status.PENDING

    assert town.slack.reads(town.boss)[-1] == (
        "A-1001 Expense is with you again | Dana advised to reject, on Slack | Twice the usual."
        " | Amount: CN¥300.00 | [Approve] [Reject] [Show]"
    )
    await town.boss.on_slack.presses("Approve", on="is with you again")
    assert (await request(town)).status == Status.APPROVED


async def test_an_adviser_agrees_with_one_tap_or_in_words(town: Town) -> None:
    await asks(town.sam)
    await _more(town, "boss", "Delegate", to=town.dana.id)
    await town.dana.on_slack.presses("More…")
    await town.dana.on_slack.presses("Give advice")
    await town.dana.on_slack.fills(agrees="yes", comment="It was late.")
    assert town.dana.reads == "Your advice is given. A-1001 waits for Boss now."
    assert (await seat(town, 2)).status == "approved"


async def test_advice_is_waited_for_no_longer(town: Town) -> None:
    await asks(town.sam)
    await _more(town, "boss", "Delegate", to=town.dana.id)
    await town.boss.on_slack.presses("Take back")

    assert town.boss.reads == "A-1001 Expense waits for your decision again."
    assert town.slack.reads(town.dana)[-1] == (
        "A-1001 Expense is no longer with you | Boss decides without advice now. | Amount: CN¥300.00 | [Show]"
    )
    await town.boss.on_slack.presses("Approve")
    assert (await request(town)).status == Status.APPROVED


async def test_those_who_sign_before_me_decide_first_and_then_it_is_mine_again(town: Town) -> None:
    await asks(town.sam)
    await _more(town, "boss", "Add sign", people=[town.dana.id, town.hana.id], place="before", method="all")
    assert town.boss.reads == "A-1001 Expense is with Dana and Hana first. It comes back to you once they agree."

    town.clock.moves(minutes=1)
    await town.dana.on_slack.presses("Approve")
    assert (await seat(town, 1)).status == "waiting"
    await town.hana.on_slack.presses("Approve")

    assert (await seat(town, 1)).status == "open"
    assert town.slack.reads(town.boss)[-1] == (
        "A-1001 Expense is with you again | Hana approved, on Slack | Amount: CN¥300.00 | [Approve] [Reject] [Show]"
    )


async def test_those_who_sign_beside_and_after_me_have_their_word_too(town: Town) -> None:
    await asks(town.sam)
    await _more(town, "boss", "Add sign", people=[town.dana.id], place="beside", method="all", why="Your customer.")
    assert town.boss.reads == "Dana and you decide on A-1001 Expense at the same time."
    assert town.slack.reads_under(town.slack.post("managers")) == ["Boss added Dana"]
    await _more(town, "boss", "Add sign", people=[town.hana.id], place="after", method="all")
    assert town.boss.reads == "Hana will be asked about A-1001 Expense once you have approved it."

    await town.boss.on_slack.presses("Approve")
    assert town.boss.reads == "You approved. A-1001 waits for Dana and Hana now."
    await town.dana.on_slack.presses("Approve")
    await town.hana.on_slack.presses("Approve")
    assert (await request(town)).status == Status.APPROVED


async def test_whoever_was_added_is_taken_off_again(town: Town) -> None:
    await asks(town.sam)
    await _more(town, "boss", "Add sign", people=[town.dana.id], place="beside", method="all")
    await town.boss.on_slack.presses("More…")
    await town.boss.on_slack.presses("Take off Dana")

    assert town.boss.reads == "Dana need not decide on A-1001 Expense any more."
    assert town.slack.reads(town.dana)[-1] == (
        "A-1001 Expense is no longer with you | Boss took you off again; you need not do anything."
        " | Amount: CN¥300.00 | [Show]"
    )
    await town.boss.on_slack.presses("Approve")
    assert (await request(town)).status == Status.APPROVED


async def test_somebody_who_was_added_stays_off_once_taken_off(town: Town) -> None:
    await asks(town.sam)
    await _more(town, "boss", "Add sign", people=[town.dana.id], place="beside", method="all")
    approve = town.slack.post(town.dana).card.buttons[0].action
    await town.boss.on_slack.presses("More…")
    await town.boss.on_slack.presses("Take off Dana")

    await town.dana.on_slack.presses(action=approve)
    assert town.dana.reads == "A-1001 does not wait for you any more; the card shows how it stands now. | [Show]"
    assert (await seat(town, 2)).status == "gone"
