"""The running program: database, desk, platforms, courier, metronome and web server, started and stopped in order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from aiohttp import web

from bot.capability import Capability
from bot.courier import Courier
from bot.dispatch import Desk
from bot.metronome import Metronome
from bot.platforms import Platform
from bot.web import Figures, hang_health
from config.handbook import Handbook
from config.settings import Settings
from storage import schema
from storage.database import Database, check_file

if TYPE_CHECKING:
    from bot.platforms.slack.outgoing import Slack
    from bot.platforms.telegram.outgoing import Telegram

log = logging.getLogger("opsbook")

STOP_WITHIN = 9.0
"""Seconds that a stop may take; the tenth is for the process to end."""


def now() -> datetime:
    """The one clock: everything else is given it."""
    return datetime.now(UTC)  # noqa: TID251  # the clock itself


@dataclass(slots=True)
class Program:
    """Made by `Program.prepare`, which opens the database; `start` lets people in, `stop` sees them out."""

    settings: Settings
    database: Database
    desk: Desk
    platforms: dict[str, Platform]
    courier: Courier
    metronome: Metronome
    app: web.Application
    listener: socket.socket
    _runner: web.AppRunner | None = None
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @classmethod
    async def prepare(
        cls,
        settings: Settings,
        handbook: Handbook,
        capabilities: Sequence[Capability],
        *,
        demo: bool = False,
        clock: Callable[[], datetime] = now,
    ) -> Program:
        """Takes the port, opens the database and brings it up to date; nothing runs yet.

        Raises `OSError` for a port that is taken, `DatabaseUnusable` and `SchemaTooNew` for a database.
        """
        listener = socket.create_server((settings.host, settings.port), reuse_port=False, backlog=1024)
        settings = settings.listening_on(listener.getsockname()[1])
        database = await open_database(settings, handbook)
        figures = Figures()
        desk = Desk(database, clock, capabilities, settings.on, settings.public_url)
        app = web.Application(client_max_size=1024 * 1024)
        platforms = _platforms(settings, database, handbook, desk, clock, app, demo=demo)
        courier = Courier(database, desk, clock, platforms)
        metronome = Metronome(database, clock, capabilities, settings.on, courier.wake)
        desk.posted, desk.counted = courier.wake, figures.count
        hang_health(app, database, courier, figures, clock)
        return cls(settings, database, desk, platforms, courier, metronome, app, listener)

    async def start(self) -> None:
        """Starts everything. A platform that can't be reached is waited for beside the rest, never by it."""
        self._tasks += [asyncio.create_task(_started(platform), name=name) for name, platform in self.platforms.items()]
        await asyncio.sleep(0)  # each has begun before the first request comes in
        self._runner = web.AppRunner(self.app, handle_signals=False, access_log=None, shutdown_timeout=3.0)
        await self._runner.setup()
        await web.SockSite(self._runner, self.listener).start()
        self._tasks.append(asyncio.create_task(self.courier.run(), name="courier"))
        self.metronome.start()

    async def stop(self) -> None:
        """Takes nothing more in, lets what is under way end, and closes: within `STOP_WITHIN` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_WITHIN):
                await self.metronome.stop()
                if self._runner is not None:
                    for site in list(self._runner.sites):
                        await site.stop()
                await self.courier.stop(within=5.0)
                await asyncio.gather(*[platform.stop() for platform in self.platforms.values()], return_exceptions=True)
                if self._runner is not None:
                    await self._runner.cleanup()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.listener.close()
        await self.database.close()


async def _started(platform: Platform) -> None:
    try:
        await platform.start()
    except Exception:  # one platform's trouble is not the others'
        log.exception("%s could not be started", platform.name)


async def open_database(settings: Settings, handbook: Handbook) -> Database:
    """The database of the settings, at this program's schema."""
    check_file(settings.database_url)
    database = await Database.open(settings.database_url, handbook)
    try:
        await schema.upgrade(database)
    except BaseException:
        await database.close()
        raise
    if crash_at := os.environ.get("OPSBOOK_CRASH_AT"):
        database.on_crash_point = _crash_at(crash_at)
    return database


def _crash_at(wanted: str) -> Callable[[str], None]:
    """For the crash tests alone: ends the process on the spot at the n-th time of a step, `after send:2`."""
    name, _, count = wanted.partition(":")
    left = [int(count or 1)]

    def step(reached: str) -> None:
        if reached == name:
            left[0] -= 1
            if left[0] == 0:
                os._exit(99)

    return step


def _platforms(
    settings: Settings,
    database: Database,
    handbook: Handbook,
    desk: Desk,
    clock: Callable[[], datetime],
    app: web.Application,
    *,
    demo: bool,
) -> dict[str, Platform]:
    """Those that are on; one that is off is not even imported."""
    from bot.platforms.web import Web

    chat = Web(database, desk, handbook, clock, demo, settings.public_url)
    chat.hang(app)
    platforms: dict[str, Platform] = {"web": chat}
    if settings.slack:
        slack = _slack(settings, database, handbook, desk, clock)
        slack.hang(app.router)
        platforms["slack"] = slack
    if settings.telegram:
        telegram = _telegram(settings, database, desk, clock)
        telegram.hang(app.router)
        platforms["telegram"] = telegram
    return platforms


def _slack(
    settings: Settings, database: Database, handbook: Handbook, desk: Desk, clock: Callable[[], datetime]
) -> Slack:
    from bot.platforms.files import files_of
    from bot.platforms.slack.outgoing import Slack

    token, signing, app_token = settings.slack_bot_token, settings.slack_signing_secret, settings.slack_app_token
    assert token is not None
    return Slack(
        token.reveal(),
        signing.reveal() if signing else None,
        app_token.reveal() if app_token else None,
        settings.slack_api_url,
        desk,
        clock,
        desk.left,
        joining=handbook.company.members_join,
        read_file=files_of(database),
        later=desk.reply_later,
    )


def _telegram(settings: Settings, database: Database, desk: Desk, clock: Callable[[], datetime]) -> Telegram:
    from bot.platforms.telegram.outgoing import Telegram
    from bot.platforms.telegram.store import Records

    token, secret = settings.telegram_bot_token, settings.telegram_webhook_secret
    assert token is not None
    store = Records(database, clock)
    return Telegram(
        token.reveal(),
        settings.telegram_api_url,
        secret.reveal() if secret else None,
        settings.public_url,
        desk,
        clock,
        store.read_file,
        store,
        lambda: database.play("telegram"),
    )
