"""How the desk works: what fell due, was called, in time, with success; who was reached; which answers count."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from django.db.models import Case, DateField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from crm_site.core.figures import Scope
from crm_site.worktime import calendars
from revisits.models import CallAttempt, Revisit, State
from revisits.queries.indicators.base import COUNT, MORE, Indicator, count, hitting, rate
from satisfaction.models import Questionnaire, Response

#: not to be counted among the calls that were to be made
NOT_DUE_STATES = (State.EXCUSED, State.CANCELLED)
DONE = Q(state=State.DONE)


def of_role(rows: QuerySet, scope: Scope, path: str = "") -> QuerySet:
    """Only the calls of the scope's role, where it names one."""
    role = scope.get("role")
    return rows.filter(**{f"{path}rule_version__owner_role": role}) if role else rows


def due(scope: Scope) -> QuerySet[Revisit]:
    """应回访: tasks whose deadline lies in the period, less 免回访 and 已取消."""
    rows = Revisit.objects.filter(store_id__in=scope.stores, expires_on__range=(scope.start, scope.last))
    return of_role(rows.exclude(state__in=NOT_DUE_STATES), scope)


def called(scope: Scope) -> QuerySet[Revisit]:
    """已回访: those of 应回访 with at least one attempt."""
    return due(scope).filter(first_attempt_on__isnull=False)


def attempts(scope: Scope) -> QuerySet[CallAttempt]:
    """拨打: every attempt of the period; of one caller where the scope names one."""
    rows = CallAttempt.objects.filter(store_id__in=scope.stores, called_on__range=(scope.start, scope.last))
    if scope.get("by"):
        rows = rows.filter(by_id=scope.get("by"))
    return of_role(rows, scope, "revisit__")


def _in_time(scope: Scope) -> Q:
    return Q(first_attempt_on__isnull=False, first_attempt_on__lte=F("expires_on"))


def _known_in_time(scope: Scope) -> QuerySet[Revisit]:
    """应回访 without 迟导入, each with `prompt_until`: its due day's next desk day, in its own store."""
    rows = due(scope).filter(late=False)
    return rows.annotate(prompt_until=_next_desk_days(rows))


def _next_desk_days(rows: QuerySet[Revisit]) -> Any:
    """The desk day after `due_on`, as a table of the days that occur; the calendar is asked, not the database."""
    # the first day is taken from what was read: asked for a minimum, PostgreSQL walks all calls from the oldest on
    pairs = list(rows.order_by().values_list("store_id", "due_on").distinct())
    if not pairs:
        return Value(None, output_field=DateField())
    first = min(day for _store_id, day in pairs)
    desks = calendars.desk_calendars({store_id for store_id, _day in pairs}, first=first)
    stores: dict[tuple[date, date], list[int]] = defaultdict(list)
    for store_id, day in pairs:
        stores[day, desks[store_id].next_desk_day(day)].append(store_id)
    whens = [When(due_on=day, store_id__in=ids, then=Value(after)) for (day, after), ids in stores.items()]
    return Case(*whens, output_field=DateField())


def _prompt(scope: Scope) -> Q:
    return Q(first_attempt_on__isnull=False, first_attempt_on__lte=F("prompt_until"))


def _scored_done(scope: Scope) -> QuerySet[Revisit]:
    """成功 of scored tasks that were dialled for themselves; who joined a call answered nothing of his own."""
    kind = "questionnaire_version__questionnaire__kind"
    rows = due(scope).filter(DONE, head=None, questionnaire_version__isnull=False)
    return rows.exclude(**{kind: Questionnaire.Kind.UNSCORED})


def _answered(scope: Scope) -> Q:
    valid = Response.objects.valid().filter(attempt__revisit=OuterRef("pk"))
    return Q(Exists(valid))


DUE = Indicator(
    "due", _("To be called"),
    _("tasks whose deadline lies in the period, less those not to be called and those cancelled"),
    due, count, kind=COUNT,
)  # fmt: skip
CALLED = Indicator(
    "called", _("Call rate"), _("with at least one attempt by the deadline / to be called"),
    hitting(due, _in_time), rate, better=MORE,
)  # fmt: skip
PROMPT = Indicator(
    "prompt", _("On-time rate"),
    _("first attempt on the due day or the next desk day / to be called, without what was imported late"),
    hitting(_known_in_time, _prompt), rate, better=MORE,
)  # fmt: skip
LATE = Indicator(
    "late", _("Imported late"), _("with an attempt by the extended deadline / to be called and imported late"),
    hitting(lambda scope: due(scope).filter(late=True), _in_time), rate, is_second=True,
)  # fmt: skip
SUCCESS = Indicator(
    "success", _("Success rate"), _("completed / to be called"), hitting(due, lambda scope: DONE), rate, better=MORE
)
SUCCESS_OF_CALLED = Indicator(
    "success_of_called", _("Success of those called"), _("completed / with at least one attempt"),
    hitting(called, lambda scope: DONE), rate, is_second=True,
)  # fmt: skip
CONNECTED = Indicator(
    "connected", _("Connection rate"), _("attempts in which somebody was reached / attempts"),
    hitting(attempts, lambda scope: Q(result__reached=True)), rate,
)  # fmt: skip
VALID = Indicator(
    "valid", _("Valid sample rate"), _("with a valid response / completed scored calls"),
    hitting(_scored_done, _answered), rate, better=MORE,
)  # fmt: skip
