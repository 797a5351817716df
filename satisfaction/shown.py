"""How one figure is put before a reader: value, interval, n as a link, band, marks, rank; used by every page of scores.

A page makes a `Shown` for each figure and includes `satisfaction/figure.html` with it; the template only lays it out.
The code names its entry in the metric dictionary.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.utils.translation import gettext as _

from crm_site.core import formats
from crm_site.core.figures import Scope
from satisfaction import rules

Value = rules.Mean | rules.Rate | int
#: figures that live on −100…100: whole points, no bands
NET = frozenset({"nps"})
#: figures whose n counts answers, of which one response has several
OF_ANSWERS = frozenset({"execution"})


@dataclass(frozen=True)
class Shown:
    """One figure with all that must stand beside it.

    `code`: its entry in the dictionary; `url`: the list that makes it; `rolling` and `rolling_url`: the same over three
    months, shown (and marked) where the month says too little; `rank`: from `rules.ranks`; `is_provisional`: new calls
    may still move it (`rules.is_provisional`).
    """

    code: str
    value: Value
    url: str = ""
    rank: rules.Rank | None = None
    rolling: Value | None = None
    rolling_url: str = ""
    is_provisional: bool = False

    @cached_property
    def is_rolling(self) -> bool:
        """Whether three months stand in for the month."""
        if isinstance(self.value, int) or isinstance(self.rolling, int):
            return False
        return rules.needs_rolling(self.value, self.rolling)

    @cached_property
    def used(self) -> Value:
        """What is shown: the month's figure, else that of three months."""
        return self.rolling if self.is_rolling and self.rolling is not None else self.value

    @property
    def href(self) -> str:
        """The list behind what is shown; '' where there is nothing to open."""
        return (self.rolling_url if self.is_rolling else self.url) if self.n else ""

    @property
    def n(self) -> int:
        """How many answers what is shown rests on; of a count, the count itself."""
        return self.used if isinstance(self.used, int) else self.used.n

    @property
    def counts_rows(self) -> bool:
        """Whether n counts the rows of the list; of the execution rate it counts the answers in them."""
        return self.code not in OF_ANSWERS

    @property
    def is_count(self) -> bool:
        """Whether it is a bare number of rows."""
        return isinstance(self.used, int)

    @property
    def is_rate(self) -> bool:
        """Whether it is a share of n."""
        return isinstance(self.used, rules.Rate)

    @property
    def amount(self) -> Decimal | None:
        """The bare value where the sample allows it to be shown: points, or a share of 1."""
        return None if isinstance(self.used, int) else self.used.shown

    @property
    def is_shown(self) -> bool:
        """Whether there is a value to show."""
        return self.amount is not None

    @property
    def text(self) -> str:
        """The value in words of figures: 88.6, 67%, −12, 5; – where the sample is too small."""
        return formats.number(self.used) if isinstance(self.used, int) else self._worded(self.amount)

    @property
    def interval(self) -> str:
        """Its 95 % interval, such as 87.6–89.6 or 61%–72%; '' where nothing is shown."""
        if isinstance(self.used, int) or not self.is_shown or self.used.low is None:
            return ""
        return f"{self._worded(self.used.low)}{' – ' if self.code in NET else '–'}{self._worded(self.used.high)}"

    def _worded(self, value: Decimal | None) -> str:
        if self.is_rate:
            return formats.percent(value)
        return formats.number(value) if self.code in NET else formats.score(value)

    @property
    def band(self) -> str:
        """ok, warn or bad of a score; '' for everything else."""
        return rules.band(self.amount) if isinstance(self.used, rules.Mean) and self.code not in NET else ""

    @property
    def band_word(self) -> str:
        """The band in words, by the rules' own limits."""
        return band_words().get(self.band, "")

    @property
    def is_few(self) -> bool:
        """Shown, but resting on few answers."""
        return self.is_shown and self.n < rules.FEW

    @property
    def marks(self) -> list[tuple[str, str]]:
        """What must be said beside it: (word, why)."""
        if self.is_count:
            return []
        found = []
        if self.is_rolling:
            found.append((_("three months"), _("the month has fewer than %(n)d answers") % {"n": rules.ENOUGH}))
        if self.is_few:
            found.append((_("small sample"), _("fewer than %(n)d answers") % {"n": rules.FEW}))
        if self.is_provisional and self.is_shown:
            found.append((_("provisional"), _("new calls may still move it")))
        return found

    @property
    def place(self) -> str:
        """The rank in words: 2nd of 7, with the word shared; '' without one."""
        if self.rank is None or self.is_rolling:
            return ""
        words = {"place": self.rank.place, "of": self.rank.of}
        return (_("joint %(place)d of %(of)d") if self.rank.is_shared else _("%(place)d of %(of)d")) % words


def entry_code(figure: str, scope: Scope) -> str:
    """Which entry of the dictionary explains a figure of a scope: the index narrowed to an item is the item's mean."""
    if figure != "index":
        return figure
    if scope.get("question"):
        return "item"
    if scope.get("employee"):
        return "employee"
    if scope.get("factor"):
        return "factor"
    return "department" if scope.get("department") or scope.get("departments") is not None else "index"


def band_words() -> dict[str, str]:
    """What the bands are called: ≥ 90, 80–89.9, < 80."""
    good, fair = rules.GOOD, rules.FAIR
    return {"ok": f"≥ {good}", "warn": f"{fair}–{good - Decimal('0.1')}", "bad": f"< {fair}"}
