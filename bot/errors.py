"""The two kinds of error that the machine itself knows: a refusal in words, and a message not delivered."""

from __future__ import annotations

from storage.errors import Refusal

__all__ = ["DeliveryFailed", "Refusal"]


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
