"""What the incoming side asks of the records, on the real databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.platforms.telegram.store import Known, Records
from bot.ui.form import Attached
from bot.words import Reader
from config.handbook import Handbook
from storage import inbox, moves, people, schema
from storage.database import Database
from storage.errors import StorageBusy
from storage.people import Account, Employee
from storage.places import Identity
from tests.platforms.telegram.caller import PNG

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
DANA = Identity("telegram", "", "11")
EVE = Identity("telegram", "", "66")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Dana works here, and is on Telegram."""
    database = await Database.open(database_url, Handbook.load())
    await schema.upgrade(database)
    async with database.unit(MONDAY) as work:
        dana = Employee(name="Dana", department="service", language="en", zone="Europe/Berlin", joined_at=MONDAY)
        work.session.add(dana)
        await work.session.flush()
        work.session.add(Account(platform="telegram", user="11", employee_id=dana.id))
    yield database
    await database.close()


@pytest.fixture
def records(database: Database) -> Records:
    return Records(database, lambda: MONDAY)


async def test_a_colleague_is_known_and_met_once_they_wrote(database: Database, records: Records) -> None:
    reader = Reader(("en",), ZoneInfo("Europe/Berlin"))

    assert await records.known(EVE) is None
    assert await records.known(DANA) == Known(reader, is_met=False)
    async with database.unit(MONDAY) as work:
        await people.known(work.session, DANA, MONDAY, alone=True)
    assert await records.known(DANA) == Known(reader, is_met=True)
    await records.lost("update:1", "11", "blocked")
    assert await records.known(DANA) == Known(reader, is_met=False)


async def test_who_lets_us_in_again_is_met_and_old_news_changes_nothing(records: Records) -> None:
    await records.lost("update:1", "11", "blocked")
    await records.back("update:2", "11")
    await records.back("update:3", "66")
    await records.lost("update:1", "11", "blocked")

    assert await records.known(DANA) == Known(Reader(("en",), ZoneInfo("Europe/Berlin")), is_met=True)


async def test_a_colleagues_file_is_kept_and_a_strangers_is_not(records: Records) -> None:
    assert await records.keep_file(EVE, "x.png", PNG) is None
    kept = await records.keep_file(DANA, "lock.exe", PNG)

    assert kept == Attached("web:1", "lock.exe", "image/png", len(PNG))
    assert await records.read_file(1) == ("lock.exe", "image/png", PNG)
    assert await records.read_file(2) is None


async def test_a_chat_that_moved_is_found_again(database: Database, records: Records) -> None:
    await records.moved("-501", "-1001")
    await records.moved("-501", "-1001")

    async with database.reading() as session:
        assert await moves.all_(session) == {("telegram", "-501"): "-1001"}


async def test_records_that_cant_be_had_are_busy(database: Database, records: Records) -> None:
    class Gone:
        unavailable = database.unavailable

        def reading(self) -> object:
            raise OSError

    records.database = Gone()  # type: ignore[assignment]
    with pytest.raises(StorageBusy):
        await records.known(DANA)
    with pytest.raises(StorageBusy):
        await records.read_file(1)


async def test_what_an_earlier_version_kept_is_known_by_the_bots_number(database: Database, records: Records) -> None:
    async with database.unit(MONDAY) as work:
        for event in ("update:7", "update:8", "update:70:7", "update:70:8", "press:9"):
            assert await inbox.is_new(work, "telegram", event)
        await inbox.is_new(work, "slack", "update:7")

    await records.adopt(70)
    await records.adopt(71)

    async with database.unit(MONDAY) as work:
        asked = ("update:70:7", "update:70:8", "update:71:7", "press:9", "update:70:9")
        assert [await inbox.is_new(work, "telegram", event) for event in asked] == [False, False, True, False, True]
    async with database.unit(MONDAY) as work:
        assert not await inbox.is_new(work, "slack", "update:7")


async def test_what_an_earlier_version_handled_is_not_handled_again(database: Database, records: Records) -> None:
    async with database.unit(MONDAY) as work:
        await inbox.is_new(work, "telegram", "update:12")
        await inbox.answer(work, "telegram", "update:12", "said")

    await records.adopt(70)

    async with database.unit(MONDAY) as work:
        assert not await inbox.is_new(work, "telegram", "update:70:12")
        assert await inbox.earlier(work, "telegram", "update:70:12") == "said"
        assert await inbox.is_new(work, "telegram", "update:71:12")
