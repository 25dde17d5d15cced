"""A Telegram that runs on this machine: it keeps what was written, refuses what Telegram refuses, and misbehaves on
request.

In a test: `async with FakeTelegram() as telegram:` and give `telegram.api_url` to the bot as TELEGRAM_API_URL.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from aiohttp import web

from tests.platforms.telegram import methods, script, wire
from tests.platforms.telegram.answers import Call, abort, chat_in, nowhere, refusal, refusal_of
from tests.platforms.telegram.chats import Chat, Chats, Clock, Refused, User, wall_clock
from tests.platforms.telegram.pace import Pace, TooSoon
from tests.platforms.telegram.updates import Updates
from tests.platforms.telegram.wire import Args
from tests.platforms.telegram.world import World

Json = dict[str, Any]

TOKEN = "7000000001:AAFakeTokenForTestsOnly-0123456789abcdef"
KEPT_CALLS = 50_000


class FakeTelegram(World):
    """The server. Whom it knows and what they do is arranged through `World`'s methods."""

    def __init__(
        self,
        *,
        token: str = TOKEN,
        username: str = "opsbook_bot",
        clock: Clock = wall_clock,
        ticks: Callable[[], float] = time.monotonic,
        strict: bool = True,
        privacy: bool = True,
        update_id: int = 1,
        port: int = 0,
    ) -> None:
        bot = User(int(token.partition(":")[0]), "Opsbook", username, language=None, is_bot=True)
        self.token, self.username = token, username
        self.calls: list[Call] = []
        self.pace = Pace(ticks, strict)
        chats = Chats(bot, clock, ticks)
        chats.spend = self._spend
        super().__init__(chats, Updates(update_id, clock, self._stirred), privacy=privacy)
        self.script = script.Script()
        self.fails, self.always, self.behaves = self.script.fails, self.script.always, self.script.behaves
        self._port = port
        self._runner: web.AppRunner | None = None
        self._stopping = asyncio.Event()

    # --- Life

    async def __aenter__(self) -> FakeTelegram:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listens on 127.0.0.1; on a free port unless one was given."""
        app = web.Application(client_max_size=wire.MOST)
        app.router.add_get("/file/bot{token}/{path:.*}", self._download)
        app.router.add_route("*", "/bot{token}/{method}", self._api)
        app.router.add_route("*", "/{rest:.*}", nowhere)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Lets go of every connection, hanging ones too."""
        self._stopping.set()
        await self.updates.hook.close()
        self.updates.stir()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def api_url(self) -> str:
        """The address without `/bot`, as the setting TELEGRAM_API_URL takes it."""
        return f"http://127.0.0.1:{self._port}"

    # --- What a test may ask

    @property
    def limited(self) -> list[TooSoon]:
        """Every send that came too soon, also those inside a retry_after that was named before."""
        return self.pace.limited

    def calls_of(self, method: str, chat: script.HasId | int | None = None) -> list[Call]:
        """The calls of one method, of one chat when given, in order of arrival."""
        where = script.number_of(chat)
        return [one for one in self.calls if one.method == method and (chat is None or where == one.chat)]

    # --- The Bot API

    async def _api(self, request: web.Request) -> web.StreamResponse:
        token, said = request.match_info["token"], request.match_info["method"]
        at = time.monotonic()
        method = methods.name_of(said)
        if turned_away := self._turned_away(token, method):
            return self._note(Args(said), at, *turned_away)
        assert method is not None
        if self.script.cuts_unread(method):
            return self._cut(request, Args(method), at, stored=False)
        try:
            args = await wire.read(request, method)
        except Refused as refused:
            return self._note(Args(method), at, *refusal_of(refused))
        step = self.script.next(method, chat_in(args))
        if method in methods.SPENDING and (chat := chat_in(args)) is not None:
            self.pace.watch(method, chat)
        return await self._play(request, step, args, at)

    def _turned_away(self, token: str, method: str | None) -> tuple[int, Json] | None:
        id, _, secret = token.partition(":")
        if not id.isdigit() or len(secret) < 10:
            return refusal(404, "Not Found")
        if token != self.token:
            return refusal(401, "Unauthorized")
        return refusal(404, "Not Found") if method is None else None

    async def _answer(self, args: Args) -> tuple[int, Json]:
        """The answer of a Telegram in good health."""
        try:
            match args.method:
                case "getUpdates":
                    result: Any = await self.updates.poll(args, self._stopping)
                case "setWebhook":
                    result = self.updates.set_webhook(args)
                case "deleteWebhook":
                    result = self.updates.delete_webhook(args)
                case "getWebhookInfo":
                    result = self.updates.webhook_info()
                case _:
                    result = methods.call(self.chats, args)
        except Refused as refused:
            return refusal_of(refused)
        self._stirred()
        return 200, {"ok": True, "result": result}

    def _spend(self, method: str, chat: Chat, count: int) -> None:
        if refused := self.pace.take(method, chat, count):
            after = refused.retry_after
            raise Refused(f"Too Many Requests: retry after {after}", 429, {"retry_after": after})

    async def _play(self, request: web.Request, step: script.Step, args: Args, at: float) -> web.StreamResponse:
        """Carries the call out, or not, and answers as the script has it."""
        match step:
            case script.Error(code, description, parameters):
                return self._note(args, at, *refusal(code, description, parameters))
            case script.Limited(retry_after):
                return self._note(args, at, *self._limited(args, retry_after))
            case script.Status(code, body, content_type):
                return self._note(args, at, code, body, content_type)
            case script.Garbage(body, stores) if not stores:
                return self._note(args, at, 200, body)
            case script.Empty(stores) if not stores:
                return self._note(args, at, 200, b"")
            case script.Truncated(stores) if not stores:
                return self._note(args, at, 200, b'{"ok":true,"resu')
            case script.CutBeforeRead():
                return self._cut(request, args, at, stored=False)
            case script.Hang(seconds):
                self._write_down(args, at, 0)
                await self._wait(seconds)
                return abort(request)
        return await self._played(request, step, args, at, *await self._answer(args))

    def _limited(self, args: Args, retry_after: float | str | None) -> tuple[int, Json]:
        chat = chat_in(args)
        if chat is not None and isinstance(retry_after, int | float):
            self.pace.close(chat, retry_after)
        words = f"Too Many Requests: retry after {retry_after}" if retry_after is not None else "Too Many Requests"
        return refusal(429, words, None if retry_after is None else {"retry_after": retry_after})

    async def _played(
        self, request: web.Request, step: script.Step, args: Args, at: float, status: int, answer: Json
    ) -> web.StreamResponse:
        """Answers a call that has been carried out."""
        done, body = status == 200, json.dumps(answer).encode()
        match step:
            case script.StoreThenCut():
                return self._cut(request, args, at, stored=done)
            case script.StoreThen500():
                return self._note(args, at, *refusal(500, "Internal Server Error"), stored=done)
            case script.Garbage(garbage):
                return self._note(args, at, status, garbage, stored=done)
            case script.Empty():
                return self._note(args, at, status, b"", stored=done)
            case script.Truncated():
                return self._note(args, at, status, body[: len(body) // 2], stored=done)
            case script.Slow(seconds, pieces):
                self._write_down(args, at, status, answer.get("description"), stored=done)
                return await self._trickle(request, status, body, seconds, pieces)
        return self._note(args, at, status, answer, stored=done)

    async def _trickle(
        self, request: web.Request, status: int, body: bytes, seconds: float, pieces: int
    ) -> web.StreamResponse:
        slow = web.StreamResponse(status=status, headers={"Content-Type": "application/json"})
        size = max(1, -(-len(body) // pieces))
        with contextlib.suppress(ConnectionError):  # whoever asked has died meanwhile
            await slow.prepare(request)
            for start in range(0, len(body), size):
                await self._wait(seconds / pieces)
                await slow.write(body[start : start + size])
        return slow

    async def _wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    # --- The journal

    def _cut(self, request: web.Request, args: Args, at: float, *, stored: bool) -> web.StreamResponse:
        self._write_down(args, at, 0, stored=stored)
        return abort(request)

    def _note(
        self,
        args: Args,
        at: float,
        status: int,
        answer: Json | bytes,
        content_type: str = "application/json",
        *,
        stored: bool = False,
    ) -> web.Response:
        error = None if isinstance(answer, bytes) else answer.get("description")
        self._write_down(args, at, status, error, stored=stored)
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return web.Response(status=status, body=body, content_type=content_type)

    def _write_down(
        self, args: Args, at: float, status: int, error: str | None = None, *, stored: bool = False
    ) -> None:
        self.calls.append(Call(args.method, args.plain(), at, status, error, stored, chat_in(args)))
        del self.calls[:-KEPT_CALLS]
        self._stirred()

    # --- Files

    async def _download(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        if request.match_info["token"] != self.token:
            return web.json_response(refusal(401, "Unauthorized")[1], status=401)
        file = next((one for one in self.chats.files.values() if one.path == path), None)
        self._write_down(Args("file", {"path": path}), time.monotonic(), 200 if file else 404)
        if file is None:
            return web.json_response(refusal(404, "Not Found")[1], status=404)
        return web.Response(body=file.content, content_type="application/octet-stream")
