"""The keys below a question: its answers on pages, a calendar with hours, and what was found by a name."""

from __future__ import annotations

from collections.abc import Sequence

from bot.interview.answers import width, worded
from bot.interview.calendar import Pad, hours_pad, minutes_pad, month_of, month_pad
from bot.interview.state import Colleague, Loaded, Talk, View
from bot.interview.taking import FILES, marks
from bot.ui.card import NOTHING, Button, Tone
from bot.ui.form import Option, Question
from config.handbook import Handbook
from config.text import OnDay, Text, Words, t, tn

PAGE = 8
"""Answers that are offered at once."""
NARROW = 16
"""How wide answers may be that stand two in a row."""


def action(talk: Talk, verb: str, argument: object = "") -> str:
    """The action of a button: what it does, in which interview, at which turn."""
    tail = f":{argument}" if argument != "" else ""
    return f"ask.{verb}:{talk.id}:{talk.view.turn}{tail}"


def pad_of(loaded: Loaded, question: Question, handbook: Handbook) -> Pad:
    """The keys of a question as it stands now; none where it is answered in words alone."""
    talk, view = loaded.talk, loaded.talk.view
    match question.ask:
        case "choice":
            return _options(talk, question)
        case "choices":
            return _boxes(talk, question)
        case "person":
            return _people(loaded, handbook)
        case "people":
            return _crowd(loaded, question, handbook)
        case "day" | "moment" if view.echo is None:
            return _when(loaded, question)
    return ()


def paged(talk: Talk, rows: Sequence[tuple[Button, ...]], most: int = PAGE) -> Pad:
    """So many rows as fit, and below them the keys that turn the page."""
    pages = max(1, -(-len(rows) // most))
    page = min(talk.view.page, pages - 1)
    shown = tuple(rows[page * most : (page + 1) * most])
    if pages == 1:
        return shown
    before = Button("‹", action(talk, "page", (page - 1) % pages))
    after = Button("›", action(talk, "page", (page + 1) % pages))
    return (*shown, (before, Button(f"{page + 1}/{pages}", NOTHING), after))


def _in_rows(talk: Talk, keys: Sequence[Button]) -> Pad:
    """Eight answers a page, two in a row where they are narrow."""
    if len(keys) > 3 and all(width(key.label) <= NARROW for key in keys):
        return paged(talk, [tuple(keys[n : n + 2]) for n in range(0, len(keys), 2)], PAGE // 2)
    return paged(talk, [(key,) for key in keys])


def _options(talk: Talk, question: Question) -> Pad:
    found = talk.view.found
    offered = [n for n in (found if found is not None else range(len(question.options))) if n < len(question.options)]
    keys = [_option(talk, question, n) for n in offered]
    every = ((Button(t("All answers"), action(talk, "all")),),) if found is not None else ()
    return (*_in_rows(talk, keys), *every)


def _option(talk: Talk, question: Question, n: int) -> Button:
    """An answer to choose; the one that stands there is marked."""
    option = question.options[n]
    is_standing = talk.answers.get(question.name) == option.value
    label = Text("{sign} {label}", {"sign": "✓", "label": option.label}) if is_standing else option.label
    return Button(label, action(talk, "pick", n))


def stands_there(talk: Talk, question: Question) -> bool:
    """Whether the answer that was given is among the keys that are shown."""
    found = talk.view.found
    values = [option.value for n, option in enumerate(question.options) if found is None or n in found]
    value = talk.answers.get(question.name)
    return value in values[talk.view.page * PAGE : (talk.view.page + 1) * PAGE]


def _boxes(talk: Talk, question: Question) -> Pad:
    marked = marks(talk, question)
    return _in_rows(talk, [_box(talk, n, option, option.value in marked) for n, option in enumerate(question.options)])


def _box(talk: Talk, n: int, option: Option, is_marked: bool) -> Button:
    label = Text("{sign} {label}", {"sign": "☑" if is_marked else "☐", "label": option.label})
    return Button(label, action(talk, "unmark" if is_marked else "mark", n))


def _people(loaded: Loaded, handbook: Handbook) -> Pad:
    talk = loaded.talk
    found = [loaded.people[id] for id in talk.view.found or () if id in loaded.people]
    return paged(talk, [(Button(_called(one, handbook), action(talk, "pick", one.id)),) for one in found])


def _crowd(loaded: Loaded, question: Question, handbook: Handbook) -> Pad:
    """Those who were found, each with a box, and behind them the others who are chosen already."""
    talk, chosen = loaded.talk, marks(loaded.talk, question)
    listed = [id for id in dict.fromkeys([*(talk.view.found or ()), *chosen]) if id in loaded.people]
    return paged(talk, [(_seat(talk, loaded.people[id], handbook, id in chosen),) for id in listed])


def _seat(talk: Talk, one: Colleague, handbook: Handbook, is_marked: bool) -> Button:
    label = Text("{sign} {label}", {"sign": "☑" if is_marked else "☐", "label": _called(one, handbook)})
    return Button(label, action(talk, "unmark" if is_marked else "mark", one.id))


def _called(one: Colleague, handbook: Handbook) -> Words:
    if one.department not in handbook.departments:
        return one.name
    return Text("{name} · {department}", {"name": one.name, "department": handbook.departments[one.department].name})


def _when(loaded: Loaded, question: Question) -> Pad:
    talk, view = loaded.talk, loaded.talk.view

    def act(verb: str, argument: object = "") -> str:
        return action(talk, verb, argument)

    if view.day is not None and question.ask == "moment":
        return minutes_pad(view.hour, act) if view.hour is not None else hours_pad(view.all_hours, act)
    words = worded(question, talk.answers.get(question.name), {})
    standing = words.day if isinstance(words, OnDay) else None
    near = min(max(view.today, question.earliest or view.today), question.latest or view.today)
    month = month_of(view.month or standing or near)
    return month_pad(month, view.today, standing, act, question.earliest, question.latest)


def what_time(view: View) -> Words:
    """Asks for the time of the day that was chosen."""
    return t("{day}: at what time?", day=OnDay(view.day)) if view.day is not None else ""


def how_many(question: Question, n: int) -> Words:
    """How many files there are, of how many."""
    most = question.most if question.most is not None else FILES
    if not n:
        return tn("Send a photo or a file.", "Send photos or files, at most {most}.", n=most, most=most)
    return t("{n} of at most {most}.", n=n, most=most)


def finishing(talk: Talk, question: Question) -> list[Button]:
    """The buttons of questions that take several answers: enough, and the last one away."""
    if question.ask not in ("choices", "people", "files"):
        return []
    chosen = talk.answers.get(question.name) or [] if question.ask == "files" else marks(talk, question)
    if not chosen:
        return []
    done = Button(t("Done"), action(talk, "done"), Tone.GOOD)
    remove = Button(t("Remove last"), action(talk, "remove", len(chosen)))
    return [done, remove] if question.ask == "files" else [done]


def is_inside(talk: Talk) -> bool:
    """Whether a question has been gone into: a day was chosen, or something was found."""
    view = talk.view
    asks = talk.question.ask if talk.question else ""
    return view.day is not None or view.hour is not None or (view.found is not None and asks == "choice")


def step_out(talk: Talk) -> bool:
    """One step back within a question; False where there is none."""
    view = talk.view
    if view.echo is not None:
        view.echo = None
    elif view.hour is not None:
        view.hour = None
    elif view.day is not None:
        view.day = None
    elif is_inside(talk):
        view.found, view.page = None, 0
    else:
        return False
    view.trouble = None
    return True
