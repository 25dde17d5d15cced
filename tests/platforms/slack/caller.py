"""Slack as the app hears it: people command, press, submit and speak, and each time a signed request goes
out.

With a FakeSlack at hand, what people do also happens there: their messages are stored, triggers and
response_urls
are real, windows close or show errors according to the answer.
"""

import uuid
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Unpack

from tests.platforms.slack import payloads, windows
from tests.platforms.slack.fake import FakeSlack
from tests.platforms.slack.post import Answer, How, Post, Sent
from tests.platforms.slack.workspace import Clock, Message, View, wall_clock

Json = dict[str, Any]


class SlackCaller:
    """Everything that Slack may send to `{url}/slack/events`, or over Socket Mode when made with
    `socket=True`.
    """

    def __init__(
        self,
        url: str,
        signing_secret: str,
        team_id: str = "T0001",
        clock: Clock = wall_clock,
        *,
        slack: FakeSlack | None = None,
        socket: bool = False,
        path: str = "/slack/events",
        bot_user: str = "UBOT",
        timeout: float = 10.0,
    ) -> None:
        self.team_id, self.clock, self.slack = team_id, clock, slack
        self.bot_user, self.app_id = bot_user, "A0001"
        line = slack.socket if socket and slack else None
        self.post = Post(url.rstrip("/") + path, signing_secret, clock, timeout, line)
        self._count = 0

    async def __aenter__(self) -> "SlackCaller":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Hangs up."""
        await self.post.close()

    # --- Commands

    async def command(self, user: str, command: str, text: str = "", channel: str = "C1", **how: Unpack[How]) -> Answer:
        """A slash command; what the app answers appears to the person."""
        payload = {
            "token": "fake-verification-token",
            "team_id": how.get("team", self.team_id),
            "team_domain": "opsbook",
            "channel_id": self._channel(channel),
            "channel_name": self._channel_name(channel),
            "user_id": user,
            "user_name": self._name(user),
            "command": command,
            "text": payloads.escaped(text),
            "api_app_id": self.app_id,
            "is_enterprise_install": "false",
            "response_url": self._response_url(user, self._channel(channel)),
            "trigger_id": self._trigger(user, how),
        }
        answer = await self._send("slash_commands", payload, how)
        if self.slack:
            space = self.slack.workspace
            windows.take_command_answer(space, user, self._channel(channel), command, answer.status, answer.body)
        return answer

    # --- Windows and buttons

    async def submit(
        self, view: View, user: str, values: Mapping[str, object], *, force: bool = False, **how: Unpack[How]
    ) -> Answer:
        """A person fills a window in and presses Submit; answers by block_id or by the question's words."""
        state = payloads.state_of(view.body, values, force=force)
        payload = self._interaction("view_submission", user, how) | {
            "view": view.body | {"state": {"values": state}},
            "response_urls": [],
        }
        answer = await self._send("interactive", payload, how)
        if self.slack:
            windows.take_submission_answer(self.slack.workspace, view, answer.status, answer.body)
        return answer

    async def closes(self, view: View, user: str, **how: Unpack[How]) -> Answer | None:
        """A person closes a window; the app hears of it only when it asked to (`notify_on_close`)."""
        view.open = False
        if not view.body.get("notify_on_close"):
            return None
        payload = self._interaction("view_closed", user, how) | {"view": view.body, "is_cleared": False}
        return await self._send("interactive", payload, how)

    async def press(
        self, on: Message | View, wanted: str, user: str, *, option: object = None, **how: Unpack[How]
    ) -> Answer:
        """A person presses a button by its label or action_id, or picks an option of a menu there.

        `on` is a stored message (ephemeral ones too), a modal, or a home tab. Confirmations are confirmed.
        """
        blocks = on.blocks if isinstance(on, Message) else on.body["blocks"]
        block, part = payloads.find_element(blocks, wanted)
        action = payloads.action_of(block, part, option, self._moment())
        where = self._on_message(on, user) if isinstance(on, Message) else self._on_view(on)
        payload = self._interaction("block_actions", user, how, on) | where | {"actions": [action]}
        return await self._send("interactive", payload, how)

    def _on_message(self, on: Message, user: str) -> Json:
        hidden = on.shown_to is not None
        container = {"type": "message", "message_ts": on.ts, "channel_id": on.channel, "is_ephemeral": hidden}
        found: Json = {
            "container": container | ({"thread_ts": on.thread_ts} if on.thread_ts else {}),
            "channel": {"id": on.channel, "name": self._channel_name(on.channel)},
            "state": {"values": {}},
            "response_url": self._response_url(user, on.channel, on),
        }
        return found if hidden else found | {"message": on.as_json(metadata=True)}

    def _on_view(self, on: View) -> Json:
        return {"container": {"type": "view", "view_id": on.id}, "view": on.body, "state": {"values": {}}}

    def _interaction(self, kind: str, user: str, how: How, on: Message | View | None = None) -> Json:
        team = how.get("team", self.team_id)
        inside = on.id if isinstance(on, View) and on.body.get("type") == "modal" else None
        return {
            "type": kind,
            "user": {"id": user, "username": self._name(user), "name": self._name(user), "team_id": team},
            "api_app_id": self.app_id,
            "token": "fake-verification-token",
            "trigger_id": self._trigger(user, how, inside),
            "team": {"id": team, "domain": "opsbook"},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    # --- Events

    async def says(
        self,
        user: str,
        channel: str,
        text: str,
        thread_ts: str | None = None,
        channel_type: str | None = None,
        files: list[Json] | None = None,
        *,
        bot_id: str | None = None,
        **how: Unpack[How],
    ) -> Answer:
        """A person (or another bot, with `bot_id`) writes a message where the app can read it."""
        return await self._event(self._said(user, channel, text, thread_ts, channel_type, files, bot_id, how), how)

    async def mentions(
        self, user: str, channel: str, text: str, thread_ts: str | None = None, **how: Unpack[How]
    ) -> tuple[Answer, Answer]:
        """A person mentions the app: an app_mention, and the same message once more as a message event."""
        message = self._said(user, channel, f"<@{self.bot_user}> {text}", thread_ts, None, None, None, how)
        mention = {name: value for name, value in message.items() if name != "channel_type"}
        first = await self._event(mention | {"type": "app_mention"}, how)
        again: Any = {name: value for name, value in how.items() if name != "event_id"}
        return first, await self._event(message, again)

    async def edits(self, message: Message, text: str, **how: Unpack[How]) -> Answer:
        """A person changes what they wrote."""
        before = message.as_json()
        message.edits.append(message.body)
        message.body = message.body | {
            "text": payloads.escaped(text),
            "blocks": payloads.rich_text(text, "e1"),
        }
        edited = {"edited": {"user": message.user, "ts": self._moment()}}
        event: Json = {
            "type": "message",
            "subtype": "message_changed",
            "channel": self._channel(message.channel),
        }
        event |= {"message": message.as_json() | edited, "previous_message": before, "hidden": True}
        event |= {
            "ts": self._moment(),
            "event_ts": self._moment(),
            "channel_type": self._kind(message.channel),
        }
        return await self._event(event, how)

    async def opens_home(self, user: str, tab: str = "home", **how: Unpack[How]) -> Answer:
        """A person opens the app's home tab (or its messages tab)."""
        event: Json = {"type": "app_home_opened", "user": user, "channel": self._direct(user), "tab": tab}
        home = self.slack.workspace.homes.get(user) if self.slack else None
        return await self._event(event | {"event_ts": self._moment()} | ({"view": home.body} if home else {}), how)

    async def user_changed(self, user: str, deleted: bool = False, **how: Unpack[How]) -> Answer:
        """A person's profile changes; with `deleted`, they have left."""
        person = self.slack.workspace.people[user] if self.slack else None
        if person:
            person.deleted = deleted
        about = person.as_json(locale=True) if person else {"id": user, "team_id": self.team_id, "deleted": deleted}
        event = {"type": "user_change", "user": about, "cache_ts": int(float(self._moment()))}
        return await self._event(event | {"event_ts": self._moment()}, how)

    async def url_verification(self, challenge: str = "c-1234", **how: Unpack[How]) -> Answer:
        """Slack asks whether the address is the app's: the challenge must come back."""
        payload = {"token": "fake-verification-token", "challenge": challenge, "type": "url_verification"}
        return await self._send("events_api", payload, how)

    async def event(self, event: Json, **how: Unpack[How]) -> Answer:
        """Any other event, in the usual wrapping."""
        return await self._event({"event_ts": self._moment()} | event, how)

    def _said(
        self,
        user: str,
        channel: str,
        text: str,
        thread_ts: str | None,
        channel_type: str | None,
        files: list[Json] | None,
        bot_id: str | None,
        how: How,
    ) -> Json:
        id, team = self._channel(channel), how.get("team", self.team_id)
        body: Json = {"text": payloads.escaped(text), "team": team, "client_msg_id": str(uuid.uuid4())}
        body["blocks"] = payloads.rich_text(text, f"m{self._next()}")
        body |= {"files": files, "subtype": "file_share", "upload": False} if files else {}
        body |= {"bot_id": bot_id, "subtype": "bot_message"} if bot_id else {}
        body |= {"user_team": team, "source_team": team} if team != self.team_id else {}
        at = self._moment()
        if self.slack:
            here = self.slack.channel(id)
            at = self.slack.workspace.write(here, user, body, thread_ts).ts
            if thread_ts and (parent := here.find(thread_ts)):
                body["parent_user_id"] = parent.user
        event = {"type": "message", "user": user, "ts": at} | body | ({"thread_ts": thread_ts} if thread_ts else {})
        return event | {"channel": id, "event_ts": at, "channel_type": channel_type or self._kind(id)}

    async def _event(self, event: Json, how: How) -> Answer:
        here = event.get("channel") if isinstance(event.get("channel"), str) else None
        shared = bool(self.slack and here in self.slack.workspace.channels and self.slack.channel(here).is_ext_shared)
        known = {"team_id": self.team_id, "enterprise_id": None}
        payload = {
            "token": "fake-verification-token",
            "team_id": self.team_id,
            "context_team_id": self.team_id,
            "context_enterprise_id": None,
            "api_app_id": self.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": how.get("event_id", f"Ev{uuid.uuid4().hex[:10].upper()}"),
            "event_time": int(self.clock().timestamp()),
            "authorizations": [known | {"user_id": self.bot_user, "is_bot": True, "is_enterprise_install": False}],
            "is_ext_shared_channel": shared,
            "event_context": f"4-{uuid.uuid4().hex}",
        }
        return await self._send("events_api", payload, how)

    # --- On the way

    @property
    def last(self) -> Sent | None:
        """The last request that went out."""
        return self.post.last

    async def resend(self, sent: Sent | None = None) -> Answer:
        """Sends the last request (or the one given) once more, equal to the last byte."""
        return await self.post.resend(sent)

    async def _send(self, kind: str, payload: Json, how: How) -> Answer:
        return await self.post.send(kind, payload, how)

    # --- Names and numbers

    def _trigger(self, user: str, how: How, in_view: str | None = None) -> str:
        if "trigger_id" in how:
            return how["trigger_id"]
        return self.slack.issue_trigger(user, in_view) if self.slack else f"{self._next()}.1.{uuid.uuid4().hex}"

    def _response_url(self, user: str, channel: str, message: Message | None = None) -> str:
        if self.slack:
            return self.slack.response_url(user, channel, message)
        return f"http://127.0.0.1:9/response/{uuid.uuid4().hex}"

    def _channel(self, channel: str) -> str:
        if not self.slack:
            return channel
        person = self.slack.workspace.people.get(channel)
        return self.slack.workspace.direct(channel).id if person else self.slack.channel(channel).id

    def _channel_name(self, channel: str) -> str:
        if not self.slack:
            return channel.lower()
        here = self.slack.channel(self._channel(channel))
        return "directmessage" if here.user else "privategroup" if here.is_private else here.name

    def _kind(self, channel: str) -> str:
        return self.slack.channel(channel).kind if self.slack else "im" if channel.startswith("D") else "channel"

    def _direct(self, user: str) -> str:
        return self.slack.workspace.direct(user).id if self.slack else "D" + user[1:]

    def _name(self, user: str) -> str:
        person = self.slack.workspace.people.get(user) if self.slack else None
        return person.name if person else user.lower()

    def _moment(self) -> str:
        return f"{self.clock().timestamp():.3f}{self._next() % 1000:03d}"

    def _next(self) -> int:
        self._count += 1
        return self._count
