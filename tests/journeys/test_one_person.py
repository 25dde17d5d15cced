"""One person on three platforms: a code joins their phone to them, and whatever they choose holds everywhere."""

from __future__ import annotations

import re

from tests.journeys.company import Company, in_both_companies, notice
from tests.journeys.seeing import reads

HELLO = (
    "Hello! I am Opsbook, and work for the people of Morningstar Smart Home."
    " If you already use me on Slack or on the web, type “link” there, and send me “link” and the code here."
    " If you don't, please ask your administrator to add you, and tell them your number here: 7003"
)
WRONG = (
    "I can't use this code: it may be mistyped, used already, or older than ten minutes. Please type “link” once more"
    " where Opsbook knows you already. After several wrong codes I take none for half an hour."
)

HOW = (
    "要关联这个账号：请在 Opsbook 已经认识你的地方（Slack、Telegram 或网页）输入“关联”，拿到关联码后，"
    "在这里发送“关联”加关联码。 | To link this account: type “link” where Opsbook knows you already, on Slack,"
    " on Telegram or on the web. You get a code; send me “link” and the code here."
)


@in_both_companies
async def test_one_person_is_the_same_on_three_platforms(company: Company) -> None:
    dana, phone, page = company.dana.on_slack, company.dana.on_telegram, company.dana.on_web
    own = f"dm:{company.dana.id}"

    await phone.opens()
    await reads(phone, HELLO)
    await phone.says("link ABCD-EFGH")
    await reads(phone, HELLO, WRONG)

    await dana.commands("/link")
    code = re.findall("[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}", dana.told())[0]
    assert dana.told() == (
        f"Link another account | Your code: {code} | On the other platform, send to Opsbook: link {code}"
        " | Or type it on the sign-in page of the web."
        " | It works once, for ten minutes. Give it to nobody: whoever uses it acts in your name. | [Sign-in page]"
    )
    await phone.says(f"link {code}")
    await reads(
        phone,
        "✅ Welcome, Dana | This account is linked to you now. Whatever you do here counts as done by you."
        " [Help] [About me]",
    )
    await reads(
        dana,
        "⚠️ Your account on Telegram was linked"
        " | Whoever has it acts in your name. Wasn't it you? Then unlink it now, and tell your administrator."
        " | [Unlink Telegram]",
    )
    await company.boss.on_telegram.says(f"link {code}")
    await reads(company.boss.on_telegram, WRONG)

    await phone.says("/me")
    await reads(phone, me("where you were last"))
    await phone.presses("Change")
    await reads(phone, looked_over("| Where I was last"))
    await phone.presses("Change …")
    await reads(
        phone,
        "About me: what shall be changed? [Language] [Time zone] [Where shall notices come?]"
        " [When are your quiet hours?] [My own hours: from when to when?] [Back]",
    )
    await phone.presses("Where shall notices come?")
    await reads(
        phone,
        "Where shall notices come? | About me: 3 of 5 [✓ Where I was last] [Slack] [Telegram] [Web] [Back] [Cancel]",
    )
    await phone.presses("Telegram")
    await reads(phone, looked_over("Telegram"))
    await phone.presses("Save")
    await reads(phone, me("Telegram"))
    await phone.says("/language 中文")
    await reads(phone, "以后我跟你说中文。")
    assert await dana.commands("/tickets") == "我处理的投诉 | 你手上没有待答复的投诉。 | [未完成] [超时] [我提交的]"

    before = dana.reads()
    await company.tells(company.dana, notice(7))
    await reads(phone, "投诉 C-7 已解决 | 客户：Ms Lee [查看]")
    assert dana.reads() == before

    await page.signs_in()
    assert await page.says("/unlink telegram", own) == "你在 Telegram 上的账号已经解绑，我不再认识它。"
    await reads(phone, f"这个账号已经和 Opsbook 解绑。 | This account is no longer linked to Opsbook. | {HOW}")
    await reads(dana, "⚠️ 你在 Telegram 上的账号已经解绑 | 不是你本人？请告诉管理员，并重新关联：输入“关联”。")
    await phone.says("/me")
    await reads(
        phone,
        "We don't know each other yet. If you use Opsbook elsewhere already, type “link” there, and send me “link”"
        " and the code; else please ask your administrator to add your account.",
    )
    await company.tells(company.dana, notice(8))
    await reads(dana, "投诉 C-8 已解决 | 客户 Ms Lee | [查看]")


def me(place: str) -> str:
    """Dana's own page on her phone; notices come to this place."""
    return (
        "Dana | Department: Customer service | Language: English | Time zone: Asia/Shanghai"
        f" | Notices come: {place} | Quiet hours: outside working time"
        " | Telegram: since Mon 23 Nov | Slack: last used Mon 23 Nov | Web: not signed in | §5.2 Communication"
        " [Change] [Link another account] [Unlink Telegram] [Unlink Slack]"
    )


def looked_over(place: str) -> str:
    """The form as a whole, before it is sent."""
    return (
        "About me: please look it over | Nothing is sent until you press “Save”."
        f" | Language: English | Time zone: Asia/Shanghai | Where shall notices come? {place}"
        " | When are your quiet hours? | By default: outside working time"
        " | My own hours: from when to when? | 22:00-08:00 [Save] [Change …] [Cancel]"
    )
