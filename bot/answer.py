"""What the person in front of us sees, after what they did has been kept (or refused)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from bot.ui.card import Card
from bot.ui.form import Asking
from bot.words import Speaker
from config.text import Label, Text
from storage.places import Address

Reply: TypeAlias = Asking | Card | Text | Label | None


class Outcome(StrEnum):
    """How it went; the platform answers its own way to each."""

    DONE = "done"
    UNKNOWN = "unknown"  # words or a command that nothing answers to: nothing was done, and the reply says so
    CONFIRM = "confirm"  # nothing was done yet: the reply asks whether they are sure, and the same press says yes
    AGAIN = "again"  # delivered before: nothing was done now, the answer is the one that was given then
    REFUSED = "refused"
    STRANGER = "stranger"
    BUSY = "busy"  # the database could not be had: nothing saved; the platform should deliver it again
    FAULT = "fault"  # our error: nothing saved; the platform should deliver it again
    ENDED = "ended"  # our error, time after time: put aside for the administrator; must not come again


@dataclass(frozen=True, slots=True)
class Enclosing:
    """On a platform that shows replies by itself: where files of ours go that a reply carries, the actor's own chat.

    `is_here`: the reply is shown in that chat too, so that card and files go as one message.
    """

    to: Address
    is_here: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The reply, how it went, the speaker for this reader, and the question that a refusal is about.

    `posted`: the reply waits in the outbox for the actor's private chat, so that the platform need not show it.
    """

    outcome: Outcome
    reply: Reply
    say: Speaker
    field: str | None = None
    posted: bool = False
