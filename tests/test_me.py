"""About me: everybody sees what we know of them, and says how we shall speak to them, on every platform."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from bot.answer import Outcome
from bot.ui.card import Card
from bot.ui.form import Asking
from config.text import t
from handlers.me import Change
from storage import accounts, outbox, people, sessions
from storage.people import Account, Employee
from tests.town import Seat, Town, chinese, english

CARD = (
    "Dana | Department: Customer service | Language: English | Time zone: Asia/Shanghai"
    " | Notices come: where you were last | Quiet hours: outside working time"
    " | {accounts} | Web: not signed in"
    " | [Change] [Link another account] [Unlink Slack] [Unlink Telegram] | §5.2 Communication"
)


async def dana(town: Town) -> Employee:
    """Dana, as she is kept."""
    found = await town.row(Employee, town.dana.id)
    assert isinstance(found, Employee)
    return found


async def changes(seat: Seat, **answers: str) -> object:
    """Opens the form, and sends it with these answers over what is filled in."""
    await seat.commands("me")
    await seat.presses("Change")
    return await seat.fills(**answers)


async def test_me_shows_what_we_know_and_no_raw_ids(town: Town) -> None:
    reply = await town.dana.on_slack.commands("我的资料")

    assert isinstance(reply, Card)
    assert town.dana.reads == CARD.format(accounts="Slack: last used Mon 23 Nov | Telegram: not used yet")
    assert "U0DANA" not in repr(reply)
    assert "7001" not in repr(reply)


async def test_me_is_the_same_on_every_platform(town: Town) -> None:
    for platform in ("slack", "telegram", "web"):
        await town.dana.on(platform).commands("me")
    await town.dana.on_phone.says("me")

    accounts = "Slack: last used Mon 23 Nov | Telegram: since Mon 23 Nov"
    assert sorted(town.telegram.post(town.dana).line.split(" | ")) == sorted(
        CARD.format(accounts=accounts).split(" | ")
    )


async def test_me_says_where_one_is_signed_in_and_what_is_lost(town: Town) -> None:
    async with town.unit() as work:
        person = await people.find(work.session, town.dana.id)
        assert person is not None
        for _ in range(2):
            await sessions.open(work, await sessions.invite(work, person))
        await people.lose(work, "telegram", town.dana.account("telegram"), "bot was blocked by the user")
        await work.session.execute(
            update(Employee).where(col(Employee.id) == person.id).values(title="Team lead", department="nowhere")
        )

    await town.dana.on_slack.commands("me")

    assert " | Telegram: not reached since Mon 23 Nov | Web: signed in on 2 browsers | " in town.dana.reads
    assert town.dana.reads.startswith("Dana | Department: nowhere | Position: Team lead | ")
    assert town.dana.reads.count("[Unlink") == 1  # Telegram alone: Slack is the only way in
    assert "[Sign out of the web]" in town.dana.reads


@pytest.mark.parametrize("platform", ["slack", "telegram", "web"])
async def test_the_form_asks_with_what_holds_now(town: Town, platform: str) -> None:
    seat = town.dana.on(platform)
    await seat.commands("me")
    asking = await seat.presses("Change")

    assert isinstance(asking, Asking)
    assert [(one.name, one.ask, one.optional) for one in asking.questions] == [
        ("language", "choice", False),
        ("zone", "line", False),
        ("prefers", "choice", False),
        ("quiet", "choice", False),
        ("hours", "line", True),
    ]
    assert asking.answers == {
        "language": "en", "zone": "Asia/Shanghai", "prefers": "last", "quiet": "company", "hours": "22:00-08:00",
    }  # fmt: skip
    options = {one.name: [english(option.label) for option in one.options] for one in asking.questions}
    assert options["prefers"] == ["Where I was last", "Slack", "Telegram", "Web"]
    assert options["quiet"] == [
        "By default: outside working time",
        "Never: tell me all at once",
        "My own hours",
    ]


async def test_only_linked_platforms_that_run_are_offered(town: Town) -> None:
    await town.dana.on_slack.commands("unlink", "telegram")
    await town.dana.on_slack.commands("me")
    asking = await town.dana.on_slack.presses("Change")

    assert isinstance(asking, Asking)
    assert [option.value for option in asking.questions[2].options] == ["last", "slack", "web"]
    reply = await town.dana.on_slack.fills(prefers="telegram")
    assert reply == t("You have no account there yet. Link it first: type “link”.")
    assert town.dana.answer is not None
    assert (town.dana.outcome, town.dana.answer.field) == (Outcome.REFUSED, "prefers")


async def test_what_is_changed_is_kept_and_shown_in_the_new_language(town: Town) -> None:
    await changes(town.dana.on_slack, language="zh", zone="柏林", prefers="telegram", quiet="own", hours="22点到8点")

    kept = await dana(town)
    assert (kept.language, kept.zone, kept.prefers, kept.quiet) == ("zh", "Europe/Berlin", "telegram", "22:00-08:00")
    assert town.dana.reads.startswith("Dana | ")
    assert chinese(t("Quiet hours")) in town.dana.reads
    assert (await town.audited())[-1] == ("accounts.settle", f"employees:{town.dana.id}")


async def test_the_form_asks_again_with_what_was_kept(town: Town) -> None:
    await changes(town.dana.on_slack, zone="UTC+8", prefers="slack", hours="22-8", quiet="own")
    await town.dana.on_slack.presses("Change")

    assert town.dana.asked is not None
    assert town.dana.asked.answers == {
        "language": "en", "zone": "UTC+8", "prefers": "slack", "quiet": "own", "hours": "22:00-08:00",
    }  # fmt: skip
    before = await town.audited()
    await town.dana.on_slack.fills()
    assert "Quiet hours: 22:00-08:00, by your own clock" in town.dana.reads
    assert await town.audited() == before


@pytest.mark.parametrize(
    ("was", "quiet", "hours", "kept"),
    [
        ("", "company", "", ""),
        ("", "company", "22:00-08:00", ""),  # as it stood there
        ("", "own", "22:00-08:00", "22:00-08:00"),
        ("", "off", "", "off"),
        ("", "own", "22-8", "22:00-08:00"),
        ("", "company", "23-7", "23:00-07:00"),  # newly written: meant
        ("22:00-08:00", "off", "22:00-08:00", "off"),  # as it stood there
        ("22:00-08:00", "company", "22:00-08:00", ""),
        ("22:00-08:00", "company", "23:00-08:00", "23:00-08:00"),
        ("off", "company", "", ""),
    ],
)
async def test_quiet_hours_are_as_they_were_meant(town: Town, was: str, quiet: str, hours: str, kept: str) -> None:
    async with town.unit() as work:
        await work.session.execute(update(Employee).where(col(Employee.id) == town.dana.id).values(quiet=was))

    await changes(town.dana.on_slack, quiet=quiet, hours=hours)

    assert (await dana(town)).quiet == kept


@pytest.mark.parametrize(
    ("answers", "field", "words"),
    [
        ({"zone": "Atlantis"}, "zone", "I know no such time zone. Write a large city near you, or UTC+8."),
        ({"quiet": "own", "hours": ""}, "hours", "Please write from when until when, such as 22:00-08:00."),
        ({"hours": "at night"}, "hours", "Please write from when until when, such as 22:00-08:00."),
        ({"language": "fr"}, "language", "Please choose one of the answers offered."),
        ({"prefers": "pigeon"}, "prefers", "Please choose one of the answers offered."),
        ({"zone": ""}, "zone", "Please answer this."),
    ],
)
async def test_what_will_not_do_is_said_beside_its_question(
    town: Town, answers: dict[str, str], field: str, words: str
) -> None:
    await changes(town.dana.on_slack, **answers)

    assert town.dana.answer is not None
    assert (town.dana.outcome, town.dana.answer.field, town.dana.reads) == (Outcome.REFUSED, field, words)


async def test_a_zone_that_is_kept_is_never_refused(town: Town) -> None:
    async with town.unit() as work:
        await work.session.execute(update(Employee).where(col(Employee.id) == town.dana.id).values(zone="US/Pacific"))

    await changes(town.dana.on_slack, quiet="off")

    assert ((await dana(town)).zone, (await dana(town)).quiet) == ("US/Pacific", "off")


async def test_what_waits_goes_to_where_one_wants_it_now(town: Town) -> None:
    await town.dana.on_slack.commands("me")
    town.delivers = False
    async with town.unit() as work:
        await outbox.tell(work, '{"title": "Hello"}', town.dana.private("slack"), town.dana.id)
        await outbox.tell(work, '{"title": "Again"}', town.dana.private("web"), town.dana.id)
        await outbox.tell(work, '{"title": "To Omar"}', town.omar.private("slack"), town.omar.id)

    await changes(town.dana.on_slack, prefers="telegram")
    await town.is_told()

    assert town.telegram.reads(town.dana) == ["Hello", "Again"]
    assert (town.slack.reads(town.dana), town.web.reads(town.dana)) == ([], [])
    assert town.slack.reads(town.omar) == ["To Omar"]


async def test_who_prefers_a_platform_is_reached_there_until_it_is_unlinked(town: Town) -> None:
    await changes(town.dana.on_slack, prefers="telegram")
    assert "Notices come: Telegram" in town.dana.reads

    await town.dana.on_slack.commands("unlink", "telegram")

    assert (await dana(town)).prefers == ""


async def test_a_preference_stays_while_another_account_is_there(town: Town) -> None:
    await changes(town.dana.on_slack, prefers="telegram")
    async with town.unit() as work:
        work.session.add(Account(platform="telegram", user="7999", employee_id=town.dana.id))
    (first, _) = await town.rows(
        select(Account)
        .where(col(Account.employee_id) == town.dana.id, col(Account.platform) == "telegram")
        .order_by(col(Account.id))
    )

    await town.dana.on_slack.presses(action=f"linking.part:{first.id}")

    assert (await dana(town)).prefers == "telegram"


async def test_on_telegram_it_is_looked_over_and_changed_one_by_one(town: Town) -> None:
    phone = town.dana.on_phone
    await phone.says("me")
    await phone.presses("Change")
    assert town.telegram.post(town.dana).line == (
        "About me: please look it over | Nothing is sent until you press “Save”."
        " | Language: English | Time zone: Asia/Shanghai | Where shall notices come?: Where I was last"
        " | When are your quiet hours?: By default: outside working time"
        " | My own hours: from when to when?: 22:00-08:00 | [Save] [Change …] [Cancel]"
    )

    await phone.presses("Change …")
    await phone.presses("Time zone")
    await phone.says("伦敦")
    await phone.presses("Save")

    assert (await dana(town)).zone == "Europe/London"
    assert "Time zone: Europe/London" in town.telegram.post(town.dana).line


async def test_signing_out_of_the_web_ends_every_session(town: Town) -> None:
    tokens = []
    async with town.unit() as work:
        person = await people.find(work.session, town.dana.id)
        assert person is not None
        tokens = [await sessions.open(work, await sessions.invite(work, person)) for _ in range(2)]
    await town.dana.on_slack.commands("me")

    await town.dana.on_slack.presses("Sign out of the web")

    assert town.dana.reads == "You are signed out of the web, in every browser. Type “signin” to come back."
    async with town.database.reading() as reading:
        assert [await sessions.find(reading, token, town.clock()) for token in tokens] == [None, None]
    told = "You were signed out of the web, in every browser."
    assert (town.telegram.reads(town.dana), town.web.reads(town.dana)) == ([told], [told])
    async with town.unit() as work:
        assert await accounts.browsers(work, town.dana.id) == 0


async def test_unlinking_the_web_is_signing_out(town: Town) -> None:
    for word in ("web", "网页"):
        await town.dana.on_slack.commands("unlink", word)
        assert town.dana.reads == "You are signed out of the web, in every browser. Type “signin” to come back."


async def test_a_form_that_somebody_forges_asks_for_itself(town: Town) -> None:
    await town.stranger.on_slack.submits(Change, language="en", zone="UTC", prefers="last", quiet="off")

    assert town.stranger.outcome == Outcome.STRANGER
    assert await town.rows(select(Employee).where(col(Employee.quiet) != "")) == []


async def test_unlinking_asks_before_it_does(town: Town) -> None:
    reply = await town.dana.on_slack.commands("unlink")

    assert isinstance(reply, Card)
    assert [english(button.confirm) for button in reply.buttons if button.confirm] == [
        "Unlink it? I won't know that account any more."
    ] * 2


@pytest.mark.parametrize(
    ("hours", "greeting"),
    [(0, "Good morning, Dana"), (3, "Good afternoon, Dana"), (9, "Good evening, Dana"), (18, "Good evening, Dana")],
)
async def test_start_greets_by_the_hour(town: Town, hours: int, greeting: str) -> None:
    town.clock.moves(hours=hours)

    await town.dana.on_slack.commands("start")

    assert town.dana.reads == (
        f"{greeting} | Nothing waits for you. Enjoy it while it lasts."
        " | [My day] [Report a complaint] [About me] [Help]"
    )


async def test_start_says_how_much_waits(town: Town) -> None:
    await town.ticket("taken")

    await town.dana.on_slack.commands("start", "anything")

    assert town.dana.reads.split(" | ")[:2] == ["Good morning, Dana", "1 thing waits for you."]


async def test_a_sign_in_link_is_shown_once(town: Town) -> None:
    reply = await town.dana.on_slack.commands("signin")

    assert isinstance(reply, Card)
    assert reply.once
