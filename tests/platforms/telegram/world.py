"""Who is in the fake Telegram: people join, groups are made and moved, the bot is added and thrown out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from types import EllipsisType
from typing import Any

from tests.platforms.telegram import profile
from tests.platforms.telegram.caller import Person
from tests.platforms.telegram.chats import Chat, Chats, Message, User
from tests.platforms.telegram.updates import Updates

Json = dict[str, Any]

PATIENCE = 3.0
ANONYMOUS = 1087968824  # GroupAnonymousBot, who speaks for hidden administrators


class World:
    """People, chats, and what a test may arrange and look at."""

    def __init__(self, chats: Chats, updates: Updates, *, privacy: bool) -> None:
        self.chats, self.updates, self.privacy = chats, updates, privacy
        self.people: dict[int, Person] = {}
        self._change = asyncio.Event()

    # --- People and places

    def person(
        self,
        id: int,
        first_name: str,
        username: str | None = None,
        language: str | None = "en",
        *,
        last_name: str | None = None,
        started: bool = False,
        is_bot: bool = False,
    ) -> Person:
        """Somebody with an account; their private chat with the bot exists once they have pressed Start."""
        user = User(id, first_name, username, language, last_name, is_bot=is_bot, started=started)
        self.chats.users[id] = user
        self.people[id] = Person(self, user)
        return self.people[id]

    def group(self, id: int, title: str, members: Iterable[Person] = (), *, bot: str = "member") -> Chat:
        """A small group; `bot` is our bot's status in it (member, administrator, restricted, left, kicked)."""
        return self._place(id, "group", title, members, bot)

    def supergroup(
        self, id: int, title: str, members: Iterable[Person] = (), *, bot: str = "member", username: str | None = None
    ) -> Chat:
        """A large group (ids as -1001234567890); public with a username."""
        return self._place(id, "supergroup", title, members, bot, username)

    def channel(self, id: int, title: str, *, bot: str = "administrator", username: str | None = None) -> Chat:
        """A channel: only administrators write."""
        return self._place(id, "channel", title, (), bot, username)

    def _place(
        self, id: int, kind: str, title: str, members: Iterable[Person], bot: str, username: str | None = None
    ) -> Chat:
        chat = Chat(id, kind, title, username=username)
        chat.statuses = {one.id: "member" for one in members} | {self.chats.bot.id: bot}
        self.chats.all[id] = chat
        return chat

    # --- What happens to places

    def migrate(self, group: Chat | int, new_id: int | None = None) -> int:
        """A group becomes a supergroup: a new id, told by a message in either; returns it."""
        old = self.chat(group)
        id = new_id or int(f"-100{abs(old.id)}")
        new = self._place(id, "supergroup", old.title or "", (), "member", old.username)
        new.statuses = dict(old.statuses)
        owner = next((self.people[one].user for one in old.statuses if one in self.people), None)
        told = self.chats.write(old, owner, {"migrate_to_chat_id": id})
        came = self.chats.write(new, owner, {"migrate_from_chat_id": old.id})
        old.migrated_to = id
        self.updates.add("message", told.as_json())
        self.updates.add("message", came.as_json())
        return id

    def sets_bot(self, chat: Chat | int, status: str, by: Person) -> None:
        """Somebody adds our bot, promotes it, silences it or throws it out: `my_chat_member`, and a service message."""
        here = self.chat(chat)
        before, bot = here.statuses.get(self.chats.bot.id, "left"), self.chats.bot
        here.statuses[bot.id] = status
        gone = ("left", "kicked")
        self.my_chat_member(here, by.user, before, status)
        if before in gone and status not in gone:
            joined = [bot.as_json()]
            said: Json = {"new_chat_members": joined, "new_chat_member": joined[0], "new_chat_participant": joined[0]}
            self.updates.add("message", self.chats.write(here, by.user, said).as_json())

    def my_chat_member(self, chat: Chat, by: User, before: str, after: str) -> None:
        """Tells the bot that its status in a chat has changed."""
        self.updates.add(
            "my_chat_member",
            {
                "chat": chat.as_json(),
                "from": by.as_json(),
                "date": int(self.chats.clock().timestamp()),
                "old_chat_member": profile.member_json(self.chats.bot, before),
                "new_chat_member": profile.member_json(self.chats.bot, after),
            },
        )

    def anonymous(self, chat: Chat | int, text: str) -> Message:
        """A hidden administrator writes in a group: it comes from a bot, with the group itself as sender_chat."""
        here = self.chat(chat)
        user = User(ANONYMOUS, "Group", "GroupAnonymousBot", language=None, is_bot=True)
        body = self._with_entities(text) | {"sender_chat": here.as_json()}
        message = self.chats.write(here, user, body)
        self.updates.add("message", message.as_json())
        return message

    def posts(self, channel: Chat | int, text: str) -> Message:
        """A channel's administrator posts: a `channel_post` from nobody."""
        here = self.chat(channel)
        message = self.chats.write(here, None, self._with_entities(text) | {"sender_chat": here.as_json()})
        self.updates.add("channel_post", message.as_json())
        return message

    def _with_entities(self, text: str) -> Json:
        return Person(self, self.chats.bot).written(text)

    # --- Looking

    def chat(self, chat: Chat | Person | int) -> Chat:
        """A chat by its id; a person's is the private one."""
        if isinstance(chat, Chat):
            return chat
        return self.chats.get(chat if isinstance(chat, int) else chat.id)

    def reads(self, chat: Chat | Person | int, *, everyone: bool = False) -> list[str]:
        """What the bot wrote in a chat and still stands there, one line a message: `line | line [label] [label]`.

        With `everyone`, what people wrote too.
        """
        return [one.line for one in self.chat(chat).messages if one.by_bot or everyone]

    def commands(
        self, language: str = "", chat: Chat | int | None = None, person: Person | None = None
    ) -> list[tuple[str, str]]:
        """The menu as somebody with that language sees it (in private, or in a chat): names and descriptions."""
        here = self.chat(chat) if chat is not None else None
        found = profile.menu(self.chats, language, here, person.user if person else None)
        return [(one["command"], one["description"]) for one in found]

    # --- Waiting

    async def until(self, true: Callable[[], object], seconds: float = PATIENCE) -> bool:
        """Waits until something is true, looked at after every change; False when it isn't within the time."""
        end = time.monotonic() + seconds
        while not true():
            left = end - time.monotonic()
            if left <= 0:
                return False
            change = self._change
            try:
                await asyncio.wait_for(change.wait(), min(left, 0.1))
            except TimeoutError:
                continue
        return True

    async def delivered(self, seconds: float = PATIENCE) -> bool:
        """Waits until the bot has confirmed every update: by its offset, or with a 2xx from its webhook."""
        return await self.until(lambda: not self.updates.pending, seconds)

    def _stirred(self) -> None:
        self._change.set()
        self._change = asyncio.Event()

    # --- Updates made by hand

    @property
    def ignores_offset(self) -> bool:
        """Whether getUpdates gives everything again and again, confirmed or not."""
        return self.updates.ignores_offset

    @ignores_offset.setter
    def ignores_offset(self, ignores: bool) -> None:
        self.updates.ignores_offset = ignores
        self.updates.stir()

    @property
    def next_update_id(self) -> int:
        """The number of the next update; set it to leave a gap, or to go back."""
        return self.updates.next_id

    @next_update_id.setter
    def next_update_id(self, id: int) -> None:
        self.updates.next_id = id

    def push(self, update: Json) -> None:
        """An update as it stands, to whoever polls or to the webhook."""
        self.updates.push(update)

    async def post_webhook(
        self, update: Json, secret: str | EllipsisType | None = ..., *, url: str | None = None
    ) -> int:
        """Posts an update to the webhook once, past the queue; the HTTP status, 0 when no answer came.

        With the secret that was set, unless another one is given (None: no header at all).
        """
        hook = self.updates.hook
        return await hook.post(url or hook.url, update, hook.secret if isinstance(secret, EllipsisType) else secret)
