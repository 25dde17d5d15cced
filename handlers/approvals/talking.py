"""Talk: whoever may see a request comments on it, asks about it before deciding, and answers what they are asked."""

from __future__ import annotations

from typing import Annotated, Any
from unicodedata import normalize

from bot.codec import pack_files
from bot.context import Context
from bot.errors import Refusal
from bot.ui.card import Attached, Card, Tone
from bot.ui.form import Asking, Built, Form, attachments, paragraph, person
from config.text import Text, t
from handlers.approvals import naming, telling
from handlers.approvals.on import on
from storage import approvals, people
from storage.approvals import Request, Status, Task
from storage.tables import id_in


class AskedQuestion(Form):
    """What somebody wants to know before they decide."""

    title = t("Ask a question")
    send = t("Ask")
    of: Annotated[int, person(t("Whom do you ask?"), t("They may read the request, and answer you."))]
    text: Annotated[str, paragraph(t("Your question"))]


@on.press()
async def comment(ctx: Context, text: str) -> Asking:
    """Asks what is to be said. What happens to the request meanwhile is no matter."""
    request = await approvals.see(ctx.work, id_in(text.partition(":")[0]) or 0)
    await approvals.may(ctx.work, request, "comment")
    tail = str(request.id)
    return ctx.ask_built(comment_form.name, tail, await comment_form.questions(ctx, tail, None))


@on.built("comment")
async def comment_form(ctx: Context, tail: str, record: None) -> Built:
    """A comment, and papers that belong to it."""
    return Built(
        t("Comment"),
        (
            paragraph(t("Your comment"), t("Everybody who may see the request reads this.")).named(
                "text", ctx.handbook
            ),
            attachments(t("Pictures or papers")).named("files", ctx.handbook, optional=True),
        ),
        t("Send"),
    )


@comment_form.submit
async def keep_comment(ctx: Context, tail: str, answers: dict[str, Any], record: None) -> Text:
    """Keeps it with the request, and says it under every card."""
    request = await approvals.see(ctx.work, id_in(tail) or 0)
    await _keep(ctx, request, answers["text"], answers.get("files", ()))
    return t("Your comment is with {number}.", number=request.number)


@on.said(Request)
async def listen(ctx: Context, request: Request, text: str, attached: tuple[Attached, ...]) -> Card | None:
    """What people write under a card is a comment, never a decision; who seems to decide is offered the buttons."""
    from handlers.approvals.deciding import buttons  # which talks

    if not text and not attached:
        return None
    await _keep(ctx, request, text, attached)
    task = await approvals.my_task(ctx.work, request) if _sounds_decided(text) else None
    if task is None:
        return None
    return Card(
        t("Did you mean to decide?"),
        body=(t("What you wrote is kept as a comment on {number}. Only a button decides.", number=request.number),),
        buttons=buttons(task),
    )


def _sounds_decided(text: str) -> bool:
    plain = normalize("NFKC", text).casefold().strip(" \n\t.,!~。！，、")
    return plain in _DECIDING


_DECIDING = frozenset(
    {
        *("approve", "approved", "i approve", "ok", "okay", "agree", "agreed", "i agree", "yes", "lgtm", "go ahead"),
        *(
            "同意",
            "我同意",
            "批准",
            "已批准",
            "同意批准",
            "审批通过",
            "通过",
            "可以",
            "没问题",
            "好",
            "好的",
            "行",
            "准",
        ),
        *("reject", "rejected", "i reject", "deny", "denied", "decline", "declined", "disagree", "no"),
        *("拒绝", "驳回", "不同意", "我不同意", "不批准", "不通过", "不可以", "不行", "不批", "不准"),
    }
)


async def _keep(ctx: Context, request: Request, text: str, attached: tuple[Attached, ...]) -> None:
    await approvals.comment(ctx.work, request, text, pack_files(attached))
    await telling.comment(ctx, request, text, attached)


@on.press()
async def ask(ctx: Context, task: Task) -> Asking:
    """Asks whom to ask, and what."""
    await approvals.may_task(ctx.work, task, "ask")
    request = await approvals.request_of(ctx.work, task)
    return ctx.ask(AskedQuestion, task, of=request.requester_id)


@on.submit(AskedQuestion)
async def put_question(ctx: Context, form: AskedQuestion, task: Task) -> Text:
    """Brings the question before whoever can answer it; the time to decide stands still meanwhile."""
    query = await approvals.ask(ctx.work, task, form.of, form.text)
    case = await telling.of(ctx, await approvals.request_of(ctx.work, task))
    other = case.people[query.of_id]
    await ctx.refresh(case.request)
    title = t("{name} asks you about {what}", name=ctx.actor.name, what=naming.this(case))
    reply = answer.button(t("Answer"), str(query.id), tone=Tone.GOOD)
    card = telling.notice(case, other, title, form.text, tone=Tone.WARN, first=(reply,))
    await ctx.tell(other, card, about=case.request)
    if other.id != case.requester.id:
        line = t("{name} asked {other} a question", name=ctx.actor.name, other=other.name)
        said = Card(line, body=(form.text,), tone=Tone.MUTED)
        await ctx.echo(case.request, said, faces=frozenset({telling.MINE}))
    return t(
        "{name} is asked. The time to decide on {number} stands still until they answer.",
        name=other.name,
        number=case.request.number,
    )


@on.press()
async def answer(ctx: Context, text: str) -> Asking:
    """Asks for the answer, where the question still matters and is the actor's to answer."""
    query = await approvals.see_query(ctx.work, id_in(text.partition(":")[0]) or 0)
    request = await approvals.see(ctx.work, query.request_id)
    if query.of_id != ctx.actor.id:
        raise Refusal(t("This question is for somebody else. You may write a comment."), denied=True)
    if query.status != "open" or request.status != Status.PENDING:
        raise Refusal(t("This question is answered, or does not matter any more."))
    tail = str(query.id)
    return ctx.ask_built(answer_form.name, tail, await answer_form.questions(ctx, tail, None))


@on.built("answer")
async def answer_form(ctx: Context, tail: str, record: None) -> Built:
    """The answer."""
    query = await approvals.see_query(ctx.work, id_in(tail) or 0)
    question = paragraph(t("Your answer"), query.text[:150]).named("text", ctx.handbook)
    return Built(t("Answer the question"), (question,), t("Answer"))


@answer_form.submit
async def give_answer(ctx: Context, tail: str, answers: dict[str, str], record: None) -> Text:
    """Brings the answer to whoever asked; their time goes on."""
    query = await approvals.see_query(ctx.work, id_in(tail) or 0)
    asked = query.text
    went = await approvals.answer(ctx.work, query, answers["text"])
    case = await telling.spread(ctx, went)
    asker = await people.find(ctx.work.session, query.by_id)
    if asker is None:
        return t("Your answer is with {number}.", number=case.request.number)
    title = t("{name} answered you about {what}", name=ctx.actor.name, what=naming.this(case))
    seat = next((one for one in case.tasks if one.id == query.task_id and one.person_id == asker.id), None)
    await ctx.tell(
        asker,
        telling.notice(
            case,
            asker,
            title,
            t("You asked: {text}", text=asked),
            answers["text"],
            tone=Tone.GOOD,
            first=telling.deciding(case, seat),
        ),
    )
    return t("{name} has your answer about {number}.", name=asker.name, number=case.request.number)
