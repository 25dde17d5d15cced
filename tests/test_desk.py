"""The front desk: help, my day, signing in, and the language that each of us reads."""

from datetime import timedelta

import pytest

from bot.answer import Outcome
from bot.ui.card import Card
from config.text import Label, t
from handlers import CAPABILITIES
from storage import sessions
from storage.errors import Refusal
from tests.town import Town, chinese, english


async def test_help_lists_every_command_by_the_word_that_is_typed(town: Town) -> None:
    reply = await town.dana.on_slack.commands("help")

    assert isinstance(reply, Card)
    offered = [
        command
        for capability in CAPABILITIES
        for command in capability.commands
        if command.listed and not command.help.roles and command.help.name != "help"
    ]
    assert [fact.value for fact in reply.facts] == [command.help.help for command in offered]
    assert [button.label for button in reply.buttons] == [fact.label for fact in reply.facts]
    assert reply.facts[0].label == Label(zh="投诉", en="complaint")


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("Hello!", "Hello, Sam | What can I do for you? | [My day: what waits for me]"
         " [Report a customer's complaint] [List complaints] [Ask for an approval] [Help]"),
        ("谢谢！", "You're welcome."),
        ("the lock is stuck", "I did not understand “the lock is stuck”. What would you like to do? |"
         " [Report a customer's complaint] [List complaints] [Ask for an approval] [Help]"),
    ],
)  # fmt: skip
async def test_small_talk_is_answered_as_such(town: Town, said: str, read: str) -> None:
    await town.sam.on_slack.says(said, to_us=True)

    assert town.sam.reads == read


@pytest.mark.parametrize("said", ["C-1001", "c1001", "#1001", "\uff23\uff0d1001"])
async def test_a_number_alone_shows_its_complaint(town: Town, said: str) -> None:
    await town.ticket()

    await town.sam.on_slack.says(said, to_us=True)

    assert town.sam.reads.startswith("Complaint C-1001: ")


async def test_every_button_of_help_does_something(town: Town) -> None:
    reply = await town.dana.on_slack.commands("help")
    assert isinstance(reply, Card)

    for button in reply.buttons:
        await town.dana.on_slack.presses(action=button.action)
        assert town.dana.outcome == Outcome.DONE, button


async def test_help_is_given_in_the_reader_s_language(town: Town) -> None:
    await town.omar.on_telegram.commands("帮助")
    await town.dana.on_slack.commands("?")

    title = t("What I can do for you")
    assert town.omar.reads.startswith(chinese(title))
    assert town.dana.reads.startswith(english(title))


async def test_an_empty_day_says_so_and_offers_what_one_may_do(town: Town) -> None:
    await town.sam.on_slack.commands("home")

    assert town.sam.reads == (
        "Sam, your day | Mon 23 Nov | Nothing waits for you. Enjoy it while it lasts."
        " | [Report a complaint] [Complaints] [Ask for an approval] [Approvals] [Help]"
    )


async def test_my_day_is_that_of_my_own_zone(town: Town) -> None:
    town.clock.moves(hours=16)  # past midnight in Shanghai

    await town.sam.on_slack.commands("我的一天")

    assert "24 Nov" in town.sam.reads


@pytest.mark.parametrize("word", ["中文", "zh", "Chinese"])
async def test_a_person_changes_their_language_and_is_answered_in_it(town: Town, word: str) -> None:
    reply = await town.dana.on_slack.commands("language", word)

    assert town.dana.reads == chinese(t("From now on I speak English to you."))
    assert reply == t("From now on I speak English to you.")
    await town.dana.on_slack.commands("help")
    assert town.dana.reads.startswith(chinese(t("What I can do for you")))


async def test_a_language_is_chosen_by_a_button(town: Town) -> None:
    await town.omar.on_telegram.commands("语言")
    await town.omar.on_telegram.presses(action="desk.speak:en")

    assert town.omar.reads == "From now on I speak English to you."


async def test_a_language_that_we_do_not_speak_is_refused(town: Town) -> None:
    assert await town.dana.on_slack.commands("language", "français") == t("I speak 中文 and English.")
    assert town.dana.outcome == Outcome.REFUSED


async def test_a_sign_in_link_lets_its_owner_in_once(town: Town) -> None:
    reply = await town.dana.on_slack.commands("signin")
    assert isinstance(reply, Card)
    (link,) = reply.links
    address, _, token = link.url.partition("=")

    assert address == "https://ops.example.com/signin?token"
    async with town.unit() as work:
        session = await sessions.open(work, token)
    async with town.database.reading() as reading:
        assert await sessions.find(reading, session, town.clock()) == town.dana.id
    with pytest.raises(Refusal):
        async with town.unit() as work:
            await sessions.open(work, token)


async def test_a_sign_in_link_ends_after_ten_minutes_and_with_the_next_one(town: Town) -> None:
    tokens = []
    for _ in range(2):
        reply = await town.dana.on_slack.commands("signin")
        assert isinstance(reply, Card)
        tokens.append(reply.links[0].url.partition("=")[2])
    town.clock.moves(minutes=10)

    for token in (*tokens, "", "\x00", "x" * 1000, "\ud800"):
        with pytest.raises(Refusal):
            async with town.unit() as work:
                await sessions.open(work, token)


async def test_a_session_ends_when_its_person_leaves(town: Town) -> None:
    reply = await town.dana.on_slack.commands("signin")
    assert isinstance(reply, Card)
    async with town.unit() as work:
        session = await sessions.open(work, reply.links[0].url.partition("=")[2])

    await town.dana.leaves()

    async with town.database.reading() as reading:
        assert await sessions.find(reading, session, town.clock()) is None
        assert await sessions.find(reading, session, town.clock() - timedelta(minutes=1)) is None
