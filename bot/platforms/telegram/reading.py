"""Telegram's updates as what people did: who (by their number, never a name), where, and what they said or pressed.

Whatever an update holds, nothing here raises: what makes no sense is nobody's doing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from bot.events import Commanded, Event, Identity, Pressed, Said
from bot.platforms.telegram import media
from bot.platforms.telegram.links import action_of
from bot.platforms.telegram.media import Sent, field, identifier, number
from bot.platforms.telegram.wording import Wording, wording
from bot.ui.card import ACTION_BYTES, NOTHING
from bot.words import language_of
from config.text import Text, t
from storage.places import Address

Json = dict[str, Any]

EDITED_WITHIN = timedelta(hours=1)
"""Who changes older words does not wait for an answer; and Telegram tells of changes that nobody made."""
GROUPS = ("group", "supergroup")
LOST = ("kicked", "left")
MEMBER = "member"
BLOCKED = "blocked"
UNREADABLE = t("I can't read this kind of message. Please say it in words, or send a photo or a file.")
NOT_OURS = t("This button is no longer in use. Type “help” to see what you can do.")


@dataclass(slots=True)
class Ours:
    """What we are on Telegram: learnt when it can be reached. `commands` are the names that we answer to."""

    id: int = 0
    username: str = ""
    key: bytes = b""
    commands: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Spot:
    """Whom to answer, and where: the message that they wrote or that has the button; `callback` for a press."""

    chat: str
    user: str
    is_private: bool
    message: str | None = None
    callback: str = ""
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Did:
    """Somebody did something; its files are still with Telegram."""

    event: Event
    spot: Spot
    files: tuple[Sent, ...] = ()


@dataclass(frozen=True, slots=True)
class Edited:
    """Somebody changed what they had written: what it would do, were it written now."""

    did: Did


@dataclass(frozen=True, slots=True)
class Unread:
    """Somebody wrote to us what we can't take, and is told why."""

    spot: Spot
    words: Text


@dataclass(frozen=True, slots=True)
class Idle:
    """A press that does nothing, but waits for an answer on somebody's phone; `words` where they deserve some."""

    callback: str
    words: Text | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """A group goes on under another id."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Lost:
    """Somebody has blocked us."""

    id: str
    user: str
    why: str = BLOCKED


@dataclass(frozen=True, slots=True)
class Back:
    """Somebody has let us in again, though they may not say a word."""

    id: str
    user: str


@dataclass(frozen=True, slots=True)
class Placed:
    """We were added to a group, or removed from it, or our rights there changed."""

    chat: str
    status: str


Arrived: TypeAlias = Did | Edited | Unread | Idle | Moved | Lost | Back | Placed


def number_of(update: Any) -> int | None:
    """An update's number, None where it has none that could be one."""
    found = number(field(update, "update_id"))
    return found if found is not None and found >= 0 else None


def lane_of(update: Any) -> str:
    """What keeps its order: the chat that an update is about, else the person."""
    for content in update.values() if isinstance(update, dict) else ():
        chat = number(field(field(content, "chat") or field(field(content, "message"), "chat"), "id"))
        user = number(field(field(content, "from"), "id"))
        if chat or user:
            return str(chat or user)
    return ""


def read(update: Any, ours: Ours, now: datetime) -> Arrived | None:
    """What an update says that somebody did; None where it is nothing to us."""
    once = number_of(update)
    if once is None:
        return None
    id = f"update:{ours.id}:{once}"  # another bot counts its own
    if isinstance(message := field(update, "message"), dict):
        return _moved(message) or _message(id, message, ours, now)
    if isinstance(message := field(update, "edited_message"), dict):
        return _edited(id, message, ours, now)
    if isinstance(query := field(update, "callback_query"), dict):
        return _press(id, query)
    if isinstance(change := field(update, "my_chat_member"), dict):
        return _standing(id, change, ours)
    return None


# --- Messages --------------------------------------------------------------------------------------------


def _moved(message: Json) -> Moved | None:
    here = number(field(field(message, "chat"), "id"))
    on, off = number(message.get("migrate_to_chat_id")), number(message.get("migrate_from_chat_id"))
    if here and on:
        return Moved(str(here), str(on))
    return Moved(str(off), str(here)) if here and off else None


def _message(id: str, message: Json, ours: Ours, now: datetime) -> Did | Unread | None:
    chat, sender = field(message, "chat"), field(message, "from")
    spot = _spot(chat, sender, message)
    if spot is None or message.get("sender_chat") or message.get("via_bot"):
        return None  # anonymous administrators, channels, other bots' words: nobody whom we could know
    who = Identity("telegram", "", spot.user)
    caption = "caption" if "text" not in message else ""
    said = wording(
        message.get(caption or "text"),
        message.get("caption_entities" if caption else "entities"),
        ours.id,
        ours.username,
    )
    if spot.is_private:
        return _in_private(id, who, spot, said, message, ours, now)
    return _in_group(id, who, spot, said, message, ours)


def _edited(id: str, message: Json, ours: Ours, now: datetime) -> Edited | None:
    """Words that were changed; a live location that moves is no news, nor is a change of what is long past."""
    sent = number(message.get("date"))
    if "location" in message or not sent or now.timestamp() - sent > EDITED_WITHIN.total_seconds():
        return None
    did = _message(id, message, ours, now)
    return Edited(did) if isinstance(did, Did) and isinstance(did.event, Commanded | Said) else None


def _in_private(
    id: str, who: Identity, spot: Spot, said: Wording, message: Json, ours: Ours, now: datetime
) -> Did | Unread | None:
    here = Address("telegram", spot.chat)
    files = media.files_of(message)
    if said.command and said.bot in ("", ours.username.casefold()) and not files:
        return Did(_command(id, who, here, said, spot, ours), spot)
    if "location" in message:
        position, why = media.position_of(message, now)
        if why is not None:
            return Unread(spot, why)
        return Did(Said(id, who, here, "", to_us=True, position=position), spot)
    if said.text or files:
        under = Address("telegram", spot.chat, _answered(message, ours))
        return Did(Said(id, who, under, said.text, to_us=True), spot, files)
    return Unread(spot, UNREADABLE) if media.is_unreadable(message) else None


def _command(id: str, who: Identity, here: Address, said: Wording, spot: Spot, ours: Ours) -> Event:
    """A command; behind `/start` may stand what was begun elsewhere, and goes on here."""
    action = action_of(said.rest, who.user, ours.key) if said.command == "start" and spot.is_private else None
    if action is None:
        return Commanded(id, who, here, said.command, said.rest)
    return Pressed(id, who, here, action, on=Address("telegram", spot.chat, spot.message))


def _in_group(id: str, who: Identity, spot: Spot, said: Wording, message: Json, ours: Ours) -> Did | None:
    """Only what is for us: a command of ours, our name, an answer to a message of ours."""
    files = media.files_of(message)
    if said.command and said.bot and said.bot != ours.username.casefold():
        return None
    if said.command and (said.bot or said.command in ours.commands) and not files:
        return Did(_command(id, who, Address("telegram", spot.chat), said, spot, ours), spot)
    answered = _answered(message, ours)
    called = said.called or bool(said.bot)
    if not (called or (answered and (said.text or files))):
        return None
    return Did(Said(id, who, Address("telegram", spot.chat, answered), said.text, to_us=called), spot, files)


def _answered(message: Json, ours: Ours) -> str | None:
    """The id of our message that this one answers. In a forum every message answers its topic's first one."""
    above = field(message, "reply_to_message")
    mine = ours.id and field(field(above, "from"), "id") == ours.id
    id = number(field(above, "message_id"))
    return str(id) if mine and id and "forum_topic_created" not in above else None


def _spot(chat: Any, sender: Any, message: Any, callback: str = "") -> Spot | None:
    """Who and where; None for bots, for channels, and for a private chat that is not the sender's own."""
    where, user, kind = number(field(chat, "id")), number(field(sender, "id")), field(chat, "type")
    if not where or not user or user < 0 or field(sender, "is_bot") is not False:
        return None
    if not (kind in GROUPS or (kind == "private" and where == user)):
        return None
    id, language = number(field(message, "message_id")), field(sender, "language_code")
    return Spot(
        str(where),
        str(user),
        kind == "private",
        str(id) if id else None,
        callback,
        language_of(language) if isinstance(language, str) else None,
    )


# --- Presses, and our own standing -----------------------------------------------------------------------


def _press(id: str, query: Json) -> Did | Idle | None:
    """A press. What its data says is a claim; what it can't possibly say becomes a button that nobody has."""
    callback, message = identifier(query.get("id")), field(query, "message")
    if not callback:
        return None
    spot = _spot(field(message, "chat"), query.get("from"), message, callback)
    if spot is None:
        return Idle(callback, NOT_OURS)
    data = query.get("data")
    if data == NOTHING:
        return Idle(callback)
    sound = isinstance(data, str) and data.isprintable() and len(data.encode()) <= ACTION_BYTES
    who, here = Identity("telegram", "", spot.user), Address("telegram", spot.chat)
    on = Address("telegram", spot.chat, spot.message) if spot.message else None
    return Did(Pressed(id, who, here, data if sound and isinstance(data, str) else "", on=on), spot)


def _standing(id: str, change: Json, ours: Ours) -> Lost | Back | Placed | None:
    member = field(change, "new_chat_member")
    chat, status = number(field(field(change, "chat"), "id")), identifier(field(member, "status"))
    if not chat or not status or field(field(member, "user"), "id") != ours.id:
        return None
    if field(field(change, "chat"), "type") != "private":
        return Placed(str(chat), status)
    if field(field(change, "from"), "id") != chat:
        return None
    return Lost(id, str(chat)) if status in LOST else Back(id, str(chat)) if status == MEMBER else None
