"""Windows on a screen: who may open one, what happens to it when it is submitted, and answers by
response_url.
"""

import copy
from typing import Any

from tests.platforms.slack import limits
from tests.platforms.slack.workspace import (
    RESPONSE_SECONDS,
    RESPONSE_USES,
    TRIGGER_SECONDS,
    VIEW_STACK,
    Refused,
    Trigger,
    View,
    Workspace,
)

Json = dict[str, Any]


def spend_trigger(space: Workspace, id: str) -> Trigger:
    """Uses a trigger up; refused when it was never issued, used before, or over three seconds old."""
    trigger = space.triggers.get(id)
    if trigger is None:
        if space.accept_any_trigger and id:
            return Trigger("", space.clock())
        raise Refused("invalid_trigger_id")
    if trigger.used:
        raise Refused("exchanged_trigger_id")
    if (space.clock() - trigger.at).total_seconds() > TRIGGER_SECONDS:
        raise Refused("expired_trigger_id")
    trigger.used = True
    return trigger


def open_modal(space: Workspace, trigger_id: str, wanted: Json, *, push: bool = False) -> View:
    """A modal appears, on top of another when pushed."""
    _accept(wanted)
    _own_external_id(space, wanted, None)
    trigger = spend_trigger(space, trigger_id)
    below = space.views.get(trigger.in_view or "") if push else None
    if push and (below is None or not below.open):
        raise Refused("invalid_trigger_id")
    return stack(space, trigger.user, wanted, below)


def stack(space: Workspace, user: str, wanted: Json, below: View | None) -> View:
    """Stores a new modal; a person has one stack of at most three."""
    open_now = [view for view in space.views.values() if view.user == user and view.open]
    if below is None:
        for view in open_now:
            view.open = False
    elif len(open_now) >= VIEW_STACK:
        raise Refused("push_limit_reached")
    id = space.new_id("V")
    root = below.body["root_view_id"] if below else id
    view = View(user, _stored(space, wanted, id, root, below.id if below else None))
    space.views[id] = view
    return view


def update_modal(space: Workspace, args: Json) -> View:
    """An open modal changes, unless it has changed since the caller looked (`hash`)."""
    wanted, id, external = args.get("view") or {}, args.get("view_id"), args.get("external_id")
    _accept(wanted)
    view = next(
        (one for one in space.views.values() if one.id == id or (external and one.body["external_id"] == external)),
        None,
    )
    if view is None or not view.open:
        raise Refused("not_found")
    _own_external_id(space, wanted, view)
    if args.get("hash") and args["hash"] != view.body["hash"]:
        raise Refused("hash_conflict")
    replace(space, view, wanted)
    return view


def replace(space: Workspace, view: View, wanted: Json) -> None:
    """Puts other contents into the same window, under the same id."""
    old = view.body
    view.body = _stored(space, wanted, view.id, old["root_view_id"], old["previous_view_id"])
    view.errors = {}


def publish_home(space: Workspace, args: Json) -> View:
    """The home tab of a person is what was published last."""
    user, wanted = str(args.get("user_id") or ""), args.get("view") or {}
    if user not in space.people:
        raise Refused("user_not_found")
    _accept(wanted, home=True)
    old = space.homes.get(user)
    if args.get("hash") and old and args["hash"] != old.body["hash"]:
        raise Refused("hash_conflict")
    id = old.id if old else space.new_id("V")
    space.homes[user] = View(user, _stored(space, wanted, id, id, None))
    return space.homes[user]


def take_submission_answer(space: Workspace, view: View, status: int, body: Any) -> None:
    """What the person sees after pressing Submit: errors beside the questions, another window, or none."""
    if not 200 <= status < 300:
        view.errors = {"": "We had some trouble connecting. Try again?"}
        return
    answer: Json = body if isinstance(body, dict) else {}
    match answer.get("response_action"):
        case "errors":
            known = {block["block_id"] for block in view.body["blocks"] if block["type"] == "input"}
            errors = answer.get("errors") or {}
            sound = bool(errors) and set(errors) <= known
            view.errors = dict(errors) if sound else {"": "We had some trouble connecting. Try again?"}
        case "update":
            _accept(answer["view"])
            replace(space, view, answer["view"])
        case "push":
            _accept(answer["view"])
            stack(space, view.user, answer["view"], view)
        case "clear":
            for one in space.views.values():
                one.open = one.open and one.user != view.user
        case _:
            view.open = False


def take_command_answer(space: Workspace, user: str, channel: str, command: str, status: int, body: Any) -> None:
    """What the person sees after a command: the answer's body, to them alone unless it says in_channel."""
    if not 200 <= status < 300:
        space.whisper(channel, user, {"text": f"{command} failed with the error `http_service_error`"})
        return
    answer: Json = body if isinstance(body, dict) else {"text": body} if body else {}
    if answer.get("text") or answer.get("blocks"):
        if answer.get("response_type") == "in_channel":
            space.write(space.channels[channel], space.bot_user, answer)
        else:
            space.whisper(channel, user, answer)


def respond(space: Workspace, id: str, args: Json) -> None:
    """An answer by response_url: to the one person unless in_channel, or in place of the message it belongs
    to.
    """
    url = space.response_urls.get(id)
    if url is None or (space.clock() - url.at).total_seconds() > RESPONSE_SECONDS:
        raise Refused("expired_url" if url else "no_service")
    if url.uses >= RESPONSE_USES:
        raise Refused("used_url")
    refusal = limits.refusal_of_blocks(args["blocks"]) if args.get("blocks") else None
    if refusal:
        raise Refused(*refusal)
    if not (args.get("text") or args.get("blocks") or args.get("delete_original")):
        raise Refused("no_text")
    url.uses += 1
    body = {name: args[name] for name in ("text", "blocks", "attachments", "metadata") if args.get(name)}
    if url.message and (args.get("delete_original") or args.get("replace_original")):
        if args.get("delete_original"):
            home = space.whispers if url.message.shown_to else space.channels[url.message.channel].messages
            home.remove(url.message)
        else:
            url.message.edits.append(url.message.body)
            url.message.body = space.settled(body)
    elif args.get("response_type") == "in_channel":
        space.write(space.channels[url.channel], space.bot_user, body, args.get("thread_ts"))
    else:
        space.whisper(url.channel, url.user, body, args.get("thread_ts"))


def _accept(wanted: Any, *, home: bool = False) -> None:
    refusal = limits.refusal_of_view(wanted, home=home)
    if refusal:
        raise Refused(*refusal)


def _own_external_id(space: Workspace, wanted: Json, own: View | None) -> None:
    external = wanted.get("external_id")
    if external and any(one.body["external_id"] == external for one in space.views.values() if one is not own):
        raise Refused("duplicate_external_id")


def _stored(space: Workspace, wanted: Json, id: str, root: str, previous: str | None) -> Json:
    """The view as Slack stores and returns it, with every property that its payloads have."""
    own: Json = {
        "id": id,
        "team_id": space.team_id,
        "state": {"values": {}},
        "hash": f"{space.ts().split('.')[0]}.{space.new_id('h')}",
        "previous_view_id": previous,
        "root_view_id": root,
        "app_id": space.app_id,
        "app_installed_team_id": space.team_id,
        "bot_id": space.bot_id,
    }
    blank = {
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "title": None,
        "submit": None,
        "close": None,
    }
    switches = {"clear_on_close": False, "notify_on_close": False}
    return blank | switches | space.settled(copy.deepcopy(wanted)) | own
