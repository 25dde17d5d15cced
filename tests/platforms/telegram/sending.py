"""How the bot brings messages to people: texts, pictures, documents, albums; and how it takes one back."""

from __future__ import annotations

import struct
from typing import Any

from tests.platforms.telegram.access import chat_of, check_member, place_of, reply_of
from tests.platforms.telegram.chats import Chats, File, Message, Refused
from tests.platforms.telegram.entities import caption_of, text_of
from tests.platforms.telegram.keyboards import check_place, markup_of
from tests.platforms.telegram.wire import Args

Json = dict[str, Any]

PHOTO, DOCUMENT = 10 * 1024 * 1024, 50 * 1024 * 1024
ACTIONS = {
    *("typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice"),
    *("upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note"),
}
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM")


def send_message(chats: Chats, args: Args) -> Json:
    """sendMessage."""
    body = text_of(args)
    preview = args.object("link_preview_options", "link preview options")
    if args.flag("disable_web_page_preview"):
        preview = {"is_disabled": True}
    if preview:
        body["link_preview_options"] = preview
    return _sent(chats, args, body, "text messages").as_json()


def send_photo(chats: Chats, args: Args) -> Json:
    """sendPhoto."""
    file = file_of(chats, args, "photo", PHOTO)
    body = {"photo": photo_sizes(file)} | caption_of(args)
    return _sent(chats, args, body, "photos", file).as_json()


def send_document(chats: Chats, args: Args) -> Json:
    """sendDocument."""
    file = file_of(chats, args, "document", DOCUMENT)
    body = {"document": document_json(file)} | caption_of(args)
    return _sent(chats, args, body, "documents", file).as_json()


def send_location(chats: Chats, args: Args) -> Json:
    """sendLocation."""
    try:
        where = {"latitude": float(args.text("latitude")), "longitude": float(args.text("longitude"))}
    except ValueError:
        raise Refused("Bad Request: latitude is empty") from None
    return _sent(chats, args, {"location": where}, "locations").as_json()


def send_media_group(chats: Chats, args: Args) -> list[Json]:
    """sendMediaGroup: two to ten pictures, or as many documents."""
    media = args.object("media", "media")
    if not args.has("media"):
        raise Refused('Bad Request: parameter "media" is required')
    if not isinstance(media, list) or not media:
        raise Refused("Bad Request: there are no messages to send")
    if len(media) > 10:
        raise Refused("Bad Request: too many messages to send as an album")
    kinds = {one.get("type") for one in media if isinstance(one, dict)}
    if not kinds <= {"photo", "video"} and len(kinds) > 1:
        raise Refused("Bad Request: document can't be mixed with other media types")
    contents = [media_of(chats, args, one) for one in media]
    chat = place_of(chats, args, "media")
    reply = reply_of(chats, args, chat)
    chats.spend(args.method, chat, len(media))
    album = {"media_group_id": chats.keep("album", b"", "").unique} if len(media) > 1 else {}
    written = [chats.write(chat, chats.bot, body | album, reply_to=reply, file=file) for body, file in contents]
    return [one.as_json() for one in written]


def media_of(chats: Chats, args: Args, media: Any) -> tuple[Json, File]:
    """One InputMedia: what it looks like in a message, and its file. Raises Refused."""
    if not isinstance(media, dict) or media.get("type") not in ("photo", "document"):
        raise Refused("Bad Request: can't parse InputMedia: media type is unsupported")
    inner = Args(args.method, {"caption": media.get("caption"), "parse_mode": media.get("parse_mode")})
    inner.values["caption_entities"] = media.get("caption_entities")
    inner.values[media["type"]], inner.uploads = media.get("media"), args.uploads
    if media["type"] == "photo":
        file = file_of(chats, inner, "photo", PHOTO)
        return {"photo": photo_sizes(file)} | caption_of(inner), file
    file = file_of(chats, inner, "document", DOCUMENT)
    return {"document": document_json(file)} | caption_of(inner), file


def delete_message(chats: Chats, args: Args) -> bool:
    """deleteMessage: the bot's own; in private also the other side's, in groups as an administrator."""
    chat = chat_of(chats, args)
    check_member(chats, chat)
    if not args.has("message_id"):
        raise Refused("Bad Request: message identifier is not specified")
    message = chat.find(args.whole("message_id"))
    if message is None:
        raise Refused("Bad Request: message to delete not found")
    ruler = chat.is_private or chat.statuses.get(chats.bot.id) in ("administrator", "creator")
    old = (chats.clock() - message.at).total_seconds() > 48 * 3600
    if old or not (message.by_bot or ruler):
        raise Refused("Bad Request: message can't be deleted for everyone")
    message.deleted = True
    chat.messages.remove(message)
    return True


def send_chat_action(chats: Chats, args: Args) -> bool:
    """sendChatAction: `typing` and the like."""
    chat = place_of(chats, args)
    if args.text("action").lower() not in ACTIONS:
        raise Refused("Bad Request: wrong parameter action in request")
    chat.actions.append(args.text("action").lower())
    return True


def _sent(chats: Chats, args: Args, body: Json, what: str, file: File | None = None) -> Message:
    markup = markup_of(args)
    chat = place_of(chats, args, what)
    check_place(markup, private=chat.is_private)
    reply = reply_of(chats, args, chat)
    if args.whole("message_thread_id"):
        raise Refused("Bad Request: message thread not found")
    chats.spend(args.method, chat, 1)
    if args.flag("protect_content"):
        body["has_protected_content"] = True
    return chats.write(chat, chats.bot, body, markup=markup, reply_to=reply, file=file)


def file_of(chats: Chats, args: Args, name: str, most: int) -> File:
    """The file of a request: attached, or known by its id. Raises Refused."""
    said = args.text(name)
    part = said.removeprefix("attach://") if said.startswith("attach://") else name
    upload = args.uploads.get(part)
    if upload is None:
        if not said:
            raise Refused(f"Bad Request: there is no {name} in the request")
        if said.startswith(("http://", "https://")):
            raise Refused("Bad Request: failed to get HTTP URL content")
        if said not in chats.files:
            raise Refused("Bad Request: wrong file identifier/HTTP URL specified")
        return chats.files[said]
    if not upload.content:
        raise Refused("Bad Request: file must be non-empty")
    if len(upload.content) > most:
        raise Refused("Request Entity Too Large", 413)
    if name == "photo":
        _check_picture(upload.content)
    return chats.keep(upload.name, upload.content, upload.mime)


def _check_picture(content: bytes) -> None:
    if not content.startswith(_PICTURES):
        raise Refused("Bad Request: IMAGE_PROCESS_FAILED")
    width, height = _size(content)
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise Refused("Bad Request: PHOTO_INVALID_DIMENSIONS")


def _size(content: bytes) -> tuple[int, int]:
    """Width and height of a PNG; others count as 800 to 600."""
    if content.startswith(_PICTURES[0]) and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return max(1, int(width)), max(1, int(height))
    return 800, 600


def photo_sizes(file: File) -> list[Json]:
    """A picture as messages carry it: the smallest size first."""
    width, height = _size(file.content)
    full: Json = {"file_id": file.id, "file_unique_id": file.unique, "width": width, "height": height}
    small = {"file_id": f"{file.id}s", "file_unique_id": f"{file.unique}s", "width": 90, "height": 67}
    return [small | {"file_size": 900}, full | {"file_size": file.size}]


def document_json(file: File) -> Json:
    """A document as messages carry it."""
    named = {"file_name": file.name, "mime_type": file.mime}
    return named | {"file_id": file.id, "file_unique_id": file.unique, "file_size": file.size}
