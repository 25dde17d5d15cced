"""The live stream to an open page: new and changed messages as they are committed, from where the page left off."""

from __future__ import annotations

import asyncio
import json

from aiohttp import web

from bot.platforms.web.guard import Guard, Visit
from bot.platforms.web.hub import Listener
from bot.platforms.web.rooms import direct
from bot.platforms.web.site import Site
from storage import webchat
from storage.people import Employee
from storage.tables import id_in
from storage.webchat import Posted

HEARTBEAT = 15.0
"""Seconds of silence after which a comment is sent, so that a dead connection shows."""
PATIENCE = 10.0
"""Seconds that a page may take to read one event."""
CATCH_UP = 300
"""A page that missed more changes than this is told to load itself anew."""


def routes(guard: Guard, at: str) -> list[web.RouteDef]:
    """The stream's address under a prefix."""

    async def events(visit: Visit) -> web.StreamResponse:
        return await _events(guard, visit)

    return [web.get(f"{at}/events", guard.known(events))]


async def _events(guard: Guard, visit: Visit) -> web.StreamResponse:
    site, since = guard.site, _since(visit.request)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
    guard.head(visit.request, response)
    async with site.hub.listening(visit.me, visit.token) as listener:
        try:
            await response.prepare(visit.request)
            await _write(response, b"retry: 1000\n\n")
            at = await _catch_up(site, listener, response, since)
            while not listener.ended or not listener.queue.empty():
                at = await _pass_on(site, listener, response, at)
        except (ConnectionResetError, TimeoutError):
            listener.ended = True
    return response


def _since(request: web.Request) -> int | None:
    given = request.headers.get("Last-Event-ID") or request.query.get("since", "")
    return 0 if given == "0" else id_in(given)


async def _catch_up(site: Site, listener: Listener, response: web.StreamResponse, since: int | None) -> int:
    if since is None:
        return 0
    async with site.database.reading() as session:
        missed = await webchat.changed_since(session, since, CATCH_UP + 1)
    if len(missed) > CATCH_UP:
        await _write(response, _event("reload", {}, None))
        return missed[-1].message.change
    for posted in missed:
        await _write_news(site, listener.employee, response, posted)
    return missed[-1].message.change if missed else since


async def _pass_on(site: Site, listener: Listener, response: web.StreamResponse, at: int) -> int:
    try:
        posted = await asyncio.wait_for(listener.queue.get(), HEARTBEAT)
    except TimeoutError:
        await _write(response, b": still here\n\n")
        return at
    if posted is None or posted.message.change <= at:
        return at
    await _write_news(site, listener.employee, response, posted)
    return posted.message.change


async def _write_news(site: Site, me: Employee, response: web.StreamResponse, posted: Posted) -> None:
    message = posted.message
    if not site.may_read(me, message.channel):
        return
    news = {
        "id": message.id,
        "channel": message.channel,
        "thread": message.thread,
        "mine": message.author_id == me.id,
        "direct": message.channel == direct(me.id),
        "new": message.edited_at is None and not message.replies,
        "html": site.draw(posted, me),
    }
    await _write(response, _event("message", news, message.change))


def _event(name: str, data: dict[str, object], number: int | None) -> bytes:
    """One event; JSON has no line breaks of its own, so one `data` line holds it."""
    marked = f"id: {number}\n" if number is not None else ""
    return f"{marked}event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


async def _write(response: web.StreamResponse, data: bytes) -> None:
    await asyncio.wait_for(response.write(data), PATIENCE)
