"""The body of a request, taken whole within bounds, and read as JSON without the surprises that JSON allows."""

from __future__ import annotations

import asyncio
import json
from typing import Any, NoReturn

from aiohttp import web

Json = dict[str, Any]

BODY = 1024 * 1024
"""Bytes: more than any platform's largest payload."""
READ_SECONDS = 5.0
DIGITS = 18
"""Longer whole numbers do not fit the database; no platform sends any."""


class TooLarge(Exception):
    """The body is larger than anything that the platform sends."""


class Malformed(Exception):
    """What arrived is not what the platform sends."""


async def read(request: web.Request) -> bytes:
    """The raw body. Raises `TooLarge`, `TimeoutError`, `Malformed` (cut off, or wrongly compressed)."""
    if (request.content_length or 0) > BODY:
        raise TooLarge
    whole = bytearray()
    async with asyncio.timeout(READ_SECONDS):
        try:
            async for piece in request.content.iter_any():
                whole += piece
                if len(whole) > BODY:
                    raise TooLarge
        except (web.RequestPayloadError, ConnectionError, ValueError) as error:
            raise Malformed from error
    return bytes(whole)


def json_object(text: str) -> Json:
    """A JSON object. Raises `ValueError` for all else: double keys, NaN, infinities, numbers that nothing keeps.

    Raises `RecursionError` where it is nested too deep.
    """
    value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse, parse_int=_whole, parse_float=_finite)
    if not isinstance(value, dict):
        raise ValueError
    return value


def _unique(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _refuse(_constant: str) -> NoReturn:
    raise ValueError


def _whole(digits: str) -> int:
    if len(digits) > DIGITS:
        raise ValueError
    return int(digits)


def _finite(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise ValueError
    return value
