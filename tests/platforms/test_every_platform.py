"""Every platform shows the same card: the same words in the same order, as the web chat's page has them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import pytest

from bot.platforms.web.render import card_view
from bot.ui.card import Attached, Button, Card, Fact, Image, Link, Row, Table, Tone
from bot.words import Speaker
from config.text import Words, tn
from storage import webchat
from storage.places import Address
from tests.platforms.stage import EVERY_LANGUAGE, Stage, left_over, spaced
from tests.platforms.stages.cards import HOSTILE, LONGEST, PARAGRAPH, PARTS
from tests.platforms.web.shop import COMPLAINT, DAY, PNG, TAKEN


def words_of(card: Card, say: Speaker, *, columns: bool) -> tuple[list[str], list[str]]:
    """The card's words in the page's order, and those that may stand there besides."""
    view = card_view(card, say)
    facts = [word for fact in view.facts for word in fact]
    cells = [cell for row in view.rows for cell in row.cells]
    foot = [say(words) for words in card.foot]
    names = list(view.columns)
    return [view.title, *view.body, *facts, *(names if columns else []), *cells, *foot], [] if columns else names


@pytest.mark.parametrize("part", PARTS)
async def test_card_shows_the_pages_words_in_the_pages_order(stage: Stage, part: str) -> None:
    for languages in EVERY_LANGUAGE:
        card, say = PARTS[part], stage.speaker(languages)
        view = card_view(card, say)
        words, besides = words_of(card, say, columns=stage.names_columns)

        shown = await stage.shown(card, languages)

        assert left_over(shown.text, words, [*besides, stage.mark(card.tone, say)]) == ([], "")
        assert shown.buttons == tuple(button.label for button in view.buttons)
        assert shown.links == tuple((link.label, link.url) for link in view.links)
        assert shown.live == ()


async def test_reader_alone_sees_the_same_as_the_room(stage: Stage) -> None:
    in_the_room = await stage.shown(COMPLAINT)

    assert await stage.shown(COMPLAINT, to=stage.person) == in_the_room


async def test_tone_can_be_read_and_told_from_the_others(stage: Stage) -> None:
    texts = {tone: (await stage.shown(Card("Complaint", tone=tone))).text for tone in Tone}

    marks = {tone: text.removesuffix("Complaint").strip() for tone, text in texts.items()}
    assert (marks[Tone.PLAIN], marks[Tone.MUTED]) == ("", "")
    assert all(marks[tone] for tone in (Tone.GOOD, Tone.BAD, Tone.WARN))
    assert len({marks[tone] for tone in (Tone.GOOD, Tone.BAD, Tone.WARN)}) == 3


async def test_tables_rows_keep_their_buttons(stage: Stage) -> None:
    shown = await stage.shown(DAY)

    assert DAY.table is not None
    words, besides = words_of(DAY, stage.speaker(("en",)), columns=stage.names_columns)
    missing, _ = left_over(shown.text, words, besides)
    rows = [stage.row_button(n, row, stage.speaker(("en",))) for n, row in enumerate(DAY.table.rows, 1)]
    assert missing == []
    assert shown.buttons == (*rows, "Report a complaint")


async def test_picture_and_papers_are_there(stage: Stage) -> None:
    async with stage.database.unit(stage.clock()) as work:
        picture = await webchat.keep_file(work, None, "week.png", "image/png", PNG)
        paper = await webchat.keep_file(work, stage.dana.id, "lock.png", "image/png", PNG)
    card = Card(
        "The week",
        image=Image(picture.id, "Complaints by day"),
        files=(
            Attached(f"web:{paper.id}", "lock.png", "image/png", len(PNG)),
            Attached("slack:F1", "drawing.pdf", url="https://example.com/drawing"),
        ),
    )

    shown = await stage.shown(card)

    labels = " ".join([shown.text, *(label for label, _ in shown.links)])
    assert [word for word in ("The week", "lock.png", "drawing.pdf") if word not in labels] == []
    assert "Complaints by day" in labels or [one.pictures for one in await stage.reads()] == [1, 0]
    assert ("drawing.pdf", "https://example.com/drawing") in shown.links
    assert shown.live == ()


async def test_link_that_leads_nowhere_good_leads_nowhere(stage: Stage) -> None:
    bad = (
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "https://",
        "tg://user?id=1",
        "slack://open",
        "",
    )

    shown = await stage.shown(Card("Links", links=tuple(Link(f"Way {n}", url) for n, url in enumerate(bad))))

    assert [f"Way {n}" for n in range(len(bad)) if f"Way {n}" not in shown.text] == []
    assert (shown.links, shown.buttons, shown.live) == ((), (), ())


# --- Too much of everything ------------------------------------------------------------------------------


async def test_longest_card_is_delivered_and_says_what_is_cut(stage: Stage) -> None:
    for languages in EVERY_LANGUAGE:
        say = stage.speaker(languages)

        shown = await stage.shown(LONGEST, languages)

        text = shown.text
        rows = _standing([row.cells[0] for row in _rows(LONGEST)], text, say)
        facts = _standing([fact.label for fact in LONGEST.facts], text, say)
        papers = _standing([file.name for file in LONGEST.files], f"{text} {shown.links}", say)
        assert shown.buttons == tuple(f"Button {n}" for n in range(1, 26))
        assert say(LONGEST.title)[:100] in text
        assert say(LONGEST.body[2], " ") in text
        assert say(LONGEST.foot[0]) in text
        assert rows == 100 or say(tn(*_MORE, n=100 - rows)) in text
        assert (facts, papers) == (40, 10) or stage.says_shortened(text), (facts, papers)
        assert PARAGRAPH in text or "…" in text


async def test_facts_that_find_no_room_are_not_dropped_without_a_word(stage: Stage) -> None:
    facts = tuple(Fact(f"Fact {n}", "value " * 100) for n in range(1, 41))

    shown = await stage.shown(Card("Complaint", body=("The lock won't open.",), facts=facts, foot=("The clause",)))

    standing = _standing([*[fact.label for fact in facts], "The lock won't open."], shown.text, stage.speaker(("en",)))
    assert "The clause" in shown.text
    assert standing == 41 or stage.says_shortened(shown.text), standing


async def test_clause_stands_below_many_links(stage: Stage) -> None:
    links = tuple(Link(f"Way {n}", f"bad-{n}") for n in range(1, 21))

    shown = await stage.shown(Card("Complaint", links=links, foot=("The clause",)))

    assert "The clause" in shown.text
    assert _standing([link.label for link in links], shown.text, stage.speaker(("en",))) == 20


_MORE = ("… and {n} more, not shown here", "… and {n} more, not shown here")


def _rows(card: Card) -> tuple[Row, ...]:
    return card.table.rows if card.table else ()


def _standing(words: Sequence[Words], text: str, say: Speaker) -> int:
    """How many of the words stand there."""
    return sum(1 for each in words if re.search(rf"(?<!\w){re.escape(spaced(say(each)))}(?!\w)", text))


async def test_longest_card_is_edited_in_place(stage: Stage) -> None:
    sent = await stage.send(LONGEST)
    whole = await stage.reads()

    await stage.edit(sent, LONGEST)
    assert await stage.reads() == whole
    await stage.edit(sent, TAKEN)
    await stage.edit(sent, LONGEST)
    assert await stage.reads() == whole


# --- Words that mean harm --------------------------------------------------------------------------------


def _hostile(stage: Stage, kind: str) -> list[str]:
    """No database takes half a sign; so on the web, which is one, none comes as far."""
    return [words for words in HOSTILE[kind] if stage.takes_halves or not re.search("[\ud800-\udfff]", words)]


@pytest.mark.parametrize("kind", HOSTILE)
async def test_hostile_words_are_shown_and_do_nothing(stage: Stage, kind: str) -> None:
    urls = {"https://example.com/", "https://example.com/f"}
    wrong = []

    for words in _hostile(stage, kind):
        everywhere = Card(
            words,
            body=(words,),
            facts=(Fact(words, words),),
            table=Table((words,), (Row((words,), Button(words, "tickets.take:1:1")),)),
            buttons=(Button(words, "tickets.take:2:1", confirm=words),),
            links=(Link(words, "https://example.com/"),),
            files=(Attached("web:1", words), Attached("slack:F1", words, url="https://example.com/f")),
            image=Image(1, words),
            foot=(words,),
        )
        shown = await stage.shown(everywhere)
        out = {url for _, url in shown.links if "://" in url} - urls
        buttons = len(shown.buttons)
        is_whole = buttons == 2 or (buttons == 1 and "…" in shown.text)
        if shown.live or out or not is_whole:
            wrong.append((words[:40], shown.live, out, buttons))

    assert wrong == []


@pytest.mark.parametrize("kind", HOSTILE)
async def test_hostile_words_can_be_read_as_they_were_written(stage: Stage, kind: str) -> None:
    wrong = []

    for words in _hostile(stage, kind):
        shown = await stage.shown(Card("Complaint", body=(words,), facts=(Fact("Customer", words),), foot=("End",)))
        read, wanted = _visible(shown.text), _visible(words)
        whole = f"Complaint{wanted}Customer{wanted}End"
        if read.replace(":", "") != whole.replace(":", "") and not _is_cut(read, wanted):
            wrong.append((words[:40], read[:100]))

    assert wrong == []


def _visible(text: str) -> str:
    """What of a text an eye can be sure to see, and no platform changes."""
    kept = (char for char in text if unicodedata.category(char)[0] in "LNPS" and char not in "\u2800\u3164\ufffd–")
    return "".join(kept)


def _is_cut(read: str, wanted: str) -> bool:
    """Whether it begins as it should, and says that it is not whole; the clause stands below all the same."""
    beginning = read.partition("…")[0].replace(":", "")
    whole = f"Complaint{wanted}Customer{wanted}".replace(":", "")
    return "…" in read and whole.startswith(beginning) and read.endswith("End")


# --- Again, and under another ----------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["room", "person"])
async def test_edit_shows_the_new_state_in_place(stage: Stage, where: str) -> None:
    at: Address = getattr(stage, where)
    sent = await stage.send(COMPLAINT, at)
    new = (await stage.shown(TAKEN, to=at), await stage.shown(Card("Something else"), to=at))

    await stage.edit(sent, TAKEN)
    once = await stage.reads(at)
    await stage.edit(sent, TAKEN)

    assert once == await stage.reads(at) == [new[0], *new]


async def test_edit_takes_buttons_away_and_brings_them_back(stage: Stage) -> None:
    sent = await stage.send(COMPLAINT)
    bare = Card(COMPLAINT.title)

    await stage.edit(sent, bare)
    after = (await stage.reads())[-1].buttons
    await stage.edit(sent, COMPLAINT)

    assert (after, (await stage.reads())[-1].buttons) == ((), ("I take it", "Turn down"))


async def test_message_stands_under_another(stage: Stage) -> None:
    above, other = await stage.send(COMPLAINT), await stage.send(TAKEN)

    await stage.send(Card("Nobody has taken it"), Address(stage.name, above.channel, above.ref))

    under = [await stage.reads(Address(stage.name, one.channel, one.ref)) for one in (above, other)]
    assert [[one.text for one in messages] for messages in under] == [["Nobody has taken it"], []]
