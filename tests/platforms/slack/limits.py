"""What Slack refuses to show: whole messages and whole windows, and the words with which it refuses them."""

import json
from collections.abc import Sequence
from typing import Any

from tests.platforms.slack.shapes import (
    MARKDOWN_TEXT,
    ON_MESSAGES,
    ON_VIEWS,
    TABLE_TEXT,
    Found,
    by_type,
    flag,
    items,
    plain,
    shape,
    string,
)

MESSAGE_TEXT = 40_000
UPDATED_TEXT = 4_000  # chat.update is stricter than chat.postMessage
MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
VIEW_BYTES = 250_000
BLOCKS_TEXT = 13_200  # all texts of one message together, tables apart; undocumented, seen in the field
METADATA_BYTES = 8_000


def texts(value: Any) -> list[str]:
    """Every text inside a block, in order."""
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [one for part in value.values() if isinstance(part, (dict, list)) for one in texts(part)]
    return [one for part in value for one in texts(part)] if isinstance(value, list) else []


def _own_block_ids(blocks: Sequence[Any], at: str, found: Found) -> None:
    ids = [str(block["block_id"]) for block in blocks if isinstance(block, dict) and block.get("block_id")]
    for twice in sorted({one for one in ids if ids.count(one) > 1}):
        found.append(f"`block_id` {twice} already exists [json-pointer:{at}]")


def refusal_of_blocks(blocks: Any) -> tuple[str, Found] | None:
    """The error and the reasons with which Slack would refuse a message's blocks; None when it would show
    them.
    """
    found: Found = []
    items(by_type(ON_MESSAGES), MESSAGE_BLOCKS, 0)(blocks, "/blocks", found)
    if found or not isinstance(blocks, list):
        return "invalid_blocks", found
    _own_block_ids(blocks, "/blocks", found)
    kinds = [block["type"] for block in blocks]
    if kinds.count("table") > 1:
        return "invalid_attachments", ["only_one_table_allowed"]
    if kinds.count("data_visualization") > 2:
        found.append("no more than 2 data_visualization blocks allowed [json-pointer:/blocks]")
    tables = sum(len(one) for block in blocks if "table" in block["type"] for one in texts(block))
    if tables > TABLE_TEXT:
        found.append(f"all table cells must be less than {TABLE_TEXT + 1} characters [json-pointer:/blocks]")
    markdown = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    if markdown > MARKDOWN_TEXT:
        found.append(f"all markdown must be less than {MARKDOWN_TEXT + 1} characters [json-pointer:/blocks]")
    if found:
        return "invalid_blocks", found
    if sum(len(one) for block in blocks if "table" not in block["type"] for one in texts(block)) > BLOCKS_TEXT:
        return "msg_blocks_too_long", []
    return None


VIEW_NAMES = {
    "private_metadata": string(3000, 0),
    "callback_id": string(255, 0),
    "external_id": string(255, 0),
    "clear_on_close": flag,
    "notify_on_close": flag,
}
MODAL = shape(
    {"title": plain(24), "blocks": items(by_type(ON_VIEWS), VIEW_BLOCKS)},
    {**VIEW_NAMES, "submit": plain(24), "close": plain(24), "submit_disabled": flag},
)
HOME = shape({"blocks": items(by_type(ON_VIEWS), VIEW_BLOCKS, 0)}, VIEW_NAMES)


def refusal_of_view(view: Any, *, home: bool = False) -> tuple[str, Found] | None:
    """The error and the reasons with which Slack would refuse a view; None when it would show it."""
    found: Found = []
    by_type({"home": HOME} if home else {"modal": MODAL})(view, "/view", found)
    if not found:
        _own_block_ids(view["blocks"], "/view/blocks", found)
        asks = any(block["type"] == "input" for block in view["blocks"])
        if asks and not home and view.get("submit") is None:
            found.append("missing required field: submit [json-pointer:/view]")
    if found:
        return "invalid_arguments", found
    if len(json.dumps(view, ensure_ascii=False).encode("utf-8", "replace")) > VIEW_BYTES:
        return "view_too_large", []
    return None


def refusal_of_metadata(metadata: Any) -> str | None:
    """The error with which Slack would refuse a message's metadata."""
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
        return "invalid_metadata_format"
    if not isinstance(metadata.get("event_payload"), dict) or not metadata["event_type"]:
        return "invalid_metadata_format"
    return "metadata_too_large" if len(json.dumps(metadata)) > METADATA_BYTES else None
