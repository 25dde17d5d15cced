"""The fake Slack refuses, stores and misbehaves as the real one does, judged by the real client."""

import asyncio
import contextlib
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.platforms.slack.caller import SlackCaller
from tests.platforms.slack.fake import APP_TOKEN, BOT_TOKEN, FakeSlack
from tests.platforms.slack.scene import (
    ASKED,
    CARD,
    Clock,
    mrkdwn,
    plain,
    refused,
    section,
)
from tests.platforms.slack.script import (
    CutBeforeRead,
    Empty,
    Fails,
    Garbage,
    Hang,
    Limited,
    Ok,
    Slow,
    Status,
    Step,
    StoreThen500,
    StoreThenCut,
    Truncated,
)

Json = dict[str, Any]

# --- Messages -------------------------------------------------------------------------------------


async def test_message_is_stored_and_read_as_a_person_reads_it(slack: FakeSlack, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="C1", text="Complaint C-1", blocks=CARD)
    await client.chat_postMessage(channel="C1", text="a &lt; b *now*", thread_ts=posted["ts"])

    assert slack.reads("C1") == ["Complaint C-1 | Customer: Ms Lee | Owner: nobody & none | [I take it] [Close]"]
    assert slack.reads("#service", thread=posted["ts"]) == ["a < b now"]
    assert [(call.method, call.status, call.stored) for call in slack.calls] == [("chat.postMessage", 200, True)] * 2


async def test_message_to_a_person_opens_the_direct_conversation(slack: FakeSlack, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="U1", text="Hello")
    opened = await client.conversations_open(users="U1")

    assert posted["channel"] == opened["channel"]["id"] == "D1"
    assert slack.reads("D1") == ["Hello"]


async def test_message_is_refused_where_the_app_may_not_write(slack: FakeSlack, client: AsyncWebClient) -> None:
    slack.add_user("U9", deleted=True)

    found = [await refused(client.chat_postMessage(channel=id, text="x")) for id in ("C9", "C2", "C3", "U9")]

    expected = ["channel_not_found", "is_archived", "not_in_channel", "channel_not_found"]
    assert found == [(error, []) for error in expected]


async def test_message_without_text_gets_a_warning_and_without_anything_a_refusal(
    client: AsyncWebClient,
) -> None:
    with pytest.warns(UserWarning, match="top-level"):
        posted = await client.chat_postMessage(channel="C1", blocks=CARD)
    with pytest.warns(UserWarning, match="top-level"):
        nothing = await refused(client.chat_postMessage(channel="C1", text=""))

    assert posted["response_metadata"] == {"warnings": ["missing_text_in_message"]}
    assert nothing == ("no_text", [])


async def test_token_is_asked_for(slack: FakeSlack) -> None:
    async def said_to(token: str | None) -> str:
        return (await refused(AsyncWebClient(token, slack.api_url, retry_handlers=[]).auth_test()))[0]

    found = [await said_to(None), await said_to("xoxb-other"), await said_to(APP_TOKEN)]
    slack.revoke()

    assert found == ["not_authed", "invalid_auth", "not_allowed_token_type"]
    assert await said_to(BOT_TOKEN) == "token_revoked"


async def test_metadata_comes_back_only_when_asked_for(client: AsyncWebClient) -> None:
    metadata = {"event_type": "opsbook_row", "event_payload": {"row": 42}}
    posted = await client.chat_postMessage(channel="C1", text="x", metadata=metadata)
    await client.chat_postMessage(channel="C1", text="y", metadata=metadata, thread_ts=posted["ts"])

    history = await client.conversations_history(channel="C1", include_all_metadata=True)
    replies = await client.conversations_replies(channel="C1", ts=posted["ts"], include_all_metadata=True)
    without = await client.conversations_history(channel="C1")

    assert [one["metadata"] for one in history["messages"]] == [metadata]
    assert [(one["text"], one["metadata"]) for one in replies["messages"]] == [
        ("x", metadata),
        ("y", metadata),
    ]
    assert "metadata" not in without["messages"][0]
    assert await refused(client.chat_postMessage(channel="C1", text="x", metadata={"event_type": "only"})) == (
        "invalid_metadata_format",
        [],
    )


async def test_update_keeps_what_was_before(slack: FakeSlack, client: AsyncWebClient, caller: SlackCaller) -> None:
    posted = await client.chat_postMessage(channel="C1", text="one", blocks=CARD)
    await caller.says("U1", "C1", "mine")
    theirs = slack.channel("C1").messages[1]

    await client.chat_update(channel="C1", ts=posted["ts"], text="two")

    message = slack.channel("C1").messages[0]
    assert (message.text, message.blocks, [one["text"] for one in message.edits]) == ("two", [], ["one"])
    assert await refused(client.chat_update(channel="C1", ts="1.0", text="x")) == ("message_not_found", [])
    assert await refused(client.chat_update(channel="C1", ts=theirs.ts, text="x")) == (
        "cant_update_message",
        [],
    )
    assert await refused(client.chat_delete(channel="C1", ts=theirs.ts)) == ("cant_delete_message", [])
    assert await refused(client.chat_update(channel="C1", ts=posted["ts"], text="x" * 4001)) == (
        "msg_too_long",
        [],
    )


async def test_deleted_message_is_gone(slack: FakeSlack, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="C1", text="one")
    await client.chat_delete(channel="C1", ts=posted["ts"])

    assert slack.reads("C1") == []
    assert await refused(client.conversations_replies(channel="C1", ts=posted["ts"])) == (
        "thread_not_found",
        [],
    )


async def test_ephemeral_is_seen_by_one_person_only(slack: FakeSlack, client: AsyncWebClient) -> None:
    await client.chat_postEphemeral(channel="C1", user="U1", text="psst")

    assert (slack.ephemerals("U1"), slack.ephemerals("U2"), slack.reads("C1")) == (["psst"], [], [])
    assert await refused(client.chat_postEphemeral(channel="C1", user="U7", text="x")) == (
        "user_not_in_channel",
        [],
    )


async def test_one_message_a_second_in_each_channel(clock: Clock) -> None:
    async with FakeSlack(clock=clock, limits=True) as slack:
        slack.add_channel("C1")
        slack.add_channel("C2")
        client = AsyncWebClient(BOT_TOKEN, slack.api_url, retry_handlers=[])
        await client.chat_postMessage(channel="C1", text="1")
        with pytest.raises(SlackApiError) as caught:
            await client.chat_postMessage(channel="C1", text="2")
        await client.chat_postMessage(channel="C2", text="3")
        clock.forward(1)
        await client.chat_postMessage(channel="C1", text="4")

        assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "1")
        assert (slack.reads("C1"), slack.reads("C2")) == (["1", "4"], ["3"])
        assert [call.status for call in slack.calls] == [200, 429, 200, 200]


# --- Windows --------------------------------------------------------------------------------------


async def test_trigger_opens_one_window_within_three_seconds(
    slack: FakeSlack, client: AsyncWebClient, clock: Clock
) -> None:
    trigger, late = slack.issue_trigger("U1"), slack.issue_trigger("U1")
    clock.forward(3)
    await client.views_open(trigger_id=trigger, view=ASKED)
    clock.forward(0.1)

    found = [(await refused(client.views_open(trigger_id=id, view=ASKED)))[0] for id in (trigger, late, "1.2.3")]

    assert found == ["exchanged_trigger_id", "expired_trigger_id", "invalid_trigger_id"]
    assert slack.modals("U1") == [
        "New complaint | Customer: ___ | How soon?: ___ <Today, Later> | When? (optional): ___ | How many?: 1"
        " | Tags (optional): ___ <A, B> | Who?: U2 | [Send] [Cancel]"
    ]


async def test_window_changes_only_for_who_saw_it_last(slack: FakeSlack, client: AsyncWebClient) -> None:
    opened = (await client.views_open(trigger_id=slack.issue_trigger("U1"), view=ASKED))["view"]
    changed = {**ASKED, "title": plain("Changed")}

    first = (await client.views_update(view_id=opened["id"], hash=opened["hash"], view=changed))["view"]

    assert (first["id"], first["hash"] == opened["hash"]) == (opened["id"], False)
    again = client.views_update(view_id=opened["id"], hash=opened["hash"], view=changed)
    assert await refused(again) == ("hash_conflict", [])
    assert await refused(client.views_update(view_id="V404", view=changed)) == ("not_found", [])


async def test_windows_stack_three_high(slack: FakeSlack, client: AsyncWebClient) -> None:
    await client.views_open(trigger_id=slack.issue_trigger("U1"), view=ASKED)

    async def push() -> None:
        trigger = slack.issue_trigger("U1", in_view=slack.modal("U1").id)
        await client.views_push(trigger_id=trigger, view={**ASKED, "title": plain("Above")})

    await push()
    await push()

    assert [line.split(" | ")[0] for line in slack.modals("U1")] == ["New complaint", "Above", "Above"]
    assert await refused(push()) == ("push_limit_reached", [])


async def test_home_is_what_was_published_last(slack: FakeSlack, client: AsyncWebClient) -> None:
    await client.views_publish(user_id="U1", view={"type": "home", "blocks": CARD})
    await client.views_publish(user_id="U1", view={"type": "home", "blocks": [section("Nothing *waits*.")]})

    assert (slack.home("U1"), slack.home("U2")) == ("Nothing waits.", "")
    stale = client.views_publish(user_id="U1", hash="1.x", view={"type": "home", "blocks": []})
    assert await refused(stale) == ("hash_conflict", [])


async def test_response_url_is_good_five_times_for_half_an_hour(slack: FakeSlack, clock: Clock) -> None:
    url, late = slack.response_url("U1", "C1"), slack.response_url("U1", "C1")
    async with aiohttp.ClientSession() as session:

        async def respond(to: str) -> tuple[int, Json]:
            async with session.post(to, json={"text": "Done"}) as response:
                return response.status, await response.json()

        found = [await respond(url) for _ in range(6)]
        clock.forward(30 * 60 + 1)

        assert found == [(200, {"ok": True})] * 5 + [(404, {"ok": False, "error": "used_url"})]
        assert await respond(late) == (404, {"ok": False, "error": "expired_url"})
    assert slack.ephemerals("U1") == ["Done"] * 5


# --- People and files -----------------------------------------------------------------------------


async def test_people_are_listed_page_by_page(slack: FakeSlack, client: AsyncWebClient) -> None:
    first = await client.users_list(limit=2, include_locale=True)
    rest = await client.users_list(limit=2, cursor=first["response_metadata"]["next_cursor"])
    found = (await client.users_info(user="U1", include_locale=True))["user"]

    assert [one["id"] for one in [*first["members"], *rest["members"]]] == ["UBOT", "U1", "U2"]
    assert rest["response_metadata"] == {"next_cursor": ""}
    assert (found["locale"], found["profile"]["email"]) == ("zh-CN", "dana@example.com")
    assert await refused(client.users_info(user="U404")) == ("user_not_found", [])
    assert await refused(client.users_list(cursor="abc")) == ("invalid_cursor", [])


async def test_file_goes_up_and_comes_back_for_the_token_only(slack: FakeSlack, client: AsyncWebClient) -> None:
    await client.files_upload_v2(content=b"a,b\n", filename="report.csv", title="Report", channel="C1")
    [file] = slack.channel("C1").messages[0].body["files"]

    async def download(token: str) -> tuple[str, bytes]:
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            aiohttp.ClientSession() as session,
            session.get(file["url_private"], headers=headers) as response,
        ):
            return response.content_type, await response.read()

    assert await download(BOT_TOKEN) == ("application/octet-stream", b"a,b\n")
    assert (await download("other"))[0] == "text/html"
    assert slack.reads("C1") == ["(file: Report)"]


# --- What is live ---------------------------------------------------------------------------------


async def test_live_mentions_are_found_wherever_they_hide(slack: FakeSlack, client: AsyncWebClient) -> None:
    blocks: list[Json] = [
        {
            "type": "section",
            "text": mrkdwn("<!channel> &lt;!here&gt;"),
            "fields": [plain("<@U1>"), mrkdwn("<@U1>")],
        },
        {"type": "context", "elements": [mrkdwn("<https://evil.example|bank> and <!subteam^S1>")]},
    ]
    await client.chat_postMessage(channel="C1", text="<!everyone> see https://a.example", blocks=blocks, parse="none")
    await client.chat_postMessage(channel="C1", text="@channel", link_names=True)
    await client.chat_postMessage(channel="C1", text="@channel &lt;!channel&gt; x &amp; y 5 < 6 > 4", parse="none")

    assert [str(one) for one in slack.live()] == [
        "broadcast <!everyone> at text",
        "broadcast <!channel> at blocks/0/text",
        "user <@U1> at blocks/0/fields/1",
        "link <https://evil.example|bank> at blocks/1/elements/0",
        "group <!subteam^S1> at blocks/1/elements/0",
        "name @channel at text",
    ]


# --- Misbehaviour ---------------------------------------------------------------------------------


async def test_script_is_played_step_by_step(slack: FakeSlack, client: AsyncWebClient) -> None:
    steps: list[Step] = [
        Status(500),
        Status(502),
        Limited("30"),
        Limited(None),
        Limited("abc"),
        Fails("fatal_error"),
    ]
    slack.misbehave("chat.postMessage", *steps, Ok(), Garbage(), Empty(), StoreThen500(), Truncated())
    found: list[object] = []

    for number in range(12):
        try:
            await client.chat_postMessage(channel="C1", text=str(number))
            found.append("ok")
        except UnicodeDecodeError:
            found.append("not text")  # the client lets this through as it is
        except SlackApiError as error:
            answer = error.response
            status = getattr(answer, "status_code", None) or answer.status
            found.append((status, answer.headers.get("Retry-After")) if status == 429 else status)

    assert found == [
        500,
        502,
        (429, "30"),
        (429, None),
        (429, "abc"),
        200,
        "ok",
        "not text",
        200,
        500,
        200,
        "ok",
    ]
    assert slack.reads("C1") == ["6", "9", "10", "11"]
    assert [call.stored for call in slack.calls] == [False] * 6 + [True] + [False] * 2 + [True] * 3


async def test_cut_connections_are_not_told_apart_by_the_client(slack: FakeSlack, client: AsyncWebClient) -> None:
    slack.misbehave("chat.postMessage", StoreThenCut(), CutBeforeRead())

    for text in ("stored", "lost"):
        with pytest.raises(aiohttp.ClientError):
            await client.chat_postMessage(channel="C1", text=text)

    assert slack.reads("C1") == ["stored"]
    assert [(call.status, call.stored) for call in slack.calls] == [(0, True), (0, False)]


async def test_hang_and_slow_answers(slack: FakeSlack) -> None:
    slack.misbehave("auth.test", Hang(60), Slow(0.2))
    client = AsyncWebClient(BOT_TOKEN, slack.api_url, retry_handlers=[], timeout=0.1)  # type: ignore[arg-type]

    with pytest.raises(TimeoutError):
        await client.auth_test()
    client.timeout = 5
    started = asyncio.get_running_loop().time()
    answer = await client.auth_test()

    assert answer["user_id"] == "UBOT"
    assert asyncio.get_running_loop().time() - started >= 0.2


async def test_mix_of_faults_has_the_shares_asked_for(slack: FakeSlack, client: AsyncWebClient) -> None:
    slack.mix({Limited("1"): 0.2, StoreThen500(): 0.2}, "chat.postMessage", seed=7)

    for number in range(100):
        with contextlib.suppress(SlackApiError):
            await client.chat_postMessage(channel="C1", text=str(number))

    found = Counter(call.status for call in slack.calls)
    assert (found[200] > 50, found[429] > 10, found[500] > 10) == (True, True, True)
    assert len(slack.reads("C1")) == found[200] + found[500]


async def test_fault_of_one_channel_leaves_the_others_alone(slack: FakeSlack, client: AsyncWebClient) -> None:
    slack.add_channel("C4")
    slack.always("chat.postMessage", Fails("is_archived"), channel="C1")

    assert await refused(client.chat_postMessage(channel="C1", text="x")) == ("is_archived", [])
    assert await refused(client.chat_postMessage(channel="C1", text="x")) == ("is_archived", [])
    assert (await client.chat_postMessage(channel="C4", text="x"))["ok"]
    slack.behave()
    assert (await client.chat_postMessage(channel="C1", text="x"))["ok"]


# --- As a process of its own ----------------------------------------------------------------------


async def test_fake_runs_as_a_process_and_writes_its_journal(tmp_path: Path) -> None:
    words = ["-m", "tests.platforms.slack.fake", "--journal", str(tmp_path / "calls"), "--seconds", "30"]
    child = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=asyncio.subprocess.PIPE)
    try:
        assert child.stdout is not None
        address = (await child.stdout.readline()).decode().strip()
        client = AsyncWebClient(BOT_TOKEN, address, retry_handlers=[])
        await client.chat_postMessage(channel="C0001", text="x")
        await client.views_open(trigger_id="any", view=ASKED)
    finally:
        child.terminate()
        await child.wait()

    lines = [json.loads(line) for line in (tmp_path / "calls").read_text(encoding="utf-8").splitlines()]
    assert [(line["method"], line["status"], line["stored"]) for line in lines] == [
        ("chat.postMessage", 200, True),
        ("views.open", 200, True),
    ]
