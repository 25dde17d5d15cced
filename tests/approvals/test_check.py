"""`check` says of approvals what would only show when somebody asks: closed kinds, and names that nobody has."""

from __future__ import annotations

from pathlib import Path

from bot import checking_approvals
from config.handbook import Handbook
from tests.town import Town, handbook

OWN = """
[rooms.ops]
open_to = ["hr"]

[departments.service]
name = { zh = "客服部", en = "Customer service" }
[departments.hr]
name = { zh = "人力资源部", en = "HR" }
[departments.legal]
name = { zh = "法务部", en = "Legal" }

[approvals]
steward = "legal"
[approvals.templates.leaflet]
name = { zh = "印刷", en = "Leaflet" }
words = ["印刷", "leaflet"]
clause = "1.3.2"
no_approver = "person:Hanna"
[approvals.templates.leaflet.fields]
what = { label = { zh = "内容", en = "What" }, ask = "line" }
[[approvals.templates.leaflet.steps]]
name = { zh = "负责人", en = "Head" }
by = ["person:Hana", "post:出纳"]
"""


async def test_closed_kinds_and_names_that_nobody_has_are_told(town: Town, tmp_path: Path) -> None:
    own = tmp_path / "handbook.toml"
    own.write_text(OWN, encoding="utf-8")
    async with town.unit() as work:
        notes = await checking_approvals.notes(work, Handbook.load(own))

    assert notes == [
        "approvals.steward: the department “legal” has no head, so nobody decides where the rules find nobody; give it "
        "one under [departments], or name another department",
        "approvals.templates: closed, so nobody can ask for them: expense, purchase, payment, contract, seal, general",
        "approvals.templates.leaflet: “post:出纳” names nobody who works here; correct it, or the list of people",
        "approvals.templates.leaflet: “person:Hanna” names nobody who works here; correct it, or the list of people",
    ]


async def test_a_handbook_whose_rules_find_people_is_no_word_worth(town: Town) -> None:
    async with town.unit() as work:
        assert await checking_approvals.notes(work, handbook()) == []
