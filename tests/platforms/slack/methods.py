"""The Web API: what each method does to the workspace, and with which of Slack's words it refuses."""

import base64
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from tests.platforms.slack import limits, uploads, windows
from tests.platforms.slack.places import channel_of, writable
from tests.platforms.slack.workspace import Channel, Message, Refused, Workspace

Json = dict[str, Any]
Method = Callable[[Workspace, Json], Json]

PACED = {"chat.postMessage", "chat.update"}
PACE_SECONDS = 0.95  # one a second, with some forgiveness for the way there
CONTENT = ("text", "blocks", "attachments", "metadata", "reply_broadcast")
STRUCTURED = {
    "blocks": "invalid_blocks_format",
    "attachments": "invalid_attachments",
    "view": "invalid_arguments",
}
STRUCTURED |= {"metadata": "invalid_metadata_format", "files": "invalid_arguments"}


def call(space: Workspace, method: str, args: Json) -> Json:
    """Carries out one call and returns its answer; nothing is changed when it is refused."""
    act = METHODS.get(method)
    try:
        if act is None:
            raise Refused("unknown_method")
        return {"ok": True} | act(space, _understood(args))
    except Refused as refused:
        answer: Json = {"ok": False, "error": refused.error} | refused.more
        if refused.reasons:
            metadata = {"messages": [f"[ERROR] {reason}" for reason in refused.reasons]}
            answer |= {"errors": refused.reasons, "response_metadata": metadata}
        return answer


def _understood(args: Json) -> Json:
    """The arguments with their JSON read, as forms carry it."""
    read = {name: value for name, value in args.items() if value is not None}
    for name, error in STRUCTURED.items():
        if isinstance(read.get(name), str):
            try:
                read[name] = json.loads(read[name])
            except ValueError:
                raise Refused(error) from None
    return read


def _yes(value: Any) -> bool:
    return value in (True, 1, "1", "true", "True")


# --- Content --------------------------------------------------------------------------------------


def _content(args: Json, most: int = limits.MESSAGE_TEXT) -> Json:
    """What is to be shown, after every check of its size and form."""
    if not any(args.get(name) for name in ("text", "blocks", "attachments")):
        raise Refused("no_text")
    if len(str(args.get("text") or "")) > most:
        raise Refused("msg_too_long")
    _check_blocks(args.get("blocks"))
    for attachment in args.get("attachments") or []:
        if not isinstance(attachment, dict):
            raise Refused("invalid_attachments")
        _check_blocks(attachment.get("blocks"))
    metadata = args.get("metadata")
    refused = limits.refusal_of_metadata(metadata) if metadata not in (None, {}) else None
    if refused:
        raise Refused(refused)
    asked = {
        name: args[name] for name in ("parse", "link_names", "unfurl_links", "unfurl_media", "mrkdwn") if name in args
    }
    return {name: args[name] for name in CONTENT if name in args} | {"sent_with": asked}


def _check_blocks(blocks: Any) -> None:
    refusal = limits.refusal_of_blocks(blocks) if blocks else None
    if refusal:
        raise Refused(*refusal)


def _warned(args: Json, answer: Json) -> Json:
    if args.get("text"):
        return answer
    warning = "missing_text_in_message"
    return answer | {"warning": warning, "response_metadata": {"warnings": [warning]}}


# --- Messages -------------------------------------------------------------------------------------


def _post(space: Workspace, args: Json) -> Json:
    channel = writable(space, args)
    body = _content(args) | {"bot_id": space.bot_id, "app_id": space.app_id, "team": space.team_id}
    message = space.write(channel, space.bot_user, body, args.get("thread_ts"))
    shown = message.as_json(metadata=True)
    return _warned(args, {"channel": channel.id, "ts": message.ts, "message": shown})


def _own(space: Workspace, args: Json, refusal: str) -> tuple[Channel, Message]:
    channel = channel_of(space, args)
    if channel.is_archived:
        raise Refused("is_archived")
    message = channel.find(str(args.get("ts")))
    if message is None:
        raise Refused("message_not_found")
    if not message.by_app:
        raise Refused(refusal)
    return channel, message


def _update(space: Workspace, args: Json) -> Json:
    """Text without blocks takes the old blocks away; attachments and metadata stay unless they are given."""
    channel, message = _own(space, args, "cant_update_message")
    new = _content(args, limits.UPDATED_TEXT)
    kept = dict(message.body)
    if "text" in new and "blocks" not in new:
        kept.pop("blocks", None)
    changed = space.settled(kept | new)
    if not new.get("blocks"):
        changed["edited"] = {"user": space.bot_user, "ts": space.ts()}
    message.edits.append(message.body)
    message.body = changed
    shown = message.as_json(metadata=True)
    return _warned(args, {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown})


def _delete(space: Workspace, args: Json) -> Json:
    channel, message = _own(space, args, "cant_delete_message")
    channel.messages.remove(message)
    return {"channel": channel.id, "ts": message.ts}


def _ephemeral(space: Workspace, args: Json) -> Json:
    channel, user = writable(space, args), str(args.get("user") or "")
    if user not in channel.members or space.people[user].deleted:
        raise Refused("user_not_in_channel")
    message = space.whisper(channel.id, user, _content(args), args.get("thread_ts"))
    return _warned(args, {"message_ts": message.ts})


def _permalink(space: Workspace, args: Json) -> Json:
    channel = channel_of(space, args)
    message = channel.find(str(args.get("message_ts")))
    if message is None:
        raise Refused("message_not_found")
    where = f"https://opsbook.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": where}


# --- Windows --------------------------------------------------------------------------------------


def _open(space: Workspace, args: Json) -> Json:
    return {"view": windows.open_modal(space, str(args.get("trigger_id") or ""), args.get("view") or {}).body}


def _push(space: Workspace, args: Json) -> Json:
    view = windows.open_modal(space, str(args.get("trigger_id") or ""), args.get("view") or {}, push=True)
    return {"view": view.body}


def _update_view(space: Workspace, args: Json) -> Json:
    return {"view": windows.update_modal(space, args).body}


def _publish(space: Workspace, args: Json) -> Json:
    return {"view": windows.publish_home(space, args).body}


# --- Reading --------------------------------------------------------------------------------------


def _page(args: Json, rows: list[Json], name: str, most: int = 100) -> Json:
    """One page of rows, and the cursor of the next one ("" on the last)."""
    try:
        start = int(base64.b64decode(str(args.get("cursor") or "")) or b"0")
        size = max(1, min(int(args.get("limit") or most), 1000))
    except ValueError:
        raise Refused("invalid_cursor") from None
    end = start + size
    cursor = base64.b64encode(str(end).encode()).decode() if end < len(rows) else ""
    more = {"has_more": bool(cursor)} if name == "messages" else {}
    return {name: rows[start:end], "response_metadata": {"next_cursor": cursor}} | more


def _readable(space: Workspace, args: Json) -> tuple[Channel, list[Message]]:
    channel = channel_of(space, args)
    if space.bot_user not in channel.members:
        raise Refused("not_in_channel")
    ends = _yes(args.get("inclusive"))
    oldest, latest = float(args.get("oldest") or 0), float(args.get("latest") or "inf")

    def between(message: Message) -> bool:
        at = float(message.ts)
        return oldest < at < latest or (ends and at in (oldest, latest))

    return channel, [one for one in channel.messages if between(one)]


def _history(space: Workspace, args: Json) -> Json:
    channel, found = _readable(space, args)
    top = [one for one in reversed(found) if one.thread_ts in (None, one.ts)]
    counts = {one.ts: sum(other.thread_ts == one.ts != other.ts for other in channel.messages) for one in top}
    metadata = _yes(args.get("include_all_metadata"))
    return _page(args, [one.as_json(metadata=metadata, replies=counts[one.ts]) for one in top], "messages")


def _replies(space: Workspace, args: Json) -> Json:
    channel, found = _readable(space, args)
    root = str(args.get("ts"))
    parent = channel.find(root)
    if parent is None and not any(one.thread_ts == root for one in channel.messages):
        raise Refused("thread_not_found")
    thread = [one for one in found if one.thread_ts == root and one.ts != root]
    metadata = _yes(args.get("include_all_metadata"))
    return _page(args, [one.as_json(metadata=metadata) for one in [*([parent] if parent else []), *thread]], "messages")


def _open_direct(space: Workspace, args: Json) -> Json:
    ids = [one for one in str(args.get("users") or "").split(",") if one]
    people = [space.people.get(one) for one in ids]
    if not ids or None in people:
        raise Refused("user_not_found" if ids else "users_list_not_supplied")
    if any(one and one.is_bot for one in people):
        raise Refused("cannot_dm_bot")
    if any(one and one.deleted for one in people):
        raise Refused("user_disabled")
    channel = space.direct(ids[0])
    return {"channel": channel.as_json() if _yes(args.get("return_im")) else {"id": channel.id}}


def _channel_info(space: Workspace, args: Json) -> Json:
    channel = channel_of(space, args)
    return {"channel": channel.as_json() | {"is_member": space.bot_user in channel.members}}


def _members(space: Workspace, args: Json) -> Json:
    ids: list[Any] = sorted(channel_of(space, args).members)
    return _page(args, ids, "members")


def _user(space: Workspace, args: Json) -> Json:
    person = space.people.get(str(args.get("user") or ""))
    if person is None:
        raise Refused("user_not_found")
    return {"user": person.as_json(locale=_yes(args.get("include_locale")))}


def _users(space: Workspace, args: Json) -> Json:
    rows = [one.as_json(locale=_yes(args.get("include_locale"))) for one in space.people.values()]
    return _page(args, rows, "members")


def _user_by_email(space: Workspace, args: Json) -> Json:
    email = str(args.get("email") or "")
    found = [one for one in space.people.values() if email and one.email == email and not one.deleted]
    if not found:
        raise Refused("users_not_found")
    return {"user": found[0].as_json()}


def _auth_test(space: Workspace, args: Json) -> Json:
    named = {
        "url": "https://opsbook.slack.com/",
        "team": "Opsbook",
        "user": "opsbook",
        "team_id": space.team_id,
    }
    return named | {"user_id": space.bot_user, "bot_id": space.bot_id, "is_enterprise_install": False}


# --- Limits ---------------------------------------------------------------------------------------


class Pace:
    """One message a second in each channel, for each method; the refusal says how long to wait."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], datetime] = {}

    def too_soon(self, method: str, channel: str, now: datetime) -> bool:
        """Whether this call comes too soon; if not, it is counted."""
        if method not in PACED:
            return False
        last = self._last.get((method, channel))
        if last is not None and 0 <= (now - last).total_seconds() < PACE_SECONDS:
            return True
        self._last[method, channel] = now
        return False


SCOPES = {
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "chat.postEphemeral": "chat:write",
    "conversations.open": "im:write",
    "users.info": "users:read",
    "users.list": "users:read",
    "files.info": "files:read",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
}
"""The right that a method needs, where it is one and the same for every conversation."""

METHODS: dict[str, Method] = {
    "auth.test": _auth_test,
    "chat.postMessage": _post,
    "chat.update": _update,
    "chat.delete": _delete,
    "chat.postEphemeral": _ephemeral,
    "chat.getPermalink": _permalink,
    "views.open": _open,
    "views.push": _push,
    "views.update": _update_view,
    "views.publish": _publish,
    "conversations.history": _history,
    "conversations.replies": _replies,
    "conversations.open": _open_direct,
    "conversations.info": _channel_info,
    "conversations.members": _members,
    "users.info": _user,
    "users.list": _users,
    "users.lookupByEmail": _user_by_email,
    "files.getUploadURLExternal": uploads.upload_url,
    "files.completeUploadExternal": uploads.complete_upload,
    "files.info": uploads.file_info,
}
