"""Talk: comments that are never decisions, questions that stop the clock, and answers that start it again."""

from datetime import UTC, datetime

import pytest
from sqlmodel import col, select

from bot.ui.form import Attached
from storage.approvals import Act, Query, Status
from tests.approvals.conftest import asks, request, seat
from tests.town import Town


async def _comments(town: Town) -> list[str]:
    acts = await town.rows(select(Act).where(col(Act.what) == "comment").order_by(col(Act.id)))
    return [act.text for act in acts]


async def test_what_is_written_under_a_card_is_kept_and_said_under_the_others(town: Town) -> None:
    await asks(town.sam)
    photo = Attached("slack:F1", "bill.jpg", "image/jpeg", 9)

    assert await town.boss.on_slack.says("Which taxi?", under=town.slack.post(town.boss), files=(photo,)) is None

    assert await _comments(town) == ["Which taxi?"]
    wrote = ["Boss wrote | Which taxi? | File: bill.jpg"]
    assert town.slack.reads_under(town.slack.at(town.sam)[0]) == wrote
    assert town.slack.reads_under(town.slack.post("managers")) == []  # who sits there may not read the request
    assert town.slack.reads_under(town.slack.post(town.boss)) == []


@pytest.mark.parametrize("word", ["同意", "Approve!", "ok", " 批准。", "拒绝", "不同意", "reject", "ＯＫ"])
async def test_who_seems_to_decide_in_words_is_offered_the_buttons(town: Town, word: str) -> None:
    await asks(town.sam)
    await town.boss.on_slack.says(word, under=town.slack.post(town.boss))

    assert town.boss.reads == (
        "Did you mean to decide? | What you wrote is kept as a comment on A-1001. Only a button decides."
        " | [Approve] [Reject]"
    )
    assert (await request(town)).status == Status.PENDING
    await town.boss.on_slack.presses("Approve")
    assert (await request(town)).status == Status.APPROVED
    assert await _comments(town) == [word.strip()]


async def test_a_word_of_somebody_whom_it_does_not_wait_for_is_a_comment_alone(town: Town) -> None:
    await asks(town.sam)
    assert await town.sam.on_slack.says("同意", under=town.slack.at(town.sam)[0]) is None
    assert await town.boss.on_slack.says("I approve of taxis", under=town.slack.post(town.boss)) is None
    assert await _comments(town) == ["同意", "I approve of taxis"]


async def test_a_comment_by_the_button_lasts_while_others_decide(town: Town) -> None:
    await asks(town.sam, "6000")
    await town.sam.on_slack.presses("Comment")
    await town.boss.on_slack.presses("Approve")
    await town.sam.on_slack.fills(text="The invoice comes tomorrow.")

    assert town.sam.reads == "Your comment is with A-1001."
    assert town.slack.reads_under(town.slack.post(town.gus)) == ["Sam 写道 | The invoice comes tomorrow."]


async def test_a_question_stops_the_clock_until_it_is_answered(town: Town) -> None:
    await asks(town.sam)
    assert (await seat(town, 1)).due_at == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    town.clock.moves(hours=1)
    await town.boss.on_slack.presses("Ask")
    await town.boss.on_slack.fills(text="Why no tram?")

    assert town.boss.reads == "Sam is asked. The time to decide on A-1001 stands still until they answer."
    assert town.slack.reads(town.sam)[-1] == (
        "Boss asks you about A-1001 Expense | Why no tram? | Amount: CN¥300.00 | [Answer] [Show]"
    )
    assert (await request(town)).paused_at is not None

    town.clock.moves(hours=2)
    await town.sam.on_slack.presses("Answer")
    await town.sam.on_slack.fills(text="It was midnight.")

    assert town.sam.reads == "Boss has your answer about A-1001."
    assert town.slack.reads(town.boss)[-1] == (
        "Sam answered you about A-1001 Expense | You asked: Why no tram? | It was midnight. | Amount: CN¥300.00"
        " | [Approve] [Reject] [Show]"
    )
    assert (await seat(town, 1)).due_at == datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    await town.boss.on_slack.presses("Approve", on="answered you")
    assert (await request(town)).status == Status.APPROVED


async def test_a_colleague_may_be_asked_who_then_may_read_it(town: Town) -> None:
    await asks(town.sam)
    await town.boss.on_slack.presses("Ask")
    await town.boss.on_slack.fills(of=town.dana.id, text="Is that your customer?")
    assert town.slack.reads_under(town.slack.at(town.sam)[0]) == ["Boss asked Dana a question | Is that your customer?"]

    await town.fay.on_slack.presses(action="approvals.answer:1:1")
    assert town.fay.reads == "There is no such record, or it is not yours to see."
    await town.dana.on_slack.presses("Answer")
    await town.dana.on_slack.fills(text="Yes.")
    assert town.dana.reads == "Boss has your answer about A-1001."
    assert [one.answer for one in await town.rows(select(Query))] == ["Yes."]

    await town.boss.on_slack.presses(action="approvals.answer:1:2")
    assert town.boss.reads == "This question is for somebody else. You may write a comment."
    await town.dana.on_slack.presses(action="approvals.answer:1:2")
    assert town.dana.reads == "This question is answered, or does not matter any more."


async def test_a_card_that_was_shown_before_a_question_still_decides(town: Town) -> None:
    await asks(town.sam)
    before = town.slack.post(town.boss).card.buttons[0].action
    await town.boss.on_slack.presses("Ask")
    await town.boss.on_slack.fills(text="Why no tram?")

    await town.boss.on_slack.presses(action=before)
    assert town.boss.reads == "You approved. A-1001 is through, and Sam is told."
    await town.sam.on_slack.presses("Answer", on="asks you about")
    assert town.sam.reads == "This question is answered, or does not matter any more."
