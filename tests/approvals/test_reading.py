"""Who reads which fields of a request, and which of them its approvers answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from config.handbook import Handbook
from config.handbook.approvals import Frozen
from config.text import Money
from storage import approvals
from storage.approvals import Act, Copy, Request, Second, Status
from storage.approvals.proof import prove
from storage.people import Employee
from tests.approvals.conftest import request
from tests.approvals.crowd import card_of, cells, looks
from tests.town import Person, Town, english, line


@cache
def book() -> Handbook:
    """The town's handbook with one kind of request: managers don't read its price, nor finance its supplier."""
    return Handbook.load(Path(__file__).with_name("purchase.toml"))


@pytest.fixture
async def town(town_url: str) -> AsyncIterator[Town]:
    """The town on a Monday at nine."""
    town = await Town.open(town_url, book())
    yield town
    await town.close()


async def buys(who: Person, price: str = "300") -> None:
    """Somebody asks for a lamp, on Slack."""
    await who.on_slack.commands("request", "purchase")
    await who.on_slack.fills(what="A lamp", supplier="Zephyr", price=price)
    assert who.outcome == "done", who.reads


async def approves(who: Person, centre: str = "shop", **more: Any) -> None:
    """Somebody of finance approves, and says which cost centre bears it."""
    await who.on_slack.presses("Approve")
    await who.on_slack.fills(centre=centre, **more)


async def acts(town: Town, what: str) -> list[Act]:
    """What was done of a kind, in its order."""
    return await town.rows(select(Act).where(col(Act.what) == what).order_by(col(Act.id)))


async def test_the_requester_is_not_asked_what_approvers_answer(town: Town) -> None:
    await town.sam.on_slack.commands("request", "purchase A lamp")

    assert town.sam.asked is not None
    assert [one.name for one in town.sam.asked.questions] == ["what", "supplier", "price"]


async def test_each_reads_what_their_step_shows_and_the_requester_all(town: Town) -> None:
    await buys(town.sam)
    assert english(town.slack.post(town.boss).card.title) == "A-1001 · Purchase"
    assert [english(one.label) for one in town.slack.post(town.boss).card.facts] == [
        "Requester", "Why it is with you", "Supplier", "State", "Manager", "Then",
    ]  # fmt: skip
    await town.boss.on_slack.presses("Approve")

    gus, sam = card_of(town, town.gus).line, card_of(town, town.sam).line
    assert ("300.00" in gus, "Zephyr" in gus) == (True, False)
    assert ("300.00" in sam, "Zephyr" in sam) == (True, True)
    assert "300.00" not in "".join(town.slack.reads("managers"))
    assert "300.00" not in "".join(town.slack.reads(town.boss))


async def test_lists_papers_and_notices_leave_out_what_is_hidden(town: Town) -> None:
    await buys(town.sam)
    boss = town.boss.on_slack
    await boss.commands("approvals")
    assert cells(town.boss, 3) == [""]
    await town.sam.on_slack.presses("Nudge")
    town.clock.moves(hours=3)
    await town.sam.on_slack.presses("Nudge", on=card_of(town, town.sam))
    assert "300.00" not in "".join(town.slack.reads(town.boss))
    await looks(town.boss)
    assert "300.00" not in town.boss.reads
    assert "Zephyr" in town.boss.reads
    await boss.presses("Export")
    await boss.fills(file_type="xlsx", language="en")
    assert "300.00" not in town.boss.reads
    await town.boss.on_slack.presses("Approve", on=card_of(town, town.boss))
    await boss.commands("approvals", "done")
    assert cells(town.boss, 3) == [""]
    await town.sam.on_slack.commands("approvals", "mine")
    assert cells(town.sam, 2) == ["CN¥300.00"]


async def test_approving_asks_for_the_answers_and_they_count_from_there_on(town: Town) -> None:
    await buys(town.sam)
    await town.boss.on_slack.presses("Approve")
    await town.gus.on_slack.presses("Approve")
    assert town.gus.asked is not None
    assert [one.name for one in town.gus.asked.questions] == ["centre", "note", "approval.comment"]
    await town.gus.on_slack.fills(note="Hm.")
    assert town.gus.answer is not None
    assert line(town.gus.answer.reply, english) == "Please answer this."

    await town.gus.on_slack.fills(centre="shop", note="Hm.", **{"approval.comment": "Fine."})
    assert line(town.gus.answer.reply, english) == "You approved. A-1001 waits for Omar now."
    await town.omar.on_slack.presses("Approve")
    assert town.omar.asked is not None
    assert (town.omar.asked.answers["centre"], town.omar.asked.answers["note"]) == ("shop", "Hm.")
    await town.omar.on_slack.fills(centre="lab")

    kept = await request(town)
    assert (kept.status, kept.step, kept.edition) == (Status.PENDING, 2, 1)
    assert approvals.answers_of(kept) == {
        "what": "A lamp", "supplier": "Zephyr", "price": Money(30000, "CNY"), "centre": "lab", "note": "Hm.",
    }  # fmt: skip
    assert [(act.detail, act.text) for act in await acts(town, "fill")] == [
        ("centre,note", '{"after": {"centre": "shop", "note": "Hm."}, "before": {}}'),
        ("centre,note", '{"after": {"centre": "lab", "note": "Hm."}, "before": {"centre": "shop", "note": "Hm."}}'),
    ]
    await town.hana.on_slack.presses("Approve")
    assert (await request(town)).status == Status.APPROVED
    fay = town.slack.post(town.fay).line
    assert ("Zephyr" in fay, "Hm." in fay, "300.00" in fay, "Lab" in fay.partition("State")[0]) == (
        True, True, False, False,
    )  # fmt: skip


async def test_an_answer_that_is_taken_out_is_gone_and_the_audit_agrees(town: Town) -> None:
    await buys(town.sam)
    await town.boss.on_slack.presses("Approve")
    await approves(town.gus, "lab", note="Hm.")
    await town.gus.on_slack.presses("Undo")
    assert approvals.answers_of(await request(town)) == {
        "what": "A lamp", "supplier": "Zephyr", "price": Money(30000, "CNY"),
    }  # fmt: skip
    await _holds(town)

    await approves(town.gus)
    await _holds(town)


async def _holds(town: Town) -> None:
    async with town.database.reading() as session:
        kept = await session.get(Request, 1)
        assert kept is not None
        whole = await approvals.case(session, 1)
        assert whole is not None
        assert (await prove(session, kept, whole.acts)).holds(whole.acts)


async def test_several_at_once_leave_out_what_asks_for_answers(town: Town) -> None:
    await buys(town.sam)
    await buys(town.sam)
    for number in ("A-1001", "A-1002"):
        await town.boss.on_slack.presses("Approve", on=card_of(town, town.boss, number))
    await town.gus.on_slack.commands("approvals")
    await town.gus.on_slack.presses("Approve several")
    assert town.gus.asked is not None
    await town.gus.on_slack.fills(which=[one.value for one in town.gus.asked.questions[0].options])

    assert cells(town.gus, 1) == [
        "A-1001 需要你填写内容，请单独同意。",
        "A-1002 需要你填写内容，请单独同意。",
    ]


async def test_answers_wait_with_an_approval_that_is_confirmed_elsewhere(town: Town) -> None:
    await buys(town.sam, "60000")
    await town.boss.on_slack.presses("Approve")
    assert "60,000" not in town.boss.reads
    assert "60,000" not in town.telegram.post(town.boss).line
    await town.boss.on_telegram.presses("Confirm")

    await approves(town.gus, "shop", note="Dear.")
    seconds = await town.rows(select(Second).order_by(col(Second.id)))
    assert [one.fills for one in seconds] == ["", '{"centre": "shop", "note": "Dear."}']
    await town.gus.on_telegram.presses("Confirm")
    assert approvals.answers_of(await request(town))["note"] == "Dear."


async def test_what_was_sent_back_keeps_the_answers_of_its_approvers(town: Town) -> None:
    await buys(town.sam)
    await town.boss.on_slack.presses("Approve")
    await approves(town.omar, note="Hm.")
    await town.gus.on_slack.presses("More…")
    await town.gus.on_slack.presses("Send back")
    await town.gus.on_slack.fills(to="requester", why="Which lamp?")
    await town.sam.on_slack.presses("Change and send again", on=card_of(town, town.sam))
    assert town.sam.asked is not None
    assert [one.name for one in town.sam.asked.questions] == ["what", "supplier", "price"]
    await town.sam.on_slack.fills(what="A red lamp", supplier="Zephyr", price="299")

    assert town.slack.post(town.boss).fact("What was changed") == "What"
    await town.boss.on_slack.presses("Approve")
    await town.omar.on_slack.presses("Approve")
    assert town.omar.asked is not None
    assert (town.omar.asked.answers["centre"], town.omar.asked.answers["note"]) == ("shop", "Hm.")
    assert (await request(town)).edition == 2


async def test_a_request_is_shown_to_colleagues_and_no_more_of_it_than_one_reads(town: Town) -> None:
    await buys(town.sam)
    await town.boss.on_slack.presses("More…")
    await town.boss.on_slack.presses("Forward")
    await town.boss.on_slack.fills(people=[town.dana.id, town.sam.id], words="Do we need it?")

    assert town.boss.reads == "Dana can read A-1001 Purchase now."
    post = town.slack.post(town.dana)
    assert post.fact("Why you see it") == "Boss shows it to you: Do we need it?"
    assert ("Zephyr" in post.line, "300.00" in post.line, post.buttons) == (True, False, ["Comment"])
    assert town.slack.reads_under(card_of(town, town.sam)) == ["Boss showed it to Dana | Do we need it?"]
    assert [(act.by_id, act.to_ids) for act in await acts(town, "share")] == [(town.boss.id, f"[{town.dana.id}]")]
    await town.dana.on_slack.commands("approvals", "copied")
    assert cells(town.dana, 0) == ["A-1001"]

    await town.boss.on_slack.presses(action="approvals.share:1")
    await town.boss.on_slack.fills(people=[town.dana.id])
    assert town.boss.reads == "They have it already. Please choose somebody else."
    await town.dana.on_slack.presses(action="approvals.share:1")
    assert town.dana.outcome == "refused"


async def test_the_requester_shows_what_copies_may_read(town: Town) -> None:
    await buys(town.sam)
    await town.sam.on_slack.presses("Forward", on=card_of(town, town.sam))
    await town.sam.on_slack.fills(people=[town.dana.id])

    post = town.slack.post(town.dana)
    assert post.fact("Why you see it") == "Sam shows it to you"
    assert ("Zephyr" in post.line, "300.00" in post.line) == (True, False)


def test_a_definition_of_before_reads_as_one_that_hides_nothing() -> None:
    frozen = Frozen.read(book().approvals.freeze("purchase"))
    old = frozen.model_dump(mode="json", by_alias=True)
    del old["template"]["copies_hide"]
    for step in old["template"]["steps"]:
        del step["hides"], step["fills"]
    template = Frozen.model_validate(old).template

    assert (template.hidden_somewhere, template.filled) == (frozenset(), {})


async def test_no_rule_approves_where_answers_are_asked(town: Town) -> None:
    await buys(town.sam)
    await town.boss.on_slack.presses("Approve")
    await town.passes(hours=30)

    assert ((await request(town)).status, await acts(town, "timeout")) == (Status.PENDING, [])
    assert [act.detail for act in await acts(town, "escalate")] == ["fills", "fills"]


async def test_who_has_approved_before_is_asked_again_where_answers_are(town: Town) -> None:
    await buys(town.gus)  # Hana is over Gus, and decides twice
    async with town.unit() as work:
        work.by = await work.session.get(Employee, town.gus.id)
        stops = await approvals.plan(work, "purchase", {"what": "", "supplier": "", "price": Money(1, "CNY")}, {})

    assert [[one.name for one in stop.people] for stop in stops] == [["Hana"], ["Omar", "Hana"]]


async def test_who_was_shown_it_and_is_in_copy_by_rule_is_told_at_the_end(town: Town) -> None:
    await buys(town.sam)
    await town.boss.on_slack.presses("More…")
    await town.boss.on_slack.presses("Forward")
    await town.boss.on_slack.fills(people=[town.fay.id])
    await town.boss.on_slack.presses("Approve", on=card_of(town, town.boss))
    await approves(town.gus)
    await town.omar.on_telegram.presses("Approve")
    await town.omar.on_telegram.fills(centre="shop")

    assert (await request(town)).status == Status.APPROVED
    assert [act.to_ids for act in await acts(town, "copy")] == [f"[{town.fay.id}]"]
    assert [copy.why for copy in await town.rows(select(Copy))] == ["person:Fay"]
