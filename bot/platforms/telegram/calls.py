"""One call to Telegram: asked once, within ten seconds, and whatever goes wrong is told without the bot's token."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
from typing import Any
from urllib.parse import urlsplit

import httpx
from telegram import InputFile
from telegram.error import TelegramError, TimedOut
from telegram.request import HTTPXRequest, RequestData
from telegram.request._requestparameter import RequestParameter  # the way in that keeps the answer as it came

from bot.platforms.telegram.refusals import Refused, refusal

Json = dict[str, Any]

TIMEOUT = 10.0
"""Seconds for one call, from waiting for a connection to the last byte."""
STEP = 8.0
"""Seconds for each step of a call: connecting, writing, reading."""
POOL = 16
POLLS = 2
DOWNLOADS = 4
MOST_BYTES = 20 * 1024 * 1024
"""Telegram gives a bot no larger files than these."""

for _name in ("httpx", "httpcore", "telegram"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # at INFO httpx writes the token with every request


class Calls:
    """The connections of one bot. Polls and downloads have their own, so that they never hold up what is said."""

    def __init__(self, token: str, api_url: str) -> None:
        if not token:
            raise ValueError("Telegram needs the bot's token")
        base = api_url.rstrip("/")
        self._token = token
        self._methods = f"{base}/bot{token}"
        self._files = f"{base}/file/bot{token}"
        how = _how(base)
        self._said = _request(POOL, how)
        self._polled = _request(POLLS, how)
        limits = httpx.Limits(max_connections=DOWNLOADS)
        self._fetched = httpx.AsyncClient(timeout=STEP, limits=limits, follow_redirects=False, **how)

    async def close(self) -> None:
        """Ends all connections; a call after this is refused."""
        await asyncio.gather(self._said.shutdown(), self._polled.shutdown(), self._fetched.aclose())

    async def call(self, method: str, args: Json, *, polls: int | None = None) -> Any:
        """Calls a method and returns its `result` as it came. `polls`: seconds that Telegram may keep us waiting.

        Raises `Refused`, and nothing else. Nothing is sent twice.
        """
        data = RequestData([RequestParameter.from_input(name, value) for name, value in args.items()])
        request, wait = (self._said, 0) if polls is None else (self._polled, polls)
        try:
            async with asyncio.timeout(TIMEOUT + wait):
                status, payload = await request.do_request(
                    f"{self._methods}/{method}", "POST", data, read_timeout=STEP + wait
                )
        except (TimeoutError, TimedOut):
            raise Refused("timeout") from None
        except TelegramError as error:
            raise Refused(type(error.__cause__ or error).__name__) from None
        except (httpx.InvalidURL, OSError, ValueError, TypeError, RuntimeError) as error:
            raise Refused(type(error).__name__) from None
        return self._result(status, payload)

    def _result(self, status: int, payload: bytes) -> Any:
        try:
            said = json.loads(payload)
        except (ValueError, RecursionError):
            said = None
        if 200 <= status < 300:
            if isinstance(said, dict) and said.get("ok") is True and "result" in said:
                return said["result"]
            if not isinstance(said, dict) or said.get("ok") is not False:
                raise Refused("the answer can't be read", status)
        if isinstance(said, dict) and isinstance(said.get("description"), str):
            said["description"] = said["description"].replace(self._token, "***")
        raise refusal(status, said)

    async def fetch(self, path: str) -> bytes:
        """A file's bytes, by its (already quoted) path at Telegram; at most `MOST_BYTES`. Raises `Refused`."""
        found = bytearray()
        try:
            async with asyncio.timeout(TIMEOUT), self._fetched.stream("GET", f"{self._files}/{path}") as answer:
                if answer.status_code != 200:
                    raise refusal(answer.status_code, None)
                async for piece in answer.aiter_bytes():
                    found += piece
                    if len(found) > MOST_BYTES:
                        raise too_big()
        except (TimeoutError, httpx.TimeoutException):
            raise Refused("timeout") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, RuntimeError) as error:
            raise Refused(type(error).__name__) from None
        return bytes(found)


def too_big() -> Refused:
    """A file that we do not take."""
    return Refused("the file is too big", 413)


def upload(name: str, mime: str, data: bytes) -> InputFile:
    """A file as an argument of a call."""
    file = InputFile(data, filename=name)
    file.mimetype = mime
    return file


def _request(connections: int, how: dict[str, Any]) -> HTTPXRequest:
    return HTTPXRequest(
        connections,
        read_timeout=STEP,
        write_timeout=STEP,
        connect_timeout=STEP,
        pool_timeout=STEP,
        media_write_timeout=STEP,
        httpx_kwargs=how,
    )


def _how(url: str) -> dict[str, Any]:
    """A company's proxy leads out, never to this machine; certificates are read once, where there is TLS at all."""
    is_outside = not _is_loopback(url)
    certificates = httpx.create_ssl_context(trust_env=is_outside) if url.startswith("https:") else False
    return {"trust_env": is_outside, "verify": certificates}


def _is_loopback(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
