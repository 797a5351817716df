"""What an improvement measure may be measured by, and how it stood before and after: the metrics of all rooms.

Higher rooms add theirs by the setting MEASURE_METRICS: name → a `Metric`. A measure's figures are frozen as text when
somebody decides about its effect.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_site.accounts.models import Department
from crm_site.core import clock, formats, hooks
from crm_site.core.figures import Scope
from satisfaction import rules
from satisfaction.attribution import KIND_JUDGING
from satisfaction.models import Factor, ImprovementMeasure, Question, QuestionnaireVersion, Response
from satisfaction.queries.figures import mean_of_rows, scored
from satisfaction.rules import effect
from satisfaction.rules.effect import Counted, Window

Reading = Counted | rules.Mean
#: a head's; None = everything
Departments = tuple[str, ...] | None


@dataclass(frozen=True)
class Metric:
    """One thing that can be measured: its choices, how a time is read, and where the rows behind it are listed."""

    label: str | Promise
    #: (the stores' keys) -> [(code, words)]
    options: Callable[[list[int]], list[tuple[str, str]]]
    read: Callable[[ImprovementMeasure, Window], Reading]
    url: Callable[[ImprovementMeasure, Window], str] = lambda _measure, _window: ""


@dataclass(frozen=True)
class Side:
    """Before or after: the days, the figure in words, n and the list behind it."""

    window: Window
    value: str
    interval: str
    n: int
    visits: int | None
    url: str


@dataclass(frozen=True)
class Comparison:
    """Both sides, what the figure is (per_100, count or score), and what the intervals say."""

    before: Side
    after: Side
    unit: str
    verdict: str

    def frozen(self) -> dict[str, Any]:
        """The figures as they are kept with the decision."""
        sides = {"before": self.before, "after": self.after}
        return {"unit": self.unit, "verdict": self.verdict} | {
            name: {
                "first": side.window.first.isoformat(), "last": side.window.last.isoformat(), "value": side.value,
                "interval": side.interval, "n": side.n, "visits": side.visits,
            }
            for name, side in sides.items()
        }  # fmt: skip


def metrics() -> dict[str, Metric]:
    """All metrics by name, those of higher rooms too."""
    return {"item": ITEM, "factor": FACTOR, **hooks.load("MEASURE_METRICS")}


def check_after_days(store_id: int) -> int:
    """After how many days a measure that is done is to be checked, as the rooms above have set it for the store."""
    named = hooks.load("MEASURE_CHECK_AFTER")
    return max((ask(store_id) for ask in named), default=30)


def choices(stores: list[int]) -> list[tuple[str, Any]]:
    """The choice “measured by” of a form, grouped by metric; values are name:code."""
    groups = [
        (str(metric.label), [(f"{name}:{code}", words) for code, words in metric.options(stores)])
        for name, metric in metrics().items()
    ]
    return [("", _("not measured")), *((label, options) for label, options in groups if options)]


def words_of(measure: ImprovementMeasure) -> str:
    """What a measure is measured by; '' where nothing was named."""
    metric = metrics().get(measure.metric)
    if metric is None:
        return ""
    named = dict(metric.options([measure.store_id])).get(measure.metric_code, measure.metric_code)
    return _("%(metric)s: %(named)s") % {"metric": metric.label, "named": named}


def compare(measure: ImprovementMeasure, today: date, departments: Departments = None) -> Comparison | None:
    """How it was before and after; None where nothing is measured, or no whole day has passed since it was done.

    For a head (`departments`) scores are those of the items that judge the departments.
    """
    metric = metrics().get(measure.metric)
    if metric is None or measure.done_on is None:
        return None
    found = effect.windows(clock.business_day(measure.created_at), measure.done_on, today)
    if found is None:
        return None
    before, after = (_read(metric, measure, window, departments) for window in found)
    urls = [metric.url(measure, window) for window in found]
    if isinstance(before, Counted) and isinstance(after, Counted):
        rated = effect.has_visits(before, after)
        sides = [
            _counted(one, window, url, rated=rated)
            for one, window, url in zip((before, after), found, urls, strict=True)
        ]
        return Comparison(sides[0], sides[1], "per_100" if rated else "count", effect.fewer(before, after))
    assert isinstance(before, rules.Mean) and isinstance(after, rules.Mean)  # noqa: PT018 - a metric reads alike
    sides = [_scored(one, window, url) for one, window, url in zip((before, after), found, urls, strict=True)]
    return Comparison(sides[0], sides[1], "score", effect.higher(before, after))


def _read(metric: Metric, measure: ImprovementMeasure, window: Window, departments: Departments) -> Reading:
    rows = None if departments is None else rows_of(measure, window, departments)
    return metric.read(measure, window) if rows is None else mean_of_rows(rows)


def _counted(one: Counted, window: Window, url: str, *, rated: bool) -> Side:
    shown = effect.per_hundred(one) if rated else effect.plain(one)
    places = 2 if rated else 0
    interval = f"{formats.number(shown.low, places or 1)}–{formats.number(shown.high, places or 1)}"
    return Side(window, formats.number(shown.value, places), interval, one.n, one.visits, url)


def _scored(one: rules.Mean, window: Window, url: str) -> Side:
    value = formats.score(one.shown) if one.shown is not None else _("sample too small")
    interval = f"{formats.score(one.low)}–{formats.score(one.high)}" if one.shown is not None else ""
    return Side(window, value, interval, one.n, None, url)


# ---- the metrics of this room ---------------------------------------------------------------------------------------


def _named(model: type[Question] | type[Factor]) -> Callable[[list[int]], list[tuple[str, str]]]:
    """The weighted items or the factors of what is asked in the stores today."""

    def options(stores: list[int]) -> list[tuple[str, str]]:
        asked = QuestionnaireVersion.objects.published().of_stores(stores).values("pk")
        labels: dict[str, list[str]] = {}  # of sales and of service, where both ask a code
        for row in model.objects.filter(version_id__in=asked, weight__gt=0).order_by("version_id", "position"):
            known = labels.setdefault(row.code, [])
            if row.label not in known:
                known.append(row.label)
        return [(code, " / ".join(words)) for code, words in labels.items()]

    return options


def kind_of(measure: ImprovementMeasure) -> str:
    """Of which kind the measured item or factor is: of several that ask its code the one that judges the department.

    Where that does not decide, the kind of the newest version; '' for a code that nobody asks. Sales and service are
    never averaged together.
    """
    model = Factor if measure.metric == ImprovementMeasure.Metric.FACTOR else Question
    versions = QuestionnaireVersion.objects.of_stores([measure.store_id])
    asked = model.objects.filter(code=measure.metric_code, weight__gt=0, version__in=versions.values("pk"))
    asked = asked.exclude(version__state=QuestionnaireVersion.State.DRAFT).order_by("-version__published_at", "-pk")
    kinds = list(asked.values_list("version__questionnaire__kind", flat=True))
    judging = KIND_JUDGING.get(Department(measure.department)) if measure.department else None
    return judging if judging in kinds else next(iter(kinds), "")


def _mean(name: str) -> Callable[[ImprovementMeasure, Window], rules.Mean]:
    """The mean of an item or a factor over the valid responses of the days."""

    def read(measure: ImprovementMeasure, window: Window) -> rules.Mean:
        return mean_of_rows(scored(_scope(name, measure, window, None)))

    return read


def _scope(name: str, measure: ImprovementMeasure, window: Window, departments: Departments) -> Scope:
    end = date.fromordinal(window.last.toordinal() + 1)
    filters: dict[str, Any] = {"kind": kind_of(measure), name: measure.metric_code}
    if departments is not None:
        filters["departments"] = departments
    return Scope((measure.store_id,), window.first, end, filters)


#: metric -> the filter of a scope by which it is read
FILTERS = {"item": "question", "factor": "factor"}


def rows_of(measure: ImprovementMeasure, window: Window, departments: Departments = None) -> QuerySet[Response] | None:
    """The responses from which the figure of some days follows; None where the measure has another metric."""
    name = FILTERS.get(measure.metric)
    return None if name is None else scored(_scope(name, measure, window, departments))


def _url(measure: ImprovementMeasure, window: Window) -> str:
    query = urlencode({"first": window.first.isoformat(), "last": window.last.isoformat()})
    return f"{reverse('satisfaction:measure_rows', args=[measure.pk])}?{query}"


ITEM = Metric(gettext_lazy("Score of an item"), _named(Question), _mean("question"), _url)
FACTOR = Metric(gettext_lazy("Score of a factor"), _named(Factor), _mean("factor"), _url)
