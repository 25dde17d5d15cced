"""Who may do what to an approval: each act, relation and state, as the one table says; and nothing leaks."""

from collections.abc import AsyncIterator
from itertools import cycle
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.answer import Answer, Outcome
from handlers.approvals.on import on
from storage.approvals import RIGHTS, Query, Relation, Request, Status, Task
from storage.audit import Audit
from storage.authority import NOT_THERE
from tests.approvals.matrix import (
    HARMLESS,
    OUTSIDE,
    PRESSES_BESIDE,
    RELATIONS,
    REQUEST_ACTS,
    SEAT_ACTS,
    SECRET,
    Stage,
    Try,
    book,
    expected,
    may,
    one_of_each,
    relations,
)
from tests.faults.house import size
from tests.town import Town, english, line

IS_FULL = size(0, 1) == 1
PLATFORMS = ("slack", "telegram", "web")
pytestmark = [pytest.mark.endurance, pytest.mark.timeout(size(180, 3600))]


@pytest.fixture
def stage_url(request: pytest.FixtureRequest) -> str:
    """SQLite; in a long run PostgreSQL as well."""
    url: str = request.getfixturevalue(f"town_{getattr(request, 'param', 'sqlite')}")
    return url


@pytest.fixture
async def stage(stage_url: str) -> AsyncIterator[Stage]:
    """The town with its cast, before anybody has asked for anything."""
    town = await Town.open(stage_url, book())
    town.delivers = False
    yield await Stage.built(town)
    await town.close()


@pytest.mark.parametrize("stage_url", ["sqlite", "postgres"] if IS_FULL else ["sqlite"], indirect=True)
@pytest.mark.parametrize("shard", [0, 1])
async def test_everybody_may_do_what_the_table_says_and_nothing_else(stage: Stage, shard: int) -> None:
    states = list(Status)[shard::2]
    shared = {state: await stage.request(state) for state in states}
    await stage.leo_leaves()
    wrong: list[Any] = []
    tried: set[tuple[str, Relation, str]] = set()
    platforms = cycle(PLATFORMS)

    for state, request in shared.items():
        before = await stage.trail(request.id)
        for who in RELATIONS if IS_FULL else one_of_each(state):
            for number, one in enumerate(await stage.tries(request, who)):
                for platform in PLATFORMS if IS_FULL else (next(platforms),):
                    wrong += await _tried(stage, one, state, number, platform)
            tried |= {(act, relation, state) for act in RIGHTS for relation in relations(who, state)}
        assert await stage.trail(request.id) == before, f"somebody did something to it, {state}"

    assert wrong == [], "\n".join(map(str, wrong))
    possible = {(act, one, state) for act in RIGHTS for one, when in RIGHTS[act].items() for state in when}
    never = {(one, str(state)) for _, one, state in possible - tried if state in states}
    assert {one for one, state in never if state == "pending"} == set(), "nobody is in this relation"
    assert await stage.town.audited() != []


async def _tried(stage: Stage, one: Try, state: str, number: int, platform: str) -> list[Any]:
    """One attempt, on a request of its own where it may succeed and change something; what was wrong about it."""
    who, should = one.who, expected(RIGHTS, one, state)
    if should == Outcome.DONE and one.act in ("claim", "release"):
        one = await stage.claiming(one.act, who)
    elif should == Outcome.DONE and one.act not in HARMLESS:
        own = await stage.request(state)
        if one.act == "nudge":
            await stage.answered(own.id)
            own = await stage.town.row(Request, own.id)
        one = (await stage.tries(own, who))[number]
    elif should != Outcome.DONE and not IS_FULL:
        one = Try(who, one.act, (one.events[number % len(one.events)],), one.is_theirs)  # the button, or its form
    found = []
    for sent in one.events:
        is_hidden = should == Outcome.REFUSED and not may(RIGHTS, "see", who, state)
        since = (await stage.town.rows(select(func.max(Audit.seq))))[0] if is_hidden else 0
        answer = await stage.sends(who, platform, sent)
        where = (one.act, who, state, platform, sent)
        if answer.outcome != should:
            found.append((*where, str(answer.outcome), f"should be {should}", line(answer.reply, english)))
        elif is_hidden:
            found += await _not_there(stage, answer, where, since)
        if one.act in ("see", "look_over") and should == Outcome.DONE:
            found += _shows(stage, answer, where, may(RIGHTS, "see", who, state))
    return found


async def _not_there(stage: Stage, answer: Answer, where: tuple[Any, ...], since: int) -> list[Any]:
    """Whoever may not see it hears that there is no such record, and the audit has a line of it."""
    is_hers = where[0] == "terminate" and may(RIGHTS, "look_over", where[1], where[2])
    words_are_right = answer.reply == NOT_THERE or is_hers
    denied = [what for what, _ in await stage.town.audited(since)]
    if words_are_right and "dispatch.denied" in denied:
        return []
    return [(*where, "should read as if it did not exist", line(answer.reply, english), denied)]


def _shows(stage: Stage, answer: Answer, where: tuple[Any, ...], whole: bool) -> list[Any]:
    """All of it, or, for the administrator, not a word of what it says."""
    if answer.reply is None:  # on Telegram the courier brings it
        return []
    shown = SECRET in line(answer.reply, english)
    return [] if shown == whole else [(*where, "shows too much" if shown else "shows too little")]


async def test_denied_and_not_existing_are_the_same_words(stage: Stage) -> None:
    there = await stage.request("pending")
    tries = await stage.tries(there, "lin")
    events = [sent for one in tries for sent in one.events]
    events += [("press", f"approve_here:{there.id}:1"), ("press", f"reject_here:{there.id}:1")]
    ids = [there.id, *{int(sent[1].split(":")[1]) for sent in events if sent[0] == "press"}]

    for number, sent in enumerate(events):
        for who in OUTSIDE if IS_FULL else (OUTSIDE[number % len(OUTSIDE)],):
            replies = [await stage.sends(who, "slack", one) for one in (sent, _of_nothing(sent, ids, there.number))]
            assert replies[0].reply == replies[1].reply, (who, sent)
            assert [one.outcome for one in replies] == [Outcome.REFUSED] * 2, (who, sent)


def _of_nothing(sent: tuple[Any, ...], ids: list[int], number: str) -> tuple[Any, ...]:
    """The same about records that do not exist."""

    def other(text: Any) -> Any:
        if not isinstance(text, str):
            return text
        parts = text.replace(number, "A-9999").split(":")
        return ":".join(
            "987654" if part.isdecimal() and n > 0 and int(part) in ids else part for n, part in enumerate(parts)
        )

    return tuple(other(part) for part in sent)


COMMANDS = (
    "home", "approvals", "approvals all", "approvals done", "approvals copied", "approvals mine", "approvals stats",
    "approvals stuck", "approvals register", "approval A-1001", "approval A-1002", "approval A-1003", "help", "request",
)  # fmt: skip
PRESSES = (
    "page:all", "page:done", "page:waiting:1", "page:stuck", "look:1", "more:1:2", "begin_several", "export:1",
    "comment:2", "change:2", "approve_here:1:1",
)  # fmt: skip


async def test_nothing_of_a_request_reaches_those_who_may_not_see_it(stage: Stage) -> None:
    town, read = stage.town, []
    for state in ("pending", "returned", "approved"):
        await stage.request(state)

    for who in (*OUTSIDE, "ada", "stranger"):
        person = stage.people[who]
        for command in COMMANDS:
            name, _, text = command.partition(" ")
            await person.on_slack.commands(name, text)
            read.append((who, person.reads))
        for action in PRESSES:
            await person.on_slack.presses(action=f"approvals.{action}")
            read.append((who, person.reads))
    town.delivers = True
    await town.passes(hours=30)
    told = [post for one in town.platforms.values() for post in one.posts]
    for who in (*OUTSIDE, "ada", "stranger"):
        mine = {stage.people[who].private(name).channel for name in town.platforms}
        read += [(who, post.line) for post in told if post.place.channel in mine]

    assert [(who, words) for who, words in read if SECRET in words or "4,321" in words or "43.21" in words] == []
    assert any("1001" in post.line for post in told), "nobody was reminded, so nothing was proven"


def test_every_act_has_a_row_in_the_table_and_a_try_in_this_play() -> None:
    assert set(RIGHTS) == {*SEAT_ACTS, *REQUEST_ACTS}
    buttons = {press.action.partition(".")[2] for press in on.presses if press.record in (Task, Request, Query)}
    forms = {submit.form.__name__ for submit in on.submits if submit.record in (Task, Request, Query)}
    built = {one.name for one in on.builts if one.record in (Task, Request, Query)}

    assert buttons == {*SEAT_ACTS, *PRESSES_BESIDE}
    assert forms == {"Consent", "Rejection", "Advice", "Transfer", "Delegation", "AddedSigners", "AskedQuestion"}
    assert built == {"approvals.return", "approvals.change", "approvals.fill"}
    assert set(Relation) == {relation for row in RIGHTS.values() for relation in row}
