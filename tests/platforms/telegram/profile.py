"""What the bot says about itself (menus, descriptions), and what it may ask about chats, people and files."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.platforms.telegram.access import chat_of, check_member
from tests.platforms.telegram.chats import Chat, Chats, File, Refused, User
from tests.platforms.telegram.wire import Args

Json = dict[str, Any]

COMMANDS, NAME, ABOUT = 100, re.compile(r"[a-z0-9_]{1,32}"), 256
DOWNLOAD = 20 * 1024 * 1024
SCOPES = {
    *("default", "all_private_chats", "all_group_chats", "all_chat_administrators"),
    *("chat", "chat_administrators", "chat_member"),
}


def get_me(chats: Chats, args: Args) -> Json:
    """getMe."""
    abilities = {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }
    return chats.bot.as_json() | abilities


# --- Menus


def scope_of(args: Args) -> str:
    """Whom a menu is for, as a key. Raises Refused."""
    scope = args.object("scope", "BotCommandScope") or {"type": "default"}
    if not isinstance(scope, dict) or scope.get("type") not in SCOPES:
        raise Refused("Bad Request: can't parse BotCommandScope: unsupported type specified")
    return json.dumps(scope, sort_keys=True) if len(scope) > 1 else str(scope["type"])


def _language(args: Args) -> str:
    language = args.text("language_code")
    if language and not re.fullmatch("[a-z]{2}", language):
        raise Refused("Bad Request: invalid language code specified")
    return language


def set_commands(chats: Chats, args: Args) -> bool:
    """setMyCommands: for a scope and a language."""
    commands = args.object("commands", "commands")
    if not isinstance(commands, list):
        raise Refused("Bad Request: expected an Array of BotCommand")
    if len(commands) > COMMANDS:
        raise Refused("Bad Request: BOT_COMMANDS_TOO_MUCH")
    kept = [_command(one) for one in commands]
    chats.profile.commands[scope_of(args), _language(args)] = kept
    return True


def _command(said: Any) -> Json:
    if not isinstance(said, dict):
        raise Refused("Bad Request: can't parse BotCommand: expected an Object")
    name = str(said.get("command", "")).strip().removeprefix("/")
    about = str(said.get("description", "")).strip()
    if not NAME.fullmatch(name):
        raise Refused("Bad Request: BOT_COMMAND_INVALID")
    if not 1 <= len(about) <= ABOUT:
        raise Refused("Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": about}


def get_commands(chats: Chats, args: Args) -> list[Json]:
    """getMyCommands: exactly this scope and language, as they were set."""
    return chats.profile.commands.get((scope_of(args), _language(args)), [])


def delete_commands(chats: Chats, args: Args) -> bool:
    """deleteMyCommands."""
    chats.profile.commands.pop((scope_of(args), _language(args)), None)
    return True


def menu(chats: Chats, language: str, chat: Chat | None, user: User | None) -> list[Json]:
    """The menu that a person sees in a chat: the narrowest scope that has one, their language before none."""
    scopes = ["all_private_chats"] if chat is None or chat.is_private else ["all_group_chats"]
    if chat is not None:
        scopes = [json.dumps({"chat_id": chat.id, "type": "chat"}, sort_keys=True), *scopes]
        if user is not None and chat.statuses.get(user.id) in ("administrator", "creator"):
            scopes = [scopes[0], "all_chat_administrators", *scopes[1:]]
    for scope in [*scopes, "default"]:
        for spoken in (language, ""):
            if (scope, spoken) in chats.profile.commands:
                return chats.profile.commands[scope, spoken]
    return []


# --- Descriptions and the menu button


def set_description(chats: Chats, args: Args) -> bool:
    """setMyDescription: what stands in an empty chat."""
    return _describe(chats, args, "description", 512)


def set_short_description(chats: Chats, args: Args) -> bool:
    """setMyShortDescription: what stands on the bot's own page."""
    return _describe(chats, args, "short_description", 120)


def _describe(chats: Chats, args: Args, name: str, most: int) -> bool:
    text = args.text(name)
    if len(text) > most:
        raise Refused(f"Bad Request: bot {name.replace('_', ' ')} is too long")
    chats.profile.descriptions[name, _language(args)] = text
    return True


def get_description(chats: Chats, args: Args) -> Json:
    """getMyDescription."""
    return {"description": chats.profile.descriptions.get(("description", _language(args)), "")}


def get_short_description(chats: Chats, args: Args) -> Json:
    """getMyShortDescription."""
    return {"short_description": chats.profile.descriptions.get(("short_description", _language(args)), "")}


def set_menu_button(chats: Chats, args: Args) -> bool:
    """setChatMenuButton: for one private chat, or (0) for all."""
    button = args.object("menu_button", "MenuButton") or {"type": "default"}
    if button.get("type") not in ("commands", "default", "web_app"):
        raise Refused("Bad Request: can't parse MenuButton: unsupported type specified")
    if button["type"] == "web_app" and not str((button.get("web_app") or {}).get("url", "")).startswith("https://"):
        raise Refused("Bad Request: menu button Web App URL is invalid: Only HTTPS links are allowed")
    chats.profile.menu_buttons[args.whole("chat_id")] = button
    return True


# --- Asking


def get_chat(chats: Chats, args: Args) -> Json:
    """getChat."""
    chat = chat_of(chats, args)
    if not chat.is_private:
        check_member(chats, chat)
    limits = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": _no_gifts()}
    return chat.as_json() | limits | ({} if chat.is_private else {"permissions": {"can_send_messages": True}})


def _no_gifts() -> Json:
    kinds = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    return dict.fromkeys(kinds, False)


def get_member(chats: Chats, args: Args) -> Json:
    """getChatMember."""
    chat = chat_of(chats, args)
    if not chat.is_private:
        check_member(chats, chat)
    user = chats.users.get(args.whole("user_id"))
    if user is None:
        raise Refused("Bad Request: user not found")
    return member_json(user, "member" if chat.is_private else chat.statuses.get(user.id, "left"))


def member_json(user: User, status: str) -> Json:
    """A ChatMember object."""
    found: Json = {"user": user.as_json() | {}, "status": status}
    if status == "kicked":
        return found | {"until_date": 0}
    if status in ("administrator", "creator"):
        found["is_anonymous"] = False
    if status == "administrator":
        rights = (
            *("can_be_edited", "can_manage_chat", "can_delete_messages", "can_manage_video_chats"),
            *("can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users"),
            *("can_post_stories", "can_edit_stories", "can_delete_stories"),
        )
        return found | dict.fromkeys(rights, False)
    if status == "restricted":
        return found | {"is_member": True, "until_date": 0} | dict.fromkeys(_MAY_NOT, False)
    return found


_MAY_NOT = (
    *("can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos"),
    *("can_send_video_notes", "can_send_voice_notes", "can_send_polls", "can_send_other_messages"),
    *("can_add_web_page_previews", "can_change_info", "can_invite_users", "can_pin_messages", "can_manage_topics"),
)


def leave_chat(chats: Chats, args: Args) -> bool:
    """leaveChat."""
    chat = chat_of(chats, args)
    if chat.is_private:
        raise Refused("Bad Request: chat member status can't be changed in private chats")
    check_member(chats, chat)
    chat.statuses[chats.bot.id] = "left"
    return True


def get_file(chats: Chats, args: Args) -> Json:
    """getFile: where to fetch a file of 20 MB at most."""
    said = args.text("file_id")
    if not said:
        raise Refused("Bad Request: file_id not specified")
    file = chats.files.get(said) or chats.files.get(said.removesuffix("s"))
    if file is None:
        raise Refused("Bad Request: invalid file_id")
    if file.size > DOWNLOAD:
        raise Refused("Bad Request: file is too big")
    return file_json(file) | {"file_path": file.path}


def file_json(file: File) -> Json:
    """A File object, without the path."""
    return {"file_id": file.id, "file_unique_id": file.unique, "file_size": file.size}
