"""The desk: knows who is in front of it, understands what was meant, and answers in their language."""

import pytest

from bot.answer import Outcome
from bot.capability import Capability
from bot.context import Context
from bot.dispatch import STRANGER, Desk
from bot.ui.card import Card
from bot.ui.form import Asking
from config.text import Text, t
from handlers import CAPABILITIES
from storage.outbox import Outgoing
from storage.people import Account
from storage.places import Address, Identity
from tests.town import Town, both, chinese, english


async def test_a_stranger_is_told_so_in_both_languages_and_audited(town: Town) -> None:
    for reply in (
        await town.stranger.on_slack.commands("complaint"),
        await town.stranger.on_telegram.says("complaint", to_us=True),
        await town.stranger.on_web.presses(action="tickets.take:1:1"),
        await town.stranger.on_slack.submits("tickets.NewComplaint", customer="x"),
    ):
        assert (town.stranger.outcome, reply) == (Outcome.STRANGER, STRANGER)
    assert town.stranger.reads == both(STRANGER)
    assert await town.audited() == [
        ("dispatch.stranger", platform) for platform in ("slack", "telegram", "web", "slack")
    ]


@pytest.mark.parametrize(
    "who",
    [
        Identity("slack", "T0TOWN", "Dana"), Identity("slack", "T0TOWN", "u0dana"), Identity("slack", "T0TOWN", ""),
        Identity("telegram", "", "U0DANA"), Identity("slack", "T0TOWN", "7001"), Identity("telegram", "", "1"),
        Identity("web", "", "0"), Identity("web", "", "x"), Identity("web", "", "１"), Identity("web", "", "9" * 30),
        Identity("web", "", ""), Identity("fax", "", "U0DANA"),
    ],
)  # fmt: skip
async def test_nobody_is_known_by_a_name_or_by_another_platform_s_id(town_sqlite: str, who: Identity) -> None:
    from bot.events import Commanded

    town = await Town.open(town_sqlite)
    answer = await town.desk.handle(Commanded("E1", who, Address(who.platform, "x"), "help"))
    assert answer.outcome == Outcome.STRANGER
    await town.close()


async def test_an_account_belongs_to_the_first_workspace_that_it_is_seen_in(town: Town) -> None:
    from bot.events import Commanded

    await town.dana.on_slack.commands("help")
    twin = Identity("slack", "T0OTHER", "U0DANA")
    answer = await town.desk.handle(Commanded("E9", twin, Address("slack", "x"), "help"))

    assert (town.dana.outcome, answer.outcome) == (Outcome.DONE, Outcome.STRANGER)
    assert (await town.row(Account, 1)).workspace == "T0TOWN"


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("complaint the lock is broken", "complaint"), ("投诉门锁坏了", "complaint"), ("/投诉 门锁坏了", "complaint"),
        ("Complaint: broken", "complaint"), ("客诉，门锁", "complaint"), ("COMPLAINT", "complaint"),
    ],
)  # fmt: skip
async def test_a_command_is_understood_in_either_language(town: Town, words: str, name: str) -> None:
    reply = await town.sam.on_slack.says(words, to_us=True)

    assert isinstance(reply, Asking)
    assert reply.form == "tickets.NewComplaint"


@pytest.mark.parametrize(
    ("words", "meant"), [("hlep", ["help"]), ("complant", ["complaint"]), ("tikets open", ["tickets", "ticket"])]
)
async def test_what_was_not_understood_is_answered_with_what_may_have_been_meant(
    town: Town, words: str, meant: list[str]
) -> None:
    reply = await town.sam.on_slack.says(words, to_us=True)

    assert isinstance(reply, Card)
    assert [button.action for button in reply.buttons if button.action != "do:help"] == [
        f"do:{name}" for name in meant if name != "help"
    ]
    assert f"I did not understand “{words}”. Did you mean one of these?" in town.sam.reads
    assert town.sam.outcome == Outcome.UNKNOWN


async def test_a_suggested_command_is_done_by_its_button(town: Town) -> None:
    reply = await town.sam.on_slack.says("complant", to_us=True)
    assert isinstance(reply, Card)

    assert isinstance(await town.sam.on_slack.presses(action=reply.buttons[0].action), Asking)


async def test_a_form_that_can_t_be_opened_now_comes_as_a_card_with_a_button(town: Town) -> None:
    await town.sam.on_slack.says("complaint Broken lock", to_us=True)
    assert isinstance(town.sam.asked, Asking)

    card = await town.sam.on_slack.commands("complaint", "Broken lock", can_ask=False)
    assert isinstance(card, Card)
    opened = await town.sam.on_slack.presses("Open the form")
    assert opened == town.sam.asked


async def test_the_desk_refuses_two_that_claim_the_same_word(town: Town) -> None:
    twin = Capability("twin")

    @twin.command("ticket", help=t("Also tickets"))
    async def also(ctx: Context, text: str) -> Text:
        return t("no")

    with pytest.raises(ValueError, match="two handlers answer to 'ticket'"):
        Desk(town.database, town.clock, (*CAPABILITIES, twin))


async def test_the_courier_is_woken_after_the_commit_and_not_for_a_refusal(town: Town) -> None:
    town.delivers = False
    woken: list[int] = []
    town.desk.posted = lambda: woken.append(1)

    await town.sam.on_slack.commands("help")
    await town.sam.on_slack.submits("tickets.NewComplaint", customer="", what="x", kind="other")
    assert woken == []
    await town.sam.on_slack.submits("tickets.NewComplaint", customer="Ms Lee", what="x", kind="other")

    assert woken == [1]
    assert len(await town.outbox()) == 2
    assert await town.row(Outgoing, 1) is not None


async def test_a_refusal_is_in_the_language_of_whom_it_is_for(town: Town) -> None:
    await town.omar.on_telegram.commands("ticket", "C-9999")
    await town.dana.on_slack.commands("ticket", "C-9999")

    words = t("There is no such record, or it is not yours to see.")
    assert (town.omar.reads, town.dana.reads) == (chinese(words), english(words))
