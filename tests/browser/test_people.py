"""A form that asks for several colleagues: found by name, shown as chips, chosen and taken back by key or thumb."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from bot.events import Submitted
from bot.ui.form import Asking, Question
from config.text import Label
from tests.browser.conftest import Sits
from tests.platforms.web.shop import Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")
CREW = Asking(
    "trips.Crew", "A trip", (Question("customer", "people", Label("谁一起去？", "Who comes?")),), {"customer": (1,)}
)


async def opens_the_form(shop: Shop, sits: Sits, monkeypatch: pytest.MonkeyPatch, width: int = 1280) -> Page:
    """Omar gives a command that asks him who comes; Dana stands there already."""
    monkeypatch.setattr(shop.desk, "_commanded", lambda name: CREW)
    omar = await sits("omar", "?at=dm:2", width=width)
    await omar.locator("main textarea").fill("/complaint here")
    await omar.keyboard.press("Enter")
    await expect(omar.get_by_label("Who comes?")).to_be_visible()
    return omar


def sent(shop: Shop) -> list[object]:
    """What forms brought to the desk."""
    return [event.answers for event in shop.desk.events if isinstance(event, Submitted)]


async def test_people_are_chosen_and_taken_back_by_keyboard(
    shop: Shop, sits: Sits, monkeypatch: pytest.MonkeyPatch
) -> None:
    omar = await opens_the_form(shop, sits, monkeypatch)
    chips = omar.locator("[data-question=customer] .chip span")
    await expect(chips).to_have_text([shop.people["dana"].name])

    await omar.get_by_label("Who comes?").press_sequentially(shop.people["omar"].name[:2])
    await omar.keyboard.press("Enter")
    await expect(chips).to_have_text([shop.people["dana"].name, shop.people["omar"].name])
    await omar.keyboard.press("Backspace")
    await omar.keyboard.press("Backspace")
    await expect(chips).to_have_count(0)
    await omar.get_by_label("Who comes?").press_sequentially(shop.people["omar"].name[:2])
    await omar.keyboard.press("Enter")
    await omar.keyboard.press("Control+Enter")

    await expect(omar.locator("dialog[open]")).to_have_count(0)
    assert sent(shop) == [{"customer": [shop.people["omar"].id]}]


async def test_people_are_chosen_by_thumb_on_a_phone_and_stay_after_it_was_closed(
    shop: Shop, sits: Sits, monkeypatch: pytest.MonkeyPatch
) -> None:
    omar = await opens_the_form(shop, sits, monkeypatch, width=390)
    await omar.get_by_label("Who comes?").click()
    await omar.locator("[data-question=customer] [role=option]", has_text=shop.people["omar"].name).click()
    await omar.locator("[data-close]").first.click()

    await omar.locator("main textarea").fill("/complaint here")
    await omar.keyboard.press("Enter")

    chips = omar.locator("[data-question=customer] .chip span")
    await expect(chips).to_have_text([shop.people["dana"].name, shop.people["omar"].name])


async def test_name_that_was_typed_but_not_chosen_is_not_lost(
    shop: Shop, sits: Sits, monkeypatch: pytest.MonkeyPatch
) -> None:
    omar = await opens_the_form(shop, sits, monkeypatch)

    await omar.get_by_label("Who comes?").fill("somebody")
    await omar.locator("dialog [type=submit]").click()

    trouble = omar.locator("[data-question=customer] [data-trouble]")
    await expect(trouble).to_have_text("Please choose a name from the list.")
    assert sent(shop) == []
