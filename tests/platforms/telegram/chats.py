"""Who is in the fake Telegram and what stands in its chats: people, chats, messages and files."""

from __future__ import annotations

import asyncio
import itertools
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.platforms.telegram import shown

Json = dict[str, Any]
Clock = Callable[[], datetime]

KEPT_MESSAGES = 20_000


def wall_clock() -> datetime:
    """The machine's clock, for whoever brings none."""
    return datetime.now(UTC)  # noqa: TID251 - the platform is another machine: this is its own clock


class Refused(Exception):
    """What Telegram answers with ok:false."""

    def __init__(self, description: str, code: int = 400, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.description, self.code, self.parameters = description, code, parameters


@dataclass
class User:
    """An account: a person or a bot."""

    id: int
    first_name: str
    username: str | None = None
    language: str | None = "en"
    last_name: str | None = None
    is_bot: bool = False
    started: bool = False  # a private chat with our bot exists
    blocked: bool = False  # has blocked our bot
    deactivated: bool = False

    def as_json(self) -> Json:
        """The User object."""
        known: Json = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        more = {"last_name": self.last_name, "username": self.username, "language_code": self.language}
        return known | {name: value for name, value in more.items() if value}


@dataclass
class File:
    """A file that somebody sent; `size` may claim more than `content` holds."""

    id: str
    unique: str
    name: str
    content: bytes
    mime: str
    size: int

    @property
    def path(self) -> str:
        """Where getFile says that it lies."""
        return f"documents/{self.unique}/{self.name}"


@dataclass(eq=False)
class Message:
    """One message as it stands; `edits` are the earlier contents, oldest first."""

    id: int
    chat: Chat
    at: datetime
    sender: User | None
    body: Json  # text, entities, photo, forward_origin, …: all but who, where, when and the keyboard
    markup: Json | None = None
    reply_to: Message | None = None
    edits: list[Json] = field(default_factory=list)
    edited_at: datetime | None = None
    by_bot: bool = False
    deleted: bool = False
    file: File | None = None

    @property
    def text(self) -> str:
        """The text, or the caption, as people see it: tags resolved."""
        return str(self.body.get("text", self.body.get("caption", "")))

    @property
    def entities(self) -> list[Json]:
        """Which parts are bold, links, commands, …; offsets in UTF-16 units."""
        return list(self.body.get("entities") or self.body.get("caption_entities") or [])

    @property
    def html(self) -> str:
        """The text with its bold, links and so on, in Telegram's HTML."""
        return shown.html(self.text, self.entities)

    @property
    def keyboard(self) -> list[list[str]]:
        """The rows of labels under the message (or instead of the letters, for a reply keyboard)."""
        return [[str(button["text"]) for button in row] for row in shown.rows(self.markup)]

    @property
    def buttons(self) -> list[str]:
        """The labels, row by row."""
        return [label for row in self.keyboard for label in row]

    def button(self, label: str) -> Json:
        """The button with this label."""
        for row in shown.rows(self.markup):
            for button in row:
                if button["text"] == label:
                    return dict(button)
        raise AssertionError(f"no [{label}] under: {self.line}")

    @property
    def photo(self) -> File | None:
        """The picture, where it is one."""
        return self.file if "photo" in self.body else None

    @property
    def document(self) -> File | None:
        """The document, where it is one."""
        return self.file if "document" in self.body else None

    @property
    def line(self) -> str:
        """The message as a person sees it, in one line."""
        return shown.line(self.body, self.markup)

    def as_json(self, *, quoted: bool = False) -> Json:
        """The Message object; a quoted one doesn't quote in turn."""
        found: Json = {"message_id": self.id}
        if self.sender is not None:
            found["from"] = self.sender.as_json()
        found |= {"chat": self.chat.as_json(), "date": int(self.at.timestamp())} | self.body
        if self.edited_at is not None:
            found["edit_date"] = int(self.edited_at.timestamp())
        if self.reply_to is not None and not quoted:
            found["reply_to_message"] = self.reply_to.as_json(quoted=True)
        if self.markup is not None and "inline_keyboard" in self.markup:
            found["reply_markup"] = self.markup
        return found


@dataclass(eq=False)
class Chat:
    """A private chat (its id is the person's), a group, a supergroup or a channel.

    `statuses` holds each member's: creator, administrator, member, restricted, left, kicked.
    """

    id: int
    kind: str
    title: str | None = None
    user: User | None = None
    username: str | None = None
    statuses: dict[int, str] = field(default_factory=dict)
    migrated_to: int | None = None
    messages: list[Message] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)  # "typing" and the like, as sendChatAction said

    @property
    def is_private(self) -> bool:
        """Whether it is the chat between one person and our bot."""
        return self.kind == "private"

    @property
    def instance(self) -> str:
        """`chat_instance`, as presses carry it."""
        return str(zlib.crc32(str(self.id).encode()) * 7_919 + 1)

    @property
    def last(self) -> Message:
        """The latest message of our bot."""
        return next(one for one in reversed(self.messages) if one.by_bot)

    def find(self, id: int | None) -> Message | None:
        """The message with this id, unless it is deleted."""
        return next((one for one in reversed(self.messages) if one.id == id), None)

    def as_json(self) -> Json:
        """The Chat object."""
        if self.user is not None:
            known: Json = {"id": self.id, "first_name": self.user.first_name}
            more = {"last_name": self.user.last_name, "username": self.user.username}
        else:
            known, more = {"id": self.id, "title": self.title}, {"username": self.username}
        known |= {name: value for name, value in more.items() if value} | {"type": self.kind}
        if self.kind == "group":
            known["all_members_are_administrators"] = False
        return known


@dataclass
class Answered:
    """What the presser sees: a short notice at the top, a window to close (`show_alert`), or an address."""

    text: str = ""
    show_alert: bool = False
    url: str | None = None


@dataclass(eq=False)
class Query:
    """One press that waits for answerCallbackQuery."""

    id: str
    user: User
    at: float
    answered: Answered | None = None
    came: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Profile:
    """What the bot has set about itself: menus by (scope, language), descriptions and menu buttons."""

    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    descriptions: dict[tuple[str, str], str] = field(default_factory=dict)
    menu_buttons: dict[int, Json] = field(default_factory=dict)


class Chats:
    """All that the fake remembers of people and what they wrote.

    `spend` is asked before anything is sent or edited, and may raise Refused (429).
    """

    def __init__(self, bot: User, clock: Clock, ticks: Callable[[], float]) -> None:
        self.bot, self.clock, self.ticks = bot, clock, ticks
        self.spend: Callable[[str, Chat, int], None] = lambda method, chat, count: None
        self.queries: dict[str, Query] = {}
        self.query_seconds = 15.0
        self.profile = Profile()
        self.users: dict[int, User] = {bot.id: bot}
        self.all: dict[int, Chat] = {}
        self.files: dict[str, File] = {}
        self._ids = itertools.count(1)
        self._own: dict[int, itertools.count[int]] = {}
        self._file_ids = itertools.count(1)

    def get(self, id: int) -> Chat:
        """The chat with this id; a private one is made when it is first asked for."""
        if id not in self.all and id in self.users:
            user = self.users[id]
            self.all[id] = Chat(id, "private", user=user, username=user.username)
        return self.all[id]

    def by_username(self, username: str) -> Chat | None:
        """The public chat with this @name."""
        wanted = username.removeprefix("@").casefold()
        return next((one for one in self.all.values() if (one.username or "").casefold() == wanted), None)

    def next_id(self, chat: Chat) -> int:
        """A message's number: private chats and small groups share one count, others have their own."""
        if chat.kind in ("private", "group"):
            return next(self._ids)
        return next(self._own.setdefault(chat.id, itertools.count(1)))

    def write(
        self,
        chat: Chat,
        sender: User | None,
        body: Json,
        *,
        markup: Json | None = None,
        reply_to: Message | None = None,
        file: File | None = None,
    ) -> Message:
        """A message appears in a chat."""
        ours = sender is self.bot
        message = Message(
            self.next_id(chat), chat, self.clock(), sender, body, markup, reply_to, by_bot=ours, file=file
        )
        chat.messages.append(message)
        del chat.messages[:-KEPT_MESSAGES]
        return message

    def keep(self, name: str, content: bytes, mime: str, size: int | None = None) -> File:
        """A file is stored and gets its id."""
        number = next(self._file_ids)
        file = File(f"BQACAgUAAxkBAAI{number:06d}", f"AgAD{number:06d}", name, content, mime, len(content))
        file.size = len(content) if size is None else size
        self.files[file.id] = file
        return file

    def seen(self, user: User) -> bool:
        """Whether our bot has ever met this person: in private, or in a chat that both are in."""
        return user.started or any(user.id in one.statuses for one in self.all.values())
