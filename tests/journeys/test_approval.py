"""A request goes round three platforms: asked on one, decided on others, and whoever looks sees who decided where."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial

from tests.journeys.company import CHANNEL, Colleague, Company, in_both_companies, in_one_company
from tests.journeys.seeing import Window, comes, reads, soon
from tests.platforms.telegram.caller import PNG, Person
from tests.platforms.telegram.chats import Answered

AT = "Mon 23 Nov 09:00"


@in_both_companies
async def test_much_money_is_approved_on_one_platform_and_confirmed_on_another(company: Company) -> None:
    sam, boss, hana, omar = company.sam, company.boss, company.hana, company.omar
    await company.prefers(hana, "web")
    await hana.on_web.signs_in()
    await boss.on_web.signs_in()

    await answers_every_question(sam.on_telegram)
    async with in_time(company, "Sam asks for it", waits(company, "Boss", "Boss")):
        await sam.on_telegram.presses("Submit")

    await comes(boss.on_slack.reads, "(file: photo-7.jpg)")
    await boss.on_slack.presses("Approve")
    await comes(boss.on_slack.reads, "A-1001 Outlay: please confirm it on")
    await comes(boss.on_web.own, "Confirm your approval of A-1001 Outlay?", "You approved it on Slack.")
    async with in_time(company, "Boss confirms it", waits(company, "Hana、Omar", "Hana and Omar")):
        assert await boss.on_web.presses("Confirm") == (
            "You approved, and confirmed it. A-1001 waits for Hana and Omar now."
        )

    await comes(hana.on_web.own, "[同意]")
    assert await hana.on_web.opens("photo-7.jpg") == PNG
    await hana.on_web.presses("同意")
    await comes(hana.on_slack.reads, "[确认] [不确认]")
    async with in_time(company, "Hana confirms it", waits(company, "Omar", "Omar")):
        await hana.on_slack.presses("确认")

    pressed = await omar.on_telegram.presses("同意 / Approve", chat=company.group)
    assert pressed == Answered("已私聊发给你。")
    await comes(omar.on_slack.reads, "[确认] [不确认]")
    async with in_time(company, "Omar confirms it", states(company, "已通过", "Approved")):
        await omar.on_slack.presses("确认")

    await reads(sam.on_telegram, "✅ A-1001 Outlay is approved | Omar approved, on Slack | Amount: CN¥6,000.00 [Show]")
    assert company.shown() == OVER
    await soon(lambda: _undecided(boss.on_slack.reads()[0]), BOSSES)
    await soon(lambda: _undecided(hana.on_web.own()[0]), HANAS)
    await soon(lambda: _undecided(_card(sam.on_telegram)), SAMS)
    assert company.telegram.limited == []


async def answers_every_question(sam: Person) -> None:
    """The handbook's own form in a private chat, its words one by one, and a photo of the receipt."""
    await sam.says("/request outlay")
    await reads(sam, "What was it for? | Outlay: 1 of 3 [Cancel]")
    await sam.says("Deposit for the fair")
    await reads(sam, "Amount | Outlay: 2 of 3 [Back] [Cancel]")
    await sam.says("6000")
    await comes(sam.reads, "Receipts | ", "Outlay: 3 of 3")
    await sam.sends_photo()
    await comes(sam.reads, "So far: photo-7.jpg")
    await sam.presses("Done")
    await reads(
        sam,
        "Outlay: please look it over | Nothing is sent until you press “Submit”."
        " | What was it for? | Deposit for the fair | Amount: CN¥6,000.00 | Receipts: photo-7.jpg"
        " [Submit] [Change …] [Cancel]",
    )


@asynccontextmanager
async def in_time(company: Company, step: str, windows: Mapping[str, Window]) -> AsyncIterator[None]:
    """What is done is seen within the promise, by people who have seen what was done before: an act makes two messages
    for the room, the card and a line under it, and platforms take one a second."""
    await company.rests()
    async with company.within_two_seconds(step, windows):
        yield


def waits(company: Company, chinese: str, english: str) -> dict[str, Window]:
    """The room's windows, where it waits for these people."""
    return states(company, f"等 {chinese} 处理", f"Waits for {english}")


def states(company: Company, chinese: str, english: str) -> dict[str, Window]:
    """The room's windows, each with the state that it is to show, since whenever."""
    windows = company.windows(chinese, english)
    paces = {"Slack": 1.0, "Telegram": 1.0}  # the line under the card goes before it
    return {
        name: Window(partial(_timeless, window.look), window.wanted, paces.get(name, 0.0))
        for name, window in windows.items()
    }


def _timeless(look: Callable[[], str]) -> str:
    return _MOMENT.sub("", look())


_MOMENT = re.compile("，11月23日 周一 [0-9:]+(?: 起)?|(?: since|,) Mon 23 Nov [0-9:]+")


def _undecided(line: str) -> str:
    """A card without what one may still do about it, save to decide."""
    return re.sub(r"(?: \|)? \[(?!Approve|Reject|同意|拒绝)[^]]*\]", "", line)


def _card(person: Person) -> str:
    """The first card of a request in a private chat."""
    return next(line for line in person.reads() if "A-1001 · " in line)


@in_one_company
async def test_request_is_sent_back_talked_about_and_decided_in_the_end(company: Company) -> None:
    sam, boss, hana, omar = company.sam, company.boss, company.hana, company.omar
    phone = omar.on_telegram
    await company.prefers(hana, "web")
    await company.prefers(sam, "telegram")
    await hana.on_web.signs_in()
    await boss.on_web.signs_in()
    await sam.on_slack.commands("/request", "outlay Stand at the fair 3000")
    await sam.on_slack.fills()
    await comes(boss.on_slack.reads, "[Approve] [Reject]")
    await boss.on_slack.presses("Approve")
    await comes(hana.on_web.own, "[同意]")
    old = hana.on_web.sees("同意")

    await comes(phone.reads, "[更多…]")
    await phone.presses("更多…")
    await comes(phone.reads, "[退回]")
    await phone.presses("退回")
    await comes(phone.reads, "需要做什么？")
    await phone.says("请写明天数")
    await comes(phone.reads, "退回：请核对", "请写明天数")
    async with in_time(company, "Omar sends it back", states(company, "Omar 退回", "Omar sent it back")):
        await phone.presses("退回")
    await reads(
        sam.on_telegram,
        "⚠️ A-1001 Outlay came back to you, to be changed | Omar sent it back, on Telegram | 请写明天数"
        " | Amount: CN¥3,000.00 [Change and send again] [Show]",
    )

    await sam.on_slack.commands("/approvals", "A-1001")
    await sam.on_slack.presses("Change and send again")
    form = await sam.on_slack.form()
    assert form.line == (
        "Outlay | What was it for?: Stand at the fair 3000 | Amount: 3000.00 | Receipts (optional): ___"
        " | [Send again] [Cancel]"
    )
    async with in_time(company, "Sam sends it again", waits(company, "Boss", "Boss")):
        await sam.on_slack.fills(**{"What was it for?": "Stand at the fair, two days", "Amount": "2800"})
    assert "A-1001 后来改过了，请看最新的内容。" in await hana.on_web.gives(old)

    await comes(boss.on_slack.reads, "Amount: CN¥3,000.00 → CN¥2,800.00", "[Approve] [Reject]")
    async with in_time(company, "Boss writes under his card", said(hana, omar)):
        await boss.on_slack.writes("Two days are enough.", "[Approve] [Reject]")
    assert [line for line in said_in_the_room(company) if "Two days are enough." in line] == []

    await boss.on_slack.presses("Reject")
    async with in_time(company, "Boss rejects it", states(company, "Boss 拒绝", "Boss rejected it")):
        await boss.on_slack.fills(why="Too late this year.")
    await comes(boss.on_slack.reads, "You rejected it.")
    await comes(sam.on_telegram.reads, "A-1001 Outlay is rejected", "Boss rejected it, on Slack", "Too late this year.")
    async with in_time(company, "Boss takes it back", waits(company, "Boss", "Boss")):
        await boss.on_slack.presses("Undo")
    await comes(sam.on_telegram.reads, "A-1001 Outlay is under way again", "Boss took back what was done last")
    async with in_time(company, "Boss approves it", waits(company, "Hana、Omar", "Hana and Omar")):
        await boss.on_slack.presses("Approve")

    await comes(hana.on_web.own, "改动", "[同意]")
    await hana.on_web.presses("提问")
    await hana.on_web.fills(of=sam.id, text="发票开好了吗？")
    await comes(sam.on_telegram.reads, "Hana asks you about A-1001 Outlay", "发票开好了吗？")
    await sam.on_telegram.presses("Answer")
    await comes(sam.on_telegram.reads, "Your answer", "Answer the question")
    await sam.on_telegram.says("Yes, yesterday.")
    await comes(sam.on_telegram.reads, "please look it over", "Yes, yesterday.")
    await sam.on_telegram.presses("Answer")
    await comes(hana.on_web.own, "Sam 回答了你", "Yes, yesterday.", "[同意]")

    assert await hana.on_web.presses("同意") == "你已同意。A-1001 正在等 Omar 处理。"
    async with in_time(company, "Omar approves it", states(company, "已通过", "Approved")):
        await phone.presses("同意 / Approve", chat=company.group)
    await reads(
        sam.on_telegram, "✅ A-1001 Outlay is approved | Omar approved, on Telegram | Amount: CN¥2,800.00 [Show]"
    )


def said(hana: Colleague, omar: Colleague) -> dict[str, Window]:
    """What Boss wrote under his own card, where the others read it: under theirs, in their words."""
    page, phone = hana.on_web, omar.on_telegram
    return {
        "the web": Window(lambda: page.reads(f"dm:{page.id}", page.root(f"dm:{page.id}")), [WROTE]),
        "Telegram": Window(lambda: phone.reads()[-1], WROTE),
    }


WROTE = "Boss 写道 | Two days are enough."


def said_in_the_room(company: Company) -> list[str]:
    """All that stands in the room, and under its card, on every platform."""
    hana = company.hana.on_web
    return [
        *company.slack.reads(CHANNEL), *company.slack.reads(CHANNEL, company.card_on_slack.ts),
        *company.telegram.reads(company.group), *hana.reads(), *hana.reads(under=hana.root()),
    ]  # fmt: skip


@in_one_company
async def test_deputy_decides_with_others_and_the_record_is_a_file_everywhere(company: Company) -> None:
    sam, boss, omar, lin, dana = company.sam, company.boss, company.omar, company.lin, company.dana
    phone = omar.on_telegram
    await boss.on_web.signs_in()
    await company.hana.on_web.signs_in()
    await sam.on_slack.commands("/request", "outlay Taxis 800")
    await sam.on_slack.fills()
    await comes(boss.on_slack.reads, "[Approve] [Reject]")
    async with in_time(company, "Boss names a deputy", waits(company, "Omar", "Omar")):
        assert await boss.on_slack.commands("/deputy", "Omar until 2026-11-27") == (
            f"Omar stands in for you from {AT} until Fri 27 Nov. What waits for you then goes to them, and what they"
            " have not decided comes back to you."
        )
    assert "… Omar（代 Boss） / … Omar for Boss" in company.shown()["Slack"]
    await soon(lambda: "你代 Boss 审批：直属上级，依据 §2.6.1 费用与付款" in _card(phone), True)

    await adds_lin(phone)
    await comes(lin.on_telegram.reads, "Omar 加签，也需要你表态", "[同意]")
    async with in_time(company, "Lin approves it", waits(company, "Omar", "Omar")):
        await lin.on_telegram.presses("同意")
    await comes(phone.reads, "A-1001 垫付款 又到你这里了", "Lin 同意了，来自Telegram")

    await soon(lambda: "[更多…]" in _card(phone), True)
    await hands_to_dana(phone)
    await comes(dana.on_slack.reads, "Omar passed it on to you", "[Approve] [Reject]")
    async with in_time(company, "Dana approves it", states(company, "已通过", "Approved")):
        await dana.on_slack.presses("Approve")
    await comes(sam.on_slack.reads, "A-1001 Outlay is approved", "Dana approved, on Slack")
    await soon(lambda: "Omar for Boss passed it on to Dana, on Telegram" in boss.on_slack.reads()[0], True)

    await takes_on_slack(sam)
    await takes_on_telegram(phone)
    await takes_on_the_web(boss)


async def adds_lin(omar: Person) -> None:
    """Lin is to decide before Omar: found by her name, the rest by buttons."""
    await comes(omar.reads, "[1 · 查看]")
    await omar.presses("更多…")
    await comes(omar.reads, "[加签]")
    await omar.presses("加签")
    await comes(omar.reads, "加签给谁？", "1/4")
    await omar.says("lin")
    await comes(omar.reads, "目前：Lin", "[完成]")
    await omar.presses("完成")
    await comes(omar.reads, "2/4")
    await omar.presses(omar.chat.last.buttons[0])
    await comes(omar.reads, "3/4")
    await omar.presses(omar.chat.last.buttons[0])
    await comes(omar.reads, "4/4")
    await omar.presses("跳过")
    await comes(omar.reads, "加签：请核对", "加签给谁？ Lin", "[添加]")
    await omar.presses("添加")
    await comes(omar.reads, "先由 Lin 审批")


async def hands_to_dana(omar: Person) -> None:
    """Dana is to decide instead: two letters of her name, a button, and why."""
    await omar.presses("更多…")
    await comes(omar.reads, "[转交]")
    await omar.presses("转交")
    await comes(omar.reads, "转交给谁", "1/2")
    await omar.says("da")
    await comes(omar.reads, "1/2", "[Dana · 客服部]")
    await omar.presses("Dana · 客服部")
    await comes(omar.reads, "2/2")
    await omar.says("她更清楚")
    await comes(omar.reads, "转交：请核对", "她更清楚")
    await omar.presses("转交")
    await comes(omar.reads, "已转交给 Dana")


async def takes_on_slack(sam: Colleague) -> None:
    """All of it as a PDF: uploaded to their own chat."""
    await sam.on_slack.commands("/approvals", "A-1001")
    await sam.on_slack.presses("Export")
    await sam.on_slack.fills()
    await comes(sam.on_slack.reads, "(file: A-1001.pdf)")
    assert [one["content"][:5] for one in sam.on_slack.slack.workspace.files.values()] == [b"%PDF-"]


async def takes_on_telegram(omar: Person) -> None:
    """The same as a document."""
    await omar.says("A-1001")
    await comes(omar.reads, "[导出]")
    await omar.presses("导出")
    await comes(omar.reads, "导出成什么？")
    await omar.presses("✓ PDF")
    await comes(omar.reads, "2/2")
    await omar.presses("✓ 中文")
    await comes(omar.reads, "请核对", "[导出]")
    await omar.presses("导出")
    await soon(lambda: [one.document.name for one in omar.chat.messages if one.document], ["A-1001.pdf"])


async def takes_on_the_web(boss: Colleague) -> None:
    """The same, opened from the page."""
    await boss.on_web.says("/approvals A-1001")
    await boss.on_web.presses_there("Export")
    shown = await boss.on_web.fills(file_type="pdf", language="en")
    assert "The audit confirms it" in shown
    assert (await boss.on_web.opens("A-1001.pdf"))[:5] == b"%PDF-"


OVER = {
    "Slack": "✅ A-1001 · 垫付款 · ¥6,000.00 / A-1001 · Outlay · CN¥6,000.00"
    " | 申请人 / Requester Sam（销售部） / Sam (Sales)"
    " | 状态 / State 已通过，11月23日 周一 09:00 / Approved, Mon 23 Nov 09:00"
    " | 直属上级 / Manager ✓ Boss，11月23日 周一 09:00 / ✓ Boss, Mon 23 Nov 09:00"
    " | 复核 / Review ✓ Hana，11月23日 周一 09:00、✓ Omar，11月23日 周一 09:00"
    " / ✓ Hana, Mon 23 Nov 09:00, ✓ Omar, Mon 23 Nov 09:00"
    " | §2.6.1 费用与付款 / §2.6.1 Expenses and payments",
    "Telegram": "✅ A-1001 · 垫付款 · ¥6,000.00 | A-1001 · Outlay · CN¥6,000.00 | 申请人 / Requester: | Sam（销售部）"
    " | Sam (Sales) | 状态 / State: | 已通过，11月23日 周一 09:00 | Approved, Mon 23 Nov 09:00"
    " | 直属上级 / Manager: | ✓ Boss，11月23日 周一 09:00 | ✓ Boss, Mon 23 Nov 09:00 | 复核 / Review:"
    " | ✓ Hana，11月23日 周一 09:00、✓ Omar，11月23日 周一 09:00"
    " | ✓ Hana, Mon 23 Nov 09:00, ✓ Omar, Mon 23 Nov 09:00"
    " | §2.6.1 费用与付款 / §2.6.1 Expenses and payments",
    "the web, in Chinese": "正常 A-1001 · 垫付款 · ¥6,000.00 | 申请人 | Sam（销售部） | 状态"
    " | 已通过，11月23日 周一 09:00 | 直属上级"
    " | ✓ Boss，11月23日 周一 09:00 | 复核 | ✓ Hana，11月23日 周一 09:00、✓ Omar，11月23日 周一 09:00"
    " | §2.6.1 费用与付款",
    "the web, in English": "Good A-1001 · Outlay · CN¥6,000.00 | Requester | Sam (Sales) | State"
    " | Approved, Mon 23 Nov 09:00 | Manager | ✓ Boss, Mon 23 Nov 09:00 | Review"
    " | ✓ Hana, Mon 23 Nov 09:00, ✓ Omar, Mon 23 Nov 09:00 | §2.6.1 Expenses and payments",
}
"""The room's card when all is decided: no button is left."""

BOSSES = (
    "✅ A-1001 · Outlay · CN¥6,000.00 | Deposit for the fair | 📎 photo-7.jpg | Requester Sam (Sales)"
    " | Your part You approved, on the web page, Mon 23 Nov 09:00 | Amount CN¥6,000.00"
    " | State Approved, Mon 23 Nov 09:00 | Manager ✓ Boss, Mon 23 Nov 09:00"
    " | Review ✓ Hana, Mon 23 Nov 09:00, ✓ Omar, Mon 23 Nov 09:00"
    " | Boss approved, on the web page, Mon 23 Nov 09:00 | Hana approved, on Slack, Mon 23 Nov 09:00"
    " | Omar approved, on Slack, Mon 23 Nov 09:00 | §2.6.1 Expenses and payments"
)
"""What Boss reads on Slack."""
HANAS = (
    "正常 A-1001 · 垫付款 · ¥6,000.00 | Deposit for the fair | 申请人 | Sam（销售部） | 你的处理"
    " | 你同意了，Slack，11月23日 周一 09:00 | 金额 | ¥6,000.00 | 状态"
    " | 已通过，11月23日 周一 09:00 | 直属上级"
    " | ✓ Boss，11月23日 周一 09:00 | 复核 | ✓ Hana，11月23日 周一 09:00、✓ Omar，11月23日 周一 09:00"
    " | Boss 同意，网页，11月23日 周一 09:00"
    " · Hana 同意，Slack，11月23日 周一 09:00 · Omar 同意，Slack，11月23日 周一 09:00 · §2.6.1 费用与付款 (photo-7.jpg)"
)
"""What Hana reads on the web."""
SAMS = (
    "✅ A-1001 · Outlay · CN¥6,000.00 | Deposit for the fair | Amount: CN¥6,000.00"
    " | State: Approved, Mon 23 Nov 09:00 | Manager: ✓ Boss, Mon 23 Nov 09:00 | Review:"
    " | ✓ Hana, Mon 23 Nov 09:00, ✓ Omar, Mon 23 Nov 09:00 | 📎 photo-7.jpg"
    " | Boss approved, on the web page, Mon 23 Nov 09:00 | Hana approved, on Slack, Mon 23 Nov 09:00"
    " | Omar approved, on Slack, Mon 23 Nov 09:00 | §2.6.1 Expenses and payments"
)
"""What Sam reads on Telegram."""
