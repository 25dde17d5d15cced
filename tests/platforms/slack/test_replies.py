"""What Slack does not take now comes later, in the private chat, and so do the files that somebody asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.platforms.slack import outgoing
from bot.ui.card import Button, Card
from storage.errors import StorageBusy
from tests.platforms.slack import script
from tests.platforms.stages.slack import DANA, ROOM, SlackStage


@pytest.fixture
async def stage(town_sqlite: str) -> AsyncIterator[SlackStage]:
    async with SlackStage(town_sqlite) as stage:
        yield stage


def alone(stage: SlackStage) -> list[str]:
    """What stands in Dana's conversation with us."""
    return stage.fake.reads(stage.fake.workspace.direct(DANA).id)


async def says(stage: SlackStage, words: str) -> None:
    """Dana writes to us in private, and what comes of it at once is done."""
    await stage.people.says(DANA, DANA, words)
    await stage.settled(5.0)


async def outbox(stage: SlackStage) -> list[tuple[str, str | None]]:
    return await stage.town.outbox()


# --- What Slack does not take now ------------------------------------------------------------------------


async def test_reply_that_meets_the_limit_comes_when_slack_takes_it(stage: SlackStage) -> None:
    stage.fake.misbehave("chat.postMessage", script.Limited("30"))

    await says(stage, "the lock")
    await stage.town.passes(seconds=29)
    early = alone(stage)
    await stage.town.passes(seconds=2)

    assert (early, len(stage.fake.calls_of("chat.postMessage"))) == ([], 2)
    assert [line.split(".")[0] for line in alone(stage)] == ["I did not understand “the lock”"]


@pytest.mark.parametrize("step", [script.Status(503), script.CutBeforeRead(), script.Fails("internal_error")])
async def test_reply_comes_though_slack_fails_for_a_moment(stage: SlackStage, step: script.Step) -> None:
    stage.fake.misbehave("chat.postMessage", step)

    await says(stage, "language zh")
    await stage.town.is_told()

    assert len(alone(stage)) == 1


async def test_reply_in_a_private_thread_comes_there(stage: SlackStage) -> None:
    await says(stage, "the lock")
    root = stage.fake.workspace.direct(DANA).messages[0]
    stage.fake.misbehave("chat.postMessage", script.Limited("1"))

    await stage.people.says(DANA, DANA, "language zh", root.ts)
    await stage.settled(5.0)
    await stage.town.passes(seconds=2)

    assert len(stage.fake.reads(stage.fake.workspace.direct(DANA).id, root.ts)) == 1


async def test_whisper_that_meets_the_limit_comes_in_private(stage: SlackStage) -> None:
    stage.fake.misbehave("chat.postEphemeral", script.Limited("5"))
    sent = await stage.send(Card("Complaint C-1", buttons=(Button("Note it", "counter.note"),)))

    told = await stage.presses(sent, "Note it")
    await stage.town.passes(seconds=6)

    assert (told, alone(stage)) == ("", ["Noted."])


async def test_reply_is_kept_though_the_records_are_busy_for_a_moment(
    stage: SlackStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, tries = stage.desk.reply_later, list[object]()
    assert isinstance(stage.platform, outgoing.Slack)
    replies = stage.platform.incoming.replies

    async def later(*args: object) -> None:
        tries.append(args)
        if len(tries) == 1:
            raise StorageBusy("locked")
        await keep(*args)  # type: ignore[arg-type]

    monkeypatch.setattr("bot.platforms.slack.replies.BUSY_PAUSES", (0.01, 0.0))
    replies.later = later
    stage.fake.misbehave("chat.postMessage", script.Limited("0"))

    await says(stage, "language zh")
    await stage.town.is_told()

    assert (len(tries), len(alone(stage))) == (2, 1)


async def test_reply_that_slack_never_takes_is_not_kept(stage: SlackStage) -> None:
    stage.fake.misbehave("chat.postMessage", script.Fails("msg_too_long"))

    await says(stage, "language zh")

    assert await outbox(stage) == []


async def test_card_with_a_key_waits_for_slack_and_is_kept_nowhere(stage: SlackStage) -> None:
    stage.fake.misbehave("chat.postMessage", script.Limited("0"))

    await says(stage, "key")

    assert (alone(stage), await outbox(stage)) == (["Your key | 47 11"], [])


async def test_who_does_not_get_their_key_is_told_to_ask_again(stage: SlackStage) -> None:
    stage.fake.misbehave("chat.postMessage", *[script.Limited("0")] * 3)

    await says(stage, "key")
    await stage.town.is_told()

    assert alone(stage) == ["“Your key” could not be shown in time. Please ask for it once more."]


# --- Files of a reply ------------------------------------------------------------------------------------


async def test_file_of_a_whispered_reply_goes_to_the_person_alone(stage: SlackStage) -> None:
    await stage.people.command(DANA, "/paper", channel=ROOM)
    await stage.town.is_told()

    assert stage.fake.reads(ROOM) == []
    assert stage.fake.ephemerals(DANA) == ["Your paper | 📎 list.txt"]
    assert alone(stage) == ["Your paper | 📎 list.txt", "(file: list.txt)"]


async def test_reply_with_a_file_stands_once_in_the_private_chat(stage: SlackStage) -> None:
    await says(stage, "paper")
    await stage.people.resend()
    await stage.settled(5.0)
    await stage.town.is_told()

    assert alone(stage) == ["Your paper | 📎 list.txt", "(file: list.txt)"]


async def test_file_is_kept_with_the_work_that_made_it(stage: SlackStage) -> None:
    await stage.people.command(DANA, "/paper", channel=ROOM)

    assert (alone(stage), await outbox(stage)) == ([], [("waiting", None)])


@pytest.mark.parametrize(
    ("method", "step"),
    [
        ("files.getUploadURLExternal", script.Limited("30")),
        ("files.completeUploadExternal", script.Status(503)),
        ("files.completeUploadExternal", script.StoreThenCut()),
        ("upload", script.Status(500)),
    ],
)
async def test_file_that_somebody_asked_for_is_brought_again(stage: SlackStage, method: str, step: script.Step) -> None:
    stage.fake.misbehave(method, step)

    await says(stage, "paper")
    await stage.town.is_told()
    await stage.town.passes(seconds=31)

    assert alone(stage) == ["Your paper | 📎 list.txt", "(file: list.txt)"]
    assert await outbox(stage) == [("sent", None)]


async def test_who_does_not_get_their_file_is_told(stage: SlackStage) -> None:
    stage.fake.scopes.remove("files:write")

    await says(stage, "paper")
    await stage.town.is_told()

    words = "I could not send you all the files of “Your paper”. Please ask for them again."
    assert alone(stage) == ["Your paper | 📎 list.txt", words]


async def test_file_that_never_comes_has_an_end(stage: SlackStage) -> None:
    stage.fake.always("upload", script.Status(500))

    await says(stage, "paper")
    for _ in range(outgoing.FILE_TRIES):
        await stage.town.passes(seconds=60)

    words = "I could not send you all the files of “Your paper”. Please ask for them again."
    assert alone(stage) == ["Your paper | 📎 list.txt", words]
    assert await outbox(stage) == [("sent", None)]
