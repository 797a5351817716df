"""A score over twelve months: with interval, target, the outside surveys beside it and the measures taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm_site.accounts.models import Employee
from crm_site.core import formats
from crm_site.core.charts import Area, Event, Notes, Series, draw_lines
from crm_site.core.charts.canvas import Canvas
from crm_site.core.dates import Month, month_of
from satisfaction import queries, rules
from satisfaction.models import ExternalResult, ImprovementMeasure
from satisfaction.queries.targets import targets_of
from satisfaction.rules.external import NAMING, may_measure
from satisfaction.views import board
from satisfaction.views.lens import Lens


@dataclass(frozen=True)
class Outside:
    """What one survey found, by the place of the month in which its period ends."""

    survey: str
    values: dict[int, Decimal]


@dataclass(frozen=True)
class Trend:
    """Everything that the picture of a score over time shows, and its table and its words say."""

    name: str
    #: the same as a sentence begins
    subject: str
    months: list[Month]
    labels: list[str]
    means: list[rules.Mean]
    #: place -> the mean of three months where the month alone says too little
    rolling: dict[int, rules.Mean]
    outside: list[Outside]
    target: Decimal | None
    events: list[Event]
    is_running: bool

    @property
    def shown(self) -> tuple[Any, ...]:
        """What decides how the picture looks."""
        return self.labels, self._series(), self.target, self.events, self._words()

    def _words(self) -> tuple[str, ...]:
        return _("Target"), _("provisional"), _("three months")

    @property
    def used(self) -> list[rules.Mean]:
        """What is drawn of each month: its own mean, else that of three months."""
        return [self.rolling.get(place, mean) for place, mean in enumerate(self.means)]

    def _series(self) -> list[Series]:
        enough = [mean if mean.is_enough else rules.Mean(0, None) for mean in self.used]
        inside = Series(
            self.name,
            [as_float(mean.value) for mean in enough],
            low=[as_float(mean.low) for mean in enough],
            high=[as_float(mean.high) for mean in enough],
            hollow=frozenset({len(self.months) - 1} if self.is_running else ()),
            rolling=frozenset(self.rolling),
        )
        places = range(len(self.months))
        tones = ("warn", "pause", "mute")
        return [inside] + [
            Series(
                _("External: %(survey)s") % {"survey": one.survey},
                [as_float(one.values.get(place)) for place in places],
                tone=tones[number % len(tones)],
                outside=True,
            )
            for number, one in enumerate(self.outside)
        ]

    def draw(self, *, theme: str = "light", narrow: bool = False, area: Area | None = None) -> Canvas:
        """The picture."""
        target, provisional, rolling = self._words()
        return draw_lines(
            self.labels, self._series(), theme=theme, narrow=narrow, target=as_float(self.target), target_label=target,
            events=self.events, notes=Notes(provisional, rolling), area=area,
        )  # fmt: skip

    @property
    def alt(self) -> str:
        """What the picture says, in a sentence with the numbers that matter."""
        there = [(mean, month) for mean, month in zip(self.used, self.months, strict=True) if mean.is_enough]
        if not there:
            return _("%(name)s over twelve months: no month has enough responses.") % {"name": self.subject}
        parts = [_said_now(self.subject, *there[-1])]
        if len(there) > 1:
            best, worst = max(there, key=_value), min(there, key=_value)
            parts.append(
                _("Highest %(high)s in %(best)s, lowest %(low)s in %(worst)s.")
                % {
                    "high": formats.score(best[0].value),
                    "best": best[1],
                    "low": formats.score(worst[0].value),
                    "worst": worst[1],
                }
            )
        if self.target is not None:
            parts.append(_("Target %(target)s.") % {"target": formats.score(self.target)})
        parts += [_said_outside(one, self.months) for one in self.outside]
        if self.events:
            count = len(self.events)
            parts.append(
                ngettext("%(count)d measure is marked.", "%(count)d measures are marked.", count) % {"count": count}
            )
        return " ".join(parts)


def as_float(value: Decimal | None) -> float | None:
    """A number as charts take it."""
    return None if value is None else float(value)


def _value(pair: tuple[rules.Mean, Month]) -> Decimal:
    return pair[0].value or Decimal(0)


def _said_now(name: str, mean: rules.Mean, month: Month) -> str:
    words = _("%(name)s over twelve months: %(value)s in %(month)s (95%% interval %(low)s–%(high)s, n = %(n)s).")
    return words % {
        "name": name,
        "value": formats.score(mean.value),
        "month": month,
        "low": formats.score(mean.low),
        "high": formats.score(mean.high),
        "n": formats.number(mean.n),
    }


def _said_outside(one: Outside, months: list[Month]) -> str:
    place = max(one.values)
    said = {"survey": one.survey, "value": formats.score(one.values[place]), "month": months[place]}
    return _("External %(survey)s: %(value)s in %(month)s.") % said


# ---- reading --------------------------------------------------------------------------------------------------------


def trend_of(lens: Lens, means: dict[Month, rules.Mean] | None = None) -> Trend:
    """The twelve months up to the one looked at; `means` where a page has read them already."""
    months = board.months_of(lens)
    found = queries.by_month(lens.scope.during(months[0], months[-1])) if means is None else means
    by_place = [found.get(month, board.NOTHING) for month in months]
    return Trend(
        name=name_of(lens),
        subject=str(lens.title) if lens.is_whole else name_of(lens),
        months=months,
        labels=[board.month_label(lens, month) for month in months],
        means=by_place,
        rolling=_rolling(lens, months, by_place),
        outside=_outside(lens, months),
        target=board.target_of(lens, targets_of(lens.scope)),
        events=_events(lens, months),
        is_running=lens.is_running,
    )


def name_of(lens: Lens) -> str:
    """What is judged: the item, factor, person or department in question, else the whole."""
    for name in ("question", "factor", "employee"):
        if lens.words.get(name):
            return lens.words[name]
    return _("Internal") if lens.departments is None else _("This department")


def _rolling(lens: Lens, months: list[Month], means: list[rules.Mean]) -> dict[int, rules.Mean]:
    """The mean of the three months up to each month that has too few responses, where these are enough."""
    found = {}
    for place, (month, mean) in enumerate(zip(months, means, strict=True)):
        if 0 < mean.n < rules.ENOUGH and any(before.n for before in means[max(place - 2, 0) : place]):
            three = queries.by_member(lens.scope.during(month.shift(1 - rules.ROLLING_MONTHS), month), "")
            mean_of_three = three.get("", board.NOTHING)
            if mean_of_three.is_enough:
                found[place] = mean_of_three
    return found


def _outside(lens: Lens, months: list[Month]) -> list[Outside]:
    """What surveys found about the one store that is looked at as a whole; several stores are never mixed."""
    if not lens.is_whole or len(lens.scope.stores) != 1 or lens.kind not in NAMING:
        return []
    rows = ExternalResult.objects.overall().filter(
        store_id=lens.scope.stores[0], last_day__range=(months[0].start, months[-1].last)
    )
    found: dict[str, dict[int, Decimal]] = {}
    for survey, last_day, score in rows.order_by("survey", "last_day", "first_day").values_list(
        "survey", "last_day", "score"
    ):
        if may_measure(survey, lens.kind):
            found.setdefault(survey, {})[months.index(month_of(last_day))] = score
    return [Outside(survey, values) for survey, values in found.items()]


def _events(lens: Lens, months: list[Month]) -> list[Event]:
    """The measures that were taken about the item, factor or person that is looked at, at the day they were done."""
    metric = _metric(lens)
    if metric is None:
        return []
    rows = ImprovementMeasure.objects.filter(
        store_id__in=lens.scope.stores, metric=metric[0], metric_code=metric[1],
        done_on__range=(months[0].start, months[-1].last),
    )  # fmt: skip
    return [
        Event(_place(months, day), _("Measure: %(words)s") % {"words": words})
        for words, day in rows.order_by("done_on", "pk").values_list("measure", "done_on")
        if day is not None
    ]


def _metric(lens: Lens) -> tuple[str, str] | None:
    """What a measure about this would be measured by."""
    scope, metric = lens.scope, ImprovementMeasure.Metric
    if scope.get("question"):
        return metric.ITEM, scope.get("question")
    if scope.get("factor"):
        return metric.FACTOR, scope.get("factor")
    if scope.get("employee"):
        return metric.EMPLOYEE, Employee.objects.values_list("number", flat=True).get(pk=scope.get("employee"))
    return None


def _place(months: list[Month], day: date) -> float:
    """Where a day stands on an axis whose points are the middles of months."""
    month = month_of(day)
    days = (month.last - month.start).days + 1
    return months.index(month) - 0.5 + (day - month.start).days / days
