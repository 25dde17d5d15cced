"""The gate: a request is Slack's own if its signature says so; only then is it read, and if it is sound."""

from __future__ import annotations

import hmac
from binascii import a2b_qp
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from bot.platforms.bodies import Json as Json
from bot.platforms.bodies import Malformed as Malformed
from bot.platforms.bodies import TooLarge as TooLarge
from bot.platforms.bodies import json_object
from bot.platforms.bodies import read as read

Clock = Callable[[], datetime]
WINDOW = 300
"""Seconds by which a signature's time may differ from ours: what Slack recommends against replays."""
FORM_FIELDS = 100


class Seal:
    """Slack's signature: HMAC-SHA256 of version, time and raw body, with the app's signing secret."""

    def __init__(self, secret: str, clock: Clock) -> None:
        if not secret.strip():
            raise ValueError("Slack's signing secret is empty: every request would be anybody's")
        self._key = secret.strip().encode()
        self._clock = clock

    def is_fresh(self, stamp: str) -> bool:
        """Whether the time in the header is one, and within the window."""
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
            return False
        return abs(self._clock().timestamp() - int(stamp)) <= WINDOW

    def is_signed(self, stamp: str, signature: str, raw: bytes) -> bool:
        """Whether the secret's owner signed exactly this body then; takes equally long for every no."""
        signed = hmac.digest(self._key, b"v0:%b:%b" % (stamp.encode(), raw), "sha256").hex()
        return hmac.compare_digest(f"v0={signed}".encode(), signature.encode("utf-8", "surrogateescape"))


# --- Reading, once the signature holds -------------------------------------------------------------------


def parse(raw: bytes, content_type: str, charset: str | None) -> Json:
    """The payload: JSON, a form, or JSON inside a form. Raises `Malformed` for all else, and quickly."""
    if charset is not None and charset.lower() not in ("utf-8", "utf8", "us-ascii"):
        raise Malformed
    try:
        text = raw.decode()
        if content_type == "application/json" or text.startswith("{"):
            return sound(_object(text))
        return _form(text)
    except (ValueError, RecursionError):  # also wrong UTF-8, and escapes that are not
        raise Malformed from None


def _form(text: str) -> Json:
    if text.count("&") >= FORM_FIELDS:
        raise ValueError
    parts = [part for part in text.split("&") if part]
    form = _unique([(_decoded(name), _decoded(value)) for name, _, value in (part.partition("=") for part in parts)])
    if "\0" in text or "%00" in text:
        raise ValueError
    payload = form.get("payload")
    return sound(_object(payload)) if payload is not None else sound(form)


def _decoded(part: str) -> str:
    """Text out of a form. The standard library takes a millisecond for a window's; so only for odd ones."""
    part = part.replace("+", " ")
    if "%" not in part:
        return part
    if part.isascii() and "=" not in part and "\n" not in part and "\r" not in part:
        plain = a2b_qp(part.replace("%", "="))
        if len(plain) == len(part) - 2 * part.count("%"):  # each % stood before two hexadecimal digits
            return plain.decode()
    return unquote(part, errors="strict")


def _object(text: str) -> Json:
    value = json_object(text)
    if "\\u0000" in text or "\\ud" in text or "\\uD" in text or "\0" in text:
        keepable(value)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def keepable(value: Any) -> None:
    """Raises `ValueError` for texts that no database keeps: with NUL, or half of a character."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            one.encode()
            if "\0" in one:
                raise ValueError
        elif isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list):
            waiting += one


_SHAPES: dict[str, tuple[type, ...]] = {
    "type": (str,),
    "command": (str,),
    "text": (str,),
    "user_id": (str,),
    "channel_id": (str,),
    "team_id": (str, type(None)),
    "trigger_id": (str,),
    "event_id": (str,),
    "event": (dict,),
    "view": (dict, type(None)),
    "container": (dict,),
    "message": (dict, type(None)),
    "user": (dict, str),
    "team": (dict, str, type(None)),
    "channel": (dict, str, type(None)),
    "enterprise": (dict, str, type(None)),
    "enterprise_id": (str, type(None)),
    "actions": (list,),
    "authorizations": (list, type(None)),
    "response_urls": (list,),
}


def sound(body: Json) -> Json:
    """The payload, if its outermost parts are of the kinds that Slack sends; raises `ValueError` if not."""
    for name, value in body.items():
        kinds = _SHAPES.get(name)
        if kinds is not None and not isinstance(value, kinds):
            raise ValueError
        if kinds is not None and isinstance(value, list) and not all(isinstance(one, dict) for one in value):
            raise ValueError
    return body
