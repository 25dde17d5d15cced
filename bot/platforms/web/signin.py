"""Signing in: a link leads to a page with one button, so that a preview of the link can't use it up."""

from __future__ import annotations

from urllib.parse import parse_qs

from aiohttp import web

from bot.platforms.web import pages
from bot.platforms.web.guard import JSON_MOST, Guard, local, read_bytes
from storage import sessions
from storage.errors import Refusal
from storage.sessions import SESSION_LASTS


def routes(guard: Guard) -> list[web.RouteDef]:
    """The door, outside of any prefix."""
    door = Door(guard)
    out = [
        web.get("/signin", guard.open(door.show)),
        web.post("/signin", guard.open(door.enter)),
        web.post("/signout", guard.open(door.leave)),
        web.get("/static/{name}", guard.open(pages.static)),
    ]
    if not guard.site.demo:
        out.append(web.get("/", guard.open(door.home)))
    return out


class Door:
    """Lets in who brings a link, once; and out."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard
        self.site = guard.site

    async def home(self, request: web.Request) -> web.StreamResponse:
        """The chat, or on to the sign-in page from there."""
        raise web.HTTPSeeOther("/chat/")

    async def show(self, request: web.Request) -> web.StreamResponse:
        """With a link's token: one button. Without: how to get a link. Nothing is used up by looking."""
        token = request.query.get("token", "")
        say = self.guard.guest(request)
        page = self.site.page("signin.html", say, token=token, next=local(request.query.get("next")), refused=None)
        return web.Response(text=page, content_type="text/html")

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """Uses the link, and begins a new session with a new cookie."""
        body = parse_qs((await read_bytes(request, JSON_MOST)).decode("utf-8", "replace"), max_num_fields=4)
        token = body.get("token", [""])[0]
        try:
            async with self.site.database.unit(self.site.clock(), via="web") as work:
                session_token = await sessions.open(work, token)
        except Refusal as refusal:
            say = self.guard.guest(request)
            page = self.site.page("signin.html", say, token="", next="/chat/", refused=refusal.text)
            return web.Response(text=page, content_type="text/html", status=403)
        answer = web.Response(status=303, headers={"Location": local(body.get("next", [""])[0])})
        answer.set_cookie(
            self.guard.cookie,
            session_token,
            max_age=int(SESSION_LASTS.total_seconds()),
            httponly=True,
            samesite="Lax",
            secure=self.guard.secure,
            path="/",
        )
        return answer

    async def leave(self, request: web.Request) -> web.StreamResponse:
        """Ends this browser's session, here and in the records."""
        token = request.cookies.get(self.guard.cookie)
        if token:
            async with self.site.database.unit(self.site.clock(), via="web") as work:
                await sessions.end(work, token)
        answer = web.Response(status=303, headers={"Location": "/signin"})
        answer.del_cookie(self.guard.cookie, path="/", secure=self.guard.secure, httponly=True, samesite="Lax")
        return answer
