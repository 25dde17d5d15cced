"""What people do in the web chat: say something, press a button, send a form, add a file; each of them once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.answer import Answer, Outcome
from bot.codec import pack_card
from bot.events import Commanded, Event, Pressed, Said, Submitted
from bot.platforms.files import own_id
from bot.platforms.kinds import file_name as file_name
from bot.platforms.web import render
from bot.platforms.web.bodies import Choosing, Filled, Opening, Pressing, Saying, Seeing
from bot.platforms.web.guard import FILE_MOST, Guard, Visit, read_bytes, read_json
from bot.platforms.web.rooms import direct
from bot.platforms.web.site import Command, Site, here, who
from bot.ui.card import ACTION_BYTES, Card
from bot.ui.form import Asking, Attached, clean
from config.text import Label, Text, t
from storage import people, webchat
from storage.errors import Refusal
from storage.webchat import FileLine

TEXT_MOST = 4000


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an answer goes: answers of these outcomes are kept there, where it is a direct chat; others are notes."""

    channel: str
    thread: int | None
    client_id: str
    kept: frozenset[Outcome]


WELL = frozenset({Outcome.DONE, Outcome.UNKNOWN, Outcome.AGAIN})
NONE: frozenset[Outcome] = frozenset()


def routes(guard: Guard, at: str) -> list[web.RouteDef]:
    """Where the pages under a prefix post to."""
    intake = Intake(guard.site)
    return [
        web.post(f"{at}/{name}", guard.known(take))
        for name, take in {
            "say": intake.say,
            "press": intake.press,
            "form": intake.fill,
            "day": intake.open_day,
            "upload": intake.upload,
            "seen": intake.see,
            "language": intake.choose_language,
        }.items()
    ]


@dataclass(slots=True)
class Intake:
    """Takes what a page posts. The page's `client_id` makes the event's id: the same twice has one effect."""

    site: Site

    async def say(self, visit: Visit) -> web.Response:
        """Keeps words for all who may read them; what is meant for us goes to the desk."""
        body = await read_json(visit.request, Saying)
        text = clean(body.text, lines=True).strip()
        await self._check_place(visit, body.channel, body.thread)
        if not text and not body.files:
            raise Refusal(t("There is nothing to send yet."))
        if len(text) > TEXT_MOST:
            raise Refusal(
                t("Please use at most {most} characters; these are {n}.", most=TEXT_MOST, n=len(text)), "text"
            )
        event, is_kept = await self._event(visit, body, text)
        shown: dict[str, Any] = {}
        if is_kept:
            shown["message"] = await self._keep(visit, body, text)
        if event is not None:
            answer = await self.site.desk.handle(event)
            spot = Spot(body.channel, body.thread, body.client_id, WELL | {Outcome.REFUSED})
            shown |= await self._show(visit, answer, spot)
        return web.json_response(shown)

    async def _event(self, visit: Visit, body: Saying, text: str) -> tuple[Event | None, bool]:
        """What the words mean to the desk (None: nothing), and whether the others see them.

        A command in a room is between its giver and us; so nothing of it is shown there.
        """
        is_direct = body.channel == direct(visit.me.id)
        place, id_ = here(body.channel, body.thread), _event_id(visit, body.client_id)
        is_slashed = text[:1] in SLASHES
        called = command_in(text, self.site.desk.commands) if is_slashed or body.thread is None else None
        if called is not None:
            if body.files:
                raise Refusal(t("A command can't carry files. Please add them to the form that it opens."), "text")
            return Commanded(id_, who(visit.me), place, *called), is_direct
        words, is_mentioned = without_mention(text)
        to_us = is_slashed or is_mentioned or (is_direct and body.thread is None)
        if not to_us and body.thread is None:
            return None, True
        files = tuple(_attached(await self._files(visit, body.files)).values())
        return Said(id_, who(visit.me), place, words, to_us, files), is_direct or not is_slashed

    async def _keep(self, visit: Visit, body: Saying, text: str) -> dict[str, Any]:
        async with self.site.database.unit(self.site.clock(), by=visit.me, via="web") as work:
            message = await webchat.post(
                work,
                key=f"said:{visit.me.id}:{body.client_id}",
                channel=body.channel,
                thread=body.thread,
                author_id=visit.me.id,
                text=text,
                files=body.files,
            )
        self.site.hub.wake()
        return await self._drawn(visit, message.id)

    async def _drawn(self, visit: Visit, message_id: int) -> dict[str, Any]:
        async with self.site.database.reading() as session:
            posted = await webchat.find(session, message_id)
        if posted is None:
            raise web.HTTPNotFound
        return {"id": message_id, "html": self.site.draw(posted, visit.me)}

    async def press(self, visit: Visit) -> web.Response:
        """A button is a claim: the desk checks the record, its version and the right."""
        body = await read_json(visit.request, Pressing)
        channel, thread = body.channel, None
        if body.message is not None:
            posted = await self.site.find_message(visit.me, body.message)
            if posted is None:
                raise web.HTTPNotFound
            channel, thread = posted.message.channel, posted.message.thread
        await self._check_place(visit, channel, None)
        if len(body.action.encode("utf-8", "replace")) > ACTION_BYTES:
            raise web.HTTPBadRequest(text="the action is too long")
        event = Pressed(_event_id(visit, body.client_id), who(visit.me), here(channel, thread), body.action)
        answer = await self.site.desk.handle(event)
        spot = Spot(channel, thread, body.client_id, WELL if body.message is not None else NONE)
        return web.json_response(await self._show(visit, answer, spot))

    async def fill(self, visit: Visit) -> web.Response:
        """A form's answers; where one will not do, its question comes back with the reason and the form stays open."""
        body = await read_json(visit.request, Filled)
        await self._check_place(visit, body.channel, body.thread)
        answers: dict[str, Any] = dict(body.answers)
        for name, ids in body.files.items():
            answers[name] = list(_attached(await self._files(visit, ids, name)).values())
        event = Submitted(
            _event_id(visit, body.client_id),
            who(visit.me),
            here(body.channel, body.thread),
            body.form,
            answers,
            body.about or None,
        )
        answer = await self.site.desk.handle(event)
        if answer.outcome not in WELL:
            return web.json_response({"error": _words(answer), "field": answer.field})
        taken = [id_ for ids in body.files.values() for id_ in ids]
        if taken:
            async with self.site.database.unit(self.site.clock(), by=visit.me, via="web") as work:
                await webchat.take_files(work, visit.me.id, taken)
        spot = Spot(body.channel, body.thread, body.client_id, NONE if body.note else WELL)
        return web.json_response(await self._show(visit, answer, spot))

    async def open_day(self, visit: Visit) -> web.Response:
        """What waits for this person now: the desk's answer to `home`, not kept."""
        body = await read_json(visit.request, Opening)
        place = here(direct(visit.me.id))
        event = Commanded(_event_id(visit, body.client_id), who(visit.me), place, "home")
        answer = await self.site.desk.handle(event, can_ask=False)
        card = _as_card(answer.reply)
        view = render.card_view(card, answer.say) if card else None
        return web.json_response({"html": self.site.page("day.html", self.site.speaker(visit.me), card=view)})

    async def upload(self, visit: Visit) -> web.Response:
        """A file's bytes, kept loose until a message or a form takes it."""
        data = await read_bytes(visit.request, FILE_MOST)
        if not data:
            raise Refusal(t("This file is empty."))
        name = file_name(visit.request.query.get("name", ""))
        async with self.site.database.unit(self.site.clock(), by=visit.me, via="web") as work:
            file = await webchat.keep_file(work, visit.me.id, name, render.kind_of(data), data)
        return web.json_response({"id": file.id, "name": name, "size": render.readable_size(len(data))})

    async def see(self, visit: Visit) -> web.Response:
        """Takes the unread mark away, for every page of this person."""
        body = await read_json(visit.request, Seeing)
        await self._check_place(visit, body.channel, None)
        async with self.site.database.unit(self.site.clock(), by=visit.me, via="web") as work:
            await webchat.see(work, visit.me.id, body.channel, body.message)
        return web.json_response({})

    async def choose_language(self, visit: Visit) -> web.Response:
        """From now on everything speaks to this person in that language, on every platform."""
        body = await read_json(visit.request, Choosing)
        async with self.site.database.unit(self.site.clock(), by=visit.me, via="web") as work:
            await people.speak(work, visit.me, body.language)
        return web.json_response({})

    async def _check_place(self, visit: Visit, channel: str, thread: int | None) -> None:
        """What one may not enter does not exist."""
        if not self.site.may_read(visit.me, channel):
            raise web.HTTPNotFound
        if thread is not None:
            above = await self.site.find_message(visit.me, thread)
            if above is None or above.message.channel != channel or above.message.thread is not None:
                raise web.HTTPNotFound

    async def _files(self, visit: Visit, ids: list[int], field: str | None = None) -> dict[int, FileLine]:
        if not ids:
            return {}
        async with self.site.database.reading() as session:
            lines = await webchat.lines_of(session, visit.me.id, ids)
        if set(ids) - set(lines):
            raise Refusal(t("That file is no longer here. Please add it again."), field)
        return lines

    async def _show(self, visit: Visit, answer: Answer, spot: Spot) -> dict[str, Any]:
        """How the page shows the answer: a form to fill in, a message in the direct chat, or a note of this moment."""
        if isinstance(answer.reply, Asking):
            return {"reply": {"kind": "form", "html": await self._form(visit, answer.reply)}}
        card = _as_card(answer.reply)
        if card is None:
            return {"reply": None}
        is_direct, files = spot.channel == direct(visit.me.id) and spot.thread is None, ""
        has_files = await self._has_own(visit, card)  # which are opened through a message alone
        if not card.once and (has_files or (is_direct and answer.outcome in spot.kept)):
            message_id = await self._kept(visit, card, spot)
            if is_direct:
                return {"reply": {"kind": "kept", **await self._drawn(visit, message_id)}}
            files = f"file/{message_id}"
        view, well = render.card_view(card, answer.say), answer.outcome in WELL
        html = self.site.page("note.html", self.site.speaker(visit.me), card=view, well=well, files=files)
        return {"reply": {"kind": "note", "html": html, "well": well}}

    async def _has_own(self, visit: Visit, card: Card) -> bool:
        """Whether it carries a file of who reads it: one that we made for them."""
        ids = [id_ for file in card.files if (id_ := own_id(file)) is not None]
        if not ids:
            return False
        async with self.site.database.reading() as session:
            return bool(await webchat.lines_of(session, visit.me.id, ids))

    async def _kept(self, visit: Visit, card: Card, spot: Spot) -> int:
        """An answer that stays in the direct chat, once; its number there."""
        async with self.site.database.unit(self.site.clock(), via="web") as work:
            key = f"reply:{visit.me.id}:{spot.client_id}"
            message = await webchat.post(work, key=key, channel=direct(visit.me.id), card=pack_card(card))
        self.site.hub.wake()
        return message.id

    async def _form(self, visit: Visit, asking: Asking) -> str:
        names: dict[int, str] = {}
        if any(question.ask in ("person", "people") for question in asking.questions):
            async with self.site.database.reading() as session:
                names = {person.id: person.name for person in await people.everyone(session)}
        say = self.site.speaker(visit.me)
        view = render.asking_view(asking, say, self.site.handbook.company.currency, names)
        return self.site.page("asking.html", say, asking=view)


SLASHES = ("/", "／", "、")
"""What begins a command; a Chinese keyboard gives the last two where an English one gives the first."""
_MENTION = re.compile(r"[@＠]opsbook\b[,:，： ]*", re.IGNORECASE)


def command_in(text: str, commands: Sequence[Command]) -> tuple[str, str] | None:
    """The command that words begin with, by its own name, and what stands behind it.

    `/name` and `／别名` are commands anywhere; so is a Chinese command word that stands first, alone or before a space.
    """
    first, *rest = text.split(None, 1) or [""]
    word = first.lstrip("".join(SLASHES)).casefold()
    if not word or (word.isascii() and first[:1] not in SLASHES):
        return None
    for command in commands:
        if word in (command.name.casefold(), *(alias.casefold() for alias in command.aliases)):
            return command.name, rest[0].strip() if rest else ""
    return None


def without_mention(text: str) -> tuple[str, bool]:
    """The words without `@Opsbook`, and whether it was there."""
    words, found = _MENTION.subn("", text)
    return (words.strip(), True) if found else (text, False)


def _event_id(visit: Visit, client_id: str) -> str:
    return f"web:{visit.me.id}:{client_id}"


def _attached(files: dict[int, FileLine]) -> dict[int, Attached]:
    return {id_: render.attached(line.id, line.name, line.mime, line.size) for id_, line in files.items()}


def _as_card(reply: Asking | Card | Text | Label | None) -> Card | None:
    if reply is None or isinstance(reply, Asking):
        return None
    return reply if isinstance(reply, Card) else Card(title=reply)


def _words(answer: Answer) -> str:
    if isinstance(answer.reply, Text | Label):
        return answer.say(answer.reply)
    if isinstance(answer.reply, Card):
        return answer.say(answer.reply.title)
    return answer.say(t("That did not work. Nothing was saved; please try again."))
