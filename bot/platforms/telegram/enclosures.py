"""What goes with a card: its picture, and the files that people added, sent under the message as far as they can be."""

from __future__ import annotations

import logging
from collections import OrderedDict

from bot.platforms import Message
from bot.platforms.files import ReadFile, own_id
from bot.platforms.kinds import file_name, is_picture, kind_of
from bot.platforms.telegram.api import DOCUMENT_BYTES, PHOTO_BYTES, Api, Upload
from bot.platforms.telegram.refusals import Meaning, Refused
from bot.ui.card import Card

log = logging.getLogger(__name__)

REMEMBERED = 500


class Enclosures:
    """Reads our files and sends them. A picture stands before its text once, also when the text is tried again."""

    def __init__(self, api: Api, read_file: ReadFile) -> None:
        self.api = api
        self.read_file = read_file
        self._shown: OrderedDict[int, None] = OrderedDict()

    async def picture(self, card: Card) -> Upload | None:
        """The card's picture; None where it has none, or it is no more."""
        return await self._read(card.image.file_id) if card.image is not None else None

    async def show(self, message: Message, picture: Upload) -> bool:
        """Posts the picture by itself, before its text; says whether it stands there."""
        if message.id in self._shown:
            return True
        if await self._post(message.to.channel, picture, message.to.thread) is None:
            return False
        self._shown[message.id] = None
        while len(self._shown) > REMEMBERED:
            self._shown.popitem(last=False)
        return True

    async def send(self, message: Message, under: str, posted: list[str]) -> None:
        """Posts the card's files under the message, one by one, and notes in `posted` which messages they are.

        The card names those that lie elsewhere.
        """
        for file in message.card.files:
            id = own_id(file)
            upload = await self._read(id) if id is not None else None
            sent = await self._post(message.to.channel, upload, under) if upload is not None else None
            if sent is not None:
                posted.append(str(sent))

    async def _read(self, id: int) -> Upload | None:
        found = await self.read_file(id)
        if found is None or not found[2]:
            log.warning("there is no file %s to send", id)
            return None
        name, mime, data = found
        return Upload(" ".join(file_name(name).split()), mime, data)

    async def _post(self, chat: str, file: Upload, under: str | None) -> int | None:
        """As a picture where it is one, else as it is. None where Telegram won't have it; other refusals go on."""
        if len(file.data) <= PHOTO_BYTES and _is_photo(file):
            try:
                return await self.api.send_photo(chat, file, reply_to=under)
            except Refused as error:
                if error.meaning is not Meaning.PICTURE:
                    raise
        if len(file.data) > DOCUMENT_BYTES:
            return None
        try:
            return await self.api.send_document(chat, file, under)
        except Refused as error:
            if error.meaning is not Meaning.PICTURE:
                raise
            log.warning("Telegram does not take a file: %s", error.code)
            return None


def _is_photo(file: Upload) -> bool:
    """A still picture by its own bytes; a moving one would stand still as a photo."""
    kind = kind_of(file.data)
    return is_picture(kind) and kind != "image/gif"
