"""Socket Mode: the line that the app opens to Slack, over which everything comes that would else be a
request.
"""

import asyncio
import contextlib
import json
import uuid
from typing import Any

from aiohttp import WSMsgType, web

Json = dict[str, Any]


class SocketMode:
    """The platform's end of every open line.

    `silent` makes all lines go dead without closing: no pongs, no pings, nothing read. `acks` holds what was
    answered to each envelope, in order of arrival.
    """

    def __init__(self, app_id: str, ping_seconds: float = 10.0) -> None:
        self.silent = False
        self.refuses = False
        self.ping_seconds = ping_seconds
        self.connections = 0
        self.acks: dict[str, Any] = {}
        self._app_id = app_id
        self._lines: list[web.WebSocketResponse] = []
        self._requests: dict[web.WebSocketResponse, web.Request] = {}
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._arrived = asyncio.Event()

    @property
    def open(self) -> int:
        """How many lines are open."""
        return len(self._lines)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Holds one line until it is closed."""
        if self.refuses:
            return web.Response(status=503)
        line = web.WebSocketResponse(autoping=False)
        await line.prepare(request)
        self.connections += 1
        await line.send_json(self._hello())
        self._lines.append(line)
        self._requests[line] = request
        self._arrived.set()
        pings = asyncio.create_task(self._ping(line))
        try:
            await self._listen(line)
        finally:
            pings.cancel()
            self._lines.remove(line)
            self._requests.pop(line, None)
        return line

    async def connected(self, lines: int = 1, *, ever: int = 1) -> None:
        """Waits until so many lines are open, and so many have been opened since the start."""
        while self.open < lines or self.connections < ever:
            self._arrived.clear()
            await self._arrived.wait()

    async def send(
        self,
        kind: str,
        payload: Json,
        *,
        envelope_id: str | None = None,
        retry_attempt: int = 0,
        retry_reason: str = "",
        timeout: float = 3.0,
    ) -> Any:
        """Sends an envelope (`events_api`, `interactive`, `slash_commands`) over one line, and waits for the
        ack.

        Returns the ack's payload ({} when it has none), or None when no ack came in time.
        """
        id = envelope_id or str(uuid.uuid4())
        envelope: Json = {"envelope_id": id, "type": kind, "payload": payload}
        envelope["accepts_response_payload"] = kind != "events_api"
        if kind == "events_api":
            envelope |= {"retry_attempt": retry_attempt, "retry_reason": retry_reason}
        if not self._lines or self.silent:
            return None
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[id] = answer
        await self._lines[-1].send_str(json.dumps(envelope))
        try:
            return await asyncio.wait_for(answer, timeout)
        except TimeoutError:
            return None
        finally:
            self._waiting.pop(id, None)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Tells every line to come back on a new one (`warning`, `refresh_requested`, `link_disabled`)."""
        for line in list(self._lines):
            await line.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-fake"}})

    def drop(self) -> None:
        """Cuts every line without a word."""
        for request in list(self._requests.values()):
            if request.transport is not None:
                request.transport.abort()

    async def close(self) -> None:
        """Closes every line, as the platform does when it stops."""
        for line in list(self._lines):
            with contextlib.suppress(Exception):
                await asyncio.wait_for(line.close(), 0.2)

    def _hello(self) -> Json:
        info = {"host": "applink-fake", "build_number": 1, "approximate_connection_time": 18060}
        connection = {"app_id": self._app_id}
        return {
            "type": "hello",
            "num_connections": self.open + 1,
            "debug_info": info,
            "connection_info": connection,
        }

    async def _ping(self, line: web.WebSocketResponse) -> None:
        while not line.closed:
            await asyncio.sleep(self.ping_seconds)
            if not self.silent:
                with contextlib.suppress(ConnectionError):
                    await line.ping(b"Ping from applink-fake")

    async def _listen(self, line: web.WebSocketResponse) -> None:
        async for message in line:
            if self.silent:
                continue
            if message.type == WSMsgType.PING:
                await line.pong(message.data)
            elif message.type == WSMsgType.TEXT:
                self._take_ack(json.loads(message.data))

    def _take_ack(self, ack: Json) -> None:
        id = str(ack.get("envelope_id"))
        self.acks[id] = ack.get("payload")
        waiting = self._waiting.get(id)
        if waiting is not None and not waiting.done():
            waiting.set_result(ack.get("payload") or {})
