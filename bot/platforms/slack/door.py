"""Lets full members of the workspace in by themselves, where the handbook says so; guests, bots and others never."""

from __future__ import annotations

import logging
from typing import Protocol

from slack_sdk.web.async_client import AsyncWebClient

from bot.answer import Answer, Enclosing, Outcome
from bot.events import Event
from bot.platforms.slack.api import Refused, look
from bot.platforms.slack.people import member_of
from bot.platforms.tasks import Tasks
from bot.words import language_of
from storage.places import Identity

log = logging.getLogger(__name__)


class Desk(Protocol):
    """Where events go, and where somebody may be let in."""

    async def handle(self, event: Event, *, can_ask: bool, enclosing: Enclosing | None = None) -> Answer:
        """Takes an event."""

    async def admit(self, who: Identity, name: str, language: str | None, zone: str | None) -> None:
        """Makes a stranger a colleague, and welcomes them."""


class Door:
    """Stands before the desk: a stranger's first event is refused as ever, and asks Slack who they are."""

    def __init__(self, desk: Desk, client: AsyncWebClient, tasks: Tasks) -> None:
        self.desk = desk
        self.client = client
        self.tasks = tasks

    async def handle(self, event: Event, *, can_ask: bool, enclosing: Enclosing | None = None) -> Answer:
        """The desk's answer; a stranger is looked up beside it, and welcomed by a message of their own."""
        answer = await self.desk.handle(event, can_ask=can_ask, enclosing=enclosing)
        if answer.outcome is Outcome.STRANGER and answer.reply is not None:
            self.tasks.start(self._meet(event.who))
        return answer

    async def _meet(self, who: Identity) -> None:
        try:
            told = await look(self.client, "users.info", {"user": who.user, "include_locale": "true"})
        except Refused as error:
            log.warning("Slack does not say who somebody is: %s", error.code)
            return
        user = told.get("user")
        member = member_of(user) if isinstance(user, dict) else None
        if member is None or member.account.user != who.user or member.account.workspace != who.workspace:
            return
        await self.desk.admit(who, member.name, language_of(member.locale), member.zone)
