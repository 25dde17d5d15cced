"""What a company writes wrongly about approvals is told with its key, its line and what to write instead."""

import re
from pathlib import Path

import pytest

from config.handbook import Handbook, HandbookError

LABEL = '{ zh = "某", en = "Some" }'
MONEY = f'fields.amount = {{ label = {LABEL}, ask = "money" }}'
MORE = f'fields.more = {{ label = {LABEL}, ask = "money" }}'
KIND = f'fields.kind = {{ label = {LABEL}, ask = "choice", options = {{ a = {LABEL}, b = {LABEL} }} }}'
WHO = f'fields.who = {{ label = {LABEL}, ask = "people" }}'
DAY = f'fields.day = {{ label = {LABEL}, ask = "day" }}'
ERRAND = "approvals.templates.errand"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "own.toml"


def told(own: Path, text: str) -> list[str]:
    own.write_text(text, encoding="utf-8")
    with pytest.raises(HandbookError) as refused:
        Handbook.load(own)
    return [str(problem).replace(f"{ERRAND}.", "", 1) for problem in refused.value.problems]


def errand(top: str = "", step: str = 'by = ["manager"]') -> str:
    """A template of four lines, then those of `top`, then a step, then those of `step`."""
    names = [line.partition(" =")[0] for line in top.splitlines()]
    usual = {"name": 'name = { zh = "跑腿", en = "Errand" }', "clause": 'clause = "1.3.2"'}
    lines = [f"[{ERRAND}]", *[line for name, line in usual.items() if name not in names]]
    lines += [f'fields.what = {{ label = {LABEL}, ask = "line" }}', *top.splitlines()]
    return "\n".join([*lines, f"[[{ERRAND}.steps]]", f"name = {LABEL}", step, ""])


SPELT = {"LABEL": LABEL, "MONEY": MONEY, "MORE": MORE, "KIND": KIND, "WHO": WHO, "DAY": DAY}


def cases(section: str) -> list[tuple[str, list[str]]]:
    """What is written, and what is told, of each case of a section."""
    text = Path(__file__).with_name("approvals_mistakes.txt").read_text(encoding="utf-8")
    found = text.split(f"## {section}\n\n")[1].split("\n\n##")[0].strip().split("\n\n")
    return [_taken_apart(case.splitlines()) for case in found]


def _taken_apart(lines: list[str]) -> tuple[str, list[str]]:
    written = "\n".join(line for line in lines if not line.startswith("    "))
    spelt = re.sub("|".join(SPELT), lambda name: SPELT[name[0]], written)
    return spelt, [line.strip() for line in lines if line.startswith("    ")]


@pytest.mark.parametrize(("written", "problems"), cases("In a template"))
def test_mistake_in_a_template_is_told(own: Path, written: str, problems: list[str]) -> None:
    assert told(own, errand(written)) == problems


@pytest.mark.parametrize(("written", "problems"), cases("In a step of it"))
def test_mistake_in_a_step_is_told(own: Path, written: str, problems: list[str]) -> None:
    top, _, step = written.partition("[[steps]]\n")
    by = "" if step.startswith("by") else 'by = ["manager"]\n'

    assert told(own, errand(top, by + step)) == problems


@pytest.mark.parametrize(("written", "problems"), cases("Around the templates"))
def test_mistake_around_the_templates_is_told(own: Path, written: str, problems: list[str]) -> None:
    assert told(own, written) == problems


def test_more_than_people_fill_in_or_a_menu_holds_is_refused(own: Path) -> None:
    fields = "\n".join(f'fields.f{n} = {{ label = {LABEL}, ask = "line" }}' for n in range(20))
    options = ", ".join(f"o{n} = {LABEL}" for n in range(101))
    choice = f'fields.x = {{ label = {LABEL}, ask = "choice", options = {{ {options} }} }}'
    long = f'fields.x = {{ label = {LABEL}, ask = "choice", options = {{ a = {{ zh = "甲", en = "{"x" * 76}" }} }} }}'

    assert told(own, errand(fields)) == ["line 4: fields has 21 fields: ask for 1 to 20 things"]
    assert told(own, errand(choice)) == [
        "line 5: fields.x.options has 101 options: offer at most 100: a menu on Slack holds no more"
    ]
    assert told(own, errand(long)) == [
        "line 5: fields.x.options.a.en has 76 characters, and a menu on Slack shows 75: shorten it"
    ]


def test_waiting_longer_than_half_a_year_is_refused(own: Path) -> None:
    week = '[calendar.week]\nmonday = ["09:00-14:00"]\n'
    step = 'by = ["manager"]\ndue = "131h"\nremind_every = "130h"\nescalate_after = "999h"'
    far = "is longer than half a year of working time: write at most 130h, or give the week more hours"

    assert told(own, week + errand('withdraw_within = "200h"', step)) == [
        f"line 7: withdraw_within {far}",
        f"line 11: steps[0].due {far}",
        f"line 13: steps[0].escalate_after {far}",
    ]


def test_closed_template_may_name_what_is_not_there(own: Path) -> None:
    own.write_text(errand('enabled = false\nwords = ["报销"]\nroom = "attic"\nmay_ask = ["kitchen"]'), encoding="utf-8")

    assert "errand" not in Handbook.load(own).approvals.open_templates()
    assert told(own, errand('enabled = false\namount = "what"')) == [
        'line 6: amount names "what", which asks for "line", and not for "money": add a field with ask = "money"'
    ]
