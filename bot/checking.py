"""`check`: says before the start what would go wrong after it, each with its remedy."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from bot import checking_approvals
from bot.program import now, open_database
from config.handbook import Handbook
from config.settings import Settings
from storage import people
from storage.database import Database
from storage.errors import DatabaseUnusable, SchemaTooNew, StorageBusy


async def check(settings: Settings, handbook: Handbook) -> tuple[list[str], list[str]]:
    """What is wrong (Opsbook would not start or not work), and what is worth knowing. Changes only the schema."""
    wrong: list[str] = []
    notes: list[str] = [*_calendar(handbook), *_rooms(settings, handbook)]
    try:
        database = await open_database(settings, handbook)
    except (DatabaseUnusable, SchemaTooNew, StorageBusy) as error:
        wrong.append(f"OPSBOOK_DATABASE_URL: {error}")
    except Exception as error:  # noqa: BLE001  # a driver's own words are the best there are here
        wrong.append(f"OPSBOOK_DATABASE_URL: the database does not answer ({type(error).__name__}): is it running?")
    else:
        notes += await _people(database, handbook)
        await database.close()
    for ask in (_slack, _telegram):
        more_wrong, more_notes = await ask(settings, handbook)
        wrong += more_wrong
        notes += more_notes
    return wrong, notes


async def _slack(settings: Settings, handbook: Handbook) -> tuple[list[str], list[str]]:
    if settings.slack_bot_token is None:
        return [], []
    from bot.platforms.slack.api import faults

    app_token = settings.slack_app_token.reveal() if settings.slack_app_token else None
    rooms = _rooms_on("slack", handbook)
    return await faults(settings.slack_bot_token.reveal(), app_token, settings.slack_api_url, rooms)


async def _telegram(settings: Settings, handbook: Handbook) -> tuple[list[str], list[str]]:
    if settings.telegram_bot_token is None:
        return [], []
    from bot.platforms.telegram.checks import faults
    from bot.platforms.telegram.webhook import PATH

    webhook = settings.public_url + PATH if settings.telegram_webhook_secret else None
    rooms = _rooms_on("telegram", handbook)
    return await faults(settings.telegram_bot_token.reveal(), settings.telegram_api_url, rooms, webhook)


def _rooms_on(platform: str, handbook: Handbook) -> dict[str, str]:
    """The rooms that stand on a platform, by their channels."""
    return {
        place.channel: name
        for name, room in handbook.rooms.items()
        for place in room.places()
        if place.platform == platform
    }


def _calendar(handbook: Handbook) -> list[str]:
    today = now().astimezone(ZoneInfo(handbook.company.zone)).date()
    until = handbook.calendar.covered_until()
    if until is None or today + timedelta(days=60) <= until:
        return []
    return [
        f"calendar: public holidays are known until {until}. After that only the days in calendar.days_off and "
        "calendar.workdays count; enter next year's there, or update Opsbook, when they are published."
    ]


def _rooms(settings: Settings, handbook: Handbook) -> list[str]:
    return [
        f"rooms.{name}: none of its addresses is on a platform that is switched on; what is said there is not seen"
        for name, room in handbook.rooms.items()
        if not {place.platform for place in room.places()} & settings.on
    ]


async def _people(database: Database, handbook: Handbook) -> list[str]:
    async with database.unit(now()) as work:
        if not await people.everyone(work.session):
            return ["people: nobody is known yet; run `python -m bot people import FILE.csv`"]
        department = handbook.complaints.department
        found = await checking_approvals.notes(work, handbook)
        if await people.head_of(work, department) is None:
            found.append(f"people: the department “{department}” has no head, so nobody hears of late complaints")
    return found
