"""A person with Telegram in their hand: writes, presses, sends pictures and places, and blocks the bot."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Any, TypedDict

from tests.platforms.telegram.chats import Answered, Chat, File, Message, Query, User
from tests.platforms.telegram.entities import commands_in, found_in
from tests.platforms.telegram.sending import document_json, photo_sizes
from tests.platforms.telegram.shown import part, units

if TYPE_CHECKING:
    from tests.platforms.telegram.world import World

Json = dict[str, Any]

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x03\x20\x00\x00\x02\x58\x08\x02\x00\x00\x00"
KEPT_PRESSES = 10_000
_NUMBERS = itertools.count(4_000_000_000_001)


class More(TypedDict, total=False):
    """What else a message may carry."""

    chat: Chat | int | None  # where; the private chat with the bot when left out
    reply_to: Message | None
    forwarded_from: User | str | None  # written first by this person; a text for somebody who hides
    via_bot: User | None
    extra: Json  # anything else, as it stands in the message


class Person:
    """A person. What they do reaches the bot if Telegram lets it: in groups not everything does."""

    def __init__(self, world: World, user: User) -> None:
        self.world, self.user = world, user

    @property
    def id(self) -> int:
        """Their number, which is their private chat's too."""
        return self.user.id

    @property
    def chat(self) -> Chat:
        """Their private chat with the bot."""
        return self.world.chat(self.user.id)

    def reads(self) -> list[str]:
        """What the bot wrote to them in private, one line a message."""
        return self.world.reads(self.user.id)

    # --- Words

    async def says(
        self,
        text: str,
        chat: Chat | int | None = None,
        reply_to: Message | None = None,
        *,
        forwarded_from: User | str | None = None,
        via_bot: User | None = None,
        extra: Json | None = None,
    ) -> Message:
        """Writes a message; returns it as it stands in the chat."""
        more = More(chat=chat, reply_to=reply_to, forwarded_from=forwarded_from, via_bot=via_bot, extra=extra or {})
        return await self._sends(self.written(text), more)

    async def opens(self, payload: str = "") -> Message:
        """Follows a link t.me/bot?start=payload and presses Start (or only Start)."""
        return await self.says(f"/start {payload}".strip())

    async def edits(self, message: Message, text: str) -> None:
        """Changes what they wrote before."""
        message.edits.append(message.body)
        message.body, message.edited_at = self.written(text), self.world.chats.clock()
        self._reaches("edited_message", message)
        await asyncio.sleep(0)

    def written(self, text: str) -> Json:
        """A text with what Telegram marks in it."""
        entities = found_in(text)
        return {"text": text} | ({"entities": entities} if entities else {})

    # --- Presses

    async def presses(
        self, label: str, on: Message | None = None, *, chat: Chat | int | None = None, seconds: float = 3.0
    ) -> Answered | None:
        """Presses a button by its label, on the latest message that has it unless told which.

        Returns what the bot answered with (at once, the address, for a link), None when no answer came in time.
        """
        message = on or self._message_with(label, chat)
        button = message.button(label)
        if "url" in button:
            return Answered(url=str(button["url"]))
        if message.markup and "keyboard" in message.markup:
            assert not button.get("request_location"), f"[{label}] asks for a place: use sends_location"
            await self.says(label, message.chat)
            return None
        return await self.presses_data(str(button["callback_data"]), message, seconds=seconds)

    async def presses_data(
        self, data: str | None, on: Message, *, seconds: float = 3.0, gone: bool = False, extra: Json | None = None
    ) -> Answered | None:
        """A press with data as a bad client may send it; `gone`: the message is too old for Telegram to show."""
        chats = self.world.chats
        query = Query(str(next(_NUMBERS)), self.user, chats.ticks())
        chats.queries[query.id] = query
        if len(chats.queries) > KEPT_PRESSES:
            del chats.queries[next(iter(chats.queries))]
        message = on.as_json()
        if gone:
            message = {"chat": on.chat.as_json(), "message_id": on.id, "date": 0}
        pressed: Json = {"id": query.id, "from": self.user.as_json(), "message": message}
        pressed |= {"chat_instance": on.chat.instance} | ({"data": data} if data is not None else {})
        self.world.updates.add("callback_query", pressed | (extra or {}))
        try:
            await asyncio.wait_for(query.came.wait(), seconds)
        except TimeoutError:
            return None
        return query.answered

    def _message_with(self, label: str, chat: Chat | int | None) -> Message:
        here = self.world.chat(self.id if chat is None else chat)
        found = next((one for one in reversed(here.messages) if one.by_bot and label in one.buttons), None)
        assert found is not None, f"no [{label}] in: {self.world.reads(here)}"
        return found

    # --- Files and places

    async def sends_photo(self, caption: str = "", content: bytes = PNG, **more: Any) -> Message:
        """Sends a picture; `more` as in `More`."""
        file = self.world.chats.keep("photo.jpg", content, "image/jpeg")
        return await self._sends({"photo": photo_sizes(file)} | self._caption(caption), more, file)

    async def sends_document(
        self,
        name: str,
        content: bytes,
        caption: str = "",
        *,
        mime: str = "application/octet-stream",
        size: int | None = None,
        **more: Any,
    ) -> Message:
        """Sends a document; `size` may claim more than there is, to be over a limit without the bytes."""
        file = self.world.chats.keep(name, content, mime, size)
        return await self._sends({"document": document_json(file)} | self._caption(caption), more, file)

    async def sends_media(self, kind: str, content: bytes = b"media", caption: str = "", **more: Any) -> Message:
        """Sends a voice, video, audio, animation, sticker or video_note."""
        file = self.world.chats.keep(f"{kind}.bin", content, {"voice": "audio/ogg"}.get(kind, "video/mp4"))
        sizes = {} if kind in ("voice", "audio") else {"width": 320, "height": 240}
        about: Json = {"file_id": file.id, "file_unique_id": file.unique, "file_size": file.size, "duration": 3}
        if kind in ("voice", "video", "audio", "animation"):
            about["mime_type"] = file.mime
        return await self._sends({kind: about | sizes} | self._caption(caption), more, file)

    async def sends_album(self, *contents: bytes, caption: str = "", **more: Any) -> list[Message]:
        """Sends several pictures as one album: a message each, the caption under the first."""
        album, sent = str(next(_NUMBERS)), []
        for number, content in enumerate(contents):
            own = dict(more) | {"extra": {"media_group_id": album} | (more.get("extra") or {})}
            sent.append(await self.sends_photo("" if number else caption, content, **own))
        return sent

    async def sends_location(
        self,
        latitude: float,
        longitude: float,
        *,
        accuracy: float | None = None,
        live_period: int | None = None,
        **more: Any,
    ) -> Message:
        """Sends a place: where they are (with an accuracy), a live one, or a pin dropped anywhere."""
        where: Json = {"latitude": latitude, "longitude": longitude}
        where |= {"horizontal_accuracy": accuracy} if accuracy is not None else {}
        where |= {"live_period": live_period} if live_period is not None else {}
        return await self._sends({"location": where}, more)

    async def moves(self, message: Message, latitude: float, longitude: float) -> None:
        """A live location goes on: the message is edited."""
        message.edits.append(message.body)
        place = message.body["location"] | {"latitude": latitude, "longitude": longitude}
        message.body, message.edited_at = message.body | {"location": place}, self.world.chats.clock()
        self._reaches("edited_message", message)
        await asyncio.sleep(0)

    def _caption(self, caption: str) -> Json:
        if not caption:
            return {}
        entities = found_in(caption)
        return {"caption": caption} | ({"caption_entities": entities} if entities else {})

    # --- Whether they want to hear

    async def blocks(self) -> None:
        """Blocks the bot."""
        self.user.blocked = True
        self.world.my_chat_member(self.chat, self.user, "member", "kicked")
        await asyncio.sleep(0)

    async def unblocks(self) -> None:
        """Takes the block back."""
        self.user.blocked = False
        self.world.my_chat_member(self.chat, self.user, "kicked", "member")
        await asyncio.sleep(0)

    def deactivates(self) -> None:
        """Deletes their account; the bot isn't told."""
        self.user.deactivated = True

    # --- On the way

    async def _sends(self, body: Json, more: More | dict[str, Any], file: File | None = None) -> Message:
        where = more.get("chat")
        here = self.world.chat(self.id if where is None else where)
        assert not here.is_private or (here.id == self.id and not self.user.blocked)
        body = body | _origin(more.get("forwarded_from"), int(self.world.chats.clock().timestamp()) - 60)
        if via := more.get("via_bot"):
            body["via_bot"] = via.as_json()
        body |= more.get("extra") or {}
        message = self.world.chats.write(here, self.user, body, reply_to=more.get("reply_to"), file=file)
        if here.is_private:
            self.user.started = True
        self._reaches("message", message)
        await asyncio.sleep(0)
        return message

    def _reaches(self, kind: str, message: Message) -> None:
        """To the bot, if it may read this."""
        if message.chat.is_private or self._may_read(message):
            self.world.updates.add(kind, message.as_json())

    def _may_read(self, message: Message) -> bool:
        """Group privacy: a plain member gets commands, mentions of itself and replies to itself only."""
        bot = self.world.chats.bot
        status = message.chat.statuses.get(bot.id, "left")
        if status in ("left", "kicked") or message.chat.migrated_to is not None:
            return False
        if not self.world.privacy or status == "administrator":
            return True
        if message.reply_to is not None and message.reply_to.by_bot:
            return True
        if message.body.get("via_bot", {}).get("id") == bot.id:
            return True
        return self._speaks_to(bot, message)

    def _speaks_to(self, bot: User, message: Message) -> bool:
        name = f"@{bot.username}".casefold()
        for command in commands_in(message.text, message.entities):
            _, at, whom = command.partition("@")
            if not at or f"@{whom}".casefold() == name:
                return True
        return any(
            (one["type"] == "mention" and part(message.text, one).casefold() == name)
            or (one["type"] == "text_mention" and one["user"]["id"] == bot.id)
            for one in message.entities
        )


def _origin(first: User | str | None, date: int) -> Json:
    if first is None:
        return {}
    if isinstance(first, str):
        return {"forward_origin": {"type": "hidden_user", "sender_user_name": first, "date": date}}
    return {"forward_origin": {"type": "user", "sender_user": first.as_json(), "date": date}}


def mention(text: str, name: str, user: User) -> Json:
    """A message body that mentions somebody without a username by their name."""
    start = units(text[: text.index(name)])
    entity = {"type": "text_mention", "offset": start, "length": units(name), "user": user.as_json()}
    return {"text": text, "entities": [entity]}
