"""What the outbox holds reaches people: in order, again where it failed, elsewhere where it can't, and with an end."""

import asyncio

import pytest

from bot.codec import pack_card
from bot.platforms import Message, Pace
from bot.ui.card import Card
from config.text import t
from storage import outbox
from storage.places import Address
from storage.tickets import OPEN, TAKEN
from tests.town import Person, Post, Town, both, chinese, english, handbook

FOREVER = float("inf")


async def tells(town: Town, *titles: str, at: Person | str = "service", platform: str = "slack") -> None:
    """Notices are put into the outbox: for a room, or for a person."""
    channel = town.platforms[platform].channel(at)
    async with town.unit() as work:
        for title in titles:
            person_id = at.id if isinstance(at, Person) else None
            await outbox.tell(work, pack_card(Card(title)), Address(platform, channel), person_id)


async def shows(town: Town) -> Post:
    """A complaint is reported; this is its card in the room on Slack."""
    await town.sam.on_slack.submits("tickets.NewComplaint", customer="Ms Lee", what="Broken lock", kind="other")
    return town.slack.post("service")


async def test_notices_to_a_channel_keep_their_order(town: Town) -> None:
    await tells(town, *"abcdef")

    assert await town.is_told() == 6

    assert town.slack.reads("service") == list("abcdef")


async def test_a_card_that_comes_late_shows_how_it_stands_now(town: Town) -> None:
    town.delivers = False
    await town.sam.on_slack.submits("tickets.NewComplaint", customer="Ms Lee", what="Broken lock", kind="other")
    await town.dana.on_slack.presses(action="tickets.take:1:1")

    await town.is_told()

    assert town.slack.journal == [("send", "service", "Complaint C-1001: Ms Lee")]
    assert town.slack.post("service").fact("State") == "Taken by Dana"


async def test_several_changes_are_one_edit(town: Town) -> None:
    card = await shows(town)
    town.delivers = False

    await town.dana.on_slack.presses("Take")
    await town.dana.on_slack.says("I call her now.", under=card)
    await town.dana.on_slack.presses(action="tickets.escalate:1:2")
    await town.is_told()

    assert card.edits == 1
    assert town.slack.post("service").fact("State") == "Taken by Dana"


async def test_a_card_that_shows_it_already_is_not_edited(town: Town) -> None:
    card = await shows(town)
    async with town.unit() as work:
        await outbox.refresh(work, "tickets:1")

    assert await town.is_told() == 2

    assert card.edits == 0


async def test_a_message_that_failed_is_tried_again_with_longer_and_longer_pauses(town: Town) -> None:
    await tells(town, "hello")
    town.slack.fails("internal_error", times=4)

    tried = []
    for second in range(40):
        town.clock.moves(seconds=1)
        if await town.is_told():
            tried.append(second)

    assert tried == [0, 2, 6, 14, 30]
    assert town.slack.reads("service") == ["hello"]
    assert await town.outbox() == [("sent", None)]


async def test_a_message_that_fails_while_others_arrive_is_given_up_with_a_reason(town: Town) -> None:
    await tells(town, "hello")
    town.slack.fails("strange_error", times=FOREVER, at="service")

    for n in range(40):
        await tells(town, f"news {n}", at="managers")
        await town.passes(minutes=5)

    mine = [state for state in await town.outbox() if state[1] is not None]
    assert mine == [("dead", "strange_error")]
    assert len([call for call in town.slack.journal if call[1] == "service"]) == 12
    assert town.web.reads("ops") == [
        "A message could not be delivered | Platform: slack | To: C0SERVICE | Reason: strange_error"
    ]


async def test_a_platform_that_is_down_for_six_hours_loses_nothing_that_still_matters(town: Town) -> None:
    card = await shows(town)
    await tells(town, "to Dana", at=town.dana)
    town.slack.fails("service_unavailable", times=FOREVER)
    await town.dana.on_telegram.presses("Take")

    for _ in range(72):
        await town.passes(minutes=5)
    town.slack.is_well()
    await town.passes(minutes=20)

    assert card.fact("State") == "Taken by Dana"
    assert "to Dana" in town.slack.reads(town.dana)
    assert town.telegram.reads(town.dana) == []
    assert [state for state, _ in await town.outbox() if state != "sent"] == []


async def test_a_permanent_failure_goes_to_the_person_s_other_platform_and_is_told_once(town: Town) -> None:
    town.slack.fails("user_not_found", times=FOREVER, at=town.dana, permanent=True)
    await tells(town, "one", "two", at=town.dana)

    await town.is_told()
    await town.is_told()

    assert town.slack.reads(town.dana) == []
    assert town.telegram.reads(town.dana) == ["one", "two"]
    assert len([call for call in town.slack.journal if call[0] == "send"]) == 2
    assert town.web.reads("ops") == [
        "A message could not be delivered | Platform: slack | To: a person | Reason: user_not_found"
    ]


async def test_a_person_whom_no_platform_reaches_finds_it_on_the_web(town: Town) -> None:
    for platform in (town.slack, town.telegram):
        platform.fails("blocked", times=FOREVER, at=town.omar, permanent=True)
    town.delivers = False
    await town.ticket(TAKEN)
    await town.hana.on_slack.submits("tickets.Handover", about="tickets:1:2", to=town.omar.id)

    await town.is_told()

    assert len(town.web.reads(town.omar)) == 1
    assert town.web.post(town.omar).message.about == "tickets:1"


async def test_a_room_that_is_gone_is_told_to_the_ops_room_and_its_other_platform_goes_on(town: Town) -> None:
    town.slack.fails("is_archived", times=FOREVER, at="service", permanent=True)

    await town.sam.on_slack.submits("tickets.NewComplaint", customer="Ms Lee", what="Broken lock", kind="other")

    assert len(town.telegram.reads("service")) == 1
    assert town.web.reads("ops") == [
        "A message could not be delivered | Platform: slack | To: C0SERVICE | Reason: is_archived"
    ]


async def test_too_many_requests_stop_only_their_own_channel(town: Town) -> None:
    await tells(town, "a", "b")
    await tells(town, "c", "d", at="managers")
    town.slack.fails("ratelimited", times=1, at="service", retry_after=30)

    async with town.courier_at_work():
        for _ in range(200):
            await asyncio.sleep(0.01)
            if len(town.slack.reads("managers")) == 2:
                break
        await asyncio.sleep(0.3)
        assert town.slack.journal.count(("send", "service", "a")) == 1
        assert ("send", "service", "b") not in town.slack.journal
        assert town.slack.reads("managers") == ["c", "d"]

    town.clock.moves(seconds=31)
    town.new_courier()
    await town.is_told()
    assert town.slack.reads("service") == ["a", "b"]


async def test_what_failed_for_now_keeps_its_place_before_what_follows(town: Town) -> None:
    town.courier.pause = lambda tries: 0.05
    await tells(town, "a", "b", "c")
    town.slack.fails("internal_error", times=2)

    async with town.courier_at_work():
        for _ in range(300):
            await asyncio.sleep(0.01)
            if len(town.slack.reads("service")) == 3:
                break

    assert town.slack.reads("service") == ["a", "b", "c"]


async def test_a_send_that_hangs_delays_no_other_channel(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.courier.SEND_LIMIT", 0.4)
    await tells(town, "hangs")
    await tells(town, "goes on", at="managers")

    async def hang(message: Message) -> None:
        if message.to.channel == "C0SERVICE":
            await asyncio.sleep(60)

    town.slack.before = hang
    async with town.courier_at_work():
        await asyncio.sleep(0.2)
        assert town.slack.reads("managers") == ["goes on"]
        await asyncio.sleep(0.4)

    assert await town.outbox() == [("waiting", "no answer in time"), ("sent", None)]


async def test_a_row_that_can_t_be_shown_ends_and_the_queue_moves_on(town: Town) -> None:
    place = Address("slack", "C0SERVICE")
    async with town.unit() as work:
        await outbox.tell(work, "{not json", place)
        await outbox.tell(work, '{"title": {"kind": "nothing we know"}}', place)
        await outbox.show(work, "tickets:404", "team", place)
        await outbox.show(work, "tickets:x", "team", place)
        await outbox.show(work, "nothing:1", "team", place)
    await tells(town, "after them")

    await town.is_told()
    assert town.slack.reads("service") == ["after them"]
    await town.passes(minutes=1)
    await town.passes(minutes=1)

    assert await town.outbox() == [
        ("dead", "our fault: ValidationError"),
        ("dead", "our fault: ValidationError"),
        ("dead", "what it shows is gone"),
        ("dead", "our fault: ValueError"),
        ("dead", "what it shows is gone"),
        ("sent", None),
        *[("sent", None)] * 2,
    ]
    assert [line.split(" | ")[0] for line in town.web.reads("ops")] == ["A message could not be delivered"] * 2


async def test_a_platform_that_breaks_ends_the_row_and_not_the_courier(town: Town) -> None:
    async def breaks(message: Message) -> None:
        if english(message.card.title) == "poison":
            raise KeyError("blocks")

    town.slack.before = breaks
    await tells(town, "poison", "fine")

    for _ in range(4):
        await town.passes(minutes=1)

    assert town.slack.reads("service") == ["fine"]
    assert (await town.outbox())[:2] == [("dead", "our fault: KeyError"), ("sent", None)]


async def test_a_message_that_somebody_deleted_is_posted_anew(town: Town) -> None:
    card = await shows(town)
    town.slack.loses(card)

    await town.dana.on_telegram.presses("Take")

    anew = town.slack.post("service")
    assert (anew.ref != card.ref, anew.fact("State")) == (True, "Taken by Dana")
    await town.dana.on_slack.says("I call her now.", under=anew)
    assert len(town.telegram.reads_under(town.telegram.post("service"))) == 1


async def test_a_chat_that_moved_goes_on_under_its_new_id(town: Town) -> None:
    town.telegram.fails("migrated", at="service", moved_to="-100222")

    await shows(town)
    await town.dana.on_slack.presses("Take")

    assert town.telegram.reads("service") == []
    moved = town.telegram.post("-100222")
    assert (len(town.telegram.at("-100222")), moved.edits) == (1, 1)
    await town.dana.on_telegram.says("I call her now.", under=moved)
    assert town.slack.reads_under(town.slack.post("service")) == ["Dana wrote | I call her now."]


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_chat_that_moved_stays_the_room_that_it_was(town: Town, restarts: bool) -> None:
    town.telegram.fails("migrated", at="service", moved_to="-100222")
    await shows(town)
    if restarts:
        town.new_courier()
        await town.courier._round()  # it takes over, and learns what has moved

    await shows(town)

    assert [verb for verb, room, _ in town.telegram.journal if room == "service"] == ["send"]
    first, second = town.telegram.at("-100222")
    assert (first.message.say, second.message.say) == (english, english)


async def test_a_group_takes_so_many_a_minute_and_others_go_on(town: Town) -> None:
    town.telegram.pace = Pace(channel=0.0, overall=1e9, a_minute=3, groups="-@")
    async with town.unit() as work:
        for n in range(5):
            await outbox.tell(work, pack_card(Card(f"group {n}")), Address("telegram", "-1001"))
            await outbox.tell(work, pack_card(Card(f"Dana {n}")), town.dana.private("telegram"), town.dana.id)

    async with town.courier_at_work(), asyncio.timeout(20):
        while len(town.telegram.posts) < 8:  # noqa: ASYNC110  # nobody tells us what the courier has sent
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.3)

    assert town.telegram.reads("service") == ["group 0", "group 1", "group 2"]
    assert town.telegram.reads(town.dana) == [f"Dana {n}" for n in range(5)]


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize(("step", "copies"), [("before send", 1), ("after send", 2), ("after mark", 1)])
async def test_a_courier_that_dies_between_two_steps_sends_at_most_one_copy_more(
    town: Town, step: str, copies: int
) -> None:
    def dies(reached: str) -> None:
        if reached == step:
            raise Killed

    await tells(town, "hello")
    town.database.on_crash_point = dies
    with pytest.raises(Killed):
        await town.is_told()
    town.database.on_crash_point = lambda reached: None

    town.new_courier()
    await town.is_told()
    await town.passes(seconds=61)
    await town.passes(minutes=5)

    assert town.slack.reads("service") == ["hello"] * copies
    assert [message.again for message in town.slack.taken][1:] == [True] * (copies - 1)
    assert await town.outbox() == [("sent", None)]


async def test_a_new_courier_takes_over_at_once_what_another_was_sending(town: Town) -> None:
    def dies(reached: str) -> None:
        if reached == "before send":
            raise Killed

    await tells(town, "hello")
    town.database.on_crash_point = dies
    with pytest.raises(Killed):
        await town.is_told()
    town.database.on_crash_point = lambda reached: None
    town.new_courier()

    async with town.courier_at_work():
        await asyncio.sleep(0.3)

    assert town.slack.reads("service") == ["hello"]
    assert [message.again for message in town.slack.taken] == [True]


async def test_two_couriers_side_by_side_send_each_message_once(town_url: str) -> None:
    one, two = await Town.open(town_url), await Town.open(town_url)
    await tells(one, *[f"{n}" for n in range(20)])
    two.platforms["slack"] = one.slack
    two.new_courier()

    if one.database.is_sqlite:  # one process only: the second has no right to play
        assert (await one.database.play("courier"), await two.database.play("courier")) == (True, False)
        await one.is_told()
    else:
        await asyncio.gather(one.is_told(), two.is_told())
        await one.is_told()

    assert sorted(one.slack.reads("service"), key=int) == [f"{n}" for n in range(20)]
    await one.close()
    await two.close()


async def test_old_news_is_dropped_and_a_window_is_not(town: Town) -> None:
    town.delivers = False
    await town.sam.on_slack.submits("tickets.NewComplaint", customer="Ms Lee", what="Broken lock", kind="other")
    await tells(town, "breaking news")
    town.clock.moves(hours=24, seconds=1)

    await town.is_told()

    assert [post.message.about for post in town.slack.at("service")] == ["tickets:1"]
    assert [state for state in await town.outbox() if state[0] == "dead"] == [("dead", "too old to be of use")]


async def test_each_reader_reads_their_own_language(town: Town) -> None:
    late = t("Hello, {name}", name="Omar")
    async with town.unit() as work:
        for person in (town.dana, town.omar):
            await outbox.tell(work, pack_card(Card(late)), person.private("telegram"), person.id)
        await outbox.tell(work, pack_card(Card(late)), Address("slack", "C0MANAGERS"))

    await town.is_told()

    assert town.telegram.reads(town.dana) == [english(late)]
    assert town.telegram.reads(town.omar) == town.slack.reads("managers") == [chinese(late)]


async def test_a_bilingual_room_shows_both_languages(town_url: str) -> None:
    town = await Town.open(town_url, handbook("both"))
    await town.ticket(OPEN)
    async with town.unit() as work:
        await outbox.show(work, "tickets:1", "team", Address("slack", "C0SERVICE"))
    await town.is_told()

    post = town.slack.post("service")
    assert post.fact("State") == both(t("Not taken yet"))
    assert post.fact("Urgency") == "紧急 / High"
    assert post.fact("Answer by") == "11月23日 周一 14:00 / Mon 23 Nov 14:00"
    assert post.message.say(post.card.title, "\n") == both(post.card.title, "\n")
    await town.close()


async def test_a_room_nobody_named_is_spoken_to_in_both_languages(town: Town) -> None:
    async with town.unit() as work:
        await outbox.tell(work, pack_card(Card(t("Complaints"))), Address("slack", "C0OTHER"))

    await town.is_told()

    assert town.slack.reads("C0OTHER") == [both(t("Complaints"))]
