"""Cards and replies as JSON: kept with the outbox and the inbox, and read back as the same values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from bot.answer import Reply
from bot.ui.card import Card
from bot.ui.form import Ask, Asking, Attached, Position
from config.text import Label, Money, Text

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
    """The same form again, and what is filled in as the same values."""
    asking = _ASKING.validate_json(packed)
    kinds = {question.name: question.ask for question in asking.questions}
    return replace(asking, answers={name: _value(kinds.get(name), kept) for name, kept in asking.answers.items()})


def _value(kind: Ask | None, kept: Any) -> Any:
    """A value that is filled in: JSON knows words, numbers and lists; the question's kind tells what they were."""
    wanted = _VALUES.get(kind) if kind is not None else None
    try:
        return wanted.validate_python(kept) if wanted is not None else kept
    except ValidationError:  # words that somebody would type, as they were
        return kept


_VALUES: dict[Ask, TypeAdapter[Any]] = {
    "money": TypeAdapter(Money),
    "choices": TypeAdapter(tuple[str, ...]),
    "day": TypeAdapter(date),
    "moment": TypeAdapter(AwareDatetime),
    "people": TypeAdapter(tuple[int, ...]),
    "files": _FILES,
    "place": TypeAdapter(Position),
}


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
