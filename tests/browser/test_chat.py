"""The web chat as people use it: two of them at once, by keyboard, on a phone, and over a bad network."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import FilePayload, expect

from bot.events import Commanded, Submitted
from bot.ui.card import Card
from tests.browser.conftest import Sits
from tests.platforms.web.shop import COMPLAINT, PNG, Shop, label

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_card_changes_before_both_without_a_reload(shop: Shop, sits: Sits) -> None:
    dana, omar = await sits("dana", "?at=service"), await sits("omar", "?at=service")

    await shop.post_card(1, COMPLAINT)
    await expect(omar.locator(".card-title")).to_have_text("Take care Complaint C-1: the lock won't open")
    await dana.get_by_role("button", name="我来处理").click()

    await expect(omar.get_by_role("button", name="Solved")).to_be_visible()
    await expect(dana.get_by_role("button", name="已解决")).to_be_visible()
    await expect(omar.get_by_role("button", name="I take it")).to_have_count(0)


async def test_words_arrive_as_words(shop: Shop, sits: Sits) -> None:
    dana, omar = await sits("dana", "?at=lobby"), await sits("omar")

    await dana.locator("main textarea").fill("<img src=x onerror=alert(1)>\n大家好")
    await dana.keyboard.press("Enter")

    await expect(dana.locator(".message:not(.pending) .words")).to_have_text("<img src=x onerror=alert(1)>\n大家好")
    await expect(omar.locator("[data-channel=lobby] [data-count]")).to_have_text("1")
    await omar.locator("[data-channel=lobby]").click()
    await expect(omar.locator(".message .words")).to_have_text("<img src=x onerror=alert(1)>\n大家好")
    await expect(omar.locator("[data-channel=lobby] .unread")).to_be_hidden()


async def test_commands_are_completed_by_keyboard_in_both_languages(shop: Shop, sits: Sits) -> None:
    omar, dana = await sits("omar", "?at=dm:2"), await sits("dana", "?at=dm:1")

    await omar.locator("body").press("/")
    await expect(omar.get_by_role("option")).to_have_count(5)
    await omar.keyboard.type("comp")
    await omar.keyboard.press("ArrowDown")
    await expect(omar.locator("[aria-selected=true] b")).to_have_text("/complaints")
    await omar.keyboard.press("Enter")
    await expect(omar.locator(".card-title")).to_contain_text("Complaint C-1")

    await dana.locator("main textarea").fill("投")
    await expect(dana.get_by_role("option")).to_have_count(2)
    await dana.keyboard.press("Escape")
    await expect(dana.get_by_role("option")).to_have_count(0)
    await dana.locator("main textarea").fill("、投诉")
    await dana.keyboard.press("Enter")
    await expect(dana.locator("main textarea")).to_have_value("/投诉 ")

    assert [event.name for event in shop.desk.events if isinstance(event, Commanded)] == ["complaints"]


async def test_form_keeps_what_was_typed_until_it_is_sent(shop: Shop, sits: Sits) -> None:
    omar = await sits("omar", "?at=dm:2")
    await omar.locator("main textarea").fill("/complaint ")
    await omar.keyboard.press("Enter")
    await omar.get_by_label("What happened?").fill("The lock won't open.")
    await omar.get_by_role("button", name="Submit", exact=True).last.click()
    await expect(omar.locator(".question.wrong")).to_have_count(2)  # all that is missing, at once
    for missing in ("customer", "kind"):
        await expect(omar.locator(f"[data-question={missing}] .trouble")).to_have_text("Please answer this.")
    await expect(omar.get_by_label("Customer", exact=True)).to_be_focused()

    await omar.keyboard.press("Escape")
    await omar.reload()
    await omar.locator("main textarea").fill("/complaint ")
    await omar.keyboard.press("Enter")
    await expect(omar.get_by_label("What happened?")).to_have_value("The lock won't open.")
    await omar.get_by_label("Customer", exact=True).fill("Ms Lee")
    await omar.get_by_label("Kind", exact=True).select_option("Kind 3")
    await omar.get_by_label("Who takes it").fill("dana")
    await omar.get_by_label("Who takes it").fill("林")
    await omar.keyboard.press("Enter")
    await omar.locator("[data-form-files]").set_input_files({"name": "门.png", "mimeType": "image/png", "buffer": PNG})
    await expect(omar.locator(".chip:not(.waiting)")).to_have_text("门.png")
    await omar.get_by_role("button", name="Submit", exact=True).last.click()

    await expect(omar.locator("dialog[open]")).to_have_count(0)
    await expect(omar.locator(".message .words").last).to_have_text("Complaint C-1 is with the team.")
    sent = [event for event in shop.desk.events if isinstance(event, Submitted)][-1]
    assert (sent.answers["customer"], sent.answers["what"], sent.answers["owner"], sent.answers["photos"][0].name) == (
        "Ms Lee",
        "The lock won't open.",
        1,
        "门.png",
    )


async def test_form_keeps_its_files_until_it_is_sent(shop: Shop, sits: Sits) -> None:
    omar = await sits("omar", "?at=dm:2", width=390, height=844)
    await omar.locator("main textarea").fill("/complaint ")
    await omar.keyboard.press("Enter")
    names = ("门.png", "lock.png")
    files: list[FilePayload] = [{"name": name, "mimeType": "image/png", "buffer": PNG} for name in names]
    await omar.locator("[data-form-files]").set_input_files(files)
    await expect(omar.locator(".chip:not(.waiting)")).to_have_text(["门.png", "lock.png"])

    await omar.keyboard.press("Escape")
    await omar.locator("main textarea").fill("/complaint ")
    await omar.keyboard.press("Enter")
    await expect(omar.locator("[data-kept]")).to_contain_text("What you had typed before is still here.")
    await omar.get_by_role("button", name="Remove lock.png").click()
    await omar.get_by_label("Customer", exact=True).fill("Ms Lee")
    await omar.get_by_label("What happened?").fill("The lock won't open.")
    await omar.get_by_label("Kind", exact=True).select_option("Kind 3")
    await omar.get_by_role("button", name="Submit", exact=True).last.click()

    await expect(omar.locator("dialog[open]")).to_have_count(0)
    sent = [event for event in shop.desk.events if isinstance(event, Submitted)]
    assert [[file.name for file in event.answers["photos"]] for event in sent] == [["门.png"]]


async def test_reading_begins_at_the_first_new_message(shop: Shop, sits: Sits) -> None:
    for n in range(40):
        await shop.post_card(n + 1, Card(label(f"第 {n + 1} 条", f"Message {n + 1}")), about=None)

    omar = await sits("omar", "?at=service")

    await expect(omar.get_by_text("Message 1", exact=True)).to_be_in_viewport()
    await omar.get_by_role("button", name="New messages below").click()
    await expect(omar.get_by_text("Message 40", exact=True)).to_be_in_viewport()
    await expect(omar.get_by_role("button", name="New messages below")).to_be_hidden()


async def test_dangerous_button_asks_first_and_its_answer_is_for_one(shop: Shop, sits: Sits) -> None:
    await shop.post_card(1, COMPLAINT)
    omar, dana = await sits("omar", "?at=service"), await sits("dana", "?at=service")
    button = omar.get_by_role("button", name="Turn down")

    await button.click()
    await expect(omar.get_by_text("Turn it down? The customer will be told.")).to_be_visible()
    await omar.get_by_role("button", name="Not now").click()
    await button.click()
    await omar.locator("[data-confirm-yes]").click()

    await expect(omar.locator(".note .only")).to_have_text("Only you can see this")
    await expect(omar.locator(".note .words")).to_have_text("Someone was faster. The card shows how it stands now.")
    await expect(dana.locator(".note")).to_have_count(0)
    assert [event.action for event in shop.desk.events if hasattr(event, "action")] == ["tickets.refuse:1:1"]


async def test_one_goes_about_by_keyboard_alone(shop: Shop, sits: Sits) -> None:
    ref = await shop.post_card(1, COMPLAINT)
    omar = await sits("omar")
    await expect(omar.get_by_text("Three things wait for you")).to_be_visible()

    await omar.keyboard.press("Control+k")
    await omar.keyboard.type("serv")
    await omar.keyboard.press("Enter")
    await expect(omar.locator("h1")).to_have_text("Customer service")
    await expect(omar.locator("main textarea")).to_be_focused()

    await omar.locator(".message .answer").focus()
    await omar.keyboard.press("Enter")
    await expect(omar.locator("aside textarea")).to_be_focused()
    await omar.keyboard.type("I called her.")
    await omar.keyboard.press("Enter")
    await expect(omar.locator("aside [role=log] .words")).to_have_text("I called her.")
    await expect(omar.locator("main .replies")).to_have_text("1 reply")
    await omar.keyboard.press("Escape")
    await expect(omar.locator("aside")).to_be_hidden()
    assert omar.url.endswith("?at=service")
    await omar.go_back()
    await expect(omar.locator(f'aside [data-thread-id="{ref}"]')).to_be_visible()


async def test_phone_shows_one_thing_at_a_time(shop: Shop, sits: Sits) -> None:
    await shop.post_card(1, COMPLAINT)
    omar = await sits("omar", "?at=service", width=390, height=844)

    await expect(omar.locator(".rail")).to_be_hidden()
    await omar.get_by_role("button", name="All rooms").click()
    await expect(omar.locator("main")).to_be_hidden()
    await omar.locator("[data-channel=lobby]").click()
    await expect(omar.locator("h1")).to_have_text("Town square")
    await expect(omar.locator(".rail")).to_be_hidden()

    wider = await omar.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wider <= 0


async def test_words_are_not_lost_when_the_network_is(shop: Shop, sits: Sits) -> None:
    omar = await sits("omar", "?at=lobby")
    await omar.route("**/say", lambda route: route.abort())

    await omar.locator("main textarea").fill("Are you there?")
    await omar.keyboard.press("Enter")
    await expect(omar.locator(".failed .words")).to_have_text("Are you there?")
    await omar.unroute("**/say")
    await omar.get_by_role("button", name="Try again").click()

    await expect(omar.locator(".message:not(.pending, .failed) .words")).to_have_text("Are you there?")
    await expect(omar.locator(".message")).to_have_count(1)


async def test_language_changes_the_whole_page(sits: Sits) -> None:
    omar = await sits("omar")

    await omar.get_by_role("button", name="中文").click()

    await expect(omar.locator("html")).to_have_attribute("lang", "zh-Hans")
    await expect(omar.locator("[data-channel=lobby] > span")).to_have_text("大厅")


async def test_leaver_is_shown_out(shop: Shop, sits: Sits) -> None:
    omar = await sits("omar", "?at=lobby")
    await asyncio.sleep(0.2)

    await shop.leaves("omar")

    await expect(omar.locator("[data-banner]")).to_have_text("You have been signed out.")


async def test_everything_has_a_name_for_those_who_listen(shop: Shop, sits: Sits) -> None:
    await shop.post_card(1, COMPLAINT)
    omar = await sits("omar", "?at=service&thread=1")
    await expect(omar.locator("aside .message")).to_have_count(1)

    nameless = await omar.evaluate(
        """[...document.querySelectorAll("button, a, input, textarea, select")]
            .filter((one) => one.checkVisibility() && !one.closest("[aria-hidden=true]"))
            .filter((one) => !(one.textContent.trim() || one.getAttribute("aria-label") || one.labels?.length))
            .map((one) => one.outerHTML)"""
    )
    roles = [await omar.get_by_role(role).count() for role in ("navigation", "main", "complementary", "log")]
    assert (nameless, roles) == ([], [1, 1, 1, 2])
