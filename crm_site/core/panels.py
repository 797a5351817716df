"""What a higher room shows on a lower room's page: a titled template with its context."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Panel:
    """One panel: `template` is included with `context` only; lower `position` comes first."""

    title: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    position: int = 50
