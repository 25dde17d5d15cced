"""A Slack that runs on this machine: it keeps what was written, refuses what Slack refuses, and misbehaves on
request.

In a test: `async with FakeSlack() as slack:` and give `slack.api_url` to the client as its base_url.
For a bench: `python -m tests.platforms.slack.fake --port 0 --journal calls.jsonl --seconds 60`.
"""

import asyncio
import contextlib
import json
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from aiohttp import web

from bot.platforms.slack import manifest
from tests.platforms.slack import methods, script, uploads, windows
from tests.platforms.slack.socket_mode import SocketMode
from tests.platforms.slack.workspace import Clock, Message, Refused, Workspace, wall_clock

Json = dict[str, Any]

BOT_TOKEN = "xoxb-fake-bot-token"
APP_TOKEN = "xapp-fake-app-token"
SIGN_IN = b"<!DOCTYPE html><html><body>Sign in to your workspace</body></html>"


@dataclass(frozen=True)
class Call:
    """One call that arrived. `status` is the HTTP status answered, 0 when the connection was cut or left
    hanging.

    `error` is the error named in the answer; `stored` says whether it was carried out, whatever was answered.
    """

    method: str
    args: Json
    at_monotonic: float
    status: int
    at: datetime
    error: str | None = None
    stored: bool = False
    warnings: tuple[str, ...] = ()


class FakeSlack:
    """The server. What may be arranged and looked at in the workspace is at hand here under the
    same names.
    """

    def __init__(
        self,
        *,
        clock: Clock = wall_clock,
        token: str = BOT_TOKEN,
        app_token: str = APP_TOKEN,
        team_id: str = "T0001",
        bot_user: str = "UBOT",
        limits: bool = False,
        accept_any_trigger: bool = False,
        port: int = 0,
        journal: Path | None = None,
        ping_seconds: float = 10.0,
    ) -> None:
        self.workspace = space = Workspace(clock, team_id, bot_user, accept_any_trigger)
        self.token, self.app_token, self.limits = token, app_token, limits
        self.calls: list[Call] = []
        self.socket = SocketMode(space.app_id, ping_seconds)
        self.script = script.Script()
        self.misbehave, self.always = self.script.misbehave, self.script.always
        self.mix, self.behave = self.script.mix, self.script.behave
        self.add_user, self.add_channel, self.channel = space.add_user, space.add_channel, space.channel
        self.reads, self.ephemerals, self.home = space.reads, space.ephemerals, space.home
        self.modal, self.modals, self.live = space.modal, space.modals, space.live
        self.issue_trigger = space.issue_trigger
        self.revoked: str | None = None
        self.scopes = set(manifest.SCOPES)
        self._pace = methods.Pace()
        self._port, self._journal_path = port, journal
        self._journal: TextIO | None = None
        self._runner: web.AppRunner | None = None
        self._stopping = asyncio.Event()

    # --- Life

    async def __aenter__(self) -> "FakeSlack":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listens on 127.0.0.1; on a free port unless one was given."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/response/{id}", self._respond)
        app.router.add_post("/upload/{id}", self._upload)
        app.router.add_get("/files/{id}/download/{name}", self._download)
        app.router.add_get("/signin", self._sign_in)
        app.router.add_get("/link", self.socket.serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        if self._journal_path is not None:
            self._journal = self._journal_path.open("a", encoding="utf-8")

    async def stop(self) -> None:
        """Lets go of every connection, hanging ones too."""
        self._stopping.set()
        await self.socket.close()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._journal is not None:
            self._journal.close()

    @property
    def url(self) -> str:
        """The address, without a path."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def api_url(self) -> str:
        """The base_url for a client."""
        return f"{self.url}/api/"

    # --- What a test may ask

    def calls_of(self, method: str, channel: str | None = None) -> list[Call]:
        """The calls of one method, of one channel when given, in order of arrival."""
        return [one for one in self.calls if one.method == method and channel in (None, one.args.get("channel"))]

    def response_url(self, user: str, channel: str, message: Message | None = None) -> str:
        """A fresh response_url: five uses, half an hour."""
        return f"{self.url}/response/{self.workspace.issue_response(user, channel, message)}"

    def revoke(self, error: str = "token_revoked") -> None:
        """From now on every token is refused with this error."""
        self.revoked = error

    def add_file(self, name: str, content: bytes, user: str, mimetype: str = "application/octet-stream") -> Json:
        """A file that a person has uploaded; returns the object as events carry it."""
        id = self.workspace.new_id("F")
        self.workspace.files[id] = {
            "name": name,
            "title": name,
            "content": content,
            "user": user,
            "mimetype": mimetype,
        }
        return uploads.file_json(self.workspace, id, self.url)

    # --- The Web API

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        at = time.monotonic()
        if self.script.cuts_unread(method):
            return self._cut(request, method, {}, at, stored=False)
        args = await _read(request)
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        inside = str(args.pop("token", ""))
        token = bearer or inside
        step = self.script.next(method, _target(args))
        told = args | ({"_json": True} if request.content_type == "application/json" else {})
        return await self._play(request, step, method, args, at, lambda: self._answer(method, told, token))

    def _answer(self, method: str, args: Json, token: str) -> tuple[int, Json]:
        """The answer of a Slack in good health."""
        wants = self.app_token if method == "apps.connections.open" else self.token
        if not token:
            return 200, {"ok": False, "error": "not_authed"}
        if self.revoked:
            return 200, {"ok": False, "error": self.revoked}
        if token != wants:
            known = token in (self.token, self.app_token)
            return 200, {"ok": False, "error": "not_allowed_token_type" if known else "invalid_auth"}
        if method == "apps.connections.open":
            return 200, {
                "ok": True,
                "url": f"ws://127.0.0.1:{self._port}/link?ticket={self.workspace.new_id('t')}",
            }
        if self.limits and self._pace.too_soon(method, str(args.get("channel")), self.workspace.clock()):
            return 429, {"ok": False, "error": "ratelimited"}
        needed = methods.SCOPES.get(method)
        if needed is not None and needed not in self.scopes:
            provided = ",".join(sorted(self.scopes))
            return 200, {"ok": False, "error": "missing_scope", "needed": needed, "provided": provided}
        return 200, methods.call(self.workspace, method, args | {"_base": self.url})

    async def _play(
        self, request: web.Request, step: script.Step, method: str, args: Json, at: float, act: Any
    ) -> web.StreamResponse:
        """Carries the call out, or not, and answers as the script has it."""
        match step:
            case script.Status(code, body, content_type):
                return self._note(method, args, at, web.Response(status=code, body=body, content_type=content_type))
            case script.Limited(retry_after):
                headers = {} if retry_after is None else {"Retry-After": retry_after}
                return self._note(method, args, at, _json(429, {"ok": False, "error": "ratelimited"}, headers))
            case script.Fails(error):
                return self._note(method, args, at, _json(200, {"ok": False, "error": error}), error=error)
            case script.Hang(seconds):
                self._write_down(Call(method, args, at, 0, self.workspace.clock()))
                await self._wait(seconds)
                return _abort(request)
            case script.CutBeforeRead():
                return self._cut(request, method, args, at, stored=False)
            case script.Garbage(body, stores) if not stores:
                return self._note(method, args, at, web.Response(body=body, content_type="application/json"))
            case script.Empty(stores) if not stores:
                return self._note(method, args, at, web.Response(content_type="application/json"))
            case script.Truncated(stores) if not stores:
                return self._note(
                    method,
                    args,
                    at,
                    web.Response(body=b'{"ok":true,"ts":"1', content_type="application/json"),
                )
        status, answer = act()
        return await self._played(request, step, method, args, at, status, answer)

    async def _played(
        self,
        request: web.Request,
        step: script.Step,
        method: str,
        args: Json,
        at: float,
        status: int,
        answer: Json,
    ) -> web.StreamResponse:
        """Answers a call that has been carried out."""
        done, error = bool(answer.get("ok")), answer.get("error")
        body = json.dumps(answer).encode()
        response: web.Response = _json(status, answer, {"Retry-After": "1"} if status == 429 else {})
        match step:
            case script.StoreThenCut():
                return self._cut(request, method, args, at, stored=done)
            case script.StoreThen500():
                response = web.Response(status=500, body=script.Status(500).body, content_type="text/html")
            case script.Garbage(garbage):
                response = web.Response(body=garbage, content_type="application/json")
            case script.Empty():
                response = web.Response(content_type="application/json")
            case script.Truncated():
                response = web.Response(body=body[: len(body) // 2], content_type="application/json")
            case script.Slow(seconds, pieces):
                self._note(method, args, at, response, error=error, stored=done)
                return await self._trickle(request, body, seconds, pieces)
        warnings = tuple((answer.get("response_metadata") or {}).get("warnings") or ())
        return self._note(method, args, at, response, error=error, stored=done, warnings=warnings)

    async def _trickle(self, request: web.Request, body: bytes, seconds: float, pieces: int) -> web.StreamResponse:
        slow = web.StreamResponse(headers={"Content-Type": "application/json; charset=utf-8"})
        await slow.prepare(request)
        size = max(1, -(-len(body) // pieces))
        for start in range(0, len(body), size):
            await self._wait(seconds / pieces)
            await slow.write(body[start : start + size])
        return slow

    async def _wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    def _cut(self, request: web.Request, method: str, args: Json, at: float, *, stored: bool) -> web.StreamResponse:
        self._write_down(Call(method, args, at, 0, self.workspace.clock(), stored=stored))
        return _abort(request)

    def _note(self, method: str, args: Json, at: float, response: web.Response, **more: Any) -> web.Response:
        self._write_down(Call(method, args, at, response.status, self.workspace.clock(), **more))
        return response

    def _write_down(self, call: Call) -> None:
        self.calls.append(call)
        if self._journal is not None:
            self._journal.write(json.dumps(asdict(call), default=str) + "\n")
            self._journal.flush()

    # --- What isn't the Web API

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        at = time.monotonic()
        if self.script.cuts_unread("response_url"):
            return self._cut(request, "response_url", {}, at, stored=False)
        args = await _read(request)

        def act() -> tuple[int, Json]:
            try:
                windows.respond(self.workspace, request.match_info["id"], args)
            except Refused as refused:
                gone = refused.error in ("used_url", "expired_url", "no_service")
                return 404 if gone else 400, {"ok": False, "error": refused.error}
            return 200, {"ok": True}

        return await self._play(request, self.script.next("response_url", None), "response_url", args, at, act)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        """Takes no token: the address itself is the right."""
        if "Authorization" in request.headers:
            return web.Response(status=400, text="the token belongs elsewhere")
        if request.content_type == "multipart/form-data":
            parts = await request.post()
            held = [one.file.read() for one in parts.values() if isinstance(one, web.FileField)]
            content = held[0] if held else b""
        else:
            content = await request.read()
        id, at = request.match_info["id"], time.monotonic()

        def act() -> tuple[int, Json]:
            refusal = uploads.receive(self.workspace, id, content)
            return (400, {"ok": False, "error": refusal}) if refusal else (200, {"ok": True})

        step = self.script.next("upload", None)
        return await self._play(request, step, "upload", {"id": id, "length": len(content)}, at, act)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        """The content, for the bot's token only; anybody else is sent to a page of HTML, as Slack does."""
        file = self.workspace.files.get(request.match_info["id"])
        self._write_down(
            Call("files.download", dict(request.match_info), time.monotonic(), 200, self.workspace.clock())
        )
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            raise web.HTTPFound("/signin")
        if file is None:
            return web.Response(status=404)
        return web.Response(body=file["content"], content_type=file.get("mimetype", "application/octet-stream"))

    async def _sign_in(self, request: web.Request) -> web.StreamResponse:
        return web.Response(body=SIGN_IN, content_type="text/html")


def _target(args: Json) -> str | None:
    target = args.get("channel") or args.get("channel_id")
    return str(target) if target else None


async def _read(request: web.Request) -> Json:
    """The arguments, from wherever the client put them."""
    found: Json = dict(request.query)
    if request.content_type == "application/json":
        with contextlib.suppress(ValueError):
            body = await request.json()
            found |= body if isinstance(body, dict) else {}
    elif request.method == "POST":
        found |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    return found


def _json(status: int, answer: Json, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response(answer, status=status, headers=headers)


def _abort(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


if __name__ == "__main__":
    from tests.platforms.slack.bench_server import main

    main()
