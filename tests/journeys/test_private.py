"""What begins in a group goes on in private, and everybody reads a card there in their own language."""

from __future__ import annotations

from tests.journeys.company import Company, in_both_companies
from tests.journeys.seeing import reads, soon
from tests.platforms.telegram.chats import Answered

NEW = (
    "投诉 C-1001 / Complaint C-1001: Ms Lee | The lock won't open"
    " | 状态 / State: 待接手 / Not taken yet | 承诺时限 / Answer by: | 11月23日 周一 14:00 | Mon 23 Nov 14:00"
    " | 紧急程度 / Urgency: 紧急 / High | 类别 / About: | 产品质量 | Product quality | 提交人 / Reported by: Dana"
    " | 11月23日 周一 09:00 Dana 提交 / Dana reported it, Mon 23 Nov 09:00 | §3.4.2 投诉处理 / §3.4.2 Complaints"
    " [我来接手 / Take] [指派 / Assign] [升级 / Escalate] [备注 / Add note] [关闭 / Close]"
)
"""A new complaint of Dana's in the group."""


async def reports(company: Company) -> None:
    """Dana reports a complaint on Slack, and the group has its card."""
    await company.dana.on_slack.commands("/complaint", "The lock won't open")
    await company.dana.on_slack.fills(customer="Ms Lee", kind="quality", urgency="high")
    await soon(lambda: company.telegram.reads(company.group), [NEW])


@in_both_companies
async def test_card_is_read_in_one_s_own_language_in_private_and_in_both_in_the_group(company: Company) -> None:
    await reports(company)

    await company.omar.on_telegram.says("/ticket C-1001")

    await reads(
        company.omar.on_telegram,
        "投诉 C-1001：Ms Lee | The lock won't open | 状态：待接手 | 承诺时限：11月23日 周一 14:00"
        " | 紧急程度：紧急 | 类别：产品质量 | 提交人：Dana | 11月23日 周一 09:00 Dana 提交 | §3.4.2 投诉处理"
        " [我来接手] [指派] [升级] [备注] [关闭]",
    )
    assert await company.dana.on_slack.commands("/ticket", "1001") == (
        "Complaint C-1001: Ms Lee | The lock won't open | State Not taken yet | Answer by Mon 23 Nov 14:00"
        " | Urgency High | About Product quality | Reported by Dana"
        " | [Take] [Assign] [Escalate] [Add note] [Close] | Dana reported it, Mon 23 Nov 09:00 | §3.4.2 Complaints"
    )
    assert company.telegram.reads(company.group) == [NEW]


@in_both_companies
async def test_press_in_the_group_goes_on_in_private_for_whom_we_have_never_met(company: Company) -> None:
    gus, dana = company.gus.on_telegram, company.dana.on_slack
    await reports(company)
    assert await gus.presses("我来接手 / Take", company.card_on_telegram) == Answered()
    await soon(lambda: "解决 / Resolve" in company.card_on_telegram.buttons, True)

    answered = await gus.presses("解决 / Resolve", company.card_on_telegram)

    assert answered == Answered(url="https://t.me/opsbook_bot?start=forms_open_1")
    assert (gus.reads(), len(company.telegram.reads(company.group))) == ([], 1)
    await company.omar.on_telegram.opens("forms_open_1")
    await reads(company.omar.on_telegram, "这份表单已经过期，或者是别人开始填的，请重新开始。")
    await gus.opens("forms_open_1")
    await reads(gus, "做了什么？怎么答复客户的？ | 提交人会看到这段话。 | 解决投诉 [取消]")
    await gus.says("换了锁芯")
    await reads(
        gus,
        "解决投诉：请核对 | 点“解决”后才会提交。 | 做了什么？怎么答复客户的？ 换了锁芯 [解决] [修改] [取消]",
    )
    await gus.presses("解决")
    await reads(gus, "✅ 已提交：解决投诉 | 做了什么？怎么答复客户的？ 换了锁芯", "已解决，会通知提交人 Dana。")
    await reads(dana, "✅ Complaint C-1001 is resolved | 换了锁芯 | Customer Ms Lee | Resolved by Gus | [Show]")
    await soon(lambda: company.card_on_telegram.buttons, ["关闭 / Close", "重新打开 / Reopen", "备注 / Add note"])
