"""What `check` finds out about Telegram before the start: the token, the rooms' groups, and who else is listening."""

from __future__ import annotations

from collections.abc import Mapping

from bot.platforms.telegram.api import Api, We
from bot.platforms.telegram.calls import Json
from bot.platforms.telegram.refusals import Meaning, Refused


async def faults(
    token: str, api_url: str, rooms: Mapping[str, str], webhook: str | None = None
) -> tuple[list[str], list[str]]:
    """What is wrong with the token and with the rooms' chats (id → room), and what is worth knowing.

    `webhook` is the address that we give Telegram, None where we ask for updates ourselves.
    """
    api = Api(token, api_url)
    try:
        return await _found(api, rooms, webhook)
    except Refused as error:
        if error.meaning is Meaning.TOKEN:
            return [f"TELEGRAM_BOT_TOKEN: Telegram refuses it ({error.code}); copy the bot's token from @BotFather"], []
        return [], [
            f"TELEGRAM_API_URL: Telegram can't be reached now ({error.code}); the token and the rooms were not checked"
        ]
    finally:
        await api.close()


async def _found(api: Api, rooms: Mapping[str, str], webhook: str | None) -> tuple[list[str], list[str]]:
    we = await api.me()
    wrong: list[str] = []
    notes = _listening(await api.webhook(), webhook) + ([_PRIVACY] if we.reads_all else [])
    for chat, room in rooms.items():
        try:
            fault = _standing(await api.member(chat, we.id), we, chat)
        except Refused as error:
            if error.meaning is Meaning.MOVED:
                fault = f"the group {chat} has become a supergroup; write telegram:{error.moved_to} instead"
            elif error.meaning is Meaning.NEVER and error.status == 403:
                fault = _absent(we, chat)
            elif error.meaning is Meaning.NEVER:
                fault = f"Telegram knows no chat {chat}, or the bot was never in it: add @{we.username}"
            else:
                notes.append(f"rooms.{room}: Telegram does not tell of the chat {chat} ({error.code})")
                continue
        if fault:
            wrong.append(f"rooms.{room}: {fault}")
    return wrong, notes


_PRIVACY = (
    "TELEGRAM_BOT_TOKEN: the bot's privacy mode is off, so Telegram sends it all that is said in its groups; Opsbook "
    "needs only commands, replies and mentions: switch it on with /setprivacy at @BotFather"
)


def _listening(now: str, ours: str | None) -> list[str]:
    if not now or now == ours:
        return []
    if ours is None:
        return [
            "TELEGRAM_WEBHOOK_SECRET: not set, but the bot has a webhook from elsewhere; it is removed at the start"
        ]
    return ["TELEGRAM_WEBHOOK_SECRET: the bot has a webhook at another address; it is replaced at the start"]


def _standing(member: Json, we: We, chat: str) -> str | None:
    """What is wrong with how the bot stands in a chat."""
    status = member.get("status")
    if status in ("left", "kicked"):
        return _absent(we, chat)
    if status == "restricted" and member.get("can_send_messages") is not True:
        return f"the chat {chat} does not let the bot write: give @{we.username} the right to send messages"
    if status == "administrator" and member.get("can_post_messages") is False:
        return f"the channel {chat} does not let the bot post: give @{we.username} the right to post messages"
    return None


def _absent(we: We, chat: str) -> str:
    return f"the chat {chat} does not have the bot in it: add @{we.username}"
