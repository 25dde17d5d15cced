"""Notices that could wait, gathered into one: what happened while somebody was away, in the order in which it did."""

from __future__ import annotations

from collections.abc import Sequence

from bot.ui.card import Card, Row, Table, Tone
from config.text import Text, Words, t, tn

MOST = 12
"""Notices that are told one by one; of more than that only the number is."""
_GRAVER = (Tone.BAD, Tone.WARN)


def gathered(notices: Sequence[Card]) -> Card:
    """One card for several notices: a line for each, with what it says and the button that leads to it."""
    shown = notices[:MOST]
    more = len(notices) - len(shown)
    return Card(
        tn("While you were away: {n} notice", "While you were away: {n} notices", n=len(notices)),
        body=(t("{n} more; see the lists.", n=more),) if more else (),
        table=Table((t("Notice"), t("Details")), tuple(_row(notice) for notice in shown)),
        tone=next((tone for tone in _GRAVER if any(notice.tone is tone for notice in notices)), Tone.PLAIN),
    )


def _row(notice: Card) -> Row:
    told = (*notice.body, *[t("{label}: {value}", label=fact.label, value=fact.value) for fact in notice.facts])
    return Row((notice.title, joined(told)), notice.buttons[0] if notice.buttons else None)


def joined(words: Sequence[Words], between: str = " · ") -> Words:
    """Several words as one, for one cell or line."""
    names = [f"w{n}" for n in range(len(words))]
    return Text(between.join(f"{{{name}}}" for name in names), dict(zip(names, words, strict=True))) if words else ""
