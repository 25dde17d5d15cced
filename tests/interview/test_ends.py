"""A form on the phone is sent once, dropped, put aside or too old; and what was answered is never lost by that."""

import asyncio

from sqlalchemy import select, update
from sqlmodel import col

from bot.answer import Outcome
from bot.errors import Refusal
from bot.events import Commanded, Pressed
from bot.ui.form import Position
from config.text import t
from storage import accounts, interviews, people
from storage.interviews import Interview
from storage.outbox import Outgoing
from storage.people import Account, Employee
from storage.places import Address
from storage.tickets import Ticket
from tests.interview.fair import Booked, Phone, Stand, Wish, restarted
from tests.town import Town, english


async def states(town: Town) -> list[str]:
    """How the interviews stand, in the order in which they were begun."""
    return [row.state for row in await town.rows(select(Interview).order_by(col(Interview.id)))]


async def wishes(phone: Phone, wish: str = "Rain") -> None:
    """The wish is written, and waits to be sent."""
    await phone.seat.commands("wish")
    await phone.says(wish)


async def test_interview_is_dropped_by_a_button_and_taken_up_again(sam: Phone, booked: Booked) -> None:
    await wishes(sam)

    await sam.presses("Cancel")
    assert sam.line == "“A wish” was dropped | Nothing was sent. | [Go on with it]"

    await sam.presses("Go on with it", "Submit")
    assert [form.model_dump() for form in booked.forms] == [{"wish": "Rain"}]


async def test_interview_is_dropped_by_a_word(sam: Phone, town: Town) -> None:
    await wishes(sam)

    await sam.seat.commands("cancel")

    assert sam.line == "“A wish” was dropped. Nothing was sent. | [Go on with it]"
    await wishes(sam)
    await sam.says("取消")
    assert await states(town) == ["dropped", "dropped"]


async def test_interview_that_another_interrupts_waits_with_a_note(sam: Phone, town: Town, booked: Booked) -> None:
    await wishes(sam)
    await sam.seat.commands("stand", "Locks")
    await sam.seat.commands("complaint", "Broken lock")

    assert await states(town) == ["aside", "aside", "open"]
    notes = [line for line in sam.lines if line.endswith("| Your answers are kept. | [Go on with it]")]
    assert [line.split(" | ")[0] for line in notes] == ["“A wish” was put aside", "“Stand at the fair” was put aside"]

    await sam.seat.presses("Go on with it", on="“A wish” was put aside")
    assert await states(town) == ["open", "aside", "aside"]
    await sam.presses("Submit")
    assert booked.forms == [Wish(wish="Rain")]


async def test_interview_without_an_answer_makes_room_without_a_note(sam: Phone, town: Town) -> None:
    await sam.seat.commands("wish")
    await sam.seat.commands("stand")

    assert await states(town) == ["dropped", "open"]
    assert sam.lines[-1] == "Name of the stand | [Cancel] | Stand at the fair: 1 of 11"


async def test_interview_is_too_old_after_a_day_and_keeps_its_answers(sam: Phone, town: Town, booked: Booked) -> None:
    await wishes(sam)
    town.clock.moves(hours=24)

    await sam.says("Snow")

    assert sam.town.telegram.reads(town.sam)[-3:-1] == [
        "“A wish” waited too long",
        "“A wish” waited for more than a day | Nothing was sent. Your answers are kept for a week. | [Go on with it]",
    ]
    assert sam.lines[-1].startswith("I did not understand “Snow”.")
    await sam.seat.presses("Go on with it")
    await sam.presses("Submit")
    assert booked.forms == [Wish(wish="Rain")]


async def test_interview_that_is_too_old_does_nothing_at_a_press(sam: Phone, town: Town, booked: Booked) -> None:
    await wishes(sam)
    town.clock.moves(hours=25)

    await sam.presses("Submit")

    assert booked.forms == []
    assert sam.line.startswith("“A wish” waited for more than a day | ")


async def test_interview_forgets_what_nobody_comes_back_to(sam: Phone, town: Town) -> None:
    await wishes(sam)
    resume = "ask.resume:1"
    for days in (7, 1):
        town.clock.moves(days=days, minutes=1)
        async with town.unit() as work:
            await interviews.forget(work)

    assert await states(town) == []
    assert await town.rows(select(Outgoing).where(col(Outgoing.about).like("interviews:%"))) == []
    await sam.seat.presses(action=resume)
    assert town.sam.reads == "This form is too old, or was begun by somebody else. Please start again."


async def test_interview_that_was_sent_is_forgotten_the_next_day(sam: Phone, town: Town) -> None:
    await wishes(sam)
    await sam.presses("Submit")
    town.clock.moves(days=1)

    async with town.unit() as work:
        await interviews.forget(work)

    assert await states(town) == []


async def test_button_of_an_earlier_question_does_nothing(sam: Phone, town: Town) -> None:
    await sam.seat.commands("complaint", "Broken lock")
    await sam.says("Ms Lee")
    old = sam.action("Skip")
    await sam.presses("Skip")

    await sam.seat.presses(action=old)

    assert town.sam.outcome == Outcome.REFUSED
    assert town.sam.reads == "That question was answered already. It goes on in the newest message."
    assert sam.line.startswith("How urgent is it? | ")


FORGED = (
    *("ask", "ask.", "ask.send", "ask.send:1", "ask.pick:1:2:999", "ask.fix:1:2:0", "ask.send:1:2", "ask.day:1:2:soon"),
    *("ask.page:1:2:-1", "ask.minute:1:2:7", "ask.resume:0", "ask.resume:1:1:1", "ask.nothing:1:2:3", "ask.yes:1:2"),
    *("ask.keep:1:2", "ask.month:1:2:2026-13-01", "ask.hour:1:2:24", "ask.mark:1:2:x"),
)


async def test_forged_button_changes_nothing(sam: Phone, town: Town) -> None:
    await sam.seat.commands("wish")
    before = [(row.version, row.answers, row.state) for row in await town.rows(select(Interview))]

    outcomes = set()
    for action in FORGED:
        await sam.seat.presses(action=action)
        outcomes.add(town.sam.outcome)

    assert outcomes == {Outcome.REFUSED}
    assert [(row.version, row.answers, row.state) for row in await town.rows(select(Interview))] == before


async def test_interview_of_another_person_is_nobody_elses(sam: Phone, lin: Phone, town: Town, booked: Booked) -> None:
    await wishes(sam)

    await lin.seat.presses(action=sam.action("Submit"))

    assert booked.forms == []
    assert english(town.lin.answer.reply) == (  # type: ignore[union-attr, arg-type]
        "This form is too old, or was begun by somebody else. Please start again."
    )


async def test_interview_is_not_gone_on_with_where_somebody_else_writes_now(sam: Phone, lin: Phone, town: Town) -> None:
    await wishes(sam)
    async with town.unit() as work:
        person = work.by = await work.session.get(Employee, town.sam.id)
        assert person is not None
        phone = next(one for one in await people.accounts(work.session, person.id) if one.platform == "telegram")
        await accounts.part(work, person, phone.id, town.desk.on)
    async with town.unit() as work:
        work.session.add(Account(platform="telegram", user=phone.user, employee_id=town.lin.id))
    here = Address("telegram", phone.user)
    await town.lin.does(Commanded("theirs", sam.seat.who, here, "wish"), private=here)

    await town.sam.on_slack.presses(action="ask.resume:1")

    assert town.sam.outcome is Outcome.REFUSED
    assert await states(town) == ["dropped", "open"]


async def test_form_is_sent_once_by_two_presses_at_once(sam: Phone, town: Town, booked: Booked) -> None:
    await wishes(sam)
    action = sam.action("Submit")
    who, here = sam.seat.who, sam.seat.here

    answers = await asyncio.gather(
        *[town.desk.handle(Pressed(f"press-{n}", who, here, action), private=here) for n in range(4)]
    )

    assert booked.forms == [Wish(wish="Rain")]
    said = sorted(english(one.reply) for one in answers if one.reply is not None and one.outcome == Outcome.REFUSED)  # type: ignore[arg-type]
    assert said == ["This was sent already."] * 3


async def test_form_that_is_refused_at_a_question_asks_it_again(sam: Phone, booked: Booked) -> None:
    await wishes(sam)
    booked.refusal = Refusal(t("Everybody wishes for that."), "wish")

    await sam.presses("Submit")

    assert sam.line == ("What do you wish for? | ⚠️ Everybody wishes for that. | [Keep: Rain] [Back] [Cancel] | A wish")
    await sam.says("Snow")
    await sam.presses("Submit")
    assert booked.forms == [Wish(wish="Snow")]


async def test_form_that_is_refused_as_a_whole_waits_with_the_reason(sam: Phone, booked: Booked) -> None:
    await wishes(sam)
    booked.refusal = Refusal(t("The counter is closed until noon."))

    await sam.presses("Submit")

    assert sam.line == (
        "A wish: please look it over | ⚠️ The counter is closed until noon. | What do you wish for?: Rain | "
        "[Submit] [Change] [Cancel]"
    )
    await sam.presses("Submit")
    assert booked.forms == [Wish(wish="Rain")]


async def test_form_about_a_record_that_has_changed_can_be_sent_after_a_look(town: Town) -> None:
    await town.ticket("taken")
    dana, omar = Phone(town, town.dana), Phone(town, town.omar)
    await dana.seat.presses(action="tickets.add_note:1:2")
    await dana.says("The customer called again.")
    await dana.presses("Skip")
    await town.dana.on_slack.presses(action="tickets.resolve:1:2")
    await town.dana.on_slack.fills(answer="Replaced it.")

    await dana.presses("Add")
    assert dana.body == ["Add a note: please look it over", "⚠️ Someone was faster; the card shows how it stands now."]
    await dana.presses("Add")

    assert [row.status for row in await town.rows(select(Ticket))] == ["resolved"]
    assert await states(town) == ["sent"]
    assert omar.lines == []


async def test_form_whose_options_have_changed_is_asked_anew(sam: Phone, town: Town, booked: Booked) -> None:
    await sam.seat.commands("stand", "Locks")
    await sam.presses("Skip")
    await sam.answers("3", "120", "hall 12")
    await sam.presses("Skip")
    await sam.answers("2026-12-01", "2026-12-01 09:30", "Omar")
    await sam.presses("Skip")
    await sam.says(position=Position(1, 2))
    async with town.unit() as work:  # the handbook that was read when it began knew other halls
        row = (await work.session.execute(select(Interview))).scalar_one()
        await work.session.execute(
            update(Interview).values(
                answers=row.answers.replace('"h12"', '"h99"'), asking=row.asking.replace('"h12"', '"h99"')
            )
        )
    restarted(town)

    await sam.presses("Book")

    assert sam.body == ["Hall", "⚠️ Please choose one of the answers offered."]
    await sam.says("Hall 12")
    await sam.presses("Book")
    assert [form.hall for form in booked.forms if isinstance(form, Stand)] == ["h12"]


async def test_words_go_to_the_desk_where_no_question_is_open(sam: Phone) -> None:
    await sam.says("Rain")

    assert sam.lines == [
        "I did not understand “Rain”. What would you like to do? | "
        "[Report a customer's complaint] [List complaints] [Ask for an approval] [Help]"
    ]


async def test_leaver_can_send_nothing(sam: Phone, town: Town, booked: Booked) -> None:
    await wishes(sam)
    action = sam.action("Submit")
    await town.sam.leaves()

    await sam.seat.presses(action=action)

    assert (town.sam.outcome, booked.forms) == (Outcome.STRANGER, [])


async def test_answers_of_two_messages_at_once_are_both_taken(sam: Phone, town: Town) -> None:
    await sam.seat.commands("stand")

    await asyncio.gather(*[sam.says(words) for words in ("Locks", "Keys")])

    row = (await town.rows(select(Interview)))[0]
    assert (row.at, row.version) == (2, 4)
