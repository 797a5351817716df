"""Indicators with their targets: what a value reads like, and whether it reaches what it should."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from crm_site.core import formats
from revisits.lens import Lens
from revisits.models import Target
from revisits.queries.indicators import LESS, Indicator
from revisits.queries.targets import targets_for
from revisits.rules.targets import is_met
from satisfaction.rules import ENOUGH, Rate

#: verdict -> (kind of status, word); a sign and a word, never colour alone
VERDICTS: dict[str, tuple[str, str | Promise]] = {
    "met": ("ok", gettext_lazy("reached")),
    "missed": ("bad", gettext_lazy("not reached")),
    "few": ("warn", gettext_lazy("too few to judge")),
    "watch": ("", gettext_lazy("watched")),
    "nothing": ("", gettext_lazy("nothing yet")),
}


@dataclass(frozen=True)
class Line:
    """One indicator: its value, what it comes from, its target and whether that is reached."""

    indicator: Indicator
    value: Any
    target: Target | None

    @property
    def code(self) -> str:
        """The indicator's code."""
        return self.indicator.code

    @property
    def rate(self) -> Rate | None:
        """The value where it is a share."""
        return self.value if isinstance(self.value, Rate) else None

    @property
    def text(self) -> str:
        """The value as it is read."""
        if self.rate is not None:
            return formats.percent(self.rate.value, 1)
        if isinstance(self.value, tuple):
            return f"{formats.number(self.value[0])} · {formats.money(self.value[1])}"
        return formats.number(self.value)

    @property
    def verdict(self) -> str:
        """met, missed, few, watch or nothing."""
        if self.rate is None or not self.target:
            return "" if self.rate is None else "watch" if self.rate.n else "nothing"
        if not self.rate.n:
            return "nothing"
        if self.rate.n < ENOUGH:
            return "few"
        return "met" if is_met(self.rate.value, self.target.value, self.indicator.better) else "missed"

    @property
    def verdict_word(self) -> str:
        """The verdict in words."""
        return str(VERDICTS[self.verdict][1]) if self.verdict else ""

    @property
    def target_text(self) -> str:
        """≥ 95% or ≤ 20%; – where it is only watched."""
        return target_text(self.indicator, self.target.value if self.target else None)


def target_text(indicator: Indicator, percent: Decimal | None) -> str:
    """A target as it is read."""
    if percent is None:
        return formats.EMPTY
    sign = "≤" if indicator.better == LESS else "≥"
    places = 0 if percent == percent.to_integral_value() else 1
    return f"{sign} {formats.number(percent, places)}%"


def lines(lens: Lens, chosen: tuple[Indicator, ...]) -> list[Line]:
    """The indicators of a view with their values; one asked of a role that it does not know is left out."""
    targets = targets_for(lens.scope.stores, lens.role, lens.month.start)
    scope = lens.scope
    return [Line(one, one.of(scope), targets.get(one.code)) for one in chosen if one.by_role or not lens.role]
