"""What every platform can do: start, stop, send a message, edit one. Nothing is optional, and success is silence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.ui.card import Card
from bot.words import Speaker
from storage.places import Address


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a platform takes messages: seconds between two to one channel, and how many a second over all.

    `a_minute`: how many a minute a group takes; a group's id begins with one of `groups`. `at_once`: sends under way
    at the same time.
    """

    channel: float = 1.0
    overall: float = 30.0
    a_minute: int | None = None
    groups: str = ""
    at_once: int = 8


@dataclass(frozen=True, slots=True)
class Message:
    """A card on its way to one place, made just now from the record as it stands.

    `id` is the outbox row's (a platform that can stores it with the message, and looks it up when `again`: a
    send whose outcome is not known). `ref` is the platform's id of the message to edit. `about` names the record
    that a live card is a window onto (`tickets:42`), None for a frozen notice.
    """

    id: int
    to: Address
    card: Card
    say: Speaker
    ref: str | None = None
    about: str | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a message came to stand: the channel that the platform named, its id there, and those of messages that
    belong to it (`enclosed`: its files)."""

    channel: str
    ref: str
    enclosed: tuple[str, ...] = ()


class Platform(Protocol):
    """A way to people. Raises `DeliveryFailed`, and nothing else, from `send` and `edit`."""

    name: str
    pace: Pace

    async def start(self) -> None:
        """Begins to take events. Returns once it is ready; reconnects by itself later."""

    async def stop(self) -> None:
        """Ends intake at once, and lets what is under way finish; returns within 5 s."""

    async def send(self, message: Message) -> Sent:
        """Posts a new message and says where it stands. Takes at most 10 s."""

    async def edit(self, message: Message) -> None:
        """Makes the message `ref` show the card as it is now. No change is success. Takes at most 10 s."""
