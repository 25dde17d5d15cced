"""One thing done has one effect, however often it arrives, wherever, and after whatever."""

import asyncio

from sqlmodel import col, delete, select

from storage.database import Database
from storage.tickets import Ticket
from tests.faults import oracle
from tests.faults.house import DANA, ELSEWHERE, OMAR, SAM, SERVICE, House, until
from tests.platforms.slack.caller import SlackCaller
from tests.platforms.slack.post import Answer, Sent
from tests.platforms.slack.workspace import Message, View

LEE = {"customer": "Ms Lee", "kind": "quality"}


async def card_in(house: House, words: str, channel: str = SERVICE) -> Message:
    """The team's card, once it has these words on it."""

    def found() -> list[Message]:
        return [message for message in house.slack.channel(channel).messages if words in message.line]

    await until(found)
    return found()[0]


def body_of(answer: Answer) -> object:
    """What an answer says; nothing, in the shape that JSON or text gives it."""
    return answer.body or ""


async def test_same_event_counts_once_in_a_row_at_once_and_after_a_restart(house: House) -> None:
    await house.start()
    async with house.caller() as caller:
        form = await house.form(caller)
        await caller.submit(form, SAM, LEE)
        message = await card_in(house, "[Take]")
        await caller.press(message, "Take", DANA)
        await card_in(house, "Taken by Dana")

        first = await caller.says(OMAR, SERVICE, "I called her.", thread_ts=message.ts)
        in_a_row = await caller.resend()
        at_once = await asyncio.gather(*[caller.resend() for _ in range(4)])
        await house.child.stop()
        await house.start()
        caller.post.url = f"{house.url}/slack/events"
        after = await caller.resend()

    assert [first.status, in_a_row.status, *[one.status for one in at_once], after.status] == [200] * 7
    await house.settled()
    await house.child.stop()
    await oracle.check(house, ["Ms Lee"], ["I called her."])


async def test_replay_of_the_very_same_bytes_has_no_second_effect(house: House) -> None:
    await house.start()
    sent: list[Sent | None] = []
    answers: list[Answer] = []
    async with house.caller() as caller:
        answers.append(await caller.command(SAM, "/complaint", "It broke.", ELSEWHERE))
        sent.append(caller.last)
        await until(lambda: house.slack.modals(SAM))
        answers.append(await caller.submit(house.slack.modal(SAM), SAM, LEE))
        sent.append(caller.last)
        message = await card_in(house, "[Take]")
        answers.append(await caller.press(message, "Take", DANA))
        sent.append(caller.last)
        message = await card_in(house, "Taken by Dana")
        answers.append(await caller.says(OMAR, SERVICE, "I called her.", thread_ts=message.ts))
        sent.append(caller.last)
        await house.settled()
        before = [(call.method, call.args.get("channel")) for call in house.slack.calls]

        again = [await caller.resend(one) for one in sent]
        await asyncio.sleep(0.3)

    assert [(one.status, body_of(one)) for one in again] == [(one.status, body_of(one)) for one in answers]
    assert [(call.method, call.args.get("channel")) for call in house.slack.calls] == before
    await house.child.stop()
    await oracle.check(house, ["Ms Lee"], ["I called her."])


async def test_two_processes_on_one_database_have_one_effect_together(busy_house: House) -> None:
    house = busy_house
    runs = [await house.spawn(), await house.spawn()]
    await asyncio.gather(*[house.listens(run) for run in runs])
    async with house.caller(runs[0]) as one, house.caller(runs[1]) as other:
        form = await house.form(one)
        customers = [f"Customer {n}" for n in range(8)]
        answers = await asyncio.gather(*[_by_both(one, other, house.anew(form), words) for words in customers])
        message = await card_in(house, "[Take]")
        presses = [one.press(message, "Take", DANA), other.press(message, "Take", OMAR)]
        await asyncio.gather(*presses)
        await card_in(house, "Taken by")
        notes = [f"Note {n}" for n in range(8)]
        said = await asyncio.gather(*[_said_to_both(house, one, other, message, words) for words in notes])

    assert answers == [[200, 200]] * 8
    assert said == [[200, 200]] * 8
    await house.settled()
    seen = await oracle.check(house, customers, notes)
    assert [ticket.status for ticket in seen.tickets].count("taken") == 1
    await _the_other_takes_over(house)


async def _by_both(one: SlackCaller, other: SlackCaller, view: View, words: str) -> list[int]:
    """One form, sent to both processes at once, to the byte."""
    caller = SlackCaller(one.post.url.removesuffix("/slack/events"), one.post.secret, slack=one.slack)
    first = asyncio.create_task(caller.submit(view, SAM, LEE | {"customer": words}))
    await until(lambda: caller.last)
    second = asyncio.create_task(other.resend(caller.last))
    async with caller:
        return [(await first).status, (await second).status]


async def _said_to_both(house: House, one: SlackCaller, other: SlackCaller, message: Message, words: str) -> list[int]:
    async with house.caller(house.children[0]) as caller:
        first = asyncio.create_task(caller.says(OMAR, SERVICE, words, thread_ts=message.ts))
        await until(lambda: caller.last)
        second = asyncio.create_task(other.resend(caller.last))
        return [(await first).status, (await second).status]


async def _the_other_takes_over(house: House) -> None:
    """Whoever carried the messages is killed: the one that is left carries them within seconds."""
    house.children[0].kill()
    await house.children[0].ended()
    async with house.caller() as caller:
        await caller.submit(await house.form(caller), SAM, LEE | {"customer": "Mr Late"})
        await card_in(house, "Mr Late")
    assert (await house.child.stop())[0] == 0


async def test_two_hands_on_one_button_move_it_once(house: House) -> None:
    await house.start()
    async with house.caller() as caller:
        await caller.submit(await house.form(caller), SAM, LEE)
        message = await card_in(house, "[Take]")

        await asyncio.gather(*[caller.press(message, "Take", user) for user in (DANA, OMAR) * 4])
        await card_in(house, "Taken by")
        await house.settled()

    seen = await oracle.check(house, ["Ms Lee"])
    assert [step.what for step in seen.steps if step.what == "tickets.take"] == ["tickets.take"]
    told = house.slack.ephemerals(DANA) + house.slack.ephemerals(OMAR)
    assert told == ["Someone was faster; the card shows how it stands now."] * 7
    assert (await house.child.stop())[0] == 0


async def test_form_may_be_late_or_sent_twice_or_be_about_what_is_gone(house: House) -> None:
    await house.start()
    async with house.caller() as caller:
        await caller.submit(await house.form(caller), SAM, LEE)
        await caller.press(await card_in(house, "[Take]"), "Take", DANA)
        await caller.press(await card_in(house, "[Resolve]"), "Resolve", DANA)
        await until(lambda: house.slack.modals(DANA))
        form = house.slack.modal(DANA)
        twin, orphan = house.anew(form), house.anew(form)
        await house.child.stop()
        await house.start()  # a form is still good after a restart
        caller.post.url = f"{house.url}/slack/events"

        first = await caller.submit(form, DANA, {"answer": "A new lock."})
        again = await caller.resend()
        late = await caller.submit(twin, DANA, {"answer": "Another lock."})
        await _forgotten(house)
        gone = await caller.submit(orphan, DANA, {"answer": "No lock."})

    assert [first.status, again.status, late.status, gone.status] == [200] * 4
    assert (body_of(first), body_of(again)) == ("", "")
    assert "Someone was faster" in twin.line
    assert "There is no such record, or it is not yours to see." in orphan.line
    await house.child.stop()
    assert oracle.strange(house.child.lines) == []


async def _forgotten(house: House) -> None:
    """The record is gone, as by an erasure on request."""
    await house.settled()
    database = await Database.open(house.database_url, house.handbook)
    async with database.session() as session:
        ids = (await session.execute(select(col(Ticket.id)))).scalars().all()
        assert len(ids) == 1
        await session.execute(delete(Ticket))
    await database.close()
