"""Open pages learn of everything in its order, miss nothing when they come back, and end with their person's rights."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from bot.platforms.web import stream
from bot.platforms.web.hub import PULSE, QUEUE
from storage import webchat
from tests.platforms.web.conftest import Browser, Opens
from tests.platforms.web.shop import COMPLAINT, TAKEN, Shop


class Reader:
    """An open stream, read event by event."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def event(self) -> tuple[str, str | None, Any]:
        """The next event: its name, its id and its data; comments are passed over."""
        name, number, data = "", None, None
        async with asyncio.timeout(5):
            async for line in self.response.content:
                key, _, value = line.decode().rstrip("\n").partition(": ")
                if key == "event":
                    name = value
                elif key == "id":
                    number = value
                elif key == "data":
                    data = json.loads(value)
                elif not key and name:
                    return name, number, data
        return "end", None, None

    async def comment(self) -> str:
        """The next comment."""
        async with asyncio.timeout(5):
            async for line in self.response.content:
                if line.startswith(b": "):
                    return line.decode().strip()
        return ""


async def opened(browser: Browser, since: int | None = 0, **headers: str) -> Reader:
    """Opens the stream from a change on."""
    at = browser.shop.url(browser.base + (f"events?since={since}" if since is not None else "events"))
    response = await browser.session.get(at, headers=headers)
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/event-stream"
    assert response.headers["Cache-Control"] == "no-store"
    browser.shop.open_pages.append(response)
    return Reader(response)


async def test_card_and_its_changes_arrive_without_a_reload(shop: Shop, opens: Opens) -> None:
    reader = await opened(opens("omar"))

    ref = await shop.post_card(1, COMPLAINT)
    first = await reader.event()
    await opens("dana").presses("tickets.take:1:1", message=int(ref))
    second = await reader.event()

    assert (first[0], first[2]["id"], first[2]["new"]) == ("message", int(ref), True)
    assert "Complaint C-1" in first[2]["html"]
    assert (second[2]["id"], second[2]["new"]) == (int(ref), False)
    assert "Solved" in second[2]["html"]


async def test_page_that_comes_back_gets_what_it_missed(shop: Shop, opens: Opens) -> None:
    dana = opens("dana")
    reader = await opened(opens("omar"))
    await dana.says("一")
    _, number, _ = await reader.event()
    reader.response.close()
    await dana.says("二")
    await dana.says("三")

    again = await opened(opens("omar"), since=None, **{"Last-Event-ID": str(number)})

    assert ["二" in (await again.event())[2]["html"], "三" in (await again.event())[2]["html"]] == [True, True]


async def test_page_that_missed_too_much_loads_itself_anew(
    shop: Shop, opens: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "CATCH_UP", 3)
    for n in range(4):
        await opens("dana").says(f"第{n}条")

    reader = await opened(opens("omar"), since=0)

    assert (await reader.event())[0] == "reload"


async def test_page_hears_nothing_of_rooms_that_are_not_open_to_it(shop: Shop, opens: Opens) -> None:
    reader = await opened(opens("sam"))

    await shop.post_card(1, COMPLAINT)
    await opens("omar").says("For everybody", channel="lobby")

    assert "For everybody" in (await reader.event())[2]["html"]


async def test_each_reader_reads_in_their_own_language(shop: Shop, opens: Opens) -> None:
    chinese, english = await opened(opens("dana")), await opened(opens("omar"))

    await shop.post_card(1, TAKEN)

    assert "已解决" in (await chinese.event())[2]["html"]
    assert "Solved" in (await english.event())[2]["html"]


async def test_leavers_stream_ends_within_a_second(shop: Shop, opens: Opens) -> None:
    reader = await opened(opens("omar"))

    await shop.leaves("omar")
    assert PULSE <= 1.0
    async with asyncio.timeout(5 * PULSE):  # the machine may be busy with other tests
        ended = await reader.event()

    assert ended[0] == "end"
    assert (await opens("omar").get("events")).status == 404
    assert (await opens("omar").get("")).status == 404


async def test_silence_is_broken_by_a_heartbeat(opens: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT", 0.05)

    reader = await opened(opens("omar"))

    assert await reader.comment() == ": still here"


async def test_streams_end_when_the_chat_stops(shop: Shop, opens: Opens) -> None:
    readers = [await opened(opens(name)) for name in ("dana", "omar", "sam")]

    await shop.web.stop()

    assert [(await reader.event())[0] for reader in readers] == ["end"] * 3
    assert (await (await opened(opens("dana"))).event())[0] == "end"


async def test_page_that_cannot_keep_up_is_cut_off(shop: Shop) -> None:
    async with shop.web.site.hub.listening(shop.people["omar"]) as listener:
        async with shop.database.reading() as session:
            assert await webchat.changed_since(session, 0) == []
        await shop.post_card(1, COMPLAINT)
        posted = (await shop.web.site.hub._news(0))[0]

        for _ in range(QUEUE + 1):
            listener.give(posted)

        assert listener.ended
        assert await listener.queue.get() is None


async def test_many_pages_come_and_go_and_leave_nothing_behind(shop: Shop, opens: Opens) -> None:
    readers = await asyncio.gather(*(opened(opens("omar")) for _ in range(60)))
    await opens("dana").says("大家好")

    assert {(await reader.event())[2]["channel"] for reader in readers} == {"service"}
    for reader in readers:
        reader.response.close()
    await opens("dana").says("再见")
    for _ in range(100):
        await asyncio.sleep(0.03 if len(shop.web.site.hub) else 0)
    assert len(shop.web.site.hub) == 0


async def test_what_another_process_says_arrives_too(shop: Shop, opens: Opens) -> None:
    reader = await opened(opens("omar"))

    async with shop.database.unit(shop.now[0]) as work:  # nobody wakes the hub here
        await webchat.post(work, key="elsewhere", channel="lobby", author_id=1, text="from elsewhere")

    assert PULSE <= 1.0
    async with asyncio.timeout(5 * PULSE):  # the machine may be busy with other tests
        assert "from elsewhere" in (await reader.event())[2]["html"]
