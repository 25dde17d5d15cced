"""One reader's look at a request: whose seat they look from, and what they may do from there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.capability import Press
from bot.ui.card import Button, Tone
from config.handbook import Handbook
from config.handbook.approvals.chain import Place
from config.text import Words, t
from handlers.approvals import standing
from storage import approvals
from storage.approvals import Aim, Case, Relation, Request, Status, Task


@dataclass(frozen=True, slots=True)
class Shown:
    """A case, with what lies outside of it: the other requests that it may be a part of, and what budgets have left."""

    case: Case
    related: tuple[Request, ...]
    drawn: Mapping[str, int]
    """By period: what its department has drawn, in its currency."""

    def without(self, hidden: frozenset[str]) -> Shown:
        """The same for somebody who may not read these fields."""
        return replace(self, case=self.case.without(hidden))


@dataclass(frozen=True, slots=True)
class View:
    """One reader's look at a request: their face, their id if it is known, and the seat that they look from."""

    shown: Shown
    handbook: Handbook
    face: str
    reader: int | None = None
    seat: Task | None = None
    now: datetime | None = None
    """When they look, where they look it up: a card that stays does not know."""

    @property
    def case(self) -> Case:
        """The request and all that belongs to it."""
        return self.shown.case

    @property
    def holds(self) -> bool:
        """Whether the reader may decide or advise now."""
        return self.seat is not None and self.seat in standing.open_seats(self.case) and self._sits

    @property
    def lends(self) -> bool:
        """Whether the reader waits for advice that they asked for."""
        return self.seat is not None and self._sits and any(
            one.parent_id == self.seat.id and one.place == Place.LENT for one in standing.open_seats(self.case)
        )  # fmt: skip

    @property
    def _sits(self) -> bool:
        return self.seat is not None and self.reader == self.seat.person_id


def buttons(view: View) -> tuple[Button, ...]:
    """What this reader may do now; what does not fit here stands behind “More”."""
    from handlers.approvals import deciding, sharing, signing, talking

    case, request, seat = view.case, view.case.request, view.seat
    answers = [
        talking.answer.button(t("Answer"), query, tone=Tone.GOOD)
        for query in standing.open_queries(case)
        if query.of_id == view.reader
    ]
    if view.holds and seat is not None:
        return (*answers[:1], *_decide(case, seat))
    undo = (about(deciding.undo, t("Undo"), request),) if _may_undo(view) else ()
    back = (signing.take_back.button(t("Take back"), seat),) if view.lends and seat is not None else ()
    mine = _mine(case) if view.reader == request.requester_id else ()
    comment = (about(talking.comment, t("Comment"), request),) if view.face != "task" else ()
    forward = (about(sharing.share, t("Forward"), request),) if view.face == "mine" else ()
    again = again_button(view) if view.face == "mine" else ()
    return (*answers[:1], *undo, *back, *mine, *comment, *forward, *again)


def about(press: Press, label: Words, request: Request, **look: Any) -> Button:
    """A button about a request: as the reader sees it now, or, where its press looks for itself, about its id alone."""
    return press.button(label, str(request.id) if press.text else request, **look)


def _decide(case: Case, seat: Task) -> tuple[Button, ...]:
    from handlers.approvals import deciding, talking

    lent = seat.place == Place.LENT
    yes, no = (t("Advise to approve"), t("Advise to reject")) if lent else (t("Approve"), t("Reject"))
    return (
        deciding.approve.button(yes, seat, tone=Tone.GOOD),
        deciding.reject.button(no, seat, tone=Tone.BAD),
        *_look_at(case, seat),
        talking.ask.button(t("Ask"), seat),
        deciding.more.button(t("More…"), seat),
    )


def _look_at(case: Case, seat: Task) -> tuple[Button, ...]:
    """Where any one of several is enough: to say that one is looking at it, or not any more."""
    from handlers.approvals import claiming

    if seat.claimed_at is not None:
        return (claiming.release.button(t("Leave it to the others"), seat),)
    if not approvals.is_shared(case.frozen.template.steps[seat.step], case.tasks, seat):
        return ()
    is_anothers = approvals.looking(case.request, case.tasks) is not None
    return (claiming.claim.button(t("Take over") if is_anothers else t("I'm looking at it"), seat),)


def _may_undo(view: View) -> bool:
    """Whether the reader did what was done last; how long ago, the press asks where the card does not know the time."""
    if view.seat is not None and view.seat.round != view.case.request.round:
        return False  # their newer card has it
    theirs = [act.at for act in view.case.acts if act.by_id == view.reader]
    if view.reader is None or not theirs:
        return False
    return approvals.may_undo(view.case.request, view.reader, view.now or theirs[-1])


def _mine(case: Case) -> tuple[Button, ...]:
    from handlers.approvals import asking, ending

    request = case.request
    match request.status:
        case Status.PENDING if request.aim == Aim.GRANT:
            sure = t("Withdraw {number}?", number=request.number)
            nudge = (about(ending.nudge, t("Nudge"), request),) if request.paused_at is None else ()
            return (*nudge, about(ending.withdraw, t("Withdraw"), request, confirm=sure))
        case Status.RETURNED:
            sure = t("Withdraw {number}?", number=request.number)
            change = about(asking.change, t("Change and send again"), request, tone=Tone.GOOD)
            return (change, about(ending.withdraw, t("Withdraw"), request, confirm=sure))
        case Status.APPROVED if case.frozen.template.withdraw_within is not None:
            return (about(ending.withdraw_granted, t("Ask to withdraw"), request),)
    return ()


def again_button(view: View) -> tuple[Button, ...]:
    """For whoever asked for it, once it has ended."""
    from handlers.approvals.again import again

    request = view.case.request
    if view.reader != request.requester_id or request.status not in approvals.RIGHTS["again"][Relation.REQUESTER]:
        return ()
    label = t("Ask for the same again") if request.status == Status.APPROVED else t("Ask again")
    return (about(again, label, request),)


def forward_button(case: Case, relations: Collection[Relation]) -> tuple[Button, ...]:
    """For those who may show it to others."""
    from handlers.approvals.sharing import share

    allowed = any(case.request.status in approvals.RIGHTS["share"].get(one, ()) for one in relations)
    return (about(share, t("Forward"), case.request),) if allowed else ()


def export_button(case: Case, relations: Collection[Relation]) -> tuple[Button, ...]:
    from handlers.approvals.papers import export

    allowed = any(case.request.status in approvals.RIGHTS["export"].get(one, ()) for one in relations)
    return (about(export, t("Export"), case.request),) if allowed else ()
