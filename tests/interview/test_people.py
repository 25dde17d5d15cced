"""Several colleagues on the phone: found by their names, marked and unmarked, and said to be all."""

from __future__ import annotations

import pytest

from bot.ui.form import UNKNOWN
from tests.interview.fair import Booked, Crew, Phone
from tests.interview.test_questions import kept
from tests.town import Town, english

OMAR, DANA, HANA = "Omar · Customer service", "Dana · Customer service", "Hana · Customer service"


@pytest.fixture
async def asked(sam: Phone) -> Phone:
    """Sam is asked who comes along."""
    await sam.seat.commands("crew")
    return sam


async def test_people_are_offered_from_the_own_department(asked: Phone) -> None:
    assert asked.body == [
        "Who comes along?", "Type names, their pinyin or their initials. Press “Done” when all are there.",
    ]  # fmt: skip
    assert (asked.keys, asked.buttons) == (["☐ Lin · Sales"], ["Cancel"])


async def test_people_are_found_by_name_and_kept_in_the_order_of_the_choice(
    asked: Phone, town: Town, booked: Booked
) -> None:
    await asked.answers("Omar、@dana")
    await asked.presses("☐ Lin · Sales")
    assert asked.facts == {"So far": "Omar, Dana, Lin"}
    assert (asked.keys, asked.buttons) == (["☑ Lin · Sales", f"☑ {OMAR}", f"☑ {DANA}"], ["Done", "Cancel"])
    await asked.presses(f"☑ {OMAR}", "Done")

    assert await kept(town, "crew") == "[1, 6]}"
    assert asked.facts == {"Who comes along?": "Dana, Lin"}
    await asked.presses("Book")
    assert booked.forms == [Crew(crew=(1, 6))]


async def test_name_that_is_nobodys_offers_who_may_be_meant_and_loses_nobody(asked: Phone) -> None:
    await asked.says("Omar, dan")
    assert (asked.body[-1], asked.keys) == ("⚠️ Did you mean one of these?", [f"☐ {DANA}", f"☑ {OMAR}"])

    await asked.presses(f"☐ {DANA}")
    assert asked.facts == {"So far": "Omar, Dana"}
    await asked.says("nobody")
    assert asked.body[-1] == "⚠️ Nobody here is called “nobody”. Try the name, its pinyin or its initials."


async def test_same_person_counts_once(asked: Phone, town: Town) -> None:
    mark = asked.action("☐ Lin · Sales")

    await asked.seat.presses(action=mark)
    await asked.seat.presses(action=mark)
    await asked.answers("Lin", "lin, Omar", "完成")

    assert await kept(town, "crew") == "[6, 2]}"


async def test_too_many_and_too_few_are_told_when_they_say_done(asked: Phone, town: Town) -> None:
    await asked.answers("done")
    assert asked.body[-1] == "⚠️ Please choose at least one."

    await asked.answers("Lin", "done")
    assert asked.body[-1] == "⚠️ Please choose at least 2 people."
    await asked.answers("Omar, Dana, Hana", "done")
    assert asked.body[-1] == "⚠️ Please choose at most 3 people."
    await asked.presses(f"☑ {HANA}", "Done")

    assert await kept(town, "crew") == "[6, 2, 1]}"


async def test_somebody_who_has_left_is_not_taken(asked: Phone) -> None:
    await asked.seat.presses(action=asked.action("☐ Lin · Sales").rpartition(":")[0] + ":8")

    assert (asked.body[-1], asked.facts) == (f"⚠️ {english(UNKNOWN)}", {})


async def test_people_stand_there_when_the_question_is_asked_again(asked: Phone, town: Town) -> None:
    await asked.answers("Lin, Omar", "done")

    await asked.presses("Change", "☑ Lin · Sales")
    await asked.answers("Dana", "done")

    assert await kept(town, "crew") == "[2, 1]}"
