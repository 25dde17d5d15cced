"""What a card and a form look like on the page: pure, from words to strings in the reader's language, and no HTML."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from babel.numbers import get_currency_precision, get_currency_symbol

from bot.platforms.kinds import is_picture as is_picture
from bot.platforms.kinds import kind_of as kind_of
from bot.ui.card import NOTHING, Button, Card, Image, Link
from bot.ui.form import Asking, Attached, Position, Question, stand_already
from bot.words import LOCALES, Speaker
from config.text import Money, Words, t

RADIOS_MOST = 5
"""Up to so many options are seen at once; more of them fold into a list."""
SHORT = 19
"""How wide a moment is in either language: `11月23日 周一 17:46`."""


@dataclass(frozen=True, slots=True)
class ButtonView:
    """A button; `confirm` is asked first where it is not empty."""

    label: str
    action: str
    tone: str
    confirm: str


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link; without a url that we would open, only its words."""

    label: str
    url: str | None


@dataclass(frozen=True, slots=True)
class RowView:
    """A line of a table."""

    cells: tuple[str, ...]
    button: ButtonView | None


@dataclass(frozen=True, slots=True)
class ImageView:
    """A picture of ours, and what it shows in words."""

    file_id: int
    alt: str


@dataclass(frozen=True, slots=True)
class PaperView:
    """A file that belongs to a record: ours by its id, another platform's by its address."""

    name: str
    own: int | None
    url: str | None


@dataclass(frozen=True, slots=True)
class CardView:
    """A card in one language; `tone_word` says the tone to those who can't see its colour."""

    title: str
    body: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    rows: tuple[RowView, ...]
    image: ImageView | None
    buttons: tuple[ButtonView, ...]
    links: tuple[LinkView, ...]
    files: tuple[PaperView, ...]
    tone: str
    tone_word: str
    foot: str

    @property
    def has_row_buttons(self) -> bool:
        """Whether the table needs a column for buttons."""
        return any(row.button for row in self.rows)


TONES: dict[str, Words] = {
    "plain": "",
    "muted": "",
    "good": t("Good"),
    "bad": t("Needs attention"),
    "warn": t("Take care"),
}


def card_view(card: Card, say: Speaker) -> CardView:
    """The card in the reader's words: the same facts in the same order. Two languages stand on two lines."""
    table = card.table
    return CardView(
        title=say(card.title),
        body=tuple(say(words, "\n") for words in card.body),
        facts=tuple((say(fact.label), say(fact.value)) for fact in card.facts),
        columns=tuple(say(column) for column in table.columns) if table else (),
        rows=tuple(
            RowView(tuple(say(cell) for cell in row.cells), _button(row.button, say) if row.button else None)
            for row in (table.rows if table else ())
        ),
        image=_image(card.image, say) if card.image else None,
        buttons=tuple(_button(button, say) for button in (*_keys(card), *card.buttons)),
        links=tuple(_link(link, say) for link in card.links),
        files=tuple(_paper(file) for file in card.files),
        tone=card.tone.value,
        tone_word=say(TONES[card.tone.value]),
        foot=" · ".join(say(words) for words in card.foot),
    )


def _keys(card: Card) -> list[Button]:
    """The keys of a pad that do something: here they stand with the other buttons."""
    return [key for line in card.pad for key in line if key.action != NOTHING]


def is_short(cell: str) -> bool:
    """Whether a table's cell stays on one line, as a number, a state or a moment does; a Chinese sign is two wide."""
    return sum(1 if char < "\u2e80" else 2 for char in cell) <= SHORT


def is_dated(cell: str) -> bool:
    """Whether a cell is little more than a Chinese date, which the browser would break between any two signs."""
    return _DATE.search(cell) is not None and sum(1 if char < "\u2e80" else 2 for char in cell) <= 2 * SHORT


_DATE = re.compile(r"[0-9]月[0-9]{1,2}日")


def _button(button: Button, say: Speaker) -> ButtonView:
    confirm = say(button.confirm, "\n") if button.confirm is not None else ""
    return ButtonView(say(button.label), button.action, button.tone.value, confirm)


def _link(link: Link, say: Speaker) -> LinkView:
    return LinkView(say(link.label), link.url if safe_url(link.url) else None)


def _paper(file: Attached) -> PaperView:
    own = file.source.removeprefix("web:") if file.source.startswith("web:") else ""
    return PaperView(file.name, int(own) if own.isdecimal() else None, file.url if safe_url(file.url) else None)


def _image(image: Image, say: Speaker) -> ImageView:
    return ImageView(image.file_id, say(image.alt))


def safe_url(url: str) -> bool:
    """Whether a link may be followed: http, https, or a path of our own; never `javascript:` nor `//elsewhere`."""
    if any(char.isspace() or ord(char) < 32 or char == "\\" for char in url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme in ("http", "https"):
        return bool(parts.hostname)
    return not parts.scheme and not parts.netloc and url.startswith("/") and not url.startswith("//")


_URL = re.compile(r"https?://[^\s<>\"'“”‘’（）()，。；：！？、\]}]+", re.IGNORECASE)


def linked(text: str) -> list[tuple[str, bool]]:
    """Somebody's words cut into pieces, each with whether it is an address that may be followed."""
    pieces: list[tuple[str, bool]] = []
    at = 0
    for match in _URL.finditer(text):
        url = match[0].rstrip(".,;:!?")
        if not safe_url(url):
            continue
        if match.start() > at:
            pieces.append((text[at : match.start()], False))
        pieces.append((url, True))
        at = match.start() + len(url)
    if at < len(text):
        pieces.append((text[at:], False))
    return pieces


@dataclass(frozen=True, slots=True)
class OptionView:
    """An answer to choose from."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question with its control and what stands in it. `control` is one of the names in `CONTROLS`, or radios.

    The options of `people` are those who are chosen already, by id. `shown`: the name of a person, the files of before.
    `first` and `last`: the days that a day lies between.
    """

    name: str
    control: str
    label: str
    hint: str
    optional: bool
    most: int | None
    options: tuple[OptionView, ...]
    value: str
    shown: str
    unit: str
    first: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class AskingView:
    """A form in one language."""

    form: str
    about: str
    title: str
    send: str
    questions: tuple[QuestionView, ...]


CONTROLS = {
    "line": "line",
    "paragraph": "paragraph",
    "number": "number",
    "money": "money",
    "choice": "select",
    "choices": "checkboxes",
    "day": "day",
    "moment": "moment",
    "person": "person",
    "people": "people",
    "files": "files",
    "place": "place",
}


def asking_view(
    asking: Asking, say: Speaker, currency: str = "CNY", people: Mapping[int, str] | None = None
) -> AskingView:
    """The form in the reader's words. `people` are colleagues' names by id, for a person filled in already."""
    return AskingView(
        form=asking.form,
        about=asking.about or "",
        title=say(asking.title),
        send=say(asking.send) if asking.send is not None else say(t("Submit")),
        questions=tuple(
            _question(question, asking.answers.get(question.name), say, currency, people or {})
            for question in asking.questions
        ),
    )


def _question(question: Question, answer: Any, say: Speaker, currency: str, people: Mapping[int, str]) -> QuestionView:
    control = CONTROLS[question.ask]
    if question.ask == "choice" and len(question.options) <= RADIOS_MOST:
        control = "radios"
    value = answer_text(answer, say)
    person = people.get(int(value), "") if question.ask == "person" and value.isdecimal() else ""
    before = stand_already(question, answer)
    return QuestionView(
        name=question.name,
        control=control,
        label=say(question.label),
        hint=say(question.hint, "\n") if question.hint is not None else "",
        optional=question.optional,
        most=question.most,
        options=_chosen(answer, people) if question.ask == "people" else _offered(question, answer, say),
        value="" if question.ask == "person" and not person else value,
        shown=person or (say(before) if before is not None else ""),
        unit=get_currency_symbol(currency, LOCALES[say.reader.languages[0]]) if question.ask == "money" else "",
        first=question.earliest.isoformat() if question.earliest is not None else "",
        last=question.latest.isoformat() if question.latest is not None else "",
    )


def _offered(question: Question, answer: Any, say: Speaker) -> tuple[OptionView, ...]:
    return tuple(
        OptionView(option.value, say(option.label), _is_chosen(option.value, answer)) for option in question.options
    )


def _chosen(answer: Any, people: Mapping[int, str]) -> tuple[OptionView, ...]:
    """Those who are chosen already and still work here."""
    ids = answer if isinstance(answer, list | tuple) else ()
    return tuple(OptionView(str(id), people[id], True) for id in ids if id in people)


def _is_chosen(value: str, answer: Any) -> bool:
    return value in [str(given) for given in answer] if isinstance(answer, list | tuple) else value == str(answer)


def answer_text(answer: Any, say: Speaker) -> str:
    """An answer that is known already, as its control takes it: a moment in the reader's own zone, money as digits."""
    texts: dict[type, Callable[[Any], str]] = {
        str: str,
        int: str,
        Money: _digits,
        Position: lambda at: f"{at.latitude:.5f}, {at.longitude:.5f}",
        date: date.isoformat,
        datetime: lambda at: (at.astimezone(say.reader.zone) if at.tzinfo else at).strftime("%Y-%m-%dT%H:%M"),
    }
    return next((texts[kind](answer) for kind in type(answer).__mro__ if kind in texts), "")


def _digits(money: Money) -> str:
    places = get_currency_precision(money.currency)
    whole, rest = divmod(money.minor, 10**places)
    return f"{whole}.{rest:0{places}d}" if places and rest else str(whole)


def attached(file_id: int, name: str, mime: str, size: int) -> Attached:
    """A file of the web chat, as a form gets it."""
    return Attached(f"web:{file_id}", name, mime, size)


def readable_size(size: int) -> str:
    """Bytes as a person reads them: `812 B`, `34 KB`, `1.2 MB`."""
    if size < 1024:
        return f"{size} B"
    if size < 1024 * 1024:
        return f"{round(size / 1024)} KB"
    return f"{size / 1024 / 1024:.1f} MB"
