"""Chains: what the decisions of one step come to, to the last branch; and a second opinion, whatever is done."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.handbook.approvals.chain import Judgement, Mark, Place, Seat, Verdict, judge, needed
from tests.approvals.chairs import Chair, Room

OPEN, YES, NO = Verdict.UNDECIDED, Verdict.APPROVED, Verdict.REJECTED
MARKS = {"y": Mark.APPROVED, "n": Mark.REJECTED, "-": Mark.WAITING, "o": Mark.OPEN, "s": Mark.SKIPPED, "g": Mark.GONE}


def seats(marks: str, required: str = "") -> list[Seat]:
    """A step's seats, numbered from 1: `y` agreed, `n` refused, `-` waiting, `o` open, `s` skipped, `g` gone."""
    return [
        Seat(n, MARKS[mark], ordinal=n, required=str(n) in required) for n, mark in enumerate(marks, 1)
    ]  # fmt: skip


def around(id: int, parent: int, place: Place, mark: str = "-", batch: int = 9, method: str = "all") -> Seat:
    return Seat(id, MARKS[mark], place, parent, batch, method, ordinal=id)


@pytest.mark.parametrize(
    ("method", "marks", "required", "verdict", "may_decide"),
    [
        # all: one after another or at once, each must agree; one word against it ends it
        ("all", "", "", YES, ""),
        ("all", "-", "", OPEN, "1"),
        ("all", "o--", "", OPEN, "123"),
        ("all", "y--", "", OPEN, "23"),
        ("all", "yyy", "", YES, ""),
        ("all", "yys", "", YES, ""),
        ("all", "-n-", "", NO, ""),
        ("all", "g-y", "", OPEN, "2"),
        ("all", "gg", "", YES, ""),
        # any: the first word counts
        ("any", "--", "", OPEN, "12"),
        ("any", "-y", "", YES, ""),
        ("any", "-s", "", YES, ""),
        ("any", "-n", "", NO, ""),
        ("any", "ny", "", YES, ""),
        ("any", "g", "", YES, ""),
        ("any", "g-", "", OPEN, "2"),
        # in turn: nobody before those ahead of them
        ("turn", "---", "", OPEN, "1"),
        ("turn", "y--", "", OPEN, "2"),
        ("turn", "sg-", "", OPEN, "3"),
        ("turn", "yy", "", YES, ""),
        ("turn", "yn-", "", NO, ""),
        ("turn", "", "", YES, ""),
        # a share, rounded up
        ("ratio:60", "----", "", OPEN, "1234"),
        ("ratio:60", "yy--", "", OPEN, "34"),
        ("ratio:60", "yyy-", "", YES, ""),
        ("ratio:60", "n---", "", OPEN, "234"),
        ("ratio:60", "nn--", "", NO, ""),
        ("ratio:60", "yyy-", "4", OPEN, "4"),
        ("ratio:60", "yyyn", "4", NO, ""),
        ("ratio:60", "yyyn", "1", YES, ""),
        ("ratio:60", "n---", "1", NO, ""),
        ("ratio:1", "--", "", OPEN, "12"),
        ("ratio:1", "y-", "", YES, ""),
        ("ratio:100", "yy-", "", OPEN, "3"),
        ("ratio:100", "yyn", "", NO, ""),
        ("ratio:60", "g", "", YES, ""),
        # so many of them, or all where there are fewer
        ("count:2", "---", "", OPEN, "123"),
        ("count:2", "y--", "", OPEN, "23"),
        ("count:2", "yy-", "", YES, ""),
        ("count:2", "yy-", "3", OPEN, "3"),
        ("count:2", "nn-", "", NO, ""),
        ("count:2", "n--", "", OPEN, "23"),
        ("count:5", "yy", "", YES, ""),
        ("count:5", "yn", "", NO, ""),
        ("count:2", "", "", YES, ""),
    ],
)
def test_a_step_comes_to_what_its_method_says(
    method: str, marks: str, required: str, verdict: Verdict, may_decide: str
) -> None:
    expected = Judgement(verdict, frozenset(map(int, may_decide)))

    assert judge(seats(marks, required), method) == expected


@pytest.mark.parametrize(
    ("method", "seats", "needed_"),
    [
        ("all", 3, 3), ("turn", 3, 3), ("any", 3, 1), ("any", 0, 0), ("ratio:60", 4, 3), ("ratio:60", 5, 3),
        ("ratio:50", 3, 2), ("ratio:34", 3, 2), ("ratio:33", 3, 1), ("ratio:100", 7, 7), ("ratio:60", 0, 0),
        ("count:2", 3, 2), ("count:9", 3, 3), ("count:2", 0, 0),
    ],
)  # fmt: skip
def test_so_many_must_agree(method: str, seats: int, needed_: int) -> None:
    assert needed(method, seats) == needed_


BEFORE, AFTER, BESIDE, LENT = Place.BEFORE, Place.AFTER, Place.BESIDE, Place.LENT


@pytest.mark.parametrize(
    ("own", "others", "verdict", "may_decide"),
    [
        # before: the seat itself waits for them
        ("-", [around(2, 1, BEFORE)], OPEN, {2}),
        ("-", [around(2, 1, BEFORE, "y")], OPEN, {1}),
        ("-", [around(2, 1, BEFORE, "n")], NO, set()),
        ("-", [around(2, 1, BEFORE, "g")], OPEN, {1}),
        ("y", [around(2, 1, BEFORE, "y")], YES, set()),
        # beside: both at once
        ("-", [around(2, 1, BESIDE)], OPEN, {1, 2}),
        ("y", [around(2, 1, BESIDE)], OPEN, {2}),
        ("-", [around(2, 1, BESIDE, "y")], OPEN, {1}),
        ("-", [around(2, 1, BESIDE, "n")], NO, set()),
        ("y", [around(2, 1, BESIDE, "y")], YES, set()),
        # after: only once the seat has agreed
        ("-", [around(2, 1, AFTER)], OPEN, {1}),
        ("y", [around(2, 1, AFTER)], OPEN, {2}),
        ("s", [around(2, 1, AFTER)], OPEN, {2}),
        ("y", [around(2, 1, AFTER, "y")], YES, set()),
        ("y", [around(2, 1, AFTER, "n")], NO, set()),
        ("n", [around(2, 1, AFTER)], NO, set()),
        # lent: the seat waits for advice, which decides nothing
        ("-", [around(2, 1, LENT)], OPEN, {2}),
        ("-", [around(2, 1, LENT, "o")], OPEN, {2}),
        ("-", [around(2, 1, LENT, "y")], OPEN, {1}),
        ("-", [around(2, 1, LENT, "n")], OPEN, {1}),
        ("-", [around(2, 1, LENT, "g")], OPEN, {1}),
        ("-", [around(2, 1, BEFORE), around(3, 1, LENT, batch=0)], OPEN, {2}),
        # batches by their own method, each for itself
        ("-", [around(2, 1, BEFORE, method="turn"), around(3, 1, BEFORE, method="turn")], OPEN, {2}),
        ("-", [around(2, 1, BEFORE, "y", method="turn"), around(3, 1, BEFORE, method="turn")], OPEN, {3}),
        ("-", [around(2, 1, BEFORE, "y", method="any"), around(3, 1, BEFORE, method="any")], OPEN, {1}),
        ("-", [around(2, 1, BEFORE, batch=7), around(3, 1, BEFORE, batch=8)], OPEN, {2, 3}),
        ("-", [around(2, 1, BEFORE, "y", batch=7), around(3, 1, BEFORE, "n", batch=8)], NO, set()),
        ("y", [around(2, 1, BESIDE, batch=7), around(3, 1, AFTER, batch=8)], OPEN, {2, 3}),
        # around one who is around another
        ("-", [around(2, 1, BEFORE), around(3, 2, BEFORE, batch=8)], OPEN, {3}),
        ("-", [around(2, 1, BEFORE, "y"), around(3, 2, AFTER, batch=8)], OPEN, {3}),
        ("-", [around(2, 1, BESIDE), around(3, 2, LENT, batch=8)], OPEN, {1, 3}),
        ("-", [around(2, 1, BEFORE), around(3, 2, BESIDE, "n", batch=8)], NO, set()),
        ("-", [around(2, 1, BEFORE, "g"), around(3, 2, BESIDE, "n", batch=8)], OPEN, {1}),
    ],
)  # fmt: skip
def test_those_around_a_seat_must_agree_in_their_time(
    own: str, others: list[Seat], verdict: Verdict, may_decide: set[int]
) -> None:
    assert judge([*seats(own), *others], "all") == Judgement(verdict, frozenset(may_decide))


def test_a_seat_with_others_around_it_counts_once() -> None:
    step = [*seats("y-"), around(3, 2, BESIDE, "y"), around(4, 2, BESIDE, "y")]

    assert judge(step, "ratio:60") == Judgement(OPEN, frozenset({2}))


def test_a_word_against_it_from_around_one_of_two_leaves_the_other() -> None:
    step = [*seats("-------"), around(8, 1, BESIDE, "n")]

    assert judge(step, "count:2") == Judgement(OPEN, frozenset({2, 3, 4, 5, 6, 7}))


def test_the_order_in_which_seats_are_read_makes_no_difference() -> None:
    step = [*seats("y--"), around(4, 2, BEFORE), around(5, 2, AFTER, batch=8)]

    assert judge(step[::-1], "turn") == judge(step, "turn") == Judgement(OPEN, frozenset({4}))


METHODS = ("all", "any", "turn", "ratio:1", "ratio:34", "ratio:60", "ratio:100", "count:1", "count:2", "count:5")
NAMED = {OPEN: "open", YES: "yes", NO: "no"}


def second_opinion(step: list[Seat], method: str) -> tuple[str, frozenset[int]]:
    """What the model says."""
    mode = method.removeprefix("count:")
    mode = mode.removeprefix("ratio:") + "%" if mode.startswith("ratio:") else mode
    chairs = [
        Chair(one.id, place=str(one.place), parent=one.parent, batch=one.batch, mode=one.method, order=one.ordinal,
              must=one.required, mark=str(one.status))
        for one in step
    ]  # fmt: skip
    room = Room(chairs, mode)
    word = room.word()
    return word, frozenset(room.deciders()) if word == "open" else frozenset()


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_second_opinion_agrees_whatever_is_done(data: st.DataObject) -> None:
    method = data.draw(st.sampled_from(METHODS))
    size = data.draw(st.integers(0, 5))
    step = [
        Seat(n, data.draw(st.sampled_from((Mark.WAITING,) * 5 + (Mark.SKIPPED,))), ordinal=n,
             required=":" in method and data.draw(st.integers(0, 4)) == 0)
        for n in range(1, size + 1)
    ]  # fmt: skip

    for _ in range(data.draw(st.integers(1, 14))):
        found = judge(step, method)
        assert (NAMED[found.verdict], found.may_decide) == second_opinion(step, method)
        if found.verdict is not OPEN:
            return
        assert found.may_decide, "nobody may decide, and nothing is decided"
        step = _something_happens(data, step, sorted(found.may_decide))


def _something_happens(data: st.DataObject, step: list[Seat], may_decide: list[int]) -> list[Seat]:
    """One who may decide does, or puts others around; or one who is around somebody is taken off."""
    at = data.draw(st.sampled_from(may_decide)) - 1
    seat = step[at]
    what = data.draw(st.sampled_from(("agree", "agree", "agree", "refuse", "add", "add", "lend", "leave")))
    new = len(step) + 1
    if what == "add" and seat.place != Place.LENT:
        place = data.draw(st.sampled_from((BEFORE, AFTER, BESIDE)))
        how = data.draw(st.sampled_from(("all", "any", "turn")))
        ids = range(new, new + data.draw(st.integers(1, 3)))
        return step + [Seat(one, Mark.WAITING, place, seat.id, new, how, ordinal=one - new) for one in ids]
    if what == "lend" and seat.place != Place.LENT:
        return [*step, Seat(new, Mark.WAITING, LENT, seat.id)]
    marks = {"refuse": Mark.REJECTED, "leave": Mark.GONE if seat.place != Place.STEP else Mark.APPROVED}
    return [*step[:at], replace(seat, status=marks.get(what, Mark.APPROVED)), *step[at + 1 :]]
