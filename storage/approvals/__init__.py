"""Approvals: somebody asks, those whom the handbook names decide, and all that is done is kept.

`filing` begins a request and sends it again, `deciding` decides, `signing` lets seats change hands, `claiming` says who
is looking at it, `talking` asks and answers, `ending` ends. `going` is how it goes on from step to step, `holding`
keeps others from it meanwhile; `seating` says who sits there, `rights` who may do what.
"""

from storage.approvals.case import Case, case, case_of_query, case_of_task
from storage.approvals.claiming import claim, is_shared, looking, release
from storage.approvals.deciding import advise, approve, may_undo, reject, send_back, undo
from storage.approvals.ending import nudge, orphan, terminate, withdraw, withdraw_granted
from storage.approvals.filing import Stop, answers_of, choosable, file, may_ask, plan, resubmit, template_for
from storage.approvals.filling import NeedsAnswers
from storage.approvals.going import Went, allowance_of
from storage.approvals.holding import hold_to_approve
from storage.approvals.late import Chased, chase, chasing
from storage.approvals.rights import (
    RIGHTS,
    Relation,
    acts_at,
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
    "acts_at",
    "add",
    "advise",
    "allowance_of",
    "answer",
    "answers_of",
    "approve",
    "ask",
    "case",
    "case_of_query",
    "case_of_task",
    "chase",
    "chasing",
    "choosable",
    "claim",
    "comment",
    "delegate",
    "deputise",
    "excuse",
    "file",
    "hand_back",
    "hold_to_approve",
    "is_shared",
    "is_steward",
    "look_over",
    "looking",
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
    "release",
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
