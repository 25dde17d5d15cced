"""The web chat as a platform: what the courier sends becomes a message that every reader sees in their own words."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from aiohttp import web

from bot.codec import pack_card
from bot.errors import DeliveryFailed
from bot.platforms import Message, Pace, Sent
from bot.platforms.web import demo, incoming, pages, signin, stream
from bot.platforms.web.guard import Guard
from bot.platforms.web.site import Clock, Desk, Site
from config.handbook import Handbook
from storage import people, sessions, webchat
from storage.database import Database
from storage.errors import StorageBusy
from storage.tables import id_in

TIDY_EVERY = 3600.0
LOOSE_FILES_LAST = timedelta(days=1)


class Web:
    """The platform `web`. `demo`: nobody signs in, the path says who one is; never for a real company."""

    name = "web"
    pace = Pace(channel=0.0, overall=500.0)

    def __init__(
        self, database: Database, desk: Desk, handbook: Handbook, clock: Clock, demo: bool, public_url: str
    ) -> None:
        self.site = Site(database, desk, handbook, clock, demo, public_url.rstrip("/"))
        self._tidying: asyncio.Task[None] | None = None

    def hang(self, app: web.Application) -> None:
        """Puts the pages on the app, and ends open pages' streams when it shuts down."""
        guard = Guard(self.site)
        for routes in (pages, incoming, stream):
            app.add_routes(routes.routes(guard, "/chat"))
            if self.site.demo:
                app.add_routes(routes.routes(guard, r"/as/{employee:\d+}"))
        app.add_routes(signin.routes(guard))
        if self.site.demo:
            app.add_routes(demo.routes(guard))
        app.on_shutdown.append(self._shut)

    async def start(self) -> None:
        """Begins to tidy up; pages are served as soon as the app listens."""
        self._tidying = asyncio.create_task(self._tidy(), name="web tidying")

    async def stop(self) -> None:
        """Ends every open stream."""
        await self.site.hub.close()
        if self._tidying is not None:
            self._tidying.cancel()
            await asyncio.gather(self._tidying, return_exceptions=True)

    async def send(self, message: Message) -> Sent:
        """Keeps the card as a message, once for each outbox row, and tells the open pages."""
        thread = await self._thread(message)
        try:
            async with self.site.database.unit(self.site.clock(), via=self.name) as work:
                posted = await webchat.post(
                    work,
                    key=f"outbox:{message.id}",
                    channel=message.to.channel,
                    thread=thread,
                    card=pack_card(message.card),
                    about=message.about,
                )
        except StorageBusy as busy:
            raise DeliveryFailed(str(busy), retry_after=1.0) from busy
        self.site.hub.wake()
        return Sent(message.to.channel, str(posted.id))

    async def edit(self, message: Message) -> None:
        """Makes the message show the card as it is now, on every open page, without a reload."""
        if message.ref is None or id_in(message.ref) is None:
            raise DeliveryFailed(f"no message of ours: {message.ref!r}", gone=True)
        try:
            async with self.site.database.unit(self.site.clock(), via=self.name) as work:
                is_there = await webchat.redraw(work, int(message.ref), pack_card(message.card))
        except StorageBusy as busy:
            raise DeliveryFailed(str(busy), retry_after=1.0) from busy
        if not is_there:
            raise DeliveryFailed(f"message {message.ref} is no more", gone=True)
        self.site.hub.wake()

    async def _thread(self, message: Message) -> int | None:
        """The thread to post in; refuses places that nobody could read."""
        channel, thread = message.to.channel, message.to.thread
        if channel.startswith("dm:"):
            async with self.site.database.reading() as session:
                owner = channel.removeprefix("dm:")
                if (number := id_in(owner)) is None or await people.find(session, number) is None:
                    raise DeliveryFailed(f"nobody here reads {channel}", permanent=True, lost=True)
        elif self.site.handbook.rooms.at(self.name, channel) is None:
            raise DeliveryFailed(f"no room has the address web:{channel}", permanent=True)
        if thread is None:
            return None
        async with self.site.database.reading() as session:
            above = await webchat.find(session, number) if (number := id_in(thread)) is not None else None
        if above is None or above.message.channel != channel:
            raise DeliveryFailed(f"no thread {thread} in {channel}", permanent=True)
        return above.message.thread or above.message.id

    async def _shut(self, _app: web.Application) -> None:
        await self.site.hub.close()

    async def _tidy(self) -> None:
        while True:
            now = self.site.clock()
            try:
                async with self.site.database.unit(now) as work:
                    await webchat.forget_loose_files(work, now - LOOSE_FILES_LAST)
                    await sessions.forget_old(work)
            except StorageBusy:
                pass  # the next hour will do
            await asyncio.sleep(TIDY_EVERY)
