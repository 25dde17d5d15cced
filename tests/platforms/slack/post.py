"""Slack's post: signs a request as Slack does, sends it, and can send the very same bytes again."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypedDict
from urllib.parse import urlencode

import aiohttp

from tests.platforms.slack.socket_mode import SocketMode
from tests.platforms.slack.workspace import Clock

Json = dict[str, Any]

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


class Answer(NamedTuple):
    """What the app answered: the HTTP status, and the body (an object where it is JSON, else the text)."""

    status: int
    body: Any


@dataclass(frozen=True)
class Sent:
    """A request to the last byte, so that it can be sent again."""

    headers: dict[str, str]
    body: bytes


class How(TypedDict, total=False):
    """How a request differs from an honest, timely first delivery."""

    retry_num: int  # X-Slack-Retry-Num, with X-Slack-Retry-Reason
    retry_reason: str
    event_id: str  # instead of a fresh one
    trigger_id: str  # instead of a fresh one
    skew: float  # seconds by which the timestamp is off
    timestamp: str | None  # the header as it stands; None leaves it out
    secret: str  # sign with this one
    signature: str | None  # the header as it stands; None leaves it out
    headers: Mapping[str, str]  # more headers, or others in their place
    tamper: Callable[[bytes], bytes]  # changes the body after signing
    change: Callable[[Json], Json]  # changes the payload before signing
    team: str  # the person's own workspace, for Slack Connect


class Post:
    """The way from Slack to one app."""

    def __init__(self, url: str, secret: str, clock: Clock, timeout: float, line: SocketMode | None) -> None:
        self.url, self.secret, self.clock = url, secret, clock
        self.last: Sent | None = None
        self._line = line
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Hangs up."""
        if self._session is not None:
            await self._session.close()

    async def resend(self, sent: Sent | None = None) -> Answer:
        """Sends the last request (or the one given) once more, equal to the last byte."""
        again = sent or self.last
        assert again is not None, "nothing was sent before"
        return await self._post(again)

    def request(self, kind: str, payload: Json, how: How | None = None) -> Sent:
        """The signed request without sending it, for whoever wants to send it in a way of their own."""
        how = how or {}
        if kind == "events_api":
            body, content_type = json.dumps(payload).encode(), JSON
        elif kind == "slash_commands":
            body, content_type = urlencode(payload).encode(), FORM
        else:
            body, content_type = urlencode({"payload": json.dumps(payload)}).encode(), FORM
        stamp = how.get("timestamp", str(int(self.clock().timestamp() + how.get("skew", 0.0))))
        signed = f"v0:{stamp}:".encode() + body
        digest = hmac.new(how.get("secret", self.secret).encode(), signed, hashlib.sha256).hexdigest()
        given: dict[str, str | None] = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "Accept": "*/*",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": how.get("signature", f"v0={digest}"),
        }
        if "retry_num" in how:
            given["X-Slack-Retry-Num"] = str(how["retry_num"])
            given["X-Slack-Retry-Reason"] = how.get("retry_reason", "http_timeout")
        headers = {name: value for name, value in given.items() if value is not None}
        tamper = how.get("tamper")
        return Sent(headers | dict(how.get("headers", {})), tamper(body) if tamper else body)

    async def send(self, kind: str, payload: Json, how: How) -> Answer:
        """Signs and sends a payload, or hands it over the open line of Socket Mode; status 0 when nobody
        acks.
        """
        change = how.get("change")
        payload = change(payload) if change else payload
        if self._line is not None:
            retry, reason = how.get("retry_num", 0), how.get("retry_reason", "")
            ack = await self._line.send(kind, payload, retry_attempt=retry, retry_reason=reason)
            return Answer(0, "") if ack is None else Answer(200, ack or "")
        self.last = self.request(kind, payload, how)
        return await self._post(self.last)

    async def _post(self, sent: Sent) -> Answer:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        async with self._session.post(self.url, data=sent.body, headers=sent.headers) as response:
            text = await response.text()
            if response.content_type == JSON and text:
                return Answer(response.status, json.loads(text))
            return Answer(response.status, text)
