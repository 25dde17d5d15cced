"""A Slack workspace as it stands: its people and channels, what was written where, and the windows that are
open.
"""

import copy
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.platforms.slack import shown
from tests.platforms.slack.shown import Live

Json = dict[str, Any]
Clock = Callable[[], datetime]

TRIGGER_SECONDS = 3
RESPONSE_SECONDS = 30 * 60
RESPONSE_USES = 5
VIEW_STACK = 3


def wall_clock() -> datetime:
    """The machine's clock, for whoever brings none."""
    return datetime.now(UTC)  # noqa: TID251 - the platform is another machine: this is its own clock


class Refused(Exception):
    """What Slack answers with ok:false; `reasons` become response_metadata.messages."""

    def __init__(self, error: str, reasons: Sequence[str] = (), **more: Any) -> None:
        super().__init__(error)
        self.error, self.reasons, self.more = error, list(reasons), more


@dataclass
class Person:
    """A member of the workspace, of another one (Slack Connect), or a bot."""

    id: str
    name: str = ""
    real_name: str = ""
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    deleted: bool = False
    team_id: str = "T0001"
    locale: str = "en-US"
    tz: str = "Europe/London"
    email: str = ""
    is_admin: bool = False
    is_stranger: bool = False

    def as_json(self, *, locale: bool = False) -> Json:
        """The user object; the locale only when it was asked for, as Slack does."""
        profile: Json = {
            "real_name": self.real_name,
            "display_name": self.name,
            "email": self.email,
            "team": self.team_id,
        }
        flags: Json = {
            name: getattr(self, name)
            for name in (
                "is_bot",
                "is_restricted",
                "is_ultra_restricted",
                "is_admin",
                "is_stranger",
                "deleted",
            )
        }
        named: Json = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "real_name": self.real_name,
            "tz": self.tz,
        }
        return named | flags | {"profile": profile, "updated": 0} | ({"locale": self.locale} if locale else {})


@dataclass
class Message:
    """One message: `shown_to` is the only reader of an ephemeral one; `edits` are the earlier bodies, oldest
    first.
    """

    channel: str
    ts: str
    user: str
    body: Json
    thread_ts: str | None = None
    shown_to: str | None = None
    edits: list[Json] = field(default_factory=list)
    by_app: bool = True

    @property
    def text(self) -> str:
        """The notification text."""
        return str(self.body.get("text") or "")

    @property
    def blocks(self) -> list[Json]:
        """The blocks, with the ids that Slack gave to those without."""
        blocks: list[Json] = self.body.get("blocks") or []
        return blocks

    @property
    def metadata(self) -> Json | None:
        """The metadata as sent."""
        metadata: Json | None = self.body.get("metadata")
        return metadata

    @property
    def line(self) -> str:
        """The message as a person sees it, in one line."""
        return shown.line_of_message(self.body)

    def as_json(self, *, metadata: bool = False, replies: int = 0) -> Json:
        """The message object as Slack's methods and events show it."""
        found: Json = {"type": "message", "user": self.user, "ts": self.ts}
        left_out = ("sent_with",) if metadata else ("sent_with", "metadata")
        found |= {name: value for name, value in self.body.items() if name not in left_out and value is not None}
        if self.thread_ts:
            found["thread_ts"] = self.thread_ts
        if replies:
            found |= {"thread_ts": self.ts, "reply_count": replies}
        return copy.deepcopy(found)


@dataclass
class Channel:
    """A channel, or a direct conversation (`user` is then the other person); messages are in the order of
    writing.
    """

    id: str
    name: str = ""
    members: set[str] = field(default_factory=set)
    is_archived: bool = False
    is_ext_shared: bool = False
    user: str | None = None
    is_private: bool = False
    messages: list[Message] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """`channel_type` as events name it."""
        return "im" if self.user else "group" if self.is_private else "channel"

    def find(self, ts: str) -> Message | None:
        """The message with this ts."""
        return next((one for one in self.messages if one.ts == ts), None)

    def as_json(self) -> Json:
        """The conversation object."""
        found: Json = {"id": self.id, "created": 0, "is_im": bool(self.user), "is_archived": self.is_archived}
        if self.user:
            return found | {"user": self.user, "is_user_deleted": False}
        kinds: Json = {
            "is_channel": not self.is_private,
            "is_group": self.is_private,
            "is_private": self.is_private,
        }
        shared: Json = {
            "is_ext_shared": self.is_ext_shared,
            "is_shared": self.is_ext_shared,
            "num_members": len(self.members),
        }
        return found | {"name": self.name, "is_member": False} | kinds | shared


@dataclass
class View:
    """An open window (a modal or a home tab): `body` as Slack stores it, `errors` as the person reads them in
    it.
    """

    user: str
    body: Json
    errors: dict[str, str] = field(default_factory=dict)
    open: bool = True

    @property
    def id(self) -> str:
        """The view's id, V…"""
        return str(self.body["id"])

    @property
    def line(self) -> str:
        """The window as a person sees it, in one line."""
        return shown.line_of_view(self.body, self.errors)


@dataclass
class Trigger:
    """The right to open one window, for three seconds."""

    user: str
    at: datetime
    in_view: str | None = None
    used: bool = False


@dataclass
class ResponseUrl:
    """The right to answer where something was pressed or commanded: five times, for half an hour."""

    user: str
    channel: str
    at: datetime
    message: Message | None = None
    uses: int = 0


class Workspace:
    """All that the fake remembers; its methods are what a test may arrange and look at."""

    def __init__(self, clock: Clock, team_id: str, bot_user: str, accept_any_trigger: bool) -> None:
        self.clock, self.team_id, self.bot_user = clock, team_id, bot_user
        self.bot_id, self.app_id = "B0001", "A0001"
        self.accept_any_trigger = accept_any_trigger
        self.people: dict[str, Person] = {}
        self.channels: dict[str, Channel] = {}
        self.whispers: list[Message] = []
        self.views: dict[str, View] = {}
        self.homes: dict[str, View] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.files: dict[str, Json] = {}
        self._count = itertools.count(1)
        self._last_ts = 0
        self.add_user(bot_user, "opsbook", "Opsbook", is_bot=True)

    # --- Arranging

    def add_user(
        self,
        id: str,
        name: str = "",
        real_name: str = "",
        *,
        is_bot: bool = False,
        is_restricted: bool = False,
        deleted: bool = False,
        team_id: str | None = None,
        locale: str = "en-US",
        tz: str = "Europe/London",
        email: str = "",
        is_admin: bool = False,
    ) -> Person:
        """A person joins; a `team_id` other than the workspace's makes them an external one (Slack
        Connect).
        """
        team = team_id or self.team_id
        person = Person(id, name or id.lower(), real_name or name or id, is_bot, is_restricted)
        person.deleted, person.team_id, person.locale, person.tz = deleted, team, locale, tz
        person.email, person.is_admin, person.is_stranger = email, is_admin, team != self.team_id
        self.people[id] = person
        return person

    def add_channel(
        self,
        id: str,
        name: str = "",
        members: Sequence[str] | None = None,
        *,
        is_archived: bool = False,
        is_ext_shared: bool = False,
        is_private: bool = False,
    ) -> Channel:
        """A channel is made; without `members` everybody so far is in it, the bot too."""
        inside = set(self.people) if members is None else set(members)
        self.channels[id] = Channel(id, name or id.lower(), inside, is_archived, is_ext_shared, is_private=is_private)
        return self.channels[id]

    def direct(self, user: str) -> Channel:
        """The direct conversation between the app and a person; made when it is first asked for."""
        for channel in self.channels.values():
            if channel.user == user:
                return channel
        id = "D" + user[1:]
        self.channels[id] = Channel(id, members={user, self.bot_user}, user=user)
        return self.channels[id]

    def channel(self, id: str) -> Channel:
        """A channel by its id, or by its name with `#`."""
        if id.startswith("#"):
            return next(one for one in self.channels.values() if one.name == id[1:])
        return self.channels[id]

    def issue_trigger(self, user: str, in_view: str | None = None) -> str:
        """A fresh trigger id, as every command and press carries one."""
        id = f"{next(self._count)}.{self.team_id[1:]}.{self.ts().replace('.', '')}"
        self.triggers[id] = Trigger(user, self.clock(), in_view)
        return id

    def issue_response(self, user: str, channel: str, message: Message | None = None) -> str:
        """A fresh id for a response_url; the server knows the address in front of it."""
        id = f"{next(self._count)}x{user}"
        self.response_urls[id] = ResponseUrl(user, channel, self.clock(), message)
        return id

    def ts(self) -> str:
        """A message's time and identity: later than any before."""
        self._last_ts = max(self._last_ts + 1, int(self.clock().timestamp() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def new_id(self, letter: str) -> str:
        """A fresh id such as V000012."""
        return f"{letter}{next(self._count):06d}"

    # --- Writing

    def write(self, channel: Channel, user: str, body: Json, thread_ts: str | None = None) -> Message:
        """A message appears in a channel."""
        message = Message(channel.id, self.ts(), user, self.settled(body), thread_ts, by_app=user == self.bot_user)
        channel.messages.append(message)
        return message

    def whisper(self, channel: str, user: str, body: Json, thread_ts: str | None = None) -> Message:
        """A message appears to one person only."""
        message = Message(channel, self.ts(), self.bot_user, self.settled(body), thread_ts, shown_to=user)
        self.whispers.append(message)
        return message

    def settled(self, body: Json) -> Json:
        """The body as Slack stores it: a block_id and action_id wherever none was given."""
        stored = copy.deepcopy(body)
        for block in stored.get("blocks") or []:
            block.setdefault("block_id", f"b{next(self._count)}")
            parts = [*(block.get("elements") or []), block.get("accessory"), block.get("element")]
            for part in parts if block["type"] in ("actions", "section", "input") else []:
                if part and part.get("type") != "image":
                    part.setdefault("action_id", f"a{next(self._count)}")
        return stored

    # --- Looking

    def reads(self, channel: str, thread: str | None = None, *, everyone: bool = False) -> list[str]:
        """What the app wrote in a channel, or as replies in one of its threads, one line a message, oldest
        first.

        With `everyone`, what people wrote too. Deleted messages are gone; edited ones stand as they are now.
        """
        here = [one for one in self.channel(channel).messages if one.by_app or everyone]
        if thread is None:
            return [one.line for one in here if one.thread_ts in (None, one.ts) or one.body.get("reply_broadcast")]
        return [one.line for one in here if one.thread_ts == thread and one.ts != thread]

    def ephemerals(self, user: str) -> list[str]:
        """What only this person was shown, one line a message, oldest first."""
        return [one.line for one in self.whispers if one.shown_to == user]

    def modal(self, user: str) -> View:
        """The topmost open modal of a person."""
        return self._open(user)[-1]

    def modals(self, user: str) -> list[str]:
        """The open modals of a person, the topmost last."""
        return [view.line for view in self._open(user)]

    def _open(self, user: str) -> list[View]:
        return [view for view in self.views.values() if view.user == user and view.open]

    def home(self, user: str) -> str:
        """The home tab of a person; empty when none was published."""
        return self.homes[user].line if user in self.homes else ""

    def live(self) -> list[Live]:
        """All that ever became live in what the app wrote: mentions, broadcasts, links, and bare
        addresses.
        """
        messages = [one for channel in self.channels.values() for one in channel.messages if one.by_app]
        bodies = [body for one in [*messages, *self.whispers] for body in [*one.edits, one.body]]
        windows = [*self.views.values(), *self.homes.values()]
        in_messages = [one for body in bodies for one in shown.live_in_message(body)]
        return in_messages + [one for view in windows for one in shown.live_in_view(view.body)]
