"""What Slack's app settings must say, made from the commands that there are: paste it, and that is all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Protocol

from bot.platforms.slack.letters import cut
from bot.platforms.slack.outgoing import PATH
from bot.platforms.slack.reading import MAIN
from bot.words import Reader, Speaker
from config.text import Text, t

COMMANDS = 50
DESCRIPTION = 140
USAGE = 140
"""Slack would take more, but shows about this much in the menu."""

_BUILT_IN = """
active all apps archive away call canvas collapse dm dnd expand feed feedback gif giphy help huddle invite
invite_people join kick leave list me message msg mute open part people poll prefs react recap remind remove
rename search shortcuts shrug star status todo topic unarchive unmute who workflow zoom
"""
RESERVED = frozenset(_BUILT_IN.split())
"""Slack's own commands, and its commonest apps'. `/leave` leaves a channel: `/opsbook leave` asks for a day."""
_NAME = re.compile(r"[a-z0-9_-]{1,31}")

SCOPES = {
    "commands": "slash commands and the shortcuts menu",
    "chat:write": "cards, replies, reminders",
    "im:write": "opens the conversation with somebody who has never written to us",
    "im:history": "hears what is written to us directly; finds a card again after a crash",
    "channels:history": "hears what is written under our cards in public channels; finds a card again",
    "groups:history": "the same in private channels",
    "channels:read": "`check` says whether the rooms' channels exist and have the bot in them",
    "groups:read": "the same for private channels",
    "app_mentions:read": "hears its name",
    "users:read": "people's names, zones and languages; who has left",
    "files:read": "the files that people attach to a form or a message",
    "files:write": "the files that belong to a card: what people attached elsewhere, and papers of ours",
}
"""Every right that is asked for, and what it is for."""

EVENTS = ("app_home_opened", "app_mention", "message.channels", "message.groups", "message.im", "user_change")

_BOTH = Speaker(Reader(("zh", "en")))


class Offered(Protocol):
    """A command as the menu tells of it."""

    @property
    def name(self) -> str:
        """Its name, in small letters."""

    @property
    def help(self) -> Text:
        """What it does."""

    @property
    def usage(self) -> Text | None:
        """What may be written behind it."""


def manifest(commands: Iterable[Offered], public_url: str, socket_mode: bool) -> dict[str, Any]:
    """The app manifest. Commands whose names Slack keeps for itself are reached through `/opsbook`."""
    url = {} if socket_mode else {"url": public_url.rstrip("/") + PATH}
    address = {} if socket_mode else {"request_url": public_url.rstrip("/") + PATH}
    return {
        "display_information": {
            "name": "Opsbook",
            "description": cut(_BOTH(t("The company's operations handbook, at work in chat.")), DESCRIPTION),
            "background_color": "#1f4e5f",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "Opsbook", "always_online": True},
            "slash_commands": [{**command, **url} for command in slash_commands(commands)],
        },
        "oauth_config": {"scopes": {"bot": sorted(SCOPES)}},
        "settings": {
            "event_subscriptions": {**address, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **address},
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": False,
        },
    }


def slash_commands(commands: Iterable[Offered]) -> list[dict[str, Any]]:
    """`/opsbook`, and each command whose name is free on Slack and written as Slack wants it."""
    found = [_command(MAIN, t("Say what you need, in your own words."), t("complaint, leave, …"))]
    for command in commands:
        if command.name not in RESERVED and command.name != MAIN and _NAME.fullmatch(command.name):
            found.append(_command(command.name, command.help, command.usage))
    return found[:COMMANDS]


def _command(name: str, about: Text, usage: Text | None) -> dict[str, Any]:
    said: dict[str, Any] = {"command": f"/{name}", "description": cut(_BOTH(about), DESCRIPTION)}
    hint = {"usage_hint": cut(_BOTH(usage), USAGE)} if usage is not None else {}
    return {**said, **hint, "should_escape": False}
