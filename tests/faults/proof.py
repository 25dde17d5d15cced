"""The proof of a run on Telegram: what the oracle asks, and that nothing was confirmed before it was kept."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tests.faults import oracle
from tests.faults.phones import Phones
from tests.faults.thumbs import Thumbs


@dataclass(frozen=True)
class Proof:
    """What a run cost: messages that stand in a chat once more, and notes written under such a copy, which nobody
    heard."""

    updates: int
    messages: int
    extra: int
    unheard: int

    def __str__(self) -> str:
        kept = f"{self.updates} updates, each kept before it was confirmed; {self.messages} messages"
        return f"{kept}, {self.extra} of them extra copies, {self.unheard} notes unheard under one"


async def check(phones: Phones, crowd: Thumbs, *, extra: int = 0) -> Proof:
    """Asserts all of it; `extra` is how many copies too many may stand in the chats."""
    kept = {note.text for note in (await oracle.look(phones)).notes}
    orphans = [(message.chat.id, message.id) for message in phones.orphans()]
    unheard = [(words, (card.chat.id, card.id) in orphans) for words, card in crowd.noted if words not in kept]
    assert [words for words, is_under_a_copy in unheard if not is_under_a_copy] == []
    heard = [words for words, _ in crowd.noted if words in kept]
    await oracle.check(phones, crowd.reported, heard, extra=extra)

    updates = phones.telegram.updates
    assert updates.pending == []
    assert phones.unkept == []
    assert [one["update_id"] for one in updates.past if not phones.ledger.knows(one["update_id"])] == []
    standing = Counter((stands.chat, stands.message) for stands in phones.ledger.standing())
    assert [place for place, rows in standing.items() if rows > 1] == []
    assert phones.ledger.asks("SELECT count(*) FROM interviews WHERE state = 'sent'") == [(len(crowd.reported),)]
    assert phones.ledger.asks("SELECT count(*) FROM interviews WHERE state <> 'sent'") == [(0,)]
    return Proof(len(updates.past), sum(phones.copies().values()), len(orphans), len(unheard))
