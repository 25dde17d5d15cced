"""Approvals: somebody asks, those whom the handbook names decide, and all that is done is kept.

`filing` begins a request and sends it again, `deciding` decides, `signing` lets seats change hands, `talking` asks and
answers, `ending` ends. `going` is how it goes on from step to step; `seating` who sits there; `rights` who may do what.
"""

from storage.approvals.case import Case, case, case_of_query, case_of_task
from storage.approvals.deciding import advise, approve, may_undo, reject, send_back, undo
from storage.approvals.ending import nudge, orphan, terminate, withdraw, withdraw_granted
from storage.approvals.filing import Stop, answers_of, definition, file, may_ask, plan, resubmit, template_for
from storage.approvals.filling import NeedsAnswers
from storage.approvals.going import Went, allowance_of, amount, hold_all
from storage.approvals.late import Chased, chase, chasing
from storage.approvals.rights import (
    RIGHTS,
    Relation,
    is_steward,
    look_over,
    may,
    may_task,
    my_task,
    relations,
    request_of,
    see,
    see_query,
    see_task,
    stale,
)
from storage.approvals.seconds import NeedsSecond
from storage.approvals.sharing import share
from storage.approvals.signing import add, delegate, deputise, hand_back, replace, take_back, take_off, transfer
from storage.approvals.tables import FIRST, Act, Aim, Copy, Definition, Query, Request, Second, Status, Task
from storage.approvals.talking import answer, ask, comment, excuse
from storage.approvals.unseating import Unseated, unseat

__all__ = [
    "FIRST",
    "RIGHTS",
    "Act",
    "Aim",
    "Case",
    "Chased",
    "Copy",
    "Definition",
    "NeedsAnswers",
    "NeedsSecond",
    "Query",
    "Relation",
    "Request",
    "Second",
    "Status",
    "Stop",
    "Task",
    "Unseated",
    "Went",
    "add",
    "advise",
    "allowance_of",
    "amount",
    "answer",
    "answers_of",
    "approve",
    "ask",
    "case",
    "case_of_query",
    "case_of_task",
    "chase",
    "chasing",
    "comment",
    "definition",
    "delegate",
    "deputise",
    "excuse",
    "file",
    "hand_back",
    "hold_all",
    "is_steward",
    "look_over",
    "may",
    "may_ask",
    "may_task",
    "may_undo",
    "my_task",
    "nudge",
    "orphan",
    "plan",
    "reject",
    "relations",
    "replace",
    "request_of",
    "resubmit",
    "see",
    "see_query",
    "see_task",
    "send_back",
    "share",
    "stale",
    "take_back",
    "take_off",
    "template_for",
    "terminate",
    "transfer",
    "undo",
    "unseat",
    "withdraw",
    "withdraw_granted",
]  # fmt: skip
