"""Somebody answers a form on their phone: reads each question, and taps, types, sends or shares the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.ui.form import Position, Question
from config.text import Money
from tests.platforms.stages.seen import Colleague, Filled, Paper
from tests.platforms.telegram.caller import Person
from tests.platforms.telegram.chats import Message
from tests.town import english

SHANGHAI = ZoneInfo("Asia/Shanghai")
SEND = "Submit"
STEPS = 40


class Answering:
    """One form. Dana reads English, and answers what is asked now until it is sent, or something is wrong."""

    def __init__(self, phone: Person, settled: Callable[[], Awaitable[None]], questions: Sequence[Question]) -> None:
        self.phone, self.settled = phone, settled
        self.questions = {english(question.label): question for question in questions}

    @property
    def now(self) -> Message:
        """The message that asks."""
        return self.phone.chat.last

    @property
    def asked(self) -> tuple[str, ...]:
        """The question that is asked now; none where all stand there to be looked over."""
        is_asking = "Cancel" in self.now.buttons and SEND not in self.now.buttons
        lines = self.now.text.split("\n") if is_asking else ()
        return tuple(label for label in self.questions if label in lines)

    async def fills(self, answers: Mapping[str, Any]) -> Filled:
        """Answers each question as it comes: leaves out what may be, keeps what stands there, sends at the end."""
        left = dict(answers)
        for _ in range(STEPS):
            if SEND in self.now.buttons:
                form = self.now
                notice = await self._taps(SEND)
                if not self.asked:
                    return Filled(notice or self._outcome(form))
                continue
            question = self.questions[self.asked[0]]
            trouble = [line.removeprefix("⚠️ ") for line in self.now.text.split("\n")[1:] if line.startswith("⚠️ ")]
            if question.name in left:
                await self._answers(question, left.pop(question.name))
            elif trouble:
                return Filled(trouble[0], question.name)
            else:
                await self._taps(next(label for label in self.now.buttons if label.startswith(("Skip", "Keep"))))
        raise AssertionError(f"still asked after {STEPS} steps: {self.now.line}")

    def _outcome(self, form: Message) -> str:
        """What came of it: a message of its own, or a line below the title of the form that was sent."""
        below = [one.text for one in self.phone.chat.messages if one.by_bot and one.id > form.id]
        return " ".join(below) or next(iter(form.text.split("\n\n")[1:]), "")

    async def _answers(self, question: Question, answer: Any) -> None:
        match question.ask, answer:
            case "choice", str():
                await self._turns_to(lambda: answer_label(question, answer) in self.now.buttons)
                await self._taps(answer_label(question, answer))
            case "choices", tuple():
                for value in answer:
                    await self._taps(f"☐ {answer_label(question, value)}")
                await self._taps("Done")
            case "day", date():
                await self._goes_to(answer)
            case "moment", datetime():
                at = answer.astimezone(SHANGHAI)
                await self._goes_to(at.date())
                await self._taps(f"{at:%H}:00")
                await self._taps(f"{at:%H:%M}")
            case "people", tuple():
                await self._types(", ".join(one.name for one in answer))
                await self._taps("Done")
            case "files", tuple():
                await self._sends(answer)
            case "place", Position():
                await self.phone.sends_location(answer.latitude, answer.longitude)
                await self.settled()
            case _:
                await self._types(_typed(answer))

    async def _types(self, text: str) -> None:
        await self.phone.says(text)
        await self.settled()

    async def _taps(self, label: str) -> str:
        """Returns the notice that passes over the screen."""
        answered = await self.phone.presses(label, self.now)
        await self.settled()
        return answered.text if answered else ""

    async def _sends(self, papers: Sequence[Paper]) -> None:
        for paper in papers:
            await self.phone.sends_document(paper.name, paper.data, mime=paper.mime)
        await self.settled()
        await self._taps("Done")

    async def _goes_to(self, day: date) -> None:
        await self._turns_to(lambda: f"{day:%b %Y}" in self.now.buttons)
        await self._taps(next(label for label in self.now.buttons if label.strip("•✓") == str(day.day)))

    async def _turns_to(self, is_there: Callable[[], bool]) -> None:
        for _ in range(24):
            if is_there():
                return
            await self._taps("›")
        raise AssertionError(f"not found: {self.now.line}")


def answer_label(question: Question, value: str) -> str:
    """What an option is called in English."""
    return next(english(option.label) for option in question.options if option.value == value)


def _typed(answer: Any) -> str:
    if isinstance(answer, Money):
        return f"{answer.minor / 100:.2f}"
    return answer.name if isinstance(answer, Colleague) else str(answer)
