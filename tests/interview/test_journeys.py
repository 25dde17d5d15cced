"""A form is asked question by question on the phone, looked over, and sent; nothing is lost on the way."""

from datetime import UTC, date, datetime, timedelta

from bot.ui.card import Attached
from bot.ui.form import Position
from config.text import Money
from storage import webchat
from storage.webchat import WebFile
from tests.interview.fair import Booked, Phone, Stand, restarted
from tests.town import Town


async def up_to_the_end(phone: Phone) -> None:
    """Every question of the stand's form is answered; it waits to be sent."""
    await phone.seat.commands("stand")
    await phone.answers("Locks & Co", "Locks, keys", "3", "120.50", "hall 12")
    await phone.presses("☐ Noodles", "☐ Soup", "Done")
    await phone.answers("2026-12-01", "2026-12-01 09:30", "Omar")
    await phone.says("", "front.jpg")
    await phone.presses("Done")
    await phone.says(position=Position(31.2304, 121.4737, 12.0))


async def test_interview_asks_every_kind_of_question_and_sends_the_form(sam: Phone, booked: Booked) -> None:
    await up_to_the_end(sam)

    assert sam.line == (
        "Stand at the fair: please look it over | Nothing is sent until you press “Book”. | "
        "Name of the stand: Locks & Co | What is shown?: Locks, keys | Tables: 3 | Price: CN¥120.50 | Hall: Hall 12 | "
        "Meals: Noodles, Soup | Day: Tue 1 Dec | Opens at: Tue 1 Dec 09:30 | Who keeps it?: Omar | "
        "Photos: front.jpg | Where is it?: 31.23040, 121.47370 | [Book] [Change …] [Cancel]"
    )

    await sam.presses("Book")

    assert booked.forms == [
        Stand(
            name="Locks & Co", why="Locks, keys", tables=3, price=Money(12050), hall="h12", meals=("noodles", "soup"),
            on=date(2026, 12, 1), opens=datetime(2026, 12, 1, 1, 30, tzinfo=UTC), keeper=2,
            photos=(Attached("web:900", "front.jpg", "image/jpeg", 10),), spot=Position(31.2304, 121.4737, 12.0),
        )
    ]  # fmt: skip
    assert sam.lines[-2].startswith("Done: Stand at the fair | Name of the stand: Locks & Co | ")
    assert sam.lines[-1] == "Taken: that makes 1."


async def test_interview_shows_what_was_typed_above_the_next_question(sam: Phone) -> None:
    await sam.seat.commands("complaint", "Broken lock")

    await sam.says("Ms Lee")

    assert sam.lines == [
        "New complaint | Customer: Ms Lee",
        "How to reach them | A phone number or an address. | [Skip] [Back] [Cancel] | New complaint: 2 of 6",
    ]


async def test_interview_goes_on_in_the_same_message_after_a_button(sam: Phone) -> None:
    await sam.seat.commands("complaint", "Broken lock")
    await sam.says("Ms Lee")

    await sam.presses("Skip")

    assert len(sam.lines) == 2
    assert sam.line.startswith("How urgent is it? | [✓ Normal] | [High] | [Critical] | ")


async def test_interview_does_not_ask_what_was_typed_behind_the_command(sam: Phone) -> None:
    await sam.seat.commands("complaint", "Broken lock")
    await sam.says("Ms Lee")
    await sam.presses("Skip", "High", "Delivery", "Skip")

    assert sam.facts == {
        "Customer": "Ms Lee",
        "What happened?": "Broken lock",
        "How urgent is it?": "High",
        "What is it about?": "Delivery",
    }
    await sam.presses("Submit")
    assert sam.town.telegram.post("service").line.startswith("Complaint C-1001: Ms Lee | Broken lock | ")


async def test_interview_survives_a_restart_between_any_two_answers(sam: Phone, booked: Booked) -> None:
    await sam.seat.commands("wish")
    restarted(sam.town)

    await sam.says("A longer day")
    restarted(sam.town)
    await sam.presses("Submit")

    assert [form.model_dump() for form in booked.forms] == [{"wish": "A longer day"}]


async def test_interview_takes_a_step_back_by_button_and_by_word(sam: Phone) -> None:
    await sam.seat.commands("stand")
    await sam.answers("Locks", "Keys")

    await sam.presses("Back")
    assert sam.line == ("What is shown? | [Keep: Keys] [Back] [Cancel] | Stand at the fair: 2 of 11")
    await sam.says("上一步")
    assert sam.buttons == ["Keep: Locks", "Cancel"]
    await sam.seat.commands("back")
    assert sam.body == ["Name of the stand", "⚠️ This is the first question."]
    await sam.presses("Keep: Locks")
    assert sam.line.startswith("Tables | ")


async def test_interview_corrects_one_answer_and_comes_back_to_the_whole(sam: Phone, booked: Booked) -> None:
    await up_to_the_end(sam)

    await sam.presses("Change …")
    assert sam.keys == [
        "Name of the stand", "What is shown?", "Tables", "Price", "Hall", "Meals", "Day", "Opens at", "‹ (1/2) ›",
    ]  # fmt: skip
    await sam.presses("›", "Where is it?", "Back", "Change …", "Tables")
    await sam.says("4")
    await sam.presses("Book")

    assert [form.tables for form in booked.forms if isinstance(form, Stand)] == [4]
    assert "Stand at the fair | Tables: 4" in sam.lines  # below the word, and no longer above it
    assert "Stand at the fair | Tables: 3" not in sam.lines


async def test_interview_of_one_question_shows_the_answer_before_it_is_sent(sam: Phone, booked: Booked) -> None:
    await sam.seat.commands("wish")
    await sam.says("Rain")

    assert sam.line == (
        "A wish: please look it over | Nothing is sent until you press “Submit”. | "
        "What do you wish for?: Rain | [Submit] [Change] [Cancel]"
    )
    await sam.presses("Change")
    await sam.says("Snow")
    await sam.says("发送")
    assert [form.model_dump() for form in booked.forms] == [{"wish": "Snow"}]


async def test_interview_keeps_a_photo_that_came_with_another_answer(sam: Phone) -> None:
    await sam.seat.commands("complaint", "Broken lock")

    await sam.says("Ms Lee", "lock.jpg")
    assert sam.body[-1] == "⚠️ The file is kept for “Pictures or papers”."

    await sam.presses("Skip", "✓ Normal", "Delivery")
    assert sam.line == (
        "Pictures or papers | 1 of at most 5. | So far: lock.jpg | "
        "[Done] [Remove last] [Back] [Cancel] | New complaint: 6 of 6"
    )


async def test_interview_counts_photos_that_come_together_in_one_message(sam: Phone) -> None:
    await sam.seat.commands("complaint", "Broken lock")
    await sam.says("Ms Lee")
    await sam.presses("Skip", "✓ Normal", "Delivery")
    sam.town.clock.moves(minutes=1)
    before = len(sam.lines)

    await sam.says("", "a.jpg")
    await sam.says("", "b.jpg")

    assert len(sam.lines) == before + 1
    assert sam.facts == {"So far": "a.jpg, b.jpg"}


async def test_interview_asks_the_phone_where_it_is_once(sam: Phone, town: Town) -> None:
    await up_to_the_end(sam)
    await sam.presses("Change …", "›", "Where is it?")

    prompts = [post.card for post in town.telegram.at(town.sam) if post.card.wants == "place"]
    assert [one.buttons for one in prompts] == [()]


async def test_interview_keeps_its_files_from_being_dropped(sam: Phone, town: Town) -> None:
    async with town.unit() as work:
        loose = await webchat.keep_file(work, town.sam.id, "lock.jpg", "image/jpeg", b"x")
    await sam.seat.commands("complaint", "Broken lock")
    await sam.says("Ms Lee")
    await sam.presses("Skip", "✓ Normal", "Delivery")
    await sam.seat.says(files=(Attached(f"web:{loose.id}", "lock.jpg", "image/jpeg", 1),))

    async with town.unit() as work:
        await webchat.forget_loose_files(work, town.clock() + timedelta(days=2))

    assert await town.row(WebFile, loose.id) is not None
