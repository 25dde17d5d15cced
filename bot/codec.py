"""Cards and replies as JSON: kept with the outbox and the inbox, and read back as the same values."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, TypeAdapter

from bot.answer import Reply
from bot.ui.card import Card
from bot.ui.form import Asking, Attached
from config.text import Label, Text

_CARD = TypeAdapter(Card)
_ASKING = TypeAdapter(Asking)
_FILES = TypeAdapter(tuple[Attached, ...])
_REPLY: TypeAdapter[Reply] = TypeAdapter(Annotated[Asking | Card | Text | Label, Field(discriminator="kind")] | None)


def pack_card(card: Card) -> str:
    """A card as JSON."""
    return _CARD.dump_json(card, exclude_defaults=True).decode()


def unpack_card(packed: str) -> Card:
    """The same card again."""
    return _CARD.validate_json(packed)


def pack_asking(asking: Asking) -> str:
    """A form that was put to somebody, as JSON."""
    return _ASKING.dump_json(asking).decode()


def unpack_asking(packed: str) -> Asking:
    """The same form again."""
    return _ASKING.validate_json(packed)


def pack_files(files: tuple[Attached, ...]) -> str:
    """Attached files as JSON."""
    return _FILES.dump_json(files).decode()


def unpack_files(packed: str) -> tuple[Attached, ...]:
    """The same files again."""
    return _FILES.validate_json(packed)


def pack_reply(reply: Reply) -> str:
    """An answer as JSON."""
    return _REPLY.dump_json(reply).decode()


def unpack_reply(packed: str) -> Reply:
    """The same answer again."""
    return _REPLY.validate_json(packed)
