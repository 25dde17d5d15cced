"""What a press is answered with on the phone that pressed: a few words that pass, or a box that waits to be read."""

from __future__ import annotations

from dataclasses import dataclass

from bot.answer import Answer, Outcome
from bot.events import Pressed
from bot.platforms.letters import cut, width
from bot.platforms.telegram.links import deep_link
from bot.platforms.telegram.reading import Ours, Spot
from bot.ui.card import Card
from bot.ui.form import Asking
from bot.words import Reader, Speaker
from config.text import Words, t
from storage.places import Address

MOST = 200
"""Characters that Telegram shows in answer to a press."""
WIDE = 80
"""Columns that can be read before they pass; a Chinese character takes two. Longer words wait in a box."""
IN_PRIVATE = t("I've written to you in private.")
GO_ON = t("Let's go on in private: please open our chat and press Start.")
DONE = t("Done. To read my answers, please open our chat and press Start.")
LATE = t("This is taking longer than usual. It goes on by itself, and counts only once.")
FORM = "forms.open:"

_BOXED = (Outcome.CONFIRM, Outcome.REFUSED, Outcome.STRANGER, Outcome.ENDED)


@dataclass(frozen=True, slots=True)
class Toast:
    """Words in answer to a press, in a box if `alert`; or a chat that opens by `url`."""

    text: str = ""
    alert: bool = False
    url: str | None = None


def speaker(spot: Spot, say: Speaker) -> Speaker:
    """Who speaks to somebody: to a stranger in their phone's language where it is one of ours, else in both."""
    if len(say.reader.languages) > 1 and spot.language is not None:
        return Speaker(Reader((spot.language,), say.reader.zone))
    return say


def worded(words: Words, say: Speaker, *, alert: bool = False) -> Toast:
    """Words as they fit."""
    text = cut(say(words, "\n"), MOST)
    return Toast(text, alert or width(text) > WIDE)


def toast(answer: Answer, spot: Spot, event: Pressed, ours: Ours, *, may_write: bool) -> Toast:
    """The answer to a press. `may_write`: they have a chat with us, where all else is shown."""
    say, reply = speaker(spot, answer.say), answer.reply
    if answer.outcome is Outcome.AGAIN:
        return Toast()
    if answer.posted or (may_write and isinstance(reply, Card)):
        return Toast() if spot.is_private else worded(IN_PRIVATE, say)
    if reply is None:
        return Toast()
    if isinstance(reply, Card | Asking):
        return Toast(url=way_on(event, reply, ours)) if ours.username else worded(GO_ON, say, alert=True)
    return worded(reply, say, alert=answer.outcome in _BOXED)


def way_on(event: Pressed, reply: Card | Asking, ours: Ours) -> str | None:
    """The link by which a press goes on in private: to the form that it opened, else the same press there."""
    form = form_of(reply)
    link = deep_link(ours.username, form or event.action, event.who.user, ours.key)
    return link or deep_link(ours.username, "do:help", event.who.user, ours.key)


def form_of(reply: object) -> str | None:
    """The action that opens the form which a card offers."""
    buttons = reply.buttons if isinstance(reply, Card) else ()
    return next((button.action for button in buttons if button.action.startswith(FORM)), None)


def shown_instead(answer: Answer, *, is_seen: bool) -> bool:
    """Whether an answer has to be written into the private chat: the press can't show it, or can no longer."""
    if answer.posted or answer.reply is None or answer.outcome is Outcome.AGAIN:
        return False
    return not is_seen or isinstance(answer.reply, Card)


def alone(user: str) -> Address:
    """The private chat with somebody: on Telegram its id is theirs."""
    return Address("telegram", user)
