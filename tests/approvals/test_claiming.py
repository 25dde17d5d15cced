"""Claiming: of several of whom any one may decide, one says that they are looking at it; the others see it, and may."""

from collections.abc import AsyncIterator
from datetime import time
from functools import cache

import pytest
from sqlalchemy import select

from config.handbook import Handbook
from storage.approvals import Act, Request, Status, proof
from tests.approvals.conftest import request, seat
from tests.approvals.crowd import cells
from tests.approvals.races import by, template
from tests.approvals.timed import asks, timed, titles
from tests.town import Post, Town, english

ANY = by("Dana", "Omar", "Fay", mode="any")
CARD = ["Approve", "Reject", "I'm looking at it", "Ask", "More…"]


@cache
def book() -> Handbook:
    """The town's handbook, with requests that any one of three decides: with a time to do so, and without."""
    shipped = timed()
    templates = {
        "taxi": template({**ANY, "due": "8h", "remind_every": "2h"}),
        "gift": template({**ANY, "remind_every": "2h"}),
        "both": template(by("Dana", "Fay")),
        "long": template(by("Hana"), ANY),
    }
    approvals = shipped.approvals.model_copy(update={"templates": templates, "digest": time(9, 30)})
    return shipped.model_copy(update={"approvals": approvals})


@pytest.fixture
async def town(town_url: str) -> AsyncIterator[Town]:
    town = await Town.open(town_url, book())
    yield town
    await town.close()


async def looks(town: Town, who: str) -> None:
    """Somebody presses the button on their own card."""
    await getattr(town, who).on_slack.presses("I'm looking at it", on="A-1001")
    assert getattr(town, who).outcome == "done", getattr(town, who).reads


def card(town: Town, who: str) -> Post:
    """Somebody's own card of the first request, in their own chat on the platform that they prefer."""
    person = getattr(town, who)
    platform = town.telegram if who == "omar" else town.slack
    return next(post for post in platform.at(person) if post.message.about is not None)


def told(town: Town, who: str) -> list[str]:
    """The notices about the first request in somebody's own chat on Slack."""
    return [title for title in titles(town, getattr(town, who)) if "A-1001" in title]


async def trail(town: Town) -> list[tuple[str, int | None, int | None, str, str]]:
    """What was done about looking at it: what, by whom, for whom, to whom, and how."""
    acts = await town.rows(select(Act).order_by(Act.id))  # type: ignore[arg-type]  # a column
    return [
        (one.what, one.by_id, one.for_id, one.to_ids, one.detail) for one in acts if one.what in ("claim", "release")
    ]


async def test_everybody_sees_who_is_looking_at_it_and_since_when(town: Town) -> None:
    await asks(town.sam, "taxi")
    assert card(town, "dana").buttons == CARD
    town.clock.moves(hours=1, minutes=2)

    await looks(town, "dana")

    assert town.dana.reads == (
        "Everybody sees now that you are looking at A-1001 Request. The others may still decide."
    )
    assert card(town, "dana").fact("State") == (
        "Waits for you, due Mon 23 Nov 18:00; you are looking at it, since Mon 23 Nov 10:02"
    )
    assert card(town, "dana").buttons == ["Approve", "Reject", "Leave it to the others", "Ask", "More…"]
    assert card(town, "fay").fact("State") == (
        "Waits for you, due Mon 23 Nov 18:00; Dana is looking at it, since Mon 23 Nov 10:02"
    )
    assert card(town, "fay").buttons == ["Approve", "Reject", "Take over", "Ask", "More…"]
    waits = "Waits for Dana, Omar and Fay since Mon 23 Nov 09:00, due Mon 23 Nov 18:00"
    for place in (town.sam, "managers"):
        assert town.slack.at(place)[0].fact("State") == f"{waits}; Dana is looking at it, since Mon 23 Nov 10:02"
    assert len(town.slack.at(town.fay)) == 1, "a card is drawn again, and rings no bell"
    assert await trail(town) == [("claim", town.dana.id, None, "[]", "")]


async def test_nobodys_button_goes_stale_and_whoever_decides_decides(town: Town) -> None:
    await asks(town.sam, "taxi")
    approve = card(town, "fay").card.buttons[0].action
    await looks(town, "dana")

    await town.fay.on_slack.presses(action=approve)

    assert town.fay.reads == "You approved. A-1001 is through, and Sam is told."
    assert [(await seat(town, n)).claimed_at for n in (1, 2, 3)] == [None] * 3
    assert "is looking" not in card(town, "dana").line


async def test_another_takes_over_and_whoever_had_it_hears_so_in_a_line(town: Town) -> None:
    await asks(town.sam, "taxi")
    await looks(town, "dana")

    await town.omar.on_telegram.presses("Take over", on="A-1001")

    assert town.omar.outcome == "done", town.omar.reads
    assert town.slack.reads(town.dana)[-1] == (
        "Omar is looking at A-1001 Request now | You may still decide. | Amount: CN¥300.00 | [Show]"
    )
    assert card(town, "dana").buttons == ["Approve", "Reject", "Take over", "Ask", "More…"]
    assert [(await seat(town, n)).claimed_at is not None for n in (1, 2, 3)] == [False, True, False]
    assert await trail(town) == [
        ("claim", town.dana.id, None, "[]", ""),
        ("claim", town.omar.id, None, f"[{town.dana.id}]", "over"),
    ]
    await town.dana.on_slack.presses("Approve")
    assert (await request(town)).status == Status.APPROVED


async def test_whoever_looks_at_it_leaves_it_to_the_others_again(town: Town) -> None:
    await asks(town.sam, "taxi")
    await looks(town, "dana")
    release = card(town, "dana").card.buttons[2].action

    await town.dana.on_slack.presses("Leave it to the others")

    assert town.dana.reads == "Nobody is waited for in particular now: A-1001 Request is for any one of you."
    assert card(town, "dana").buttons == card(town, "fay").buttons == CARD
    assert "is looking" not in town.slack.at(town.sam)[0].line
    assert [one[0] for one in await trail(town)] == ["claim", "release"]

    await town.dana.on_slack.presses(action=release)
    assert town.dana.reads == "Nobody is looking at A-1001 just now: it waits for all of you."
    await looks(town, "fay")
    await town.dana.on_slack.presses(action=release)
    assert town.dana.reads == "Fay is looking at A-1001 now, not you."


async def test_pressing_twice_says_so_and_too_late_says_who_decided(town: Town) -> None:
    await asks(town.sam, "taxi")
    claim = card(town, "dana").card.buttons[2].action
    await looks(town, "dana")

    await town.dana.on_telegram.presses(action=claim)
    assert town.dana.reads == "You are looking at A-1001 already, since Mon 23 Nov 09:00: the others see it."
    await town.fay.on_slack.presses(action=claim)
    assert town.fay.reads == "A-1001 is with Dana now, not with you."
    await town.lin.on_slack.presses(action=claim)
    assert english(town.lin.answer.reply) == "There is no such record, or it is not yours to see."  # type: ignore[union-attr, arg-type]

    await town.dana.on_slack.presses("Approve", on="A-1001")
    await town.dana.on_slack.presses(action=claim)
    assert town.dana.reads == "You have approved A-1001 already, on Slack at 09:00. | [Show]"
    assert len(await trail(town)) == 1


async def test_where_everybody_has_to_decide_nobody_says_so(town: Town) -> None:
    await asks(town.sam, "both")
    assert card(town, "dana").buttons == ["Approve", "Reject", "Ask", "More…"]

    await town.dana.on_slack.presses(action="approvals.claim:1:2")

    assert town.dana.reads == "A-1001 waits for nobody who could decide instead of you: nobody need be told."
    assert await trail(town) == []


async def test_what_becomes_of_the_seat_ends_it(town: Town) -> None:
    await asks(town.sam, "taxi")
    await looks(town, "dana")
    await town.dana.on_slack.presses("More…", on="A-1001")
    await town.dana.on_slack.presses("Transfer")
    await town.dana.on_slack.fills(to=town.gus.id)
    assert "is looking" not in card(town, "fay").line

    await looks(town, "fay")
    await town.fay.on_slack.presses("More…", on="A-1001")
    await town.fay.on_slack.presses("Delegate")
    await town.fay.on_slack.fills(to=town.hana.id)
    assert "is looking" not in town.slack.at(town.sam)[0].line

    await town.gus.on_slack.presses("I'm looking at it", on="A-1001")
    await town.gus.leaves()
    assert [(await seat(town, n)).claimed_at for n in range(1, 5)] == [None] * 4


async def test_taking_a_decision_back_brings_no_claim_back(town: Town) -> None:
    await asks(town.sam, "taxi")
    await looks(town, "dana")
    await town.dana.on_slack.presses("Approve", on="A-1001")

    await town.dana.on_slack.presses("Undo")

    assert (await request(town)).status == Status.PENDING
    assert [(await seat(town, n)).claimed_at for n in (1, 2, 3)] == [None] * 3
    assert card(town, "dana").buttons == CARD


async def test_a_claim_takes_nobodys_right_to_undo(town: Town) -> None:
    await asks(town.sam, "long")
    await town.hana.on_slack.presses("Approve", on="A-1001")
    await looks(town, "dana")

    await town.hana.on_slack.presses("Undo")

    assert (await request(town)).step == 0
    assert [one.claimed_at for one in [await seat(town, n) for n in (2, 3, 4)]] == [None] * 3


async def test_a_deputy_looks_at_it_for_whoever_is_away(town: Town) -> None:
    await town.omar.on_slack.commands("deputy", "Gus until Friday")
    await asks(town.sam, "taxi")

    await town.gus.on_slack.presses("I'm looking at it", on="A-1001")

    assert town.gus.outcome == "done", town.gus.reads
    state = card(town, "dana").fact("State")
    assert state.endswith("; Gus for Omar is looking at it, since Mon 23 Nov 09:00")
    assert await trail(town) == [("claim", town.gus.id, town.omar.id, "[]", "")]
    await town.omar.on_slack.commands("deputy", "off")
    assert "is looking" not in card(town, "dana").line


async def test_until_it_is_late_only_whoever_looks_at_it_is_reminded(town: Town) -> None:
    await asks(town.sam, "taxi")
    await looks(town, "dana")

    await town.passes(hours=6)
    waits = "A-1001 Request waits for you"
    assert set(told(town, "dana")) == {waits}
    assert told(town, "fay") == []

    await town.passes(hours=4)
    assert told(town, "fay") == ["A-1001 Request is late: it waits for you"]
    assert told(town, "dana")[-1] == "A-1001 Request is late: it waits for you"


async def test_where_nothing_says_when_it_is_due_a_claim_spares_the_others_one_reminder(town: Town) -> None:
    await asks(town.sam, "gift")
    await town.passes(hours=1)
    await looks(town, "dana")

    await town.passes(hours=1)  # 11:00
    assert told(town, "fay") == []
    await town.passes(hours=4)
    assert told(town, "fay")[0] == "A-1001 Request waits for you"


async def test_the_digest_has_what_others_look_at_last_and_says_so(town: Town) -> None:
    town.clock.moves(hours=5)
    for what in ("Taxi", "Tram"):
        await asks(town.sam, "taxi", what=what)
    await looks(town, "dana")
    town.clock.moves(hours=-5)

    await town.fay.on_slack.commands("approvals")
    assert cells(town.fay) == ["A-1001", "A-1002"]
    assert cells(town.fay, 4)[0].endswith("; Dana is looking at it, since Mon 23 Nov 14:00")

    town.clock.moves(days=1)
    await town.passes(minutes=40)
    (digest,) = [post for post in town.slack.at(town.fay) if post.message.about is None and post.card.table]
    said = [row.cells[0] for row in digest.card.table.rows]  # type: ignore[union-attr]
    assert said == ["A-1002", "A-1001"]


async def test_the_trail_says_it_and_its_seal_holds(town: Town) -> None:
    await asks(town.sam, "taxi")
    await looks(town, "dana")
    await town.omar.on_telegram.presses("Take over", on="A-1001")
    await town.omar.on_telegram.presses("Leave it to the others", on="A-1001")

    assert [what for what, _ in await town.audited() if what in ("approvals.claim", "approvals.release")] == [
        "approvals.claim", "approvals.claim", "approvals.release",
    ]  # fmt: skip
    async with town.database.reading() as session:
        kept = await session.get(Request, 1)
        acts = (await session.execute(select(Act))).scalars().all()
        assert kept is not None
        assert (await proof.prove(session, kept, acts)).holds(acts)
