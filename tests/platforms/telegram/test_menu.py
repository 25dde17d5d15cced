"""The menu offers our commands in both languages, to all who may give them, and no keys in groups."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.capability import CommandHelp
from bot.platforms.telegram import menu
from bot.platforms.telegram.menu import Menu, entries
from bot.words import Reader, Speaker
from config.text import t
from tests.platforms.telegram import script
from tests.platforms.telegram.caller import Person
from tests.platforms.telegram.chats import Chat
from tests.platforms.telegram.fake import FakeTelegram
from tests.platforms.telegram.office import COMMANDS, Office

CHINESE = Speaker(Reader(("zh",)))
REPORT = COMMANDS[0].help
HELP = COMMANDS[1].help
SIGN_IN = COMMANDS[2].help


@pytest.fixture
async def office(telegram: FakeTelegram) -> AsyncIterator[Office]:
    async with Office(telegram) as office:
        await office.until(lambda: len(telegram.calls_of("setMyDescription")) == 2)
        yield office


async def test_the_menu_speaks_both_languages(
    office: Office, telegram: FakeTelegram, dana: Person, service: Chat
) -> None:
    private = [
        ("complaint", "Report a customer's complaint"),
        ("help", "What I can do for you"),
        ("signin", "Get a link to sign in on the web"),
    ]
    chinese = [
        ("complaint", CHINESE(REPORT)),
        ("help", CHINESE(HELP)),
        ("signin", CHINESE(SIGN_IN)),
    ]

    assert telegram.commands("en", dana.chat) == private
    assert telegram.commands("fr", dana.chat) == private
    assert telegram.commands("zh", dana.chat) == chinese


async def test_in_groups_nobody_is_offered_a_key(
    office: Office, telegram: FakeTelegram, dana: Person, service: Chat
) -> None:
    assert [name for name, _ in telegram.commands("en", service)] == ["complaint", "help"]


async def test_what_telegram_has_is_not_sent_again(office: Office, telegram: FakeTelegram) -> None:
    before = len(telegram.calls_of("setMyCommands"))
    await office.intake.menu.set(COMMANDS)
    same = len(telegram.calls_of("setMyCommands"))
    await office.intake.menu.set(COMMANDS[:2])

    after = len(telegram.calls_of("setMyCommands"))
    assert (same - before, after - same) == (0, 2)  # only the private menus have changed


async def test_a_menu_that_is_refused_is_tried_again(
    telegram: FakeTelegram, dana: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(menu, "LONGEST", 0.05)
    telegram.fails("setMyCommands", script.Status(502))
    telegram.fails("setMyDescription", script.Limited(0.05))
    async with Office(telegram) as office:
        await office.until(lambda: telegram.commands("zh", dana.chat))
        await office.until(lambda: len(telegram.calls_of("setMyDescription")) == 3)

    assert [message for message in caplog.messages if message.startswith("the menu")] == [
        "the menu was not set: http_502",
        "the menu was not set: Too Many Requests: retry after 0.05",
    ]


async def test_a_menu_that_is_never_taken_is_given_up(telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(menu, "LONGEST", 0.01)
    telegram.always("setMyCommands", script.Error(400, "Bad Request: BOT_COMMAND_INVALID"))
    async with Office(telegram) as office:
        await Menu(office.api).set(COMMANDS)

    assert len(telegram.calls_of("setMyCommands")) >= menu.TRIES


def test_only_what_telegram_takes_is_offered() -> None:
    odd = (
        CommandHelp("投诉", (), t("x")),
        CommandHelp("sign-in", (), t("x")),
        CommandHelp("x" * 33, (), t("x")),
        CommandHelp("long", (), t("w" * 300)),
        CommandHelp("lines", (), t("two\nlines")),
    )

    assert entries(odd, "en", frozenset()) == [("long", "w" * 255 + "…"), ("lines", "two lines")]
