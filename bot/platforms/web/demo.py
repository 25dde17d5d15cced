"""The demo company's front door: choose who to be, alone or two people side by side. Never for a real company."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from bot.platforms.web import pages
from bot.platforms.web.guard import Guard
from config.text import Text, Words, t
from storage import people
from storage.people import Employee, Role

TAKES = t("Takes complaints, and sees them through to the answer.")
TRIES: dict[str, Text] = {
    Role.EMPLOYEE: t("Reports complaints, and follows what happens to them."),
    Role.HEAD: t("Sees what the team does, and hears of what is late."),
    Role.ADMIN: t("Keeps the machine: who has an account, and what went wrong."),
}
"""What each may try first, in a line; those who answer complaints have their own."""


@dataclass(frozen=True, slots=True)
class Cast:
    """A department and its people."""

    name: Words
    people: tuple[Employee, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people to be at once."""

    left: Employee
    right: Employee
    words: Text


def routes(guard: Guard) -> list[web.RouteDef]:
    """The choice, and two people side by side."""
    door = Stage(guard)
    return [
        web.get("/", guard.open(door.choose)),
        web.get("/demo/two", guard.open(door.two)),
        web.get("/demo/static/{name}", guard.open(pages.static)),
    ]


class Stage:
    """Who there is to be."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard
        self.site = guard.site

    async def choose(self, request: web.Request) -> web.StreamResponse:
        """Everybody by department, and two suggested pairs."""
        everyone = await self._everyone()
        say = self.guard.guest(request)
        page = self.site.page(
            "demo.html", say, cast=self._cast(everyone), pairs=self._pairs(everyone), tries=self._tries(everyone)
        )
        return web.Response(text=page, content_type="text/html")

    async def two(self, request: web.Request) -> web.StreamResponse:
        """Two people's chats in one window."""
        by_id = {str(person.id): person for person in await self._everyone()}
        left, right = by_id.get(request.query.get("left", "")), by_id.get(request.query.get("right", ""))
        if left is None or right is None:
            raise web.HTTPNotFound
        page = self.site.page("two.html", self.guard.guest(request), left=left, right=right)
        return web.Response(text=page, content_type="text/html")

    async def _everyone(self) -> list[Employee]:
        async with self.site.database.reading() as session:
            return list(await people.everyone(session))

    def _cast(self, everyone: list[Employee]) -> list[Cast]:
        departments = self.site.handbook.departments
        cast = [
            Cast(department.name, tuple(person for person in everyone if person.department == key))
            for key, department in departments.items()
        ]
        others = tuple(person for person in everyone if person.department not in departments)
        return [group for group in [*cast, Cast(t("Others"), others)] if group.people]

    def _tries(self, everyone: list[Employee]) -> dict[int, Text]:
        heads, answers = self._heads(everyone), self.site.handbook.complaints.department
        return {
            person.id: TRIES[Role.HEAD]
            if person.id in heads
            else TAKES
            if person.department == answers and person.role == Role.EMPLOYEE
            else TRIES[person.role]
            for person in everyone
        }

    def _heads(self, everyone: list[Employee]) -> frozenset[int]:
        named = {(key, department.head) for key, department in self.site.handbook.departments.items()}
        return frozenset(
            person.id for person in everyone if person.role == Role.HEAD or (person.department, person.name) in named
        )

    def _pairs(self, everyone: list[Employee]) -> list[Pair]:
        """Beside the head of those who answer complaints: somebody who reports one, and one of their team."""
        heads, answers = self._heads(everyone), self.site.handbook.complaints.department
        head = next((person for person in everyone if person.id in heads and person.department == answers), None)
        if head is None:
            return []
        others = [person for person in everyone if person.id not in heads and person.role == Role.EMPLOYEE]
        others.sort(key=lambda person: (person.language == head.language, person.department != "sales"))
        reporter = next((person for person in others if person.department != answers), None)
        colleague = next((person for person in others if person.department == answers), None)
        reports = t("One reports a complaint, the other sees it through")
        answer = t("Two of the team: who takes it first?")
        found = ((reporter, reports), (colleague, answer))
        return [Pair(person, head, words) for person, words in found if person is not None]
