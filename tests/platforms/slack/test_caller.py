"""What people do reaches an app as Slack would send it, really signed, by request or over Socket Mode."""

from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from tests.platforms.slack.caller import SlackCaller
from tests.platforms.slack.fake import APP_TOKEN, FakeSlack
from tests.platforms.slack.payloads import NotPossible
from tests.platforms.slack.post import Answer
from tests.platforms.slack.scene import (
    ASKED,
    CARD,
    SECRET,
    App,
    Clock,
    option,
    select,
)

Json = dict[str, Any]

# --- The caller -----------------------------------------------------------------------------------


async def test_command_is_really_signed_and_its_answer_shown(
    slack: FakeSlack, client: AsyncWebClient, caller: SlackCaller, app: App
) -> None:
    app.answer = {"text": "Complaint C-1 is with the team"}

    answer = await caller.command("U1", "/complaint", "lock & key", "#service")

    heard = await app.payload()
    assert answer == (200, {"text": "Complaint C-1 is with the team"})
    assert (heard["command"], heard["text"], heard["channel_id"]) == ("/complaint", "lock &amp; key", "C1")
    assert slack.ephemerals("U1") == ["Complaint C-1 is with the team"]
    assert (await client.views_open(trigger_id=heard["trigger_id"], view=ASKED))["ok"]


async def test_forgeries_are_refused_by_the_real_verifier(caller: SlackCaller, app: App) -> None:
    found = [
        await caller.says("U1", "C1", "x", secret="other"),
        await caller.says("U1", "C1", "x", skew=-301),
        await caller.says("U1", "C1", "x", skew=301),
        await caller.says("U1", "C1", "x", signature=None),
        await caller.says("U1", "C1", "x", signature="v0=00"),
        await caller.says("U1", "C1", "x", timestamp=None),
        await caller.says("U1", "C1", "x", tamper=lambda body: body.replace(b'"x"', b'"y"')),
    ]

    assert found == [Answer(401, "")] * 7
    assert await caller.says("U1", "C1", "x", skew=-299) == (200, "")
    assert len(app.heard) == 1


async def test_replay_is_the_same_to_the_last_byte(caller: SlackCaller, app: App) -> None:
    await caller.says("U1", "C1", "x", event_id="Ev1", retry_num=2)
    await caller.resend()

    assert app.heard[0][1] == app.heard[1][1]
    assert {"X-Slack-Retry-Num": "2", "X-Slack-Retry-Reason": "http_timeout"}.items() <= app.heard[1][0].items()
    assert (await app.payload())["event_id"] == "Ev1"


async def test_submission_carries_answers_by_label_and_shows_errors(
    slack: FakeSlack, client: AsyncWebClient, caller: SlackCaller, app: App
) -> None:
    await client.views_open(trigger_id=slack.issue_trigger("U1"), view=ASKED)
    view = slack.modal("U1")
    app.answer = {"response_action": "errors", "errors": {"customer": "Who is that?"}}
    answers = {"Customer": "Tom & <Co>", "How soon?": "Today", "day": datetime(2026, 3, 9, tzinfo=UTC).date()}

    await caller.submit(view, "U1", answers | {"tags": ["A"]})

    heard = await app.payload()
    assert heard["view"]["state"]["values"] == {
        "customer": {"x": {"type": "plain_text_input", "value": "Tom & <Co>"}},
        "urgency": {"x": {"type": "static_select", "selected_option": option("Today", "t")}},
        "day": {"x": {"type": "datepicker", "selected_date": "2026-03-09"}},
        "count": {"x": {"type": "number_input", "value": "1"}},
        "tags": {"x": {"type": "checkboxes", "selected_options": [option("A", "a")]}},
        "who": {"x": {"type": "users_select", "selected_user": "U2"}},
    }
    assert "| Customer: ___ | ! Who is that? |" in slack.modals("U1")[0]
    app.answer = ""
    await caller.submit(view, "U1", answers)
    assert slack.modals("U1") == []


async def test_submission_is_checked_as_slack_does(
    slack: FakeSlack, client: AsyncWebClient, caller: SlackCaller
) -> None:
    await client.views_open(trigger_id=slack.issue_trigger("U1"), view=ASKED)
    good: Json = {"customer": "x", "urgency": "t"}

    for bad in (
        {"customer": None},
        {"customer": "x" * 21},
        {"urgency": "never"},
        {"count": "1.5"},
        {"colour": "red"},
    ):
        with pytest.raises(NotPossible):
            await caller.submit(slack.modal("U1"), "U1", good | bad)


async def test_press_carries_the_button_as_stored(
    slack: FakeSlack, client: AsyncWebClient, caller: SlackCaller, app: App
) -> None:
    await client.chat_postMessage(channel="C1", text="x", blocks=CARD)
    message = slack.channel("C1").messages[0]

    await caller.press(message, "I take it", "U2")

    heard = await app.payload()
    assert heard["type"] == "block_actions"
    assert heard["container"] == {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": "C1",
        "is_ephemeral": False,
    }
    assert (heard["user"]["id"], heard["actions"][0]["action_id"]) == ("U2", "tickets.take:1:1")
    with pytest.raises(NotPossible):
        await caller.press(message, "Explode", "U2")


async def test_press_reaches_ephemeral_messages_and_home(
    slack: FakeSlack, client: AsyncWebClient, caller: SlackCaller, app: App
) -> None:
    await client.chat_postEphemeral(channel="C1", user="U1", text="x", blocks=CARD)
    await client.views_publish(user_id="U1", view={"type": "home", "blocks": [select(option("One", "1"))]})

    await caller.press(slack.workspace.whispers[0], "tickets.close:1:1", "U1")
    hidden = await app.payload()
    await caller.press(slack.workspace.homes["U1"], "s", "U1", option="One")
    home = await app.payload()

    assert (hidden["container"]["is_ephemeral"], "message" in hidden) == (True, False)
    assert (home["container"]["type"], home["actions"][0]["selected_option"]) == ("view", option("One", "1"))
    async with aiohttp.ClientSession() as session:
        await session.post(hidden["response_url"], json={"replace_original": True, "text": "Closed"})
    assert slack.ephemerals("U1") == ["Closed"]


async def test_events_have_their_usual_shape(slack: FakeSlack, caller: SlackCaller, app: App) -> None:
    slack.add_user("U8", team_id="T0002")
    file = slack.add_file("a.png", b"png", "U1", "image/png")

    await caller.says("U1", "U1", "hello <b>", files=[file])
    said = await app.payload()
    await caller.mentions("U8", "C1", "help", team="T0002")
    mention, twin = await app.payload(-2), await app.payload()
    await caller.opens_home("U1")
    await caller.user_changed("U1", deleted=True)
    left = await app.payload()
    app.answer = {"challenge": "c-1234"}

    event = said["event"]
    assert (event["channel"], event["channel_type"], event["text"]) == ("D1", "im", "hello &lt;b&gt;")
    assert (event["subtype"], event["files"]) == ("file_share", [file])
    assert [one["event"]["type"] for one in (mention, twin)] == ["app_mention", "message"]
    assert mention["event"]["ts"] == twin["event"]["ts"]
    assert mention["event_id"] != twin["event_id"]
    assert (mention["team_id"], mention["event"]["user_team"]) == ("T0001", "T0002")
    assert (left["event"]["type"], left["event"]["user"]["deleted"]) == ("user_change", True)
    assert await caller.url_verification() == (200, {"challenge": "c-1234"})


# --- Socket Mode ----------------------------------------------------------------------------------


async def test_socket_mode_carries_the_same_and_comes_back_after_a_cut(slack: FakeSlack, clock: Clock) -> None:
    heard: list[str] = []

    async def hear(client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        heard.append(request.type)
        answer = {"text": "Done"} if request.type == "slash_commands" else None
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, answer))

    web_client = AsyncWebClient(base_url=slack.api_url, retry_handlers=[])
    line = SocketModeClient(APP_TOKEN, web_client=web_client, ping_interval=0.05)
    line.socket_mode_request_listeners.append(hear)
    try:
        await line.connect()  # type: ignore[no-untyped-call]
        await slack.socket.connected()
        caller = SlackCaller("http://127.0.0.1:9", SECRET, clock=clock, slack=slack, socket=True)

        assert await caller.command("U1", "/home", "", "C1") == (200, {"text": "Done"})
        assert await caller.says("U1", "C1", "hello") == (200, "")
        slack.socket.drop()
        await slack.socket.connected(ever=2)
        assert await caller.says("U1", "C1", "again") == (200, "")
        slack.socket.silent = True
        assert await caller.says("U1", "C1", "nobody hears") == (0, "")
    finally:
        await line.close()  # type: ignore[no-untyped-call]
    assert heard == ["slash_commands", "events_api", "events_api"]
    assert slack.ephemerals("U1") == ["Done"]
