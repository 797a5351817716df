"""总经理月报: one store's month (or several stores') on one page, from the same figures as everywhere else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints.models import Complaint, State
from complaints.queries import period
from crm_site.core import formats
from crm_site.core.dates import Month
from crm_site.core.figures import Scope
from customers.models import Delivery, Vehicle
from revisits.judged import Line, lines
from revisits.lens import Lens
from revisits.models import Revisit
from revisits.parts import PART_WORDS
from revisits.queries import coverage as covering
from revisits.queries.indicators import INDICATORS
from satisfaction import queries as satisfaction
from satisfaction import rules as scores
from satisfaction.models import ImprovementMeasure

#: the figures of the page, in their order
CHOSEN = (
    "coverage", "called", "prompt", "success", "connected", "valid", "numbers", "unhappy", "accepted",
    "first_service", "renewed", "churned",
)  # fmt: skip
#: kind of questionnaire -> what its score is called
KINDS = (("service", "CSI"), ("sales", "SSI"))
#: how many low items, people and measures find room on the page
ITEMS, PEOPLE, MEASURES = 5, 3, 4


@dataclass(frozen=True)
class Compared:
    """An indicator with the same one a month and a year before."""

    line: Line
    month_before: str
    year_before: str
    url: str = ""


def compared(lens: Lens) -> list[Compared]:
    """目标, 达成, 环比 and 同比 of the chosen indicators; a stock has no past."""
    now = lines(lens, tuple(INDICATORS[code] for code in CHOSEN))
    then = [{line.code: line for line in _past(lens, back)} for back in (1, 12)]
    return [
        Compared(
            line,
            *("" if line.indicator.is_stock else _change(line, past.get(line.code)) for past in then),
            lens.url("indicator", line.code),
        )
        for line in now
    ]


def _past(lens: Lens, back: int) -> list[Line]:
    """The same figures of a month before."""
    chosen = tuple(INDICATORS[code] for code in CHOSEN if not INDICATORS[code].is_stock)
    return lines(replace(lens, month=lens.month.shift(-back)), chosen)


def _change(now: Line, then: Line | None) -> str:
    """In points of per cent; – where one of them has too few rows."""
    shown = now.rate.shown if now.rate else None
    before = then.rate.shown if then and then.rate else None
    return formats.EMPTY if shown is None or before is None else formats.signed((shown - before) * 100, 1)


# ---- coverage, satisfaction, complaints -----------------------------------------------------------------------------


def coverages(lens: Lens) -> list[dict[str, Any]]:
    """Deliveries and visits with their parts, and whether they add up."""
    scope = lens.scope
    found = []
    for code, word in (("sales", _("Cars delivered")), ("service", _("Service visits"))):
        one = covering.coverage(covering.KINDS[code], scope.stores, scope.start, scope.last, today=lens.today)
        parts = [(PART_WORDS[part], one.parts[part]) for part in covering.PARTS if one.parts[part]]
        found.append({"word": word, "total": one.total, "parts": parts, "adds_up": one.adds_up})
    return found


def _asked(lens: Lens, kind: str) -> Scope:
    return Scope.of_month(lens.scope.stores, lens.month, kind=kind)


def address(name: str, lens: Lens, query: dict[str, str]) -> str:
    """The address of a list for the store of the view; empty filters are left out."""
    kept = {**query, "store": str(lens.store.pk) if lens.store and len(lens.choosable) > 1 else ""}
    return f"{reverse(name)}?{urlencode({key: value for key, value in kept.items() if value})}"


def _answers(lens: Lens, kind: str, **filters: str) -> str:
    return address("satisfaction:responses", lens, {"month": str(lens.month), "kind": kind, **filters})


def _low(lens: Lens, kind: str, question: str) -> str:
    return _answers(lens, kind, question=question, figure=satisfaction.LOW.code)


def tickets(lens: Lens, month: Month, user: Any) -> Scope:
    """What the figures of complaints are asked for, in a month of the view."""
    end = min(month.end, lens.scope.end) if month == lens.month else month.end
    return period.scope_of(user, list(lens.scope.stores), month.start, end, now=lens.now)


def complaints(lens: Lens, user: Any) -> dict[str, int]:
    """Complaints and grievances received and closed, by the figures of complaints; what is open and overdue today."""
    scope = tickets(lens, lens.month, user)
    rows = Complaint.objects.live().filter(store_id__in=scope.stores).exclude(state=State.MERGED)
    return {
        "received": period.PERIOD["complaints"].of(scope),
        "grievances": period.PERIOD["grievances"].of(scope),
        "closed": period.PERIOD["closed"].of(scope),
        "reopened": period.received(scope).filter(reopened__gt=0).count(),
        "open": rows.open().count(),
        "overdue": rows.overdue(lens.now).count(),
    }


# ---- people, items, measures ----------------------------------------------------------------------------------------


def extremes(lens: Lens) -> dict[str, list[dict[str, Any]]]:
    """Who stands clearly above or below the mean of their part; the interval decides, small samples take no part."""
    found: dict[str, list[dict[str, Any]]] = {"above": [], "below": []}
    for kind, _name in KINDS:
        people = satisfaction.employees(_asked(lens, kind))
        for part in {line.part for line in people}:
            own = [line for line in people if line.part == part]
            centre = scores.centre_of(line.now for line in own)
            for line in own:
                verdict = scores.compare(line.now, centre)
                if verdict in found:
                    url = _answers(lens, kind, employee=str(line.employee.pk), part=line.part)
                    gap = line.now.value - centre
                    found[verdict].append({"name": line.employee.name, "mean": line.now, "gap": gap, "url": url})
    for verdict, rows in found.items():
        rows.sort(key=lambda row: -abs(row["gap"]))
        found[verdict] = rows[:PEOPLE]
    return found


def low_items(lens: Lens) -> list[dict[str, Any]]:
    """The items that were low most often, of both kinds."""
    rows = []
    for kind, name in KINDS:
        scope = _asked(lens, kind)
        words = {code: item.label for line in satisfaction.tree_of(scope) for code, item in line.items.items()}
        rows += [
            {"label": words[code], "kind": name, "count": count, "url": _low(lens, kind, code)}
            for code, count in satisfaction.low_items(scope).items()
            if code in words
        ]
    return sorted(rows, key=lambda row: (-row["count"], row["label"]))[:ITEMS]


def measures(lens: Lens) -> dict[str, Any]:
    """The open measures by date, and how many are past theirs."""
    rows = ImprovementMeasure.objects.filter(store_id__in=lens.scope.stores).open()
    late = Count("pk", filter=Q(due_on__lt=lens.today))
    counts = rows.order_by().aggregate(open=Count("pk"), late=late)
    return {**counts, "rows": list(rows.select_related("responsible").order_by("due_on", "pk")[:MEASURES])}


# ---- next month -----------------------------------------------------------------------------------------------------


def outlook(lens: Lens) -> list[str]:
    """What next month brings: reminders by the dates that cars keep, calls left over, deliveries as this month."""
    coming = lens.month.shift(1)
    found = _dates(lens.scope.stores, coming)
    left = Revisit.objects.filter(store_id__in=lens.scope.stores).open().filter(due_on__lt=coming.start).count()
    delivered = Delivery.objects.filter(
        store_id__in=lens.scope.stores, historical=False, delivered_on__range=(lens.month.start, lens.month.last)
    ).count()
    return [
        _("first services due: %(count)s") % {"count": found["first"]},
        _("maintenance due: %(count)s") % {"count": found["next"]},
        _("insurances ending: %(count)s") % {"count": found["insurance"]},
        _("inspections due: %(count)s") % {"count": found["inspection"]},
        _("calls still open: %(count)s") % {"count": left},
        _("deliveries as this month: %(count)s") % {"count": delivered},
    ]


def _dates(stores: tuple[int, ...], month: Month) -> dict[str, int]:
    """How many cars in use have a day of each kind in a month."""
    days = (month.start, month.end - timedelta(days=1))
    rows = Vehicle.objects.filter(store_id__in=stores, state=Vehicle.State.ACTIVE)
    return rows.aggregate(
        first=Count("pk", filter=Q(first_service_on__range=days)),
        next=Count("pk", filter=Q(next_maintenance_on__range=days)),
        insurance=Count("pk", filter=Q(insurance_until__range=days)),
        inspection=Count("pk", filter=Q(inspection_due_on__range=days)),
    )
