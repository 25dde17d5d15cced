"""Files of ours reach Slack with their card: each once, and where nobody else reads a private one."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms import Message
from bot.ui.card import Attached, Card
from storage.errors import StorageBusy
from storage.places import Address
from tests.platforms.slack import script
from tests.platforms.slack.fake import FakeSlack
from tests.platforms.slack.office import ENGLISH, Office
from tests.platforms.slack.scene import Clock

LIST = Attached("web:1", "list.pdf", "application/pdf", 4)
PHOTO = Attached("web:2", "锁 1.png", "image/png", 3)
CARD = Card("Complaint C-1", files=(LIST, PHOTO, Attached("slack:F9", "theirs.doc", url="https://example.com/f")))
SHOWN = "Complaint C-1 | 📎 list.pdf | 📎 锁 1.png | [theirs.doc]"


class Shelf:
    """Our files, by their ids."""

    def __init__(self) -> None:
        self.files = {1: ("list.pdf", "application/pdf", b"%PDF"), 2: ("锁 1.png", "image/png", b"PNG")}
        self.busy = False

    async def __call__(self, id: int) -> tuple[str, str, bytes] | None:
        if self.busy:
            raise StorageBusy("locked")
        return self.files.get(id)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
async def office(slack: FakeSlack, clock: Clock, shelf: Shelf) -> AsyncIterator[Office]:
    async with Office(slack, clock, read_file=shelf) as office:
        yield office


def message(channel: str = "C1", card: Card = CARD, *, thread: str | None = None, again: bool = False) -> Message:
    return Message(7, Address("slack", channel, thread), card, ENGLISH, again=again)


def contents(slack: FakeSlack) -> list[tuple[str, bytes]]:
    return [(str(file["title"]), file["content"]) for file in slack.workspace.files.values()]


# --- Below a card ----------------------------------------------------------------------------------------


async def test_files_of_ours_are_shared_in_the_thread_below_the_card(office: Office, slack: FakeSlack) -> None:
    sent = await office.platform.send(message())

    assert slack.reads("C1") == [SHOWN]
    assert slack.reads("C1", sent.ref) == ["(file: list.pdf) | (file: 锁 1.png)"]
    assert contents(slack) == [("list.pdf", b"%PDF"), ("锁 1.png", b"PNG")]


async def test_files_stand_beside_the_card_in_a_private_chat_and_in_a_thread(office: Office, slack: FakeSlack) -> None:
    first = await office.platform.send(message(card=Card("First")))

    await office.platform.send(message("U1", Card("For you", files=(LIST,))))
    await office.platform.send(message(card=Card("More", files=(LIST,)), thread=first.ref))

    assert slack.reads("D1") == ["For you | 📎 list.pdf", "(file: list.pdf)"]
    assert slack.reads("C1", first.ref) == ["More | 📎 list.pdf", "(file: list.pdf)"]


async def test_card_without_a_file_of_ours_asks_for_nothing(office: Office, slack: FakeSlack) -> None:
    await office.platform.send(message(card=Card("Theirs", files=CARD.files[2:])))

    assert [call.method for call in slack.calls[1:]] == ["chat.postMessage"]


async def test_redrawn_card_leaves_its_files_alone(office: Office, slack: FakeSlack) -> None:
    sent = await office.platform.send(message())

    await office.platform.edit(Message(7, Address("slack", "C1"), CARD, ENGLISH, ref=sent.ref))

    assert slack.reads("C1", sent.ref) == ["(file: list.pdf) | (file: 锁 1.png)"]


async def test_card_that_is_sent_again_has_each_file_once(office: Office, slack: FakeSlack) -> None:
    slack.misbehave("files.completeUploadExternal", script.StoreThenCut())
    sent = await office.platform.send(message())

    again = await office.platform.send(message(again=True))

    assert again == sent
    assert slack.reads("C1", sent.ref) == ["(file: list.pdf) | (file: 锁 1.png)"]


async def test_card_that_is_sent_again_brings_the_files_that_are_missing(
    office: Office, slack: FakeSlack, shelf: Shelf
) -> None:
    kept = shelf.files.pop(1)
    sent = await office.platform.send(message())
    shelf.files[1] = kept

    await office.platform.send(message(again=True))

    assert slack.reads("C1", sent.ref) == ["(file: 锁 1.png)", "(file: list.pdf)"]


@pytest.mark.parametrize(
    ("method", "step"),
    [
        ("files.getUploadURLExternal", script.Fails("file_uploads_disabled")),
        ("files.getUploadURLExternal", script.Limited("30")),
        ("files.getUploadURLExternal", script.Garbage()),
        ("upload", script.Status(500)),
        ("upload", script.StoreThenCut()),
        ("files.completeUploadExternal", script.Fails("channel_not_found")),
        ("files.completeUploadExternal", script.Status(503)),
    ],
)
async def test_files_that_can_not_be_sent_leave_the_card_as_sent(
    office: Office, slack: FakeSlack, caplog: pytest.LogCaptureFixture, method: str, step: script.Step
) -> None:
    slack.always(method, step)

    with caplog.at_level(logging.DEBUG):
        sent = await office.platform.send(message())

    assert (slack.reads("C1"), slack.reads("C1", sent.ref)) == ([SHOWN], [])
    assert [text for text in ("list.pdf", "锁", "/upload/") if text in caplog.text] == []


async def test_card_goes_out_though_the_right_to_send_files_is_missing(office: Office, slack: FakeSlack) -> None:
    slack.scopes.remove("files:write")

    sent = await office.platform.send(message())

    assert (slack.reads("C1"), slack.reads("C1", sent.ref)) == ([SHOWN], [])


async def test_card_goes_out_though_the_records_are_busy(office: Office, slack: FakeSlack, shelf: Shelf) -> None:
    shelf.busy = True

    await office.platform.send(message())

    assert slack.reads("C1") == [SHOWN]


async def test_upload_that_hangs_does_not_hold_the_card_up(
    office: Office, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.platforms.slack.outgoing.FOLLOW_SECONDS", 0.3)
    slack.always("upload", script.Hang(30))

    await office.platform.send(message())

    assert slack.reads("C1") == [SHOWN]


# --- The fake itself -------------------------------------------------------------------------------------


async def _refused(call: object) -> str:
    with pytest.raises(SlackApiError) as refused:
        await call  # type: ignore[misc]
    return str(refused.value.response["error"])


async def _upload(slack: FakeSlack, url: str, data: bytes, **headers: str) -> int:
    async with aiohttp.ClientSession() as session, session.post(url, data=data, headers=headers) as answer:
        return answer.status


async def test_fake_holds_to_the_three_steps(slack: FakeSlack, client: AsyncWebClient) -> None:
    ticket = await client.files_getUploadURLExternal(filename="a.txt", length=3)
    id, url = ticket["file_id"], ticket["upload_url"]

    early = await _refused(client.files_completeUploadExternal(files=[{"id": id}], channel_id="C1"))
    statuses = [
        await _upload(slack, url, b"four"),
        await _upload(slack, url, b"abc", Authorization="Bearer x"),
        await _upload(slack, url, b"abc"),
        await _upload(slack, url, b"abc"),
    ]
    places = [
        await _refused(client.files_completeUploadExternal(files=[{"id": id}], channel_id=place))
        for place in ("U1", "C404", "C2")
    ]
    await client.files_completeUploadExternal(files=[{"id": id}], channel_id="C1")
    late = await _refused(client.files_completeUploadExternal(files=[{"id": id}], channel_id="C1"))

    assert (early, late) == ("file_not_found", "file_not_found")
    assert statuses == [400, 400, 200, 400]
    assert places == ["invalid_arguments", "channel_not_found", "is_archived"]
    assert slack.reads("C1") == ["(file: a.txt)"]


async def test_fake_refuses_a_file_without_name_length_or_right(slack: FakeSlack, client: AsyncWebClient) -> None:
    errors = [
        await _refused(client.files_getUploadURLExternal(filename="", length=3)),
        await _refused(client.files_getUploadURLExternal(filename="a.txt", length=0)),
        await _refused(client.api_call("files.getUploadURLExternal", json={"filename": "a.txt", "length": 3})),
    ]
    slack.scopes.remove("files:write")
    errors.append(await _refused(client.files_getUploadURLExternal(filename="a.txt", length=3)))

    assert errors == ["invalid_arguments", "invalid_arguments", "invalid_arguments", "missing_scope"]
