"""What comes in from Slack: nothing is read before its signature holds, or answered before it is kept."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from aiohttp import web
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.answer import Answer, Enclosing, Outcome
from bot.events import Commanded, Event, Identity, Submitted
from bot.platforms.slack import reading
from bot.platforms.slack.bolt import Take, bolt_of
from bot.platforms.slack.gate import Json, Malformed, Seal, TooLarge, parse, read
from bot.platforms.slack.modals import errors_of, modal_of, reopened
from bot.platforms.slack.reading import Arrived, Ours
from bot.platforms.slack.replies import (
    EVERYBODY,
    LATE,
    NOT_OPENED,
    PRESS_AGAIN,
    Replies,
    is_private,
    whisper,
    words_of,
)
from bot.platforms.tasks import Tasks
from bot.ui.card import Card
from bot.ui.form import Asking
from bot.words import Speaker
from config.text import Words
from storage.errors import StorageBusy
from storage.places import Address

BOUND = 2.5
"""Seconds: Slack waits 3 for an answer, the way included. What takes longer goes on, and is told later."""

REMEMBERED = 200
"""Answers to forms, kept so that a form sent twice shows the same twice."""

Leaving = Callable[[Identity], Awaitable[object]]


class Desk(Protocol):
    """Where events are handed over; the answer comes after the commit."""

    async def handle(self, event: Event, *, can_ask: bool, enclosing: Enclosing | None = None) -> Answer:
        """Takes an event; without `can_ask` the reply is never a form, for it could not be opened.

        `enclosing`: where files of ours go that the reply carries.
        """


class Incoming:
    """Takes Slack's payloads, from HTTP or from the socket, to the desk, and the desk's answers back."""

    def __init__(
        self, desk: Desk, replies: Replies, tasks: Tasks, ours: Ours, on_leaver: Leaving, seal: Seal | None
    ) -> None:
        self.desk = desk
        self.replies = replies
        self.tasks = tasks
        self.ours = ours
        self.on_leaver = on_leaver
        self.seal = seal
        self.closed = False
        self.bound = BOUND
        self._sent: OrderedDict[str, str] = OrderedDict()
        self.bolt = bolt_of(replies.client, ours, self._take)
        self._kinds: dict[str, Take] = {
            "block_actions": self._pressed,
            "view_submission": self._submitted,
            "shortcut": self._shortcut,
            "message_action": self._shortcut,
            "block_suggestion": self._suggested,
        }
        self._events: dict[str, Take] = {
            "message": self._said,
            "app_mention": self._said,
            "app_home_opened": self._home_opened,
            "user_change": self._user_changed,
        }

    # --- From HTTP, and from the socket

    async def serve(self, request: web.Request) -> web.Response:
        """POST /slack/events, for everything that Slack sends."""
        stamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        if self.seal is None or not signature or not self.seal.is_fresh(stamp):
            return web.Response(status=401)
        try:
            raw = await read(request)
            if not self.seal.is_signed(stamp, signature, raw):
                return web.Response(status=401)
            body = parse(raw, request.content_type, request.charset)
        except TooLarge:
            return web.Response(status=413)
        except TimeoutError:
            return web.Response(status=408)
        except (Malformed, LookupError):  # a charset that Python does not know
            return web.Response(status=400)
        answer = await self.receive(body)
        kind = "application/json" if answer.body.startswith("{") else "text/plain"
        return web.Response(status=answer.status, body=answer.body.encode(), content_type=kind)

    async def receive(self, body: Json) -> BoltResponse:
        """A payload that is Slack's own, through bolt to whoever takes its kind; 400 if it makes no sense."""
        if self.closed:
            return BoltResponse(status=503, body="")
        try:
            # Bolt takes parsed payloads only as from a socket; from HTTP it would read the text again.
            asked = AsyncBoltRequest(mode="socket_mode", body=body)
        except (TypeError, AttributeError, KeyError, IndexError, ValueError, RecursionError):
            return BoltResponse(status=400, body="")
        return await self.bolt.async_dispatch(asked)

    async def _take(self, body: Json) -> BoltResponse:
        try:
            if "command" in body:
                return await self._commanded(body)
            kind = body.get("type", "")
            if kind == "event_callback":
                take = self._events.get(str(body["event"].get("type")) if "event" in body else "")
            else:
                take = self._kinds.get(kind)
            return await take(body) if take else BoltResponse(status=200, body="")
        except Malformed:
            return BoltResponse(status=400, body="")

    # --- By what was done

    async def _commanded(self, body: Json) -> BoltResponse:
        return await self._command(reading.command(body))

    async def _shortcut(self, body: Json) -> BoltResponse:
        arrived = reading.shortcut(body)
        answer = await self._handed(arrived, can_ask=True)
        self._answer_later(arrived, answer)
        return BoltResponse(status=200, body="")

    async def _command(self, arrived: Arrived) -> BoltResponse:
        answer = await self._handed(arrived, can_ask=True)
        if answer is None:
            return _whispered(LATE, EVERYBODY)
        reply = answer.reply
        if isinstance(reply, Asking):
            if answer.outcome is not Outcome.AGAIN:
                self.tasks.start(self.replies.open(arrived, reply, answer.say))
            return BoltResponse(status=200, body="")
        if reply is None or answer.posted:
            return BoltResponse(status=200, body="")
        return _whispered(reply, answer.say)

    async def _pressed(self, body: Json) -> BoltResponse:
        arrived = reading.press(body)
        if arrived is not None:
            answer = await self._handed(arrived, can_ask=bool(arrived.trigger))
            self._answer_later(arrived, answer)
            if arrived.at_home and answer is not None and answer.outcome in (Outcome.DONE, Outcome.REFUSED):
                self.tasks.start(self._redraw_home(arrived))
        return BoltResponse(status=200, body="")

    async def _submitted(self, body: Json) -> BoltResponse:
        arrived = reading.submission(body)
        answer = await self._handed(arrived, can_ask=True)
        if answer is None:
            return _json(_beside(body["view"], None, PRESS_AGAIN, EVERYBODY))
        id = arrived.event.id
        if answer.outcome is Outcome.AGAIN:
            return BoltResponse(status=200, body=self._sent.get(id, ""), headers=_JSON)
        said = _window(body["view"], arrived, answer)
        if said is None:
            self._answer_later(arrived, answer)
        elif answer.field is None and answer.outcome not in _SEND_AGAIN:
            self._sent[id] = json.dumps(said)
            while len(self._sent) > REMEMBERED:
                self._sent.popitem(last=False)
        return _json(said) if said else BoltResponse(status=200, body="")

    async def _suggested(self, body: Json) -> BoltResponse:
        return _json({"options": []})

    async def _said(self, body: Json) -> BoltResponse:
        return await self._taken(reading.said(body, self.ours), self._answer_later)

    async def _home_opened(self, body: Json) -> BoltResponse:
        return await self._taken(reading.home_opened(body), self._publish_later)

    async def _taken(self, arrived: Arrived | None, show_later: Callable[[Arrived, Answer], None]) -> BoltResponse:
        """An event is acknowledged once it is kept; where it is not, Slack sends it again."""
        if arrived is None:
            return BoltResponse(status=200, body="")
        answer = await self._handed(arrived, can_ask=False)
        if answer is None or answer.outcome in _SEND_AGAIN:
            return BoltResponse(status=_SEND_AGAIN[answer.outcome] if answer else 503, body="")
        show_later(arrived, answer)
        return BoltResponse(status=200, body="")

    async def _user_changed(self, body: Json) -> BoltResponse:
        who = reading.leaver(body)
        try:
            if who is not None:
                await self.on_leaver(who)
        except StorageBusy:
            return BoltResponse(status=503, body="")
        return BoltResponse(status=200, body="")

    # --- To the desk, and back

    async def _handed(self, arrived: Arrived, *, can_ask: bool) -> Answer | None:
        """The desk's answer; None if it is not there in time: the work goes on, and its answer follows."""
        doing = self.desk.handle(arrived.event, can_ask=can_ask, enclosing=_enclosing(arrived))
        work = self.tasks.begin(doing)
        done, _ = await asyncio.wait((work,), timeout=self.bound)
        if done:
            return work.result()
        self.tasks.start(self._told_afterwards(arrived, work))
        return None

    async def _told_afterwards(self, arrived: Arrived, work: asyncio.Task[Answer]) -> None:
        answer = await work
        awaited = isinstance(arrived.event, Commanded | Submitted) or bool(arrived.trigger)
        if arrived.at_home and not arrived.trigger:
            self._publish_later(arrived, answer)
        elif answer.reply is None or _is_silent(answer):
            return
        elif awaited or answer.outcome not in _SEND_AGAIN:  # a form's trigger is over by now
            await self.replies.show(arrived, words_of(answer.reply, NOT_OPENED), answer.say)

    def _answer_later(self, arrived: Arrived, answer: Answer | None) -> None:
        """Shows the reply by a call of its own, once Slack has its 2xx; never twice for the same event."""
        if answer is None:
            if arrived.trigger and not isinstance(arrived.event, Submitted):
                self.tasks.start(self.replies.show(arrived, LATE, EVERYBODY))
        elif answer.reply is None or _is_silent(answer):
            return
        elif isinstance(answer.reply, Asking):
            if arrived.trigger:
                self.tasks.start(self.replies.open(arrived, answer.reply, answer.say))
        else:
            self.tasks.start(self.replies.show(arrived, answer.reply, answer.say))

    def _publish_later(self, arrived: Arrived, answer: Answer) -> None:
        shown = answer.reply is not None and not isinstance(answer.reply, Asking)
        if shown and answer.outcome not in (Outcome.AGAIN, *_SEND_AGAIN):
            words = words_of(answer.reply, NOT_OPENED)
            self.tasks.start(self.replies.publish(arrived.user, words, answer.say))

    async def _redraw_home(self, pressed: Arrived) -> None:
        """What was pressed on the home tab is done: shows what waits now."""
        event = pressed.event
        seen = Commanded(f"home:{event.id}", event.who, event.here, reading.HOME)
        answer = await self.desk.handle(seen, can_ask=False)
        self._publish_later(Arrived(seen, at_home=True), answer)


_SEND_AGAIN = {Outcome.BUSY: 503, Outcome.FAULT: 500}
"""Nothing was kept: Slack delivers an event again at once, after a minute, and after five."""


def _is_silent(answer: Answer) -> bool:
    """Whether the reply is not ours to show: they have it already, or the courier brings it."""
    return answer.posted or answer.outcome is Outcome.AGAIN


def _enclosing(arrived: Arrived) -> Enclosing:
    """Files of ours go into our conversation with the person, for nothing else on Slack hides a file from others."""
    here = arrived.event.here
    return Enclosing(Address("slack", arrived.user, here.thread if is_private(here) else None), is_private(here))


def _window(view: Json, arrived: Arrived, answer: Answer) -> Json | None:
    """What becomes of a window that was sent: None closes it. What was written in it is never lost.

    Where the desk has kept its no (nothing beside a question, and nothing to be tried again), the window is
    drawn anew: then it is another one to Slack and to us, and sending it again is not a repetition.
    """
    reply = answer.reply
    if isinstance(reply, Asking):
        return {"response_action": "update", "view": modal_of(reply, answer.say, arrived.event.here)}
    if answer.outcome is Outcome.DONE or reply is None:
        return None
    if answer.field is not None or answer.outcome in _SEND_AGAIN:
        return _beside(view, answer.field, reply, answer.say)
    return {"response_action": "update", "view": reopened(view, reply, answer.say)}


def _beside(view: Json, field: str | None, words: Card | Words, say: Speaker) -> Json:
    """Words beside a question, the window staying as it is; above it where it asks nothing."""
    told = words.title if isinstance(words, Card) else words
    errors = errors_of(view, field, say(told, "\n"))
    if errors:
        return {"response_action": "errors", "errors": errors}
    return {"response_action": "update", "view": reopened(view, words, say)}


_JSON: dict[str, str | Sequence[str]] = {"content-type": "application/json"}


def _json(body: Json) -> BoltResponse:
    return BoltResponse(status=200, body=json.dumps(body), headers=_JSON)


def _whispered(reply: Card | Words, say: Speaker) -> BoltResponse:
    return BoltResponse(status=200, body=whisper(reply, say), headers=_JSON)
