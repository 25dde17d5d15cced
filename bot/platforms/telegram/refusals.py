"""What Telegram's refusals mean: never again for this chat, later, in another place, or nothing at all."""

from __future__ import annotations

import math
from datetime import timedelta
from enum import StrEnum
from typing import Any

from bot.errors import DeliveryFailed

RETRY_AFTER = 3600.0
"""Nobody waits longer than an hour, whatever the answer says."""
DEFAULT_WAIT = 5.0
"""Seconds to wait after a 429 that does not say how long."""


class Meaning(StrEnum):
    """What is to be done about a refusal."""

    LATER = "later"  # it may pass: tried again, with an end to that
    NEVER = "never"  # this chat takes nothing from us
    GONE = "gone"  # the message that was to be edited is no more
    SAME = "same"  # it shows that already: a success
    MARKUP = "markup"  # the words could not be read as HTML: they go as plain text
    BUTTON = "button"  # a button's address is not to Telegram's taste: it goes as words
    PICTURE = "picture"  # the file is not to Telegram's taste: it goes in another way, or not at all
    MOVED = "moved"  # the chat goes on under another id
    LIMITED = "limited"  # too much, too fast
    TOKEN = "token"  # the bot itself is refused; no chat is to blame
    OLD = "old"  # the press is too old to be answered with words; what it did counts


class Refused(Exception):
    """Telegram did not do it, or did not say so. `code` is its description, or the kind of failure on the way."""

    def __init__(
        self,
        code: str,
        status: int = 0,
        *,
        meaning: Meaning = Meaning.LATER,
        retry_after: float | None = None,
        moved_to: str | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.meaning = meaning
        self.retry_after = retry_after
        self.moved_to = moved_to

    def as_failure(self) -> DeliveryFailed:
        """The same for the courier. What merely may pass, and a refused token, blame no address."""
        gone = self.meaning is Meaning.GONE
        lost = self.meaning is Meaning.NEVER
        return DeliveryFailed(
            self.code,
            permanent=gone or lost,
            gone=gone,
            retry_after=self.retry_after,
            moved_to=self.moved_to,
            lost=lost,
        )


# What Telegram's descriptions mean, in small letters, as parts of them. What stands in none of these may pass:
# an unknown 403 or 400 is tried again until the courier's patience ends.
_MEANT: dict[Meaning, str] = {
    Meaning.SAME: "message is not modified",
    Meaning.OLD: "query is too old|query_id_invalid|query id is invalid",
    Meaning.MARKUP: """can't parse entities|entity_bounds_invalid|entities_too_long|entity_mention_user_invalid
        |unsupported start tag""",
    Meaning.BUTTON: """button_url_invalid|button url|button_type_invalid|url host is empty|wrong http url
        |web_page_url_invalid""",
    Meaning.PICTURE: """image_process_failed|photo_invalid|photo_ext_invalid|photo_save_file_invalid
        |photo_content_|file must be non-empty|file is too big|request entity too large|wrong file identifier
        |wrong type of the""",
    Meaning.GONE: """message to edit not found|message can't be edited|message_id_invalid|message_edit_time_expired
        |message identifier is not specified|there is no text in the message to edit|message_not_found
        |there is no caption in the message to edit""",
    Meaning.NEVER: """bot was blocked by the user|user is deactivated|can't initiate conversation
        |bot was kicked|bot is not a member|can't send messages to bots|can't send messages to the user
        |group chat was deleted|group chat was deactivated|chat was deleted|chat not found|user not found
        |chat_id is empty|peer_id_invalid|user_is_blocked|input_user_deactivated|user_is_bot|chat_write_forbidden
        |chat_restricted|chat_send_plain_forbidden|chat_admin_required|channel_private|chat_forbidden
        |have no rights to send|not enough rights|need administrator rights|topic_closed""",
}
DESCRIPTIONS: dict[str, Meaning] = {
    " ".join(part.split()): meaning for meaning, parts in _MEANT.items() for part in parts.split("|")
}


def refusal(status: int, said: Any) -> Refused:
    """What an answer that is not `ok` means; `said` is its JSON, whatever that turned out to be."""
    said = said if isinstance(said, dict) else {}
    description, parameters = said.get("description"), said.get("parameters")
    parameters = parameters if isinstance(parameters, dict) else {}
    code = said.get("error_code") if isinstance(said.get("error_code"), int) else status
    words = _printable(description) if isinstance(description, str) else f"http_{status}"
    if status == 429 or code == 429:
        wait = seconds(parameters.get("retry_after"))
        return Refused(words, 429, meaning=Meaning.LIMITED, retry_after=DEFAULT_WAIT if wait is None else wait)
    moved_to = parameters.get("migrate_to_chat_id")
    if isinstance(moved_to, int) and moved_to:
        return Refused(words, status, meaning=Meaning.MOVED, moved_to=str(moved_to))
    if status in (401, 404) and description in ("Unauthorized", "Not Found", None):
        return Refused(words, status, meaning=Meaning.TOKEN)  # 404: a token that is not one at all
    return Refused(words, status, meaning=_meaning(words) if 400 <= status < 500 else Meaning.LATER)


def _meaning(description: str) -> Meaning:
    small = description.lower()
    return next((meaning for part, meaning in DESCRIPTIONS.items() if part in small), Meaning.LATER)


def _printable(text: str) -> str:
    """A description as it may stand in a log: one line, of moderate length."""
    return "".join(char if char.isprintable() else " " for char in text)[:200] or "no description"


def seconds(value: Any) -> float | None:
    """A `retry_after` as it should be; None where it is missing, not a number, or negative. At most an hour."""
    if isinstance(value, timedelta):
        value = value.total_seconds()
    try:
        wait = float(value if isinstance(value, int | float | str) and not isinstance(value, bool) else "")
    except (ValueError, OverflowError):
        return None
    return min(wait, RETRY_AFTER) if math.isfinite(wait) and wait >= 0 else None
