"""How the bot changes what it has said, and answers a press."""

from __future__ import annotations

import re
from typing import Any

from tests.platforms.telegram.access import own_message
from tests.platforms.telegram.chats import Answered, Chats, File, Message, Refused
from tests.platforms.telegram.entities import caption_of, text_of
from tests.platforms.telegram.keyboards import markup_of
from tests.platforms.telegram.sending import media_of
from tests.platforms.telegram.wire import Args

Json = dict[str, Any]

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)
TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
ANSWER = 200


def edit_text(chats: Chats, args: Args) -> Json:
    """editMessageText; without a keyboard in the request, the one that stood there goes."""
    body = text_of(args, "MESSAGE_TOO_LONG")
    markup = markup_of(args, inline_only=True)
    message = own_message(chats, args)
    if "text" not in message.body:
        raise Refused("Bad Request: there is no text in the message to edit")
    preview = args.object("link_preview_options", "link preview options")
    return _edited(chats, args, message, body | ({"link_preview_options": preview} if preview else {}), markup)


def edit_caption(chats: Chats, args: Args) -> Json:
    """editMessageCaption."""
    caption = caption_of(args)
    markup = markup_of(args, inline_only=True)
    message = own_message(chats, args)
    if not message.body.keys() & {"photo", "document"}:
        raise Refused("Bad Request: there is no caption in the message to edit")
    body = {name: value for name, value in message.body.items() if not name.startswith("caption")} | caption
    return _edited(chats, args, message, body, markup)


def edit_markup(chats: Chats, args: Args) -> Json:
    """editMessageReplyMarkup."""
    markup = markup_of(args, inline_only=True)
    message = own_message(chats, args)
    return _edited(chats, args, message, message.body, markup)


def edit_media(chats: Chats, args: Args) -> Json:
    """editMessageMedia: another picture or document in place of the one that stands there."""
    body, file = media_of(chats, args, args.object("media", "InputMedia"))
    markup = markup_of(args, inline_only=True)
    return _edited(chats, args, own_message(chats, args), body, markup, file)


def _edited(
    chats: Chats, args: Args, message: Message, body: Json, markup: Json | None, file: File | None = None
) -> Json:
    if body == message.body and markup == message.markup:
        raise Refused(NOT_MODIFIED)
    chats.spend(args.method, message.chat, 1)
    message.edits.append(message.body | ({"reply_markup": message.markup} if message.markup else {}))
    message.body, message.markup, message.file = body, markup, file or message.file
    message.edited_at = chats.clock()
    return message.as_json()


def answer_callback(chats: Chats, args: Args) -> bool:
    """answerCallbackQuery: once for each press, and soon."""
    query = chats.queries.get(args.text("callback_query_id"))
    if query is None or query.answered or chats.ticks() - query.at > chats.query_seconds:
        raise Refused(TOO_OLD)
    text, url = args.text("text"), args.text("url")
    if len(text) > ANSWER:
        raise Refused("Bad Request: MESSAGE_TOO_LONG")
    if url and not re.match(rf"(https?://)?t\.me/{chats.bot.username}\?start=[\w-]{{1,64}}$", url, re.IGNORECASE):
        raise Refused("Bad Request: URL_INVALID")
    query.answered = Answered(text, args.flag("show_alert"), url or None)
    query.came.set()
    return True
