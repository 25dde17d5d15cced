"""What somebody tries who wants a request approved that should not be, or to read what is not theirs; and bad luck."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import cache, partial
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from bot.answer import Outcome
from config.handbook import Handbook
from config.handbook.approvals import Budgets
from config.handbook.clauses import Clauses
from storage import approvals, budgets, deputies, people
from storage.approvals import Query, Request, Second, Status, Task
from storage.approvals.proof import prove
from storage.approvals.tables import Act, Definition
from storage.approvals.trail import trail as acts_of
from storage.errors import Refusal
from storage.people import Employee
from tests.approvals.races import acts, by, filed, press, submit, template
from tests.town import Person, Town, english, handbook, line


@cache
def book() -> Handbook:
    """The town's handbook, with kinds of requests that have a weak spot each."""
    chosen = {"by": ["chosen"], "mode": "2"}
    dear = {**by("Boss"), "when": ["amount >= 5000"]}
    when = {"label": {"zh": "何时", "en": "When?"}, "ask": "moment", "optional": True}
    spend = template(by("Omar", "Hana", "Fay", "Gus", mode="50%"), budget=True)
    templates = {
        "one": template(by("Hana")),
        "again": template(by("Hana"), confirm_from=500, confirm="again"),
        "much": template(by("Hana"), confirm_from=500),
        "all": template(by("Omar", "Gus")),
        "two": template(by("Hana"), by("Lin")),
        "here": template(by("Hana"), dear, by("Lin"), resubmit="here"),
        "chosen": template(chosen),
        "split": template(by("Hana"), {**by("Lin"), "when": ["amount >= 1000"]}, split_days=7),
        "spend": spend,
        "share": template(by("Omar", "Gus"), budget=True),
        "large": template({**by("Hana"), "when": ["amount >= 1000"]}),
    }
    templates["one"] = templates["one"].model_copy(
        update={"fields": {**templates["one"].fields, "at": spend.fields["what"].model_validate(when)}}
    )
    shipped = handbook()
    limit = {
        "sales": {"period": "month", "amount": 100, "templates": ["spend", "share"]},
        "service": {"period": "month", "amount": 200, "templates": ["share"]},
    }
    chapter = shipped.approvals.model_copy(
        update={
            "templates": templates, "budgets": Budgets.model_validate(limit), "digest": None, "steward": "operations"
        }
    )  # fmt: skip
    return shipped.model_copy(update={"approvals": chapter})


@pytest.fixture
async def town(town_sqlite: str) -> AsyncIterator[Town]:
    """The town on a Monday at nine."""
    town = await Town.open(town_sqlite, book())
    yield town
    await town.close()


async def asks(town: Town, key: str, amount: str = "60", who: Person | None = None, **more: Any) -> Request:
    """Sam asks for something, on Slack."""
    person = who or town.sam
    await person.on_slack.submits(f"approvals.request:{key}", what="Taxi", amount=amount, **more)
    assert person.outcome == Outcome.DONE, person.reads
    return await last(town)


async def last(town: Town) -> Request:
    """The newest request."""
    found: Request = (await town.rows(select(Request).order_by(col(Request.id).desc()).limit(1)))[0]
    return found


async def open_seats(town: Town) -> list[tuple[int, str]]:
    """The seats of the newest request that may decide now: which step, and whose."""
    request = await last(town)
    names = {person.id: person.name for person in town.everybody}
    rows = select(Task).where(
        col(Task.request_id) == request.id, col(Task.round) == request.round, col(Task.status) == "open"
    )
    return [(task.step, names[task.person_id]) for task in await town.rows(rows.order_by(col(Task.id)))]


async def holds(town: Town, person: Person) -> Task:
    """Somebody's open seat."""
    rows = select(Task).where(col(Task.person_id) == person.id, col(Task.status) == "open")
    found: Task = (await town.rows(rows))[-1]
    return found


async def approves(town: Town, person: Person) -> None:
    """Somebody approves, by the button of their own seat."""
    task = await holds(town, person)
    answer = await press(person, "slack", f"approvals.approve:{task.id}:{task.version}")
    assert answer.outcome == Outcome.DONE, line(answer.reply, english)
    await town.is_told()


async def sends_back(town: Town, person: Person, why: str = "Which taxi?") -> None:
    """Somebody sends it back to be changed."""
    task = await holds(town, person)
    answer = await submit(
        person, "slack", "approvals.return", f"approval_tasks:{task.id}:{task.version}", to="requester", why=why
    )
    assert answer.outcome == Outcome.DONE, line(answer.reply, english)
    await town.is_told()


async def changes(town: Town, amount: str) -> None:
    """Sam changes the amount and sends it again."""
    request = await last(town)
    await town.sam.on_slack.submits(
        "approvals.change", about=f"approvals:{request.id}:{request.version}", what="Taxi", amount=amount
    )
    assert town.sam.outcome == Outcome.DONE, town.sam.reads


# Approved that should not be


async def test_a_raised_amount_meets_all_whom_it_had_not_met(town: Town) -> None:
    await asks(town, "here", "100")
    await approves(town, town.hana)
    await sends_back(town, town.lin)

    await changes(town, "9000")
    assert await open_seats(town) == [(0, "Hana")]

    await approves(town, town.hana)
    assert await open_seats(town) == [(1, "Boss")]


@pytest.mark.parametrize("amount", ["100", "90"])
async def test_what_did_not_rise_goes_straight_to_whoever_sent_it_back(town: Town, amount: str) -> None:
    await asks(town, "here", "100")
    await approves(town, town.hana)
    await sends_back(town, town.lin)

    await changes(town, amount)
    assert await open_seats(town) == [(2, "Lin")]


async def test_who_must_be_two_are_not_chosen_as_one(town: Town) -> None:
    await town.sam.on_slack.submits("approvals.request:chosen", what="Taxi", amount="60", chosen_0=[town.lin.id])
    assert (town.sam.outcome, town.sam.reads) == (Outcome.REFUSED, "Please choose at least 2 people.")

    await asks(town, "chosen", chosen_0=[town.lin.id, town.dana.id])
    assert await open_seats(town) == [(0, "Lin"), (0, "Dana")]


async def test_a_request_that_was_small_when_it_was_filed_is_weighed_again_when_it_is_sent_again(town: Town) -> None:
    first = await asks(town, "split", "600")
    await asks(town, "split", "1")
    await press(town.hana, "slack", "approvals.approve:1:2")
    await sends_back(town, town.hana)

    await changes(town, "700")
    assert (await last(town)).related == f"[{first.id}]"


async def test_what_is_sent_again_for_so_little_that_nobody_need_decide_is_approved_at_once(town: Town) -> None:
    await asks(town, "large", "2000")
    await sends_back(town, town.hana)

    await changes(town, "500")

    kept = await last(town)
    assert (kept.status, kept.decided_at, await open_seats(town)) == (Status.APPROVED, town.clock(), [])


async def test_a_wish_to_withdraw_that_is_refused_wins_no_time(town: Town) -> None:
    request = await asks(town, "one")
    await approves(town, town.hana)
    decided_at = town.clock()
    town.clock.moves(hours=3)

    await acts(town, town.sam, lambda work: _with(work, request.id, approvals.withdraw_granted, "No taxi came."))
    await acts(town, town.sam, lambda work: _with(work, request.id, approvals.withdraw))

    kept = await last(town)
    assert (kept.status, kept.decided_at) == (Status.APPROVED, decided_at)


async def _with(work: Any, request_id: int, verb: Any, *given: Any) -> None:
    await verb(work, await approvals.see(work, request_id), *given)


async def test_a_button_in_a_room_decides_nothing_that_it_was_not_shown_for(town: Town) -> None:
    request = await asks(town, "one")
    old = english_action(town, "managers", "Approve")
    await approves(town, town.hana)
    await acts(town, town.sam, lambda work: _with(work, request.id, approvals.withdraw_granted, "No taxi came."))

    answer = await press(town.hana, "slack", old)
    assert answer.outcome == Outcome.REFUSED
    assert await open_seats(town) == [(0, "Hana")]


def english_action(town: Town, room: str, label: str) -> str:
    """What a button in a room does."""
    return next(one.action for one in town.slack.post(room).card.buttons if english(one.label) == label)


async def test_the_number_is_typed_where_it_has_to_be_whatever_is_pressed(town: Town) -> None:
    await asks(town, "again", "500")
    task = await holds(town, town.hana)
    await town.hana.on_slack.presses(action=f"approvals.approve:{task.id}:{task.version}")
    second: Second = await town.row(Second, 1)

    await town.hana.on_web.presses(action=f"approvals.confirm_second:{second.id}:{second.version}")
    assert (await last(town)).status == Status.PENDING
    assert town.hana.asked is not None
    assert town.hana.asked.form == "seconds.Again"


async def test_who_prefers_the_web_confirms_elsewhere(town: Town) -> None:
    async with town.unit() as work:
        await work.session.execute(update(Employee).where(col(Employee.id) == town.hana.id).values(prefers="web"))
    await asks(town, "much", "500")
    task = await holds(town, town.hana)
    await town.hana.on_web.presses(action=f"approvals.approve:{task.id}:{task.version}")
    assert (town.hana.outcome, (await town.row(Second, 1)).place) == (Outcome.DONE, "slack")


async def test_a_newcomer_of_the_same_name_is_not_asked_instead(town_url: str) -> None:
    town = await Town.open(town_url, book())
    async with town.unit() as work:
        work.session.add(Employee(name="Hana", department="sales", joined_at=work.now))
        await work.session.flush()
        await work.session.execute(update(Employee).where(col(Employee.id) == town.hana.id).values(title="Head"))
    assert next(one.id for one in await people_named(town, "Hana")) == town.hana.id
    await filed(town, "one")
    assert await open_seats(town) == [(0, "Hana")]
    await town.close()


async def people_named(town: Town, name: str) -> Any:
    async with town.database.reading() as session:
        return await people.named(session, name)


# Read by whom it does not concern


async def test_a_room_does_not_read_why(town: Town) -> None:
    await asks(town, "one")
    task = await holds(town, town.hana)
    about = f"approval_tasks:{task.id}:{task.version}"
    await submit(town.hana, "slack", "deciding.Rejection", about, why="Your last three were forged.")
    await town.is_told()

    assert town.slack.post("managers").fact("State") == "Hana 拒绝"
    assert town.slack.at(town.sam)[0].fact("State") == "Hana rejected it: Your last three were forged."


async def test_an_administrator_does_not_read_why_it_went_back(town: Town) -> None:
    request = await asks(town, "one")
    await sends_back(town, town.hana, "Your last three were forged.")

    await town.ada.on_slack.commands("approval", request.number)
    assert "forged" not in town.ada.reads
    assert "State: Hana sent it back" in town.ada.reads


# Kept otherwise than it was said


@pytest.mark.parametrize(
    "changed", [{"answers": '{"amount": {"money": [600000, "CNY"]}, "what": "Taxi"}'}, {"minor": 1}]
)
async def test_what_was_asked_for_is_sealed_as_well(town: Town, changed: dict[str, Any]) -> None:
    request = await asks(town, "one")
    await sends_back(town, town.hana)
    await changes(town, "80")
    await approves(town, town.hana)
    assert await is_proved(town, request)

    async with town.unit() as work:
        await work.session.execute(update(Request).values(**changed))
    assert not await is_proved(town, request)


async def test_the_rules_that_it_went_by_are_sealed_as_well(town: Town) -> None:
    request = await asks(town, "one")
    async with town.unit() as work:
        text = await work.session.scalar(select(col(Definition.text)))
        assert text is not None
        await work.session.execute(update(Definition).values(text=text.replace("person:Hana", "person:Lin")))
    assert not await is_proved(town, request)


async def is_proved(town: Town, request: Request) -> bool:
    """Whether the audit confirms a request."""
    async with town.database.reading() as session:
        kept = await session.get(Request, request.id)
        assert kept is not None
        trail = await acts_of(session, kept.id)
        return (await prove(session, kept, trail)).holds(trail)


# Stuck, lost or broken


async def test_a_question_to_somebody_who_leaves_stops_no_clock(town: Town) -> None:
    request = await asks(town, "one")
    task = await holds(town, town.hana)
    about = f"approval_tasks:{task.id}:{task.version}"
    await submit(town.hana, "slack", "talking.AskedQuestion", about, of=town.fay.id, text="Was it late?")
    assert (await last(town)).paused_at is not None

    await town.fay.leaves()

    query: Query = await town.row(Query, 1)
    assert ((await last(town)).paused_at, query.status) == (None, "dropped")
    acts_ = await town.rows(select(col(Act.what)).where(col(Act.request_id) == request.id).order_by(col(Act.id)))
    assert acts_[-1] == "drop"


async def test_whoever_leaves_leaves_also_where_that_would_overdraw_a_budget(town: Town) -> None:
    await asks(town, "spend", "101")
    await approves(town, town.omar)
    async with town.unit() as work:  # nobody is left who could take her seat
        await work.session.execute(
            update(Employee).where(col(Employee.name).in_(["Boss", "Hana"])).values(left_at=work.now)
        )
        await work.session.execute(
            update(Task).where(col(Task.person_id).in_([town.hana.id, town.gus.id])).values(status="gone")
        )
    await town.fay.leaves()

    fay: Employee = await town.row(Employee, town.fay.id)
    assert fay.left_at is not None
    assert (await last(town)).status == Status.RETURNED


async def test_nobody_grants_by_leaving(town: Town) -> None:
    await asks(town, "all")
    await approves(town, town.omar)
    async with town.unit() as work:
        await work.session.execute(
            update(Employee).where(col(Employee.name).in_(["Boss", "Hana"])).values(left_at=work.now)
        )
    await town.gus.leaves()

    assert (await last(town)).status == Status.RETURNED


async def test_what_was_granted_stays_so_where_nobody_is_left_to_take_it_back(town: Town) -> None:
    request = await asks(town, "all")
    for one in (town.omar, town.gus):
        await approves(town, one)
    await acts(town, town.sam, lambda work: _with(work, request.id, approvals.withdraw_granted, "No taxi came."))
    await approves(town, town.omar)
    async with town.unit() as work:
        await work.session.execute(
            update(Employee).where(col(Employee.name).in_(["Boss", "Hana"])).values(left_at=work.now)
        )
    await town.gus.leaves()

    kept = await last(town)
    assert (kept.status, kept.aim) == (Status.APPROVED, "grant")


async def test_what_waited_for_somebody_who_has_left_since_is_not_brought_back(town: Town) -> None:
    request = await asks(town, "all")
    await sends_back(town, town.omar)
    await town.gus.leaves()

    answer = await press(town.omar, "slack", f"approvals.undo:{request.id}:{(await last(town)).version}")
    assert (answer.outcome, (await last(town)).status) == (Outcome.REFUSED, Status.RETURNED)


async def test_a_leavers_seat_goes_to_nobody_twice(town: Town) -> None:
    await asks(town, "all")
    await town.hana.on_slack.commands("deputy", "Omar until Friday")
    await town.gus.leaves()

    assert await open_seats(town) == [(0, "Omar"), (0, "Hana")]


async def test_a_card_is_drawn_whatever_the_handbook_has_lost(town: Town) -> None:
    request = await asks(town, "one")
    today = book()
    lost = {number: today.clauses[number] for number in today.clauses.numbers() if number != "1.3.2"}
    town.database.handbook = today.model_copy(update={"clauses": Clauses.model_construct(root=lost)})

    await town.hana.on_slack.commands("approval", request.number)
    assert town.hana.outcome == Outcome.DONE
    await town.hana.on_slack.presses("Approve")
    assert (await last(town)).status == Status.APPROVED
    assert town.slack.at(town.sam)[0].fact("Step 1").startswith("✓ Hana")


@pytest.mark.parametrize("amount", ["sNaN", "1e999999", "9e99999999999", "-1", "1e3", "inf"])
async def test_no_amount_breaks_the_machine(town: Town, amount: str) -> None:
    await town.sam.on_web.submits("approvals.request:one", what="Taxi", amount=amount)
    assert (town.sam.outcome, town.sam.reads) == (Outcome.REFUSED, "Please give an amount, such as 120 or 120.50.")


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00"])
async def test_no_moment_is_kept_that_can_be_shown_to_nobody(town: Town, at: str) -> None:
    await town.sam.on_web.submits("approvals.request:one", what="Taxi", amount="60", at=at)
    assert (town.sam.outcome, town.sam.reads) == (
        Outcome.REFUSED, "Please give a day and a time, such as 2026-03-15 14:30.",
    )  # fmt: skip


@pytest.mark.parametrize(("since", "until"), [("2026-11-23", "9999-12-31"), ("0001-01-01", "0001-01-01")])
async def test_no_day_breaks_naming_a_deputy(town: Town, since: str, until: str) -> None:
    await town.hana.on_web.submits("deputies.Away", deputy=town.omar.id, since=since, until=until)
    assert town.hana.outcome == Outcome.REFUSED


async def test_two_who_approve_the_same_several_do_not_wait_for_each_other(town_postgres: str) -> None:
    town = await Town.open(town_postgres, book())
    town.delivers = False
    for _ in range(6):
        await filed(town, "all", 1)
    seats = [await town.rows(select(Task).where(col(Task.person_id) == one.id)) for one in (town.omar, town.gus)]
    async with town.unit() as work:  # what came to whom first is another for each
        for n, task in enumerate(seats[1]):
            await work.session.execute(
                update(Task).where(col(Task.id) == task.id).values(opened_at=town.clock() - timedelta(minutes=n))
            )
    tail = str(int(town.clock().timestamp()) + 1)
    which = [[str(task.id) for task in seats[0]], [str(task.id) for task in reversed(seats[1])]]
    answers = await asyncio.gather(
        *[
            submit(one, "slack", f"approvals.several:{tail}", which=chosen)
            for one, chosen in zip((town.omar, town.gus), which, strict=True)
        ]
    )
    assert [one.outcome for one in answers] == [Outcome.DONE, Outcome.DONE]
    requests = await town.rows(select(Request).order_by(col(Request.id)))
    assert [one.status for one in requests] == [Status.APPROVED] * 6
    await town.close()


async def test_two_who_approve_several_of_two_departments_do_not_wait_for_each_others_budgets(
    town_postgres: str,
) -> None:
    town = await Town.open(town_postgres, book())
    town.delivers = False
    for who in (town.sam, town.dana, town.dana, town.sam):
        await asks(town, "share", "40", who=who)
    seats = await town.rows(select(Task).order_by(col(Task.request_id), col(Task.person_id)))
    omar, gus = ([str(one.id) for one in seats if one.person_id == who.id] for who in (town.omar, town.gus))
    tail = str(int(town.clock().timestamp()) + 1)
    for who, chosen in ((town.omar, omar[:2]), (town.gus, gus[2:])):  # so that the others' word is the last
        await submit(who, "slack", f"approvals.several:{tail}", which=chosen)
    answers = await asyncio.gather(
        *[
            submit(one, "slack", f"approvals.several:{tail}", which=chosen)
            for one, chosen in ((town.gus, gus[:2]), (town.omar, omar[2:]))
        ]
    )
    assert [one.outcome for one in answers] == [Outcome.DONE, Outcome.DONE]
    assert [one.status for one in await town.rows(select(Request))] == [Status.APPROVED] * 4
    await town.close()


async def test_who_names_a_deputy_keeps_nobody_from_asking_them(town_postgres: str) -> None:
    town = await Town.open(town_postgres, book())
    async with town.unit() as work:
        work.by = await work.session.get(Employee, town.hana.id)
        await deputies.name(work, town.omar.id, work.now, work.now + timedelta(days=3))
        async with asyncio.timeout(2):
            await filed(town, "one")
    assert await open_seats(town) == [(0, "Hana")]
    await town.close()


async def test_a_budget_holds_through_wishes_to_withdraw_and_back(town: Town) -> None:
    went = await filed(town, "spend", 60)
    for one in (town.omar, town.hana):
        await approves(town, one)
    assert (await last(town)).status == Status.APPROVED
    await acts(town, town.sam, lambda work: _with(work, went.request.id, approvals.withdraw_granted, "Not used."))
    await approves(town, town.gus)
    await press(town.gus, "slack", f"approvals.undo:{went.request.id}:{(await last(town)).version}")
    await acts(town, town.sam, lambda work: _with(work, went.request.id, approvals.withdraw))

    async with town.database.reading() as session:
        assert await budgets.verify(session) == []
        allowance = book().approvals.budgets.of("sales", "spend", town.clock().date(), "CNY")
        assert allowance is not None
        assert await budgets.drawn(session, allowance) == 6000
    with pytest.raises(Refusal):
        await acts(town, town.gus, lambda work: _with(work, went.request.id, approvals.undo))


async def test_a_requester_decides_in_no_way(town: Town) -> None:
    """Not as a deputy of a deputy, not by being given the seat, added to it, or asked for advice."""
    await filed(town, "one")
    for absent, deputy in ((town.hana, town.omar), (town.omar, town.sam)):
        await acts(town, absent, partial(_away, deputy=deputy))
    assert await open_seats(town) == [(0, "Omar")]
    task = await holds(town, town.omar)
    for verb, given in (
        (approvals.transfer, (town.sam.id, "")),
        (approvals.delegate, (town.sam.id, "")),
        (approvals.add, ("before", [town.sam.id], "all", "")),
    ):
        with pytest.raises(Refusal):
            await acts(town, town.omar, partial(_by_seat, task_id=task.id, verb=verb, given=given))


async def _away(work: Any, deputy: Person) -> None:
    ship = await deputies.name(work, deputy.id, work.now, work.now + timedelta(days=3))
    await deputies.turn(work, ship)
    await approvals.deputise(work, work.actor, await work.session.get(Employee, deputy.id))


async def _by_seat(work: Any, task_id: int, verb: Any, given: Any) -> None:
    await verb(work, await approvals.see_task(work, task_id), *given)
