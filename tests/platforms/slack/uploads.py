"""Files: sending one up in three steps, and the object that describes it."""

import re
from typing import Any

from tests.platforms.slack.places import writable
from tests.platforms.slack.workspace import Refused, Workspace

Json = dict[str, Any]

CONVERSATION = re.compile(r"^[CGDZ][A-Z0-9]+$")
"""Never a person's id. Slack wants 8 more letters; ours may have fewer."""


def upload_url(space: Workspace, args: Json) -> Json:
    """files.getUploadURLExternal: as a form or in the address, never as JSON."""
    length = str(args.get("length") or "")
    if args.get("_json") or not args.get("filename") or not length.isdecimal() or int(length) < 1:
        raise Refused("invalid_arguments")
    id = space.new_id("F")
    space.files[id] = {
        "id": id,
        "name": str(args["filename"]),
        "title": str(args["filename"]),
        "content": b"",
        "awaits": int(length),
    }
    return {"upload_url": f"{args['_base']}/upload/{id}", "file_id": id}


def receive(space: Workspace, id: str, content: bytes) -> str | None:
    """The bytes themselves, once, as many as were announced; what Slack objects to, None where it takes them."""
    file = space.files.get(id)
    if file is None or "awaits" not in file:
        return "not found"
    if file["content"]:
        return "used already"
    if len(content) != file["awaits"]:
        return f"{len(content)} bytes instead of {file['awaits']}"
    file["content"] = content
    return None


def complete_upload(space: Workspace, args: Json) -> Json:
    """files.completeUploadExternal; with a channel, the files appear there."""
    wanted, target = args.get("files") or [], args.get("channel_id")
    if not wanted or (target and not CONVERSATION.fullmatch(str(target))):
        reason = f"input must match regex pattern: {CONVERSATION.pattern} [json-pointer:/channel_id]"
        raise Refused("invalid_arguments", [reason] if wanted else [])
    if any(not _is_loose(space.files.get(one.get("id"), {})) for one in wanted):
        raise Refused("file_not_found")
    channel = writable(space, {"channel": target}) if target else None
    thread = args.get("thread_ts")
    parent = channel.find(str(thread)) if channel and thread else None
    if parent is not None and parent.thread_ts not in (None, parent.ts):
        raise Refused("invalid_arguments")  # a reply is no head of a thread
    for one in wanted:
        file = space.files[one["id"]]
        file["title"] = one.get("title") or file["name"]
        del file["awaits"]
    shared = [file_json(space, one["id"], args["_base"]) for one in wanted]
    if channel:
        comment = args.get("initial_comment")
        said = {"text": comment} if comment else {"text": "", "blocks": args.get("blocks") or []}
        space.write(channel, space.bot_user, {**said, "files": shared}, thread)
    return {"files": shared}


def _is_loose(file: Json) -> bool:
    """Whether its bytes have come, and it was not shared yet."""
    return "awaits" in file and bool(file["content"])


def file_info(space: Workspace, args: Json) -> Json:
    """files.info."""
    if args.get("file") not in space.files:
        raise Refused("file_not_found")
    return {"file": file_json(space, args["file"], args["_base"])}


def file_json(space: Workspace, id: str, base: str) -> Json:
    """The file object, with the address from which its content is fetched with the bot's token."""
    file = space.files[id]
    where = f"{base}/files/{id}/download/{file['name']}"
    sizes = {"size": len(file["content"]), "mimetype": file.get("mimetype", "application/octet-stream")}
    return {
        "id": id,
        "name": file["name"],
        "title": file["title"],
        "user": file.get("user", space.bot_user),
        "url_private": where,
        "url_private_download": where,
    } | sizes
