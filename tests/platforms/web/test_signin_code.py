"""Signing in with a code from another platform: once, from our own page, with few guesses and one answer to all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from markupsafe import escape
from sqlalchemy import select

from bot.platforms.web.signin import WRONG_CODE
from storage import links
from storage.links import DOOR_GUESSES, LinkGuess, _net
from storage.outbox import Outgoing
from storage.people import Account
from storage.places import Identity
from tests.platforms.web.shop import Shop

OURS = {"Sec-Fetch-Site": "same-origin"}


async def code_of(office: Shop, name: str) -> str:
    """A code, as Opsbook gives it on another platform."""
    async with office.database.unit(office.now[0], via="slack") as work:
        return await links.offer(work, office.people[name])


async def types(office: Shop, web_session: aiohttp.ClientSession, code: str, **more: Any) -> aiohttp.ClientResponse:
    """Types a code on the sign-in page, and presses the button."""
    headers = more.pop("headers", OURS)
    return await web_session.post(
        office.url("/signin"), data={"code": code, **more}, headers=headers, allow_redirects=False
    )


async def test_a_code_lets_its_person_in_once(office: Shop, web_session: aiohttp.ClientSession) -> None:
    code = await code_of(office, "dana")

    first = await types(office, web_session, f" {code.lower()} ", next="/chat/?at=service")
    second = await types(office, web_session, code)

    assert (first.status, first.headers["Location"]) == (303, "/chat/?at=service")
    cookie = first.cookies["opsbook"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    page = await web_session.get(office.url("/chat/"), headers={"Cookie": f"opsbook={cookie.value}"})
    assert "林敏" in await page.text()
    assert (second.status, "Set-Cookie" in second.headers) == (403, False)


async def test_a_code_is_used_up_wherever_it_was_used(office: Shop, web_session: aiohttp.ClientSession) -> None:
    code = await code_of(office, "dana")
    async with office.database.unit(office.now[0], via="telegram") as work:
        await links.give(work, Identity("telegram", "", "42"), code)

    assert (await types(office, web_session, code)).status == 403


async def test_every_wrong_code_gets_the_same_page(office: Shop, web_session: aiohttp.ClientSession) -> None:
    used, old = await code_of(office, "dana"), await code_of(office, "sam")
    await types(office, web_session, used)
    office.now[0] += timedelta(minutes=10)
    leavers = await code_of(office, "omar")
    await office.leaves("omar")

    answers = [await types(office, web_session, code) for code in (used, old, leavers, "ABCD-EFGH", "x", "", "码" * 99)]

    pages = {await answer.text() for answer in answers[:5] + answers[6:]}
    assert {answer.status for answer in answers} == {403}
    assert len(pages) == 1
    assert str(escape(office.web.site.speaker(office.people["dana"])(WRONG_CODE))) in pages.pop()


async def test_guesses_are_counted_by_where_the_connection_comes_from(
    office: Shop, web_session: aiohttp.ClientSession
) -> None:
    forged = [OURS | {"X-Forwarded-For": f"10.0.0.{n}", "X-Real-IP": f"10.0.0.{n}"} for n in range(DOOR_GUESSES)]
    for headers in forged:
        assert (await types(office, web_session, "ABCD-EFGH", headers=headers)).status == 403

    late = await types(office, web_session, await code_of(office, "dana"))
    office.now[0] += timedelta(minutes=30)
    later = await types(office, web_session, await code_of(office, "dana"))

    assert (late.status, later.status) == (403, 303)
    async with office.database.reading() as session:
        kept = (await session.execute(select(LinkGuess))).scalars().all()
    assert [(row.platform, row.user, row.wrong) for row in kept] == [("web", "127.0.0.1", 0)]


async def test_one_s_own_codes_forgive_no_guesses(office: Shop, web_session: aiohttp.ClientSession) -> None:
    for _ in range(DOOR_GUESSES - 1):
        await types(office, web_session, "ABCD-EFGH")
    assert (await types(office, web_session, await code_of(office, "sam"))).status == 303
    await types(office, web_session, "ABCD-EFGH")

    assert (await types(office, web_session, await code_of(office, "sam"))).status == 403


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "null"}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
async def test_other_sites_cannot_post_a_code(
    office: Shop, web_session: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    code = await code_of(office, "dana")

    assert (await types(office, web_session, code, headers=headers)).status == 403

    assert (await types(office, web_session, code)).status == 303


async def test_looking_uses_nothing_up(office: Shop, web_session: aiohttp.ClientSession) -> None:
    code = await code_of(office, "dana")

    for query in (f"?code={code}", f"?token={code}", ""):
        assert (await web_session.get(office.url(f"/signin{query}"))).status == 200

    assert (await types(office, web_session, code)).status == 303


async def test_a_new_session_is_not_the_one_that_was_brought(office: Shop, web_session: aiohttp.ClientSession) -> None:
    planted = OURS | {"Cookie": "opsbook=planted"}

    answer = await types(office, web_session, await code_of(office, "dana"), headers=planted)

    assert answer.cookies["opsbook"].value not in ("planted", "")


async def test_the_person_s_accounts_are_told(office: Shop, web_session: aiohttp.ClientSession) -> None:
    dana = office.people["dana"]
    async with office.database.unit(office.now[0]) as work:
        work.session.add(Account(platform="slack", user="U0DANA", employee_id=dana.id))
        work.session.add(
            Account(platform="telegram", user="7", employee_id=dana.id, lost_at=office.now[0], lost_why="blocked")
        )

    await types(office, web_session, await code_of(office, "dana"))

    async with office.database.reading() as session:
        told = (await session.execute(select(Outgoing))).scalars().all()
    assert [(row.platform, row.channel, row.person_id) for row in told] == [("slack", "U0DANA", dana.id)]
    assert "You signed in on the web with a code" in str(told[0].card)


async def test_nobody_is_told_on_a_platform_that_is_off(office: Shop, web_session: aiohttp.ClientSession) -> None:
    office.desk.on = frozenset({"web"})
    async with office.database.unit(office.now[0]) as work:
        work.session.add(Account(platform="slack", user="U0DANA", employee_id=office.people["dana"].id))

    await types(office, web_session, await code_of(office, "dana"))

    async with office.database.reading() as session:
        assert (await session.execute(select(Outgoing))).scalars().all() == []


async def test_the_page_offers_a_field_for_it_in_both_languages(
    office: Shop, web_session: aiohttp.ClientSession
) -> None:
    pages = [await (await web_session.get(office.url(f"/signin?lang={lang}"))).text() for lang in ("en", "zh")]
    with_link = await (await web_session.get(office.url("/signin?token=x"))).text()

    assert '<label for="code">Code from Slack or Telegram</label>' in pages[0]
    assert all('name="code"' in page and 'autocomplete="one-time-code"' in page for page in pages)
    assert 'name="code"' not in with_link


async def test_a_post_with_too_many_fields_is_refused(office: Shop, web_session: aiohttp.ClientSession) -> None:
    answer = await types(office, web_session, "x", a="1", b="2", c="3", d="4")

    assert answer.status == 400


@pytest.mark.parametrize(
    ("source", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("", ""),
    ],
)
def test_an_ipv6_site_counts_as_one_visitor(source: str, counted: str) -> None:
    assert _net(source) == counted
