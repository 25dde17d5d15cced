"""What an interview looks like: the question that is asked now, the whole before it is sent, and what is over."""

from __future__ import annotations

from collections.abc import Sequence

from bot.capability import Face
from bot.interview import pads
from bot.interview.answers import shortened, warned, width, worded
from bot.interview.state import Loaded, Talk
from bot.interview.taking import marks
from bot.ui.card import Button, Card, Fact, Tone
from bot.ui.form import Ask, Question, between
from config.text import Label, Text, Words, t
from storage.interviews import DROPPED, OPEN, SENT

SHORT = 24
"""How wide an answer may be that stands on a button."""
WHOLE = 3000
"""Characters that a form's answers may take together in one message."""


def card(loaded: Loaded, face: Face) -> Card:
    """A message of the interview, by its ordinal: the newest asks, those above it show what was answered there."""
    talk = loaded.talk
    if str(talk.shown) != face.name:
        return _past(loaded, face.name)
    if talk.state != OPEN:
        return _over(loaded)
    if talk.question is not None:
        return _asked(loaded, talk.question, face)
    return _listed(loaded) if talk.view.listing else _whole(loaded)


def _past(loaded: Loaded, ordinal: str) -> Card:
    """What was answered in a message, once the next stands below it."""
    talk = loaded.talk
    names = talk.view.told.get(int(ordinal), []) if ordinal.isdecimal() else []
    facts = _facts(loaded, [one for one in talk.questions if one.name in names])
    return Card(talk.asking.title if facts else t("It goes on further down."), facts=facts, tone=Tone.MUTED)


def _over(loaded: Loaded) -> Card:
    talk = loaded.talk
    form = talk.asking.title
    if talk.state == SENT:
        return Card(t("Done: {form}", form=form), facts=_facts(loaded, talk.questions), tone=Tone.GOOD)
    if talk.state == DROPPED:
        title = t("“{form}” was dropped", form=form)
        return Card(title, body=(t("Nothing was sent."),), buttons=(again(talk),), tone=Tone.MUTED)
    title = t("“{form}” waited too long", form=form) if talk.view.old else t("“{form}” was put aside", form=form)
    return Card(title, tone=Tone.MUTED)


def notice(talk: Talk) -> Card:
    """Says that a form waits, and lets it be gone on with."""
    form = talk.asking.title
    if talk.view.old:
        title: Text = t("“{form}” waited for more than a day", form=form)
        return Card(title, body=(t("Nothing was sent. Your answers are kept for a week."),), buttons=(again(talk),))
    return Card(t("“{form}” was put aside", form=form), body=(t("Your answers are kept."),), buttons=(again(talk),))


def dropped(talk: Talk) -> Card:
    """Says that a form was dropped, and lets it be taken up again."""
    return Card(t("“{form}” was dropped. Nothing was sent.", form=talk.asking.title), buttons=(again(talk),))


def again(talk: Talk) -> Button:
    """The button that goes on where it ended."""
    return Button(t("Go on with it"), f"ask.resume:{talk.id}")


def prompt() -> Card:
    """Asks the phone where its owner is; what for stands above it."""
    return Card(t("Press the key below to share where you are."), wants="place")


# --- A question ------------------------------------------------------------------------------------------


def _asked(loaded: Loaded, question: Question, face: Face) -> Card:
    """The question first and large; the form, and how far it has come, small below."""
    talk = loaded.talk
    n, of = talk.at + 1, len(talk.questions)
    form: Words = talk.asking.title
    return Card(
        question.label,
        body=tuple(_beside(loaded, question)),
        facts=_standing(loaded, question),
        pad=pads.pad_of(loaded, question, face.handbook),
        buttons=(*_answering(loaded, question), *_moving(talk, question)),
        foot=(t("{form}: {n} of {of}", form=form, n=n, of=of) if of > 1 else form,),
    )


def _beside(loaded: Loaded, question: Question) -> list[Words]:
    """The hint, how it is to be answered, and what was wrong."""
    talk, view = loaded.talk, loaded.talk.view
    beside: list[Words] = [question.hint] if question.hint is not None else []
    if (bounds := between(question)) is not None:
        beside.append(bounds)
    if question.ask in ("choice", "choices") and not question.options:
        beside.append(t("There is nothing to choose from yet."))
    if view.echo is not None:
        beside.append(t("{answer}: is that right?", answer=worded(question, view.echo, {})))
    elif question.ask == "moment" and view.day is not None:
        beside.append(pads.what_time(view))
    elif question.ask in ("day", "moment") and not view.trouble:
        beside.append(t("Choose a day, or write it: “next Friday”."))
    elif question.ask in _HOW and not view.trouble:
        beside.append(_HOW[question.ask])
    elif question.ask == "files":
        n = len(talk.answers.get(question.name) or ())
        beside.append(pads.how_many(question, n))
    if view.trouble:
        beside.append(warned(view.trouble))
    return beside


_HOW: dict[Ask, Text] = {
    "person": t("Type a name, its pinyin or its initials."),
    "people": t("Type names, their pinyin or their initials. Press “Done” when all are there."),
    "place": t("Share where you are, or write it as 31.2304, 121.4737."),
}
"""How a question is answered whose buttons don't say so."""


def _standing(loaded: Loaded, question: Question) -> tuple[Fact, ...]:
    """What stands there now, where it is too long for a button."""
    if question.ask == "people":
        chosen = marks(loaded.talk, question)
        return (Fact(t("So far"), worded(question, chosen, loaded.people)),) if chosen else ()
    value = loaded.talk.answers.get(question.name)
    if value is None or question.ask == "choices":
        return ()
    words = worded(question, value, loaded.people)
    return (Fact(t("So far"), words),) if question.ask == "files" or not _is_short(words) else ()


def _is_short(words: Words) -> bool:
    return not isinstance(words, str | Text | Label) or ("\n" not in str(words) and width(words) <= SHORT)


def _answering(loaded: Loaded, question: Question) -> list[Button]:
    """The buttons that answer, besides those of the pad."""
    talk, value = loaded.talk, loaded.talk.answers.get(question.name)
    if talk.view.echo is not None:
        return [
            _button(talk, t("Yes"), "yes", tone=Tone.GOOD),
            _button(talk, t("No, choose"), "no"),
        ]
    if question.ask in ("files", "choices", "people") or value is None:
        return pads.finishing(talk, question)
    if question.ask == "choice" and pads.stands_there(talk, question):
        return []  # it is marked among the others, and pressed like them
    words = worded(question, value, loaded.people)
    label = t("Keep: {answer}", answer=words) if _is_short(words) else t("Keep it")
    return [_button(talk, label, "keep")]


def _moving(talk: Talk, question: Question) -> list[Button]:
    is_open = question.optional and not talk.answers.get(question.name) and not pads.finishing(talk, question)
    skip = [_button(talk, t("Skip"), "skip")] if is_open else []
    back = [_button(talk, t("Back"), "back")] if talk.at > 0 or talk.view.fixing or pads.is_inside(talk) else []
    return [*skip, *back, _button(talk, t("Cancel"), "cancel")]


# --- The whole -------------------------------------------------------------------------------------------


def _whole(loaded: Loaded) -> Card:
    talk = loaded.talk
    one = len(talk.questions) == 1
    change = [_button(talk, t("Change"), "fix", 0)] if one else [_button(talk, t("Change …"), "change")]
    send = _button(talk, talk.asking.send or t("Submit"), "send", tone=Tone.GOOD)
    trouble = talk.view.trouble
    words: Words = warned(trouble) if trouble else t("Nothing is sent until you press “{send}”.", send=send.label)
    return Card(
        t("{form}: please look it over", form=talk.asking.title),
        body=(words,),
        facts=_facts(loaded, talk.questions),
        buttons=(send, *(change if talk.questions else ()), _button(talk, t("Cancel"), "cancel")),
    )


def _listed(loaded: Loaded) -> Card:
    talk = loaded.talk
    rows = [(_button(talk, question.label, "fix", n),) for n, question in enumerate(talk.questions)]
    pad = pads.paged(talk, rows)
    back = _button(talk, t("Back"), "back")
    return Card(t("{form}: what shall be changed?", form=talk.asking.title), pad=pad, buttons=(back,))


def _facts(loaded: Loaded, questions: Sequence[Question]) -> tuple[Fact, ...]:
    """What was answered; what was left out is not there. Long words are cut, so that all of it fits into a message."""
    answers = loaded.talk.answers
    given = [one for one in questions if answers.get(one.name) is not None]
    most = max(40, min(600, WHOLE // max(1, len(given))))
    words = [worded(one, answers[one.name], loaded.people, most=most) for one in given]
    return tuple(
        Fact(one.label, shortened(each, most) if isinstance(each, str) else each)
        for one, each in zip(given, words, strict=True)
    )


def _button(talk: Talk, label: Words, verb: str, argument: object = "", tone: Tone = Tone.PLAIN) -> Button:
    return Button(label, pads.action(talk, verb, argument), tone)
