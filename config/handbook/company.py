"""The company: its name, where its day begins, its money, and whether its people join by themselves."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StrictBool

from config.handbook.chapter import Chapter, ClauseNumber, Zone, shaped
from config.handbook.label import Named

Currency = Annotated[str, shaped("[A-Z]{3}", "write the three capitals of the currency: CNY, USD, EUR")]


class Company(Chapter):
    """`members_join`: whether full members of the workspace become colleagues without being let in."""

    name: Named
    zone: Zone
    currency: Currency = "CNY"
    language: Literal["zh", "en"] = "zh"
    members_join: StrictBool = False
    clause: ClauseNumber = "1"
