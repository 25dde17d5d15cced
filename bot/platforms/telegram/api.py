"""Telegram's Bot API as we use it: what is said goes at Telegram's pace, and a failure is told for what it means."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from bot.errors import DeliveryFailed
from bot.platforms.telegram.calls import MOST_BYTES, Calls, Json, too_big, upload
from bot.platforms.telegram.gate import Gate
from bot.platforms.telegram.refusals import Meaning, Refused

T = TypeVar("T")

PHOTO_BYTES = 10 * 1024 * 1024
DOCUMENT_BYTES = 50 * 1024 * 1024
GATE_SECONDS = 5.0
"""So long a call waits for its turn; one that has to wait longer is refused, with the time to wait."""
UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
"""The kinds of updates that we take; Telegram keeps the others to itself."""


@dataclass(frozen=True, slots=True)
class We:
    """The bot as Telegram knows it; `reads_all`: privacy mode is off, it hears all that is said in groups."""

    id: str
    username: str
    reads_all: bool = False


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way to Telegram."""

    name: str
    mime: str
    data: bytes


class Api:
    """One bot's calls. Each is made once and raises `Refused`, and nothing else."""

    def __init__(self, token: str, api_url: str, gate: Gate | None = None) -> None:
        self.calls = Calls(token, api_url)
        self.gate = gate or Gate(time.monotonic)

    async def close(self) -> None:
        """Ends all connections."""
        await self.calls.close()

    async def call(self, method: str, args: Json) -> Any:
        """Any other method that does not count towards the pace."""
        return await self.calls.call(method, args)

    # --- Saying: each waits for its turn

    async def send_text(
        self, chat: str, html: str, plain: str, keyboard: Json | None = None, reply_to: str | None = None
    ) -> int:
        """Posts words, without previews of what they link to, and returns the message's id.

        `reply_to` is the id of the message that it hangs under, if that is still there. Words that Telegram can't
        read as HTML go as `plain`.
        """
        args = {"chat_id": chat, "link_preview_options": {"is_disabled": True}, **_hung(reply_to), **_keys(keyboard)}
        return await self._in_turn(chat, lambda: self._worded("sendMessage", args, "text", html, plain), _message_id)

    async def edit_text(self, chat: str, message: str, html: str, plain: str, keyboard: Json | None = None) -> None:
        """Makes a message show these words and these buttons, or none. No change is success."""
        args = {"chat_id": chat, "message_id": message, "link_preview_options": {"is_disabled": True}}
        args |= _keys(keyboard or {"inline_keyboard": []})
        try:
            await self._in_turn(chat, lambda: self._worded("editMessageText", args, "text", html, plain), bool)
        except Refused as error:
            if error.meaning is not Meaning.SAME:
                raise

    async def send_photo(
        self,
        chat: str,
        photo: Upload,
        html: str = "",
        plain: str = "",
        keyboard: Json | None = None,
        reply_to: str | None = None,
    ) -> int:
        """Posts a picture with a caption of at most 1024 units, and returns the message's id."""
        args = {"chat_id": chat, **_hung(reply_to), **_keys(keyboard)}
        args["photo"] = upload(photo.name, photo.mime, photo.data)
        return await self._in_turn(chat, lambda: self._worded("sendPhoto", args, "caption", html, plain), _message_id)

    async def send_document(self, chat: str, document: Upload, reply_to: str | None = None) -> int:
        """Posts a file as it is, and returns the message's id."""
        args = {"chat_id": chat, "disable_content_type_detection": True, **_hung(reply_to)}
        args["document"] = upload(document.name, document.mime, document.data)
        return await self._in_turn(chat, lambda: self.calls.call("sendDocument", args), _message_id)

    async def _in_turn(self, chat: str, call: Callable[[], Awaitable[Any]], read: Callable[[Any], T]) -> T:
        """The call, when its turn has come; where Telegram asks for a pause, the chat has one."""
        try:
            await self.gate.take(chat, GATE_SECONDS)
        except DeliveryFailed as early:
            raise Refused(str(early), 429, meaning=Meaning.LIMITED, retry_after=early.retry_after) from None
        try:
            return read(await call())
        except Refused as error:
            if error.meaning is Meaning.LIMITED and error.retry_after is not None:
                self.gate.hold(chat, error.retry_after)
            raise
        finally:
            self.gate.sent(chat)

    async def _worded(self, method: str, args: Json, field: str, html: str, plain: str) -> Any:
        if not html:
            return await self.calls.call(method, args)
        try:
            return await self.calls.call(method, args | {field: html, "parse_mode": "HTML"})
        except Refused as error:
            if error.meaning is not Meaning.MARKUP:
                raise
        return await self.calls.call(method, args | {field: plain})

    # --- Hearing

    async def answer(self, callback: str, text: str = "", alert: bool = False, url: str | None = None) -> bool:
        """Ends a press's little clock, with words of at most 200 units. False for one that is too old for that."""
        args: Json = {"callback_query_id": callback, "show_alert": alert}
        args |= ({"text": text} if text else {}) | ({"url": url} if url else {})
        try:
            await self.calls.call("answerCallbackQuery", args)
        except Refused as error:
            if error.meaning is not Meaning.OLD:
                raise
            return False
        return True

    async def updates(self, offset: int | None, timeout: int, limit: int = 100) -> list[Json]:
        """The updates from `offset` on, as they came; waits up to `timeout` seconds for the first."""
        args: Json = {"timeout": timeout, "limit": limit, "allowed_updates": list(UPDATES)}
        args |= {} if offset is None else {"offset": offset}
        found = await self.calls.call("getUpdates", args, polls=timeout)
        return [update for update in found if isinstance(update, dict)] if isinstance(found, list) else []

    async def set_webhook(self, url: str, secret: str) -> None:
        """Telegram sends updates to this address from now on, with the secret; what waits is kept."""
        await self.calls.call("setWebhook", {"url": url, "secret_token": secret, "allowed_updates": list(UPDATES)})

    async def delete_webhook(self) -> None:
        """Telegram calls nobody any more; what waits is kept for `updates`."""
        await self.calls.call("deleteWebhook", {"drop_pending_updates": False})

    async def webhook(self) -> str:
        """Where Telegram sends updates now; empty if nowhere."""
        url = _dict(await self.calls.call("getWebhookInfo", {})).get("url")
        return url if isinstance(url, str) else ""

    async def file(self, file_id: str) -> tuple[bytes, str]:
        """A file that somebody sent, and its path at Telegram (its ending tells the kind). At most `MOST_BYTES`."""
        found = _dict(await self.calls.call("getFile", {"file_id": file_id}))
        path, size = found.get("file_path"), found.get("file_size")
        if not isinstance(path, str) or not _is_below(path):
            raise Refused("Telegram names no place of the file that we would look in")
        if isinstance(size, int) and size > MOST_BYTES:
            raise too_big()
        return await self.calls.fetch(quote(path)), path

    async def set_commands(
        self, commands: Sequence[tuple[str, str]], language: str | None = None, scope: Json | None = None
    ) -> None:
        """The menu of commands (name, what it does) for a language (None: all others) and a scope (None: all chats)."""
        args: Json = {"commands": [{"command": name, "description": words} for name, words in commands]}
        args |= ({"language_code": language} if language else {}) | ({"scope": scope} if scope else {})
        await self.calls.call("setMyCommands", args)

    async def me(self) -> We:
        """Who the token says that we are."""
        match await self.calls.call("getMe", {}):
            case {"id": int(id), "username": str(username), **more} if username:
                return We(str(id), username, more.get("can_read_all_group_messages") is True)
        raise Refused("getMe names no bot")

    async def member(self, chat: str, user: str) -> Json:
        """How somebody stands in a chat: `status`, and the rights that go with it."""
        return _dict(await self.calls.call("getChatMember", {"chat_id": chat, "user_id": user}))


def _dict(found: Any) -> Json:
    return found if isinstance(found, dict) else {}


def _keys(keyboard: Json | None) -> Json:
    return {"reply_markup": keyboard} if keyboard is not None else {}


def _hung(reply_to: str | None) -> Json:
    if not reply_to or not reply_to.isdecimal():
        return {}
    return {"reply_parameters": {"message_id": int(reply_to), "allow_sending_without_reply": True}}


def _message_id(result: Any) -> int:
    """The message's id; an answer without one leaves us not knowing whether it stands there."""
    id = _dict(result).get("message_id")
    if not isinstance(id, int) or isinstance(id, bool):
        raise Refused("Telegram's answer names no message")
    return id


def _is_below(path: str) -> bool:
    """Whether it is a plain path below the files' place: no scheme, host, root or way up. It is quoted afterwards."""
    return bool(_PATH.fullmatch(path)) and not any(part in ("", ".", "..") for part in path.split("/"))


_PATH = re.compile(r"[^\x00-\x1f\x7f\\:]{1,500}")
