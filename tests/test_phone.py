"""Where there are no forms, replies are messages of their own, kept with the work; a press may be asked for twice."""

from dataclasses import replace

from sqlmodel import col, select

from bot.answer import Outcome
from bot.dispatch import STRANGER
from bot.ui.form import Attached
from config.text import Text
from storage.tickets import CLOSED, RESOLVED, TAKEN, Note, Ticket
from tests.town import Town, english


async def noted(town: Town) -> list[str]:
    return [note.text for note in await town.rows(select(Note).order_by(col(Note.id)))]


async def test_reply_to_a_command_is_a_message_in_private(town: Town) -> None:
    await town.dana.on_phone.commands("tickets", "open")

    assert town.telegram.reads(town.dana) == [
        "Open complaints | No complaint is waiting for an answer. | [Mine] [Overdue] [Reported by me]"
    ]
    assert town.dana.answer is not None
    assert town.dana.answer.posted


async def test_command_that_is_delivered_again_is_answered_once(town: Town) -> None:
    await town.dana.on_phone.commands("tickets", "open", event="update:7")
    await town.dana.on_phone.commands("tickets", "open", event="update:7")

    assert town.dana.outcome is Outcome.AGAIN
    assert len(town.telegram.at(town.dana)) == 1


async def test_refusal_of_a_command_is_a_message_too(town: Town) -> None:
    await town.dana.on_phone.commands("ticket", "seven")

    assert town.telegram.reads(town.dana) == ["“seven” is not a complaint's number. It looks like C-1042."]


async def test_short_words_that_answer_a_press_are_left_to_the_platform(town: Town) -> None:
    await town.ticket(TAKEN)

    reply = await town.sam.on_phone.presses(action="tickets.resolve:1:2")

    assert isinstance(reply, Text)
    assert english(reply) == "That is for the team that answers complaints, or for whoever has taken this one."
    assert (town.sam.outcome, town.telegram.reads(town.sam)) == (Outcome.REFUSED, [])


async def test_button_that_wants_a_yes_is_pressed_twice(town: Town) -> None:
    ticket = await town.ticket(RESOLVED)
    await town.dana.on_phone.commands("ticket", ticket.number)

    first = await town.dana.on_phone.presses("Close")

    assert isinstance(first, Text)
    assert english(first) == "Close this complaint for good? Press “Close” once more within a minute to do it."
    assert town.dana.outcome is Outcome.CONFIRM
    assert (await town.row(Ticket, 1)).status == RESOLVED

    town.clock.moves(seconds=1)
    assert await town.dana.on_phone.presses("Close") is None
    assert (await town.row(Ticket, 1)).status == CLOSED


async def test_two_presses_before_the_question_can_be_read_are_no_yes(town: Town) -> None:
    """A thumb that hit twice; or presses that waited while we were away, and come one after another."""
    ticket = await town.ticket(RESOLVED)
    await town.dana.on_phone.commands("ticket", ticket.number)

    for _ in range(3):
        await town.dana.on_phone.presses("Close")
        town.clock.moves(milliseconds=300)

    assert town.dana.outcome is Outcome.CONFIRM
    assert (await town.row(Ticket, 1)).status == RESOLVED


async def test_yes_after_a_minute_is_asked_for_again(town: Town) -> None:
    ticket = await town.ticket(RESOLVED)
    await town.dana.on_phone.commands("ticket", ticket.number)
    await town.dana.on_phone.presses("Close")

    await town.passes(seconds=61)
    await town.dana.on_phone.presses("Close")

    assert town.dana.outcome is Outcome.CONFIRM
    assert (await town.row(Ticket, 1)).status == RESOLVED


async def test_yes_is_for_the_one_who_was_asked(town: Town) -> None:
    ticket = await town.ticket(RESOLVED)
    for person in (town.dana, town.hana):
        await person.on_phone.commands("ticket", ticket.number)

    await town.dana.on_phone.presses("Close")
    await town.hana.on_phone.presses("Close")

    assert (town.dana.outcome, town.hana.outcome) == (Outcome.CONFIRM, Outcome.CONFIRM)


async def test_words_under_a_card_in_private_are_kept_with_its_record(town: Town) -> None:
    await town.ticket()
    await town.hana.on_slack.presses(action="tickets.assign:1:1")
    await town.hana.on_slack.fills(to=town.omar.id)
    card = town.telegram.post(town.omar)

    await town.omar.on_phone.says("我明天去", under=card)

    assert await noted(town) == ["我明天去"]


async def test_words_in_private_under_something_else_are_read_as_ever(town: Town) -> None:
    await town.dana.on_phone.commands("tickets")
    listed = town.telegram.post(town.dana)

    await town.dana.on_phone.says("tickets open", under=listed)

    assert town.telegram.reads(town.dana)[-1].startswith("Open complaints")


async def test_reply_to_a_note_in_a_group_is_a_note_too(town: Town) -> None:
    await town.dana.on_slack.submits("tickets.NewComplaint", customer="Ms Lee", what="Broken lock", kind="quality")
    root = town.telegram.post("service")
    await town.dana.on_slack.says("She is at home until six.", under=town.slack.post("service"))
    note = next(post for post in town.telegram.posts if post.place.thread == root.ref)

    await town.omar.on_telegram.says("好的", under=note)

    assert await noted(town) == ["She is at home until six.", "好的"]


async def test_reply_to_the_photo_below_a_card_is_a_note_too(town: Town) -> None:
    photo = Attached("web:1", "lock.jpg", "image/jpeg", 9)
    await town.sam.on_slack.submits(
        "tickets.NewComplaint", customer="Ms Lee", what="Broken lock", kind="quality", files=(photo,)
    )
    card = town.telegram.post("service")

    await town.omar.on_telegram.says("换锁芯就行", under=replace(card, ref=f"{card.ref}.1"))

    assert await noted(town) == ["换锁芯就行"]
    assert town.slack.reads_under(town.slack.post("service")) == ["Omar wrote | 换锁芯就行"]


async def test_question_that_is_looked_at_is_drawn_before_those_above_it(town: Town) -> None:
    await town.sam.on_phone.commands("complaint", "Broken lock")
    town.delivers = False
    await town.sam.on_phone.says("Ms Lee")
    await town.courier._carry((await town.courier._claim())[0])
    await town.sam.on_phone.presses("Skip")
    town.courier.lanes.clear()

    (row,) = await town.courier._claim()

    assert (row.about, row.face) == ("interviews:1", "2")


async def test_stranger_in_private_is_told_and_not_by_the_courier(town: Town) -> None:
    assert await town.stranger.on_phone.commands("tickets") == STRANGER
    assert town.telegram.posts == []


async def test_file_that_nothing_asks_for_is_not_a_riddle(town: Town) -> None:
    await town.dana.on_phone.says("", files=())
    await town.dana.on_phone.says("hello")

    assert [line.split(" | ")[:2] for line in town.telegram.reads(town.dana)] == [
        ["Hello, Dana", "What can I do for you?"]
    ] * 2


async def test_command_behind_a_slash_is_no_answer_in_either_language(town: Town) -> None:
    await town.sam.on_phone.commands("complaint")

    await town.sam.on_phone.says("/工单列表")

    assert town.telegram.reads(town.sam)[-1].startswith("My complaints")
