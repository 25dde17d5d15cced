"""A length of working time as a manager writes it: "4h", "30m", "1h30m"; never in days, which differ."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainSerializer

from config.handbook.chapter import refuse

WRITTEN = re.compile(r"(?:([0-9]{1,3})h)?(?:([0-9]{1,4})m)?")


def read(written: Any) -> timedelta:
    """Reads "1h30m". Refuses days, and anything else that is not hours and minutes."""
    if isinstance(written, timedelta):
        return written
    remedy = 'write hours and minutes of working time, such as "8h", "30m" or "1h30m"'
    text = written.replace(" ", "").casefold() if isinstance(written, str) else ""
    if re.fullmatch(r"([0-9]+[dhm])+", text) and "d" in text:
        raise refuse("is given in days, whose working hours differ", remedy)
    found = WRITTEN.fullmatch(text)
    if not text or found is None:
        raise refuse("is not a length of working time", remedy)
    hours, minutes = (int(part or 0) for part in found.groups())
    return timedelta(hours=hours, minutes=minutes)


def write(length: timedelta) -> str:
    """The same the other way: "1h30m", "8h", "0m"."""
    hours, minutes = divmod(length // timedelta(minutes=1), 60)
    return "".join([f"{hours}h" * (hours > 0), f"{minutes}m" * (minutes > 0)]) or "0m"


def _longer_than_nothing(length: timedelta) -> timedelta:
    if length <= timedelta(0):
        raise refuse("is no time at all", 'promise at least "1m"')
    return length


Delay = Annotated[timedelta, BeforeValidator(read), PlainSerializer(write)]
"""How long to wait; "0m" is at once."""

Promise = Annotated[Delay, AfterValidator(_longer_than_nothing)]
"""How long somebody has to wait for us, at most."""
