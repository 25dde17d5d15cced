"""A form that asks where somebody is: the device says it, or it is written."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from bot.ui.form import Asking, Question
from config.text import Label
from tests.browser.conftest import Sits
from tests.platforms.web.shop import Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")
VISIT = Asking("visits.Arrival", "A visit", (Question("at", "place", Label("你在哪里？", "Where are you?")),), {})


async def opens_the_form(shop: Shop, sits: Sits, monkeypatch: pytest.MonkeyPatch) -> Page:
    """Omar gives a command that asks him where he is."""
    monkeypatch.setattr(shop.desk, "_commanded", lambda name: VISIT)
    omar = await sits("omar", "?at=dm:2")
    await omar.locator("main textarea").fill("/complaint here")
    await omar.keyboard.press("Enter")
    await expect(omar.get_by_label("Where are you?")).to_be_visible()
    return omar


async def test_place_is_filled_in_by_the_device(shop: Shop, sits: Sits, monkeypatch: pytest.MonkeyPatch) -> None:
    omar = await opens_the_form(shop, sits, monkeypatch)
    await omar.context.grant_permissions(["geolocation"])
    await omar.context.set_geolocation({"latitude": 31.2304, "longitude": 121.4737})

    await omar.locator("[data-here]").click()

    await expect(omar.get_by_label("Where are you?")).to_have_value("31.23040, 121.47370")


async def test_place_is_written_where_the_device_does_not_tell(
    shop: Shop, sits: Sits, monkeypatch: pytest.MonkeyPatch
) -> None:
    omar = await opens_the_form(shop, sits, monkeypatch)

    await omar.locator("[data-here]").click()

    await expect(omar.locator("[data-question=at] [data-trouble]")).to_have_text(
        "Your device does not say where you are. Please write it: 31.2304, 121.4737."
    )
    await omar.get_by_label("Where are you?").fill("31.2, 121.4")
    await expect(omar.locator("[data-question=at] [data-trouble]")).to_be_hidden()
