"""The rooms: where the company talks, on which platforms, in which language, and who may enter on the web."""

from __future__ import annotations

import re
from collections.abc import Collection, ItemsView, Iterator
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, ConfigDict, RootModel

from config.handbook.chapter import Chapter, Fault, Line, Name, nearest, refuse
from config.handbook.departments import Departments
from config.handbook.label import Named

EVERYONE = "everyone"
CHANNELS = {
    "slack": re.compile(r"[CGD][A-Z0-9]{1,20}"),
    "telegram": re.compile(r"-?[0-9]{1,20}|@[A-Za-z0-9_]{4,32}"),
    "web": re.compile(r"[a-z0-9][a-z0-9-]{0,31}"),
}
REMEDIES = {
    "slack": "write the channel's ID, which its details show at the bottom: slack:C0123ABCD",
    "telegram": "write the chat's number: telegram:-1001234567890",
    "web": "write a short name in lower-case letters: web:service",
}


class Place(NamedTuple):
    """A channel on a platform."""

    platform: str
    channel: str


def _checked_address(address: str) -> str:
    platform, colon, channel = address.partition(":")
    if not colon:
        raise refuse("is not an address", 'write "platform:channel", such as "slack:C0123ABCD"')
    if platform not in CHANNELS:
        near = nearest(platform, list(CHANNELS))
        hint = f'; did you mean "{near}"?' if near else ""
        reason = f'is on "{platform}", a platform that we do not know'
        raise refuse(reason, f"the platforms are slack, telegram and web{hint}")
    if not CHANNELS[platform].fullmatch(channel):
        raise refuse(f"does not name a {platform} channel by its ID", REMEDIES[platform])
    return address


def _not_empty(addresses: tuple[str, ...]) -> tuple[str, ...]:
    if not addresses:
        raise refuse("is empty", "give the room at least one address, such as web:service")
    return addresses


RoomAddress = Annotated[Line, AfterValidator(_checked_address)]


class Room(Chapter):
    """`open_to` holds departments' keys, or "everyone". `language` is what we post in: "both" stacks them."""

    label: Named
    addresses: Annotated[tuple[RoomAddress, ...], AfterValidator(_not_empty)]
    language: Literal["zh", "en", "both"] = "both"
    open_to: tuple[Name, ...] = ()

    def places(self) -> tuple[Place, ...]:
        """The room's addresses, taken apart."""
        return tuple(Place(*address.split(":", 1)) for address in self.addresses)

    def admits(self, department: str | None, leads: Collection[str] = ()) -> bool:
        """Whether somebody of this department, who is over the departments `leads`, may enter on the web.

        A room that is open to no department is the heads'.
        """
        if EVERYONE in self.open_to or department in self.open_to:
            return True
        return bool(leads) if not self.open_to else any(key in self.open_to for key in leads)


class Rooms(RootModel[dict[Name, Room]]):
    """Rooms by name, in the order of the file."""

    model_config = ConfigDict(frozen=True)

    def __getitem__(self, name: str) -> Room:
        return self.root[name]

    def __contains__(self, name: object) -> bool:
        return name in self.root

    def keys(self) -> tuple[str, ...]:
        """The rooms' names, in the order of the file."""
        return tuple(self.root)

    def items(self) -> ItemsView[str, Room]:
        """Names and rooms, in the order of the file."""
        return self.root.items()

    def at(self, platform: str, channel: str) -> str | None:
        """The name of the room that has this address."""
        sought = Place(platform, channel)
        return next((name for name, room in self.root.items() if sought in room.places()), None)

    def faults(self, departments: Departments) -> Iterator[Fault]:
        """Addresses that stand twice, and departments that do not exist."""
        taken: dict[str, str] = {}
        for name, room in self.root.items():
            for n, address in enumerate(room.addresses):
                if address in taken:
                    reason = f'is "{address}", which the room "{taken[address]}" has already'
                    yield Fault(("rooms", name, "addresses", n), reason, "let each address stand once")
                taken.setdefault(address, name)
            for n, key in enumerate(room.open_to):
                if key != EVERYONE and key not in departments:
                    reason = f'opens the room to "{key}", which is no department'
                    known = ", ".join(departments.keys())
                    remedy = f'under [rooms.{name}], write open_to = ["everyone"], or some of: {known}'
                    yield Fault(("rooms", name, "open_to", n), reason, remedy)
