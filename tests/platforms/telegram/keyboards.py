"""Which keyboards Telegram takes under a message, and the words with which it refuses the others."""

from __future__ import annotations

import re
from typing import Any

from tests.platforms.telegram.chats import Refused
from tests.platforms.telegram.wire import Args

Json = dict[str, Any]

BUTTONS = 100
A_ROW = 8  # more are not drawn
DATA = 64  # bytes
REPLY_BUTTONS = 300
INLINE_ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
ASKING = ("request_contact", "request_location", "request_poll", "request_users", "request_chat", "web_app")

_ADDRESS = re.compile(
    r"(?:https?://)?(?:[\w-]+\.)+[\w-]{2,}(?::\d+)?(?:[/?#]\S*)?$|https?://\d+(?:\.\d+){3}(?::\d+)?(?:[/?#]\S*)?$|tg://\S+$"
)


def markup_of(args: Args, *, inline_only: bool = False) -> Json | None:
    """The keyboard of a request, checked; None without one. Raises Refused."""
    markup = args.object("reply_markup", "reply keyboard markup")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise Refused("Bad Request: object expected as reply markup")
    if "inline_keyboard" in markup:
        _rows(markup["inline_keyboard"], "inline keyboard")
        for row in markup["inline_keyboard"]:
            for button in row:
                _inline(button)
        _count(markup["inline_keyboard"], BUTTONS)
        kept = [row for row in markup["inline_keyboard"] if row]
        return {"inline_keyboard": kept} if kept else None
    if inline_only:
        raise Refused("Bad Request: inline keyboard expected")
    if "keyboard" in markup:
        _rows(markup["keyboard"], "keyboard")
        for row in markup["keyboard"]:
            for button in row:
                _reply(button)
        _count(markup["keyboard"], REPLY_BUTTONS)
    return markup


def check_place(markup: Json | None, *, private: bool) -> None:
    """Asking for a place or a phone number works in private chats only. Raises Refused."""
    if private or not markup or "keyboard" not in markup:
        return
    buttons = [one for row in markup["keyboard"] for one in row if isinstance(one, dict)]
    for name, words in (("request_location", "location"), ("request_contact", "phone number")):
        if any(one.get(name) for one in buttons):
            raise Refused(f"Bad Request: {words} can be requested in private chats only")


def _rows(rows: Any, what: str) -> None:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise Refused(f'Bad Request: field "{what.replace(" ", "_")}" must be an Array of Arrays')


def _count(rows: list[list[Any]], most: int) -> None:
    if sum(len(row) for row in rows) > most:
        raise Refused("Bad Request: reply markup is too long")
    if any(len(row) > A_ROW for row in rows):
        raise Refused(f"Bad Request: reply markup has a row of more than {A_ROW} buttons, which nobody would see")


def _refused(words: str) -> Refused:
    return Refused(f"Bad Request: can't parse inline keyboard button: {words}")


def _text(button: Any) -> str:
    if not isinstance(button, dict):
        raise _refused("InlineKeyboardButton must be an Object")
    text = button.get("text")
    if text is None:
        raise _refused('Can\'t find field "text"')
    if not isinstance(text, str):
        raise _refused('Field "text" must be of type String')
    if not text.strip():
        raise Refused("Bad Request: text of the button must be non-empty")
    return text


def _inline(button: Any) -> None:
    _text(button)
    actions = [name for name in INLINE_ACTIONS if button.get(name) is not None]
    if not actions:
        raise _refused("Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise _refused("exactly one action is allowed for a button")
    if actions == ["callback_data"]:
        data = button["callback_data"]
        if not isinstance(data, str):
            raise _refused('Field "callback_data" must be of type String')
        if not 1 <= len(data.encode("utf-8", "replace")) <= DATA:
            raise Refused("Bad Request: BUTTON_DATA_INVALID")
    if actions == ["url"] and not _ADDRESS.match(str(button["url"])):
        raise Refused(f"Bad Request: inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")


def _reply(button: Any) -> None:
    if isinstance(button, str):
        button = {"text": button}
    _text(button)
    if len([name for name in ASKING if button.get(name)]) > 1:
        raise Refused("Bad Request: keyboard button must have at most one action")
