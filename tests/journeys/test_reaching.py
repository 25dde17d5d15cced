"""People are reached when and where they can be: together in the morning, and on Slack while Telegram is blocked."""

from __future__ import annotations

from tests.journeys.company import Company, in_both_companies, notice
from tests.journeys.seeing import reads

MISSED_NOBODY = "✅ Everybody could be reached in the last thirty days | Nothing to do here. That is how it should be."
FOOT = "The last thirty days. What the messages said is not shown."


@in_both_companies
async def test_what_can_wait_comes_in_the_morning_as_one(company: Company) -> None:
    sam, lin = company.sam.on_telegram, company.lin.on_telegram
    company.clock.moves(hours=11)
    for one in (company.sam, company.lin):
        await company.tells(one, notice(1), notice(2), notice(3))
    await company.tells(company.sam, notice(4), urgent=True)
    await reads(sam, "Complaint C-4 is resolved | Customer: Ms Lee [Show]")
    assert (len(sam.reads()), lin.reads()) == (1, [])

    company.clock.moves(hours=13)

    await reads(
        sam,
        "Complaint C-4 is resolved | Customer: Ms Lee [Show]",
        "While you were away: 3 notices | 1. Complaint C-1 is resolved | Customer: Ms Lee"
        " | 2. Complaint C-2 is resolved | Customer: Ms Lee | 3. Complaint C-3 is resolved | Customer: Ms Lee"
        " [1 · Show] [2 · Show] [3 · Show]",
    )
    await reads(
        lin,
        "你不在时有 3 条通知 | 1. 投诉 C-1 已解决 · 客户：Ms Lee | 2. 投诉 C-2 已解决 · 客户：Ms Lee"
        " | 3. 投诉 C-3 已解决 · 客户：Ms Lee [1 · 查看] [2 · 查看] [3 · 查看]",
    )


@in_both_companies
async def test_who_blocks_us_on_telegram_is_told_on_slack_until_they_come_back(company: Company) -> None:
    sam, ada = company.sam, company.ada.on_slack
    await sam.on_telegram.blocks()
    assert await company.telegram.delivered()

    await company.tells(sam, notice(1), urgent=True)
    await reads(sam.on_slack, "Complaint C-1 is resolved | Customer Ms Lee | [Show]")
    assert await ada.commands("/unreached") == (
        "⚠️ Who could not be reached | “has blocked the bot”: Ask them to unblock Opsbook, and to press Start."
        " | Person | Where | When | Why | Sam | Telegram | not reached since Mon 23 Nov | has blocked the bot"
        f" | {FOOT}"
    )

    await sam.on_telegram.unblocks()
    await sam.on_telegram.opens()
    await reads(
        sam.on_telegram,
        "Good morning, Sam | Nothing waits for you. Enjoy it while it lasts."
        " [My day] [Report a complaint] [About me] [Help]",
    )
    await company.tells(sam, notice(2), urgent=True)
    await reads(sam.on_telegram, "Complaint C-2 is resolved | Customer: Ms Lee [Show]")
    assert sam.on_slack.reads() == ["Complaint C-1 is resolved | Customer Ms Lee | [Show]"]
    assert await ada.commands("/unreached") == MISSED_NOBODY


@in_both_companies
async def test_account_that_is_gone_is_found_out_by_the_first_notice(company: Company) -> None:
    sam, ada = company.sam, company.ada.on_slack
    assert await ada.commands("/unreached") == MISSED_NOBODY
    sam.on_telegram.deactivates()  # of which Telegram tells nobody

    await company.tells(sam, notice(1), urgent=True)

    await reads(sam.on_slack, "Complaint C-1 is resolved | Customer Ms Lee | [Show]")
    assert await ada.commands("/unreached") == (
        "⚠️ Who could not be reached | “the account was deleted”:"
        " See whether they still have that account; then import their new one, or have them link it."
        " | Person | Where | When | Why"
        " | Sam | Telegram | not reached since Mon 23 Nov | the account was deleted"
        " Sam | Telegram; it came by Slack instead | Mon 23 Nov 09:00 | the account was deleted"
        f" | {FOOT}"
    )
