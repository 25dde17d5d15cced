"""Who gets in: with a link once, from our own pages only, and no longer than they work here."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.platforms.web.guard import local
from storage import sessions
from storage.errors import Refusal
from tests.platforms.web.conftest import Browser, Opens
from tests.platforms.web.shop import Shop, open_shop

OURS = {"Sec-Fetch-Site": "same-origin"}


async def invited(office: Shop, name: str) -> str:
    """A sign-in link's token."""
    async with office.database.unit(office.now[0]) as work:
        return await sessions.invite(work, office.people[name])


async def signs_in(office: Shop, web_session: aiohttp.ClientSession, token: str, **more: str) -> Any:
    """Presses the button on the sign-in page."""
    return await web_session.post(
        office.url("/signin"), data={"token": token, **more}, headers=OURS, allow_redirects=False
    )


def at_desk(office: Shop, web_session: aiohttp.ClientSession, cookie: str) -> Browser:
    """A signed-in person's browser."""
    browser = Browser(office, web_session, "/chat/")
    browser.headers["Cookie"] = f"opsbook={cookie}"
    return browser


async def page_of(office: Shop, web_session: aiohttp.ClientSession, cookie: str, at: str = "/chat/") -> Any:
    """A page, asked for with a cookie."""
    return await web_session.get(office.url(at), headers={"Cookie": f"opsbook={cookie}"}, allow_redirects=False)


async def test_link_lets_its_person_in_once(office: Shop, web_session: aiohttp.ClientSession) -> None:
    token = await invited(office, "dana")
    preview = await web_session.get(office.url(f"/signin?token={token}"))  # a link preview looks
    assert preview.status == 200

    first = await signs_in(office, web_session, token)
    second = await signs_in(office, web_session, token)

    assert (first.status, first.headers["Location"]) == (303, "/chat/")
    cookie = first.cookies["opsbook"]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", "")
    assert "林敏" in await (await page_of(office, web_session, cookie.value)).text()
    assert (second.status, "Set-Cookie" in second.headers) == (403, False)


async def test_link_ends_after_ten_minutes(office: Shop, web_session: aiohttp.ClientSession) -> None:
    token = await invited(office, "dana")
    office.now[0] += timedelta(minutes=10)

    assert (await signs_in(office, web_session, token)).status == 403


@pytest.mark.parametrize("token", ["", "x", "x" * 5000, "\udc00", "' OR 1=1"])
async def test_made_up_links_let_nobody_in(office: Shop, token: str) -> None:
    with pytest.raises(Refusal):
        async with office.database.unit(office.now[0]) as work:
            await sessions.open(work, token)


async def test_over_https_the_cookie_is_bound_to_the_host(tmp_path: Path, web_session: aiohttp.ClientSession) -> None:
    async with open_shop(tmp_path, demo=False, public_url="https://chat.example") as office:
        answer = await signs_in(office, web_session, await invited(office, "dana"))

    assert "__Host-opsbook=" in answer.headers["Set-Cookie"]
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(answer.headers["Set-Cookie"].split("; "))


async def test_session_ends_by_time_by_sign_out_and_by_leaving(
    office: Shop, web_session: aiohttp.ClientSession
) -> None:
    one, two, three = [await office.sign_in(name) for name in ("dana", "omar", "sam")]

    headers = OURS | {"Cookie": f"opsbook={one}"}
    out = await web_session.post(office.url("/signout"), headers=headers, allow_redirects=False)
    await office.leaves("omar")
    statuses = [(await page_of(office, web_session, token)).status for token in (one, two, three)]
    office.now[0] += timedelta(days=30)

    assert (out.status, out.headers["Location"]) == (303, "/signin")
    assert statuses == [303, 303, 200]
    assert (await page_of(office, web_session, three)).status == 303
    assert (await page_of(office, web_session, three, "/chat/events")).status == 401


async def test_leaver_loses_an_unused_link_too(office: Shop, web_session: aiohttp.ClientSession) -> None:
    token = await invited(office, "omar")

    await office.leaves("omar")

    assert (await signs_in(office, web_session, token)).status == 403


async def test_only_hashes_are_kept(office: Shop, tmp_path: Path) -> None:
    link, cookie = await invited(office, "dana"), await office.sign_in("sam")

    kept = b"".join((tmp_path / name).read_bytes() for name in ("shop.db", "shop.db-wal"))

    assert (link.encode() in kept, cookie.encode() in kept) == (False, False)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "OWN"}, 403),
        ({"Origin": "OWN"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
async def test_other_sites_cannot_post(shop: Shop, opens: Opens, headers: dict[str, str], status: int) -> None:
    dana = opens("dana")
    dana.headers = {name: value.replace("OWN", shop.url("/").rstrip("/")) for name, value in headers.items()}

    answer = await dana.post("say", text="hello", channel="dm:1")

    assert answer.status == status
    assert len(shop.desk.events) == (status == 200)


async def test_plain_text_is_no_json(opens: Opens) -> None:
    dana = opens("dana")
    body = '{"text": "x", "channel": "dm:1", "client_id": "client-0001"}'

    answer = await dana.session.post(dana.shop.url(dana.base + "say"), data=body, headers=dana.headers)

    assert answer.status == 400


async def test_every_answer_keeps_the_page_to_itself(office: Shop, web_session: aiohttp.ClientSession) -> None:
    cookie = await office.sign_in("dana")
    answers = [
        await page_of(office, web_session, cookie, at)
        for at in ("/chat/", "/chat/talk?at=dm:1", "/chat/nothing", "/chat/talk?at=x", "/signin", "/chat/people")
    ]

    for answer in answers[:2] + answers[3:]:
        assert answer.headers["Content-Security-Policy"] == (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"


async def test_the_demos_doors_are_shut_in_earnest(office: Shop, web_session: aiohttp.ClientSession) -> None:
    paths = ("/as/1/", "/as/1/say", "/demo/two?left=1&right=2")

    assert [(await page_of(office, web_session, "", at)).status for at in paths] == [404, 404, 404]
    assert (await page_of(office, web_session, "", "/")).headers["Location"] == "/chat/"


async def test_demo_offers_its_people_and_pairs(shop: Shop, web_session: aiohttp.ClientSession) -> None:
    front = await (await web_session.get(shop.url("/?lang=en"))).text()
    two = await web_session.get(shop.url("/demo/two?left=1&right=3"))

    assert all(f'href="/as/{n}/"' in front for n in (1, 2, 3, 4))
    assert 'href="/demo/two?left=2&amp;right=3"' in front
    assert two.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'; frame-src 'self'")
    assert (await web_session.get(shop.url("/demo/two?left=1&right=9"))).status == 404


@pytest.mark.parametrize(
    "path", ["//e", "/\\e", "\\\\\\e", "https:e", "https://e", "/a%0d\n", "/ a", "", "／e", "javascript:x", "/a\tb"]
)
def test_nobody_is_led_elsewhere(path: str) -> None:
    assert local(path) == "/chat/"


def test_paths_of_our_own_are_kept() -> None:
    assert [local(path) for path in ("/chat/?at=service", "/", None)] == ["/chat/?at=service", "/", "/chat/"]


@pytest.mark.parametrize(
    "path", ["static/../guard.py", "static/..%2fguard.py", "static/nothing.js", "static/%2e%2e/pages.py"]
)
async def test_only_our_own_files_are_given_out(opens: Opens, path: str) -> None:
    assert (await opens("dana").get(path)).status == 404


async def test_unchanged_files_are_not_sent_again(shop: Shop, web_session: aiohttp.ClientSession) -> None:
    first = await web_session.get(shop.url("/static/chat.js"))

    again = await web_session.get(shop.url("/static/chat.js"), headers={"If-None-Match": first.headers["ETag"]})

    assert (first.headers["Content-Type"], again.status) == ("text/javascript; charset=utf-8", 304)
