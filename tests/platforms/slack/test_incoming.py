"""What people do on Slack reaches the desk once, as what it is; what the desk answers reaches them alone."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import logging
import random
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from bot.answer import Outcome
from bot.events import Commanded, Pressed, Said, Submitted
from bot.platforms import Message as Sending
from bot.platforms.slack.reading import Ours, command, press, said, submission
from bot.platforms.slack.replies import LATE
from bot.ui.card import Button, Card, Tone
from bot.ui.form import Asking, Attached, Question
from config.text import t
from storage.places import Address, Identity
from tests.platforms.slack import script
from tests.platforms.slack.fake import FakeSlack
from tests.platforms.slack.office import BOTH, ENGLISH, Office
from tests.platforms.slack.scene import SECRET, Clock
from tests.platforms.slack.workspace import Message

DANA = Identity("slack", "T0001", "U1")
SERVICE = Address("slack", "C1")
FORM = Asking(
    "tickets.NewComplaint",
    "New complaint",
    (Question("customer", "line", "Customer", most=150), Question("what", "paragraph", "What happened?", most=3000)),
    {"what": "The lock"},
    about="tickets:42:3",
)
CARD = Card("Complaint C-1", buttons=(Button("I take it", "tickets.take:1:1", Tone.GOOD),))


@pytest.fixture
async def office(slack: FakeSlack, clock: Clock) -> AsyncIterator[Office]:
    async with Office(slack, clock) as office:
        yield office


async def shown_card(office: Office, channel: str = "C1") -> Message:
    await office.platform.send(Sending(1, Address("slack", channel), CARD, ENGLISH))
    return office.fake.channel(direct(office.fake) if channel == "U1" else channel).messages[-1]


def direct(slack: FakeSlack) -> str:
    """Dana's conversation with us."""
    return slack.workspace.direct("U1").id


# --- Commands --------------------------------------------------------------------------------------------


async def test_command_is_taken_and_answered_to_the_person_alone(office: Office, slack: FakeSlack) -> None:
    office.desk.reply = t("Complaint C-1 is with the team.")

    answer = await office.people.command("U1", "/complaint", "lock & <key>", "C1", trigger_id="1.2.a")

    assert office.desk.heard == [(Commanded("cmd:1.2.a", DANA, SERVICE, "complaint", "lock & <key>"), True)]
    assert answer.body == {
        "response_type": "ephemeral",
        "text": "Complaint C-1 is with the team.",
        "blocks": [
            {
                "type": "section",
                "block_id": "text0",
                "text": {"type": "plain_text", "text": "Complaint C-1 is with the team.", "emoji": True},
            }
        ],
    }
    assert slack.ephemerals("U1") == ["Complaint C-1 is with the team."]
    assert slack.reads("C1", everyone=True) == []


async def test_words_behind_our_own_command_are_said_to_us(office: Office) -> None:
    await office.people.command("U1", "/opsbook", " 投诉 the lock ", "C1", trigger_id="1.2.a")
    await office.people.command("U1", "/opsbook", "", "C1", trigger_id="1.2.b")

    assert office.desk.heard == [
        (Said("cmd:1.2.a", DANA, SERVICE, "投诉 the lock", to_us=True), True),
        (Commanded("cmd:1.2.b", DANA, SERVICE, "help"), True),
    ]


async def test_command_opens_its_form(office: Office, slack: FakeSlack) -> None:
    office.desk.reply = FORM

    answer = await office.people.command("U1", "/complaint", "The lock", "C1")
    await office.settled()

    assert answer == (200, "")
    assert slack.modals("U1") == ["New complaint | Customer: ___ | What happened?: The lock | [Submit] [Cancel]"]


async def test_form_that_can_not_be_opened_is_said_so(office: Office, slack: FakeSlack) -> None:
    office.desk.reply = FORM
    slack.misbehave("views.open", script.Fails("expired_trigger_id"))

    await office.people.command("U1", "/complaint", "", "C1")
    await office.settled()

    assert slack.modals("U1") == []
    assert slack.ephemerals("U1") == ["The form could not be opened. Please try once more."]


async def test_command_delivered_again_answers_the_same_and_opens_nothing(office: Office, slack: FakeSlack) -> None:
    office.desk.reply = t("Noted.")
    first = await office.people.command("U1", "/complaint", "a", "C1")
    again = await office.people.resend()
    office.desk.reply = FORM
    await office.people.command("U1", "/complaint", "b", "C1")
    await office.people.resend()
    await office.settled()

    assert again == first
    assert len(slack.calls_of("views.open")) == 1


async def test_slow_work_is_told_afterwards(office: Office, slack: FakeSlack) -> None:
    office.platform.incoming.bound = 0.05
    office.desk.takes = 0.3
    office.desk.reply = t("Noted.")

    answer = await office.people.command("U1", "/complaint", "a", "C1")
    await office.settled()

    assert answer.body["text"] == BOTH(LATE, "\n")
    assert len(office.desk.heard) == 1
    assert slack.ephemerals("U1")[1:] == ["Noted."]


async def test_busy_desk_is_said_to_whoever_waits_and_to_slack(office: Office) -> None:
    office.desk.outcome, office.desk.reply = Outcome.BUSY, t("That was not saved.")

    command = await office.people.command("U1", "/complaint", "a", "C1")
    message = await office.people.says("U1", "U1", "hello")
    home = await office.people.opens_home("U1")
    office.desk.outcome = Outcome.FAULT
    fault = await office.people.says("U1", "U1", "hello")

    assert (command.status, command.body["text"]) == (200, "That was not saved.")
    assert (message, home, fault) == ((503, ""), (503, ""), (500, ""))


# --- Buttons ---------------------------------------------------------------------------------------------


async def test_press_is_taken_and_answered_where_it_was_pressed(office: Office, slack: FakeSlack) -> None:
    card = await shown_card(office)
    office.desk.reply = t("It is yours.")

    answer = await office.people.press(card, "I take it", "U1", trigger_id="1.2.a")
    again = await office.people.resend()
    await office.settled()

    assert office.desk.heard[0] == (Pressed("press:1.2.a", DANA, SERVICE, "tickets.take:1:1"), True)
    assert (answer, again) == ((200, ""), (200, ""))
    assert slack.ephemerals("U1") == ["It is yours."]


async def test_press_can_open_a_form(office: Office, slack: FakeSlack) -> None:
    card = await shown_card(office)
    office.desk.reply = FORM

    await office.people.press(card, "I take it", "U1")
    await office.settled()

    assert slack.modals("U1") == ["New complaint | Customer: ___ | What happened?: The lock | [Submit] [Cancel]"]


async def test_press_in_a_direct_conversation_is_answered_there(office: Office, slack: FakeSlack) -> None:
    card = await shown_card(office, "U1")
    office.desk.reply = t("It is yours.")

    await office.people.press(card, "I take it", "U1")
    await office.settled()

    assert slack.reads(direct(slack))[1:] == ["It is yours."]


async def test_reply_goes_to_the_person_directly_where_we_are_not_in_the_channel(
    office: Office, slack: FakeSlack
) -> None:
    card = await shown_card(office)
    office.desk.reply = t("It is yours.")
    slack.misbehave("chat.postEphemeral", script.Fails("not_in_channel"))

    await office.people.press(card, "I take it", "U1")
    await office.settled()

    assert slack.reads(direct(slack)) == ["It is yours."]


async def test_press_on_the_home_tab_draws_it_anew(office: Office, slack: FakeSlack) -> None:
    office.desk.reply = CARD
    await office.people.opens_home("U1")
    await office.settled()
    home = slack.workspace.homes["U1"]
    office.desk.reply = Card("Nothing waits for you")

    await office.people.press(home, "I take it", "U1", trigger_id="1.2.a")
    await office.settled()

    here = Address("slack", "U1")
    assert office.desk.events[1:] == [
        Pressed("press:1.2.a", DANA, here, "tickets.take:1:1"),
        Commanded("home:press:1.2.a", DANA, here, "home"),
    ]
    assert slack.home("U1") == "Nothing waits for you"


@pytest.mark.parametrize("value", [None, "", [], {"a": 1}, "x" * 65, 7])
async def test_forged_button_reaches_nobody(office: Office, value: object) -> None:
    card = await shown_card(office)

    def forged(payload: dict[str, Any]) -> dict[str, Any]:
        payload["actions"][0]["value"] = value
        return payload

    assert await office.people.press(card, "I take it", "U1", change=forged) == (200, "")
    assert office.desk.heard == []


# --- Forms -----------------------------------------------------------------------------------------------


async def test_form_sent_comes_back_with_where_and_about_what(office: Office, slack: FakeSlack) -> None:
    office.desk.reply = FORM
    await office.people.command("U1", "/complaint", "", "C1")
    await office.settled()
    window = slack.modal("U1")
    office.desk.reply = t("Complaint C-1 is with the team.")

    answer = await office.people.submit(window, "U1", {"customer": "Ms Lee"})
    again = await office.people.resend()
    await office.settled()

    answers = {"customer": "Ms Lee", "what": "The lock"}
    once = f"view:{window.id}:{window.body['hash']}"
    assert office.desk.events[1] == Submitted(once, DANA, SERVICE, "tickets.NewComplaint", answers, "tickets:42:3")
    assert (answer, again) == ((200, ""), (200, ""))
    assert slack.modals("U1") == []
    assert slack.ephemerals("U1") == ["Complaint C-1 is with the team."]


async def test_refusal_at_a_question_keeps_the_window_and_lets_it_be_sent_again(
    office: Office, slack: FakeSlack
) -> None:
    office.desk.reply = FORM
    await office.people.command("U1", "/complaint", "", "C1")
    await office.settled()
    office.desk.outcome, office.desk.reply, office.desk.field = Outcome.REFUSED, t("Who is that?"), "customer"

    answer = await office.people.submit(slack.modal("U1"), "U1", {"customer": "?"})
    stands = slack.modals("U1")
    office.desk.outcome, office.desk.reply, office.desk.field = Outcome.DONE, None, None
    await office.people.submit(slack.modal("U1"), "U1", {"customer": "Ms Lee"})

    assert answer.body == {"response_action": "errors", "errors": {"customer": "Who is that?"}}
    assert "Customer: ___ | ! Who is that?" in stands[0]
    assert slack.modals("U1") == []


async def test_refusal_of_the_whole_draws_the_window_anew_with_what_was_written(
    office: Office, slack: FakeSlack
) -> None:
    office.desk.reply = FORM
    await office.people.command("U1", "/complaint", "", "C1")
    await office.settled()
    office.desk.outcome, office.desk.reply = Outcome.REFUSED, t("Not on a holiday.")

    first = await office.people.submit(slack.modal("U1"), "U1", {"customer": "Ms Lee"})
    again = await office.people.resend()
    stands = slack.modals("U1")
    office.desk.outcome, office.desk.reply = Outcome.DONE, None
    await office.people.submit(slack.modal("U1"), "U1", {"customer": "Ms Lee"})
    await office.settled()

    assert again == first
    assert stands == [
        "New complaint | ⚠️ Not on a holiday. | Customer: Ms Lee | What happened?: The lock | [Submit] [Cancel]"
    ]
    ids = [event.id for event in office.desk.events]
    assert ids[1] == ids[2] != ids[3]
    assert slack.modals("U1") == []


async def test_busy_desk_keeps_the_window_open(office: Office, slack: FakeSlack) -> None:
    office.desk.reply = FORM
    await office.people.command("U1", "/complaint", "", "C1")
    await office.settled()
    office.desk.outcome, office.desk.reply = Outcome.BUSY, t("That was not saved.")

    answer = await office.people.submit(slack.modal("U1"), "U1", {"customer": "Ms Lee"})

    assert answer.body == {"response_action": "errors", "errors": {"what": "That was not saved."}}


async def test_form_may_be_followed_by_another(office: Office, slack: FakeSlack) -> None:
    office.desk.reply = FORM
    await office.people.command("U1", "/complaint", "", "C1")
    await office.settled()
    office.desk.reply = Asking("tickets.More", "More", (Question("why", "line", "Why?"),), {})

    await office.people.submit(slack.modal("U1"), "U1", {"customer": "Ms Lee"})

    assert slack.modals("U1") == ["More | Why?: ___ | [Submit] [Cancel]"]


# --- Messages --------------------------------------------------------------------------------------------


async def test_direct_message_is_said_to_us_and_answered_there(office: Office, slack: FakeSlack) -> None:
    office.desk.reply = t("What do you need?")
    file = slack.add_file("door.png", b"png", "U1", "image/png")

    answer = await office.people.says("U1", "U1", "hi & <@U2>", files=[file], event_id="Ev1")
    again = await office.people.resend()
    await office.settled()

    here = Address("slack", direct(slack))
    files = (Attached(f"slack:{file['id']}", "door.png", "image/png", 3),)
    assert office.desk.heard[0] == (Said("Ev1", DANA, here, "hi & @U2", to_us=True, files=files), False)
    assert (answer, again) == ((200, ""), (200, ""))
    assert slack.reads(direct(slack)) == ["What do you need?"]


async def test_mention_arrives_once_however_it_is_told(office: Office, slack: FakeSlack) -> None:
    office.desk.reply = t("What do you need?")

    await office.people.mentions("U1", "C1", "投诉 the lock")
    await office.settled()

    ts = slack.channel("C1").messages[0].ts
    assert office.desk.events == [Said(f"mention:C1:{ts}", DANA, SERVICE, "投诉 the lock", to_us=True)] * 2
    assert slack.ephemerals("U1") == ["What do you need?"]


async def test_reply_in_a_thread_is_heard_and_other_talk_is_not(office: Office, slack: FakeSlack) -> None:
    card = await shown_card(office)

    await office.people.says("U1", "C1", "I am on it", card.ts, event_id="Ev1")
    await office.people.says("U1", "C1", "lunch?")

    assert office.desk.events == [Said("Ev1", DANA, Address("slack", "C1", card.ts), "I am on it")]


async def test_bots_edits_and_our_own_words_are_not_heard(office: Office, slack: FakeSlack) -> None:
    card = await shown_card(office)
    await office.people.says("U9", "C1", "I am a bot", card.ts, bot_id="B9")
    await office.people.says("UBOT", "C1", "our own", card.ts)
    await office.people.says("USLACKBOT", "C1", "slackbot", card.ts)
    await office.people.says("U1", "C1", "words", card.ts)
    before = len(office.desk.heard)
    await office.people.edits(slack.channel("C1").messages[-1], "other words")
    await office.people.event({"type": "reaction_added", "user": "U1", "reaction": "+1"})

    assert before == len(office.desk.heard) == 1


async def test_person_from_another_workspace_is_told_apart(office: Office, slack: FakeSlack) -> None:
    card = await shown_card(office)

    await office.people.says("U7", "C1", "hello", card.ts, team="T0666")
    await office.people.press(card, "I take it", "U7", team="T0666")
    await office.people.command("U7", "/complaint", "", "C1", team="T0666")

    assert [event.who for event in office.desk.events] == [Identity("slack", "T0666", "U7")] * 3


async def test_outsider_whose_workspace_is_not_told_is_a_stranger() -> None:
    event = {"type": "app_mention", "user": "U7", "ts": "1.2", "text": "<@UBOT> hi", "channel": "C1"}
    body = {"event": event, "team_id": "T0001", "event_id": "Ev1", "is_ext_shared_channel": True}

    arrived = said(body, Ours("UBOT", "B1", "T0001"))

    assert arrived is not None
    assert arrived.event.who == Identity("slack", "?", "U7")


async def test_home_tab_shows_what_waits(office: Office, slack: FakeSlack) -> None:
    office.desk.reply = CARD

    await office.people.opens_home("U1", event_id="Ev1")
    await office.people.opens_home("U1", tab="messages")
    await office.settled()

    here = Address("slack", direct(slack))
    assert office.desk.heard == [(Commanded("Ev1", DANA, here, "home"), False)]
    assert slack.home("U1") == "Complaint C-1 | [I take it]"


async def test_leaver_is_told(office: Office) -> None:
    await office.people.user_changed("U2", deleted=False)
    await office.people.user_changed("U2", deleted=True)

    assert office.desk.left == [Identity("slack", "T0001", "U2")]


async def test_slacks_question_for_the_address_is_answered(office: Office) -> None:
    assert await office.people.url_verification("c-1") == (200, {"challenge": "c-1"})


async def test_nothing_is_taken_in_after_the_end(office: Office) -> None:
    await office.platform.stop()

    assert await office.people.says("U1", "U1", "hello") == (503, "")
    assert office.desk.heard == []


# --- Payloads as recorded ----------------------------------------------------------------------------------


RECORDED: dict[str, dict[str, Any]] = {
    "command": {
        "team_id": "T00FAKE00BB",
        "channel_id": "C00FAKECHAN3",
        "channel_name": "support-agent-dev",
        "user_id": "U00FAKEUSER2",
        "user_name": "testuser",
        "command": "/test-feedback",
        "text": "some arguments here",
        "trigger_id": "10520020890661.10229338706656.2e2188a0",
    },
    "press": {
        "type": "block_actions",
        "user": {"id": "U0A8WUV28QM", "team_id": "T0A8YAUUGMU"},
        "container": {
            "type": "message",
            "message_ts": "1771116682.586579",
            "channel_id": "C0A9D9RTBMF",
            "thread_ts": "1771116676.529969",
        },
        "trigger_id": "10526038289633.1",
        "team": {"id": "T0A8YAUUGMU", "enterprise_id": "E0A9D9SMZ0R"},
        "enterprise": {"id": "E0A9D9SMZ0R"},
        "channel": {"id": "C0A9D9RTBMF"},
        "message": {"ts": "1771116682.586579", "thread_ts": "1771116676.529969"},
        "actions": [{"action_id": "report", "value": "bug", "type": "button", "action_ts": "1771116685.733929"}],
    },
    "link": {
        "type": "block_actions",
        "user": {"id": "U1", "team_id": "T1"},
        "actions": [{"action_id": "link", "type": "button", "action_ts": "1.1"}],
    },
    "submission": {
        "type": "view_submission",
        "team": {"id": "T00FAKE00BB"},
        "user": {"id": "U00FAKEUSER2", "team_id": "E00ORG"},
        "enterprise": {"id": "E00ORG"},
        "view": {
            "id": "V0AF71PAUQK",
            "hash": "1771309947.RiIIx55y",
            "callback_id": "feedback_form",
            "private_metadata": "not ours",
            "app_installed_team_id": "T00FAKE00BB",
            "state": {"values": {"message": {"message": {"type": "plain_text_input", "value": "Hello!"}}}},
        },
    },
    "thread": {
        "team_id": "T00FAKE00AA",
        "event": {
            "type": "message",
            "user": "U00FAKEUSER1",
            "ts": "1767376993.596659",
            "text": "DM me",
            "thread_ts": "1767376988.871629",
            "channel": "C00FAKECHAN1",
            "channel_type": "channel",
        },
        "authorizations": [{"user_id": "U00FAKEBOT01", "is_bot": True}],
    },
    "mention": {
        "team_id": "T00FAKE00AA",
        "event": {
            "type": "message",
            "user": "U00FAKEUSER1",
            "ts": "1773327463.619929",
            "text": "<@U00FAKEBOT01> Can you see this channel: <#C00FAKECHAN2>?",
            "team": "T00FAKE00AA",
            "channel": "C00FAKECHAN1",
            "channel_type": "channel",
        },
        "authorizations": [{"user_id": "U00FAKEBOT01", "is_bot": True}],
    },
}


def test_recorded_payloads_become_events() -> None:
    tester = Identity("slack", "T00FAKE00BB", "U00FAKEUSER2")
    writer = Identity("slack", "T00FAKE00AA", "U00FAKEUSER1")
    pressed, linked = press(RECORDED["press"]), press(RECORDED["link"])
    thread, mention = said(RECORDED["thread"], Ours()), said(RECORDED["mention"], Ours())

    assert command(RECORDED["command"]).event == Commanded(
        "cmd:10520020890661.10229338706656.2e2188a0",
        tester,
        Address("slack", "C00FAKECHAN3"),
        "test-feedback",
        "some arguments here",
    )
    assert linked is None
    assert pressed is not None
    assert pressed.event == Pressed(
        "press:10526038289633.1",
        Identity("slack", "T0A8YAUUGMU", "U0A8WUV28QM"),
        Address("slack", "C0A9D9RTBMF", "1771116676.529969"),
        "bug",
    )
    assert submission(RECORDED["submission"]).event == Submitted(
        "view:V0AF71PAUQK:1771309947.RiIIx55y",
        tester,
        Address("slack", "U00FAKEUSER2"),
        "feedback_form",
        {"message": "Hello!"},
    )
    assert thread is not None
    assert thread.event == Said(
        "msg:C00FAKECHAN1:1767376993.596659",
        writer,
        Address("slack", "C00FAKECHAN1", "1767376988.871629"),
        "DM me",
    )
    assert mention is not None
    assert mention.event == Said(
        "mention:C00FAKECHAN1:1773327463.619929",
        writer,
        Address("slack", "C00FAKECHAN1"),
        "Can you see this channel: #C00FAKECHAN2?",
        to_us=True,
    )


# --- At the gate -----------------------------------------------------------------------------------------


async def test_forged_requests_are_refused_unread(
    office: Office, slack: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    word = "Canary-4711"
    hows: list[dict[str, Any]] = [
        {"signature": None},
        {"timestamp": None},
        {"timestamp": "abc"},
        {"timestamp": "١٧٧٢٤٤٢٠٠٠"},
        {"timestamp": "-1772442000"},
        {"timestamp": "1" * 5000},
        {"skew": -301},
        {"skew": 301},
        {"secret": "another"},
        {"signature": "v0=" + "0" * 64},
        {"signature": "v0=é客"},
        {"tamper": lambda body: body.replace(b"Canary", b"Canari")},
    ]

    statuses = [(await office.people.says("U1", "U1", word, **how)).status for how in hows]

    assert statuses == [401] * len(hows)
    assert office.desk.heard == []
    assert word not in caplog.text
    assert (await office.people.says("U1", "U1", word, skew=-300)).status == 200


def signed(body: bytes, clock: Clock) -> dict[str, str]:
    stamp = str(int(clock().timestamp()))
    digest = hmac.new(SECRET.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


JSON, FORM_TYPE = "application/json", "application/x-www-form-urlencoded"
BAD: list[tuple[str, bytes]] = [
    (JSON, b""),
    (JSON, b"not json"),
    (JSON, b"[]"),
    (JSON, b'"x"'),
    (JSON, b"{"),
    (JSON, b"[" * 100_000),
    (JSON, b'{"a":' * 100_000),
    (JSON, b'{"type":"a","type":"b"}'),
    (JSON, b'{"a":NaN}'),
    (JSON, b'{"a":-Infinity}'),
    (JSON, b'{"a":1e999}'),
    (JSON, b'{"a":9223372036854775808}'),
    (JSON, b'{"a":' + b"9" * 5000 + b"}"),
    (JSON, b'{"a":"\\ud800"}'),
    (JSON, b'{"a":"x\\u0000y"}'),
    (JSON, b'{"a":"\x00"}'),
    (JSON, b'{"a":"\xff\xfe"}'),
    (JSON, b'{"type":"event_callback","event":null}'),
    (JSON, b'{"type":"event_callback","event":[]}'),
    (JSON, b'{"type":["a"]}'),
    (JSON, b'{"type":"block_actions","actions":[1]}'),
    (JSON, b'{"type":"block_actions","actions":[{}]}'),
    (JSON, b'{"type":"view_submission","view":null,"user":{"id":"U1"}}'),
    (JSON, b'{"authorizations":[{"authorizations":[{"enterprise":7}]}],"enterprise":{"id":7}, "x":' + b"[" * 99_999),
    (JSON + "; charset=utf-16", b'{"a":1}'),
    (JSON + "; charset=klingon", b'{"a":1}'),
    (FORM_TYPE, b"payload=%7B"),
    (FORM_TYPE, b"payload=%5B%5D"),
    (FORM_TYPE, b"payload=%7B%7D&payload=%7B%7D"),
    (FORM_TYPE, b"command=%2Fx&command=%2Fy"),
    (FORM_TYPE, b"command=%2Fx&text=%ED%A0%80"),
    (FORM_TYPE, b"command=%2Fx&text=%00"),
    (FORM_TYPE, b"command=%2Fx&user_id=&channel_id=C1&trigger_id=1"),
    (FORM_TYPE, b"&".join(b"a%d=1" % n for n in range(2000))),
]


@pytest.mark.parametrize(("kind", "body"), BAD, ids=range(len(BAD)))
async def test_signed_nonsense_is_refused_quickly(
    office: Office, clock: Clock, caplog: pytest.LogCaptureFixture, kind: str, body: bytes
) -> None:
    headers = {"Content-Type": kind, **signed(body, clock)}

    async with (
        aiohttp.ClientSession() as session,
        session.post(office.url + "/slack/events", data=body, headers=headers) as answer,
    ):
        assert answer.status == 400
    assert office.desk.heard == []
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_body_that_is_too_large_is_refused(office: Office, clock: Clock) -> None:
    body = b'{"a":"' + b"x" * 2_000_000 + b'"}'

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 64_000):
            yield body[start : start + 64_000]

    statuses = []
    async with aiohttp.ClientSession() as session:
        for data in (io.BytesIO(body), chunks()):
            headers = {"Content-Type": JSON, **signed(body, clock)}
            async with session.post(office.url + "/slack/events", data=data, headers=headers) as answer:
                statuses.append(answer.status)

    assert statuses == [413, 413]


async def test_wrongly_compressed_body_is_refused(office: Office, clock: Clock) -> None:
    headers = {"Content-Type": JSON, "Content-Encoding": "gzip", **signed(b"{}", clock)}

    async with (
        aiohttp.ClientSession() as session,
        session.post(office.url + "/slack/events", data=b"{}", headers=headers) as answer,
    ):
        assert answer.status == 400


async def test_payloads_changed_at_random_break_nothing(
    office: Office, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(20260302)
    wrong: list[Any] = [
        None,
        "",
        "x",
        0,
        -1,
        2**40,
        1.5,
        True,
        [],
        {},
        [[]],
        [{}],
        {"id": 7},
        {"id": []},
        "é",
        "\u202e",
    ]
    statuses = set()

    def changed(value: Any) -> Any:
        if chance.random() < 0.08:
            return chance.choice(wrong)
        if isinstance(value, dict):
            return {name: changed(one) for name, one in value.items() if chance.random() > 0.04}
        return [changed(one) for one in value] if isinstance(value, list) else value

    async with aiohttp.ClientSession() as session:
        for _ in range(1500):
            payload = changed(chance.choice(list(RECORDED.values())))
            if not isinstance(payload, dict):
                continue
            if "event" in payload:
                payload["type"] = "event_callback"
            kind = chance.choice([JSON, FORM_TYPE])
            text = json.dumps(payload)
            body = (text if kind == JSON else urlencode({"payload": text})).encode()
            headers = {"Content-Type": kind, **signed(body, clock)}
            async with session.post(office.url + "/slack/events", data=body, headers=headers) as answer:
                statuses.add(answer.status)
    await office.settled()

    assert statuses <= {200, 400}
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
