"""What Slack sends when somebody does something: the bodies of its requests, in the shapes that it really
uses.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from tests.platforms.slack import shown

Json = dict[str, Any]

_CONTROL = re.compile(r"<(?:@[UW]\w+|#[CG]\w+|![a-z^]|https?://)[^<>]*>")


class NotPossible(AssertionError):
    """Slack's own window wouldn't let a person do that: no such button, a required answer missing,
    too long.
    """


def escaped(typed: str) -> str:
    """What a person typed, as Slack sends it: `&`, `<` and `>` as entities, mentions and links as
    they are.
    """
    parts, end = [], 0
    for found in _CONTROL.finditer(typed):
        parts += [_entities(typed[end : found.start()]), found[0]]
        end = found.end()
    return "".join([*parts, _entities(typed[end:])])


def _entities(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def rich_text(typed: str, block_id: str) -> list[Json]:
    """The blocks that Slack makes of a typed message."""
    parts: list[Json] = []
    end = 0
    for found in re.finditer(r"<@(\w+)[^>]*>", typed):
        if typed[end : found.start()]:
            parts.append({"type": "text", "text": typed[end : found.start()]})
        parts.append({"type": "user", "user_id": found[1]})
        end = found.end()
    if typed[end:]:
        parts.append({"type": "text", "text": typed[end:]})
    section = {"type": "rich_text_section", "elements": parts}
    return [{"type": "rich_text", "block_id": block_id, "elements": [section]}]


# --- Windows: what stands in each question --------------------------------------------------------


def state_of(view: Json, values: Mapping[str, object], *, force: bool = False) -> Json:
    """`state.values` of a window in which these answers were given, by block_id or by the question's words.

    Questions without an answer keep what stood in them. Slack's own checks are made first (required, length,
    range, options that exist), unless `force`: a forged submission skips them too.
    """
    questions = {block["block_id"]: block for block in view.get("blocks", []) if block["type"] == "input"}
    names = {block["label"]["text"]: id for id, block in questions.items()}
    unknown = [name for name in values if name not in questions and name not in names]
    if unknown:
        raise NotPossible(f"no question {unknown}; there are {sorted(names)} ({sorted(questions)})")
    answers = {names.get(name, name): value for name, value in values.items()}
    state: Json = {}
    for id, block in questions.items():
        part = block["element"]
        answer = _answered(part, answers[id]) if id in answers else _unanswered(part)
        if not force:
            _check(block, part, answer)
        state[id] = {part["action_id"]: {"type": part["type"]} | answer}
    for block in view.get("blocks", []):
        for part in [*(block.get("elements") or []), block.get("accessory") or {}]:
            if block["type"] in ("actions", "section") and part.get("type") in _HOLDING:
                state.setdefault(block["block_id"], {})[part["action_id"]] = {"type": part["type"]} | _unanswered(part)
    return state


_HOLDING = {
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "multi_static_select": "selected_options",
    "checkboxes": "selected_options",
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "file_input": "files",
}
_STANDS = {"value": "initial_value", "files": "initial_files"}


def _unanswered(part: Json) -> Json:
    key = _HOLDING[part["type"]]
    empty: object = [] if key in ("selected_options", "selected_users", "files") else None
    return {key: part.get(_STANDS.get(key, key.replace("selected", "initial")), empty)}


def _answered(part: Json, value: Any) -> Json:
    kind, key = part["type"], _HOLDING[part["type"]]
    if value is None:
        return _unanswered({"type": kind})
    if key == "selected_option":
        return {key: option_of(part, value)}
    if key == "selected_options":
        return {key: [option_of(part, one) for one in _many(value)]}
    if key in ("selected_users", "files"):
        return {key: _many(value)}
    return {key: _written(kind, value)}


def _many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]


def _written(kind: str, value: Any) -> Any:
    """The value as Slack writes it: days as 2026-03-01, times as 09:30, moments as seconds, numbers
    as text.
    """
    if kind == "datetimepicker":
        return int(value.timestamp()) if isinstance(value, datetime) else int(value)
    if isinstance(value, datetime):
        raise NotPossible(f"a {kind} holds no moment")
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:%H:%M}" if isinstance(value, time) else str(value)


def option_of(part: Json, wanted: object) -> Json:
    """The option that a person picks by its words, or a test by its value."""
    offered = shown.options(part)
    for option in offered:
        if wanted in (option["text"]["text"], option["value"]):
            return option
    raise NotPossible(f"no option {wanted!r}; there are {[one['text']['text'] for one in offered]}")


def _check(block: Json, part: Json, answer: Json) -> None:
    value, asked = next(iter(answer.values())), block["label"]["text"]
    if value in (None, "", []):
        if not block.get("optional"):
            raise NotPossible(f"{asked!r} must be answered")
        return
    if part["type"] == "plain_text_input":
        if not part.get("min_length", 0) <= len(value) <= part.get("max_length", 3000):
            raise NotPossible(f"{asked!r} has {len(value)} characters")
    elif part["type"] == "number_input":
        number = float(value)
        low, high = float(part.get("min_value", "-inf")), float(part.get("max_value", "inf"))
        if not low <= number <= high or (number != int(number) and not part["is_decimal_allowed"]):
            raise NotPossible(f"{asked!r} can't be {value}")
    elif part["type"] == "file_input" and len(value) > part.get("max_files", 10):
        raise NotPossible(f"{asked!r} takes fewer files")


# --- Presses --------------------------------------------------------------------------------------


def find_element(blocks: Sequence[Json], wanted: str) -> tuple[Json, Json]:
    """The block and the element that bears this label, placeholder or action_id."""
    offered = []
    for block in blocks:
        parts = [*(block.get("elements") or []), block.get("accessory"), block.get("element")]
        for part in parts if block["type"] in ("actions", "section", "input") else []:
            if not part or part["type"] == "image":
                continue
            label = (part.get("text") or part.get("placeholder") or {}).get("text")
            if wanted in (label, part.get("action_id")):
                return block, part
            offered.append(label or part.get("action_id"))
    raise NotPossible(f"no {wanted!r} to press; there are {offered}")


def action_of(block: Json, part: Json, option: object, at: str) -> Json:
    """The action in a block_actions payload."""
    action: Json = {
        "action_id": part["action_id"],
        "block_id": block["block_id"],
        "type": part["type"],
        "action_ts": at,
    }
    action |= {name: part[name] for name in ("text", "value", "style", "url", "placeholder") if name in part}
    if part["type"] == "overflow":
        return action | {"selected_option": option_of(part, option)}
    if part["type"] != "button":
        action |= _answered(part, option)
    return action
