"""Who decides on a request, on which path, and what it may cost: judged by the handbook alone, to the last branch."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from config.handbook import Handbook
from config.handbook.approvals import (
    Allowance,
    Budgets,
    Condition,
    Fact,
    Frozen,
    Selector,
    Step,
    Template,
    digest_of,
)
from config.handbook.approvals.sums import Sum, fits, major, minor, write
from config.text import Money

HANDBOOK = Handbook.load(None)
APPROVALS = HANDBOOK.approvals
NAME = {"zh": "某", "en": "Some"}


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "own.toml"


def load(own: Path, text: str) -> Handbook:
    own.write_text(text, encoding="utf-8")
    return Handbook.load(own)


def template(fields: dict[str, Any], steps: list[dict[str, Any]], **others: Any) -> Template:
    asked = {name: {"label": NAME, **field} for name, field in fields.items()}
    walked = [{"name": NAME, "by": ["manager"], **step} for step in steps]
    return Template.model_validate({"name": NAME, "clause": "1", "fields": asked, "steps": walked, **others})


def walked(key: str, department: str = "sales", **answers: Any) -> list[str]:
    """The steps that a request walks, by their English names."""
    asked = APPROVALS.templates[key]
    return [asked.steps[index].name.en for index in asked.path(asked.facts(answers, department))]


def yuan(amount: int) -> Money:
    return Money(amount * 100)


@pytest.mark.parametrize(
    ("key", "answers", "path"),
    [
        ("expense", {"amount": yuan(1999), "kind": "meals"}, ["Manager", "Finance check"]),
        ("expense", {"amount": yuan(1), "kind": "client"}, ["Manager", "Head of department", "Finance check"]),
        ("expense", {"amount": yuan(2000), "kind": "meals"}, ["Manager", "Head of department", "Finance check"]),
        (
            "expense",
            {"amount": yuan(5000), "kind": "meals"},
            ["Manager", "Head of department", "Finance check", "Head of finance"],
        ),
        ("purchase", {"amount": Money(199_999)}, ["Manager"]),
        ("purchase", {"amount": yuan(2000)}, ["Manager", "Head of finance"]),
        ("purchase", {"amount": yuan(20_000)}, ["Manager", "Purchasing review"]),
        ("payment", {"amount": yuan(9999)}, ["Head of department", "Finance pays"]),
        ("payment", {"amount": yuan(10_000)}, ["Head of department", "Head of finance", "Finance pays"]),
        ("contract", {"amount": yuan(499_999)}, ["Head of department", "Finance and operations"]),
        ("contract", {"amount": yuan(500_000)}, ["Head of department", "Finance and operations", "Heads' review"]),
        ("seal", {"seal": ("company", "contract")}, ["Head of department", "Keeper of the seals"]),
        ("seal", {"seal": ("company", "legal")}, ["Head of department", "Head of finance", "Keeper of the seals"]),
        ("trip", {"from": date(2026, 11, 2), "to": date(2026, 11, 6)}, ["Manager"]),
        ("trip", {"from": date(2026, 11, 2), "to": date(2026, 11, 7)}, ["Two levels of heads"]),
        ("overtime", {"hours": 4, "return": "leave"}, ["Manager"]),
        ("overtime", {"hours": 5, "return": "leave"}, ["Manager", "Human resources"]),
        ("overtime", {"hours": 1, "return": "pay"}, ["Manager", "Human resources"]),
        ("general", {}, ["Approvers of your choice"]),
        ("general", {"amount": yuan(5000)}, ["Approvers of your choice", "Head of finance"]),
    ],
)
def test_request_walks_the_steps_that_apply_to_it(key: str, answers: dict[str, Any], path: list[str]) -> None:
    assert walked(key, **answers) == path


def test_shipped_templates_are_eight_and_open() -> None:
    eight = ["expense", "purchase", "payment", "contract", "seal", "trip", "overtime", "general"]

    assert list(APPROVALS.templates) == eight
    assert list(APPROVALS.open_templates()) == eight
    assert (APPROVALS.clause, APPROVALS.steward) == ("1.3.2", "operations")
    assert (APPROVALS.nudge_every, APPROVALS.digest) == (timedelta(hours=2), time(9))
    assert {key: one.chosen() for key, one in APPROVALS.templates.items() if one.chosen()} == {"general": (0,)}
    assert {key: one.confirm_from for key, one in APPROVALS.templates.items() if one.confirm_from is not None} == {
        "payment": Decimal(50_000),
        "contract": Decimal(100_000),
    }


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("报销", "expense"),
        ("Ｅｘｐｅｎｓｅ", "expense"),
        ("EXPENSE", "expense"),
        ("请示", "general"),
        ("报销单", None),
        ("", None),
    ],
)
def test_template_is_found_by_the_first_word(word: str, key: str | None) -> None:
    assert APPROVALS.by_word(word) == key


@pytest.mark.parametrize(
    ("text", "kind", "arg", "department", "field"),
    [
        ("manager", "manager", "", None, None),
        ("head", "head", "", None, None),
        ("head : finance", "head", "finance", "finance", None),
        ("head：finance", "head", "finance", "finance", None),
        ("heads:5", "heads", "5", None, None),
        ("department:hr", "department", "hr", "hr", None),
        ("post:出纳 A", "post", "出纳 A", None, None),
        ("role:head", "role", "head", None, None),
        ("person:Wang Fang", "person", "Wang Fang", None, None),
        ("field:with", "field", "with", None, "with"),
        ("manager_of:who", "manager_of", "who", None, "who"),
        ("chosen", "chosen", "", None, None),
        ("chosen:hr", "chosen", "hr", "hr", None),
        ("steward", "steward", "", None, None),
    ],
)
def test_selector_is_read_and_written(
    text: str, kind: str, arg: str, department: str | None, field: str | None
) -> None:
    selector = Selector.read(text)

    assert selector == Selector(kind, arg)
    assert (selector.department, selector.field) == (department, field)
    assert Selector.read(str(selector)) == selector


@pytest.mark.parametrize(
    "text", ["", "boss", "manager:", "head:", "heads:0", "heads:6", "heads:一", "person: ", "role:x"]
)
def test_what_names_nobody_is_no_selector(text: str) -> None:
    with pytest.raises(ValueError, match=r"names nobody|needs nothing|does not say|cannot be read"):
        Selector.read(text)


@pytest.mark.parametrize(
    ("text", "condition", "written"),
    [
        ("amount >= 5000", Condition("amount", ">=", ("5000",)), "amount >= 5000"),
        ("amount＞＝5000", Condition("amount", ">=", ("5000",)), "amount >= 5000"),
        ("amount≥5000", Condition("amount", ">=", ("5000",)), "amount >= 5000"),
        ("amount ≤ 5", Condition("amount", "<=", ("5",)), "amount <= 5"),
        ("kind≠a", Condition("kind", "!=", ("a",)), "kind != a"),
        ("kind == a", Condition("kind", "=", ("a",)), "kind = a"),
        ("kind in travel，meals", Condition("kind", "in", ("travel", "meals")), "kind in travel, meals"),
        ("kind  not   in a", Condition("kind", "not in", ("a",)), "kind not in a"),
        ("inn in in", Condition("inn", "in", ("in",)), "inn in in"),
    ],
)
def test_condition_is_read_and_written(text: str, condition: Condition, written: str) -> None:
    assert Condition.read(text) == condition
    assert str(condition) == written
    assert Condition.read(written) == condition


@pytest.mark.parametrize(
    ("text", "fact", "holds"),
    [
        ("x = 5", Decimal("5.00"), True),
        ("x != 5", Decimal(5), False),
        ("x < 5", Decimal(5), False),
        ("x <= 5", Decimal(5), True),
        ("x > 5", Decimal("5.01"), True),
        ("x >= 5.01", Decimal(5), False),
        ("x in 1, 5", Decimal(5), True),
        ("x not in 1, 5", Decimal(5), False),
        ("x = a", "a", True),
        ("x in b, c", "a", False),
        ("x not in b, c", "a", True),
        ("x > 2026-09-30", "2026-10-01", True),
        ("x = a", frozenset({"a", "b"}), True),
        ("x != a", frozenset({"a", "b"}), False),
        ("x in b, c", frozenset({"a", "b"}), True),
        ("x not in c, d", frozenset({"a", "b"}), True),
        ("x = a", None, False),
        ("x in a", None, False),
        ("x <= 5", None, False),
        ("x != a", None, True),
        ("x not in a", None, True),
    ],
)
def test_condition_is_judged_by_what_the_request_says(text: str, fact: Fact, holds: bool) -> None:
    assert Condition.read(text).holds({"x": fact}) is holds


def test_step_needs_all_of_when_and_one_of_when_any() -> None:
    step = Step.model_validate(
        {"name": NAME, "by": ["manager"], "when": ["a > 1", "a < 9"], "when_any": ["b = x", "b = y"]}
    )

    facts = [{"a": Decimal(a), "b": b} for a in (1, 5, 9) for b in ("x", "y", "z")]
    assert [step.applies(fact) for fact in facts] == [False] * 3 + [True, True, False] + [False] * 3
    assert Step.model_validate({"name": NAME, "by": ["manager"]}).applies({})


@pytest.mark.parametrize(
    ("mode", "method"),
    [
        ("all", "all"),
        ("Any", "any"),
        ("turn", "turn"),
        ("60 %", "ratio:60"),
        ("１００％", "ratio:100"),
        ("2", "count:2"),
    ],
)
def test_mode_becomes_a_method(mode: str, method: str) -> None:
    assert Step.model_validate({"name": NAME, "by": ["manager"], "mode": mode}).method == method


def test_facts_are_what_was_answered() -> None:
    asked = template(
        {
            "cost": {"ask": "money"},
            "hours": {"ask": "number"},
            "kind": {"ask": "choice", "options": {"a": NAME}},
            "tags": {"ask": "choices", "options": {"a": NAME, "b": NAME}},
            "from": {"ask": "day"},
            "to": {"ask": "day"},
            "note": {"ask": "line"},
        },
        [{}],
        days=["from", "to"],
    )
    answers = {
        "cost": Money(12_050),
        "hours": 3,
        "kind": "a",
        "tags": ("a", "b"),
        "from": date(2026, 2, 27),
        "to": date(2026, 3, 1),
        "note": "anything",
    }

    assert asked.facts(answers, "hr") == {
        "cost": Decimal("120.5"),
        "hours": Decimal(3),
        "kind": "a",
        "tags": frozenset({"a", "b"}),
        "from": "2026-02-27",
        "to": "2026-03-01",
        "amount": Decimal("120.5"),
        "days": Decimal(3),
        "department": "hr",
    }
    assert set(asked.facts({}, "hr").values()) == {None, "hr"}
    assert (asked.amount_of(answers), asked.amount_of({})) == (Money(12_050), None)


def test_days_count_both_ends() -> None:
    trip = APPROVALS.templates["trip"]
    monday, friday = date(2026, 11, 23), date(2026, 11, 27)

    assert trip.days_of({"from": monday, "to": friday}) == 5
    assert trip.days_of({"from": monday, "to": monday}) == 1
    assert trip.days_of({"from": friday, "to": monday}) == -3
    assert (trip.days_of({"from": monday}), trip.days_of({})) == (None, None)
    assert APPROVALS.templates["expense"].days_of({"from": monday, "to": friday}) is None


def test_amount_is_the_one_that_is_named_or_the_only_one() -> None:
    one, two = {"cost": {"ask": "money"}}, {"cost": {"ask": "money"}, "tip": {"ask": "money"}}

    assert template(one, [{}]).amount_field == "cost"
    assert template(two, [{}]).amount_field is None
    assert template(two, [{}], amount="tip").amount_of({"cost": Money(1), "tip": Money(2)}) == Money(2)
    assert template({"what": {"ask": "line"}}, [{}]).amount_of({"what": "x", "": Money(1)}) is None
    assert "amount" not in template(two, [{}]).facts({}, "hr")


def test_thresholds_are_where_the_path_changes() -> None:
    asked = template(
        {"cost": {"ask": "money"}, "tip": {"ask": "money"}},
        [
            {"when": ["amount >= 5000", "tip > 7"]},
            {"when_any": ["cost > 1000", "department = hr"]},
            {"when": ["amount < 5000"]},
            {"when": ["amount = 3"]},
        ],
        amount="cost",
    )

    assert asked.thresholds() == (Decimal(1000), Decimal(5000))
    assert APPROVALS.templates["expense"].thresholds() == (Decimal(2000), Decimal(5000))
    assert APPROVALS.templates["seal"].thresholds() == ()


@pytest.mark.parametrize(
    ("alone", "together", "crossed"),
    [
        ("1000", "1000", None),
        ("1000", "1000.01", "1000"),
        ("4999.99", "5000", "5000"),
        ("5000", "9000", None),
        ("500", "9000", "5000"),
        ("0", "999", None),
    ],
)
def test_requests_that_pass_a_threshold_together_are_seen(alone: str, together: str, crossed: str | None) -> None:
    asked = template({"amount": {"ask": "money"}}, [{"when": ["amount >= 5000"]}, {"when": ["amount > 1000"]}])

    assert asked.crosses(Decimal(alone), Decimal(together)) == (Decimal(crossed) if crossed else None)


AMOUNTS = st.integers(0, 12).map(Decimal)
CONDITIONS = st.builds("amount {} {}".format, st.sampled_from(["<", "<=", ">", ">="]), AMOUNTS)


@given(steps=st.lists(st.lists(CONDITIONS, min_size=1, max_size=2), min_size=1, max_size=3), few=AMOUNTS, more=AMOUNTS)
def test_path_changes_only_where_a_threshold_is_crossed(steps: list[list[str]], few: Decimal, more: Decimal) -> None:
    asked = template({"amount": {"ask": "money"}}, [{"when": conditions} for conditions in steps])
    alone, together = sorted((few, more))

    if asked.crosses(alone, together) is None:
        assert asked.path({"amount": alone}) == asked.path({"amount": together})


@pytest.mark.parametrize(
    ("may_ask", "department", "roles", "may"),
    [
        (["everyone"], None, [], True),
        (["sales", "hr"], "hr", ["employee"], True),
        (["sales"], "hr", ["employee"], False),
        (["sales"], None, [], False),
        (["role:head"], "hr", ["head"], True),
        (["role:head"], "hr", ["employee"], False),
    ],
)
def test_template_is_open_to_those_who_may_ask(
    may_ask: list[str], department: str | None, roles: list[str], may: bool
) -> None:
    asked = template({"what": {"ask": "line"}}, [{}], may_ask=may_ask)

    assert asked.may_be_asked_by(department, roles) is may


@pytest.mark.parametrize(
    ("period", "day", "called", "first", "last"),
    [
        ("month", "2026-02-28", "2026-02", "2026-02-01", "2026-02-28"),
        ("month", "2028-02-10", "2028-02", "2028-02-01", "2028-02-29"),
        ("month", "2026-12-31", "2026-12", "2026-12-01", "2026-12-31"),
        ("quarter", "2026-01-01", "2026Q1", "2026-01-01", "2026-03-31"),
        ("quarter", "2026-06-30", "2026Q2", "2026-04-01", "2026-06-30"),
        ("quarter", "2026-08-15", "2026Q3", "2026-07-01", "2026-09-30"),
        ("quarter", "2026-11-22", "2026Q4", "2026-10-01", "2026-12-31"),
        ("year", "2026-11-22", "2026", "2026-01-01", "2026-12-31"),
    ],
)
def test_budget_is_given_by_period(period: str, day: str, called: str, first: str, last: str) -> None:
    budgets = Budgets.model_validate({"sales": {"period": period, "amount": "1234.5", "templates": ["expense"]}})
    start, end = date.fromisoformat(first), date.fromisoformat(last)

    found = budgets.of("sales", "expense", date.fromisoformat(day), "CNY")

    assert found == Allowance("sales", called, 123_450, "CNY", start, end)


def test_nothing_limits_what_no_budget_names() -> None:
    day = date(2026, 11, 22)

    assert APPROVALS.budgets.of("sales", "contract", day, "CNY") is None
    assert APPROVALS.budgets.of("hr", "expense", day, "CNY") is None
    assert APPROVALS.budgets.of("marketing", "expense", day, "JPY") == Allowance(
        "marketing", "2026-11", 50_000, "JPY", date(2026, 11, 1), date(2026, 11, 30)
    )


def test_request_keeps_the_template_that_it_was_asked_with(own: Path) -> None:
    for key, asked in APPROVALS.templates.items():
        text = APPROVALS.freeze(key)
        kept = Frozen.read(text)

        assert kept == Frozen(key=key, template=asked, steward="operations")
        assert kept.freeze() == text
        assert Frozen.read(text) is kept
        assert re.fullmatch("[0-9a-f]{64}", digest_of(text))
    changed = load(own, '[approvals.templates.trip]\nwithdraw_within = "1h"\n').approvals
    assert changed.freeze("seal") == APPROVALS.freeze("seal")
    assert changed.freeze("trip") != APPROVALS.freeze("trip")
    with pytest.raises(KeyError):
        APPROVALS.freeze("taxi")


def test_template_without_a_clause_goes_by_its_chapter_s_also_once_it_is_frozen(own: Path) -> None:
    names = '{ zh = "跑腿", en = "Errand" }'
    errand = f"""
        [approvals.templates.errand]
        name = {names}
        fields.what = {{ label = {names}, ask = "line" }}
        [[approvals.templates.errand.steps]]
        name = {names}
        by = ["manager"]
        """
    usual = load(own, errand).approvals
    other = load(own, '[approvals]\nclause = "1.3.1"\n' + errand).approvals

    frozen = [Frozen.read(book.freeze("errand")).template.clause for book in (usual, other)]
    assert frozen == ["1.3.2", "1.3.1"]
    assert Frozen.read(other.freeze("seal")).template.clause == APPROVALS.templates["seal"].clause


def test_sums_are_exact() -> None:
    read = TypeAdapter(Sum)

    assert [read.validate_python(written) for written in (5000, "1234.50", Decimal(3))] == [
        Decimal(5000),
        Decimal("1234.5"),
        Decimal(3),
    ]
    assert [write(Decimal(text)) for text in ("5000", "1234.50", "100.00", "0")] == ["5000", "1234.5", "100", "0"]
    assert [fits(Decimal("0.5"), currency) for currency in ("CNY", "JPY", "KWD")] == [True, False, True]
    assert (minor(Decimal("12.5"), "CNY"), minor(Decimal(12), "JPY")) == (1250, 12)
    assert (major(Money(1250)), major(Money(12, "JPY"))) == (Decimal("12.5"), Decimal(12))


def test_company_s_template_joins_the_shipped_ones(own: Path) -> None:
    mine = load(
        own,
        """
        [approvals.templates.taxi]
        name = { zh = "打车", en = "Taxi" }
        words = ["打车"]
        clause = "2.6.1"
        fields.amount = { label = { zh = "金额", en = "Amount" }, ask = "money" }
        [[approvals.templates.taxi.steps]]
        name = { zh = "上级", en = "Manager" }
        by = ["manager"]
        """,
    ).approvals

    assert list(mine.templates) == [*APPROVALS.templates, "taxi"]
    assert mine.by_word("打车") == "taxi"


def test_company_changes_a_shipped_template_key_by_key_its_fields_and_steps_as_a_whole(own: Path) -> None:
    mine = load(
        own,
        """
        [approvals.templates.trip]
        words = ["trip"]
        withdraw_within = "0m"
        copies = []
        days = []
        fields.why = { label = { zh = "为何", en = "Why" }, ask = "line" }
        steps = [{ name = { zh = "上级", en = "Manager" }, by = ["manager"] }]
        """,
    ).approvals.templates["trip"]
    shipped = APPROVALS.templates["trip"]

    assert (mine.name, mine.clause, mine.words) == (shipped.name, shipped.clause, ("trip",))
    assert (mine.withdraw_within, mine.copies, list(mine.fields)) == (None, (), ["why"])
    assert [(step.name.en, step.due) for step in mine.steps] == [("Manager", None)]


def test_closed_template_gives_its_words_away(own: Path) -> None:
    mine = load(own, '[approvals.templates]\nseal.enabled = false\ntrip.words = ["盖章"]\n').approvals

    assert "seal" not in mine.open_templates()
    assert (mine.by_word("盖章"), mine.by_word("seal")) == ("trip", None)
    assert mine.templates["seal"].name == APPROVALS.templates["seal"].name


def test_company_s_budgets_replace_the_shipped_ones(own: Path) -> None:
    text = '[approvals.budgets.hr]\nperiod = "year"\namount = 9\ntemplates = ["expense"]\n'

    assert [key for key, _ in load(own, text).approvals.budgets.items()] == ["hr"]
    assert [key for key, _ in load(own, "approvals.budgets = {}").approvals.budgets.items()] == []


def test_templates_that_ask_departments_that_a_company_has_not_are_closed(own: Path) -> None:
    departments = """
        [approvals]
        steward = "shop"
        [departments.shop]
        name = { zh = "门店", en = "Shop" }
        [departments.sales]
        name = { zh = "销售", en = "Sales" }
        [complaints]
        department = "shop"
        [rooms]
        service.open_to = ["shop"]
        ops.open_to = ["shop"]
        """
    steps = """
        [[approvals.templates.general.steps]]
        name = { zh = "上级", en = "Manager" }
        by = ["manager"]
        """

    mine, more = load(own, departments).approvals, load(own, departments + steps).approvals

    assert list(mine.templates) == list(APPROVALS.templates)
    assert list(mine.open_templates()) == []
    assert list(more.open_templates()) == ["general"]
    assert [key for key, _ in mine.budgets.items()] == ["sales"]


@pytest.mark.parametrize(("written", "digest"), [('"08:30"', time(8, 30)), ("08:30:15", time(8, 30)), ('"off"', None)])
def test_digest_comes_at_a_time_of_day_or_never(own: Path, written: str, digest: time | None) -> None:
    mine = load(own, f"[approvals]\ndigest = {written}\n")

    assert mine.approvals.digest == digest
    assert Handbook.model_validate_json(mine.model_dump_json(by_alias=True)) == mine


@pytest.mark.parametrize(
    ("bound", "day"),
    [
        ("today", date(2028, 2, 29)),
        ("-30d", date(2028, 1, 30)),
        ("+2w", date(2028, 3, 14)),
        ("+6m", date(2028, 8, 29)),
        ("-2m", date(2027, 12, 29)),
        ("+12m", date(2029, 2, 28)),
        ("-1y", date(2027, 2, 28)),
        ("-4y", date(2024, 2, 29)),
        ("+100y", date(2128, 2, 29)),
        ("2026-10-01", date(2026, 10, 1)),
    ],
)
def test_bound_of_a_day_is_counted_from_today(bound: str, day: date) -> None:
    asked = template({"day": {"ask": "day", "earliest": bound, "latest": bound}}, [{}])

    field = asked.fields["day"]
    assert (field.first_day(date(2028, 2, 29)), field.last_day(date(2028, 2, 29))) == (day, day)


def test_bounds_are_frozen_as_they_are_written(own: Path) -> None:
    text = """
        [approvals.templates.trip]
        days = []
        [approvals.templates.trip.fields]
        cost = { label = { zh = "费用", en = "Cost" }, ask = "money", least = "0.50", most = 900 }
        day = { label = { zh = "日期", en = "Day" }, ask = "day", earliest = 2026-10-01, latest = "+1 Y" }
        """
    steps = '[[approvals.templates.trip.steps]]\nname = { zh = "上级", en = "Manager" }\nby = ["manager"]\n'
    mine = load(own, text.replace("days = []", "days = []\ncopies = []") + steps).approvals

    cost, day = Frozen.read(mine.freeze("trip")).template.fields.values()
    assert (cost.least, cost.most) == (Decimal("0.50"), 900)
    assert (day.earliest, day.latest) == ("2026-10-01", "+1y")
    assert (cost.holds, cost.first_day(date(2026, 1, 1))) == (None, None)


def test_shipped_templates_take_days_that_make_sense() -> None:
    days = {
        (key, name): (field.earliest, field.latest)
        for key, one in APPROVALS.templates.items()
        for name, field in one.fields.items()
        if field.ask == "day"
    }

    assert days == {
        ("expense", "day"): ("-1y", "today"),
        ("purchase", "by"): ("today", "+1y"),
        ("payment", "by"): ("today", "+1y"),
        ("contract", "from"): ("-1y", "+2y"),
        ("contract", "to"): (None, None),
        ("trip", "from"): ("-1y", "+1y"),
        ("trip", "to"): ("-1y", "+1y"),
        ("overtime", "day"): ("-1y", "+1y"),
    }


def test_moments_are_no_facts() -> None:
    asked = template({"at": {"ask": "moment"}, "day": {"ask": "day"}}, [{}])

    assert asked.facts({"at": datetime(2026, 1, 1), "day": date(2026, 1, 2)}, "hr") == {  # noqa: DTZ001  # never read
        "day": "2026-01-02",
        "department": "hr",
    }
