"""Who somebody is on a platform, and where something is said: by immutable ids, never by names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """An account: the platform, the workspace in it (empty where there is none), and the immutable user id."""

    platform: str
    workspace: str
    user: str


@dataclass(frozen=True, slots=True)
class Address:
    """A place on a platform: a channel, and a thread in it (the id of the message that it hangs under)."""

    platform: str
    channel: str
    thread: str | None = None
