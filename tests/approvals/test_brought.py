"""A photo with words that begin a form: it comes into the form with them, on every platform, and stays."""

from datetime import timedelta

from sqlalchemy import select

from bot.answer import Outcome
from bot.codec import unpack_files
from bot.events import Said
from bot.ui.form import Attached
from storage import approvals, webchat
from storage.approvals import Request
from storage.tickets import Ticket
from tests.approvals.conftest import request
from tests.town import Person, Town

BILL = Attached("slack:F1", "bill.jpg", "image/jpeg", 9)
STUB = Attached("slack:F2", "stub.jpg", "image/jpeg", 9)


async def _photographed(town: Town, who: Person) -> Attached:
    """A photo that the platform has kept with us, loose for now."""
    async with town.database.unit(town.clock()) as work:
        file = await webchat.keep_file(work, who.id, "bill.jpg", "image/jpeg", b"x")
    return Attached(f"web:{file.id}", "bill.jpg", "image/jpeg", 1)


def _said(who: Person, text: str, *files: Attached) -> Said:
    seat = who.on_slack
    return Said("event-said", seat.who, seat.here, text, True, files)


async def _papers(town: Town) -> tuple[Attached, ...]:
    return unpack_files(approvals.answers_of(await request(town))["receipts"])


async def test_a_photo_with_the_words_is_in_the_form_and_comes_with_what_is_sent(town: Town) -> None:
    await town.sam.on_slack.says("报销 打车 300", to_us=True, files=(BILL,))

    assert town.sam.asked is not None
    assert town.sam.asked.answers == {"what": "打车 300", "amount": "300", "receipts": (BILL,)}
    await town.sam.on_slack.submits(town.sam.asked.form, what="Taxi", amount="300", receipts=[])
    assert town.sam.outcome == Outcome.DONE, town.sam.reads
    assert await _papers(town) == (BILL,)


async def test_others_that_are_attached_take_its_place(town: Town) -> None:
    await town.sam.on_slack.says("报销 打车 300", to_us=True, files=(BILL,))
    await town.sam.on_slack.fills(receipts=[STUB])
    assert await _papers(town) == (STUB,)


async def test_it_comes_along_where_the_form_opens_by_a_button(town: Town) -> None:
    await town.sam.does(_said(town.sam, "expense taxi 300", BILL), can_ask=False)
    await town.sam.on_slack.presses("Open the form")
    assert town.sam.asked is not None
    assert town.sam.asked.answers == {"what": "taxi 300", "amount": "300", "receipts": (BILL,)}
    await town.sam.on_slack.fills(receipts=[])
    assert await _papers(town) == (BILL,)


async def test_a_form_that_waited_too_long_is_refused_and_says_so(town: Town) -> None:
    await town.sam.on_slack.says("expense taxi 300", to_us=True, files=(BILL,))
    town.clock.moves(hours=25)
    await town.sam.on_slack.fills(receipts=[])
    assert town.sam.reads == "This form is too old, or was begun by somebody else. Please start again."

    assert town.sam.asked is not None
    await town.dana.on_slack.submits(town.sam.asked.form, what="Taxi", amount="300")
    assert town.dana.reads == "This form is too old, or was begun by somebody else. Please start again."
    assert await town.rows(select(Request)) == []


async def test_on_a_phone_the_photo_stands_at_its_question_and_is_kept(town: Town) -> None:
    photo = await _photographed(town, town.sam)
    await town.sam.on_phone.says("报销 打车 300", files=(photo,))

    assert town.telegram.reads(town.sam)[-1] == (
        "Invoices | 1 of at most 5. | So far: bill.jpg | [Done] [Remove last] [Back] [Cancel] | Expense: 3 of 3"
    )
    async with town.database.unit(town.clock()) as work:
        await webchat.forget_loose_files(work, town.clock() + timedelta(days=2))
        assert [line.name for line in (await webchat.lines_of(work.session, town.sam.id, [1])).values()] == ["bill.jpg"]
    await town.sam.on_phone.presses("Done")
    await town.sam.on_phone.presses("Submit")
    assert await _papers(town) == (photo,)


async def test_no_more_come_in_than_the_question_takes(town: Town) -> None:
    many = tuple(Attached(f"slack:F{n}", f"{n}.jpg", "image/jpeg", 9) for n in range(7))
    await town.sam.on_slack.says("expense taxi 300", to_us=True, files=many)
    assert town.sam.asked is not None
    assert town.sam.asked.answers["receipts"] == many[:5]


async def test_a_complaint_has_the_photo_that_came_with_it(town: Town) -> None:
    photo = await _photographed(town, town.dana)
    await town.dana.on_web.says("投诉 Broken lock", to_us=True, files=(photo,))
    assert town.dana.asked is not None
    assert town.dana.asked.answers["files"] == (photo,)
    await town.dana.on_web.fills(customer="Ms Lee", kind="quality", files=[])

    assert town.dana.outcome == Outcome.DONE, town.dana.reads
    [ticket] = await town.rows(select(Ticket))
    assert unpack_files(ticket.files) == (photo,)
