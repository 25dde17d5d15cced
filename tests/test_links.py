"""Linking: a code proves both sides, once; guesses are counted, and everybody whom it concerns is told."""

from __future__ import annotations

import asyncio
import re
import string
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from bot.answer import Outcome
from bot.dispatch import STRANGER
from bot.events import Commanded
from bot.ui.card import Card
from config.text import Text, t
from handlers import linking
from storage import links, outbox, people
from storage.inbox import Arrival
from storage.links import ALPHABET, LinkCode, LinkGuess
from storage.people import Account, Employee
from storage.places import Address, Identity
from storage.work import Work
from tests.town import MONDAY, Person, Seat, Town, both, english, line

ALREADY = t("This account is linked to you already. Send the code from the account that is to be yours too.")
STAYS = t(
    "This account is linked to {name}, and stays so. If it is to be somebody else's, please ask your administrator.",
    name="Omar",
)


async def code_of(seat: Seat) -> str:
    """A new code, as the card shows it."""
    card = await seat.commands("link")
    assert isinstance(card, Card)
    assert card.once
    shown = card.body[0]
    assert isinstance(shown, Text)
    return str(shown.args["code"])


async def owners(town: Town, seat: Seat) -> list[int]:
    """Whose account this is."""
    return await town.rows(
        select(col(Account.employee_id)).where(
            col(Account.platform) == seat.platform, col(Account.user) == seat.who.user
        )
    )


async def test_a_code_joins_a_new_account_to_its_person(town: Town) -> None:
    code = await code_of(town.dana.on_slack)
    town.clock.moves(minutes=9)

    reply = await town.stranger.on_telegram.commands("link", code)

    assert isinstance(reply, Card)
    assert line(reply, english) == (
        "Welcome, Dana | This account is linked to you now. Whatever you do here counts as done by you."
        " | [Help] [About me]"
    )
    assert town.stranger.outcome == Outcome.DONE
    assert await owners(town, town.stranger.on_telegram) == [town.dana.id]
    await town.stranger.on_telegram.commands("start")
    assert town.stranger.reads.startswith("Good morning, Dana | ")


async def test_a_code_looks_like_no_other_thing(town: Town) -> None:
    codes = [await code_of(town.dana.on_slack) for _ in range(20)]

    assert all(re.fullmatch("[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}", code) for code in codes)
    assert len(set(codes)) == 20
    assert (len(ALPHABET), set(ALPHABET) & set("01IO")) == (32, set())  # 8 of 32: 40 bits
    assert set(ALPHABET) <= set(string.digits + string.ascii_uppercase)


async def test_the_card_says_what_to_do(town: Town) -> None:
    reply = await town.dana.on_slack.commands("关联")
    assert isinstance(reply, Card)
    shown = reply.body[0]
    assert isinstance(shown, Text)
    code = shown.args["code"]

    assert line(reply, english) == (
        f"Link another account | Your code: {code} | On the other platform, send to Opsbook: link {code}"
        " | Or type it on the sign-in page of the web."
        " | It works once, for ten minutes. Give it to nobody: whoever uses it acts in your name."
    )
    assert [link.url for link in reply.links] == ["https://ops.example.com/signin"]


async def test_all_other_accounts_are_told_and_can_undo_it(town: Town) -> None:
    code = await code_of(town.dana.on_slack)

    await town.stranger.on_phone.says(f"link {code}")

    notice = (
        "Your account on Telegram was linked | Whoever has it acts in your name. Wasn't it you? Then unlink it now, "
        "and tell your administrator. | [Unlink Telegram]"
    )
    for platform in (town.slack, town.telegram, town.web):
        assert platform.reads(town.dana)[-1] == notice
    assert town.telegram.reads(town.stranger) == []

    await town.dana.on_slack.presses("Unlink Telegram")

    assert town.dana.reads == "Your account on Telegram is no longer linked. I don't know it any more."
    assert await owners(town, town.stranger.on_telegram) == []
    assert await owners(town, town.dana.on_telegram) == [town.dana.id]


@pytest.mark.parametrize("typed", ["{low}", " {code} ", "{bare}", "{wide}", "{spaced}", "“{code}”。", "link_{bare}"])
async def test_a_code_is_taken_as_people_type_it(town: Town, typed: str) -> None:
    code = await code_of(town.dana.on_slack)
    bare = code.replace("-", "")
    wide = "".join(chr(ord(char) + 0xFEE0) for char in code)
    written = typed.format(code=code, low=code.lower(), bare=bare, wide=wide, spaced=" ".join(code))

    await town.stranger.on_telegram.commands("link", written)

    assert await owners(town, town.stranger.on_telegram) == [town.dana.id]


async def test_a_deep_link_s_start_is_a_code_too(town: Town) -> None:
    code = await code_of(town.dana.on_slack)

    await town.stranger.on_phone.commands("start", f"link_{code.replace('-', '')}")

    assert await owners(town, town.stranger.on_telegram) == [town.dana.id]


async def test_every_code_that_does_not_hold_gets_the_same_words(town: Town) -> None:
    used, replies = await code_of(town.dana.on_slack), []
    await town.stranger.on_telegram.commands("link", used)
    ended = await code_of(town.sam.on_slack)
    old = await code_of(town.sam.on_slack)
    town.clock.moves(minutes=10)
    leavers = await code_of(town.omar.on_slack)
    await town.omar.leaves()
    nobody = Person(town, "Nadia", 1000)

    for code in (used, ended, old, leavers, "ABCD-EFGH", "x", "0O1I-0O1I", "码" * 5000):
        replies.append(await nobody.on_telegram.commands("link", code))
        nobody = Person(town, nobody.name, nobody.id + 1)

    assert replies == [linking.WRONG] * 8
    assert await owners(town, nobody.on_telegram) == []


async def test_a_new_code_ends_the_one_before_it(town: Town) -> None:
    first, second = await code_of(town.dana.on_slack), await code_of(town.dana.on_telegram)

    assert await town.stranger.on_telegram.commands("link", first) == linking.WRONG
    await town.stranger.on_telegram.commands("link", second)

    assert await owners(town, town.stranger.on_telegram) == [town.dana.id]


async def test_after_five_wrong_codes_the_right_one_is_refused_as_well(town: Town) -> None:
    stranger = town.stranger.on_telegram
    for n in range(5):
        assert await stranger.commands("link", f"ABCD-EFG{n + 2}") == linking.WRONG
        assert town.stranger.outcome == Outcome.DONE

    assert await stranger.commands("link", await code_of(town.dana.on_slack)) == linking.WRONG
    town.clock.moves(minutes=29)
    assert await stranger.commands("link", await code_of(town.dana.on_slack)) == linking.WRONG
    assert await owners(town, stranger) == []
    town.clock.moves(minutes=1)
    await stranger.commands("link", await code_of(town.dana.on_slack))
    assert await owners(town, stranger) == [town.dana.id]


async def test_four_wrong_codes_are_forgiven(town: Town) -> None:
    stranger, other = town.stranger.on_telegram, Person(town, "Nadia", 1000)
    for n in range(4):
        await stranger.commands("link", f"ABCD-EFG{n + 2}")
    await other.on_telegram.commands("link", "ABCD-EFGH")

    await stranger.commands("link", await code_of(town.dana.on_slack))

    assert await owners(town, stranger) == [town.dana.id]
    kept = {row.user: row.wrong for row in await town.rows(select(LinkGuess))}
    assert kept == {"7999": 4, "8000": 1}


async def test_what_is_no_code_at_all_is_no_guess(town: Town) -> None:
    for _ in range(9):
        await town.stranger.on_telegram.commands("link", "hello")

    assert await town.rows(select(LinkGuess)) == []


async def test_of_two_accounts_with_one_code_exactly_one_is_joined(town: Town) -> None:
    code = await code_of(town.dana.on_slack)
    crowd = [Person(town, "Nobody", 900 + n) for n in range(6)]
    town.delivers = False

    replies = await asyncio.gather(*[one.on_telegram.commands("link", code) for one in crowd])

    assert sorted(isinstance(reply, Card) for reply in replies) == [False] * 5 + [True]
    assert sum([len(await owners(town, one.on_telegram)) for one in crowd]) == 1


async def test_one_account_with_two_people_s_codes_is_one_person_s(town: Town) -> None:
    codes = [await code_of(town.dana.on_slack), await code_of(town.sam.on_slack)]
    town.delivers = False

    await asyncio.gather(*[town.stranger.on_telegram.commands("link", code) for code in codes])

    assert len(await owners(town, town.stranger.on_telegram)) == 1


async def test_guesses_at_once_are_all_counted(town: Town) -> None:
    town.delivers = False
    await asyncio.gather(*[town.stranger.on_telegram.commands("link", f"ABCD-EFG{n}") for n in "2345"])
    await asyncio.gather(*[town.stranger.on_telegram.commands("link", f"ABCD-EFG{n}") for n in "6789"])

    assert [row.wrong for row in await town.rows(select(LinkGuess))] == [8]


async def test_one_s_own_account_needs_no_code(town: Town) -> None:
    code = await code_of(town.dana.on_slack)

    assert await town.dana.on_telegram.commands("link", code) == ALREADY
    assert await town.dana.on_web.commands("link", code) == ALREADY
    await town.stranger.on_telegram.commands("link", code)

    assert await owners(town, town.stranger.on_telegram) == [town.dana.id]


async def test_a_code_that_others_could_read_holds_no_more(town: Town) -> None:
    code = await code_of(town.dana.on_slack)
    group = Address("telegram", "-1001")

    await town.dana.does(
        Commanded("update:1", town.dana.on_phone.who, group, "link", code), private=town.dana.on_phone.here
    )

    assert town.telegram.reads(town.dana) == [english(linking.READ_BY_OTHERS)]
    assert await town.stranger.on_phone.commands("link", code) == linking.WRONG
    assert await owners(town, town.stranger.on_telegram) == []


async def test_somebody_else_s_account_stays_theirs_and_learns_nothing(town: Town) -> None:
    code = await code_of(town.dana.on_slack)

    replies = [await town.omar.on_telegram.commands("link", given) for given in (code, "ABCD-EFGH")]

    assert replies == [STAYS, STAYS]
    assert await owners(town, town.omar.on_telegram) == [town.omar.id]
    assert [row.wrong for row in await town.rows(select(LinkGuess))] == [2]
    assert town.slack.reads(town.dana) == []


async def test_a_leaver_s_account_is_nobody_else_s(town: Town) -> None:
    code = await code_of(town.dana.on_slack)

    assert await town.lena.on_telegram.commands("link", code) == linking.WRONG

    assert await owners(town, town.lena.on_telegram) == [town.lena.id]


async def test_who_leaves_while_a_code_is_given_keeps_no_account(town: Town) -> None:
    code, given = await code_of(town.dana.on_slack), asyncio.Event()

    async def joins() -> None:
        async with town.unit() as work:
            await links.give(work, town.stranger.on_telegram.who, code)
            given.set()
            await asyncio.sleep(0.2)

    async def leaves() -> None:
        await given.wait()
        await town.desk.left(town.dana.on_slack.who)

    await asyncio.gather(joins(), leaves())

    assert await owners(town, town.stranger.on_telegram) == []


async def test_a_web_account_cannot_be_made_up(town: Town) -> None:
    code = await code_of(town.dana.on_slack)

    async with town.unit() as work:
        for user in ("999", "x", ""):
            assert await links.give(work, Identity("web", "", user), code) == links.WRONG


async def test_a_stranger_without_a_code_hears_how_to_get_one(town: Town) -> None:
    assert await town.stranger.on_telegram.commands("link") == linking.HOW
    assert await town.stranger.on_phone.says("绑定") == linking.HOW
    assert await town.stranger.on_phone.commands("start") == t(
        "Hello! I am Opsbook, and work for the people of {company}. If you already use me on Slack or on the web, "
        "type “link” there, and send me “link” and the code here. If you don't, please ask your administrator to add "
        "you, and tell them your number here: {number}",
        company=town.database.handbook.company.name,
        number=town.stranger.account("telegram"),
    )
    assert "晨星智能家居" in town.stranger.reads


async def test_a_known_person_who_writes_no_code_hears_so(town: Town) -> None:
    assert await town.dana.on_slack.commands("link", "to the shop") == t(
        "That is no code. Type “link” alone, and I give you one."
    )


async def test_a_code_is_kept_nowhere(town: Town, town_url: str) -> None:
    code = await code_of(town.dana.on_slack)
    bare = code.replace("-", "")

    (row,) = await town.rows(select(LinkCode))
    answers = [str(arrival.answer) for arrival in await town.rows(select(Arrival))]
    assert (len(row.code_hash), row.employee_id, row.platform) == (64, town.dana.id, "slack")
    assert [answer for answer in answers if code in answer or bare in answer] == []
    if town_url.startswith("sqlite"):
        path = Path(town_url.removeprefix("sqlite:///"))
        kept = b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*"))
        assert (code.encode() in kept, bare.encode() in kept) == (False, False)


async def test_the_audit_knows_who_linked_what_and_no_code(town: Town) -> None:
    code = await code_of(town.dana.on_slack)
    await town.stranger.on_telegram.commands("link", "ABCD-EFGH")
    await town.stranger.on_telegram.commands("link", code)

    assert await town.audited() == [
        ("links.offer", f"employees:{town.dana.id}"),
        ("links.refuse", "telegram"),
        ("links.join", f"employees:{town.dana.id}"),
    ]


async def test_only_a_private_chat_may_be_written_to_at_once(town: Town) -> None:
    async with town.unit() as work:
        dana = await _find(work, town.dana.id)
        group, alone = town.stranger.on_telegram.who, Person(town, "Nadia", 1000).on_telegram.who
        await links.give(work, group, await links.offer(work, dana))
        await links.give(work, alone, await links.offer(work, dana), alone=True)

    met = {
        row.user: row.met_at for row in await town.rows(select(Account).where(col(Account.user).in_(["7999", "8000"])))
    }
    assert met == {"7999": None, "8000": MONDAY}


async def test_old_codes_and_guesses_are_forgotten(town: Town) -> None:
    await code_of(town.dana.on_slack)
    await town.stranger.on_telegram.commands("link", "ABCD-EFGH")
    town.clock.moves(minutes=29)
    async with town.unit() as work:
        await links.forget_old(work)
    assert (len(await town.rows(select(LinkCode))), len(await town.rows(select(LinkGuess)))) == (0, 1)
    town.clock.moves(minutes=1)
    async with town.unit() as work:
        await links.forget_old(work)

    assert await town.rows(select(LinkGuess)) == []


async def test_an_account_is_unlinked_and_both_sides_are_told(town: Town) -> None:
    reply = await town.dana.on_slack.commands("unlink", "telegram")

    assert reply == t("Your account on {platform} is no longer linked. I don't know it any more.", platform="Telegram")
    assert await owners(town, town.dana.on_telegram) == []
    gone = t("This account is no longer linked to Opsbook.")
    assert town.telegram.reads(town.dana) == [f"{both(gone)} | {both(linking.HOW)}"]
    assert town.web.reads(town.dana) == [
        "Your account on Telegram is no longer linked | Wasn't it you? Tell your administrator, and link it again: "
        "type “link”."
    ]
    await town.dana.on_telegram.commands("help")
    assert town.dana.outcome == Outcome.STRANGER


async def test_an_account_that_unlinks_itself_is_told_there(town: Town) -> None:
    await town.dana.on_phone.says("解绑 telegram")

    gone = t("This account is no longer linked to Opsbook.")
    assert town.telegram.reads(town.dana) == [f"{both(gone)} | {both(linking.HOW)}"]
    assert len(town.slack.reads(town.dana)) == 1
    assert await owners(town, town.dana.on_telegram) == []


async def test_the_last_way_in_stays(town: Town) -> None:
    await town.dana.on_slack.commands("unlink", "telegram")

    reply = await town.dana.on_slack.commands("unlink", "slack")

    assert town.dana.outcome == Outcome.REFUSED
    assert reply == t(
        "This is your only way in, so it stays. Link another account first: type “link”, and I give you a code."
    )
    assert await owners(town, town.dana.on_slack) == [town.dana.id]


async def test_a_lost_account_is_no_way_in(town: Town) -> None:
    async with town.unit() as work:
        await work.session.execute(
            update(Account)
            .where(col(Account.employee_id) == town.dana.id, col(Account.platform) == "telegram")
            .values(lost_at=MONDAY, lost_why="bot was blocked by the user")
        )

    await town.dana.on_slack.commands("unlink", "slack")
    assert town.dana.outcome == Outcome.REFUSED
    await town.dana.on_slack.commands("unlink", "telegram")

    assert await owners(town, town.dana.on_telegram) == []
    assert town.telegram.journal == []  # nobody there to be told


async def test_of_two_that_are_unlinked_at_once_one_stays(town: Town) -> None:
    town.delivers = False
    await asyncio.gather(
        town.dana.on_slack.commands("unlink", "telegram"), town.dana.on_telegram.commands("unlink", "slack")
    )

    assert len(await owners(town, town.dana.on_slack) + await owners(town, town.dana.on_telegram)) == 1


async def test_somebody_else_s_account_cannot_be_unlinked(town: Town) -> None:
    (theirs,) = await town.rows(
        select(Account).where(col(Account.employee_id) == town.omar.id, col(Account.platform) == "slack")
    )

    for claim in (str(theirs.id), "0", "x", "999999", ""):
        reply = await town.dana.on_slack.presses(action=f"linking.part:{claim}")
        assert (town.dana.outcome, reply) == (Outcome.REFUSED, linking.NOT_LINKED)

    assert await owners(town, town.omar.on_slack) == [town.omar.id]


async def test_what_waits_at_an_unlinked_account_goes_elsewhere(town: Town) -> None:
    town.delivers = False
    async with town.unit() as work:
        await outbox.tell(work, '{"title": "Hello"}', town.dana.private("telegram"), town.dana.id)

    await town.dana.on_slack.commands("unlink", "telegram")
    await town.is_told()

    assert "Hello" in town.slack.reads(town.dana)
    assert len(town.telegram.reads(town.dana)) == 1  # that it is no longer linked


async def test_live_cards_at_an_unlinked_account_are_drawn_no_more(town: Town) -> None:
    ticket = await town.ticket()
    async with town.unit() as work:
        await outbox.show(work, f"tickets:{ticket.id}", "owner", town.dana.private("telegram"), town.dana.id)
    await town.is_told()
    card = town.telegram.post(town.dana)
    await town.dana.on_slack.commands("unlink", "telegram")

    await town.omar.on_slack.presses(action=f"tickets.take:{ticket.id}:1")

    assert (town.omar.outcome, card.edits) == (Outcome.DONE, 0)


async def test_two_accounts_on_one_platform_are_told_apart(town: Town) -> None:
    await town.stranger.on_telegram.commands("link", await code_of(town.dana.on_slack))
    town.clock.moves(days=1)

    await town.dana.on_slack.commands("unlink", "telegram")

    assert town.dana.reads == (
        "Your accounts | Slack: last used Tue 24 Nov | Telegram: since Mon 23 Nov | Telegram: not used yet"
        " | Web: not signed in | [Unlink Slack] [Unlink Telegram, since Mon 23 Nov]"
        " [Unlink Telegram, not used yet] [Link another account]"
    )


async def _find(work: Work, person_id: int) -> Employee:
    found = await people.find(work.session, person_id)
    assert found is not None
    return found


async def test_a_stranger_s_bare_code_is_enough_and_speaks_their_person_s_language(town: Town) -> None:
    code = await code_of(town.omar.on_slack)

    reply = await town.stranger.on_phone.says(code)

    assert isinstance(reply, Card)
    assert town.stranger.reads.split(" | ")[0] == "Omar\uff0c欢迎你"
    assert await owners(town, town.stranger.on_phone) == [town.omar.id]


async def test_words_of_eight_letters_are_no_code(town: Town) -> None:
    assert await town.stranger.on_phone.says("thankful") == STRANGER
    assert await town.dana.on_slack.says("ABCD-EFGH", to_us=True) != linking.WRONG
