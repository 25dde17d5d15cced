"""All stages, and the troubles that can befall each."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.platforms.stage import Stage
from tests.platforms.stages.slack import SlackStage
from tests.platforms.stages.telegram import TelegramStage
from tests.platforms.stages.web import WebStage

STAGES: dict[str, type[Stage]] = {"slack": SlackStage, "telegram": TelegramStage, "web": WebStage}


def on_each(faults: Sequence[str]) -> pytest.MarkDecorator:
    """Runs a test on each stage for each of the faults that can befall it."""
    pairs = [
        pytest.param(name, fault, id=f"{name}-{fault.replace(' ', '_')}")
        for name, stage in STAGES.items()
        for fault in faults
        if fault in stage.faults
    ]
    return pytest.mark.parametrize(("stage", "fault"), pairs, indirect=["stage"])
