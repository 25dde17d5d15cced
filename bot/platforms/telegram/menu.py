"""The menu that Telegram shows beside the input: our commands, in each language, for private chats and for groups."""

from __future__ import annotations

import asyncio
import logging
import random
import re
from collections.abc import Sequence
from typing import Any, Protocol

from bot.capability import CommandHelp
from bot.platforms.letters import cut
from bot.platforms.telegram.refusals import Meaning, Refused
from bot.words import Reader, Speaker
from config.text import t

log = logging.getLogger(__name__)

Json = dict[str, Any]

LANGUAGES = {None: "en", "zh": "zh"}
"""Telegram's language codes and ours; None is for all whose language is no other."""
PRIVATE: Json = {"type": "all_private_chats"}
GROUPS: Json = {"type": "all_group_chats"}
ALONE = frozenset({"signin", "link", "unlink"})
"""Commands about keys and accounts: they are not offered where others look on."""
MOST = 100
WORDS = 256
ABOUT = 512
SHORT = 120
TRIES = 5
LONGEST = 60.0

SHORT_WORDS = t("The company's operations handbook, in the chat. For the people of our company.")
ABOUT_WORDS = t(
    "I bring the company's operations handbook into the chat. Press Start, then type “help” to see what you can do."
)


class Menus(Protocol):
    """The calls of the Bot API that are made here. They raise `Refused`."""

    async def set_commands(
        self, commands: Sequence[tuple[str, str]], language: str | None = None, scope: Json | None = None
    ) -> None:
        """Sets the commands for a language and a scope."""

    async def call(self, method: str, args: Json) -> Any:
        """Calls any other method."""


def entries(commands: Sequence[CommandHelp], language: str, leave_out: frozenset[str]) -> list[tuple[str, str]]:
    """What the menu says: each command and what it does; those that everybody may give. A tap sends it as it is."""
    say = Speaker(Reader((language,)))
    return [
        (command.name, cut(" ".join(say(command.help).split()), WORDS))
        for command in commands
        if _NAME.fullmatch(command.name) and not command.roles and command.name not in leave_out
    ][:MOST]


_NAME = re.compile(r"[a-z0-9_]{1,32}")


class Menu:
    """Sets the menus and what is said about us; what Telegram has already from this process is not sent again."""

    def __init__(self, api: Menus) -> None:
        self.api = api
        self._sent: dict[tuple[str, str | None, str], object] = {}

    async def set(self, commands: Sequence[CommandHelp]) -> None:
        """Sets all of it, once more where it fails, a few times; it never fails loudly."""
        for attempt in range(1, TRIES + 1):
            wait = await self._tried(commands)
            if wait is None:
                return
            if attempt < TRIES:
                await asyncio.sleep(max(wait, min(LONGEST, 2.0**attempt) * random.uniform(0.5, 1.0)))

    async def _tried(self, commands: Sequence[CommandHelp]) -> float | None:
        """Sends what Telegram does not have yet; None when it has all, else the seconds to wait at least."""
        try:
            for code, language in LANGUAGES.items():
                for scope, leave_out in ((PRIVATE, frozenset[str]()), (GROUPS, ALONE)):
                    await self._commands(entries(commands, language, leave_out), code, scope)
                say = Speaker(Reader((language,)))
                await self._about("setMyShortDescription", "short_description", cut(say(SHORT_WORDS), SHORT), code)
                await self._about("setMyDescription", "description", cut(say(ABOUT_WORDS), ABOUT), code)
        except Refused as error:
            log.warning("the menu was not set: %s", error.code)
            return LONGEST if error.meaning is Meaning.TOKEN else min(error.retry_after or 0.0, 600.0)
        return None

    async def _commands(self, offered: list[tuple[str, str]], code: str | None, scope: Json) -> None:
        key = ("commands", code, str(scope["type"]))
        if self._sent.get(key) != offered:
            await self.api.set_commands(offered, code, scope)
            self._sent[key] = offered

    async def _about(self, method: str, name: str, words: str, code: str | None) -> None:
        key = (method, code, "")
        if self._sent.get(key) != words:
            await self.api.call(method, {name: words} | ({"language_code": code} if code else {}))
            self._sent[key] = words
