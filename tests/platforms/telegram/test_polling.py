"""Updates that we ask for: none is confirmed before it is kept, and no chat holds up another."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator

import pytest

from bot.answer import Outcome
from bot.platforms.telegram import polling
from bot.platforms.telegram.polling import Polling
from config.text import t
from tests.platforms.telegram import script
from tests.platforms.telegram.caller import Person
from tests.platforms.telegram.fake import FakeTelegram
from tests.platforms.telegram.office import Desk, Office

HOOKED = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
OTHER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


@pytest.fixture
async def office(telegram: FakeTelegram, dana: Person, omar: Person) -> AsyncIterator[Office]:
    async with Office(telegram) as office:
        await office.until(lambda: telegram.calls_of("deleteWebhook"))
        yield office


def offsets(telegram: FakeTelegram) -> list[int]:
    """The offsets that were asked for."""
    return [int(call.args.get("offset", 0)) for call in telegram.calls_of("getUpdates")]


def asking(office: Office) -> Polling:
    assert office.intake.polling is not None
    return office.intake.polling


# --- What is kept, and only that, is confirmed


async def test_an_update_is_confirmed_once_it_is_kept(office: Office, telegram: FakeTelegram, dana: Person) -> None:
    await dana.says("one")
    await dana.says("two")
    await office.settled()

    assert office.desk.texts == ["one", "two"]
    assert (offsets(telegram)[0], asking(office).offset) == (0, 3)
    assert [update["update_id"] for update in telegram.updates.past] == [1, 2]


async def test_nothing_is_confirmed_while_it_is_not_kept(
    office: Office, telegram: FakeTelegram, dana: Person, omar: Person
) -> None:
    office.desk.stuck["11"] = 1000
    await dana.says("one")
    await omar.says("two")
    await omar.says("three")
    await office.until(lambda: office.desk.texts == ["two", "three"])
    await asyncio.sleep(0.7)

    assert max(offsets(telegram)) == 1
    assert asking(office).offset == 1

    office.desk.stuck.clear()
    await office.settled()
    assert office.desk.texts == ["two", "three", "one"]
    assert office.desk.tries.count("update:7000000001:2") == 1


async def test_one_stuck_chat_delays_no_other_by_a_second(
    office: Office, telegram: FakeTelegram, dana: Person, omar: Person
) -> None:
    office.desk.stuck["11"] = 1000
    await dana.says("stuck")
    await office.until(lambda: len(office.desk.tries) >= 2)
    took = []
    for number in range(5):
        begun = time.monotonic()
        await omar.says(str(number))
        await office.until(lambda number=number: str(number) in office.desk.texts)  # type: ignore[misc]
        took.append(time.monotonic() - begun)

    assert max(took) < 1.0
    assert office.desk.texts == ["0", "1", "2", "3", "4"]


async def test_while_something_is_stuck_we_do_not_race(office: Office, telegram: FakeTelegram, dana: Person) -> None:
    office.desk.stuck["11"] = 1000
    await dana.says("stuck")
    await office.until(lambda: office.desk.tries)
    before = len(telegram.calls_of("getUpdates"))
    await asyncio.sleep(1.5)

    assert 2 <= len(telegram.calls_of("getUpdates")) - before <= 6


async def test_one_chat_stays_in_order_through_trouble(
    office: Office, telegram: FakeTelegram, dana: Person, omar: Person
) -> None:
    office.desk.stuck["11"] = 2
    said = [str(number) for number in range(30)]
    for text in said:
        await dana.says(text)
        await omar.says(f"o{text}")
    await office.settled()

    assert [text for text in office.desk.texts if not text.startswith("o")] == said
    assert [text for text in office.desk.texts if text.startswith("o")] == [f"o{text}" for text in said]


async def test_a_fault_is_tried_again_until_it_ends(office: Office, telegram: FakeTelegram, dana: Person) -> None:
    office.desk.trouble, office.desk.stuck["11"] = Outcome.FAULT, 2
    office.desk.outcome, office.desk.reply = Outcome.ENDED, t("Something went wrong on our side.")
    await dana.says("poison")
    await dana.says("after")
    await office.settled()

    assert office.desk.tries == ["update:7000000001:1"] * 3 + ["update:7000000001:2"]
    assert office.desk.texts == ["poison", "after"]


async def test_many_chats_go_side_by_side_but_not_all_at_once(office: Office, telegram: FakeTelegram) -> None:
    office.desk.takes = 0.1
    people = [telegram.person(100 + number, f"P{number}") for number in range(48)]
    begun = time.monotonic()
    for person in people:
        await person.says("hi")
    await office.settled()

    assert time.monotonic() - begun < 2.0
    assert office.desk.most_at_once == 16


# --- Stopping and beginning again


async def test_what_was_not_kept_comes_again_after_a_stop(telegram: FakeTelegram, dana: Person, omar: Person) -> None:
    desk = Desk()
    async with Office(telegram, desk=desk) as office:
        desk.stuck["11"] = 1000
        for text in ("one", "two", "three"):
            await dana.says(text)
        await omar.says("other")
        await office.until(lambda: desk.texts == ["other"])
        begun = time.monotonic()
    assert time.monotonic() - begun < 2.0
    assert [update["update_id"] for update in telegram.updates.pending] == [1, 2, 3, 4]

    desk.stuck.clear()
    async with Office(telegram, desk=desk) as office:
        await office.settled()
    assert desk.texts == ["other", "one", "two", "three"]


async def test_stopping_ends_the_long_poll_at_once(office: Office, telegram: FakeTelegram) -> None:
    begun = time.monotonic()
    await office.intake.stop()

    assert time.monotonic() - begun < 0.5


async def test_stopping_lets_what_is_under_way_finish(office: Office, telegram: FakeTelegram, dana: Person) -> None:
    office.desk.takes = 0.5
    await dana.says("one")
    await dana.says("two")
    await office.until(lambda: office.desk.tries)
    await office.intake.stop()

    assert office.desk.texts == ["one"]


async def test_a_stop_in_the_middle_of_a_hanging_desk_takes_less_than_five_seconds(
    office: Office, telegram: FakeTelegram, dana: Person
) -> None:
    office.desk.takes = 60
    await dana.says("one")
    await office.until(lambda: office.desk.tries)
    begun = time.monotonic()
    await office.intake.stop()

    assert time.monotonic() - begun < 5.0
    assert (office.desk.heard, max(offsets(telegram))) == ([], 0)


async def test_a_crash_at_any_moment_loses_nothing(telegram: FakeTelegram, dana: Person, omar: Person) -> None:
    """The loop is cut off without any goodbye, twenty times; what was not kept was not confirmed."""
    rng, desk, said = random.Random(7), Desk(), 0
    desk.takes = 0.01
    for _ in range(20):
        office = Office(telegram, desk=desk)
        async with office:
            for _ in range(rng.randint(1, 6)):
                await rng.choice((dana, omar)).says(str(said))
                said += 1
            await asyncio.sleep(rng.uniform(0, 0.08))
            loop = asking(office)
            for task in [*loop._workers, *office.intake.tasks._running, loop._loop, loop._round]:
                if task is not None:
                    task.cancel()
            confirmed = {update["update_id"] for update in telegram.updates.past}
            kept = {int(event.id.removeprefix("update:7000000001:")) for event in desk.heard}
            assert confirmed <= kept
    async with Office(telegram, desk=desk) as office:
        await office.settled()

    assert sorted(desk.texts, key=int) == [str(number) for number in range(said)]


async def test_after_a_stop_the_same_object_begins_again(office: Office, telegram: FakeTelegram, dana: Person) -> None:
    office.desk.stuck["11"] = 1000
    await dana.says("one")
    await office.until(lambda: office.desk.tries)
    await office.intake.stop()
    office.desk.stuck.clear()
    await office.intake.start()
    await office.settled()

    assert office.desk.texts == ["one"]


# --- Telegram's numbers


async def test_updates_that_come_again_have_one_effect(office: Office, telegram: FakeTelegram, dana: Person) -> None:
    telegram.ignores_offset = True
    for text in ("one", "two", "three"):
        await dana.says(text)
    await office.until(lambda: len(telegram.calls_of("getUpdates")) > 6)

    assert office.desk.texts == ["one", "two", "three"]
    assert office.desk.tries == ["update:7000000001:1", "update:7000000001:2", "update:7000000001:3"]


async def test_gaps_and_a_count_that_begins_anew_are_no_matter(
    office: Office, telegram: FakeTelegram, dana: Person
) -> None:
    telegram.next_update_id = 5000
    await dana.says("one")
    await office.settled()
    telegram.next_update_id = 9000
    await dana.says("two")
    await office.settled()

    assert office.desk.texts == ["one", "two"]
    assert asking(office).offset == 9001


async def test_an_update_without_a_number_is_passed_over(office: Office, telegram: FakeTelegram, dana: Person) -> None:
    telegram.push({"update_id": "x", "message": {}})
    telegram.push({"update_id": 7, "message": {"text": "?"}})
    assert office.desk.tries == []
    assert asking(office)._take([{"message": {}}, {"update_id": None}]) == 0


# --- Telegram's refusals


async def test_a_webhook_beside_us_is_taken_away(
    office: Office, telegram: FakeTelegram, dana: Person, caplog: pytest.LogCaptureFixture
) -> None:
    telegram.fails("getUpdates", script.Error(409, HOOKED))
    await dana.says("one")
    await office.settled()
    await dana.says("two")
    await office.settled()

    assert office.desk.texts == ["one", "two"]
    assert len(telegram.calls_of("deleteWebhook")) >= 2
    assert {str(call.args["drop_pending_updates"]).lower() for call in telegram.calls_of("deleteWebhook")} == {"false"}


async def test_another_who_asks_is_waited_for_and_told_of_once(
    office: Office,
    telegram: FakeTelegram,
    dana: Person,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(polling, "OTHER_SECONDS", 0.05)
    telegram.fails("getUpdates", script.Error(409, OTHER), times=4)
    await dana.says("one")
    await office.settled()
    await dana.says("two")
    await office.settled()

    assert office.desk.texts == ["one", "two"]
    assert [m for m in caplog.messages if "asks for this bot's updates" in m] == [
        "somebody else asks for this bot's updates: is another Opsbook running with its token?"
    ]


async def test_a_refused_token_is_told_of_once(
    office: Office,
    telegram: FakeTelegram,
    dana: Person,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(polling, "TOKEN_SECONDS", 0.05)
    telegram.fails("getUpdates", script.Error(401, "Unauthorized"), times=3)
    await dana.says("one")
    await office.settled()
    await dana.says("two")
    await office.settled()

    assert office.desk.texts == ["one", "two"]
    assert [m for m in caplog.messages if "token" in m] == ["Telegram refuses our token: check TELEGRAM_BOT_TOKEN"]


@pytest.mark.parametrize(
    "trouble",
    [
        script.Status(502),
        script.Error(500, "Internal Server Error"),
        script.CutBeforeRead(),
        script.StoreThenCut(),
        script.Truncated(),
        script.Garbage(),
        script.Empty(),
        script.Limited(0.1),
    ],
)
async def test_trouble_on_the_way_passes(
    office: Office, telegram: FakeTelegram, dana: Person, trouble: script.Step, caplog: pytest.LogCaptureFixture
) -> None:
    telegram.fails("getUpdates", trouble)
    await dana.says("one")
    await dana.says("two")
    await office.settled()
    await dana.says("three")
    await office.settled()

    assert office.desk.texts == ["one", "two", "three"]
    assert telegram.token.partition(":")[2] not in caplog.text


def test_pauses_grow_to_half_a_minute_and_are_never_alike(office_free: Polling) -> None:
    pauses = [office_free._back_off() for _ in range(12)]

    assert 0.5 <= pauses[0] <= 1.0
    assert all(15.0 <= pause <= 30.0 for pause in pauses[6:])
    assert len(set(pauses)) == 12


@pytest.fixture
def office_free(telegram: FakeTelegram) -> Polling:
    intake = Office(telegram)._made("")
    assert intake.polling is not None
    return intake.polling


# --- One in all


async def test_only_who_is_in_charge_asks(
    telegram: FakeTelegram, dana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "ROLE_SECONDS", 0.05)
    async with Office(telegram, in_charge=False) as office:
        await dana.says("one")
        await asyncio.sleep(0.2)
        assert telegram.calls_of("getUpdates") == []
        assert telegram.calls_of("deleteWebhook") == []

        office.in_charge = True
        await office.settled()
        assert office.desk.texts == ["one"]


async def test_a_round_that_breaks_is_not_the_last(
    telegram: FakeTelegram, dana: Person, caplog: pytest.LogCaptureFixture
) -> None:
    broken = iter([ZeroDivisionError, None])
    office = Office(telegram)
    async with office:
        polling_ = asking(office)
        await office.until(lambda: telegram.calls_of("deleteWebhook"))
        ask = polling_.in_charge

        async def may() -> bool:
            if (error := next(broken, None)) is not None:
                raise error
            return await ask()

        polling_.in_charge = may
        with caplog.at_level(logging.ERROR):
            await dana.says("one")
            await office.settled()
            await dana.says("two")
            await office.settled()

    assert office.desk.texts == ["one", "two"]
    assert [words.partition(": ")[2] for words in caplog.messages] == ["asking broke"]


async def test_we_ask_for_what_we_take_and_wait_long(office: Office, telegram: FakeTelegram, dana: Person) -> None:
    await dana.says("hi")
    await office.settled()
    call = telegram.calls_of("getUpdates")[0]

    assert call.args["allowed_updates"] == ["message", "edited_message", "callback_query", "my_chat_member"]
    assert (polling.POLL_SECONDS, int(call.args["limit"])) == (25, 100)
