"""What a page may post, key by key: everything else is refused."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bot.platforms.web.guard import Body
from bot.ui.card import ACTION_BYTES
from storage.tables import LARGEST_ID

Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
ClientId = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{8,64}$")]
Channel = Annotated[str, Field(min_length=1, max_length=64)]
Some = Annotated[list[Id], Field(max_length=10)]


class Saying(Body):
    """Words in a channel or under a message, with loose files of one's own."""

    text: str
    channel: Channel
    thread: Id | None = None
    files: Some = Field(default_factory=list)
    client_id: ClientId


class Pressing(Body):
    """A button, on a message or (None) on a note or on My day, where the answer comes as a note again."""

    action: Annotated[str, Field(min_length=1, max_length=ACTION_BYTES)]
    message: Id | None = None
    channel: Channel
    client_id: ClientId


class Filled(Body):
    """A form's answers as they stand in its controls; files apart, by id. `note`: no conversation is in sight."""

    form: Annotated[str, Field(min_length=1, max_length=120)]
    about: Annotated[str, Field(max_length=120)] = ""
    answers: Annotated[dict[str, str | int | list[str] | list[Id]], Field(max_length=80)]
    files: Annotated[dict[str, Some], Field(max_length=20)] = Field(default_factory=dict)
    channel: Channel
    thread: Id | None = None
    note: bool = False
    client_id: ClientId


class Opening(Body):
    """My day is opened."""

    client_id: ClientId


class Seeing(Body):
    """A channel has been read up to a message."""

    channel: Channel
    message: Id


class Choosing(Body):
    """A language is chosen."""

    language: Literal["zh", "en"]
