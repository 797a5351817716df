"""A seeded source of chance with the few draws that the demo world needs; the same seed gives the same world."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from crm_site.core import clock

T = TypeVar("T")
SEED = "huifang"


class Dice(random.Random):
    """`random.Random` seeded by names, so that one part of the world does not shift when another draws more."""

    def __init__(self, *names: object) -> None:
        """Seed from the parts of a name."""
        super().__init__(":".join(map(str, (SEED, *names))))

    def chance(self, share: float) -> bool:
        """Whether something that happens this often (0–1) happens now."""
        return self.random() < share

    def pick(self, weighted: Sequence[tuple[T, float]]) -> T:
        """One of (value, weight) pairs."""
        return self.choices([value for value, _ in weighted], [weight for _, weight in weighted])[0]

    def day_between(self, first: date, last: date) -> date:
        """A day from first to last, both included."""
        return first + timedelta(days=self.randrange((last - first).days + 1))

    def moment_on(self, day: date, first_hour: float, last_hour: float) -> datetime:
        """A moment of a business day between two hours of its wall clock."""
        return clock.at(day) + timedelta(seconds=round(3600 * self.uniform(first_hour, last_hour)))

    def digits(self, count: int) -> str:
        """So many decimal digits."""
        return "".join(self.choices("0123456789", k=count))

    def submission(self) -> uuid.UUID:
        """The key that a form would have carried."""
        return uuid.UUID(int=self.getrandbits(128), version=4)

    def near(self, mean: float, spread: float, low: int, high: int) -> int:
        """A whole number around a mean, kept within bounds."""
        return max(low, min(high, round(self.gauss(mean, spread))))


def share_of(total: int, scale: float, *, at_least: int = 1) -> int:
    """How many of something a world of this scale has."""
    return max(at_least, round(total * scale))


def first_of(values: Sequence[Any]) -> Any:
    """The first of a sequence, None of an empty one."""
    return values[0] if values else None
