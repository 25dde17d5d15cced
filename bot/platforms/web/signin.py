"""Signing in: a link leads to a page with one button, so that its preview can't use it up; or a code is typed there."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import parse_qs

from aiohttp import web

from bot.codec import pack_card
from bot.platforms.web import pages
from bot.platforms.web.guard import JSON_MOST, Guard, local, read_bytes
from bot.ui.card import Card, Tone
from config.text import t
from storage import accounts, links, outbox, people, sessions
from storage.errors import Refusal
from storage.people import Employee
from storage.places import Address
from storage.sessions import SESSION_LASTS
from storage.work import Work


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
        """With a link's token: one button. Without: a field for a code, and how to get one. Looking uses nothing up."""
        token = request.query.get("token", "")
        say = self.guard.guest(request)
        page = self.site.page("signin.html", say, token=token, next=local(request.query.get("next")), refused=None)
        return web.Response(text=page, content_type="text/html")

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """Uses the link or the code up, and begins a new session with a new cookie."""
        body = _fields((await read_bytes(request, JSON_MOST)).decode("utf-8", "replace"))
        try:
            if body.get("token") or "code" not in body:
                session_token = await self._by_link(body.get("token", ""))
            else:
                session_token = await self._by_code(request.remote or "", body["code"])
        except Refusal as refusal:
            say = self.guard.guest(request)
            onward = local(body.get("next"))
            page = self.site.page("signin.html", say, token="", next=onward, refused=refusal.text)
            return web.Response(text=page, content_type="text/html", status=403)
        answer = web.Response(status=303, headers={"Location": local(body.get("next"))})
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

    async def _by_link(self, token: str) -> str:
        async with self.site.database.unit(self.site.clock(), via="web") as work:
            return await sessions.open(work, token)

    async def _by_code(self, source: str, code: str) -> str:
        """Refuses after the commit, so that the guess stays counted. `source` is where the connection comes from."""
        async with self.site.database.unit(self.site.clock(), via="web") as work:
            entered = await links.enter(work, source, code)
            if entered is not None:
                await _tell(work, entered[0], self.site.desk.on)
        if entered is None:
            raise Refusal(WRONG_CODE)
        return entered[1]

    async def leave(self, request: web.Request) -> web.StreamResponse:
        """Ends this browser's session, here and in the records."""
        token = request.cookies.get(self.guard.cookie)
        if token:
            async with self.site.database.unit(self.site.clock(), via="web") as work:
                await sessions.end(work, token)
        answer = web.Response(status=303, headers={"Location": "/signin"})
        answer.del_cookie(self.guard.cookie, path="/", secure=self.guard.secure, httponly=True, samesite="Lax")
        return answer


WRONG_CODE = t("This code can't be used: it may be mistyped, used already, or too old. Please ask for a new one.")


async def _tell(work: Work, person: Employee, on: Collection[str]) -> None:
    """Whoever has the accounts hears that somebody came in by a code of theirs."""
    card = Card(
        t("You signed in on the web with a code"),
        body=(t("Wasn't it you? Then type “unlink web” now, and tell your administrator."),),
        tone=Tone.WARN,
    )
    for account in await people.accounts(work.session, person.id):
        if accounts.is_way_in(account, on):
            await outbox.tell(work, pack_card(card), Address(account.platform, account.user), person.id)


def _fields(body: str) -> dict[str, str]:
    """A posted form's fields, each once."""
    try:
        return {name: values[0] for name, values in parse_qs(body, max_num_fields=4).items()}
    except ValueError:
        raise web.HTTPBadRequest(text="too many fields") from None
