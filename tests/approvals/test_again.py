"""Asking again: what has ended opens its form once more, as far as it still fits; both requests name each other."""

from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select

from bot.answer import Outcome
from bot.codec import unpack_files
from bot.ui.form import Attached
from config.handbook import Handbook
from config.text import Money
from storage import approvals, webchat
from storage.approvals.proof import prove
from storage.approvals.trail import trail
from storage.webchat import WebFile
from tests.approvals.conftest import asks, request
from tests.approvals.crowd import card_of, looks
from tests.town import Person, Town, english

BILL = Attached("slack:F1", "bill.pdf", "application/pdf", 9)
OWN = Path(__file__).with_name("town.toml")


async def rejected(town: Town, **more: Any) -> None:
    """Sam asked for a taxi, and Boss said no."""
    await asks(town.sam, **more)
    await town.boss.on_slack.presses("Reject", on=card_of(town, town.boss))
    await town.boss.on_slack.fills(why="Too much.")


async def travels(who: Person, *chosen: Person) -> None:
    """Somebody asks for three days in Beijing, and chooses who decides."""
    await who.on_slack.commands("request", "trip Beijing")
    days: dict[str, Any] = {"from": "2026-12-02", "to": "2026-12-04"}
    await who.on_slack.fills(**days, chosen_0=[one.id for one in chosen])
    assert who.outcome == Outcome.DONE, who.reads


def decides(town: Town, tmp_path: Path, *changes: tuple[str, str]) -> None:
    """From now on the company's handbook says something else."""
    text = OWN.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    own = tmp_path / "handbook.toml"
    own.write_text(text, encoding="utf-8")
    town.database.handbook = Handbook.load(own)


async def test_what_was_rejected_is_asked_for_again_with_what_was_answered(town: Town) -> None:
    await rejected(town, receipts=[BILL])
    assert card_of(town, town.sam).buttons == ["Comment", "Forward", "Ask again"]

    await town.sam.on_slack.presses("Ask again", on=card_of(town, town.sam))
    asked = town.sam.asked
    assert asked is not None
    assert (asked.form, asked.about) == ("approvals.again:1", None)
    assert asked.answers == {"what": "Taxi to Ms Lee", "amount": Money(30000), "receipts": (BILL,)}
    await town.sam.on_slack.submits(asked.form, what="Tram to Ms Lee", amount="30")

    assert town.sam.reads.startswith("A-1002 Expense is on its way | ")
    new, old = await request(town, 2), await request(town)
    assert (new.status, new.minor, old.status) == ("pending", 3000, "rejected")
    assert unpack_files(approvals.answers_of(new)["receipts"]) == (BILL,)
    assert card_of(town, town.boss, "A-1002 \u00b7").fact("Asked again after") == "A-1001 (rejected)"
    assert card_of(town, town.sam, "A-1001").fact("Asked again as") == "A-1002"
    assert "Asked again as" not in card_of(town, town.boss, "A-1001").line


async def test_both_trails_tell_of_each_other(town: Town) -> None:
    await rejected(town)
    await town.sam.on_slack.submits("approvals.again:1", what="Tram", amount="30")

    async with town.database.reading() as session:
        said = [[(act.what, act.detail) for act in await trail(session, id)] for id in (1, 2)]
    assert said[0][-1] == ("again", "A-1002")
    assert said[1][1] == ("again_after", "A-1001 rejected")
    assert ("approvals.again", "approvals:1") in await town.audited()


async def test_what_was_approved_or_withdrawn_is_asked_for_again_on_every_platform(town: Town) -> None:
    await asks(town.sam)
    await town.boss.on_slack.presses("Approve", on=card_of(town, town.boss))
    assert "[Ask for the same again]" in await looks(town.sam)
    await town.sam.on_web.presses(action="approvals.again:1")
    await town.sam.on_web.fills(amount="310")
    await town.sam.on_slack.presses("Withdraw", on=card_of(town, town.sam, "A-1002 \u00b7"))
    assert card_of(town, town.sam, "A-1002 \u00b7").buttons[-1] == "Ask again"

    await town.sam.on_phone.presses(action="approvals.again:2")
    assert town.telegram.reads(town.sam)[-1].startswith("Invoices | ")
    await town.sam.on_phone.presses("Skip")
    await town.sam.on_phone.presses("Submit")
    kept = await request(town, 3)
    assert (kept.status, kept.minor) == ("pending", 31000)


async def test_only_whoever_asked_for_it_asks_again_and_only_once_it_has_ended(town: Town) -> None:
    await asks(town.sam)
    await town.sam.on_slack.presses(action="approvals.again:1")
    assert town.sam.reads == "A-1001 is under way; that can't be done now."
    await town.boss.on_slack.presses("Reject", on=card_of(town, town.boss))
    await town.boss.on_slack.fills(why="No.")

    await town.boss.on_slack.presses(action="approvals.again:1")
    assert town.boss.reads == "Only whoever asked for A-1001 can do that."
    await town.boss.on_slack.submits("approvals.again:1", what="Taxi", amount="3")
    assert town.boss.reads == "Only whoever asked for A-1001 can do that."
    await town.dana.on_slack.presses(action="approvals.again:1")
    assert town.dana.reads == "There is no such record, or it is not yours to see."
    assert len(await town.rows(select(approvals.Request))) == 1


async def test_what_is_no_more_or_not_theirs_is_refused_in_the_usual_words(town: Town, tmp_path: Path) -> None:
    await rejected(town)
    decides(town, tmp_path, ('clause = "2.6.1"', 'clause = "2.6.1"\nmay_ask = ["service"]'))
    await town.sam.on_slack.presses(action="approvals.again:1")
    assert town.sam.reads == "\u201cExpense\u201d is not for you to ask for. Please ask your head."

    decides(town, tmp_path, ('clause = "2.6.1"', 'clause = "2.6.1"\nenabled = false'))
    await town.sam.on_slack.presses(action="approvals.again:1")
    gone = "There is no such kind of request (any more). Type \u201crequest\u201d to see those there are."
    assert town.sam.reads == gone


async def test_what_the_form_asks_otherwise_today_is_left_out(town: Town, tmp_path: Path) -> None:
    await rejected(town, amount="300")
    amount = 'amount = { label = { zh = "金额", en = "Amount" }, ask = "money"'
    decides(town, tmp_path, (amount, f"{amount}, most = 200"), ('ask = "paragraph"', 'ask = "line", most = 5'))

    await town.sam.on_slack.presses("Ask again", on=card_of(town, town.sam))
    assert town.sam.asked is not None
    assert town.sam.asked.answers == {}
    await town.sam.on_slack.fills(what="Taxi", amount="200.01")
    assert town.sam.reads == "Please give at most CN\u00a5200.00."


async def test_who_decided_is_filled_in_as_far_as_they_still_may(town: Town, tmp_path: Path) -> None:
    await travels(town.sam, town.hana, town.dana)
    await town.sam.on_slack.presses("Withdraw", on=card_of(town, town.sam))
    await town.dana.leaves()

    await town.sam.on_slack.presses("Ask again", on=card_of(town, town.sam))
    assert town.sam.asked is not None
    trip = {"where": "Beijing", "from": date(2026, 12, 2), "to": date(2026, 12, 4)}
    assert town.sam.asked.answers == {**trip, "chosen_0": (town.hana.on_slack.who,)}

    decides(town, tmp_path, ('ask = "day" } }', 'ask = "day", latest = "2026-12-03" } }'))
    await town.sam.on_slack.presses("Ask again", on=card_of(town, town.sam))
    del trip["to"]
    assert town.sam.asked.answers == {**trip, "chosen_0": (town.hana.on_slack.who,)}


async def test_a_file_of_ours_that_is_gone_is_to_be_attached_anew(town: Town) -> None:
    async with town.unit() as work:
        files = [await webchat.keep_file(work, town.sam.id, name, "image/jpeg", b"x") for name in ("a.jpg", "b.jpg")]
    bills = [Attached(f"web:{file.id}", file.name, "image/jpeg", 1) for file in files]
    await rejected(town, receipts=bills)
    async with town.unit() as work:
        await work.session.execute(delete(WebFile).where(WebFile.name == "a.jpg"))  # type: ignore[arg-type]

    await town.sam.on_slack.presses("Ask again", on=card_of(town, town.sam))
    asked = town.sam.asked
    assert asked is not None
    assert asked.answers["receipts"] == (bills[1],)
    hint = asked.questions[2].hint
    assert hint is not None
    assert english(hint) == "Not there any more: a.jpg. Please attach them anew."


async def test_the_audit_confirms_both(town: Town) -> None:
    await rejected(town)
    await town.sam.on_slack.submits("approvals.again:1", what="Tram", amount="30")

    async with town.database.reading() as session:
        for number in (1, 2):
            acts = await trail(session, number)
            assert (await prove(session, await request(town, number), acts)).holds(acts)
