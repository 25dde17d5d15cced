"""A company writes only what it decides; what it writes wrongly is told with key, line and remedy."""

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from config.handbook import Handbook, HandbookError, Label, Problem
from config.handbook.lines import lines_of
from config.handbook.reading import SHIPPED

SHIPPED_HANDBOOK = Handbook.load(None)
SEVEN = ("operations", "marketing", "sales", "product", "service", "finance", "hr")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "own.toml"


def load(own: Path, text: str) -> Handbook:
    own.write_text(text, encoding="utf-8")
    return Handbook.load(own)


def problems(own: Path, text: str | bytes) -> tuple[Problem, ...]:
    own.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(HandbookError) as refused:
        Handbook.load(own)
    return refused.value.problems


def told(own: Path, text: str) -> list[tuple[str, int | None, str]]:
    return [(problem.key, problem.line, problem.reason) for problem in problems(own, text)]


def test_shipped_handbook_is_morningstar_s() -> None:
    company = SHIPPED_HANDBOOK.company

    assert company.name == Label(zh="晨星智能家居", en="Morningstar Smart Home")
    assert (company.zone, company.currency, company.language) == ("Asia/Shanghai", "CNY", "zh")
    assert (company.members_join, SHIPPED_HANDBOOK.calendar.zone) == (False, "Asia/Shanghai")
    assert SHIPPED_HANDBOOK.departments.keys() == SEVEN
    clauses = [department.clause for _, department in SHIPPED_HANDBOOK.departments.items()]
    assert clauses == [f"2.{n}" for n in range(1, 8)]
    assert SHIPPED_HANDBOOK.rooms.keys() == ("everyone", "service", "managers", "ops")
    assert list(SHIPPED_HANDBOOK.complaints.kinds) == ["quality", "delivery", "attitude", "billing", "other"]


def test_clauses_have_titles_in_the_order_of_the_outline() -> None:
    assert SHIPPED_HANDBOOK.clause("3.4.2") == Label(zh="投诉处理", en="Complaints")
    assert SHIPPED_HANDBOOK.clauses.numbers()[:4] == ("1", "1.1", "1.2", "1.3")
    with pytest.raises(KeyError):
        SHIPPED_HANDBOOK.clause("9.9")


def test_two_lines_are_a_company_s_handbook(own: Path) -> None:
    mine = load(own, '[rooms.service]\naddresses = ["slack:C0123"]\n')

    assert mine.rooms["service"].addresses == ("slack:C0123",)
    assert mine.rooms["service"].label == SHIPPED_HANDBOOK.rooms["service"].label
    assert mine.rooms["ops"] == SHIPPED_HANDBOOK.rooms["ops"]
    assert mine.departments == SHIPPED_HANDBOOK.departments


def test_empty_file_changes_nothing(own: Path) -> None:
    mine = load(own, "\ufeff# nothing decided yet\r\n")

    assert mine == SHIPPED_HANDBOOK
    assert mine.digest == SHIPPED_HANDBOOK.digest


def test_digest_follows_what_is_decided(own: Path) -> None:
    assert re.fullmatch("[0-9a-f]{64}", SHIPPED_HANDBOOK.digest)
    assert load(own, "[complaints]\nwarn_left_percent = 21\n").digest != SHIPPED_HANDBOOK.digest
    assert load(own, "[complaints] # as it was\nwarn_left_percent = 20\n").digest == SHIPPED_HANDBOOK.digest


def test_named_collections_are_replaced_as_a_whole(own: Path) -> None:
    mine = load(
        own,
        """
        [departments.support]
        name = { zh = "支持部", en = "Support department" }
        [complaints]
        department = "support"
        kinds.late = { zh = "迟到", en = "Late" }
        [approvals]
        steward = "support"
        [calendar.week]
        sunday = ["10:00-12:00"]
        [rooms.service]
        open_to = ["support"]
        [rooms.ops]
        open_to = ["everyone"]
        """,
    )

    assert mine.departments.keys() == ("support",)
    assert list(mine.complaints.kinds) == ["late"]
    assert [len(blocks) for blocks in mine.calendar.week.days()] == [0, 0, 0, 0, 0, 0, 1]
    assert mine.complaints.urgencies == SHIPPED_HANDBOOK.complaints.urgencies


def test_label_is_replaced_whole_and_needs_both_languages(own: Path) -> None:
    assert told(own, '[company]\nname = { en = "Lee & Co" }\n') == [("company.name.zh", 2, "is missing")]
    assert told(own, '[company]\nname = { zh = " ", en = "a\\nb" }\n') == [
        ("company.name.zh", 2, "is empty"),
        ("company.name.en", 2, "has a line break or a control character in it"),
    ]


def test_calendar_keeps_the_company_s_time(own: Path) -> None:
    assert load(own, '[company]\nzone = "Europe/Berlin"\n').calendar.zone == "Europe/Berlin"
    assert load(own, '[calendar]\nzone = "Europe/Berlin"\n').calendar.zone == "Europe/Berlin"


def test_unknown_keys_are_refused_with_what_was_meant(own: Path) -> None:
    text = '[company]\nzoen = "x"\n[[calendar.days_off]]\nnam = 1\ndate = 2026-01-02\n[quite-else]\n'

    assert problems(own, text) == (
        Problem(
            "company.zoen",
            2,
            "is not a key that the handbook knows",
            'did you mean "zone"? Known here: name, zone, currency, language, members_join, clause',
        ),
        Problem("calendar.days_off[0].name", 3, "is missing", "add it"),
        Problem(
            "calendar.days_off[0].nam",
            4,
            "is not a key that the handbook knows",
            'did you mean "name"? Known here: name, date, from, to',
        ),
        Problem(
            "quite-else",
            6,
            "is not a key that the handbook knows",
            "take it out; known here: company, departments, calendar, complaints, notices, approvals, rooms, clauses",
        ),
    )


def test_unknown_keys_deep_in_the_file_are_found_by_their_neighbours(own: Path) -> None:
    text = """
    [departments.service]
    name = { zh = "客服", en = "Service", fr = "Service" }
    [complaints.urgencies]
    normal = { label = { zh = "一般", en = "Normal" }, anser_within = "8h" }
    [clauses]
    "1" = { zh = "总则", en = "General", "e.n" = "" }
    """

    assert [(problem.key, problem.line, problem.remedy) for problem in problems(own, text)] == [
        ("departments.service.name.fr", 3, "take it out; known here: zh, en"),
        (
            "complaints.urgencies.normal.anser_within",
            5,
            'did you mean "answer_within"? Known here: label, answer_within',
        ),
        ('clauses.1."e.n"', 7, 'did you mean "en"? Known here: zh, en'),
    ]


def test_error_reads_as_a_list(own: Path) -> None:
    own.write_text('[departments.x]\nname = { zh = "甲", en = "X" }\nparent = "y"\n', encoding="utf-8")

    with pytest.raises(HandbookError) as refused:
        Handbook.load(own)

    assert str(refused.value) == (
        f"{own} cannot be used:\n"
        '  line 3: departments.x.parent names "y", which is no department: write one of: x\n'
        '  not in this file: rooms.service.open_to[0] opens the room to "service", which is no department: '
        'under [rooms.service], write open_to = ["everyone"], or some of: x\n'
        '  not in this file: rooms.ops.open_to[0] opens the room to "operations", which is no department: '
        'under [rooms.ops], write open_to = ["everyone"], or some of: x\n'
        '  not in this file: complaints.department names "service", which is no department: '
        "under [complaints], write department = one of: x\n"
        '  not in this file: approvals.steward names "operations", which is no department: '
        "under [approvals], write steward = one of: x"
    )


@pytest.mark.parametrize(
    ("text", "key", "line", "reason"),
    [
        ("[company]\nzone = 'asia/shangai'", "company.zone", 2, "is not a time zone"),
        ("[company]\nmembers_join = 1", "company.members_join", 2, "is neither true nor false"),
        ("[company]\ncurrency = 'yuan'", "company.currency", 2, "is not written as it must be"),
        ("[company]\nlanguage = 'fr'", "company.language", 2, "is none of the choices"),
        ("[company]\nclause = 1", "company.clause", 2, "is not a piece of text"),
        ("[company]\nclause = '9'", "company.clause", 2, "cites §9, which has no title"),
        ("company = 1", "company", 1, "is not a table"),
        ("rooms = []", "rooms", 1, "is not a table"),
        ("[departments]", "departments", 1, "is empty"),
        ("calendar = 1", "calendar", 1, "is not a table"),
        ("[calendar.week]", "calendar.week", 1, "has no working hours"),
        ("[calendar.week]\nmonday = '09:00-10:00'", "calendar.week.monday", 2, "is not a list"),
        ("[calendar]\nworkdays = [2026-01-01,\n'2026-13-01']", "calendar.workdays[1]", 3, "is not a date"),
        ("[calendar]\nworkdays = [2026-01-01T10:00:00]", "calendar.workdays[0]", 2, "has a time of day"),
        ("[complaints]\nwarn_left_percent = 0", "complaints.warn_left_percent", 2, "is too small"),
        ("[complaints]\nwarn_left_percent = 99", "complaints.warn_left_percent", 2, "is too large"),
        ("[complaints]\nwarn_left_percent = 2.5", "complaints.warn_left_percent", 2, "is not a whole number"),
        (
            "[complaints.kinds]\n'A b' = { zh = 'a', en = 'a' }",
            'complaints.kinds."A b"',
            2,
            "is not written as it must be",
        ),
        ("[rooms.service]\naddresses = []", "rooms.service.addresses", 2, "is empty"),
        ("[rooms.service]\naddresses = ['C0123']", "rooms.service.addresses[0]", 2, "is not an address"),
        (
            "[rooms.service]\naddresses = ['teams:x']",
            "rooms.service.addresses[0]",
            2,
            'is on "teams", a platform that we do not know',
        ),
        (
            "[rooms.service]\naddresses = ['slack:#service']",
            "rooms.service.addresses[0]",
            2,
            "does not name a slack channel by its ID",
        ),
        (
            "[rooms.service]\naddresses = ['web:lobby']",
            "rooms.service.addresses[0]",
            2,
            'is "web:lobby", which the room "everyone" has already',
        ),
    ],
)
def test_mistake_is_told_with_its_line(own: Path, text: str, key: str, line: int, reason: str) -> None:
    assert told(own, text) == [(key, line, reason)]


def test_promise_longer_than_half_a_year_is_refused(own: Path) -> None:
    text = '[calendar.week]\nmonday = ["09:00-09:10"]\n[complaints]\nupper_after = "5h"\n'

    assert problems(own, text)[:2] == (
        Problem(
            "complaints.urgencies.normal.answer_within",
            3,
            "is longer than half a year of working time",
            "write at most 4h20m, or give the week more hours",
        ),
        Problem(
            "complaints.upper_after",
            4,
            "is longer than half a year of working time",
            "write at most 4h20m, or give the week more hours",
        ),
    )


def test_day_that_is_worked_and_off_is_refused(own: Path) -> None:
    text = """[calendar]
    workdays = [2026-10-10]
    days_off = [{ date = 2026-10-10, name = { zh = "休", en = "Off" } }]
    """

    assert told(own, text) == [("calendar.workdays[0]", 2, "names 2026-10-10, which is in calendar.days_off as well")]


def test_departments_in_a_circle_or_of_one_name_are_refused(own: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    circle = text.replace('clause = "2.1"', 'clause = "2.1"\nparent = "sales"')
    circle = circle.replace('clause = "2.3"', 'clause = "2.3"\nparent = "operations"')
    circle = circle.replace('clause = "2.5"', 'clause = "2.5"\nparent = "sales"')
    namesakes = text.replace('aliases = ["业务"]', 'aliases = ["客服部门"]')

    assert [(key, reason) for key, _, reason in told(own, circle)] == [
        ("departments.operations.parent", "puts the department over itself"),
        ("departments.sales.parent", "puts the department over itself"),
    ]
    assert [(key, reason) for key, _, reason in told(own, namesakes)] == [
        ("departments.service", 'is called "客服", and so is the department "sales"'),
    ]


@pytest.mark.parametrize(
    ("text", "key", "line", "reason"),
    [
        ("a = [1,\n  b = 3", "b", 2, "is not valid TOML (Invalid value)"),
        ("a = ", "a", 1, "is not valid TOML (Invalid value)"),
        ("\n[company\n", "the file", 2, "is not valid TOML (Expected ']' at the end of a table declaration)"),
        ("a = 1\na = 2", "a", 2, "is not valid TOML (Cannot overwrite a value)"),
        ("a = '''", "a", 1, "is not valid TOML (Expected \"'''\")"),
        ("a = " + "9" * 5000, "the file", None, "is not valid TOML"),
        ("a = " + "[" * 5000, "the file", None, "has brackets nested too deep"),
        (b"\n\xff", "the file", 2, "is not in UTF-8"),
        (b"#" * 1_000_001, "the file", None, "is larger than 1 MB"),
    ],
)
def test_what_is_no_toml_is_refused(own: Path, text: str | bytes, key: str, line: int | None, reason: str) -> None:
    [problem] = problems(own, text)

    assert (problem.key, problem.line, problem.reason) == (key, line, reason)


def test_missing_file_and_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(HandbookError, match="the file cannot be read"):
        Handbook.load(tmp_path / "none.toml")
    with pytest.raises(HandbookError, match="the file is not a file"):
        Handbook.load(tmp_path)


def test_handbook_can_be_put_together_from_its_chapters() -> None:
    chapters = {name: getattr(SHIPPED_HANDBOOK, name) for name in Handbook.model_fields}
    again = Handbook.model_validate(chapters)
    calendar = dict(SHIPPED_HANDBOOK.calendar)
    hours = {"monday": SHIPPED_HANDBOOK.calendar.week.monday}

    assert again == SHIPPED_HANDBOOK
    assert type(again.calendar).model_validate({**calendar, "week": hours}).week.monday == hours["monday"]
    assert Handbook.model_validate_json(again.model_dump_json(by_alias=True)) == again


@pytest.mark.parametrize("written", [1, {}, {"company": {}}, {"company": 1, "calendar": {}}])
def test_what_is_no_handbook_is_refused(written: object) -> None:
    with pytest.raises(ValidationError):
        Handbook.model_validate(written)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("service", "service"),
        ("客服", "service"),
        ("客服部门", "service"),
        (" Customer  SERVICE department ", "service"),
        ("ＨＲ", "hr"),
        ("人力资源部", "hr"),
        ("运营部", "operations"),
        ("R&D", "product"),
        ("部", None),
        ("", None),
        ("kitchen", None),
    ],
)
def test_department_is_found_by_what_people_call_it(text: str, key: str | None) -> None:
    assert SHIPPED_HANDBOOK.departments.find(text) == key


def test_departments_that_may_be_meant_are_offered() -> None:
    near = SHIPPED_HANDBOOK.departments.near

    assert [near(text) for text in ("sale", "人力部", "finanse")] == [["sales"], ["hr"], ["finance"]]
    assert near("厨房") == []


def test_departments_above_are_named_from_the_nearest(own: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    text = text.replace('clause = "2.5"', 'clause = "2.5"\nparent = "sales"\nhead = " 王芳 "')
    text = text.replace('clause = "2.3"', 'clause = "2.3"\nparent = "operations"')

    departments = load(own, text).departments

    assert departments.above("service") == ("sales", "operations")
    assert departments["service"].head == "王芳"
    assert "service" in departments


def test_room_admits_its_departments_and_the_heads_over_them() -> None:
    rooms = SHIPPED_HANDBOOK.rooms

    assert [rooms["service"].admits(who) for who in ("service", "sales", None)] == [True, False, False]
    assert [rooms["service"].admits("sales", leads) for leads in ({"service"}, {"sales"})] == [True, False]
    assert [rooms["managers"].admits("sales", leads) for leads in ({"sales"}, ())] == [True, False]
    assert rooms["everyone"].admits(None)


def test_room_is_found_by_its_address() -> None:
    rooms = SHIPPED_HANDBOOK.rooms

    assert [rooms.at(*place) for _, room in rooms.items() for place in room.places()] == [*rooms.keys()]
    assert (rooms.at("web", "service"), rooms.at("slack", "service")) == ("service", None)
    assert ("service" in rooms, "kitchen" in rooms) == (True, False)


def test_lines_are_found_in_every_way_of_writing() -> None:
    text = """# a comment with [brackets] = "and more"
top = "a # no comment"   # a comment
a.b."c.d" = 'x'

[ one . 'two' ] # heading
long = \"\"\"
three = 3 \\\"\"\" ""\"\"\"
raw = '''
]'''
list = [ # comment, ]
  1, [2,
  3], { k = "]", "l" = [ ] }, 1979-05-27 07:32:00,
]
[[many]]
x = 1
[[many.inner]]
y = 2
[[many]]
[many.table]
z.w = 1
"""

    assert lines_of(text) == {
        ("top",): 2,
        ("a",): 3,
        ("a", "b"): 3,
        ("a", "b", "c.d"): 3,
        ("one",): 5,
        ("one", "two"): 5,
        ("one", "two", "long"): 6,
        ("one", "two", "raw"): 8,
        ("one", "two", "list"): 10,
        ("one", "two", "list", 0): 11,
        ("one", "two", "list", 1): 11,
        ("one", "two", "list", 1, 0): 11,
        ("one", "two", "list", 1, 1): 12,
        ("one", "two", "list", 2): 12,
        ("one", "two", "list", 2, "k"): 12,
        ("one", "two", "list", 2, "l"): 12,
        ("one", "two", "list", 3): 12,
        ("many",): 14,
        ("many", 0): 14,
        ("many", 0, "x"): 15,
        ("many", 0, "inner"): 16,
        ("many", 0, "inner", 0): 16,
        ("many", 0, "inner", 0, "y"): 17,
        ("many", 1): 18,
        ("many", 1, "table"): 19,
        ("many", 1, "table", "z"): 20,
        ("many", 1, "table", "z", "w"): 20,
    }


def keys_of(value: object, at: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    if isinstance(value, dict):
        inside = [((*at, name), entry) for name, entry in value.items()]
    elif isinstance(value, list):
        inside = [((*at, n), entry) for n, entry in enumerate(value)]
    else:
        inside = []
    return {key for key, _ in inside}.union(*(keys_of(entry, key) for key, entry in inside))


def test_every_key_of_the_shipped_handbook_has_a_line() -> None:
    text = SHIPPED.read_text(encoding="utf-8")

    assert set(lines_of(text)) == keys_of(tomllib.loads(text))


PIECES = st.sampled_from(
    ["[a]", "[[b]]", "[b.c]", "[[b.d]]", "k = 1", "k.l = 'x'", "m = [", "1,", "]", '"p" = """', '"""', "#"]
)


@given(st.lists(PIECES, max_size=12).map("\n".join))
@settings(max_examples=300, deadline=None)
def test_whatever_toml_reads_has_lines(text: str) -> None:
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return

    assert set(lines_of(text)) == keys_of(values)


@given(st.text(alphabet="[]{}=.\"'#\n\\ ab1,", max_size=40))
@settings(max_examples=300, deadline=None)
def test_scrambled_files_never_crash_the_reader(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    own = tmp_path_factory.getbasetemp() / "scrambled.toml"
    own.write_text(text, encoding="utf-8")

    try:
        found = Handbook.load(own)
    except HandbookError:
        return

    assert found == SHIPPED_HANDBOOK
