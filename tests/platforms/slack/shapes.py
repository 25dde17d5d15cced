"""What a block may hold: every limit that Slack documents for texts, buttons, menus and blocks, as shapes.

A shape is a rule; a rule looks at one value and notes what is wrong with it and where, in Slack's own words.
Slack refuses unknown properties as well, so these shapes do too.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

Json = dict[str, Any]
Found = list[str]
Rule = Callable[[Any, str, Found], None]

TABLE_TEXT = 10_000  # all cells of one message together
MARKDOWN_TEXT = 12_000  # all markdown blocks of one message together


# --- Rules ----------------------------------------------------------------------------------------


def string(most: int, least: int = 1) -> Rule:
    """A string of `least` to `most` characters."""

    def rule(value: Any, at: str, found: Found) -> None:
        if not isinstance(value, str):
            found.append(f"must be a string [json-pointer:{at}]")
        elif len(value) > most:
            found.append(f"must be less than {most + 1} characters [json-pointer:{at}]")
        elif len(value) < least:
            found.append(f"must be more than {least - 1} characters [json-pointer:{at}]")

    return rule


def like(pattern: str, most: int = 100) -> Rule:
    """A string of a certain form."""

    def rule(value: Any, at: str, found: Found) -> None:
        if not isinstance(value, str) or len(value) > most or not re.fullmatch(pattern, value):
            found.append(f"must match {pattern} [json-pointer:{at}]")

    return rule


def among(*allowed: str) -> Rule:
    """One of the words."""

    def rule(value: Any, at: str, found: Found) -> None:
        if value not in allowed:
            found.append(f"unsupported value: {value}; allowed: {', '.join(allowed)} [json-pointer:{at}]")

    return rule


def flag(value: Any, at: str, found: Found) -> None:
    """True or false, and nothing that only resembles them."""
    if not isinstance(value, bool):
        found.append(f"must be a boolean [json-pointer:{at}]")


def whole(least: int, most: int) -> Rule:
    """A whole number."""

    def rule(value: Any, at: str, found: Found) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            found.append(f"must be an integer from {least} to {most} [json-pointer:{at}]")

    return rule


def anything(value: Any, at: str, found: Found) -> None:
    """What this fake doesn't look into."""


def items(rule: Rule, most: int, least: int = 1) -> Rule:
    """A list of `least` to `most` things."""

    def each(value: Any, at: str, found: Found) -> None:
        if not isinstance(value, list):
            found.append(f"must be an array [json-pointer:{at}]")
            return
        if len(value) > most:
            found.append(f"no more than {most} items allowed [json-pointer:{at}]")
        if len(value) < least:
            found.append(f"no fewer than {least} items allowed [json-pointer:{at}]")
        for index, item in enumerate(value):
            rule(item, f"{at}/{index}", found)

    return each


def shape(required: Mapping[str, Rule], optional: Mapping[str, Rule], *also: Rule) -> Rule:
    """An object with these properties and no others; `also` are rules about the whole of it."""

    def rule(value: Any, at: str, found: Found) -> None:
        if not isinstance(value, dict):
            found.append(f"must be an object [json-pointer:{at}]")
            return
        for name in required:
            if value.get(name) is None:
                found.append(f"missing required field: {name} [json-pointer:{at}]")
        for name, part in value.items():
            of = required.get(name) or optional.get(name)
            if of is None:
                if name != "type":
                    found.append(f"invalid additional property: {name} [json-pointer:{at}]")
            elif part is not None:
                of(part, f"{at}/{name}", found)
        for other in also:
            other(value, at, found)

    return rule


def by_type(kinds: Mapping[str, Rule]) -> Rule:
    """An object whose `type` says which shape it has."""

    def rule(value: Any, at: str, found: Found) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in kinds:
            found.append(f"unsupported type: {kind} [json-pointer:{at}/type]")
        else:
            kinds[kind](value, at, found)

    return rule


# --- Texts, options, dialogs ----------------------------------------------------------------------


def plain(most: int) -> Rule:
    """A plain_text object."""
    return by_type({"plain_text": shape({"text": string(most)}, {"emoji": flag})})


def text(most: int) -> Rule:
    """A plain_text or mrkdwn object."""
    return by_type(
        {
            "plain_text": shape({"text": string(most)}, {"emoji": flag}),
            "mrkdwn": shape({"text": string(most)}, {"verbatim": flag}),
        }
    )


CONFIRM = shape(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": among("primary", "danger")},
)
OPTION = shape({"text": plain(75), "value": string(150)}, {"description": plain(75), "url": string(3000)})
RICH_OPTION = shape({"text": text(75), "value": string(150)}, {"description": text(75)})
OPTION_GROUP = shape({"label": plain(75), "options": items(OPTION, 100)}, {})
ACT = {"action_id": string(255), "confirm": CONFIRM, "focus_on_load": flag}
HOLD = {**ACT, "placeholder": plain(150)}
DISPATCH = shape({}, {"trigger_actions_on": items(among("on_enter_pressed", "on_character_entered"), 2)})


def options_or_groups(value: Json, at: str, found: Found) -> None:
    """A menu offers options or groups of them, never both and never none; what is chosen at first is one of
    them.
    """
    given = [name for name in ("options", "option_groups") if value.get(name) is not None]
    if len(given) != 1:
        found.append(f"must define either `options` or `option_groups` [json-pointer:{at}]")
    chosen_is_offered(value, at, found)


def chosen_is_offered(value: Json, at: str, found: Found) -> None:
    """`initial_option(s)` must equal one of the options to the last letter."""
    offered = list(value.get("options") or [])
    for group in value.get("option_groups") or []:
        offered += group.get("options") or []
    chosen = value.get("initial_options") or []
    if value.get("initial_option") is not None:
        chosen = [*chosen, value["initial_option"]]
    if any(one not in offered for one in chosen):
        found.append(f"must provide an object that matches exactly with one of the options [json-pointer:{at}]")


def _menu(**more: Rule) -> Rule:
    offer = {"options": items(OPTION, 100), "option_groups": items(OPTION_GROUP, 100)}
    return shape({}, {**HOLD, **offer, **more}, options_or_groups)


def _picker(**more: Rule) -> Rule:
    return shape({}, {**HOLD, **more})


def _written(**more: Rule) -> Rule:
    return shape({}, {**HOLD, "dispatch_action_config": DISPATCH, **more})


def _picture_has_source(value: Json, at: str, found: Found) -> None:
    if (value.get("image_url") is None) == (value.get("slack_file") is None):
        found.append(f"must define either `image_url` or `slack_file` [json-pointer:{at}]")


USER_IDS = items(string(20), 100, 0)
PICTURE = {"image_url": string(3000), "slack_file": anything}
BUTTON = shape(
    {"text": plain(75)},
    {
        **ACT,
        "value": string(2000, 0),
        "url": string(3000),
        "style": among("primary", "danger"),
        "accessibility_label": string(75),
    },
)
CHOICES = {"options": items(RICH_OPTION, 10)}

ACTING: dict[str, Rule] = {
    "button": BUTTON,
    "overflow": shape({"options": items(OPTION, 5)}, ACT),
    "static_select": _menu(initial_option=OPTION),
    "multi_static_select": _menu(initial_options=items(OPTION, 100), max_selected_items=whole(1, 100)),
    "external_select": _picker(initial_option=OPTION, min_query_length=whole(0, 1000)),
    "users_select": _picker(initial_user=string(20)),
    "multi_users_select": _picker(initial_users=USER_IDS, max_selected_items=whole(1, 100)),
    "channels_select": _picker(initial_channel=string(20), response_url_enabled=flag),
    "conversations_select": _picker(
        initial_conversation=string(20),
        default_to_current_conversation=flag,
        response_url_enabled=flag,
        filter=anything,
    ),
    "radio_buttons": shape(CHOICES, {**ACT, "initial_option": RICH_OPTION}, chosen_is_offered),
    "checkboxes": shape(CHOICES, {**ACT, "initial_options": items(RICH_OPTION, 10)}, chosen_is_offered),
    "datepicker": _picker(initial_date=like(r"\d{4}-\d\d-\d\d")),
    "timepicker": _picker(initial_time=like(r"([01]\d|2[0-3]):[0-5]\d"), timezone=string(100)),
    "datetimepicker": shape({}, {**ACT, "initial_date_time": whole(10**9, 10**10 - 1)}),
}
WRITTEN: dict[str, Rule] = {
    "plain_text_input": _written(
        initial_value=string(3000, 0), multiline=flag, min_length=whole(0, 3000), max_length=whole(1, 3000)
    ),
    "email_text_input": _written(initial_value=string(3000, 0)),
    "url_text_input": _written(initial_value=string(3000, 0)),
    "number_input": shape(
        {"is_decimal_allowed": flag},
        {
            **HOLD,
            "dispatch_action_config": DISPATCH,
            "initial_value": like(r"-?\d+(\.\d+)?"),
            "min_value": like(r"-?\d+(\.\d+)?"),
            "max_value": like(r"-?\d+(\.\d+)?"),
        },
    ),
    "rich_text_input": _written(initial_value=anything),
    "file_input": shape({}, {**ACT, "filetypes": items(string(50), 100), "max_files": whole(1, 10)}),
}
IMAGE_ELEMENT = shape({"alt_text": string(2000)}, PICTURE, _picture_has_source)
TAKES_INPUT = {kind: rule for kind, rule in ACTING.items() if kind not in ("button", "overflow")} | WRITTEN


# --- Blocks ---------------------------------------------------------------------------------------


def _says_something(value: Json, at: str, found: Found) -> None:
    if value.get("text") is None and not value.get("fields"):
        found.append(f"must define either `text` or `fields` [json-pointer:{at}]")


def _own_action_ids(value: Json, at: str, found: Found) -> None:
    elements = value.get("elements")
    if isinstance(elements, list):
        ids = [str(e["action_id"]) for e in elements if isinstance(e, dict) and e.get("action_id")]
        for twice in sorted({one for one in ids if ids.count(one) > 1}):
            found.append(f"`action_id` {twice} already exists in this block [json-pointer:{at}/elements]")


CELL = by_type(
    {
        "raw_text": shape({"text": string(TABLE_TEXT)}, {}),
        "raw_number": shape({"value": anything}, {"text": string(TABLE_TEXT)}),
        "rich_text": shape({"elements": items(anything, 1000)}, {"block_id": string(255)}),
    }
)
COLUMN = shape({}, {"align": among("left", "center", "right"), "is_wrapped": flag})
ID = {"block_id": string(255)}
PLACED: dict[str, Rule] = {  # on every surface
    "section": shape(
        {},
        {
            **ID,
            "text": text(3000),
            "fields": items(text(2000), 10),
            "accessory": by_type(ACTING | {"image": IMAGE_ELEMENT}),
            "expand": flag,
        },
        _says_something,
    ),
    "header": shape({"text": plain(150)}, ID),
    "divider": shape({}, ID),
    "image": shape({"alt_text": string(2000)}, {**ID, **PICTURE, "title": plain(2000)}, _picture_has_source),
    "actions": shape({"elements": items(by_type(ACTING), 25)}, ID, _own_action_ids),
    "rich_text": shape({"elements": items(anything, 1000)}, ID),
    "video": shape(
        {
            "alt_text": string(2000),
            "title": plain(199),
            "video_url": string(3000),
            "thumbnail_url": string(3000),
        },
        {
            **ID,
            "author_name": string(49),
            "description": plain(200),
            "provider_name": anything,
            "title_url": anything,
        },
    ),
}
CONTEXT_PART = {"image": IMAGE_ELEMENT} | dict.fromkeys(("plain_text", "mrkdwn"), text(3000))
PLACED["context"] = shape({"elements": items(by_type(CONTEXT_PART), 10)}, ID)


def _input(elements: Mapping[str, Rule]) -> Rule:
    return shape(
        {"label": plain(2000), "element": by_type(elements)},
        {**ID, "hint": plain(2000), "optional": flag, "dispatch_action": flag},
    )


TABULAR = {**ID, "column_settings": items(COLUMN, 20, 0), "caption": anything}
ON_MESSAGES: dict[str, Rule] = PLACED | {
    "input": _input({kind: rule for kind, rule in TAKES_INPUT.items() if kind != "file_input"}),
    "markdown": shape({"text": string(MARKDOWN_TEXT)}, ID),
    "table": shape({"rows": items(items(CELL, 20), 100)}, TABULAR),
    "data_table": shape({"rows": items(items(anything, 20), 101)}, {**TABULAR, "columns": items(anything, 20)}),
    "data_visualization": anything,
    "file": shape({"external_id": string(255), "source": among("remote")}, ID),
    "context_actions": shape({"elements": items(anything, 5)}, ID),
}
ON_VIEWS: dict[str, Rule] = PLACED | {"input": _input(TAKES_INPUT)}
