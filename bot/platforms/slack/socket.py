"""Socket Mode: we call Slack, so no address of ours is needed. A connection gone silent is made anew."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable

import aiohttp
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms.slack.api import TIMEOUT
from bot.platforms.slack.gate import Json, keepable, sound

log = logging.getLogger(__name__)

PING = 5.0
"""Seconds between two pings of ours."""
SILENCE = 30.0
"""Seconds without a sign of life after which a connection is given up; the SDK's own watch misses some."""
FIRST = 5.0
"""Seconds that a start waits for the first connection; it goes on in the background after that."""
LONGEST_WAIT = 60.0

_quiet = logging.getLogger("opsbook.slack.socket")
_quiet.setLevel(logging.CRITICAL)  # the SDK logs payloads at DEBUG, and a traceback for each vain attempt

Receive = Callable[[Json], Awaitable[BoltResponse]]


class Socket:
    """Keeps one connection alive, and acknowledges an envelope when what it holds has been kept."""

    def __init__(
        self,
        app_token: str,
        web: AsyncWebClient,
        receive: Receive,
        *,
        silence: float = SILENCE,
        ping: float = PING,
    ) -> None:
        self._token = app_token
        self._web = web
        self._receive = receive
        self._silence = silence
        self._ping = ping
        self._connection: SocketModeClient | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._connected = asyncio.Event()
        self._closed = False
        self._last_sign = 0.0

    async def start(self) -> None:
        """Returns when connected, or after some seconds: then it is connected in the background."""
        self._closed = False
        self._keeper = asyncio.ensure_future(self._keep())
        try:
            async with asyncio.timeout(FIRST):
                await self._connected.wait()
        except TimeoutError:
            log.warning("Slack's socket is not connected yet; trying on")

    async def stop_intake(self) -> None:
        """Takes no more envelopes; those under way can still be acknowledged."""
        self._closed = True
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)

    async def close(self) -> None:
        """Ends the connection."""
        await self._hang_up()

    async def _keep(self) -> None:
        wait = 1.0
        while not self._closed:
            if await self._connect():
                wait = 1.0
                await self._watch()
                log.info("Slack's socket is connected anew")
            else:
                await asyncio.sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT)
            await self._hang_up()

    async def _connect(self) -> bool:
        try:
            async with asyncio.timeout(TIMEOUT):
                connection = SocketModeClient(
                    self._token,
                    logger=_quiet,
                    web_client=self._web,
                    auto_reconnect_enabled=False,  # we watch ourselves
                    ping_interval=self._ping,
                )
                self._connection = connection
                connection.socket_mode_request_listeners.append(self._take)
                connection.on_message_listeners.append(self._sign)
                connection.wss_uri = await connection.issue_new_wss_url()
                await connection.connect()  # type: ignore[no-untyped-call]
        except (
            aiohttp.ClientError,
            SlackClientError,
            OSError,
            ValueError,
            TypeError,
            AttributeError,
        ) as error:
            log.warning("Slack's socket can't be connected: %s", type(error).__name__)
            return False
        self._last_sign = asyncio.get_running_loop().time()
        self._connected.set()
        return True

    async def _watch(self) -> None:
        """Returns once the connection is closed, or has been silent for too long."""
        loop, connection = asyncio.get_running_loop(), self._connection
        pong: float | None = None
        while connection is not None and not self._closed:
            await asyncio.sleep(min(1.0, self._silence / 4))
            if connection.last_ping_pong_time != pong:
                pong, self._last_sign = connection.last_ping_pong_time, loop.time()
            session = connection.current_session
            if session is None or session.closed:
                return
            if loop.time() - self._last_sign > self._silence:
                log.warning("Slack's socket has been silent for %.0f s", self._silence)
                return

    async def _sign(self, _message: aiohttp.WSMessage) -> None:
        self._last_sign = asyncio.get_running_loop().time()

    async def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            async with asyncio.timeout(2.0):
                await connection.close()  # type: ignore[no-untyped-call]
        except (TimeoutError, aiohttp.ClientError, OSError):
            await connection.aiohttp_client_session.close()

    async def _take(self, connection: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        """Acknowledged only with a 200: Slack sends an event again whose acknowledgement it misses."""
        if self._closed:
            return
        try:
            body = sound(request.payload)
            keepable(body)
        except (ValueError, AttributeError):
            return
        answer = await self._receive(body)
        if answer.status != 200:
            return
        payload = _payload(answer)
        response = SocketModeResponse(request.envelope_id, payload)
        try:
            await connection.send_socket_mode_response(response)
        except (aiohttp.ClientError, OSError):
            log.warning("an acknowledgement did not reach Slack; it will ask again")


def _payload(answer: BoltResponse) -> Json | None:
    if not answer.body:
        return None
    return dict(json.loads(answer.body)) if answer.body.startswith("{") else {"text": answer.body}
