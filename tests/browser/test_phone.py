"""Cards and forms on a narrow phone: a long label has a line of its own, and so has a long option."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, expect

from bot.ui.card import Card, Fact
from bot.ui.form import Asking, Option, Question
from config.text import Label
from tests.browser.conftest import Sits
from tests.platforms.web.shop import Shop, label

pytestmark = pytest.mark.asyncio(loop_scope="session")
WHY = "manager, by §2.6.1 Expenses and payments"
SHORT, LONG = (
    ("Phone", "Email"),
    ("A-1001 · CN¥300.00 · Sam: Taxi to Ms Lee", "A-1002 · CN¥80.00 · Lin: Dinner, three people"),
)


Box = tuple[int, int, int, int]


async def _boxes(shown: Locator) -> list[Box]:
    """Where each of them stands, all at one moment: from the left, from the top, its width and its height."""
    found = await shown.evaluate_all(
        "them => them.map(one => one.getBoundingClientRect()).map(at => [at.x, at.y, at.width, at.height])"
    )
    return [(round(x), round(y), round(width), round(height)) for x, y, width, height in found]


async def test_a_long_label_stands_on_one_line_above_its_value(shop: Shop, sits: Sits) -> None:
    facts = (Fact(label("为何到你", "Why it is with you"), WHY), Fact(label("金额", "Amount"), "CN¥300.00"))
    omar = await sits("omar", "?at=service", width=390, height=844)
    await shop.post_card(1, Card(label("报销", "Expense"), facts=facts))
    await expect(omar.locator(".facts dt").first).to_have_text("Why it is with you")

    long, below, short, beside = await _boxes(omar.locator(".facts dt, .facts dd"))
    assert long[3] == short[3]  # as high as a label of one word
    assert (below[0], below[1] > long[1] + long[3] / 2) == (long[0], True)
    assert (beside[0] > short[0] + short[2], beside[1]) == (True, short[1])


@pytest.mark.parametrize(("options", "columns"), [(SHORT, 2), (LONG, 1)])
async def test_long_options_stand_in_one_column(
    shop: Shop, sits: Sits, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], columns: int
) -> None:
    offered = tuple(Option(str(n), Label(one, one)) for n, one in enumerate(options))
    which = Question("which", "choices", Label("哪些？", "Which?"), options=offered)
    monkeypatch.setattr(shop.desk, "_commanded", lambda name: Asking("trips.Several", "Several", (which,), {}))
    omar = await sits("omar", "?at=dm:2", width=390, height=844)
    await omar.locator("main textarea").fill("/complaint here")
    await omar.keyboard.press("Enter")
    await expect(omar.locator(".option").first).to_be_visible()

    boxes = await _boxes(omar.locator(".option"))
    assert len({x for x, _, _, _ in boxes}) == columns
    assert all(x + width <= 390 for x, _, width, _ in boxes)
