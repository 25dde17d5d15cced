"""What is too long, too many or unknown to Slack is refused in its own words; what just fits is shown."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.platforms.slack.fake import FakeSlack
from tests.platforms.slack.scene import (
    ASKED,
    actions,
    asks,
    button,
    confirm,
    mrkdwn,
    option,
    plain,
    refused,
    section,
    select,
    table,
)

Json = dict[str, Any]

MANY = [option(str(one), str(one)) for one in range(101)]
PICTURE = {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a"}
FITS: dict[str, list[Json]] = {
    "text": [section("x" * 3000)],
    "header": [{"type": "header", "text": plain("x" * 150)}],
    "button": [actions(button("x" * 75, "a" * 255, value="v" * 2000))],
    "elements": [actions(*[button("x", str(n)) for n in range(25)])],
    "options": [select(*MANY[:100])],
    "option": [select(option("x" * 75, "v" * 150))],
    "blocks": [{"type": "divider"}] * 50,
    "fields": [{"type": "section", "fields": [plain("x")] * 10}],
    "table": [table(100, 20)],
    "image": [PICTURE],
    "confirm": [actions(button("x", "a", **confirm(title=plain("x" * 100), text=plain("x" * 300))))],
}
REFUSES: dict[str, tuple[list[Json], str]] = {
    "text": ([section("x" * 3001)], "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    "no text": ([section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    "header": ([{"type": "header", "text": plain("x" * 151)}], "must be less than 151 characters"),
    "header in mrkdwn": ([{"type": "header", "text": mrkdwn("x")}], "unsupported type: mrkdwn"),
    "button text": ([actions(button("x" * 76, "a"))], "must be less than 76 characters"),
    "button value": ([actions(button("x", "a", value="v" * 2001))], "must be less than 2001 characters"),
    "action_id": ([actions(button("x", "a" * 256))], "must be less than 256 characters"),
    "twin action_ids": ([actions(button("x", "a"), button("y", "a"))], "`action_id` a already exists"),
    "elements": ([actions(*[button("x", str(n)) for n in range(26)])], "no more than 25 items"),
    "no elements": ([actions()], "no fewer than 1 items"),
    "options": ([select(*MANY)], "no more than 100 items"),
    "no options": ([select()], "no fewer than 1 items"),
    "option text": ([select(option("x" * 76, "v"))], "must be less than 76 characters"),
    "option value": ([select(option("x", "v" * 151))], "must be less than 151 characters"),
    "initial option": (
        [select(option("x", "v"), initial_option=option("y", "v"))],
        "matches exactly with one of",
    ),
    "placeholder": (
        [select(option("x", "v"), placeholder=plain("x" * 151))],
        "must be less than 151 characters",
    ),
    "blocks": ([{"type": "divider"}] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    "block_id": ([{"type": "divider", "block_id": "b" * 256}], "must be less than 256 characters"),
    "twin block_ids": ([{"type": "divider", "block_id": "b"}] * 2, "`block_id` b already exists"),
    "fields": ([{"type": "section", "fields": [plain("x")] * 11}], "no more than 10 items"),
    "field": ([{"type": "section", "fields": [plain("x" * 2001)]}], "must be less than 2001 characters"),
    "empty section": ([{"type": "section"}], "must define either `text` or `fields`"),
    "image without alt": (
        [{"type": "image", "image_url": "https://e.com/a.png"}],
        "missing required field: alt_text",
    ),
    "table rows": ([table(101, 2)], "no more than 100 items"),
    "table columns": ([table(1, 21)], "no more than 20 items allowed [json-pointer:/blocks/0/rows/0]"),
    "table text": ([table(2, 2, "x" * 2501)], "all table cells must be less than 10001 characters"),
    "confirm title": (
        [actions(button("x", "a", **confirm(title=plain("x" * 101))))],
        "must be less than 101",
    ),
    "confirm text": ([actions(button("x", "a", **confirm(text=plain("x" * 301))))], "must be less than 301"),
    "confirm button": ([actions(button("x", "a", **confirm(deny=plain("x" * 31))))], "must be less than 31"),
    "style": ([actions(button("x", "a", style="green"))], "unsupported value: green"),
    "unknown property": ([{"type": "divider", "colour": "red"}], "invalid additional property: colour"),
    "unknown block": ([{"type": "carpet"}], "unsupported type: carpet"),
    "emoji in mrkdwn": (
        [{"type": "section", "text": mrkdwn("x") | {"emoji": True}}],
        "additional property: emoji",
    ),
}


@pytest.mark.parametrize("name", FITS)
async def test_blocks_at_their_limits_are_shown(client: AsyncWebClient, name: str) -> None:
    assert (await client.chat_postMessage(channel="C1", text="x", blocks=FITS[name]))["ok"]


@pytest.mark.parametrize("name", REFUSES)
async def test_blocks_beyond_their_limits_are_refused(client: AsyncWebClient, name: str) -> None:
    blocks, reason = REFUSES[name]

    error, reasons = await refused(client.chat_postMessage(channel="C1", text="x", blocks=blocks))

    assert (error, len(reasons)) == ("invalid_blocks", 1)
    assert reasons[0].startswith("[ERROR] ")
    assert reason in reasons[0]


async def test_whole_messages_have_limits(client: AsyncWebClient) -> None:
    async def said(**content: Any) -> str:
        return (await refused(client.chat_postMessage(channel="C1", **{"text": "x"} | content)))[0]

    assert (await client.chat_postMessage(channel="C1", text="x" * 40_000))["ok"]
    assert await said(text="x" * 40_001) == "msg_too_long"
    assert await said(blocks=[section("x" * 3000)] * 5) == "msg_blocks_too_long"
    assert await said(blocks=[table(1, 1)] * 2) == "invalid_attachments"
    assert await said(blocks="[{") == "invalid_blocks_format"


REFUSED_VIEWS: dict[str, tuple[Json, str]] = {
    "title": (
        ASKED | {"title": plain("x" * 25)},
        "must be less than 25 characters [json-pointer:/view/title/text]",
    ),
    "no title": ({**ASKED, "title": None}, "missing required field: title"),
    "submit": (ASKED | {"submit": plain("x" * 25)}, "[json-pointer:/view/submit/text]"),
    "close": (ASKED | {"close": plain("x" * 25)}, "[json-pointer:/view/close/text]"),
    "no submit": ({**ASKED, "submit": None}, "missing required field: submit"),
    "callback_id": (ASKED | {"callback_id": "x" * 256}, "must be less than 256"),
    "private_metadata": (ASKED | {"private_metadata": "x" * 3001}, "must be less than 3001"),
    "blocks": (ASKED | {"blocks": [{"type": "divider"}] * 101}, "no more than 100 items"),
    "label": (ASKED | {"blocks": [asks("b", "x" * 2001, type="plain_text_input")]}, "must be less than 2001"),
    "hint": (
        ASKED | {"blocks": [asks("b", "x", type="datepicker") | {"hint": plain("x" * 2001)}]},
        "less than 2001",
    ),
    "number": (
        ASKED | {"blocks": [asks("b", "x", type="number_input")]},
        "missing required field: is_decimal_allowed",
    ),
    "table": (ASKED | {"blocks": [table(1, 1)]}, "unsupported type: table"),
    "day": (ASKED | {"blocks": [asks("b", "x", type="datepicker", initial_date="1/2/26")]}, "must match"),
    "radio": (
        ASKED | {"blocks": [asks("b", "x", type="radio_buttons", options=MANY[:11])]},
        "no more than 10 items",
    ),
}


@pytest.mark.parametrize("name", REFUSED_VIEWS)
async def test_views_beyond_their_limits_are_refused(slack: FakeSlack, client: AsyncWebClient, name: str) -> None:
    view, reason = REFUSED_VIEWS[name]

    error, reasons = await refused(client.views_open(trigger_id=slack.issue_trigger("U1"), view=view))

    assert (error, len(reasons)) == ("invalid_arguments", 1)
    assert reason in reasons[0]


async def test_view_may_not_be_over_250_kilobytes(slack: FakeSlack, client: AsyncWebClient) -> None:
    view = ASKED | {"blocks": [section("<" * 2990) for _ in range(84)]}

    assert await refused(client.views_open(trigger_id=slack.issue_trigger("U1"), view=view)) == (
        "view_too_large",
        [],
    )
