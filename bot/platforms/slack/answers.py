"""What was answered in a Slack window, as the handlers' forms take it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.platforms.slack.blocks import Json
from bot.platforms.slack.modals import LATEST, PEOPLE
from bot.ui.form import Attached
from storage.places import Identity


def answers_of(values: Any, workspace: str) -> dict[str, Any]:
    """`view.state.values` as answers by question; what was left empty, or is unknown to us, is left out."""
    found: dict[str, Any] = {}
    for name, block in (values if isinstance(values, dict) else {}).items():
        element = block.get(name) if isinstance(block, dict) else None
        if isinstance(element, dict):
            answer = _answer(element, workspace)
            if answer not in (None, "", []):
                found[name] = answer
    return found


def _answer(element: Json, workspace: str) -> Any:
    match element:
        case {"type": "plain_text_input" | "number_input", "value": str(value)}:
            return value
        case {"type": "static_select" | "radio_buttons", "selected_option": {"value": str(value)}}:
            return value
        case {"type": "multi_static_select" | "checkboxes", "selected_options": list(chosen)}:
            return [one["value"] for one in chosen if isinstance(one, dict) and isinstance(one.get("value"), str)]
        case {"type": "datepicker", "selected_date": str(value)}:
            return value
        case {"type": "datetimepicker", "selected_date_time": int(value)} if 0 <= value <= LATEST:
            return datetime.fromtimestamp(value, UTC).isoformat()
        case {"type": "users_select", "selected_user": str(user)}:
            return Identity("slack", workspace, user)
        case {"type": "multi_users_select", "selected_users": list(users)}:
            return [Identity("slack", workspace, user) for user in users[:PEOPLE] if isinstance(user, str)]
        case {"type": "file_input", "files": list(files)}:
            return attached(files)
    return None


def attached(files: Any) -> list[Attached]:
    """The files that Slack tells of, without those that it has hidden or deleted."""
    listed = [file for file in files if isinstance(file, dict)] if isinstance(files, list) else []
    return [
        Attached(
            source=f"slack:{file['id']}",
            name=_text(file, "name") or _text(file, "title") or "file",
            mime=_text(file, "mimetype") or "application/octet-stream",
            url=_text(file, "permalink"),
            size=length if isinstance(length := file.get("size"), int) and length >= 0 else 0,
        )
        for file in listed
        if _text(file, "id") and file.get("mode") not in ("tombstone", "hidden_by_limit")
    ]


def _text(file: Json, name: str) -> str:
    value = file.get(name)
    return value if isinstance(value, str) else ""
