"""A complaint goes round three platforms, and whoever looks sees how it stands, wherever they are: in two seconds."""

from __future__ import annotations

from tests.journeys.company import Company, in_both_companies
from tests.journeys.seeing import Window, reads
from tests.platforms.telegram.caller import PNG, Person
from tests.platforms.telegram.chats import Answered

OPEN = ("待接手", "Not taken yet")
DANAS = ("处理中（Dana）", "Taken by Dana")
RESOLVED = ("已解决", "Resolved")
CLOSED = ("已关闭", "Closed")


@in_both_companies
async def test_complaint_is_answered_in_parts_on_different_platforms(company: Company) -> None:
    sam, omar, dana = company.sam.on_telegram, company.omar.on_telegram, company.dana.on_slack
    hana, boss = company.hana.on_web, company.boss.on_web
    await hana.signs_in()
    await boss.signs_in()

    await answers_every_question(sam)
    async with company.within_two_seconds("Sam sends it", company.windows(*OPEN)):
        await sam.presses("Submit")
    await reads(
        sam,
        "✅ Done: New complaint | Customer: Ms Lee | What happened? The lock won't open | How urgent is it? High"
        " | What is it about? Product quality | Pictures or papers: photo-7.jpg",
        "Complaint C-1001 is with the team. The promise: an answer by Mon 23 Nov 14:00.",
    )
    assert company.shown() == NEW

    async with company.within_two_seconds("Dana takes it", company.windows(*DANAS)):
        await dana.presses("我来接手 / Take")

    await company.rests()
    async with company.within_two_seconds("Omar adds a note", notes(company)):
        await omar.sends_photo("她六点前在家", chat=company.group, reply_to=company.card_on_telegram)
    assert await boss.opens("photo-3.jpg") == PNG
    assert omar.reads() == []

    await dana.presses("解决 / Resolve")
    async with company.within_two_seconds("Dana resolves it", company.windows(*RESOLVED)):
        await dana.fills(answer="Replaced the lock.")
    await reads(
        sam, "✅ Complaint C-1001 is resolved | Replaced the lock. | Customer: Ms Lee | Resolved by: Dana [Show]"
    )

    await hana.presses("重新打开")
    async with company.within_two_seconds("Hana reopens it", company.windows(*DANAS)):
        assert await hana.fills(why="她说又打不开了") == "投诉 C-1001 已重新打开，新的承诺时限是 11月23日 周一 14:00。"
    await reads(
        dana,
        "⚠️ Complaint C-1001 is open again | 她说又打不开了 | Customer Ms Lee | Answer by Mon 23 Nov 14:00 | [Show]",
    )

    await company.rests()  # nobody answers twice within a second
    await dana.presses("解决 / Resolve")
    async with company.within_two_seconds("Dana resolves it again", company.windows(*RESOLVED)):
        await dana.fills(answer="Replaced the cylinder.")
    assert await omar.presses("关闭 / Close", company.card_on_telegram) == Answered(
        "确定关闭这条投诉吗？一分钟内再点一次“关闭”即可确认。", show_alert=True
    )
    company.clock.moves(seconds=2)  # as long as it takes to read the question
    async with company.within_two_seconds("Omar closes it", company.windows(*CLOSED)):
        assert await omar.presses("关闭 / Close", company.card_on_telegram) == Answered()
    await reads(
        sam, "✅ Complaint C-1001 is resolved | Replaced the cylinder. | Customer: Ms Lee | Resolved by: Dana [Show]"
    )
    assert company.shown() == OVER
    assert company.telegram.limited == []


async def answers_every_question(sam: Person) -> None:
    """The complaint's form in a private chat: words, a skip, two buttons, a photo, and the whole once more."""
    await sam.says("/complaint")
    await reads(sam, "Customer | Who complains: a company or a person. | New complaint: 1 of 6 [Cancel]")
    await sam.says("Ms Lee")
    await reads(sam, "How to reach them | A phone number or an address. | New complaint: 2 of 6 [Skip] [Back] [Cancel]")
    await sam.presses("Skip")
    await reads(sam, "What happened? | New complaint: 3 of 6 [Back] [Cancel]")
    await sam.says("The lock won't open")
    await reads(
        sam,
        "How urgent is it? | New complaint: 4 of 6 [✓ Normal] [High] [Critical] [Back] [Cancel]",
    )
    await sam.presses("High")
    await reads(
        sam,
        "What is it about? | New complaint: 5 of 6"
        " [Product quality] [Delivery] [Service attitude] [Billing] [Other] [Back] [Cancel]",
    )
    await sam.presses("Product quality")
    await reads(
        sam,
        "Pictures or papers | Send photos or files, at most 5. | New complaint: 6 of 6 [Skip] [Back] [Cancel]",
    )
    await sam.sends_photo()
    await reads(
        sam,
        "Pictures or papers | 1 of at most 5. | So far: photo-7.jpg | New complaint: 6 of 6"
        " [Done] [Remove last] [Back] [Cancel]",
    )
    await sam.presses("Done")
    await reads(
        sam,
        "New complaint: please look it over | Nothing is sent until you press “Submit”."
        " | Customer: Ms Lee | What happened? The lock won't open | How urgent is it? High"
        " | What is it about? Product quality | Pictures or papers: photo-7.jpg [Submit] [Change …] [Cancel]",
    )


def notes(company: Company) -> dict[str, Window]:
    """What Omar says under the card in the group, where the others read it: under theirs."""
    hana, boss = company.hana.on_web, company.boss.on_web
    return {
        "Slack": Window(
            lambda: company.slack.reads("C0SERVICE", company.card_on_slack.ts),
            ["(file: photo-7.jpg)", "Omar 写道 / Omar wrote | 她六点前在家 | 📎 photo-3.jpg", "(file: photo-3.jpg)"],
        ),
        "the web, in Chinese": Window(
            lambda: hana.reads(under=hana.root()), ["Omar 写道 | 她六点前在家 (photo-3.jpg)"]
        ),
        "the web, in English": Window(
            lambda: boss.reads(under=boss.root()), ["Omar wrote | 她六点前在家 (photo-3.jpg)"]
        ),
    }


NEW = {
    "Slack": "投诉 C-1001 / Complaint C-1001: Ms Lee | The lock won't open"
    " | 📎 photo-7.jpg"
    " | 状态 / State 待接手 / Not taken yet | 承诺时限 / Answer by 11月23日 周一 14:00 / Mon 23 Nov 14:00"
    " | 紧急程度 / Urgency 紧急 / High | 类别 / About 产品质量 / Product quality | 提交人 / Reported by Sam"
    " | [我来接手 / Take] [指派 / Assign] [升级 / Escalate] [备注 / Add note] [关闭 / Close]"
    " | 11月23日 周一 09:00 Sam 提交 / Sam reported it, Mon 23 Nov 09:00 | §3.4.2 投诉处理 / §3.4.2 Complaints",
    "Telegram": "投诉 C-1001 / Complaint C-1001: Ms Lee | The lock won't open"
    " | 状态 / State: 待接手 / Not taken yet | 承诺时限 / Answer by: | 11月23日 周一 14:00 | Mon 23 Nov 14:00"
    " | 紧急程度 / Urgency: 紧急 / High | 类别 / About: | 产品质量 | Product quality | 提交人 / Reported by: Sam"
    " | 📎 photo-7.jpg"
    " | 11月23日 周一 09:00 Sam 提交 / Sam reported it, Mon 23 Nov 09:00 | §3.4.2 投诉处理 / §3.4.2 Complaints"
    " [我来接手 / Take] [指派 / Assign] [升级 / Escalate] [备注 / Add note] [关闭 / Close]",
    "the web, in Chinese": "投诉 C-1001：Ms Lee | The lock won't open | 状态 | 待接手 | 承诺时限 | 11月23日 周一 14:00"
    " | 紧急程度 | 紧急 | 类别 | 产品质量 | 提交人 | Sam | 11月23日 周一 09:00 Sam 提交 · §3.4.2 投诉处理"
    " (photo-7.jpg) [我来接手] [指派] [升级] [备注] [关闭]",
    "the web, in English": "Complaint C-1001: Ms Lee | The lock won't open | State | Not taken yet"
    " | Answer by | Mon 23 Nov 14:00 | Urgency | High | About | Product quality | Reported by | Sam"
    " | Sam reported it, Mon 23 Nov 09:00 · §3.4.2 Complaints"
    " (photo-7.jpg) [Take] [Assign] [Escalate] [Add note] [Close]",
}
"""The card as it is new, by who reads it."""

OVER = {
    "Slack": "投诉 C-1001 / Complaint C-1001: Ms Lee | The lock won't open"
    " | 答复 / Answer: Replaced the cylinder."
    " | Omar 09:00 / Omar, 09:00: 她六点前在家 | Hana 09:00 / Hana, 09:00: 她说又打不开了"
    " | 📎 photo-7.jpg"
    " | 📎 photo-3.jpg"
    " | 状态 / State 已关闭 / Closed | 承诺时限 / Answer by 11月23日 周一 14:00 / Mon 23 Nov 14:00"
    " | 紧急程度 / Urgency 紧急 / High | 类别 / About 产品质量 / Product quality | 提交人 / Reported by Sam"
    " | [重新打开 / Reopen] [备注 / Add note]"
    " | 11月23日 周一 09:00 Dana 解决 / Dana resolved it, Mon 23 Nov 09:00"
    " | 11月23日 周一 09:00 Hana 重新打开 / Hana reopened it, Mon 23 Nov 09:00"
    " | 11月23日 周一 09:00 Dana 解决 / Dana resolved it, Mon 23 Nov 09:00"
    " | 11月23日 周一 09:00 Omar 关闭 / Omar closed it, Mon 23 Nov 09:00 | §3.4.2 投诉处理 / §3.4.2 Complaints",
    "Telegram": "投诉 C-1001 / Complaint C-1001: Ms Lee | The lock won't open"
    " | 答复 / Answer: Replaced the cylinder."
    " | Omar 09:00 / Omar, 09:00: 她六点前在家"
    " | Hana 09:00 / Hana, 09:00: 她说又打不开了"
    " | 状态 / State: 已关闭 / Closed | 承诺时限 / Answer by: | 11月23日 周一 14:00 | Mon 23 Nov 14:00"
    " | 紧急程度 / Urgency: 紧急 / High | 类别 / About: | 产品质量 | Product quality | 提交人 / Reported by: Sam"
    " | 📎 photo-7.jpg | 📎 photo-3.jpg"
    " | 11月23日 周一 09:00 Dana 解决 / Dana resolved it, Mon 23 Nov 09:00"
    " | 11月23日 周一 09:00 Hana 重新打开 / Hana reopened it, Mon 23 Nov 09:00"
    " | 11月23日 周一 09:00 Dana 解决 / Dana resolved it, Mon 23 Nov 09:00"
    " | 11月23日 周一 09:00 Omar 关闭 / Omar closed it, Mon 23 Nov 09:00 | §3.4.2 投诉处理 / §3.4.2 Complaints"
    " [重新打开 / Reopen] [备注 / Add note]",
    "the web, in Chinese": "投诉 C-1001：Ms Lee | The lock won't open | 答复：Replaced the cylinder."
    " | Omar 09:00：她六点前在家 | Hana 09:00：她说又打不开了 | 状态 | 已关闭 | 承诺时限 | 11月23日 周一 14:00"
    " | 紧急程度 | 紧急 | 类别 | 产品质量 | 提交人 | Sam"
    " | 11月23日 周一 09:00 Dana 解决 · 11月23日 周一 09:00 Hana 重新打开 · 11月23日 周一 09:00 Dana 解决"
    " · 11月23日 周一 09:00 Omar 关闭 · §3.4.2 投诉处理"
    " (photo-7.jpg) (photo-3.jpg) [重新打开] [备注]",
    "the web, in English": "Complaint C-1001: Ms Lee | The lock won't open | Answer: Replaced the cylinder."
    " | Omar, 09:00: 她六点前在家 | Hana, 09:00: 她说又打不开了 | State | Closed | Answer by | Mon 23 Nov 14:00"
    " | Urgency | High | About | Product quality | Reported by | Sam"
    " | Dana resolved it, Mon 23 Nov 09:00 · Hana reopened it, Mon 23 Nov 09:00 · Dana resolved it, Mon 23 Nov 09:00"
    " · Omar closed it, Mon 23 Nov 09:00 · §3.4.2 Complaints (photo-7.jpg) (photo-3.jpg) [Reopen] [Add note]",
}
"""The card when all is said and done."""
