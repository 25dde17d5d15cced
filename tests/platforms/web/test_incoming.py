"""What people do in the web chat reaches the desk as one event, and the others as far as they may see it."""

from __future__ import annotations

import asyncio
import re

import pytest
from sqlalchemy import func, select

from bot.answer import Outcome
from bot.events import Address, Commanded, Identity, Pressed, Said, Submitted
from bot.platforms.web.incoming import command_in, file_name, without_mention
from bot.ui.card import Card
from bot.ui.form import Attached
from storage import webchat
from storage.webchat import WebMessage
from tests.platforms.web.conftest import Opens
from tests.platforms.web.shop import COMMANDS, COMPLAINT, PNG, Shop

DANA = Identity("web", "", "1")


async def kept(shop: Shop) -> int:
    """How many messages there are."""
    async with shop.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(WebMessage)) or 0


async def test_words_in_a_room_are_for_its_people_and_not_for_the_desk(shop: Shop, opens: Opens) -> None:
    answer = await opens("dana").says("大家好 <script>alert(1)</script>")

    assert "&lt;script&gt;" in answer["message"]["html"]
    assert "reply" not in answer
    assert shop.desk.events == []
    assert "大家好" in (await (await opens("omar").get("talk?at=service")).json())["html"]


async def test_command_in_a_room_stays_between_its_giver_and_us(shop: Shop, opens: Opens) -> None:
    answer = await opens("dana").says("/help", client_id="client-help-1")

    assert "message" not in answer
    assert answer["reply"]["kind"] == "note"
    assert 'class="only"' in answer["reply"]["html"]
    assert shop.desk.events == [Commanded("web:1:client-help-1", DANA, Address("web", "service"), "help", "")]
    assert await kept(shop) == 0


async def test_chinese_command_word_is_a_command_too(shop: Shop, opens: Opens) -> None:
    answer = await opens("dana").says("投诉 门锁坏了", channel="dm:1", client_id="client-zh-1")

    assert answer["reply"]["kind"] == "form"
    assert shop.desk.events == [
        Commanded("web:1:client-zh-1", DANA, Address("web", "dm:1"), "complaint", "门锁坏了"),
    ]


async def test_mention_is_seen_by_all_and_answered_to_one(shop: Shop, opens: Opens) -> None:
    answer = await opens("dana").says("@Opsbook 门锁坏了怎么办", client_id="client-mention")

    assert "@Opsbook" in answer["message"]["html"]
    assert answer["reply"]["kind"] == "note"
    assert shop.desk.events == [
        Said("web:1:client-mention", DANA, Address("web", "service"), "门锁坏了怎么办", to_us=True)
    ]


async def test_direct_chat_keeps_words_and_answer(shop: Shop, opens: Opens) -> None:
    dana = opens("dana")

    answer = await dana.says("门锁坏了", channel="dm:1")

    assert answer["reply"]["kind"] == "kept"
    page = (await (await dana.get("talk?at=dm:1")).json())["html"]
    assert page.index("门锁坏了") < page.index("我没有听懂。")


async def test_words_under_a_card_are_said_about_it(shop: Shop, opens: Opens) -> None:
    ref = await shop.post_card(1, COMPLAINT)

    await opens("omar").says("I called her.", thread=int(ref), client_id="client-thread")

    place = Address("web", "service", ref)
    assert shop.desk.events == [Said("web:2:client-thread", Identity("web", "", "2"), place, "I called her.")]
    assert "1 reply" in (await (await opens("omar").get("talk?at=service")).json())["html"]


async def test_same_client_id_has_one_effect_and_the_same_answer(shop: Shop, opens: Opens) -> None:
    dana = opens("dana")

    answers = await asyncio.gather(*(dana.says("门锁坏了", "dm:1", client_id="client-twice") for _ in range(5)))

    assert all(answer == answers[0] for answer in answers)
    assert shop.desk.effects == 1
    assert await kept(shop) == 2


async def test_press_says_where_the_button_stood(shop: Shop, opens: Opens) -> None:
    ref = int(await shop.post_card(1, COMPLAINT))

    answer = await opens("dana").presses("tickets.take:1:1", message=ref)

    assert answer == {"reply": None}
    event = shop.desk.events[0]
    assert isinstance(event, Pressed)
    assert (event.who, event.here, event.action) == (DANA, Address("web", "service"), "tickets.take:1:1")


async def test_refused_press_is_told_to_that_person_only(shop: Shop, opens: Opens) -> None:
    ref = int(await shop.post_card(1, COMPLAINT))

    answer = await opens("omar").presses("tickets.close:1:1", message=ref)

    assert answer["reply"]["kind"] == "note"
    assert answer["reply"]["well"] is False
    assert "Someone was faster." in answer["reply"]["html"]
    assert await kept(shop) == 1


async def test_refused_form_names_its_question(opens: Opens) -> None:
    answer = await opens("dana").post("form", form="tickets.NewComplaint", answers={"what": "x"}, channel="dm:1")

    assert await answer.json() == {"error": "Please answer this.", "field": "customer"}


async def test_form_brings_answers_and_files(shop: Shop, opens: Opens) -> None:
    dana = opens("dana")
    photo = (await (await dana.adds("../../照片.png", PNG)).json())["id"]

    answer = await dana.post(
        "form",
        form="tickets.NewComplaint",
        about="tickets:1",
        answers={"customer": "李女士", "wishes": ["phone"], "owner": 2},
        files={"photos": [photo]},
        channel="dm:1",
        client_id="client-form",
    )

    assert (await answer.json())["reply"]["kind"] == "kept"
    answers = {
        "customer": "李女士",
        "wishes": ["phone"],
        "owner": 2,
        "photos": [Attached(f"web:{photo}", "照片.png", "image/png", len(PNG))],
    }
    place = Address("web", "dm:1")
    assert shop.desk.events == [
        Submitted("web:1:client-form", DANA, place, "tickets.NewComplaint", answers, "tickets:1")
    ]


async def test_another_ones_file_is_not_to_be_had(shop: Shop, opens: Opens) -> None:
    photo = (await (await opens("omar").adds("mine.png", PNG)).json())["id"]

    answer = await opens("dana").post(
        "form", form="x.Y", answers={"customer": "a"}, files={"photos": [photo]}, channel="dm:1"
    )

    assert answer.status == 400
    assert (await answer.json())["field"] == "photos"
    assert shop.desk.events == []


async def test_when_the_database_is_busy_nothing_seems_done(shop: Shop, opens: Opens) -> None:
    shop.desk.outcome = Outcome.BUSY

    answer = await opens("dana").post("form", form="x.Y", answers={"customer": "a"}, channel="dm:1")

    assert await answer.json() == {"error": "Nothing was saved. Please try again.", "field": None}


async def test_my_day_is_the_answer_to_home(shop: Shop, opens: Opens) -> None:
    answer = await opens("omar").post("day", client_id="client-day")

    assert "Three things wait for you" in (await answer.json())["html"]
    assert shop.desk.events == [Commanded("web:2:client-day", Identity("web", "", "2"), Address("web", "dm:2"), "home")]
    assert await kept(shop) == 0


async def test_files_are_shown_only_where_that_is_harmless(opens: Opens) -> None:
    dana = opens("dana")
    photo = (await (await dana.adds("a.png", PNG)).json())["id"]
    page = (await (await dana.adds("a.svg", b"<svg onload='alert(1)'/>")).json())["id"]

    message = (await dana.says("", files=[photo, page]))["message"]["id"]

    shown, saved = [await dana.get(f"file/{message}/{file}") for file in (photo, page)]
    assert shown.headers["Content-Type"] == "image/png"
    assert shown.headers["Content-Disposition"] == "inline; filename*=UTF-8''a.png"
    assert saved.headers["Content-Type"] == "application/octet-stream"
    assert saved.headers["Content-Disposition"] == "attachment; filename*=UTF-8''a.svg"
    for file in (shown, saved):
        assert file.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert (await opens("sam").get(f"file/{message}/{photo}")).status == 404


async def test_files_that_are_empty_or_too_big_are_refused(opens: Opens) -> None:
    dana = opens("dana")

    assert (await dana.adds("a.txt", b"")).status == 400
    assert (await dana.adds("a.bin", b"x" * (10 * 1024 * 1024 + 1))).status == 413


async def test_room_that_is_not_open_to_one_does_not_exist(shop: Shop, opens: Opens) -> None:
    await shop.post_card(1, COMPLAINT)
    sam = opens("sam")

    not_open = [
        await sam.get("talk?at=service"),
        await sam.get("thread?id=1"),
        await sam.get("older?at=service&before=9"),
        await sam.post("say", text="hello", channel="service"),
        await sam.post("say", text="hello", channel="dm:1"),
        await sam.post("press", action="tickets.take:1:1", channel="service", message=1),
        await sam.post("form", form="x.Y", answers={}, channel="service"),
        await sam.post("seen", channel="service", message=1),
    ]
    not_there = await sam.get("talk?at=nowhere")

    assert [answer.status for answer in not_open] == [404] * len(not_open)
    assert {await answer.text() for answer in not_open} == {await not_there.text()}
    assert shop.desk.events == []
    assert "service" not in await (await sam.get("")).text()


@pytest.mark.parametrize(
    "body",
    [
        {"text": "x", "channel": "service", "client_id": "client-0001", "role": "admin"},
        {"text": 1, "channel": "service", "client_id": "client-0001"},
        {"text": "x", "channel": "service", "client_id": "short"},
        {"text": "x", "channel": "", "client_id": "client-0001"},
        {"text": "x", "channel": "service", "client_id": "client-0001", "thread": 0},
        {"text": "x", "channel": "service", "client_id": "client-0001", "thread": 2**63},
        {"text": "x", "channel": "service", "client_id": "client-0001", "thread": True},
        {"channel": "service", "client_id": "client-0001"},
        [],
        None,
    ],
)
async def test_unknown_keys_and_types_are_refused(opens: Opens, body: object) -> None:
    dana = opens("dana")

    answer = await dana.session.post(dana.shop.url(dana.base + "say"), json=body, headers=dana.headers)

    assert answer.status == 400


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b'{"text": "\\ud800"}', b"[" * 60_000, b'{"a": 1e999}', b'{"a":' + b"9" * 5000 + b"}", b"\xff\xfe"],
)
async def test_broken_json_is_refused(opens: Opens, data: bytes) -> None:
    dana = opens("dana")
    headers = dana.headers | {"Content-Type": "application/json"}

    answer = await dana.session.post(dana.shop.url(dana.base + "say"), data=data, headers=headers)

    assert answer.status == 400


async def test_too_much_json_is_refused(opens: Opens) -> None:
    assert (await opens("dana").post("say", text="x" * 70_000, channel="service")).status == 413


async def test_long_words_come_back_with_a_reason(opens: Opens) -> None:
    answer = await opens("omar").post("say", text="x" * 4001, channel="service")

    assert answer.status == 400
    assert await answer.json() == {
        "error": "Please use at most 4,000 characters; these are 4,001.",
        "field": "text",
    }


async def test_language_is_the_persons_from_then_on(opens: Opens) -> None:
    dana = opens("dana")
    assert '<html lang="zh-Hans">' in await (await dana.get("")).text()

    await dana.post("language", language="en")

    assert '<html lang="en">' in await (await dana.get("")).text()


async def test_unread_counts_what_others_said(opens: Opens) -> None:
    dana, omar = opens("dana"), opens("omar")
    await dana.says("一")
    last = (await dana.says("二"))["message"]["id"]
    assert 'data-unread="2"' in await (await omar.get("")).text()

    await omar.post("seen", channel="service", message=last)

    assert 'data-unread="2"' not in await (await omar.get("")).text()
    assert 'data-unread="2"' not in await (await dana.get("")).text()


async def test_older_messages_come_page_by_page(opens: Opens) -> None:
    dana = opens("dana")
    ids = [(await dana.says(f"第{n}条"))["message"]["id"] for n in range(53)]

    first = (await (await dana.get("talk?at=service")).json())["html"]
    before = await (await dana.get(f"older?at=service&before={ids[3]}")).json()

    assert ("data-older" in first, "第2条" in first, "第3条" in first) == (True, False, True)
    assert (before["more"], before["html"].count("<li class=")) == (False, 3)


async def test_administrators_commands_are_offered_to_administrators(opens: Opens) -> None:
    assert "Who has an account" not in await (await opens("omar").get("")).text()


def test_commands_are_found_by_every_name() -> None:
    assert [command_in(text, COMMANDS) for text in ("/help", "／帮助", "、帮助 我", "帮助", "/HELP x  y")] == [
        ("help", ""),
        ("help", ""),
        ("help", "我"),
        ("help", ""),
        ("help", "x  y"),
    ]
    for text in ("help", "/nothing", "帮助我", "/", "", " ", "no 投诉"):
        assert command_in(text, COMMANDS) is None
    assert command_in("/complaint\nline two", COMMANDS) == ("complaint", "line two")


def test_mention_is_taken_out_of_the_words() -> None:
    assert without_mention("@Opsbook: open it") == ("open it", True)
    assert without_mention("请＠opsbook，看一下") == ("请看一下", True)
    assert without_mention("mail me@opsbooks.example") == ("mail me@opsbooks.example", False)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\报告.xlsx", "报告.xlsx"),
        ("a\x00b\u202e.png", "a b .png"),
        ("", "file"),
        ("...", "file"),
        ("x" * 200 + ".pdf", "x" * 100 + ".pdf"),
    ],
)
def test_file_names_lose_paths_and_tricks(given: str, name: str) -> None:
    assert file_name(given) == name


async def test_answer_with_a_file_of_ours_can_be_opened_wherever_it_was_asked_for(shop: Shop, opens: Opens) -> None:
    async with shop.database.unit(shop.now[0]) as work:
        paper = await webchat.keep_file(work, 1, "list.pdf", "application/pdf", b"%PDF")
    shop.desk.reply = Card("The list", files=(Attached(f"web:{paper.id}", "list.pdf"),))
    dana = opens("dana")

    direct = (await dana.says("/complaints", channel="dm:1"))["reply"]
    aside = (await dana.says("/complaints", channel="service", client_id="client-aside"))["reply"]

    links = [re.findall(r'href="(file/\d+/\d+)"', reply["html"]) for reply in (direct, aside)]
    assert [direct["kind"], aside["kind"]] == ["kept", "note"]
    assert links == [["file/2/1"], ["file/3/1"]]
    assert [await (await dana.get(link)).read() for [link] in links] == [b"%PDF", b"%PDF"]
    assert [(await opens("omar").get(link)).status for [link] in links] == [404, 404]
