"""A crowd: people who report, take and note without pause, and do once more what was not answered."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import random
from dataclasses import dataclass, field
from itertools import count

import aiohttp

from tests.faults.house import DANA, ELSEWHERE, HANA, OMAR, SAM, SECRET, House
from tests.platforms.slack.caller import SlackCaller
from tests.platforms.slack.post import Answer, Sent
from tests.platforms.slack.workspace import Message, View

NOT_ANSWERED = (aiohttp.ClientError, OSError, TimeoutError)
REST = 0.06
"""Seconds between two things that one person does."""


@dataclass
class Crowd:
    """`reported` and `noted` are the words of what was accepted; `asked` counts all that was sent, repeats too."""

    house: House
    form: View
    dice: random.Random
    reported: list[str] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)
    asked: int = 0
    repeated: int = 0
    closing: bool = False
    most: int = 10_000
    _numbers: count[int] = field(default_factory=lambda: count(1))

    @property
    def all_taken(self) -> bool:
        """Whether no card offers to be taken any more."""
        return self._one_with("[Take]") is None

    def __str__(self) -> str:
        repeats = f"{self.asked} requests, {self.repeated} of them not accepted"
        return f"{len(self.reported)} complaints, {len(self.noted)} notes, {repeats}"

    async def works(self) -> None:
        """Until `closing`; returns when all that was begun has been accepted."""
        people = [self._reports(SAM), self._takes(DANA), self._takes(OMAR), self._notes(HANA), self._lists(DANA)]
        await asyncio.gather(*people)

    async def _reports(self, user: str) -> None:
        async with self._caller() as caller:
            while not self.closing and len(self.reported) < self.most:
                words = f"Customer {next(self._numbers)}"
                view = self.house.anew(self.form)
                asked = {"customer": words, "kind": "quality", "urgency": "high"}
                await self._surely(caller, caller.submit(view, user, asked))
                self.reported.append(words)
                await asyncio.sleep(REST * 4)

    async def _takes(self, user: str) -> None:
        async with self._caller() as caller:
            while not self.closing:
                await asyncio.sleep(REST)
                message = self._one_with("[Take]")
                if message is not None:
                    await self._surely(caller, caller.press(message, "Take", user))

    async def _notes(self, user: str) -> None:
        async with self._caller() as caller:
            while not self.closing and len(self.noted) < self.most:
                await asyncio.sleep(REST)
                message = self._one_with("[Resolve]")
                if message is not None:
                    words = f"Note {next(self._numbers)}"
                    await self._surely(caller, caller.says(user, message.channel, words, thread_ts=message.ts))
                    self.noted.append(words)

    async def _lists(self, user: str) -> None:
        async with self._caller() as caller:
            while not self.closing:
                await asyncio.sleep(REST)
                await self._surely(caller, caller.command(user, "/tickets", "open", ELSEWHERE))

    def _one_with(self, button: str) -> Message | None:
        shown = [
            message
            for channel in self.house.service
            for message in self.house.slack.channel(channel).messages
            if message.by_app and button in message.line
        ]
        return self.dice.choice(shown) if shown else None

    def _caller(self) -> SlackCaller:
        return self.house.caller()

    async def _surely(self, caller: SlackCaller, first: object) -> None:
        """Does it, and the very same once more until it is accepted, as Slack or a patient person would."""
        attempt = first
        while True:
            while not self.house.url:  # noqa: ASYNC110  # nobody tells us when a process listens
                await asyncio.sleep(0.02)
            self.asked += 1
            caller.post.url = f"{self.house.url}/slack/events"
            try:
                answer: Answer = await attempt  # type: ignore[misc]  # a coroutine
                if answer.status == 200 and not (isinstance(answer.body, dict) and "response_action" in answer.body):
                    return
            except NOT_ANSWERED:
                pass
            self.repeated += 1
            sent: Sent | None = caller.last
            assert sent is not None
            await asyncio.sleep(REST)
            attempt = caller.resend(self._signed_anew(caller, sent))

    def _signed_anew(self, caller: SlackCaller, sent: Sent) -> Sent:
        """The same body with the time as it is now: after five minutes nobody may take the old signature any more."""
        stamp = str(int(caller.clock().timestamp()))
        digest = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + sent.body, hashlib.sha256).hexdigest()
        named = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
        return Sent(sent.headers | named, sent.body)
