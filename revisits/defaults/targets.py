"""The targets that every installation starts with (domain 4.5), in per cent; an indicator without one is watched."""

from typing import NamedTuple


class TargetRow(NamedTuple):
    """One target for everybody and every month."""

    indicator: str
    percent: int


TARGETS = (
    TargetRow("called", 100),
    TargetRow("prompt", 95),
    TargetRow("success", 70),
    TargetRow("valid", 95),
    TargetRow("numbers", 95),
    TargetRow("complete", 90),
    TargetRow("accepted", 100),
    TargetRow("churned", 20),
    TargetRow("coverage", 100),
)
