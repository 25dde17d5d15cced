"""Lists of approvals: what waits, what was asked for, decided and copied; several at once; a word each morning."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select
from sqlmodel import col

from bot.ui.form import Asking
from config.text import t
from storage.approvals import Request
from tests.approvals.crowd import book, card_of, cells, looks, spends, travels
from tests.town import Town, english


@pytest.fixture
async def town(town_url: str) -> AsyncIterator[Town]:
    """The town with requests of every make, on a Monday at nine."""
    town = await Town.open(town_url, book())
    yield town
    await town.close()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "What waits for me | Nothing waits for your decision. Well done."
             " | [My requests] [Decided by me] [Copies]"),
        ("mine", "What I asked for | You have not asked for anything yet. Type \u201crequest\u201d to begin."
                 " | [Waiting] [Decided by me] [Copies]"),
        ("done", "What I decided | You have not decided on anything yet. What waits for you comes to you by itself."
                 " | [Waiting] [My requests] [Copies]"),
        ("抄送我的", "What I was told of | Nobody has sent you a copy yet. | [Waiting] [My requests] [Decided by me]"),
    ],
)  # fmt: skip
async def test_an_empty_list_says_what_to_expect(town: Town, words: str, said: str) -> None:
    await town.dana.on_slack.commands("approvals", words)

    assert town.dana.reads == said


async def test_a_list_that_is_not_there_says_which_there_are(town: Town) -> None:
    assert await town.dana.on_slack.commands("approvals", "closed") == t(
        "There is no such list. Type “approvals”, or behind it: mine, done, copied, stats."
    )
    assert await town.dana.on_slack.presses(action="approvals.page:closed") == t("That list does not exist.")


async def test_lists_say_who_asks_for_what_and_until_when(town: Town) -> None:
    await spends(town.sam)
    await travels(town.lin)

    await town.boss.on_slack.commands("approvals")
    assert town.boss.reads == (
        "What waits for me | A-1001, Expense: Taxi to Ms Lee, Sam, CN\u00a5300.00, due Mon 23 Nov 18:00"
        " | A-1002, Trip: Beijing, Lin, , since Mon 23 Nov 09:00"
        " | [Approve several] [My requests] [Decided by me] [Copies] [All]"
    )
    await town.boss.on_slack.presses("Show", on="A-1001")
    await town.boss.on_slack.presses("Approve", on=card_of(town, town.boss))
    await town.boss.on_slack.commands("待我审批")
    assert cells(town.boss) == ["A-1002"]
    await town.boss.on_slack.presses("Decided by me")
    assert cells(town.boss) == ["A-1001"]
    await town.sam.on_slack.commands("approvals", "我提交的")
    assert (cells(town.sam), cells(town.sam, 3)) == (["A-1001"], ["Approved, Mon 23 Nov"])
    await town.fay.on_slack.commands("approvals", "copied")
    assert cells(town.fay) == ["A-1001"]
    await town.boss.on_slack.commands("approvals", "all")
    assert cells(town.boss) == ["A-1002", "A-1001"]


@pytest.mark.parametrize("who", ["sam", "ada", "hana"])
async def test_all_of_them_are_for_whoever_keeps_the_approvals(town: Town, who: str) -> None:
    await spends(town.sam)

    assert await getattr(town, who).on_slack.commands("approvals", "all") == t(
        "Only whoever keeps the approvals sees all of them."
    )


@pytest.mark.parametrize("name", ["waiting", "mine"])
async def test_a_long_list_is_turned_page_by_page(town: Town, name: str) -> None:
    for _ in range(12):
        await travels(town.sam)
    who = town.boss if name == "waiting" else town.sam
    expected = [f"A-{1000 + n}" for n in range(1, 13)]

    await who.on_slack.commands("approvals", name)
    pages = [cells(who)]
    await who.on_slack.presses("Next page")
    pages.append(cells(who))

    assert [len(page) for page in pages] == [10, 2]
    assert pages[0] + pages[1] == (expected if name == "waiting" else expected[::-1])
    assert "[Next page]" not in who.reads


async def test_several_are_approved_at_once_and_each_answers_for_itself(town: Town) -> None:
    await spends(town.sam)
    await spends(town.lin, "6000")
    await travels(town.sam)
    await spends(town.lin, "45000")
    await town.boss.on_slack.commands("approvals")
    await town.boss.on_slack.presses("Approve several")
    assert isinstance(town.boss.asked, Asking)
    assert [english(one.label) for one in town.boss.asked.questions[0].options] == [
        "Sam: A-1001 \u00b7 CN\u00a5300.00 \u00b7 Expense: Taxi to Ms Lee",
        "Lin: A-1002 \u00b7 CN\u00a56,000.00 \u00b7 Expense: Taxi to Ms Lee",
        "Sam: A-1003 \u00b7 Trip: Beijing",
        "Lin: A-1004 \u00b7 CN\u00a545,000.00 \u00b7 Expense: Taxi to Ms Lee",
    ]

    await town.lin.on_slack.presses("Withdraw", on=card_of(town, town.lin, "A-1002"))
    await town.boss.on_slack.fills(which=["1", "2", "3", "4"], comment="Fine.")

    assert town.boss.reads == (
        "2 approved, 2 not | A-1002, A-1002 is withdrawn now. Nothing is to be decided."
        " | A-1004, CN\u00a545,000.00 wants a second confirmation: approve it by itself"
        " | A-1001, you approved it | A-1003, you approved it"
    )
    rows = await town.rows(select(Request).order_by(col(Request.id)))
    assert [one.status for one in rows] == ["approved", "withdrawn", "approved", "pending"]
    assert "Boss, Mon 23 Nov 09:00: Fine." in await looks(town.sam, "A-1001")


async def test_what_went_to_somebody_else_meanwhile_is_not_approved_with_the_others(town: Town) -> None:
    await travels(town.sam)
    await travels(town.lin)
    await town.boss.on_slack.presses(action="approvals.begin_several")
    form = town.boss.asked
    assert form is not None
    await town.boss.on_slack.presses("More\u2026", on=card_of(town, town.boss, "A-1001"))
    await town.boss.on_slack.presses("Transfer")
    await town.boss.on_slack.fills(to=town.hana.id)

    await town.boss.on_slack.submits(form.form, which=["1", "2"])

    assert town.boss.reads == (
        "1 approved, 1 not | A-1001, A-1001 is with Hana now, not with you. | A-1002, you approved it"
    )


async def test_somebody_elses_seat_is_none_of_the_answers(town: Town) -> None:
    await travels(town.sam)
    await travels(town.lin)
    await town.boss.on_slack.presses(action="approvals.begin_several")
    form = town.boss.asked
    assert form is not None

    await town.dana.on_slack.submits(form.form, which=["1"])
    assert town.dana.reads == "Nothing waits for your decision. Well done."
    await town.boss.on_slack.submits("approvals.several:soon", which=["1"])
    assert town.boss.reads == "This form has changed since it was opened. Please open it again."
    assert [one.status for one in await town.rows(select(Request))] == ["pending", "pending"]


@pytest.mark.parametrize("words", ["A-1001", "a1001", " a - 1001", "\uff21\uff0d\uff11\uff10\uff10\uff11"])
async def test_an_approval_is_found_by_its_number_however_it_is_typed(town: Town, words: str) -> None:
    await spends(town.sam)

    await town.sam.on_slack.says(words, to_us=True)
    assert town.sam.reads.startswith("A-1001 \u00b7 Expense \u00b7 CN\u00a5300.00 | Taxi to Ms Lee")
    await town.sam.on_slack.commands("approval", words)
    assert town.sam.reads.startswith("A-1001 \u00b7 Expense \u00b7 CN\u00a5300.00 | Taxi to Ms Lee")


@pytest.mark.parametrize("words", ["我的报销到哪了？", "进度", "审批 我的", "Where is my taxi?", "approvals mine"])
async def test_whoever_asks_where_theirs_is_reads_what_they_asked_for(town: Town, words: str) -> None:
    await spends(town.sam)

    await town.sam.on_phone.says(words)

    listed = "What I asked for | A-1001, Expense: Taxi to Ms Lee, CN\u00a5300.00, waits for Boss"
    assert town.sam.reads.startswith(listed)


async def test_what_is_no_number_is_said_to_be_none(town: Town) -> None:
    assert await town.sam.on_slack.commands("approval", "lunch") == t(
        "\u201c{text}\u201d is not an approval's number. It looks like A-1042.", text="lunch"
    )


async def test_what_is_stuck_is_listed_for_an_administrator_without_what_it_says(town: Town) -> None:
    await spends(town.sam, "6000")
    await town.boss.on_slack.presses("Approve", on=card_of(town, town.boss))

    await town.ada.on_slack.commands("approvals", "stuck")
    assert town.ada.reads == ("Approvals under way | A-1001, Expense, Under way, Omar, Gus, Mon 23 Nov 09:00")
    await town.ada.on_slack.presses("Show")
    await town.ada.on_slack.presses("Terminate")
    assert isinstance(town.ada.asked, Asking)
    assert await town.sam.on_slack.commands("approvals", "stuck") == t(
        "That list is for whoever keeps the approvals, and for administrators."
    )


async def test_each_morning_everybody_hears_what_waits_for_them_once(town: Town) -> None:
    await travels(town.sam)
    await travels(town.lin)
    await town.passes(hours=24, minutes=29)
    assert "waits for you" not in " ".join(town.slack.reads(town.boss))

    await town.passes(minutes=1)
    await town.passes(hours=1)

    assert town.slack.reads(town.boss)[-1:] == [
        "2 approvals wait for you | A-1001, Trip: Beijing, Sam, , since Mon 23 Nov 09:00"
        " | A-1002, Trip: Beijing, Lin, , since Mon 23 Nov 09:00 | [Open the list]"
    ]
    assert [line for line in town.slack.reads(town.boss) if "wait for you" in line] == town.slack.reads(town.boss)[-1:]
    assert town.slack.reads(town.dana) == []
    await town.boss.on_slack.presses("Open the list")
    assert cells(town.boss) == ["A-1001", "A-1002"]


async def test_my_day_lists_what_waits_for_my_decision(town: Town) -> None:
    await spends(town.sam)

    await town.boss.on_slack.commands("home")
    assert "A-1001, Sam: Expense, Waits for you, Mon 23 Nov 18:00" in town.boss.reads
    await town.sam.on_slack.commands("home")
    assert cells(town.sam) == []
