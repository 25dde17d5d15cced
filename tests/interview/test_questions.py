"""Each kind of question on the phone: how it stands there, what it takes, and what it says to what it can't take."""

import pytest
from sqlalchemy import select

from bot.ui.form import Position
from storage.interviews import Interview
from tests.interview.fair import Phone
from tests.town import Town, chinese

QUESTIONS = ("name", "why", "tables", "price", "hall", "meals", "on", "opens", "keeper", "photos", "spot")
WAY = {"why": "Skip", "meals": "Skip", "photos": "Skip"}
WORDS = {
    "name": "Locks", "tables": "3", "price": "120", "hall": "Hall 12", "on": "2026-12-01",
    "opens": "2026-12-01 09:30", "keeper": "Omar",
}  # fmt: skip


async def asked(phone: Phone, question: str) -> Phone:
    """The form is open at this question."""
    await phone.seat.commands("stand")
    for name in QUESTIONS[: QUESTIONS.index(question)]:
        if name in WAY:
            await phone.presses(WAY[name])
        else:
            await phone.says(WORDS[name])
    return phone


async def kept(town: Town, name: str) -> str:
    """The answers as they are kept."""
    return str((await town.rows(select(Interview)))[-1].answers).partition(f'"{name}": ')[2]


async def test_line_that_is_too_long_is_asked_again_with_the_reason(sam: Phone) -> None:
    await asked(sam, "name")

    await sam.says("x" * 61)

    assert sam.body == ["Name of the stand", "⚠️ Please use at most 60 characters; these are 61."]
    assert sam.lines[0] == "It goes on further down."


async def test_number_says_its_range_and_keeps_to_it(sam: Phone) -> None:
    await asked(sam, "tables")
    assert sam.body == ["Tables", "From 1 to 9."]

    await sam.says("ten")
    assert sam.body[-1] == "⚠️ Please give a whole number, such as 3."
    await sam.says("10")
    assert sam.body[-1] == "⚠️ Please give at most 9."
    await sam.says("９")  # as a Chinese keyboard writes it
    assert sam.body == ["Price"]


async def test_money_is_kept_as_it_was_meant(sam: Phone, town: Town) -> None:
    await asked(sam, "price")

    await sam.says("about a hundred")
    assert sam.body[-1] == "⚠️ Please give an amount, such as 120 or 120.50."
    await sam.says("1,200.5")

    assert await kept(town, "price") == '"1200.50"}'


async def test_choice_of_thirty_is_offered_on_pages(sam: Phone) -> None:
    await asked(sam, "hall")

    assert sam.keys == ["Hall 1 Hall 2", "Hall 3 Hall 4", "Hall 5 Hall 6", "Hall 7 Hall 8", "‹ (1/4) ›"]
    await sam.presses("‹")
    assert sam.keys == ["Hall 25 Hall 26", "Hall 27 Hall 28", "Hall 29 Hall 30", "‹ (4/4) ›"]
    await sam.presses("›", "›", "Hall 9")
    assert sam.body == ["Meals"]


@pytest.mark.parametrize("said", ["hall 12", "12号馆", "12", "Hall 12."])
async def test_choice_takes_a_label_or_a_number_at_its_word(sam: Phone, town: Town, said: str) -> None:
    await asked(sam, "hall")

    await sam.says(said)

    assert await kept(town, "hall") == '"h12"}'


async def test_choice_offers_what_may_have_been_meant(sam: Phone) -> None:
    await asked(sam, "hall")

    await sam.says("hall 3")
    await sam.presses("Back")
    await sam.says("al 30")
    assert sam.body == ["Hall", "⚠️ Did you mean one of these?"]
    assert sam.keys == ["Hall 30", "✓ Hall 3", "All answers"]
    await sam.presses("All answers")
    assert sam.keys[-1] == "‹ (1/4) ›"
    await sam.says("nowhere")
    assert sam.body == ["Hall", "⚠️ “nowhere” is none of the answers. Please press one."]


async def test_choices_are_marked_and_unmarked_until_they_are_done(sam: Phone, town: Town) -> None:
    await asked(sam, "meals")
    assert (sam.keys, sam.buttons) == (["☐ Noodles", "☐ Rice", "☐ Soup"], ["Skip", "Back", "Cancel"])

    await sam.presses("☐ Rice")
    mark = sam.action("☐ Noodles")
    await sam.presses("☐ Noodles")
    await sam.seat.presses(action=mark)  # a second tap says the same
    await sam.says("汤, bread")
    assert sam.body == ["Meals", "⚠️ “bread” is none of the answers. Please press one."]
    assert sam.keys == ["☑ Noodles", "☑ Rice", "☑ Soup"]
    await sam.presses("☑ Rice")
    await sam.says("完成")

    assert await kept(town, "meals") == '["noodles", "soup"]}'


async def test_day_is_chosen_in_a_calendar(sam: Phone, town: Town) -> None:
    await asked(sam, "on")

    assert sam.keys[:2] == ["‹ (Nov 2026) ›", "(Mo) (Tu) (We) (Th) (Fr) (Sa) (Su)"]
    assert sam.keys[6] == "•23 24 25 26 27 28 29"
    await sam.presses("›", "24")
    assert await kept(town, "on") == '"2026-12-24"}'


async def test_day_in_words_is_said_back_before_it_is_taken(lin: Phone, town: Town) -> None:
    await asked(lin, "on")

    await lin.says("下周二")
    assert lin.facts == {}
    assert lin.buttons == ["Yes", "No, choose", "Back", "Cancel"]
    await lin.presses("No, choose")
    assert lin.keys[0] == "‹ (Dec 2026) ›"
    await lin.answers("下周三", "不对", "下周二", "对的")

    assert await kept(town, "on") == '"2026-12-01"}'


async def test_day_that_is_not_understood_is_asked_again(sam: Phone) -> None:
    await asked(sam, "on")

    await sam.says("some day")

    assert sam.body[-1] == (
        "⚠️ I did not understand that day. Choose it here, or write it like 2026-03-15 or “next Friday”."
    )
    assert sam.keys[0] == "‹ (Nov 2026) ›"


async def test_moment_is_chosen_step_by_step_and_back(sam: Phone, town: Town) -> None:
    await asked(sam, "opens")

    await sam.presses("24")
    assert sam.body == ["Opens at", "Tue 24 Nov: at what time?"]
    await sam.presses("Back", "25", "Earlier or later", "06:00", "Back", "15:00", "15:45")

    assert await kept(town, "opens") == '"2026-11-25T07:45:00+00:00"}'


@pytest.mark.parametrize("words", ["明天下午三点", "tomorrow 3pm"])
async def test_moment_in_words_is_said_back_before_it_is_taken(sam: Phone, town: Town, words: str) -> None:
    await asked(sam, "opens")

    await sam.says(words)
    assert sam.body == ["Opens at", "Tue 24 Nov 15:00: is that right?"]
    assert sam.keys == []
    await sam.presses("Yes")

    assert await kept(town, "opens") == '"2026-11-24T07:00:00+00:00"}'


async def test_day_without_a_time_is_asked_only_for_the_time(sam: Phone, town: Town) -> None:
    await asked(sam, "opens")

    await sam.says("tomorrow")
    assert sam.body == ["Opens at", "Tue 24 Nov: at what time?"]
    await sam.says("3pm")
    assert sam.body == ["Opens at", "Tue 24 Nov 15:00: is that right?"]
    await sam.presses("Yes")

    assert await kept(town, "opens") == '"2026-11-24T07:00:00+00:00"}'


async def test_person_is_offered_from_the_own_department_and_found_by_name(sam: Phone, town: Town) -> None:
    await asked(sam, "keeper")
    assert sam.keys == ["Lin · Sales"]

    await sam.says("dan")
    assert (sam.body[-1], sam.keys) == ("⚠️ Did you mean one of these?", ["Dana · Customer service"])
    await sam.says("nobody")
    assert sam.body[-1] == "⚠️ Nobody here is called “nobody”. Try the name, its pinyin or its initials."
    assert sam.keys == ["Lin · Sales"]
    await sam.says("ha")
    await sam.presses("Hana · Customer service")
    assert await kept(town, "keeper") == "3}"


async def test_person_who_has_left_is_nobody(sam: Phone) -> None:
    await asked(sam, "keeper")

    await sam.says("Lena")
    assert "Lena · Customer service" not in sam.keys
    await sam.seat.presses(action=sam.action("Lin · Sales").rpartition(":")[0] + ":8")
    assert sam.body[-1] == "⚠️ That person is not known here. Please choose a colleague."


async def test_files_are_counted_up_to_their_limit(sam: Phone, town: Town) -> None:
    await asked(sam, "photos")
    assert sam.body == ["Photos", "Send photos or files, at most 3."]

    await sam.says("Here they are")
    assert sam.body[-1] == "⚠️ This question wants a photo or a file."
    await sam.says("", "a.jpg", "b.jpg")
    assert (sam.body[-1], sam.facts) == ("2 of at most 3.", {"So far": "a.jpg, b.jpg"})
    remove = sam.action("Remove last")
    await sam.presses("Remove last")
    await sam.seat.presses(action=remove)  # a second tap removes nothing more
    assert sam.facts == {"So far": "a.jpg"}
    await sam.says("", "c.jpg", "d.jpg", "e.jpg")
    assert sam.body[-1] == "⚠️ There is room for 3 here; what came after was not kept."
    await sam.presses("Done")
    assert '"name": "d.jpg"' in await kept(town, "photos")
    assert '"name": "e.jpg"' not in await kept(town, "photos")


async def test_place_is_shared_or_written(sam: Phone, town: Town) -> None:
    await asked(sam, "spot")

    await sam.says("at the gate")
    assert sam.body[-1] == "⚠️ Please share where you are, or write it as 31.2304, 121.4737."
    await sam.says("31.2304, 121.4737")
    assert await kept(town, "spot") == '{"latitude": 31.2304, "longitude": 121.4737, "accuracy": null}}'


async def test_question_that_wants_words_says_so_to_all_else(sam: Phone) -> None:
    await asked(sam, "name")

    await sam.says(position=Position(1, 2))
    assert sam.body[-1] == "⚠️ This question wants words."


HOSTILE = (
    *("<b>&amp;</b> *_`[x](y)", "\u202egnp.exe", "a\x00b\udfff", "{form} {n}", "👩\u200d👧" * 9),
    *("%s ' \" \\", "/", "ask.send:1:1"),
)


async def test_hostile_words_are_only_words(sam: Phone) -> None:
    await asked(sam, "tables")
    await sam.presses("Back", "Back")

    for words in HOSTILE:
        await sam.says(words)
        assert sam.body == ["Tables", "From 1 to 9."]
        await sam.presses("Back", "Back")

    assert sam.buttons == ["Keep: ask.send:1:1", "Cancel"]


async def test_questions_read_well_in_chinese(lin: Phone) -> None:
    await asked(lin, "hall")

    assert chinese(lin.post.card.pad[0][0].label) == "1号馆"


@pytest.mark.parametrize(
    ("word", "asked_next"), [("skip", "Tables"), ("Skip.", "Tables"), ("back", "Name of the stand")]
)
async def test_what_a_button_says_may_be_typed_in_english_too(sam: Phone, word: str, asked_next: str) -> None:
    await asked(sam, "why")

    await sam.says(word)

    assert sam.body[0] == asked_next


async def test_done_is_a_word_like_others_where_nothing_is_marked_or_sent(sam: Phone, town: Town) -> None:
    await asked(sam, "why")

    await sam.says("done")

    assert await kept(town, "why") == '"done"}'


async def test_photo_alone_is_kept_for_the_question_that_wants_it_and_nothing_is_scolded(sam: Phone) -> None:
    await asked(sam, "hall")

    await sam.says("", "front.jpg")

    assert sam.body == ["Hall", "⚠️ The file is kept for “Photos”."]


async def test_place_where_an_answer_is_chosen_is_told_how(sam: Phone) -> None:
    await asked(sam, "hall")

    await sam.says(position=Position(31.2, 121.4))

    assert sam.body == ["Hall", "⚠️ Please press one of the buttons, or write it in words."]
