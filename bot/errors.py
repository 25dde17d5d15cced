"""The errors that the machine itself knows: a refusal in words, a button that is old, and a message not delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.ui.card import Card
from config.text import Text
from storage.errors import Refusal

if TYPE_CHECKING:
    from bot.answer import Reply

__all__ = ["DeliveryFailed", "NotUnderstood", "Refusal", "Stale"]


class Stale(Refusal):
    """A button or a form is about a record as it stood before: the words, and the card that a press is answered by.

    The card leads to the record as it stands. Where a press is answered by a few words alone, it is those.
    """

    def __init__(self, text: Text, shows: Card) -> None:
        super().__init__(text)
        self.shows = shows


class NotUnderstood(Exception):
    """Nothing answers to these words, and nothing was done: what is said to them instead."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


class DeliveryFailed(Exception):
    """Raised by `Platform.send` and `edit` alone.

    `permanent`: the address will never take it, so it is not tried again. `gone`: only the message that was to
    be edited is no more; a new one may be sent. `retry_after`: seconds that the platform asked us to wait.
    `moved_to`: the chat goes on under this channel id. `lost`: it is the person who can't be reached there, whatever
    it is that we send: they blocked us, have never begun, or are gone.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        gone: bool = False,
        retry_after: float | None = None,
        moved_to: str | None = None,
        lost: bool = False,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.gone = gone
        self.retry_after = retry_after
        self.moved_to = moved_to
        self.lost = lost
