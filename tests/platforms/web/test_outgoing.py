"""What the courier sends stands once, is drawn again in place, and is refused where nobody could read it."""

from __future__ import annotations

import re
from collections.abc import Awaitable

import pytest

from bot.errors import DeliveryFailed
from bot.platforms import Message, Sent
from bot.platforms.web.render import card_view
from bot.ui.card import Attached, Card
from bot.words import Reader, Speaker
from storage.places import Address
from tests.platforms.web.conftest import Opens
from tests.platforms.web.shop import COMPLAINT, PNG, RICH, TAKEN, Shop

SAY = Speaker(Reader())


async def refused(delivery: Awaitable[object]) -> DeliveryFailed:
    """The failure of a delivery."""
    with pytest.raises(DeliveryFailed) as failure:
        await delivery
    return failure.value


async def test_row_that_is_sent_again_stands_once(shop: Shop, opens: Opens) -> None:
    message = Message(7, Address("web", "service"), COMPLAINT, SAY, about="tickets:1")

    first, second = await shop.web.send(message), await shop.web.send(message)

    assert first == second == Sent("service", "1")
    assert (await (await opens("omar").get("talk?at=service")).json())["html"].count("<li class=") == 1


async def test_edit_draws_the_message_again_in_place(shop: Shop, opens: Opens) -> None:
    ref = await shop.post_card(1, COMPLAINT)

    await shop.web.edit(Message(2, Address("web", "service"), TAKEN, SAY, ref=ref))
    await shop.web.edit(Message(2, Address("web", "service"), TAKEN, SAY, ref=ref))

    page = (await (await opens("omar").get("talk?at=service")).json())["html"]
    assert ("Solved" in page, "I take it" in page, page.count("<li class=")) == (True, False, 1)


async def test_message_in_a_thread_hangs_under_its_card(shop: Shop, opens: Opens) -> None:
    ref = await shop.post_card(1, COMPLAINT)

    await shop.web.send(Message(2, Address("web", "service", ref), TAKEN, SAY))

    assert "Solved" in (await (await opens("omar").get(f"thread?id={ref}")).json())["html"]
    assert "1 reply" in (await (await opens("omar").get("talk?at=service")).json())["html"]


@pytest.mark.parametrize(
    ("to", "permanent"),
    [
        (Address("web", "nowhere"), True),
        (Address("web", "dm:99"), True),
        (Address("web", "dm:x"), True),
        (Address("web", "service", "99"), True),
        (Address("web", "service", "x"), True),
    ],
)
async def test_place_that_nobody_can_read_is_refused_for_good(shop: Shop, to: Address, permanent: bool) -> None:
    assert (await refused(shop.web.send(Message(1, to, COMPLAINT, SAY)))).permanent is permanent


async def test_message_that_is_no_more_is_gone(shop: Shop) -> None:
    for ref in ("99", "x", None):
        assert (await refused(shop.web.edit(Message(1, Address("web", "service"), TAKEN, SAY, ref=ref)))).gone


async def test_leavers_direct_chat_takes_nothing(shop: Shop) -> None:
    await shop.leaves("omar")

    assert (await refused(shop.web.send(Message(1, Address("web", "dm:2"), COMPLAINT, SAY)))).permanent


async def test_picture_on_a_card_is_for_those_who_see_the_card(shop: Shop, opens: Opens) -> None:
    from storage import webchat

    async with shop.database.unit(shop.now[0]) as work:
        await webchat.keep_file(work, None, "week.png", "image/png", PNG)
    ref = await shop.post_card(1, RICH)

    assert await (await opens("omar").get(f"file/{ref}/1")).read() == PNG
    assert (await opens("sam").get(f"file/{ref}/1")).status == 404
    assert (await opens("omar").get(f"file/{ref}/2")).status == 404
    assert "javascript:" not in (await (await opens("omar").get("talk?at=service")).json())["html"]


async def test_paper_on_a_card_is_for_those_who_see_the_card(shop: Shop, opens: Opens) -> None:
    dana, omar, sam = opens("dana"), opens("omar"), opens("sam")
    paper, other = [(await (await sam.adds(name, PNG)).json())["id"] for name in ("lock.png", "private.png")]
    card = Card("Complaint C-1", body=("The lock won't open.",), files=(Attached(f"web:{paper}", "lock.png"),))
    ref = await shop.post_card(1, card)

    seen = [await person.get(f"file/{ref}/{paper}") for person in (dana, omar, sam)]

    assert [answer.status for answer in seen] == [200, 200, 404]
    assert await seen[1].read() == PNG
    assert [(await dana.get(f"file/{ref}/{id_}")).status for id_ in (other, 99)] == [404, 404]
    assert f'href="file/{ref}/{paper}"' in (await (await omar.get("talk?at=service")).json())["html"]


async def test_paper_is_taken_away_with_its_card(shop: Shop, opens: Opens) -> None:
    paper = (await (await opens("sam").adds("lock.png", PNG)).json())["id"]
    card = Card("Complaint C-1", body=("The lock won't open.",), files=(Attached(f"web:{paper}", "lock.png"),))
    ref = await shop.post_card(1, card)

    await shop.web.edit(Message(2, Address("web", "service"), COMPLAINT, SAY, ref=ref))

    assert (await opens("omar").get(f"file/{ref}/{paper}")).status == 404


async def test_note_only_names_its_papers(shop: Shop) -> None:
    card = Card("Complaint C-1", files=(Attached("web:1", "lock.png"), Attached("slack:F1", "drawing.pdf")))

    note = shop.web.site.page("note.html", SAY, card=card_view(card, SAY), well=True, files="")

    assert re.findall(r'<span class="paper">.*?</svg>(.*?)</span>', note) == ["lock.png", "drawing.pdf"]
    assert "href" not in note
