"""Updates as Telegram sends them, written by hand in its shapes: Dana in private, and in the group `service`."""

from __future__ import annotations

import random
from copy import deepcopy
from typing import Any

from tests.platforms.telegram.entities import found_in

Json = dict[str, Any]

BOT = 7000000001
NAME = "opsbook_bot"
DANA = 11
GROUP = -501
NOW = 1772442000  # 2026-03-02 09:00 UTC

PERSON: Json = {
    "id": DANA,
    "is_bot": False,
    "first_name": "Dana",
    "username": "dana",
    "language_code": "zh-hans",
}
US: Json = {"id": BOT, "is_bot": True, "first_name": "Opsbook", "username": NAME}
PRIVATE: Json = {"id": DANA, "first_name": "Dana", "username": "dana", "type": "private"}
SERVICE: Json = {"id": GROUP, "title": "service", "type": "group", "all_members_are_administrators": False}


def message(text: str | None = None, *, chat: Json = PRIVATE, update_id: int = 1, **more: Any) -> Json:
    """A message; a command at its beginning and mentions in it are marked, as Telegram does it."""
    body: Json = {"message_id": 133, "from": PERSON, "chat": chat, "date": NOW}
    if text is not None:
        marks = found_in(text)
        body |= {"text": text} | ({"entities": marks} if marks else {})
    return {"update_id": update_id, "message": deepcopy(body | more)}


def press(data: Any = "tickets.take:42:3", *, chat: Json = PRIVATE, update_id: int = 1, **more: Any) -> Json:
    """A press on a message of ours; `...` leaves the data out."""
    query: Json = {
        "id": "4382bfdwdsb323b2d9",
        "from": PERSON,
        "message": ours(chat) | {"reply_markup": {"inline_keyboard": [[{"text": "Take", "callback_data": "x"}]]}},
        "chat_instance": "-3997364513",
    } | ({} if data is ... else {"data": data})
    return {"update_id": update_id, "callback_query": deepcopy(query | more)}


def ours(chat: Json = SERVICE, **more: Any) -> Json:
    """A message of ours."""
    return {"message_id": 77, "from": US, "chat": chat, "date": NOW - 60, "text": "Complaint C-1"} | more


def standing(status: str, chat: Json = PRIVATE, update_id: int = 1) -> Json:
    """What we are in a chat has changed."""
    change: Json = {
        "chat": chat,
        "from": PERSON,
        "date": NOW,
        "old_chat_member": {"user": US, "status": "member"},
        "new_chat_member": {"user": US, "status": status} | ({"until_date": 0} if status == "kicked" else {}),
    }
    return {"update_id": update_id, "my_chat_member": deepcopy(change)}


PHOTO: list[Json] = [
    {"file_id": "small", "file_unique_id": "a", "file_size": 1253, "width": 90, "height": 67},
    {"file_id": "large", "file_unique_id": "c", "file_size": 93_000, "width": 1280, "height": 960},
    {"file_id": "middle", "file_unique_id": "b", "file_size": 15_000, "width": 320, "height": 240},
]
DOCUMENT: Json = {
    "file_id": "doc1",
    "file_unique_id": "d",
    "file_name": "offer.pdf",
    "mime_type": "application/pdf",
    "file_size": 2048,
}
PLACE: Json = {"latitude": 31.2304, "longitude": 121.4737, "horizontal_accuracy": 12.5}

ALL: tuple[Json, ...] = (
    message("门锁坏了 🔒 @opsbook_bot please"),
    message("/start forms_open_7"),
    message("@opsbook_bot complaint lock", chat=SERVICE),
    message("done", chat=SERVICE, reply_to_message=ours()),
    message(photo=PHOTO, caption="/complaint lock", caption_entities=found_in("/complaint lock")),
    message(document=DOCUMENT, media_group_id="1"),
    message(location=PLACE),
    message(sticker={"file_id": "s", "width": 512, "height": 512, "type": "regular"}),
    message(chat=SERVICE, migrate_to_chat_id=-1001234567890),
    press(),
    press(chat=SERVICE),
    standing("kicked"),
    standing("administrator", SERVICE),
)
"""One of each kind, to be broken."""


ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, float("nan"), float("inf"), 2**63, -(10**400), "", "x", "\0", "\ud800", "𝄞" * 40,
    "x" * 70_000, [], {}, [[]], [None], [{}], {"id": None}, {"id": "1"}, {"type": []}, "-501", "private", "supergroup",
)  # fmt: skip


def mutated(rng: random.Random, update: Any) -> Any:
    """The update with one to three small faults in it: other values, missing, double, swapped."""
    broken = deepcopy(update)
    for _ in range(rng.randint(1, 3)):
        holder, key = rng.choice(list(_places(broken)) or [(None, None)])
        if holder is None:
            return rng.choice(ODD)
        match rng.randrange(4):
            case 0:
                holder[key] = deepcopy(rng.choice(ODD))
            case 1:
                del holder[key]
            case 2:
                other, name = rng.choice(list(_places(broken)))
                holder[key], other[name] = deepcopy(other[name]), deepcopy(holder[key])
            case _:
                if isinstance(holder, dict):
                    holder[rng.choice(_NAMES)] = deepcopy(rng.choice((*ODD, holder[key])))
                else:
                    holder.append(deepcopy(rng.choice(ODD)))
    return broken


_NAMES = (
    "id", "type", "from", "chat", "message", "data", "text", "caption", "entities", "location", "photo", "document",
    "venue", "forward_origin", "sender_chat", "via_bot", "reply_to_message", "migrate_to_chat_id", "is_bot", "date",
    "update_id", "callback_query", "my_chat_member", "language_code", "live_period", "file_name", "animation", "voice",
)  # fmt: skip


def _places(value: Any) -> list[tuple[Any, Any]]:
    """All places in a JSON value: (what holds it, by which key)."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        one = waiting.pop()
        keys: Any = list(one) if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else ()
        found += [(one, key) for key in keys]
        waiting += [one[key] for key in keys if isinstance(one[key], dict | list)]
    return found
