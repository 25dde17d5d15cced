"""Authority: the table decides, by relation and state; what has no row is nobody's."""

import pytest

from config.text import t
from storage.authority import NOT_THERE, Rights, allows, require
from storage.errors import Refusal
from storage.tickets import ALWAYS, RIGHTS, Relation, Status
from storage.work import Work
from tests.town import MONDAY, handbook

TABLE: Rights = {"read": {"owner": ("open", "closed")}, "write": {"owner": ("open",), "head": ()}}


@pytest.mark.parametrize(
    ("action", "relations", "status", "may"),
    [
        ("read", {"owner"}, "open", True),
        ("read", {"owner"}, "closed", True),
        ("read", {"owner"}, "lost", False),
        ("read", {"stranger"}, "open", False),
        ("read", set(), "open", False),
        ("write", {"owner"}, "closed", False),
        ("write", {"head"}, "open", False),
        ("write", {"head", "owner"}, "open", True),
        ("", {"owner"}, "open", False),
        ("delete", {"owner", "head"}, "open", False),
    ],
)
def test_the_table_decides(action: str, relations: set[str], status: str, may: bool) -> None:
    assert allows(TABLE, action, relations, status) is may


@pytest.mark.parametrize(("relations", "denied"), [({"owner"}, False), ({"stranger"}, True), (set(), True)])
def test_a_refusal_tells_apart_not_now_and_never(relations: set[str], denied: bool) -> None:
    work = Work(None, MONDAY, handbook())  # type: ignore[arg-type]  # the table needs no database
    why = t("Not you.")

    with pytest.raises(Refusal) as refused:
        require(work, TABLE, "write", relations, "closed", "tickets:1", why)

    assert (refused.value.text, refused.value.denied) == (why, denied)


def test_an_empty_table_is_closed_to_all() -> None:
    everybody = list(Relation)

    assert [allows({}, action, everybody, status) for action in RIGHTS for status in Status] == [False] * 32


def test_whoever_may_do_anything_may_also_see() -> None:
    seers = {relation for relation, states in RIGHTS["see"].items() if tuple(states) == ALWAYS}

    doers = {relation for rights in RIGHTS.values() for relation in rights}
    assert [seers, doers] == [set(Relation)] * 2


def test_not_there_says_nothing_about_which_of_the_two_it_is() -> None:
    assert t("There is no such record, or it is not yours to see.") == NOT_THERE
