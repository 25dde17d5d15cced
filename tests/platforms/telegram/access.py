"""Where the bot may write, and the words with which Telegram tells it that it may not."""

from __future__ import annotations

from tests.platforms.telegram.chats import Chat, Chats, Message, Refused
from tests.platforms.telegram.wire import Args


def chat_of(chats: Chats, args: Args, name: str = "chat_id") -> Chat:
    """The chat of a request, whether or not the bot may write there. Raises Refused."""
    said = args.text(name).strip()
    if not said:
        raise Refused(f"Bad Request: {name} is empty")
    if said.startswith("@"):
        found = chats.by_username(said)
        if found is None or found.is_private:
            raise Refused("Bad Request: chat not found")
        return found
    try:
        id = int(said)
    except ValueError:
        raise Refused("Bad Request: chat not found") from None
    if id not in chats.all and not (id in chats.users and chats.seen(chats.users[id])):
        raise Refused("Bad Request: chat not found")
    return chats.get(id)


def place_of(chats: Chats, args: Args, what: str = "text messages") -> Chat:
    """The chat of a request, where the bot may write `what`. Raises Refused with the reason."""
    chat = chat_of(chats, args)
    check_member(chats, chat)
    status = chat.statuses.get(chats.bot.id)
    if status == "restricted" or (chat.kind == "channel" and status not in ("administrator", "creator")):
        raise Refused(
            "Bad Request: need administrator rights in the channel chat"
            if chat.kind == "channel"
            else f"Bad Request: not enough rights to send {what} to the chat"
        )
    return chat


def check_member(chats: Chats, chat: Chat) -> None:
    """Raises Refused unless the bot and the other side are still there."""
    if chat.user is not None:
        _check_person(chats, chat)
        return
    if chat.migrated_to is not None:
        words = "Bad Request: group chat was upgraded to a supergroup chat"
        raise Refused(words, 400, {"migrate_to_chat_id": chat.migrated_to})
    status = chat.statuses.get(chats.bot.id, "left")
    if status == "kicked":
        raise Refused(f"Forbidden: bot was kicked from the {chat.kind} chat", 403)
    if status == "left":
        raise Refused(f"Forbidden: bot is not a member of the {chat.kind} chat", 403)


def _check_person(chats: Chats, chat: Chat) -> None:
    user = chat.user
    assert user is not None
    if user.is_bot:
        raise Refused("Forbidden: bot can't send messages to bots", 403)
    if user.deactivated:
        raise Refused("Forbidden: user is deactivated", 403)
    if user.blocked:
        raise Refused("Forbidden: bot was blocked by the user", 403)
    if not user.started:
        raise Refused("Forbidden: bot can't initiate conversation with a user", 403)


def reply_of(chats: Chats, args: Args, chat: Chat) -> Message | None:
    """The message that is answered, if any. Raises Refused when it is gone, unless that was allowed."""
    about = args.object("reply_parameters", "reply parameters") or {}
    id = about.get("message_id", args.whole("reply_to_message_id"))
    if not id:
        return None
    found = chat.find(int(id))
    allowed = about.get("allow_sending_without_reply") or args.flag("allow_sending_without_reply")
    if found is None and not allowed:
        raise Refused("Bad Request: message to be replied not found")
    return found


def own_message(chats: Chats, args: Args) -> Message:
    """The bot's own message that a request wants to change. Raises Refused."""
    if not args.has("message_id"):
        raise Refused("Bad Request: message identifier is not specified")
    chat = chat_of(chats, args)
    check_member(chats, chat)
    message = chat.find(args.whole("message_id"))
    if message is None:
        raise Refused("Bad Request: message to edit not found")
    if not message.by_bot or (message.markup and "inline_keyboard" not in message.markup):
        raise Refused("Bad Request: message can't be edited")
    return message
