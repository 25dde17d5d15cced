"""The pages themselves: rooms at the left, the conversation in the middle, a thread at the right; and their files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

from aiohttp import web

from bot.codec import unpack_card
from bot.platforms.web import render
from bot.platforms.web.guard import Guard, Visit
from bot.platforms.web.rooms import Place, direct, places
from bot.platforms.web.site import Site
from bot.words import Speaker
from config.text import t
from storage import people, webchat
from storage.people import Employee
from storage.tables import id_in
from storage.webchat import PAGE, Posted

DAY = "day"
"""Where a page stands that shows My day: no channel, for nothing is said there."""
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line at the left: a channel, its name, and how much in it is unread."""

    channel: str
    label: str
    unread: int


def routes(guard: Guard, at: str) -> list[web.RouteDef]:
    """The pages under a prefix; every address in them is relative to it."""
    pages = Pages(guard.site)

    async def to_folder(request: web.Request) -> web.StreamResponse:
        raise web.HTTPPermanentRedirect(request.path + "/")

    return [
        web.get(at, guard.open(to_folder)),
        web.get(f"{at}/", guard.known(pages.chat)),
        web.get(f"{at}/talk", guard.known(pages.talk)),
        web.get(f"{at}/thread", guard.known(pages.thread)),
        web.get(f"{at}/older", guard.known(pages.older)),
        web.get(f"{at}/people", guard.known(pages.people)),
        web.get(at + r"/file/{message:\d{1,17}}/{file:\d{1,17}}", guard.known(pages.file)),
        web.get(at + "/static/{name}", guard.open(static)),
    ]


async def static(request: web.Request) -> web.StreamResponse:
    """A file of ours by its exact name; asked for again, it costs one line."""
    found = _static_files().get(request.match_info["name"])
    if found is None:
        raise web.HTTPNotFound
    data, kind, tag = found
    headers = {"Cache-Control": "no-cache", "ETag": tag}
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=304, headers=headers)
    return web.Response(body=data, headers=headers | {"Content-Type": f"{kind}; charset=utf-8"})


@cache
def _static_files() -> dict[str, tuple[bytes, str, str]]:
    return {
        path.name: (data, _TYPES[path.suffix], f'"{hashlib.sha256(data).hexdigest()[:20]}"')
        for path in sorted((Path(__file__).parent / "static").iterdir())
        if path.suffix in _TYPES
        for data in (path.read_bytes(),)
    }


@dataclass(slots=True)
class Pages:
    """What a signed-in person can open."""

    site: Site

    async def chat(self, visit: Visit) -> web.Response:
        """The whole page, at My day or in a channel."""
        site, me = self.site, visit.me
        at = visit.request.query.get("at", DAY)
        if at != DAY and not site.may_read(me, at):
            raise web.HTTPNotFound
        say = site.speaker(me)
        async with site.database.reading() as session:
            change = await webchat.last_change(session)
        html = site.page(
            "chat.html",
            say,
            me=me,
            at=at,
            change=change,
            rail=await self._rail(me, say),
            talk=await self._talk(me, say, at),
            side=await self._side(visit, at),
            words=json.dumps(_page_words(say), ensure_ascii=False),
            commands=json.dumps(self._commands(me, say), ensure_ascii=False),
            department=self._department(me, say),
            own=direct(me.id),
        )
        return web.Response(text=html, content_type="text/html")

    def _department(self, me: Employee, say: Speaker) -> str:
        departments = self.site.handbook.departments
        return say(departments[me.department].name) if me.department in departments else ""

    async def _rail(self, me: Employee, say: Speaker) -> list[Entry]:
        shown = [(place.channel, say(place.label)) for place in places(self.site.handbook, me, self.site.leads(me))]
        async with self.site.database.reading() as session:
            unread = await webchat.unread(session, me.id, [direct(me.id), *(channel for channel, _ in shown)])
        own = Entry(direct(me.id), "Opsbook", unread[direct(me.id)])
        return [own, *(Entry(channel, label, unread[channel]) for channel, label in shown)]

    def _commands(self, me: Employee, say: Speaker) -> list[dict[str, object]]:
        return [
            {
                "name": command.name,
                "aliases": list(command.aliases),
                "help": say(command.help),
                "usage": say(command.usage) if command.usage is not None else "",
            }
            for command in self.site.desk.commands
            if not command.roles or me.role in command.roles
        ]

    async def talk(self, visit: Visit) -> web.Response:
        """The middle of the page for another channel, as JSON with its HTML."""
        at = visit.request.query.get("at", DAY)
        if at != DAY and not self.site.may_read(visit.me, at):
            raise web.HTTPNotFound
        html = await self._talk(visit.me, self.site.speaker(visit.me), at)
        return web.json_response({"html": html})

    async def _talk(self, me: Employee, say: Speaker, at: str) -> str:
        if at == DAY:
            return self.site.page("talk.html", say, at=at, place=None, messages=[], more=False, mine=False, me=me)
        async with self.site.database.reading() as session:
            messages = await webchat.page(session, at)
        return self.site.page(
            "talk.html",
            say,
            at=at,
            place=self._place(me, at),
            messages=self._drawn(me, messages),
            more=len(messages) == PAGE,
            mine=at == direct(me.id),
            me=me,
        )

    def _place(self, me: Employee, channel: str) -> Place | None:
        return next(
            (place for place in places(self.site.handbook, me, self.site.leads(me)) if place.channel == channel), None
        )

    def _drawn(self, me: Employee, messages: Sequence[Posted]) -> list[str]:
        return [self.site.draw(posted, me) for posted in messages]

    async def _side(self, visit: Visit, at: str) -> str:
        thread = id_in(visit.request.query.get("thread", ""))
        return "" if at == DAY or thread is None else await self._thread(visit.me, thread)

    async def thread(self, visit: Visit) -> web.Response:
        """A message with what was said under it, as JSON with its HTML."""
        above = id_in(visit.request.query.get("id", ""))
        if above is None:
            raise web.HTTPNotFound
        return web.json_response({"html": await self._thread(visit.me, above)})

    async def _thread(self, me: Employee, message_id: int) -> str:
        above = await self.site.find_message(me, message_id)
        if above is None or above.message.thread is not None:
            raise web.HTTPNotFound
        async with self.site.database.reading() as session:
            replies = await webchat.page(session, above.message.channel, message_id)
        return self.site.page(
            "thread.html",
            self.site.speaker(me),
            above=self.site.draw(above, me),
            message=above.message,
            replies=self._drawn(me, replies),
            more=len(replies) == PAGE,
        )

    async def older(self, visit: Visit) -> web.Response:
        """The messages before one, in a channel or a thread."""
        query = visit.request.query
        channel, before, thread = query.get("at", ""), id_in(query.get("before", "")), id_in(query.get("thread", ""))
        if not self.site.may_read(visit.me, channel):
            raise web.HTTPNotFound
        if before is None or (thread is None and query.get("thread")):
            raise web.HTTPBadRequest(text="before and thread are numbers")
        async with self.site.database.reading() as session:
            messages = await webchat.page(session, channel, thread, before)
        return web.json_response({"html": "".join(self._drawn(visit.me, messages)), "more": len(messages) == PAGE})

    async def people(self, visit: Visit) -> web.Response:
        """The colleagues, to choose one of them in a form."""
        say = self.site.speaker(visit.me)
        async with self.site.database.reading() as session:
            everyone = await people.everyone(session)
        return web.json_response(
            [
                {"id": person.id, "name": person.name, "about": self._department(person, say), "title": person.title}
                for person in everyone
            ]
        )

    async def file(self, visit: Visit) -> web.Response:
        """A message's file, or the picture on its card, for those who may read the message."""
        message_id, file_id = id_in(visit.request.match_info["message"]), id_in(visit.request.match_info["file"])
        posted = await self.site.find_message(visit.me, message_id) if message_id and file_id else None
        if posted is None or file_id is None:
            raise web.HTTPNotFound
        card = unpack_card(posted.message.card) if posted.message.card else None
        is_picture = card is not None and card.image is not None and card.image.file_id == file_id
        is_paper = card is not None and any(paper.source == f"web:{file_id}" for paper in card.files)
        async with self.site.database.reading() as session:
            file = await webchat.file(session, file_id)
        is_theirs = file is not None and (file.message_id == message_id or is_paper)
        if file is None or not (is_theirs or (is_picture and file.owner_id is None)):
            raise web.HTTPNotFound
        return as_file(file.name, file.mime, file.data)


def as_file(name: str, mime: str, data: bytes) -> web.Response:
    """A file as it is given out: only a raster picture opens in the page, all else is saved; no type is guessed."""
    how = "inline" if render.is_picture(mime) else "attachment"
    headers = {
        "Content-Type": mime if render.is_picture(mime) else "application/octet-stream",
        "Content-Disposition": f"{how}; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }
    return web.Response(body=data, headers=headers)


def _page_words(say: Speaker) -> dict[str, str]:
    """What the page's own script says."""
    words = {
        "today": t("Today"),
        "yesterday": t("Yesterday"),
        "new": t("New"),
        "notSent": t("Not sent."),
        "again": t("Try again"),
        "offline": t("No connection. What you write is kept here, and the page comes back by itself."),
        "signedOut": t("You have been signed out."),
        "tooBig": t("This is too big: a file may have up to 10 MB."),
        "noCommand": t("No command begins like this. Enter sends it as words."),
        "noPerson": t("Nobody here is called that."),
        "noRoom": t("No room is called that."),
        "remove": t("Remove {name}", name="{name}"),
        "changed": t("Changed: {title}", title="{title}"),
        "kept": t("What you had typed before is still here."),
        "anew": t("Start anew"),
        "choose": t("Please choose a name from the list."),
        "missing": t("Please answer this."),
        "left": t("{n} characters left", n="{n}"),
        "over": t("{n} characters too many", n="{n}"),
    }
    return {name: say(text) for name, text in words.items()}
