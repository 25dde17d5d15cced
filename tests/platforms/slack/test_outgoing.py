"""Cards reach Slack once, are redrawn where they stand, and each failure is told for what it means."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.answer import Outcome
from bot.capability import CommandHelp
from bot.errors import DeliveryFailed
from bot.events import Commanded, Identity, Said
from bot.platforms import Message, Sent
from bot.platforms.slack.api import client_of, seconds
from bot.platforms.slack.lookup import PAGE, PAGES
from bot.platforms.slack.manifest import SCOPES, manifest, slash_commands
from bot.platforms.slack.outgoing import GONE, LOOK_PAUSE, LOOKS, NOT_SHOWABLE, PERMANENT, UNASKABLE, Slack
from bot.platforms.slack.people import Member, pull
from bot.ui.card import Button, Card
from config.text import t
from storage.places import Address
from tests.platforms.slack import script
from tests.platforms.slack.fake import BOT_TOKEN, FakeSlack
from tests.platforms.slack.office import ENGLISH, Desk, Office
from tests.platforms.slack.post import Answer
from tests.platforms.slack.scene import SECRET, Clock

CARD = Card("Complaint C-1 <!channel>", body=("https://evil.example",), buttons=(Button("Take", "tickets.take:1:1"),))
SHOWN = "Complaint C-1 <!channel> | https://evil.example | [Take]"


def message(id: int = 7, channel: str = "C1", card: Card = CARD, **more: Any) -> Message:
    return Message(id, Address("slack", channel, more.pop("thread", None)), card, ENGLISH, **more)


@pytest.fixture
async def office(slack: FakeSlack, clock: Clock) -> AsyncIterator[Office]:
    async with Office(slack, clock) as office:
        yield office


async def failure(office: Office, **more: Any) -> tuple[str, bool, bool, float | None]:
    send = office.platform.edit if "ref" in more else office.platform.send
    with pytest.raises(DeliveryFailed) as failed:
        await send(message(**more))
    error = failed.value
    return str(error), error.permanent, error.gone, error.retry_after


# --- Sending ---------------------------------------------------------------------------------------------


async def test_card_is_posted_with_its_rows_id_and_nothing_live(office: Office, slack: FakeSlack) -> None:
    sent = await office.platform.send(message())

    stored = slack.channel("C1").messages[0]
    args = slack.calls_of("chat.postMessage")[0].args
    assert sent == Sent("C1", stored.ts)
    assert slack.reads("C1") == [SHOWN]
    assert slack.live() == []
    assert {name: args[name] for name in args if name not in ("blocks", "text")} == {
        "channel": "C1",
        "parse": "none",
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
        "metadata": {"event_type": "opsbook_message", "event_payload": {"id": 7}},
    }


async def test_card_is_posted_under_a_message(office: Office, slack: FakeSlack) -> None:
    first = await office.platform.send(message())

    await office.platform.send(message(8, card=Card("Chased"), thread=first.ref))

    assert slack.reads("C1", first.ref) == ["Chased"]


async def test_person_is_written_to_by_their_id_and_edited_in_the_conversation(
    office: Office, slack: FakeSlack
) -> None:
    sent = await office.platform.send(message(channel="U1"))
    await office.platform.edit(message(channel="U1", card=Card("Done"), ref=sent.ref))

    assert sent.channel == slack.workspace.direct("U1").id
    assert slack.reads(sent.channel) == ["Done"]


async def test_card_is_redrawn_where_it_stands(office: Office, slack: FakeSlack) -> None:
    sent = await office.platform.send(message())

    await office.platform.edit(message(card=Card("Taken by Dana"), ref=sent.ref))
    await office.platform.edit(message(card=Card("Taken by Dana"), ref=sent.ref))

    assert slack.reads("C1") == ["Taken by Dana"]


# --- Sending again, when nobody knows whether it was sent -------------------------------------------------


@pytest.mark.parametrize("fault", [script.StoreThenCut(), script.StoreThen500(), script.Truncated(), script.Empty()])
async def test_card_that_was_kept_without_a_word_is_found_and_not_sent_again(
    office: Office, slack: FakeSlack, fault: script.Step
) -> None:
    slack.misbehave("chat.postMessage", fault)
    with pytest.raises(DeliveryFailed) as failed:
        await office.platform.send(message())

    again = await office.platform.send(message(again=True))

    stands = slack.channel("C1").messages
    assert not failed.value.permanent
    if getattr(fault, "stores", True):
        assert again == Sent("C1", stands[0].ts)
    assert slack.reads("C1") == [SHOWN]


async def test_card_in_a_thread_and_to_a_person_is_found_too(office: Office, slack: FakeSlack) -> None:
    parent = await office.platform.send(message(1))
    reply = await office.platform.send(message(2, thread=parent.ref))
    direct = await office.platform.send(message(3, "U1"))

    assert await office.platform.send(message(2, thread=parent.ref, again=True)) == reply
    assert await office.platform.send(message(3, "U1", again=True)) == direct
    assert len(slack.calls_of("chat.postMessage")) == 3


async def test_card_that_was_not_kept_is_sent_again(office: Office, slack: FakeSlack) -> None:
    await office.platform.send(message(6))

    await office.platform.send(message(7, again=True))

    assert slack.reads("C1") == [SHOWN, SHOWN]


async def test_card_is_found_behind_all_that_was_written_since(office: Office, slack: FakeSlack) -> None:
    sent = await office.platform.send(message(6))
    root = await office.platform.send(message(7))
    for n in range(PAGE * 2):
        await office.people.says("U1", "C1", f"In the channel {n}")
        await office.people.says("U1", "C1", f"In the thread {n}", thread_ts=root.ref)
    reply = await office.platform.send(message(8, thread=root.ref))

    assert await office.platform.send(message(6, again=True)) == sent
    assert await office.platform.send(message(8, thread=root.ref, again=True)) == reply
    assert len(slack.calls_of("chat.postMessage")) == 3
    pages = slack.calls_of("conversations.history") + slack.calls_of("conversations.replies")
    assert [("cursor" in page.args, "latest" in page.args) for page in pages] == [
        (False, True), (True, True), (True, True), (False, True), (True, True), (True, True)
    ]  # fmt: skip


async def test_search_for_a_card_has_an_end(office: Office, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.platforms.slack.lookup.PAGE", 1)
    for id in range(PAGES + 1):
        await office.platform.send(message(id))

    await office.platform.send(message(99, again=True))

    assert len(slack.calls_of("conversations.history")) == PAGES


async def test_card_whose_thread_was_gone_is_found_in_the_channel(office: Office, slack: FakeSlack) -> None:
    slack.misbehave("chat.postMessage", script.Fails("thread_not_found"))
    sent = await office.platform.send(message(thread="1.000001"))

    assert await office.platform.send(message(thread="1.000001", again=True)) == sent


FOR_NOW = [
    (script.Status(502), "http_502", None),
    (script.Limited("9"), "ratelimited", 9.0),
    (script.Limited("3600"), "ratelimited", LOOK_PAUSE),
    (script.Limited(None), "ratelimited", None),
    (script.Fails("internal_error"), "internal_error", None),
    (script.Fails("some_new_error"), "some_new_error", None),
    (script.Garbage(), "UnicodeDecodeError", None),
    (script.Hang(30), "timeout", None),
]


@pytest.mark.parametrize(("fault", "code", "wait"), FOR_NOW)
@pytest.mark.parametrize("thread", [False, True])
async def test_card_waits_while_slack_can_not_say_whether_it_stands(
    office: Office,
    slack: FakeSlack,
    monkeypatch: pytest.MonkeyPatch,
    fault: script.Step,
    code: str,
    wait: float | None,
    thread: bool,
) -> None:
    monkeypatch.setattr("bot.platforms.slack.outgoing.LOOK_SECONDS", 0.3)
    where: dict[str, Any] = {"thread": (await office.platform.send(message(6))).ref if thread else None}
    sent = await office.platform.send(message(**where))
    slack.misbehave("conversations.replies" if thread else "conversations.history", fault)

    assert await failure(office, again=True, **where) == (f"not known whether it was sent: {code}", False, False, wait)
    assert await office.platform.send(message(again=True, **where)) == sent
    assert len(slack.calls_of("chat.postMessage")) == 1 + thread


async def test_card_to_a_person_waits_while_their_conversation_can_not_be_had(office: Office, slack: FakeSlack) -> None:
    sent = await office.platform.send(message(channel="U1"))
    slack.misbehave("conversations.open", script.Status(503))

    assert (await failure(office, channel="U1", again=True))[0] == "not known whether it was sent: http_503"
    assert await office.platform.send(message(channel="U1", again=True)) == sent


async def test_card_waits_where_only_a_later_page_can_not_be_had(
    office: Office, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.platforms.slack.lookup.PAGE", 1)
    first = await office.platform.send(message(6))
    await office.platform.send(message(7))
    slack.misbehave("conversations.history", script.Ok(), script.Status(500))

    assert (await failure(office, id=6, again=True))[0] == "not known whether it was sent: http_500"
    assert await office.platform.send(message(6, again=True)) == first


async def test_card_that_can_not_be_looked_up_again_and_again_is_sent_rather_than_lost(
    office: Office, slack: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    slack.always("conversations.history", script.Status(502))
    for _ in range(LOOKS - 1):
        assert (await failure(office, again=True))[0] == "not known whether it was sent: http_502"
    slack.misbehave("chat.postMessage", script.Status(500))

    assert await failure(office, again=True) == ("http_500", False, False, None)  # the fifth time, it is tried
    await office.platform.send(message(again=True))  # and from then on each time
    assert slack.reads("C1") == [SHOWN]
    assert (await failure(office, again=True))[0] == "not known whether it was sent: http_502"  # counted anew
    said = "outbox 7 goes out, perhaps again: it can't be looked up: http_502"
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == [said, said]


@pytest.mark.parametrize("code", sorted(UNASKABLE))
async def test_card_is_sent_at_once_where_slack_will_never_say(office: Office, slack: FakeSlack, code: str) -> None:
    slack.misbehave("conversations.history", script.Fails(code))

    await office.platform.send(message(again=True))

    assert slack.reads("C1") == [SHOWN]


# --- What goes wrong -------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(PERMANENT))
async def test_address_that_will_never_take_it_is_given_up(office: Office, slack: FakeSlack, code: str) -> None:
    slack.misbehave("chat.postMessage", script.Fails(code))

    assert await failure(office) == (code, True, False, None)


@pytest.mark.parametrize("code", sorted(GONE))
async def test_message_that_is_no_more_is_told(office: Office, slack: FakeSlack, code: str) -> None:
    slack.misbehave("chat.update", script.Fails(code))

    assert await failure(office, ref="1.000002") == (code, True, True, None)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (script.Fails("internal_error"), "internal_error"),
        (script.Fails("some_new_error"), "some_new_error"),
        (script.Status(500), "http_500"),
        (script.Status(502), "http_502"),
        (script.Status(403), "http_403"),
        (script.Status(503, b"", "text/plain"), "http_503"),
        (script.Status(200, b"fine", "text/plain"), "AttributeError"),
        (script.Empty(), "http_200"),
        (script.Truncated(), "http_200"),
        (script.Garbage(b"[1]"), "AttributeError"),
        (script.Garbage(b"\xff\xfe{"), "UnicodeDecodeError"),
        (script.Garbage(b'{"ok":true}'), "Slack's answer names no message"),
        (script.StoreThenCut(), "ServerDisconnectedError"),
    ],
)
async def test_what_may_pass_is_tried_later(office: Office, slack: FakeSlack, fault: script.Step, code: str) -> None:
    slack.misbehave("chat.postMessage", fault)

    assert await failure(office) == (code, False, False, None)


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("30", 30.0),
        ("0", 0.0),
        ("1.5", 1.5),
        (None, None),
        ("", None),
        ("abc", None),
        ("-5", None),
        ("nan", None),
        ("inf", None),
        ("99999", 3600.0),
    ],
)
async def test_wait_that_slack_asks_for_is_read_with_care(
    office: Office, slack: FakeSlack, header: str | None, wait: float | None
) -> None:
    slack.misbehave("chat.postMessage", script.Limited(header))

    assert await failure(office) == ("ratelimited", False, False, wait)
    assert seconds(header) == wait


async def test_silence_ends_in_time(office: Office, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.platforms.slack.api.TIMEOUT", 0.2)
    slack.misbehave("chat.postMessage", script.Hang(30), script.Slow(30))

    assert await failure(office) == ("timeout", False, False, None)
    assert await failure(office) == ("timeout", False, False, None)


@pytest.mark.parametrize("code", sorted(NOT_SHOWABLE))
async def test_card_that_slack_does_not_like_goes_out_as_words(office: Office, slack: FakeSlack, code: str) -> None:
    slack.misbehave("chat.postMessage", script.Fails(code))

    await office.platform.send(message())

    assert slack.reads("C1") == ["Complaint C-1 <!channel> https://evil.example"]
    assert slack.live() == []
    assert ("metadata" in slack.calls[-1].args) == ("metadata" not in code)


async def test_card_that_slack_does_not_like_at_all_is_given_up(office: Office, slack: FakeSlack) -> None:
    sent = await office.platform.send(message())
    slack.misbehave("chat.postMessage", script.Fails("invalid_blocks"), script.Fails("msg_too_long"))
    slack.misbehave("chat.update", script.Fails("invalid_blocks"))

    await office.platform.edit(message(card=Card("Taken"), ref=sent.ref))

    assert await failure(office) == ("msg_too_long", True, False, None)
    assert slack.reads("C1") == ["Taken"]


async def test_card_goes_into_the_channel_where_its_thread_is_no_more(office: Office, slack: FakeSlack) -> None:
    slack.misbehave("chat.postMessage", script.Fails("thread_not_found"))

    await office.platform.send(message(thread="1.000001"))

    assert slack.reads("C1") == [SHOWN]


async def test_edit_without_a_message_asks_for_a_new_one(office: Office) -> None:
    assert await failure(office, ref=None) == ("there is no message to edit", True, True, None)


async def test_neither_token_nor_words_are_logged(
    office: Office, slack: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    slack.misbehave(
        "chat.postMessage", script.Status(500), script.Fails("invalid_blocks"), script.Fails("internal_error")
    )

    for _ in range(2):
        with pytest.raises(DeliveryFailed) as failed:
            await office.platform.send(message(card=Card("Canary-4711")))
        assert "Canary" not in str(failed.value)

    assert BOT_TOKEN not in caplog.text
    assert "Canary" not in caplog.text


# --- Beginning and end -----------------------------------------------------------------------------------


async def test_platform_starts_without_slack_and_learns_later_who_it_is(slack: FakeSlack, clock: Clock) -> None:
    slack.misbehave("auth.test", script.Status(503))

    async with Office(slack, clock) as office:
        at_first = office.platform.ours.user
        await office.until(lambda: office.platform.ours.user != "")

        assert at_first == ""
        assert (office.platform.ours.user, office.platform.ours.team) == ("UBOT", "T0001")


async def test_end_waits_for_replies_under_way(slack: FakeSlack, clock: Clock) -> None:
    async with Office(slack, clock) as office:
        slack.misbehave("chat.postMessage", script.Slow(0.3))
        office.desk.reply = t("What do you need?")
        await office.people.says("U1", "U1", "hello")

    assert slack.reads(slack.workspace.direct("U1").id) == ["What do you need?"]


async def test_keys_are_not_optional(clock: Clock) -> None:
    desk = Desk()

    for token, secret, app_token in [("", SECRET, None), (BOT_TOKEN, None, None), (BOT_TOKEN, "", "")]:
        with pytest.raises(ValueError, match="Slack needs its bot token"):
            Slack(token, secret, app_token, None, desk, clock, desk.goodbye)


# --- The socket ------------------------------------------------------------------------------------------


async def test_socket_brings_the_same_and_acknowledges_after_it_is_kept(slack: FakeSlack, clock: Clock) -> None:
    async with Office(slack, clock, socket=True) as office:
        office.desk.reply = t("Noted.")

        command = await office.people.command("U1", "/complaint", "lock", "C1", trigger_id="1.2.a")
        message = await office.people.says("U1", "U1", "hello", event_id="Ev1")
        await office.settled()

        dana = Identity("slack", "T0001", "U1")
        here = Address("slack", slack.workspace.direct("U1").id)
        assert office.desk.events == [
            Commanded("cmd:1.2.a", dana, Address("slack", "C1"), "complaint", "lock"),
            Said("Ev1", dana, here, "hello", to_us=True),
        ]
        assert command.body["text"] == "Noted."
        assert message.status == 200


async def test_socket_does_not_acknowledge_what_was_not_kept(slack: FakeSlack, clock: Clock) -> None:
    async with Office(slack, clock, socket=True) as office:
        office.desk.outcome = Outcome.BUSY

        unheard = await office.people.says("U1", "U1", "hello", event_id="Ev1")
        office.desk.outcome = Outcome.DONE
        heard = await office.people.says("U1", "U1", "hello", event_id="Ev1")

        assert (unheard, heard) == (Answer(0, ""), Answer(200, ""))


async def test_socket_that_is_dropped_is_made_anew(slack: FakeSlack, clock: Clock) -> None:
    async with Office(slack, clock, socket=True) as office:
        slack.socket.drop()
        await office.until(lambda: slack.socket.connections == 2 and slack.socket.open == 1)

        assert (await office.people.command("U1", "/complaint", "", "C1")).status == 200


async def test_socket_follows_slack_to_another_line(slack: FakeSlack, clock: Clock) -> None:
    async with Office(slack, clock, socket=True) as office:
        await slack.socket.disconnect()
        await office.until(lambda: slack.socket.connections >= 2 and slack.socket.open == 1)

        assert (await office.people.command("U1", "/complaint", "", "C1")).status == 200


async def test_socket_that_falls_silent_is_made_anew(slack: FakeSlack, clock: Clock) -> None:
    office = Office(slack, clock, socket=True)
    socket: Any = office.platform.socket
    socket._silence, socket._ping = 0.6, 0.1
    async with office:
        slack.socket.silent = True
        await office.until(lambda: slack.socket.connections >= 2)


async def test_socket_is_connected_in_the_background_when_slack_is_down(
    slack: FakeSlack, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.platforms.slack.socket.FIRST", 0.2)
    slack.misbehave("apps.connections.open", script.Status(503))
    slack.socket.refuses = True

    async with Office(slack, clock, socket=True) as office:
        connected_at_first = slack.socket.connections
        slack.socket.refuses = False
        await office.until(lambda: slack.socket.connections == 1)

    assert connected_at_first == 0
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


# --- People, and the settings ----------------------------------------------------------------------------


async def test_full_members_are_told_and_nobody_else(slack: FakeSlack) -> None:
    slack.add_user("U3", "guest", "A Guest", is_restricted=True)
    slack.add_user("U4", "gone", "Has Left", deleted=True)
    slack.add_user("U5", "robot", "A Robot", is_bot=True)
    slack.add_user("USLACKBOT", "slackbot", "Slackbot")

    found = await pull(client_of(BOT_TOKEN, slack.api_url))

    assert found == [
        Member(Identity("slack", "T0001", "U1"), "Dana Lee", "", "Europe/London", "zh-CN"),
        Member(Identity("slack", "T0001", "U2"), "Omar Haddad", "", "Europe/London", "en-US"),
    ]


COMMANDS = [
    CommandHelp("complaint", ("投诉",), t("Reports a complaint."), t("what happened")),
    CommandHelp("leave", ("请假",), t("Asks for leave.")),
    CommandHelp("投诉单", (), t("Not a name that Slack takes.")),
]


def test_commands_whose_names_slack_keeps_are_reached_through_ours() -> None:
    assert [one["command"] for one in slash_commands(COMMANDS)] == ["/opsbook", "/complaint"]
    assert len(slash_commands([CommandHelp(f"c{n}", (), t("x")) for n in range(90)])) == 50


def test_manifest_holds_what_slack_must_know() -> None:
    web = manifest(COMMANDS, "https://opsbook.example/", socket_mode=False)
    line = manifest(COMMANDS, "https://opsbook.example/", socket_mode=True)

    url = "https://opsbook.example/slack/events"
    assert web["settings"]["interactivity"] == {"is_enabled": True, "request_url": url}
    assert web["settings"]["event_subscriptions"]["request_url"] == url
    assert {one["url"] for one in web["features"]["slash_commands"]} == {url}
    assert line["settings"]["socket_mode_enabled"] is True
    assert url not in str(line)
    assert web["oauth_config"]["scopes"]["bot"] == sorted(SCOPES)
    assert all(len(one["description"]) <= 140 for one in web["features"]["slash_commands"])
