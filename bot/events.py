"""What people did, with the platform taken out: said a command, sent a form, pressed a button, wrote words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from bot.ui.form import Attached, Position
from storage.places import Address, Identity

__all__ = ["Address", "Commanded", "Event", "Identity", "Pressed", "Said", "Submitted"]


@dataclass(frozen=True, slots=True)
class Commanded:
    """Somebody gave a command by its name (`complaint`), with what they wrote behind it."""

    id: str
    who: Identity
    here: Address
    name: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Submitted:
    """Somebody sent a form (`tickets.NewComplaint`), about a record (`tickets:42:3`) or about none.

    Answers are as the platform brought them: strings, lists of strings, `Attached` files; a person is an
    `Identity`, or an employee's id where the platform knows it.
    """

    id: str
    who: Identity
    here: Address
    form: str
    answers: dict[str, Any] = field(default_factory=dict)
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Pressed:
    """Somebody pressed a button; `action` is a claim (`tickets.take:42:3`), checked on every press.

    `on` is the message with the button (its id as the thread), where the platform has no way of its own to ask
    "are you sure?": then the desk asks.
    """

    id: str
    who: Identity
    here: Address
    action: str
    on: Address | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody wrote words: to the bot (`to_us`: directly, or after a mention), or under a message of ours.

    `position` is where their phone says that they are, sent just now and not passed on from somebody else.
    """

    id: str
    who: Identity
    here: Address
    text: str
    to_us: bool = False
    files: tuple[Attached, ...] = ()
    position: Position | None = None


Event: TypeAlias = Commanded | Submitted | Pressed | Said
