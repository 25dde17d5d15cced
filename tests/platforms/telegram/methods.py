"""Every method of the Bot API that the fake knows, by its name in small letters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.platforms.telegram import editing, profile, sending
from tests.platforms.telegram.chats import Chats
from tests.platforms.telegram.wire import Args

METHODS: dict[str, tuple[str, Callable[[Chats, Args], Any]]] = {
    name.lower(): (name, method)
    for name, method in {
        "getMe": profile.get_me,
        "sendMessage": sending.send_message,
        "sendPhoto": sending.send_photo,
        "sendDocument": sending.send_document,
        "sendLocation": sending.send_location,
        "sendMediaGroup": sending.send_media_group,
        "sendChatAction": sending.send_chat_action,
        "deleteMessage": sending.delete_message,
        "editMessageText": editing.edit_text,
        "editMessageCaption": editing.edit_caption,
        "editMessageReplyMarkup": editing.edit_markup,
        "editMessageMedia": editing.edit_media,
        "answerCallbackQuery": editing.answer_callback,
        "setMyCommands": profile.set_commands,
        "getMyCommands": profile.get_commands,
        "deleteMyCommands": profile.delete_commands,
        "setMyDescription": profile.set_description,
        "getMyDescription": profile.get_description,
        "setMyShortDescription": profile.set_short_description,
        "getMyShortDescription": profile.get_short_description,
        "setChatMenuButton": profile.set_menu_button,
        "getChat": profile.get_chat,
        "getChatMember": profile.get_member,
        "leaveChat": profile.leave_chat,
        "getFile": profile.get_file,
    }.items()
}
INTAKE = {name.lower(): name for name in ("getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo")}
SPENDING = {  # what brings a message to people, or changes one: these are paced
    *("sendMessage", "sendPhoto", "sendDocument", "sendLocation", "sendMediaGroup"),
    *("editMessageText", "editMessageCaption", "editMessageReplyMarkup", "editMessageMedia"),
}


def name_of(said: str) -> str | None:
    """A method's name as it is written; None when there is no such method."""
    known = METHODS.get(said.lower())
    return known[0] if known else INTAKE.get(said.lower())


def call(chats: Chats, args: Args) -> Any:
    """Carries out `args.method`. Raises Refused."""
    return METHODS[args.method.lower()][1](chats, args)
