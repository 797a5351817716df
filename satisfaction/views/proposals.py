"""What the form of a measure proposes: from an item, a factor, a line of a Pareto, or an alert."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from crm_site.accounts import policy
from crm_site.accounts.models import Department, Employee, Role
from crm_site.core import formats
from crm_site.core.dates import month_of
from satisfaction import effect, labels
from satisfaction.attribution import department_of
from satisfaction.models import Alert, Question, QuestionnaireVersion

#: days that a measure is given unless its author chooses others
GIVEN = timedelta(days=14)


def proposal(request: HttpRequest, today: date) -> dict[str, Any]:
    """The first words of the cause, the metric, the department with its head, and a day; {} without a known cause."""
    metric, code = request.GET.get("metric", ""), request.GET.get("code", "")
    if request.GET.get("question"):
        metric, code = "item", request.GET["question"]
    known = effect.metrics().get(metric)
    stores = policy.stores_allowing(request.user, "satisfaction.measures")
    named = dict(known.options(stores)).get(code) if known else None
    if named is None:
        return {}
    alert = _alert(request)
    department = _department(request, stores, metric, code)
    return {
        "cause": _words(alert) if alert else _("%(item)s: ") % {"item": named},
        "measured_by": f"{metric}:{code}",
        "department": department,
        "responsible": _head([alert.store_id] if alert else stores, department, today),
        "due_on": today + GIVEN,
    }


def _alert(request: HttpRequest) -> Alert | None:
    """The alert that the measure answers, if this user may see it."""
    written = request.GET.get("alert", "")
    if not written.isdecimal() or len(written) > 18:
        return None
    return Alert.objects.visible_to(request.user).filter(pk=int(written)).first()


def _words(alert: Alert) -> str:
    """An alert as the cause of a measure: what fell, from what to what, on how many answers."""
    told = {
        "what": labels.Labels.of([alert.store_id], [alert]).of_alert(alert),
        "month": str(month_of(alert.month)),
        "before": formats.score(alert.before),
        "before_n": alert.before_n,
        "now": formats.score(alert.now),
        "now_n": alert.now_n,
    }
    return _("%(what)s fell in %(month)s from %(before)s (n = %(before_n)s) to %(now)s (n = %(now_n)s): ") % told


def _department(request: HttpRequest, stores: list[int], metric: str, code: str) -> str:
    """The department that the address names, else the one that the item judges."""
    if request.GET.get("department") in Department.values:
        return request.GET["department"]
    if metric != "item":
        return ""
    asked = QuestionnaireVersion.objects.published().of_stores(stores).values("pk")
    question = Question.objects.filter(version__in=asked, code=code, weight__gt=0)
    found = question.values_list("version__questionnaire__kind", "attribution").order_by("-version__number").first()
    return department_of(*found) if found else ""


def _head(stores: list[int], department: str, today: date) -> int | None:
    """The department's head where the stores have exactly one."""
    if not department:
        return None
    people = Employee.objects.filter(store_id__in=stores).in_department([department], today).employed_on(today)
    # one filter() for both conditions: the role must be the one in this store
    heads = people.filter(
        user__is_active=True, user__memberships__store_id__in=stores, user__memberships__role=Role.HEAD
    )
    found = set(heads.values_list("pk", flat=True))
    return found.pop() if len(found) == 1 else None
