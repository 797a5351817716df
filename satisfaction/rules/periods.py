"""From many responses to a period's figure: means and rates with their intervals, bands, what counts as a change.

Intervals are 95 %. A rate gets Wilson's. A mean gets the same idea with the sample's own spread: all centres μ with
|mean − μ| ≤ t · √(φ (μ − a)(b − μ) / n), where a…b is the scale, t is Student's with n − 1 degrees of freedom and φ is
the share of the widest possible variance that the sample shows, PRIOR_WEIGHT made-up answers of PRIOR_SPREAD counted
with it. It never leaves the scale, leans inwards near its ends as skewed scores ask for, and keeps a width where all
answers are equal. One response has no interval. A difference gets Newcombe's interval from the two.
Why: docs/decisions/0007-satisfaction-scores.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

ZERO, HUNDRED = Decimal(0), Decimal(100)
#: fewer answers than this show no score and take no rank; fewer than FEW are marked
ENOUGH, FEW = 10, 30
GOOD, FAIR = Decimal(90), Decimal(80)
VERY_SATISFIED_FROM = 9
PROMOTER_FROM, DETRACTOR_TO = 9, 6
#: a fall of this many points raises an alert where both months have at least FEW answers
FALL = Decimal(5)
#: share of the widest possible variance that scores are taken to have before any answer, and as how many it weighs
PRIOR_SPREAD, PRIOR_WEIGHT = Decimal("0.3"), 2
Z = Decimal("1.959964")
#: Student's t, two-sided 95 %, for 1…30 degrees of freedom
T = (
    Decimal("12.7062"), Decimal("4.3027"), Decimal("3.1824"), Decimal("2.7764"), Decimal("2.5706"), Decimal("2.4469"),
    Decimal("2.3646"), Decimal("2.3060"), Decimal("2.2622"), Decimal("2.2281"), Decimal("2.2010"), Decimal("2.1788"),
    Decimal("2.1604"), Decimal("2.1448"), Decimal("2.1314"), Decimal("2.1199"), Decimal("2.1098"), Decimal("2.1009"),
    Decimal("2.0930"), Decimal("2.0860"), Decimal("2.0796"), Decimal("2.0739"), Decimal("2.0687"), Decimal("2.0639"),
    Decimal("2.0595"), Decimal("2.0555"), Decimal("2.0518"), Decimal("2.0484"), Decimal("2.0452"), Decimal("2.0423"),
)  # fmt: skip


@dataclass(frozen=True)
class Mean:
    """A mean on a 0–100 scale (−100…100 for NPS) with its n and 95 % interval; None where unknown."""

    n: int
    value: Decimal | None
    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def is_enough(self) -> bool:
        """Whether the sample may be shown as a score."""
        return self.n >= ENOUGH

    @property
    def is_few(self) -> bool:
        """Enough to show, too few to lean on: marked."""
        return ENOUGH <= self.n < FEW

    @property
    def shown(self) -> Decimal | None:
        """The value where the sample is large enough, else None (样本不足)."""
        return self.value if self.is_enough else None

    @property
    def band(self) -> str:
        """ok, warn or bad; '' where nothing is shown."""
        return band(self.shown)


@dataclass(frozen=True)
class Rate:
    """A share of n (0…1) with Wilson's 95 % interval; value None without any n."""

    n: int
    hits: int
    value: Decimal | None
    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def shown(self) -> Decimal | None:
        """The share where the sample is large enough, else None."""
        return self.value if self.n >= ENOUGH else None


@dataclass(frozen=True)
class Change:
    """How a mean moved: the difference, its 95 % interval, and whether that excludes zero."""

    by: Decimal
    low: Decimal
    high: Decimal

    @property
    def is_real(self) -> bool:
        """Whether the interval of the difference excludes 0."""
        return self.low > 0 or self.high < 0


def mean_of(n: int, total: Decimal, squares: Decimal, *, bounds: tuple[Decimal, Decimal] = (ZERO, HUNDRED)) -> Mean:
    """The mean of n values from their sum and sum of squares, with its interval inside `bounds`, the ends of the scale.

    Sums that come rounded (floats of an engine) may carry the mean past an end by a hair; it is put back.
    """
    if n == 0:
        return Mean(0, None)
    value = min(max(total / n, bounds[0]), bounds[1])
    if n == 1:
        return Mean(1, value)
    variance = max((squares - total * total / n) / (n - 1), ZERO)
    return Mean(n, value, *_around(value, variance, n, bounds))


def _around(value: Decimal, variance: Decimal, n: int, bounds: tuple[Decimal, Decimal]) -> tuple[Decimal, Decimal]:
    """The two centres μ at which (value − μ)² = t² φ (μ − a)(b − μ) / n."""
    start, width = bounds[0], bounds[1] - bounds[0]
    height = value - start
    widest = height * (width - height)
    shown = variance / widest if widest else ZERO
    spread = ((n - 1) * shown + PRIOR_WEIGHT * PRIOR_SPREAD) / (n - 1 + PRIOR_WEIGHT)
    factor = t_quantile(n - 1) ** 2 * spread / n
    middle = (height + factor * width / 2) / (1 + factor)
    reach = max(middle**2 - height**2 / (1 + factor), ZERO).sqrt()
    low, high = start + max(middle - reach, ZERO), start + min(middle + reach, width)
    return min(low, value), max(high, value)  # at an end of the scale the last digit of the root may fall short


def centre_of(means: Iterable[Mean]) -> Decimal | None:
    """The mean that several means are held against, each by its n; None where all together are too few to be told."""
    there = [one for one in means if one.value is not None]
    n = sum(one.n for one in there)
    if n < ENOUGH:
        return None
    return sum((one.value * one.n for one in there if one.value is not None), ZERO) / n


def mean_of_values(values: Sequence[Decimal]) -> Mean:
    """The mean of values given one by one."""
    return mean_of(len(values), sum(values, ZERO), sum((one * one for one in values), ZERO))


def t_quantile(degrees: int) -> Decimal:
    """Student's t for a two-sided 95 % interval; by table to 30 degrees of freedom, by expansion above (±0.0001)."""
    if degrees <= len(T):
        return T[degrees - 1]
    first = (Z**3 + Z) / 4
    second = (5 * Z**5 + 16 * Z**3 + 3 * Z) / 96
    return Z + first / degrees + second / degrees**2


def rate_of(hits: int, n: int) -> Rate:
    """A share with Wilson's interval, which stays inside 0…1 and holds for small n and rare events."""
    if n == 0:
        return Rate(0, 0, None)
    share = Decimal(hits) / n
    spread = Z * Z / n
    middle = (share + spread / 2) / (1 + spread)
    reach = Z * (share * (1 - share) / n + spread / (4 * n)).sqrt() / (1 + spread)
    return Rate(n, hits, share, max(middle - reach, ZERO), min(middle + reach, Decimal(1)))


def as_mean(rate: Rate | Mean) -> Mean:
    """A share as a mean of 0 and 100, with its own interval, so that two can be compared."""
    if isinstance(rate, Mean):
        return rate
    value, low, high = (None if one is None else one * HUNDRED for one in (rate.value, rate.low, rate.high))
    return Mean(rate.n, value, low, high)


def nps_of(promoters: int, detractors: int, n: int) -> Mean:
    """Net promoter score −100…100: share of 9–10 less share of 0–6, as the mean of +100, 0 and −100."""
    total = HUNDRED * (promoters - detractors)
    squares = HUNDRED * HUNDRED * (promoters + detractors)
    return mean_of(n, total, squares, bounds=(-HUNDRED, HUNDRED))


def band(value: Decimal | None) -> str:
    """ok from 90, warn from 80, bad below, by the figure as it is shown (89.96 reads 90.0); '' for none."""
    if value is None:
        return ""
    shown = value.quantize(Decimal("0.1"), rounding="ROUND_HALF_UP")
    return "ok" if shown >= GOOD else "warn" if shown >= FAIR else "bad"


def compare(one: Mean, centre: Decimal | None) -> str:
    """How somebody stands to the store's mean by interval: above, same, below; few or none for small samples."""
    if not one.is_enough or one.low is None or one.high is None or centre is None:
        return "none"
    if one.is_few:
        return "few"
    return "above" if one.low > centre else "below" if one.high < centre else "same"


def change(now: Mean, before: Mean) -> Change | None:
    """How a mean moved since before, with Newcombe's interval; None where either sample is too small."""
    if not (now.is_enough and before.is_enough):
        return None
    if now.value is None or now.low is None or now.high is None:
        return None
    if before.value is None or before.low is None or before.high is None:
        return None
    by = now.value - before.value
    down = ((now.value - now.low) ** 2 + (before.high - before.value) ** 2).sqrt()
    up = ((now.high - now.value) ** 2 + (before.value - before.low) ** 2).sqrt()
    return Change(by, by - down, by + up)


def is_alert(now: Mean, before: Mean) -> bool:
    """Whether a fall deserves attention: at least 5 points with n ≥ 30 both times, or an interval that excludes 0."""
    moved = change(now, before)
    if moved is None or moved.by >= 0:
        return False
    return moved.high < 0 or (moved.by <= -FALL and min(now.n, before.n) >= FEW)
