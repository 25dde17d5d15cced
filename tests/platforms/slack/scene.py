"""What the tests of the fake Slack stand on: a clock, an app that listens, a card, a form, a few blocks."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from aiohttp import web
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier

Json = dict[str, Any]

SECRET = "a-signing-secret"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class VerifierClock:
    """The same clock, as the SDK's verifier wants it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def now(self) -> float:
        return self.clock().timestamp()


class App:
    """An app that checks signatures with the real verifier, and answers as it was told."""

    def __init__(self, clock: Clock) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.answer: Json | str = ""
        self.status = 200
        self.url = ""
        verifier_clock: Any = VerifierClock(clock)
        self._verifier = SignatureVerifier(SECRET, verifier_clock)

    async def start(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_post("/slack/events", self._hear)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    async def _hear(self, request: web.Request) -> web.Response:
        body = await request.read()
        if not self._verifier.is_valid_request(body, dict(request.headers)):
            return web.Response(status=401)
        self.heard.append((dict(request.headers), body))
        if isinstance(self.answer, dict):
            return web.json_response(self.answer, status=self.status)
        return web.Response(text=self.answer, status=self.status)

    async def payload(self, index: int = -1) -> Json:
        """What was heard, read as the real frameworks read it."""
        headers, body = self.heard[index]
        if headers["Content-Type"] == "application/json":
            return dict(json.loads(body))
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        return dict(json.loads(form["payload"])) if "payload" in form else dict(form)


async def refused(call: Any) -> tuple[str, list[str]]:
    """The error and the messages of a refused call."""
    with pytest.raises(SlackApiError) as caught:
        await call
    answer = caught.value.response
    return answer["error"], (answer.get("response_metadata") or {}).get("messages", [])


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def button(label: str, action: str, **more: Any) -> Json:
    return {"type": "button", "text": plain(label), "action_id": action, **more}


def option(label: str, value: str) -> Json:
    return {"text": plain(label), "value": value}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def asks(id: str, label: str, **element: Any) -> Json:
    return {"type": "input", "block_id": id, "label": plain(label), "element": {"action_id": "x", **element}}


CARD: list[Json] = [
    {"type": "header", "text": plain("Complaint C-1")},
    {"type": "section", "fields": [mrkdwn("*Customer:*\nMs Lee"), mrkdwn("*Owner:*\nnobody &amp; none")]},
    actions(button("I take it", "tickets.take:1:1"), button("Close", "tickets.close:1:1")),
]
ASKED: Json = {
    "type": "modal",
    "callback_id": "complaint",
    "title": plain("New complaint"),
    "submit": plain("Send"),
    "close": plain("Cancel"),
    "blocks": [
        asks("customer", "Customer", type="plain_text_input", max_length=20),
        asks("urgency", "How soon?", type="static_select", options=[option("Today", "t"), option("Later", "l")]),
        asks("day", "When?", type="datepicker") | {"optional": True},
        asks("count", "How many?", type="number_input", is_decimal_allowed=False, initial_value="1"),
        asks("tags", "Tags", type="checkboxes", options=[option("A", "a"), option("B", "b")]) | {"optional": True},
        asks("who", "Who?", type="users_select", initial_user="U2"),
    ],
}


def section(text: str) -> Json:
    return {"type": "section", "text": mrkdwn(text)}


def confirm(**more: Json) -> Json:
    whole = {"title": plain("T"), "text": plain("x"), "confirm": plain("Yes"), "deny": plain("No")}
    return {"confirm": whole | more}


def select(*options: Json, **more: Any) -> Json:
    return actions({"type": "static_select", "action_id": "s", "options": list(options), **more})


def table(rows: int, columns: int, text: str = "x") -> Json:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": text}] * columns] * rows}
