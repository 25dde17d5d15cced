"""Slack's Web API, asked once: no retries in here; a failure is told by its code, never by its contents."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms.slack.blocks import Json

TIMEOUT = 10
"""Seconds for one call, from connecting to the last byte."""
RETRY_AFTER = 3600.0
"""Nobody waits longer than an hour, whatever the header says."""

quiet = logging.getLogger("opsbook.slack.sdk")
quiet.setLevel(logging.ERROR)  # a level of its own: at DEBUG the SDK writes down every message's text


class Refused(Exception):
    """Slack did not do it, or did not say so. `code` is Slack's own, or the kind of failure on the way."""

    def __init__(self, code: str, status: int = 0, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.retry_after = retry_after


def client_of(token: str, url: str, session: aiohttp.ClientSession | None = None) -> AsyncWebClient:
    """A client that sends each request once."""
    return AsyncWebClient(token=token, base_url=url, timeout=TIMEOUT, session=session, retry_handlers=[], logger=quiet)


async def call(client: AsyncWebClient, method: str, args: Json) -> Json:
    """Calls a method that takes JSON. Raises `Refused`, and nothing else."""
    return await _asked(client, method, json=args)


async def look(client: AsyncWebClient, method: str, args: Json) -> Json:
    """Calls a method that only reads: these take their arguments from the address."""
    return await _asked(client, method, params=args, http_verb="GET")


async def _asked(client: AsyncWebClient, method: str, **how: Any) -> Json:
    try:
        async with asyncio.timeout(TIMEOUT):
            response = await client.api_call(method, **how)
    except SlackApiError as error:
        raise _refused(error) from None
    except TimeoutError:
        raise Refused("timeout") from None
    except (
        aiohttp.ClientError, SlackClientError, OSError, ValueError, TypeError, AttributeError, RecursionError
    ) as error:  # fmt: skip  # what the SDK lets through when the answer is not what it expects
        raise Refused(type(error).__name__) from None
    return response.data if isinstance(response.data, dict) else {}


def _refused(error: SlackApiError) -> Refused:
    """`error.response` is the SDK's own, or aiohttp's where the body was not JSON."""
    response = error.response
    status = getattr(response, "status_code", None) or getattr(response, "status", None) or 0
    return _refusal(status, getattr(response, "data", None), getattr(response, "headers", {}).get("Retry-After"))


def _refusal(status: int, data: Any, retry_after: str | None) -> Refused:
    code = data.get("error") if isinstance(data, dict) else None
    limited = status == 429 or code in ("ratelimited", "rate_limited")
    wait = seconds(retry_after) if limited else None
    named = code if isinstance(code, str) and code.isprintable() else f"http_{status}"
    return Refused("ratelimited" if limited else named[:100], status, wait)


def seconds(header: str | None) -> float | None:
    """A Retry-After as it should be; None where it is missing, not a number, or negative. At most an hour."""
    try:
        value = float(header or "")
    except ValueError:
        return None
    return min(value, RETRY_AFTER) if math.isfinite(value) and value >= 0 else None


async def faults(token: str, app_token: str | None, url: str, rooms: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """For `check`: what is wrong with the tokens and with the rooms' channels (id → room), and what is not known."""
    async with aiohttp.ClientSession() as session:
        client = client_of(token, url, session)
        try:
            await call(client, "auth.test", {})
        except Refused as error:
            if error.code in _BAD_TOKEN:
                return [f"SLACK_BOT_TOKEN: Slack refuses it ({error.code}); copy the bot token from the app's page"], []
            return [], [
                f"SLACK_API_URL: Slack can't be reached now ({error.code}); the token and the rooms were not checked"
            ]
        wrong: list[str] = []
        unknown: list[str] = []
        if app_token is not None:
            try:
                await call(client_of(app_token, url, session), "apps.connections.open", {})
            except Refused as error:
                words = f"SLACK_APP_TOKEN: Slack refuses it ({error.code}); it needs the scope connections:write"
                (wrong if error.code in _BAD_TOKEN else unknown).append(words)
        for channel, room in rooms.items():
            try:
                info = (await look(client, "conversations.info", {"channel": channel})).get("channel")
            except Refused as error:
                if error.code == "channel_not_found":
                    wrong.append(f"rooms.{room}: Slack has no channel {channel}, or the bot is not in that private one")
                else:
                    unknown.append(f"rooms.{room}: Slack does not tell of the channel {channel} ({error.code})")
                continue
            if isinstance(info, dict) and (info.get("is_archived") or info.get("is_member") is False):
                why = "is archived" if info.get("is_archived") else "does not have the bot in it: type /invite @Opsbook"
                wrong.append(f"rooms.{room}: the channel {channel} {why}")
        return wrong, unknown


_BAD_TOKEN = {
    "invalid_auth",
    "not_authed",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "not_allowed_token_type",
}
