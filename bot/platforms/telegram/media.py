"""What a message carries besides words: files to fetch, a place, or something that we can't read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any

from bot.platforms.kinds import file_name
from bot.ui.form import Position
from config.text import Text, t

PLACE_LASTS = 120
"""Seconds for which a place counts as where somebody is."""
LARGEST_ID = 2**53
"""Telegram's own bound: ids have at most 52 significant bits."""

PASSED_ON = t("This place was passed on or chosen on the map. Please share where you are yourself, right now.")
TOO_OLD = t("This is where you were a few minutes ago. Please share once more where you are now.")
LIVE = t("Please share your place just once, not live.")
NO_PLACE = t("This place makes no sense to me. Please share once more where you are.")

_UNREADABLE = (
    "sticker",
    "poll",
    "dice",
    "contact",
    "venue",
    "game",
    "story",
    "invoice",
    "checklist",
    "paid_media",
    "giveaway",
)
_FORWARDED = ("forward_origin", "forward_from", "forward_from_chat", "forward_sender_name", "forward_date")


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as Telegram announces it: the id to fetch it by, a name, and the size that it claims (0: not said)."""

    id: str
    name: str
    size: int = 0


def files_of(message: Any) -> tuple[Sent, ...]:
    """The files of a message: one, in the best quality. An animation stands there as a document too."""
    found: Sent | None = None
    if isinstance(field(message, "animation"), dict):
        found = _file(message["animation"], "animation.mp4")
    elif isinstance(sizes := field(message, "photo"), list):
        found = _largest(sizes, message)
    else:
        for kind, name in _NAMED:
            if isinstance(file := field(message, kind), dict):
                found = _file(file, name)
                break
    return (found,) if found is not None else ()


_NAMED = (
    ("document", "document"),
    ("voice", "voice.ogg"),
    ("audio", "audio.mp3"),
    ("video", "video.mp4"),
    ("video_note", "video.mp4"),
)


def _largest(sizes: list[Any], message: Any) -> Sent | None:
    name = f"photo-{number(field(message, 'message_id')) or 0}.jpg"
    found = [(_area(size), file) for size in sizes[:50] if (file := _file(size, name)) is not None]
    return max(found, key=lambda one: one[0])[1] if found else None


def _area(size: Any) -> int:
    return (number(field(size, "width")) or 0) * (number(field(size, "height")) or 0)


def _file(raw: Any, name: str) -> Sent | None:
    id, given, size = identifier(field(raw, "file_id"), 512), field(raw, "file_name"), number(field(raw, "file_size"))
    if not id:
        return None
    return Sent(id, file_name(given[:1000]) if isinstance(given, str) and given else name, max(0, size or 0))


def position_of(message: Any, now: datetime) -> tuple[Position | None, Text | None]:
    """Where somebody says that they are, or why it does not count: not their own, not now, or nowhere."""
    place = field(message, "location")
    if field(message, "venue") is not None or any(field(message, mark) is not None for mark in _FORWARDED):
        return None, PASSED_ON
    if field(place, "live_period") is not None:
        return None, LIVE
    at = number(field(message, "date"))
    if at is None or now.timestamp() - at > PLACE_LASTS or field(message, "is_from_offline") is True:
        return None, TOO_OLD
    latitude, longitude = degrees(field(place, "latitude"), 90), degrees(field(place, "longitude"), 180)
    if latitude is None or longitude is None:
        return None, NO_PLACE
    accuracy = degrees(field(place, "horizontal_accuracy"), 1500)
    return Position(latitude, longitude, accuracy if accuracy is not None and accuracy >= 0 else None), None


def is_unreadable(message: Any) -> bool:
    """Whether somebody sent something on purpose that has no words for us; notices of Telegram's own are nothing."""
    return isinstance(message, dict) and any(kind in message for kind in _UNREADABLE)


# --- Out of raw JSON, whatever it is ---------------------------------------------------------------------


def field(raw: Any, name: str) -> Any:
    """A field of an object; None where there is none, or no object."""
    return raw.get(name) if isinstance(raw, dict) else None


def number(raw: Any) -> int | None:
    """A whole number that could be an id."""
    return raw if type(raw) is int and -LARGEST_ID < raw < LARGEST_ID else None


def identifier(raw: Any, most: int = 128) -> str:
    """A short printable text that could be an id; empty where it is none."""
    return raw if isinstance(raw, str) and len(raw) <= most and raw.isprintable() else ""


def degrees(raw: Any, most: int) -> float | None:
    """A finite number from `-most` to `most`."""
    if type(raw) not in (int, float) or not -most <= raw <= most or not isfinite(raw):
        return None
    return float(raw)
