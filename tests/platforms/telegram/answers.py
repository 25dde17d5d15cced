"""What the fake Telegram answers with, and what it writes down of each call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.platforms.telegram.chats import Refused
from tests.platforms.telegram.wire import Args

Json = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One call that arrived. `status` is the HTTP status answered, 0 when the connection was cut or left hanging.

    `error` is the description in the answer; `stored` says whether it was carried out, whatever was answered.
    """

    method: str
    args: Json
    at: float
    status: int
    error: str | None = None
    stored: bool = False
    chat: int | None = None


async def nowhere(request: web.Request) -> web.StreamResponse:
    """Any other address."""
    status, answer = refusal(404, "Not Found")
    return web.json_response(answer, status=status)


def refusal(code: int, description: str, parameters: Json | None = None) -> tuple[int, Json]:
    """The status and the body that say no."""
    answer: Json = {"ok": False, "error_code": code, "description": description}
    return code, answer | ({"parameters": parameters} if parameters else {})


def refusal_of(refused: Refused) -> tuple[int, Json]:
    """The same, for what was raised."""
    return refusal(refused.code, refused.description, refused.parameters)


def chat_in(args: Args) -> int | None:
    """The chat of a call, where it names one by its number."""
    try:
        return int(args.text("chat_id"))
    except ValueError:
        return None


def abort(request: web.Request) -> web.StreamResponse:
    """Closes the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
