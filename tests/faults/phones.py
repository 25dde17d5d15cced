"""A house whose people have Telegram on their phones: the real program as a child, its records, and a Telegram."""

from __future__ import annotations

import re
import socket
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from config.handbook import Handbook
from config.roster import Row
from tests.faults.house import START_SECONDS, Child, House, until
from tests.faults.ledger import Ledger, Standing
from tests.platforms.telegram.caller import Person
from tests.platforms.telegram.chats import Chat, Message
from tests.platforms.telegram.fake import TOKEN, FakeTelegram
from tests.platforms.telegram.methods import SPENDING

SERVICE, OPS = -1001000000001, -1002000000002
"""The team's group, and the administrators' own."""
SECRET = "webhook-secret-of-the-fault-tests"
PEOPLE = (
    ("Dana", "service", 7101, "employee"),
    ("Omar", "service", 7102, "employee"),
    ("Hana", "service", 7103, "head"),
    ("Boss", "operations", 7104, "head"),
    ("Sam", "sales", 7105, "employee"),
    ("Paul", "service", 7106, "employee"),
    ("Lena", "sales", 7107, "employee"),
)
PASSING = ("I've written to you in private.",)
"""How messages begin that belong to no row of the outbox."""


@dataclass(repr=False)
class Phones(House):
    """As a House. Everybody has pressed Start before the program first runs: it finds that waiting.

    `strict`: Telegram refuses what comes too fast. `port` is fixed where Telegram is to find it again after a kill;
    with a `public_url` it calls us there, else we ask. `unkept` are the updates that were confirmed to Telegram before
    they were kept: there must never be one.
    """

    strict: bool = False
    port: int = 0
    public_url: str = ""
    unkept: list[int] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.telegram = FakeTelegram(strict=self.strict)
        self.ledger = Ledger(self.database_url)
        self.handbook_file.write_text(
            f'[rooms.service]\naddresses = ["telegram:{SERVICE}"]\nlanguage = "en"\n'
            f'[rooms.ops]\naddresses = ["telegram:{OPS}"]\nlanguage = "en"\n',
            encoding="utf-8",
        )
        self.handbook = Handbook.load(self.handbook_file)

    async def __aenter__(self) -> Phones:
        for name, _, id, _ in PEOPLE:
            self.people[name] = self.telegram.person(id, name)
        self.telegram.supergroup(SERVICE, "Service", self.people.values())
        self.telegram.supergroup(OPS, "Administrators", [self.people["Boss"]])
        await self.moves_in([_row(n, *who) for n, who in enumerate(PEOPLE, 2)])
        self.telegram.updates.confirmed = self._see_kept
        await self.telegram.start()
        for person in self.people.values():
            await person.opens()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await super().__aexit__(kind, error, at)
        await self.telegram.stop()
        self.ledger.close()

    def environment(self, **more: str) -> dict[str, str]:
        """As in a House, with Telegram instead of Slack."""
        told = {name: value for name, value in super().environment().items() if not name.startswith("SLACK_")}
        ours = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": self.telegram.api_url, "OPSBOOK_PORT": str(self.port)}
        if self.public_url:
            ours |= {"TELEGRAM_WEBHOOK_SECRET": SECRET, "OPSBOOK_PUBLIC_URL": self.public_url}
        return told | ours | more

    async def speaks(self, child: Child) -> None:
        """Waits until a run has written or answered for the first time, or has ended."""
        before = self._spoken()
        await until(lambda: self._spoken() > before or child.process.returncode is not None, START_SECONDS)

    def _spoken(self) -> int:
        return sum(call.method in (*SPENDING, "answerCallbackQuery") for call in self.telegram.calls)

    def _see_kept(self, update: dict[str, Any]) -> None:
        if not self.ledger.knows(update["update_id"]):
            self.unkept.append(update["update_id"])

    # --- What stands in the chats

    @property
    def group(self) -> Chat:
        """The team's group."""
        return self.telegram.chat(SERVICE)

    def cards(self) -> list[Message]:
        """The complaints' cards in the group, the newest copy of each, in the order of their numbers."""
        newest = {title: one for one in self.group.messages if one.by_bot and (title := _title(one))}
        return [newest[title] for title in sorted(newest)]

    def orphans(self) -> list[Message]:
        """Our messages that no row knows of: it was sent, we died, and it was sent again."""
        known = {(stands.chat, stands.message) for stands in self.ledger.standing()}
        return [
            message
            for chat in self.telegram.chats.all.values()
            for message in chat.messages
            if message.by_bot and (chat.id, message.id) not in known and not message.text.startswith(PASSING)
        ]

    def copies(self) -> dict[int, int]:
        """How often each row of the outbox stands in Telegram. An orphan is a copy of what followed it in its chat."""
        after: dict[int, list[Standing]] = defaultdict(list)
        found: Counter[int] = Counter()
        for stands in self.ledger.standing():
            after[stands.chat].append(stands)
            found[stands.row] += self.telegram.chat(stands.chat).find(stands.message) is not None
        for orphan in self.orphans():
            later = [stands for stands in after[orphan.chat.id] if stands.message > orphan.id]
            found[min(later, key=lambda stands: stands.message).row if later else 0] += 1 + (not later)
        return dict(found)


def free_port() -> int:
    """A port that nothing listens on now: Telegram is told of it before the program runs."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _title(message: Message) -> str:
    """A complaint's title, if it is its card."""
    title = message.text.split("\n")[0].lstrip("✅❌⚠️ ")
    return title if re.match(r"Complaint C-\d+: ", title) else ""


def _row(line: int, name: str, department: str, user: int, role: str) -> Row:
    cells = {"name": name, "department": department, "telegram": str(user), "language": "en", "role": role}
    return Row(line, cells)
