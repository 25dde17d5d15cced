"""The list of people, taken into both databases: who is new, changed or back, and what is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from config.handbook import Handbook
from config.handbook.departments import Departments
from config.roster import RosterError, Row
from storage import people, roster, schema, sessions
from storage.audit import Audit
from storage.database import Database
from storage.people import Account
from storage.places import Identity
from storage.roster import Change, Changes, Difference, Kind, Listed

MONDAY = datetime(2026, 11, 23, 1, tzinfo=UTC)
HANDBOOK = Handbook.load()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await Database.open(database_url, HANDBOOK)
    await schema.upgrade(database)
    yield database
    await database.close()


def row(line: int, name: str, **cells: str) -> Row:
    return Row(line, {"name": name, **cells})


async def taken(database: Database, *rows: Row, now: datetime = MONDAY) -> Changes:
    async with database.unit(now) as work:
        return await roster.take_in(work, rows)


async def refused(database: Database, *rows: Row) -> list[str]:
    """Everything that is wrong with these rows, once it is certain that nothing of them was kept."""
    before = await listed(database)
    with pytest.raises(RosterError) as error:
        await taken(database, *rows)
    assert await listed(database) == before
    return [str(problem) for problem in error.value.problems]


async def listed(database: Database) -> list[Listed]:
    async with database.reading() as session:
        return await roster.everyone(session)


async def told(database: Database, *rows: Row) -> list[str]:
    return list((await taken(database, *rows)).lines())


async def gone(database: Database, name: str) -> None:
    async with database.unit(MONDAY) as work:
        await people.leave(work, await roster.pick(work.session, name))


DANA = row(2, "王丹", department="客户服务部", manager="Omar", slack="U0DANA", role="员工")
OMAR = row(3, "Omar", department="service", title="Head of service", telegram="4711", language="en", role="head")


async def test_a_first_import_adds_everybody_whatever_their_order(database: Database) -> None:
    changes = await taken(database, DANA, OMAR)

    assert list(changes.lines()) == [
        "added: 王丹#1",
        "added: Omar#2",
        "2 added, 0 changed, 0 back, 0 unchanged; 0 not in the file, who stay as they are.",
    ]
    assert await listed(database) == [
        Listed(1, "王丹", "service", "", "Omar", "U0DANA", "", "zh", "Asia/Shanghai", "employee"),
        Listed(2, "Omar", "service", "Head of service", "", "", "4711", "en", "Asia/Shanghai", "head"),
    ]


async def test_the_same_import_again_changes_nothing(database: Database) -> None:
    await taken(database, DANA, OMAR)

    again = await taken(database, DANA, OMAR, now=MONDAY + timedelta(days=1))

    assert again == Changes((Change(Kind.UNCHANGED, 1, "王丹"), Change(Kind.UNCHANGED, 2, "Omar")), 0)
    async with database.reading() as session:
        lines = (await session.execute(select(col(Audit.what), col(Audit.about)).order_by(col(Audit.seq)))).all()
    assert [tuple(line) for line in lines] == [("people.add", "employees:1"), ("people.add", "employees:2")]


async def test_a_change_is_told_field_by_field_and_empty_cells_say_nothing(database: Database) -> None:
    await taken(database, DANA, OMAR)

    changes = await taken(
        database, row(2, "王丹丹", slack="u0dana", telegram="99", title="组长", department="", zone="", manager="-")
    )

    assert changes.people == (
        Change(
            Kind.CHANGED, 1, "王丹丹",
            (Difference("name", "王丹", "王丹丹"), Difference("title", "", "组长"), Difference("manager", "Omar#2", ""),
             Difference("telegram", "", "99")),
        ),
    )  # fmt: skip
    assert changes.untouched == 1
    assert (await listed(database))[0] == Listed(
        1, "王丹丹", "service", "组长", "", "U0DANA", "99", "zh", "Asia/Shanghai", "employee"
    )


async def test_the_audit_names_columns_and_nothing_personal(database: Database) -> None:
    await taken(database, DANA, OMAR)
    await taken(database, row(2, "王丹", title="组长"))

    async with database.reading() as session:
        details = (await session.execute(select(col(Audit.detail)).order_by(col(Audit.seq)))).scalars().all()

    assert details == [
        '{"columns":["name","department","manager","slack","language","zone","role"]}',
        '{"columns":["name","department","title","telegram","language","zone","role"]}',
        '{"columns":["title"]}',
    ]


async def test_an_account_that_was_seen_in_its_workspace_is_not_made_twice(database: Database) -> None:
    await taken(database, DANA, OMAR)
    async with database.unit(MONDAY) as work:
        assert await people.known(work.session, Identity("slack", "T1", "U0DANA")) is not None

    await taken(database, DANA)

    async with database.reading() as session:
        accounts = (await session.execute(select(col(Account.workspace), col(Account.user)))).all()
    assert sorted(tuple(account) for account in accounts) == [("", "4711"), ("T1", "U0DANA")]


async def test_another_account_replaces_the_one_that_somebody_had(database: Database) -> None:
    await taken(database, OMAR)

    lines = await told(database, row(2, "Omar#1", telegram="4712"))

    assert lines[0] == "changed: Omar#1: telegram 4711 → 4712"
    async with database.unit(MONDAY) as work:
        assert await people.known(work.session, Identity("telegram", "", "4711")) is None
        assert await people.known(work.session, Identity("telegram", "", "4712")) is not None


async def test_a_dash_takes_an_account_away(database: Database) -> None:
    await taken(database, OMAR)

    assert (await told(database, row(2, "Omar", telegram="-")))[0] == "changed: Omar#1: telegram 4711 → -"


async def test_a_leaver_who_is_named_again_is_back_without_their_old_rights(database: Database) -> None:
    await taken(database, DANA, OMAR)
    async with database.unit(MONDAY) as work:
        link = await sessions.invite(work, await roster.pick(work.session, "Omar"))
    await gone(database, "Omar")
    assert [one.name for one in await listed(database)] == ["王丹"]

    lines = await told(database, row(2, "Omar", telegram="4711"))

    assert lines == [
        "back: Omar#2: telegram - → 4711; role head → employee",
        "0 added, 0 changed, 1 back, 0 unchanged; 1 not in the file, who stay as they are.",
    ]
    async with database.unit(MONDAY) as work:
        assert (await people.known(work.session, Identity("telegram", "", "4711"))) is not None
        with pytest.raises(Exception, match="This link has been used"):
            await sessions.open(work, link)


async def test_a_namesake_with_an_account_of_their_own_is_somebody_else(database: Database) -> None:
    await taken(database, row(2, "王芳", slack="U0001"))

    lines = await told(database, row(2, "王芳", slack="U0002"), row(3, "李雷", manager="U0001"))

    assert lines[:2] == ["added: 王芳#2 (not 王芳#1)", "added: 李雷#3"]
    assert [(one.id, one.manager) for one in await listed(database)] == [(1, ""), (2, ""), (3, "王芳#1")]


async def test_a_namesake_of_a_leaver_is_somebody_else_where_the_file_says_so(database: Database) -> None:
    await taken(database, row(2, "王芳", slack="U0001"))
    await gone(database, "王芳")

    assert (await told(database, row(2, "王芳#new", slack="U0002")))[0] == "added: 王芳#2"
    assert (await taken(database, row(2, "王芳#new", slack="U0002"))).people == (Change(Kind.UNCHANGED, 2, "王芳"),)


async def test_people_of_one_name_are_told_apart_or_refused(database: Database) -> None:
    await taken(database, row(2, "王芳", slack="U0001"), row(3, "王芳", slack="U0002"))

    assert await refused(database, row(2, "王芳", title="组长"), row(3, "李雷", manager="王芳")) == [
        "line 2: name is the name of several people: write 王芳#1 or 王芳#2, or a slack or telegram id that we know",
        "line 3: manager “王芳” is the name of several people: write 王芳#1 or 王芳#2 or their slack id",
    ]
    assert (await told(database, row(2, "王芳#2", title="组长"), row(3, "李雷", manager="王芳#2")))[:2] == [
        "changed: 王芳#2: title - → 组长", "added: 李雷#3"
    ]  # fmt: skip


async def test_everything_that_is_wrong_is_named_at_once_and_nobody_is_taken_in(database: Database) -> None:
    assert await refused(
        database,
        row(2, "Dana", department="Salles", language="fr", zone="Asia/Shanghay", role="boss"),
        row(3, "", title="nobody"),
        row(4, "Eve", slack="@eve", telegram="4.7E+10"),
        row(5, "Finn", slack="U0001", manager="Danna"),
        row(6, "Gus", slack="U0001"),
        row(7, "Hu"),
        row(8, "Hu"),
        Row(9, {"name": "Ida"}, beyond="x"),
        row(10, "Jo#7"),
    ) == [
        "line 2: department “Salles” is no department of the handbook: write sales",
        "line 2: language “fr” is no language that we speak: write zh or en",
        "line 2: zone “Asia/Shanghay” is no time zone: write Asia/Shanghai",
        "line 2: role “boss” is no role: write employee, head or admin",
        "line 3: name is missing: write the person's name",
        "line 4: slack “@eve” is no user id of Slack: "
        "open the person's profile in Slack, press ⋮ and “Copy member ID”: U0123ABCD",
        "line 4: telegram “4.7E+10” is no user number of Telegram: "
        "write the number alone, such as 123456789, in a cell formatted as text; a @name is not enough",
        "line 5: manager “Danna” is nobody whom we know: write Dana",
        "line 6: slack is the same as in line 5: give each person their own",
        "line 7: name is there twice: write a slack or telegram id, to tell them apart",
        "line 8: name is there twice: write a slack or telegram id, to tell them apart",
        "line 9: the line has more cells than the first line has columns: "
        "put text with a separator in it between double quotes",
        "line 10: name #7 is not a person of this name: write the name alone",
    ]


async def test_an_id_of_somebody_else_is_refused(database: Database) -> None:
    await taken(database, DANA, OMAR)

    both = row(2, "王丹", slack="U0DANA", telegram="4711")
    assert await refused(database, both, row(3, "王丹#1", telegram="4711")) == [
        "line 2: telegram belongs to somebody else: Omar#2: write each person's own id",
        "line 3: telegram is the same as in line 2: give each person their own",
        "line 3: telegram belongs to somebody else: Omar#2: write each person's own id",
    ]


async def test_nobody_is_over_themselves(database: Database) -> None:
    await taken(database, DANA, OMAR)

    assert await refused(database, row(2, "Omar", manager="王丹"), row(3, "Solo", manager="Solo")) == [
        "line 2: manager goes round in a circle (Omar → 王丹 → Omar): write “-” for who is at the top",
        "line 3: manager goes round in a circle (Solo → Solo): write “-” for who is at the top",
    ]


async def test_a_second_head_is_refused_beside_one_who_is_here_or_in_the_file(database: Database) -> None:
    await taken(database, DANA, OMAR)

    assert await refused(
        database,
        row(2, "王丹", role="主管"),
        row(3, "Ann", department="sales", role="head"),
        row(4, "Ben", department="销售", role="head"),
    ) == [
        "line 2: role makes a second head of service, beside Omar: leave one, or name one in the handbook: "
        "departments.service.head",
        "line 4: role makes a second head of sales, beside Ann: leave one, or name one in the handbook: "
        "departments.sales.head",
    ]


async def test_a_second_head_is_welcome_where_the_handbook_names_one(database_url: str) -> None:
    departments = {key: department.model_dump() for key, department in HANDBOOK.departments.items()}
    departments["sales"]["head"] = "Ann"
    handbook = HANDBOOK.model_copy(update={"departments": Departments.model_validate(departments)})
    database = await Database.open(database_url, handbook)
    await schema.upgrade(database)

    changes = await taken(
        database, row(2, "Ann", department="sales", role="head"), row(3, "Ben", department="sales", role="head")
    )

    assert changes.count(Kind.ADDED) == 2
    await database.close()


async def test_pick_finds_by_name_number_and_account_and_never_guesses(database: Database) -> None:
    await taken(database, row(2, "王芳", slack="U0001"), row(3, "王芳", telegram="42"), row(4, "Omar"))

    async with database.reading() as session:
        found = [(await roster.pick(session, called)).id for called in ("Omar", "王芳#2", "U0001", "42")]
        with pytest.raises(RosterError, match="“王芳” is the name of several people: write 王芳#1 or 王芳#2"):
            await roster.pick(session, "王芳")
        with pytest.raises(RosterError, match="“Oma” is nobody who works here"):
            await roster.pick(session, "Oma")

    assert found == [3, 2, 1, 2]


async def test_many_people_are_taken_in_quickly(database: Database) -> None:
    over = {n: f"Person {n // 10}" if n >= 20 else "" for n in range(2, 2002)}
    rows = [row(n, f"Person {n}", slack=f"U{n:07d}", manager=over[n]) for n in over]

    first = await taken(database, *rows)
    again = await taken(database, *rows)

    assert (first.count(Kind.ADDED), again.count(Kind.UNCHANGED)) == (2000, 2000)
    async with database.reading() as session:
        last = await roster.pick(session, "Person 1999")
        boss = await people.find(session, last.manager_id or 0)
    assert boss is not None
    assert boss.name == "Person 199"
