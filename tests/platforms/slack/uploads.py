"""Files: sending one up in three steps, and the object that describes it."""

from typing import Any

from tests.platforms.slack.places import writable
from tests.platforms.slack.workspace import Refused, Workspace

Json = dict[str, Any]


def upload_url(space: Workspace, args: Json) -> Json:
    """files.getUploadURLExternal."""
    if not args.get("filename") or int(args.get("length") or 0) < 1:
        raise Refused("invalid_arguments")
    id = space.new_id("F")
    space.files[id] = {
        "id": id,
        "name": str(args["filename"]),
        "title": str(args["filename"]),
        "content": b"",
    }
    return {"upload_url": f"{args['_base']}/upload/{id}", "file_id": id}


def complete_upload(space: Workspace, args: Json) -> Json:
    """files.completeUploadExternal; with a channel, the files appear there."""
    wanted = args.get("files") or []
    if not wanted or any(one.get("id") not in space.files for one in wanted):
        raise Refused("file_not_found" if wanted else "invalid_arguments")
    for one in wanted:
        space.files[one["id"]]["title"] = one.get("title") or space.files[one["id"]]["name"]
    shared = [file_json(space, one["id"], args["_base"]) for one in wanted]
    target = args.get("channel_id")
    if target:
        body = {"text": args.get("initial_comment") or "", "files": shared}
        space.write(writable(space, {"channel": target}), space.bot_user, body, args.get("thread_ts"))
    return {"files": shared}


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
