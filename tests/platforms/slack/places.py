"""Where a call may go: channels and people by id, and Slack's refusals for those that are closed to
the app.
"""

from typing import Any

from tests.platforms.slack.workspace import Channel, Refused, Workspace

Json = dict[str, Any]


def channel_of(space: Workspace, args: Json) -> Channel:
    """The channel meant; a person stands for the direct conversation with them."""
    id = str(args.get("channel") or "")
    person = space.people.get(id)
    if person and not person.deleted and not person.is_bot:
        return space.direct(id)
    if id not in space.channels:
        raise Refused("channel_not_found")
    return space.channels[id]


def writable(space: Workspace, args: Json) -> Channel:
    """The channel that the app may write to."""
    channel = channel_of(space, args)
    if channel.is_archived:
        raise Refused("is_archived")
    if space.bot_user not in channel.members:
        raise Refused("not_in_channel" if not channel.is_private else "channel_not_found")
    return channel
