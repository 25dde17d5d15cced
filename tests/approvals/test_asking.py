"""Asking: what people are offered, what is filled in for them, where it goes; and changing what came back."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from bot.answer import Outcome
from bot.ui.card import Card
from bot.ui.form import Asking, Attached
from config.text import Money
from handlers.approvals import asking
from storage import approvals
from storage.approvals import Status
from tests.approvals.conftest import asks, book, request
from tests.town import Town, english

TAXI = {"what": "Taxi to Ms Lee", "amount": "300"}


async def test_without_a_word_all_that_one_may_ask_for_is_offered(town: Town) -> None:
    await town.sam.on_slack.commands("request")
    assert town.sam.reads == (
        "What would you like to ask for? | Expense: Please attach the invoices. | [Expense] [Trip]"
    )

    await town.sam.on_slack.presses("Trip")
    assert town.sam.asked is not None
    assert [english(question.label) for question in town.sam.asked.questions] == [
        "Where to", "First day", "Last day", "Who approves step “Your choice”?",
    ]  # fmt: skip


async def test_what_one_may_not_ask_for_is_neither_offered_nor_opened(town: Town) -> None:
    await town.ada.on_slack.commands("request")
    assert town.ada.reads == "What would you like to ask for? | Expense: Please attach the invoices. | [Expense]"

    await town.ada.on_slack.commands("request", "trip to Beijing")
    assert town.ada.reads == "“Trip” is not for you to ask for. Please ask your head."
    await town.ada.on_slack.submits("approvals.request:trip", where="Beijing")
    assert town.ada.reads == "“Trip” is not for you to ask for. Please ask your head."


async def test_a_word_that_is_like_none_offers_all_that_one_may_ask_for(town: Town) -> None:
    await town.sam.on_slack.commands("request", "spaceship")
    assert town.sam.reads.startswith(
        "There is no request called \u201cspaceship\u201d. This is what you can ask for. | "
    )


async def test_a_word_that_is_nearly_one_offers_what_may_be_meant(town: Town) -> None:
    await town.sam.on_slack.commands("request", "expences")
    assert town.sam.reads == (
        "There is no request called “expences”. Did you mean one of these?"
        " | Expense: Please attach the invoices. | [Expense]"
    )
    await town.sam.on_slack.presses("Expense")
    assert isinstance(town.sam.asked, Asking)
    assert town.sam.asked.form == "approvals.request:expense"


async def test_a_form_that_is_no_more_is_refused_in_words(town: Town) -> None:
    await town.sam.on_slack.submits("approvals.request:purchase", **TAXI)
    assert town.sam.reads == "There is no such kind of request (any more). Type “request” to see those there are."


@pytest.mark.parametrize(
    ("said", "what", "amount"),
    [
        ("expense taxi 300", "taxi 300", "300"),
        ("Expense: hotel, 1,280.50", "hotel, 1,280.50", "1280.50"),
        ("报销打车300", "打车300", "300"),
        ("报销 打车 ３００", "打车 ３００", "300"),
        ("expense", None, None),
        ("expense taxi 300 and 20", "taxi 300 and 20", None),
        ("报销 11月的房租", "11月的房租", None),
        ("expense dinner for 3 people", "dinner for 3 people", None),
        ("expense room B12", "room B12", None),
        ("expense on 11/23", "on 11/23", None),
        ("expense v1.2.3", "v1.2.3", None),
    ],
)
async def test_a_message_that_begins_with_a_kind_opens_its_form_with_the_rest_filled_in(
    town: Town, said: str, what: str | None, amount: str | None
) -> None:
    await town.sam.on_slack.says(said, to_us=True)

    assert town.sam.asked is not None
    assert town.sam.asked.form == "approvals.request:expense"
    given = {"what": what, "amount": amount}
    assert town.sam.asked.answers == {name: value for name, value in given.items() if value is not None}


async def test_the_same_in_front_of_the_command(town: Town) -> None:
    await town.lin.on_slack.says("申请报销 打车 300", to_us=True)
    assert town.lin.asked is not None
    assert town.lin.asked.answers == {"what": "打车 300", "amount": "300"}


async def test_what_is_asked_for_goes_to_whoever_decides_and_says_where(town: Town) -> None:
    await asks(town.sam, "6000")

    assert town.sam.reads == (
        "A-1001 Expense is on its way | You hear as soon as it is decided, or if somebody asks you something."
        " | Manager: Boss (manager) | Review: Omar and Gus, all of them | First decision by: Mon 23 Nov 18:00"
    )
    assert town.slack.post(town.boss).buttons == ["Approve", "Reject", "Ask", "More…"]
    assert town.slack.post("managers").buttons == ["Approve", "Reject"]
    assert [post.message.card.title for post in town.slack.at(town.sam)] == [town.slack.post(town.boss).card.title]
    assert town.slack.at(town.omar) == town.telegram.at(town.omar) == []
    kept = await request(town)
    assert (kept.status, kept.minor, kept.requester_id) == (Status.PENDING, 600000, town.sam.id)


async def test_what_can_be_done_about_it_stands_once_and_from_elsewhere_one_is_led_there(town: Town) -> None:
    await asks(town.sam)
    assert town.sam.answer is not None
    assert isinstance(town.sam.answer.reply, Card)
    assert town.sam.answer.reply.buttons == ()
    assert "Withdraw" in town.slack.post(town.sam).buttons

    await town.sam.on_web.commands("request", "expense")
    await town.sam.on_web.fills(**TAXI)
    assert town.sam.reads.endswith("First decision by: Mon 23 Nov 18:00 | [Show]")
    await town.sam.on_web.presses("Show")
    assert town.sam.reads.startswith("A-1002 \u00b7 Expense")


async def test_a_trip_that_ends_before_it_begins_is_refused_at_the_day(town: Town) -> None:
    await town.sam.on_slack.commands("request", "trip Beijing")
    backwards: dict[str, Any] = {"from": "2026-12-04", "to": "2026-12-02", "chosen_0": [town.hana.id]}
    await town.sam.on_slack.fills(**backwards)

    assert town.sam.answer is not None
    assert (town.sam.outcome, town.sam.answer.field) == (Outcome.REFUSED, "to")
    assert town.sam.reads == "The last day can't be before the first."
    assert await town.rows(select(approvals.Request)) == []


async def test_who_decides_is_chosen_in_the_form_and_is_never_oneself(town: Town) -> None:
    await town.sam.on_slack.commands("request", "trip Beijing")
    days: dict[str, Any] = {"from": "2026-12-02", "to": "2026-12-04"}
    await town.sam.on_slack.fills(**days, chosen_0=[town.sam.id])
    assert town.sam.reads == "You can't decide on your own request. Please choose somebody else."

    await town.sam.on_slack.fills(**days, chosen_0=[town.hana.id, town.dana.id])
    assert town.sam.reads == (
        "A-1001 Trip is on its way | You hear as soon as it is decided, or if somebody asks you something."
        " | Your choice: Hana and Dana, any one of them (chosen by the requester)"
    )
    kept = await request(town)
    assert (kept.days, approvals.answers_of(kept)["from"]) == (3, date(2026, 12, 2))


async def test_on_a_phone_it_is_asked_question_by_question(town: Town) -> None:
    await town.sam.on_phone.says("trip Beijing")
    for said in ("2026-12-02", "2026-12-04", "Hana"):
        await town.sam.on_phone.says(said)
    await town.sam.on_phone.presses("Done")
    await town.sam.on_phone.presses("Submit")

    assert town.telegram.reads(town.sam)[-1] == (
        "A-1001 Trip is on its way | You hear as soon as it is decided, or if somebody asks you something."
        " | Your choice: Hana (chosen by the requester)"
    )
    assert (await request(town)).days == 3


async def test_papers_stay_with_a_request_that_is_changed_and_sent_again(town: Town) -> None:
    bill = Attached("slack:F1", "bill.pdf", "application/pdf", 9)
    await asks(town.sam, receipts=[bill])
    await _is_sent_back(town, "Which day?")

    assert town.slack.reads(town.sam)[-1] == (
        "A-1001 Expense came back to you, to be changed | Boss sent it back, on Slack | Which day?"
        " | Amount: CN¥300.00 | [Change and send again] [Show]"
    )
    await town.sam.on_slack.presses("Change and send again")
    assert town.sam.asked is not None
    assert town.sam.asked.answers == {"what": "Taxi to Ms Lee", "amount": Money(30000), "receipts": (bill,)}
    await town.sam.on_slack.submits(
        town.sam.asked.form, about=town.sam.asked.about, what="Taxi on 12 Nov", amount="310"
    )

    assert town.sam.reads == "A-1001 Expense was sent again. It waits for Boss now."
    kept = await request(town)
    assert (kept.status, kept.edition, kept.minor) == (Status.PENDING, 2, 31000)
    assert "bill.pdf" in approvals.answers_of(kept)["receipts"]
    assert town.slack.reads_under(town.slack.post("managers")) == [
        "Boss sent it back, on Slack", "Sam changed it and sent it again",
    ]  # fmt: skip


async def test_only_what_came_back_is_changed_and_only_by_whoever_asked(town: Town) -> None:
    await asks(town.sam)
    await town.sam.on_slack.presses(action="approvals.change:1")
    assert town.sam.reads == "A-1001 is under way; that can't be done now."
    await town.boss.on_slack.presses(action="approvals.change:1")
    assert town.boss.reads == "Only whoever asked for A-1001 can do that."
    await town.lena.on_slack.presses(action="approvals.change:1")
    await town.dana.on_slack.presses(action="approvals.change:1")
    assert town.dana.reads == "There is no such record, or it is not yours to see."


async def _is_sent_back(town: Town, why: str) -> None:
    await town.boss.on_slack.presses("More…")
    await town.boss.on_slack.presses("Send back")
    await town.boss.on_slack.fills(why=why)
    assert town.boss.reads == "You sent it back. Sam is told about A-1001, with your reason."


def test_every_open_kind_has_its_words() -> None:
    assert asking._words(book()) == {
        "expense": "expense", "报销": "expense", "trip": "trip", "出差": "trip",
    }  # fmt: skip
