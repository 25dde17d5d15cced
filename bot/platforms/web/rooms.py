"""Who may be where on the web: a room is its departments' and their heads', a direct chat its own person's."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from config.handbook import Handbook
from config.handbook.rooms import EVERYONE, Room
from config.text import Label
from storage.people import Employee


@dataclass(frozen=True, slots=True)
class Place:
    """A room as it stands at the left: its channel, its name, and who may enter (None: everyone)."""

    channel: str
    label: Label
    departments: tuple[Label, ...] | None


def may_enter(employee: Employee, room: Room, leads: Collection[str] = ()) -> bool:
    """Whether somebody who is over the departments `leads` may read and write in a room."""
    return room.admits(employee.department, leads)


def direct(employee_id: int) -> str:
    """The channel of a person's direct chat with Opsbook."""
    return f"dm:{employee_id}"


def may_read(handbook: Handbook, employee: Employee, channel: str, leads: Collection[str] = ()) -> bool:
    """The same for any channel of the web. What one may not enter does not exist."""
    if channel == direct(employee.id):
        return True
    name = handbook.rooms.at("web", channel)
    return name is not None and may_enter(employee, handbook.rooms[name], leads)


def places(handbook: Handbook, employee: Employee, leads: Collection[str] = ()) -> list[Place]:
    """The rooms that somebody may enter, in the handbook's order."""
    return [
        Place(place.channel, room.label, _open_to(handbook, room))
        for _, room in handbook.rooms.items()
        if may_enter(employee, room, leads)
        for place in room.places()
        if place.platform == "web"
    ]


def _open_to(handbook: Handbook, room: Room) -> tuple[Label, ...] | None:
    if EVERYONE in room.open_to:
        return None
    return tuple(handbook.departments[key].name for key in room.open_to if key in handbook.departments)
