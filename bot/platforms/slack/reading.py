"""Slack's payloads as what people did: who (by team and user id, never a name), where, and what they said."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from bot.events import Address, Commanded, Event, Identity, Pressed, Said, Submitted
from bot.platforms.slack.answers import answers_of, attached
from bot.platforms.slack.gate import Json, Malformed
from bot.platforms.slack.letters import plain, without_mention

MAIN = "opsbook"
"""`/opsbook <words>` is the same as writing the words to us."""
HOME = "home"
HELP = "help"
UNKNOWN = "?"
"""The workspace of an outsider whose own is not told: no account has it, so they are a stranger."""
SPOKEN = (None, "file_share", "thread_broadcast", "me_message")
"""Subtypes of messages that a person has just written; the others are edits, deletions, notices and bots."""


@dataclass(slots=True)
class Ours:
    """What we are on Slack; learnt when Slack can be reached, and until then read from the payloads."""

    user: str = ""
    bot: str = ""
    team: str = ""


@dataclass(frozen=True, slots=True)
class Arrived:
    """Something that a person did, and what Slack gives us to answer it with."""

    event: Event
    trigger: str = ""
    at_home: bool = False

    @property
    def user(self) -> str:
        """Whom to answer."""
        return self.event.who.user


# --- Commands, presses, forms ----------------------------------------------------------------------------


def command(body: Json) -> Arrived:
    """A slash command. Raises `Malformed` where it does not say who, where or by which trigger."""
    user, channel, trigger = (_id(body.get(name)) for name in ("user_id", "channel_id", "trigger_id"))
    if not (user and channel and trigger):
        raise Malformed
    who, here = Identity("slack", _id(body.get("team_id")) or UNKNOWN, user), Address("slack", channel)
    name = body["command"].lstrip("/").lower()
    text = plain(_str(body.get("text")).strip())
    id = f"cmd:{trigger}"
    if name != MAIN:
        return Arrived(Commanded(id, who, here, name, text), trigger)
    if not text:
        return Arrived(Commanded(id, who, here, HELP), trigger)
    return Arrived(Said(id, who, here, text, to_us=True), trigger)


def shortcut(body: Json) -> Arrived:
    """A shortcut from Slack's menus: the command that its callback id names, with a message's words."""
    who, trigger = _actor(body), _id(body.get("trigger_id"))
    name, message = _str(body.get("callback_id")), _dict(body.get("message"))
    if not (trigger and name):
        raise Malformed
    here = Address("slack", _id(_dict(body.get("channel")).get("id")) or who.user)
    return Arrived(Commanded(f"cmd:{trigger}", who, here, name, plain(_str(message.get("text")))), trigger)


def press(body: Json) -> Arrived | None:
    """A pressed button; None for what is not a button of ours (a link, a menu of somebody's making)."""
    who, trigger = _actor(body), _id(body.get("trigger_id"))
    action: Json = next(iter(body.get("actions") or ()), {})
    value = _str(action.get("value"))
    if action.get("type") != "button" or not value or len(value.encode()) > 64:
        return None
    place, message = _dict(body.get("container")), _dict(body.get("message"))
    channel = _id(_dict(body.get("channel")).get("id")) or _id(place.get("channel_id"))
    ts = _id(message.get("ts")) or _id(place.get("message_ts"))
    thread = _id(place.get("thread_ts")) or _id(message.get("thread_ts"))
    here = Address("slack", channel or who.user, thread if thread and thread != ts else None)
    once = trigger or f"{_id(action.get('action_ts'))}:{who.user}:{value}"
    return Arrived(Pressed(f"press:{once}", who, here, value), trigger, at_home=not channel)


def submission(body: Json) -> Arrived:
    """A form sent. It is the same one however often it is sent, until the window itself has changed."""
    view = _dict(body.get("view"))
    id, form = _id(view.get("id")), _str(view.get("callback_id"))
    if not (id and form):
        raise Malformed
    who = _actor(body, _id(view.get("app_installed_team_id")))
    kept = _unpacked(view.get("private_metadata"))
    about, thread = kept.get("about"), _id(kept.get("thread"))
    here = Address("slack", _id(kept.get("channel")) or who.user, thread or None)
    answers = answers_of(_dict(view.get("state")).get("values"), who.workspace)
    once = f"view:{id}:{_id(view.get('hash'))}"
    about = about if isinstance(about, str) and about else None
    return Arrived(Submitted(once, who, here, form, answers, about), _id(body.get("trigger_id")))


def _unpacked(metadata: Any) -> Json:
    try:
        return _dict(json.loads(_str(metadata) or "{}"))
    except (ValueError, RecursionError):
        return {}


def _actor(body: Json, installed: str = "") -> Identity:
    """Who acts. `user.team_id` is theirs; where an organisation stands there, our workspace counts."""
    user = body.get("user")
    if not isinstance(user, dict) or not _id(user.get("id")):
        raise Malformed
    team = body.get("team")
    ours = installed or _id(team.get("id") if isinstance(team, dict) else team)
    theirs = _id(user.get("team_id"))
    organisation = body.get("enterprise")
    organisation = _id(organisation.get("id") if isinstance(organisation, dict) else organisation)
    own = theirs if theirs and theirs != organisation else ours
    return Identity("slack", own or UNKNOWN, _id(user["id"]))


# --- Messages --------------------------------------------------------------------------------------------


def said(body: Json, ours: Ours) -> Arrived | None:
    """A message to us, or under a message; None for everything else that is said in a channel.

    A mention arrives twice, as itself and as a message of the channel: both get the same id.
    """
    event = _dict(body.get("event"))
    user, channel, ts = _id(event.get("user")), _id(event.get("channel")), _id(event.get("ts"))
    me = _me(body, ours)
    if not (user and channel and ts) or user in (me, "USLACKBOT") or not _is_spoken(event):
        return None
    text, thread = _str(event.get("text")), _id(event.get("thread_ts"))
    direct = event.get("channel_type") == "im" or (channel.startswith("D") and "channel_type" not in event)
    called = event.get("type") == "app_mention" or (bool(me) and (f"<@{me}>" in text or f"<@{me}|" in text))
    if not (direct or called or (thread and thread != ts)):
        return None
    id = _id(body.get("event_id")) or f"msg:{channel}:{ts}"
    words = Said(
        id=f"mention:{channel}:{ts}" if called and not direct else id,
        who=Identity("slack", _workspace(body, event), user),
        here=Address("slack", channel, thread if thread and thread != ts else None),
        text=plain(without_mention(text, me) if me and "<@" in text else text).strip(),
        to_us=direct or called,
        files=tuple(attached(event.get("files"))) if "files" in event else (),
    )
    return Arrived(words)


def home_opened(body: Json) -> Arrived | None:
    """Somebody looks at our home tab."""
    event = _dict(body.get("event"))
    user = _id(event.get("user"))
    if event.get("tab") != "home" or not user:
        return None
    id = _id(body.get("event_id")) or f"home:{user}:{_id(event.get('event_ts'))}"
    who, here = (
        Identity("slack", _workspace(body, event), user),
        Address("slack", _id(event.get("channel")) or user),
    )
    return Arrived(Commanded(id, who, here, HOME), at_home=True)


def leaver(body: Json) -> Identity | None:
    """The account of somebody who was deactivated on Slack."""
    user = _dict(_dict(body.get("event")).get("user"))
    if user.get("deleted") is not True or not _id(user.get("id")):
        return None
    return Identity("slack", _workspace(body, user), _id(user["id"]))


def _is_spoken(event: Json) -> bool:
    subtype = event.get("subtype")
    human = not event.get("bot_id") and not event.get("bot_profile") and event.get("hidden") is not True
    return human and (subtype is None or (isinstance(subtype, str) and subtype in SPOKEN))


def _me(body: Json, ours: Ours) -> str:
    if ours.user:
        return ours.user
    first: Json = next(iter(body.get("authorizations") or ()), {})
    return _id(first.get("user_id")) if first.get("is_bot") is True else ""


def _workspace(body: Json, event: Json) -> str:
    """The team of the person: ours (the installation's), or their own where they come from outside."""
    first: Json = next(iter(body.get("authorizations") or ()), {})
    ours = _id(first.get("team_id")) or _id(body.get("context_team_id")) or _id(body.get("team_id"))
    theirs = _id(event.get("user_team")) or _id(event.get("team")) or _id(event.get("team_id"))
    organisation = _id(first.get("enterprise_id")) or _id(body.get("enterprise_id"))
    if theirs and theirs != organisation:
        return theirs
    if not theirs and body.get("is_ext_shared_channel") is True:
        return UNKNOWN
    return ours or UNKNOWN


def _id(value: Any) -> str:
    """An id as Slack gives it: short and printable; anything else is none."""
    return value if isinstance(value, str) and len(value) <= 255 and value.isprintable() else ""


def _str(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _dict(value: Any) -> Json:
    return value if isinstance(value, dict) else {}
