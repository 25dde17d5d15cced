"""Who gets in at the web's door, with how much, and from where: sessions, other sites' posts, sizes, headers."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.platforms.web.site import Site
from bot.words import Reader, Speaker, language_of
from config.text import Words, t
from storage import people, sessions
from storage.errors import Refusal
from storage.people import Employee
from storage.tables import id_in

log = logging.getLogger("opsbook.web")
JSON_MOST = 64 * 1024
FILE_MOST = 10 * 1024 * 1024
SAY = web.RequestKey("say", Speaker)
NOT_HERE = t("There is nothing here, or it is not open to you.")
TOO_BIG = t("This is too big: a file may have up to 10 MB.")
BUSY = t("Nothing was saved: the records are busy just now. Please try again in a moment.")


class Body(BaseModel):
    """What a page posts: exactly these keys, of exactly these types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


AnyBody = TypeVar("AnyBody", bound=Body)


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of a person whom we know. `token` is their session's; None in the demo company."""

    request: web.Request
    me: Employee
    token: str | None
    base: str


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Known = Callable[[Visit], Awaitable[web.StreamResponse]]


class Guard:
    """Wraps the handlers of our own routes; the other platforms' routes on the same port are not touched."""

    def __init__(self, site: Site) -> None:
        self.site = site
        secure = site.public_url.startswith("https://")
        self.cookie = "__Host-opsbook" if secure else "opsbook"
        self.secure = secure

    def known(self, handler: Known) -> Handler:
        """For people who are signed in (or, in the demo company, whom the path names)."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            visit = await self._visit(request)
            if visit is None:
                raise self._stranger(request)
            request[SAY] = self.site.speaker(visit.me)
            return await handler(visit)

        return self.open(guarded)

    def open(self, handler: Handler) -> Handler:
        """For anybody. Every answer, errors too, bears the same strict headers."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                if request.method not in ("GET", "HEAD") and not self._is_ours(request):
                    raise web.HTTPForbidden(text="cross-site request refused")
                response = await handler(request)
            except Refusal as refusal:
                response = self._words(request, 400, refusal.text, refusal.field)
            except self.site.database.unavailable as error:
                log.warning("%s not answered: %s", request.path, type(error).__name__)
                response = self._words(request, 503, BUSY)
            except web.HTTPRequestEntityTooLarge:
                response = self._words(request, 413, TOO_BIG)
            except web.HTTPNotFound:
                response = self._not_here(request)
            except web.HTTPException as error:
                self.head(request, error)
                raise
            if not response.prepared:
                self.head(request, response)
            return response

        return guarded

    def head(self, request: web.Request, response: web.StreamResponse) -> None:
        """Sets the headers that keep a page to itself: nothing inline, nothing from elsewhere, nothing kept."""
        framed = self.site.demo and request.path.startswith("/as/")
        policy = [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'self'" if framed else "frame-ancestors 'none'",
        ]
        if self.site.demo and request.path == "/demo/two":
            policy.append("frame-src 'self'")
        response.headers.setdefault("Content-Security-Policy", "; ".join(policy))
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers.setdefault("Cache-Control", "no-store")

    def _is_ours(self, request: web.Request) -> bool:
        """Whether a post comes from our own pages: as the browser says, or else by its Origin."""
        site = request.headers.get("Sec-Fetch-Site")
        if site is not None:
            return site == "same-origin"
        origin = request.headers.get("Origin", "")
        if not origin or origin == "null":
            return False
        parts = urlsplit(origin)
        public = urlsplit(self.site.public_url)
        return parts.netloc == request.host or (parts.scheme, parts.netloc) == (public.scheme, public.netloc)

    async def _visit(self, request: web.Request) -> Visit | None:
        named = request.match_info.get("employee")
        if named is not None:
            employee = await self._employee(number) if (number := id_in(named)) is not None else None
            if employee is None:
                raise web.HTTPNotFound
            return Visit(request, employee, None, f"/as/{employee.id}/")
        token = request.cookies.get(self.cookie)
        if not token:
            return None
        async with self.site.database.reading() as session:
            employee_id = await sessions.find(session, token, self.site.clock())
            employee = await people.find(session, employee_id) if employee_id is not None else None
            await self.site.learn_heads(session)
        return Visit(request, employee, token, "/chat/") if employee is not None else None

    async def _employee(self, employee_id: int) -> Employee | None:
        async with self.site.database.reading() as session:
            await self.site.learn_heads(session)
            return await people.find(session, employee_id)

    def _stranger(self, request: web.Request) -> web.HTTPException:
        if request.method == "GET" and request.path == "/chat/":
            return web.HTTPSeeOther("/" if self.site.demo else "/signin")
        return web.HTTPUnauthorized(text="signed out")

    def guest(self, request: web.Request) -> Speaker:
        """Speaks to somebody whom we don't know: as they asked for, else as their browser says, else as the company."""
        asked = language_of(request.query.get("lang"))
        if asked is None:
            tags = request.headers.get("Accept-Language", "").split(",")[:10]
            asked = next((tag for tag in (language_of(part.split(";")[0].strip()) for part in tags) if tag), None)
        company = self.site.handbook.company
        return Speaker(Reader((asked or company.language,)), self.site.clock())

    def _words(self, request: web.Request, status: int, words: Words, field: str | None = None) -> web.Response:
        say: Speaker = request.get(SAY) or self.guest(request)
        return web.json_response({"error": say(words), "field": field}, status=status)

    def _not_here(self, request: web.Request) -> web.Response:
        say: Speaker = request.get(SAY) or self.guest(request)
        if request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
            page = self.site.page("nothing.html", say, words=NOT_HERE)
            return web.Response(text=page, status=404, content_type="text/html")
        return self._words(request, 404, NOT_HERE)


async def read_bytes(request: web.Request, most: int) -> bytes:
    """The body, as long as it is not longer than `most` (413), however it is sent."""
    if (request.content_length or 0) > most:
        raise web.HTTPRequestEntityTooLarge(most, request.content_length or 0)
    read = bytearray()
    async for chunk in request.content.iter_chunked(64 * 1024):
        read += chunk
        if len(read) > most:
            raise web.HTTPRequestEntityTooLarge(most, len(read))
    return bytes(read)


async def read_json(request: web.Request, kind: type[AnyBody]) -> AnyBody:
    """The body as JSON of at most 64 kB with exactly the keys that we know (400)."""
    if request.content_type != "application/json":
        raise web.HTTPBadRequest(text="JSON is wanted")
    try:
        return kind.model_validate_json(await read_bytes(request, JSON_MOST))
    except ValidationError:
        raise web.HTTPBadRequest(text="these are not the keys or types that are wanted") from None


def local(path: str | None) -> str:
    """A path of our own to go on to; anything else leads home."""
    if path is None or not path.startswith("/") or path.startswith("//"):
        return "/chat/"
    if any(char == "\\" or ord(char) < 33 or ord(char) > 126 for char in path):
        return "/chat/"
    return path
