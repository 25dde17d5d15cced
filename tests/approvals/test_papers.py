"""Papers of approvals: all of a request as a file, in either language, and whether the audit confirms it."""

import re
from collections.abc import AsyncIterator
from io import BytesIO

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import select, update
from sqlmodel import col

from bot.ui.card import Card
from config.text import t
from storage.approvals import Act
from storage.audit import Audit
from storage.authority import NOT_THERE
from storage.webchat import WebFile
from tests.approvals.crowd import book, card_of, looks, spends
from tests.town import Person, Town


@pytest.fixture
async def town(town_url: str) -> AsyncIterator[Town]:
    """The town with requests of every make, on a Monday at nine."""
    town = await Town.open(town_url, book())
    yield town
    await town.close()


CONFIRMED = t("The audit confirms it: nothing of what was done has been changed or taken out since.")


async def takes_out(who: Person, number: str = "A-1001", **how: str) -> Card:
    """Somebody exports a request, as they look at it."""
    await looks(who, number)
    await who.on_slack.presses("Export")
    await who.on_slack.fills(**how)
    assert who.answer is not None
    assert isinstance(who.answer.reply, Card), who.reads
    return who.answer.reply


async def made(town: Town) -> list[WebFile]:
    """The files that were made, in their order."""
    return await town.rows(select(WebFile).order_by(col(WebFile.id)))


async def has_been_through_much(town: Town) -> None:
    """Asked, answered, sent back, changed, passed on and approved."""
    await spends(town.sam, "6000", "Dinner")
    boss, sam = town.boss.on_slack, town.sam.on_slack
    await boss.presses("Ask", on=card_of(town, town.boss))
    await boss.fills(text="Who was there?")
    await sam.presses("Answer", on=card_of(town, town.sam))
    await sam.fills(text="Ms Lee.")
    await boss.presses("More\u2026", on=card_of(town, town.boss))
    await boss.presses("Send back")
    await boss.fills(why="Too dear.")
    await sam.presses("Change and send again", on=card_of(town, town.sam))
    await sam.fills(what="Dinner", amount="5900")
    await boss.presses("Approve", on=town.slack.post(town.boss))


def _without_seals(read: str) -> list[str]:
    """The lines of a PDF, save the seals, which nobody reads."""
    lines = [re.sub(r" ?[0-9a-f]{8,}$", "", line).strip() for line in read.splitlines()]
    return [line for line in lines if line not in ("", "yes") and not line.startswith(("Page ", "A-1001, edition"))]


WHOLE = [
    "A-1001 · Expense · CN¥5,900.00",
    "Morningstar Smart Home",
    "Made for Sam, Mon 23 Nov 2026 09:00",
    "State Waits for Omar and Gus since Mon 23 Nov 2026 09:00",
    "Requester Sam",
    "Department Sales",
    "Asked for Mon 23 Nov 2026 09:00",
    "By which clause §2.6.1 Expenses and payments",
    "Amount CN¥5,900.00",
    "What was it for?",
    "Dinner",
    "The rules it goes by",
    "No. Step Who decides Together If Within Applies",
    "1 Manager manager 8 h yes",
    "2 Review Omar, Gus all of them Amount ≥ 5000 yes",
    "Who was asked, and what they decided",
    "Round Step Who Why they Came to them Decision Decided at From where Comment",
    "1 Manager Boss manager Mon 23 Nov 2026 09:00 sent back Too dear.",
    "2 Manager Boss manager Mon 23 Nov 2026 09:00 approved it Mon 23 Nov 2026 09:00 Slack",
    "2 Review Omar named in the handbook Mon 23 Nov 2026 09:00 open",
    "2 Review Gus named in the handbook Mon 23 Nov 2026 09:00 open",
    "Questions",
    "Asked Who asks Whom Question Answer Answered",
    "Mon 23 Nov 2026 09:00 Boss Sam Who was there? Ms Lee. Mon 23 Nov 2026 09:00",
    "What was changed",
    "When Field Before After",
    "Mon 23 Nov 2026 09:00 Amount CN¥6,000.00 CN¥5,900.00",
    "The trail",
    "When Round What was done From",
    "where",
    "Words Audit line Seal Holds",
    "Mon 23 Nov 2026 09:00 1 Sam asked for it Slack 1",
    "Mon 23 Nov 2026 09:00 1 It came before Boss Slack 2",
    "Mon 23 Nov 2026 09:00 1 Boss asked Sam a question Slack Who was there? 4",
    "Mon 23 Nov 2026 09:00 1 Sam answered Boss Slack Ms Lee. 6",
    "Mon 23 Nov 2026 09:00 1 Boss sent it back Slack Too dear. 8",
    "Mon 23 Nov 2026 09:00 2 Sam changed it and sent it",
    "again",
    "Slack 10",
    "Mon 23 Nov 2026 09:00 2 It came before Boss Slack 11",
    "Mon 23 Nov 2026 09:00 2 Boss approved Slack 13",
    "Mon 23 Nov 2026 09:00 2 It came before Omar, Gus Slack 14",
    "What the audit says",
    "The audit confirms it: nothing of what was done has been changed or taken out since.",
    "All 15 lines of the audit were checked, each with the one before it.",
    "Seal of the last line:",
]


async def test_a_pdf_has_all_that_was_said_and_done(town: Town) -> None:
    await has_been_through_much(town)

    card = await takes_out(town.sam)

    assert (card.body, [file.name for file in card.files]) == ((CONFIRMED,), ["A-1001.pdf"])
    [file] = await made(town)
    read = "\n".join(page.extract_text() for page in PdfReader(BytesIO(file.data)).pages)
    assert _without_seals(read) == WHOLE
    assert ("approvals.export", "approvals:1") in await town.audited()


async def test_a_workbook_comes_in_the_language_that_is_wanted(town: Town) -> None:
    await spends(town.sam)

    await takes_out(town.sam, file_type="xlsx", language="zh")

    [file] = await made(town)
    book = load_workbook(BytesIO(file.data))
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert file.name == "A-1001.xlsx"
    assert {"报销事由", "金额", "直属上级", "销售部"} <= set(cells)


async def test_a_trail_that_was_changed_is_found_out(town: Town) -> None:
    await spends(town.sam)
    async with town.unit() as work:
        await work.session.execute(update(Act).where(col(Act.what) == "file").values(by_id=town.lin.id))

    card = await takes_out(town.sam)

    assert card.body == (
        t("The audit does not confirm all of it: something was changed or taken out. Please tell the administrator."),
    )


async def test_an_act_that_was_taken_out_is_found_out(town: Town) -> None:
    await spends(town.sam)
    async with town.unit() as work:
        for act in (await work.session.execute(select(Act).where(col(Act.what) == "seat"))).scalars():
            await work.session.delete(act)

    card = await takes_out(town.sam)

    assert card.body == (
        t("The audit does not confirm all of it: something was changed or taken out. Please tell the administrator."),
    )


async def test_a_broken_chain_is_named_by_its_line(town: Town) -> None:
    await spends(town.sam)
    async with town.unit() as work:
        await work.session.execute(update(Audit).where(col(Audit.seq) == 2).values(actor_id=town.lin.id))

    card = await takes_out(town.sam)

    said = t("The audit's chain is broken at line {line}. Please tell the administrator.", line="2")
    assert card.body == (said,)


async def test_only_those_who_have_to_do_with_it_take_it_out(town: Town) -> None:
    await spends(town.sam)
    await town.boss.on_slack.presses("Approve", on=card_of(town, town.boss))

    await town.fay.on_slack.presses(action="approvals.export:1")
    assert town.fay.reads == "That can't be done to A-1001 as it stands now."
    assert "[Export]" not in await looks(town.fay)
    for person in (town.dana, town.ada):
        assert await person.on_slack.presses(action="approvals.export:1") == NOT_THERE
        assert await person.on_slack.submits("approvals.export:1", file_type="pdf", language="en") == NOT_THERE
    assert await made(town) == []


async def test_the_register_lists_a_period_for_whoever_keeps_the_approvals(town: Town) -> None:
    await spends(town.sam)
    await spends(town.lin, "6000")
    await town.boss.on_slack.presses("Approve", on=card_of(town, town.boss))

    await town.boss.on_slack.commands("approvals", "register 2026-11")
    assert town.boss.reads == "Register of approvals, 2026-11 | 2 requests. | File: approvals-2026-11.xlsx"
    [file] = await made(town)
    rows = [row for sheet in load_workbook(BytesIO(file.data)) for row in sheet.iter_rows(values_only=True)]
    assert [row[0] for row in rows if str(row[0]).startswith("A-")] == ["A-1001", "A-1002"]

    await town.boss.on_slack.commands("approvals", "register 2025")
    assert town.boss.reads == "Nobody asked for anything in 2025."
    assert await town.boss.on_slack.commands("approvals", "register soon") == t(
        "Please name a month such as 2026-11, or a year such as 2026."
    )
    assert await town.sam.on_slack.commands("approvals", "register") == t(
        "Only whoever keeps the approvals sees all of them."
    )
