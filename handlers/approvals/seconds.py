"""Second confirmations: an approval of much money is confirmed by its approver on another of their platforms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from bot.answer import Reply
from bot.capability import Face
from bot.context import Context
from bot.errors import Refusal
from bot.ui.card import Button, Card, Fact, Tone
from bot.ui.form import Asking, Form, line
from config.text import Text, When, t
from handlers.approvals import deciding, naming, telling
from handlers.approvals.on import on
from handlers.linking import called
from storage import history, outbox, people
from storage.approvals import Case, reading, seconds
from storage.approvals.lists import id_of
from storage.approvals.seconds import AGAIN, ASKED, GIVEN, Waiting
from storage.approvals.tables import Second, Task
from storage.places import Address

FACE = "confirm"


class Again(Form):
    """The request's number, once more, by hand."""

    title = t("Confirm the approval")
    send = t("Confirm")
    number: Annotated[str, line(t("Type the request's number once more"), t("Such as A-1007."), most=20)]


async def begin_second(ctx: Context, task: Task, comment: str, fills: Mapping[str, Any] | None = None) -> Reply:
    """Asks for the second confirmation: on another of the actor's platforms, or here by the number, typed again.

    Raises `Refusal` where it has to come from elsewhere, and the actor can be reached nowhere else.
    """
    case = reading.for_reader(await telling.of(ctx, await seconds.request_at(ctx.work, task)), ctx.actor.id)
    if case.frozen.template.confirm == AGAIN or ctx.on <= {ctx.work.via}:
        return _again(ctx, case, await seconds.begin(ctx.work, task, comment, AGAIN, fills))
    place = await _elsewhere(ctx)
    second = await seconds.begin(ctx.work, task, comment, place.platform, fills)
    await outbox.show(ctx.work, history.about(second), FACE, place, ctx.actor.id)
    return Card(
        t("{what}: please confirm it on {platform}", what=naming.this(case), platform=called(place.platform)),
        body=(t("So much wants a second confirmation. I have asked you there; it counts for ten minutes."),),
        facts=_facts(case),
        tone=Tone.WARN,
    )


def _again(ctx: Context, case: Case, second: Second) -> Asking:
    """Asks for the number, and says what it is that one agrees to: the card is behind the form."""
    asked = ctx.ask(Again, second)
    worth, name = case.worth, case.requester.name
    if worth is None:
        return asked
    hint = t("You approve {amount} for {name}. The number looks like A-1007.", amount=worth, name=name)
    return replace(asked, questions=tuple(replace(one, hint=hint) for one in asked.questions))


async def _elsewhere(ctx: Context) -> Address:
    """Where else the actor is reached: the place that they prefer among the others, else where they were last."""
    via = ctx.work.via
    place = await people.private(ctx.work.session, ctx.actor, ctx.on, avoid=frozenset({via}))
    if place.platform == via or place.platform not in ctx.on:
        raise Refusal(
            t(
                "So much wants a second confirmation from another place of yours, and I know of none. Type “link” to "
                "add one, and then approve it again."
            )
        )
    return place


@on.press()
async def confirm_second(ctx: Context, second: Second) -> Text | Asking:
    """Approves, now for the second time; where the number has to be typed, asks for it."""
    if second.place == AGAIN:
        case = await telling.of(ctx, await seconds.request_of(ctx.work, second))
        return _again(ctx, reading.for_reader(case, ctx.actor.id), second)
    return await _confirmed(ctx, second)


@on.submit(Again)
async def confirm_again(ctx: Context, form: Again, second: Second) -> Text:
    """Approves, where the number is the request's."""
    request = await seconds.request_of(ctx.work, second)
    if id_of(form.number) != request.id:
        raise Refusal(t("That is another number. This is about {number}.", number=request.number), "number")
    return await _confirmed(ctx, second)


async def _confirmed(ctx: Context, second: Second) -> Text:
    went, task = await seconds.confirm(ctx.work, second)
    await ctx.refresh(second)
    line_of, done = t("{who} approved, on {platform}"), t("You approved, and confirmed it.")
    return await deciding.decided(ctx, went, task, line_of, done, second.text)


@on.press()
async def refuse_second(ctx: Context, second: Second) -> Text:
    """Takes the approval back before it has counted."""
    request = await seconds.refuse(ctx.work, second)
    await ctx.refresh(second)
    return t(
        "{number} is not approved, and still waits for you. If it was not you who approved it on {platform}, tell your "
        "administrator at once.",
        number=request.number,
        platform=called(second.first_via),
    )


@on.card(Second, see=seconds.see, load=seconds.waiting)
def card(waiting: Waiting, face: Face) -> Card:
    """What is to be confirmed: which request, whose, about how much; and how that stands."""
    second = waiting.second
    case = reading.for_reader(waiting.case, second.person_id)
    what = naming.this(case)
    if second.status == ASKED:
        title, tone = t("Confirm your approval of {what}?", what=what), Tone.WARN
    elif second.status == GIVEN:
        title, tone = t("You confirmed your approval of {what}", what=what), Tone.GOOD
    else:
        title, tone = t("You did not confirm your approval of {what}", what=what), Tone.MUTED
    return Card(
        title,
        body=(
            t(
                "You approved it on {platform}. It counts once you confirm it here, until {time}.",
                platform=called(second.first_via),
                time=When(second.expires_at, "time"),
            ),
        )
        if second.status == ASKED
        else (),
        facts=(*_facts(case), *((Fact(t("Your comment"), second.text),) if second.text else ())),
        buttons=_buttons(second) if second.status == ASKED else (telling.show(case.request),),
        tone=tone,
    )


def _facts(case: Case) -> tuple[Fact, ...]:
    worth = case.worth
    asked = Fact(t("Requested by"), case.requester.name)
    return (asked, Fact(t("Amount"), worth)) if worth is not None else (asked,)


def _buttons(second: Second) -> tuple[Button, ...]:
    return (
        confirm_second.button(t("Confirm"), second, tone=Tone.GOOD),
        refuse_second.button(t("No"), second, tone=Tone.BAD),
    )
