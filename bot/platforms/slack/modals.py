"""Forms as Slack windows: questions, filled in where the answer is known; and what came back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision

from bot.platforms.slack.blocks import SECTION, VIEW_BLOCKS, Json, blocks_of, message_of
from bot.platforms.slack.letters import cut, pieces, short, size
from bot.ui.card import Card
from bot.ui.form import Asking, Option, Position, Question, stand_already
from bot.words import Speaker
from config.text import Money, Words, t
from storage.places import Address, Identity

MODAL_TITLE = 24
MODAL_BUTTON = 24
PRIVATE_METADATA = 3000
CALLBACK_ID = 255
LABEL = 2000
OPTION = 75
OPTION_VALUE = 150
OPTIONS = 100
GROUPS = 100
RADIO = 5
"""Slack would take 10 radio buttons; above 5 a menu is quicker to read."""
CHECKBOXES = 10
WRITTEN = 3000
FILES = 10
PEOPLE = 100
ERROR = 300
EARLIEST, LATEST = 10**9, 10**10 - 1
"""Moments that a datetimepicker takes: ten digits of seconds."""


def modal_of(asking: Asking, say: Speaker, here: Address) -> Json:
    """The form as a window. `callback_id` is the form; where and about what it was asked comes back."""
    inputs = [_input(question, asking.answers.get(question.name), say) for question in asking.questions]
    title = " ".join(say(asking.title).split())
    told = [] if size(title) <= MODAL_TITLE and inputs else [_section(HEADING, cut(title, SECTION))]
    return {
        "type": "modal",
        "callback_id": asking.form[:CALLBACK_ID],
        "private_metadata": _kept(asking.about, here),
        "title": _plain(short(say, asking.title, MODAL_TITLE)),
        "blocks": [*told, *inputs][:VIEW_BLOCKS],
        "submit": _plain(short(say, asking.send or t("Submit"), MODAL_BUTTON)),
        "close": _plain(short(say, t("Cancel"), MODAL_BUTTON)),
    }


def reopened(view: Mapping[str, Any], reply: Card | Words, say: Speaker) -> Json:
    """A window that was sent, as Slack told us of it, drawn anew with words above it; answers stay in it."""
    words = say(reply.title if isinstance(reply, Card) else reply, "\n")
    values = view.get("state", {}).get("values") if isinstance(view.get("state"), dict) else None
    listed = [one for one in view.get("blocks") or [] if isinstance(one, dict)]
    blocks = [_refilled(block, values) for block in listed if block.get("block_id") != REFUSED]
    kept = ("callback_id", "private_metadata", "title", "submit", "close")
    return {
        "type": "modal",
        **{name: view[name] for name in kept if view.get(name)},
        "blocks": [_section(REFUSED, cut(f"⚠️ {words}", SECTION)), *blocks][:VIEW_BLOCKS],
    }


def _refilled(block: Json, values: Any) -> Json:
    """The question with what stands in it; Slack keeps it by itself while it knows question and window."""
    id, element = block.get("block_id"), block.get("element")
    given = values.get(id) if isinstance(values, dict) else None
    state = given.get(id) if isinstance(given, dict) else None
    if not isinstance(element, dict) or not isinstance(state, dict):
        return block
    known = {now: state[then] for then, now in _STANDS.items() if state.get(then)}
    plain = {name: value for name, value in element.items() if not name.startswith("initial_")}
    return {**block, "element": plain | known}


_STANDS = {
    "value": "initial_value",
    "selected_option": "initial_option",
    "selected_options": "initial_options",
    "selected_date": "initial_date",
    "selected_date_time": "initial_date_time",
    "selected_user": "initial_user",
    "selected_users": "initial_users",
}
HEADING, REFUSED = "-heading", "-refused"
"""Blocks that ask nothing: no question's name begins so."""


def home_of(reply: Card | Words, say: Speaker) -> Json:
    """What stands on a person's home tab."""
    blocks = blocks_of(reply, say, VIEW_BLOCKS) if isinstance(reply, Card) else message_of(reply, say)["blocks"]
    return {"type": "home", "blocks": blocks}


def errors_of(view: Mapping[str, Any], field: str | None, words: str) -> dict[str, str]:
    """The refusal beside its question, or beside the last one where the question is not in the window.

    Empty where the window asks nothing. The window stays open, with all that was written in it.
    """
    blocks = view.get("blocks")
    listed = blocks if isinstance(blocks, list) else []
    inputs = [one.get("block_id") for one in listed if isinstance(one, dict) and one.get("type") == "input"]
    asked = [id for id in inputs if isinstance(id, str)]
    if not asked:
        return {}
    return {field if field in asked else asked[-1]: cut(words, ERROR)}


def _kept(about: str | None, here: Address) -> str:
    kept = json.dumps({"about": about, "channel": here.channel, "thread": here.thread}, separators=(",", ":"))
    return kept if len(kept) <= PRIVATE_METADATA else json.dumps({"about": about})[:PRIVATE_METADATA]


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": True}


def _section(id: str, text: str) -> Json:
    return {"type": "section", "block_id": id, "text": _plain(text)}


# --- Questions -------------------------------------------------------------------------------------------


def _input(question: Question, given: Any, say: Speaker) -> Json:
    """A question as it is asked. Without somebody's own words in it, it looks the same each time: it is drawn once."""
    if given not in (None, "") and not (question.ask == "choice" and isinstance(given, str)):
        return _drawn(question, given, say)
    key = (id(question), say.reader.languages, given)
    known = _DRAWN.get(key)
    if known is None:
        if len(_DRAWN) >= DRAWN:
            _DRAWN.clear()
        known = _DRAWN[key] = (question, _drawn(question, given, say))  # while it is held, its id is nobody else's
    return known[1]


DRAWN = 1000
_DRAWN: dict[tuple[int, tuple[str, ...], str | None], tuple[Question, Json]] = {}


def _drawn(question: Question, given: Any, say: Speaker) -> Json:
    label = cut(say(question.label), LABEL)
    if question.ask in ("choice", "choices") and not _offered(question.options, say):
        return _section(question.name, cut(f"{label}: {say(t('There is nothing to choose from yet.'))}", SECTION))
    stands = stand_already(question, given)
    block: Json = {
        "type": "input",
        "block_id": question.name,
        "label": _plain(label),
        "element": {**_ELEMENT[question.ask](question, given, say), "action_id": question.name},
        "optional": question.optional or stands is not None,
    }
    hints = [question.hint or (WRITTEN_PLACE if question.ask == "place" else None), stands]
    words = "\n".join(say(hint, "\n") for hint in hints if hint is not None)
    return block | ({"hint": _plain(cut(words, LABEL))} if words else {})


def _written(question: Question, given: Any, _say: Speaker) -> Json:
    most = max(1, min(question.most or WRITTEN, WRITTEN))
    element: Json = {
        "type": "plain_text_input",
        "multiline": question.ask == "paragraph",
        "max_length": most,
    }
    return element | ({"initial_value": pieces(str(given), most, 1)[0]} if given not in (None, "") else {})


WRITTEN_PLACE = t("Latitude and longitude, such as 31.2304, 121.4737.")
"""Slack can't ask a device where it is."""


def _figures(_question: Question, given: Any, _say: Speaker) -> Json:
    if isinstance(given, Position):
        given = f"{given.latitude:.5f}, {given.longitude:.5f}"
    if isinstance(given, Money):
        given = str(Decimal(given.minor).scaleb(-get_currency_precision(given.currency)))
    element: Json = {"type": "plain_text_input", "multiline": False, "max_length": 40}
    return element | ({"initial_value": cut(str(given), 40)} if given not in (None, "") else {})


def _number(question: Question, given: Any, _say: Speaker) -> Json:
    element: Json = {"type": "number_input", "is_decimal_allowed": False}
    if question.least is not None:
        element["min_value"] = str(question.least)
    if question.most is not None:
        element["max_value"] = str(question.most)
    digits = str(given).removeprefix("-")
    return element | ({"initial_value": str(given)} if digits.isascii() and digits.isdigit() else {})


def _offered(options: Sequence[Option], say: Speaker) -> list[Json]:
    fit = [option for option in options if 0 < size(option.value) <= OPTION_VALUE]
    return [{"text": _plain(short(say, option.label, OPTION)), "value": option.value} for option in fit]


def _menu(kind: str, offered: list[Json]) -> Json:
    """A menu; above a hundred options they come in groups, named by their numbers."""
    if len(offered) <= OPTIONS:
        return {"type": kind, "options": offered}
    starts = range(0, min(len(offered), OPTIONS * GROUPS), OPTIONS)
    parts = [(start, offered[start : start + OPTIONS]) for start in starts]
    groups = [{"label": _plain(f"{at + 1}–{at + len(part)}"), "options": part} for at, part in parts]
    return {"type": kind, "option_groups": groups}


def _choice(question: Question, given: Any, say: Speaker) -> Json:
    offered = _offered(question.options, say)
    radio = len(offered) <= RADIO and not question.optional  # a radio button can't be taken back
    element = _menu("radio_buttons" if radio else "static_select", offered)
    chosen = next((one for one in offered if one["value"] == given), None)
    return element | ({"initial_option": chosen} if chosen else {})


def _choices(question: Question, given: Any, say: Speaker) -> Json:
    offered = _offered(question.options, say)
    boxes = len(offered) <= CHECKBOXES
    element = _menu("checkboxes" if boxes else "multi_static_select", offered)
    wanted = given if isinstance(given, list | tuple) else [given]
    chosen = [one for one in offered if one["value"] in wanted][:OPTIONS]
    return element | ({"initial_options": chosen} if chosen else {})


def _day(_question: Question, given: Any, _say: Speaker) -> Json:
    try:
        at = given if isinstance(given, date) else date.fromisoformat(str(given))
    except ValueError:
        return {"type": "datepicker"}
    return {"type": "datepicker", "initial_date": at.isoformat()[:10]}


def _moment(_question: Question, given: Any, say: Speaker) -> Json:
    try:
        at = given if isinstance(given, datetime) else datetime.fromisoformat(str(given))
        stamp = int((at if at.tzinfo else at.replace(tzinfo=say.reader.zone)).timestamp())
    except (ValueError, OverflowError):
        stamp = 0
    known = {"initial_date_time": stamp} if EARLIEST <= stamp <= LATEST else {}
    return {"type": "datetimepicker"} | known


def _person(_question: Question, given: Any, _say: Speaker) -> Json:
    known = isinstance(given, Identity) and given.platform == "slack"
    return {"type": "users_select"} | ({"initial_user": given.user} if known else {})


def _people(question: Question, given: Any, _say: Speaker) -> Json:
    most = max(1, min(question.most or PEOPLE, PEOPLE))
    listed = given if isinstance(given, list | tuple) else [given]
    known = [one.user for one in listed if isinstance(one, Identity) and one.platform == "slack"][:most]
    element: Json = {"type": "multi_users_select", "max_selected_items": most}
    return element | ({"initial_users": known} if known else {})


def _files(question: Question, _given: Any, _say: Speaker) -> Json:
    return {"type": "file_input", "max_files": max(1, min(question.most or FILES, FILES))}


_ELEMENT: dict[str, Callable[[Question, Any, Speaker], Json]] = {
    "line": _written,
    "paragraph": _written,
    "number": _number,
    "money": _figures,
    "choice": _choice,
    "choices": _choices,
    "day": _day,
    "moment": _moment,
    "person": _person,
    "people": _people,
    "files": _files,
    "place": _figures,
}
