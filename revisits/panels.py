"""What revisits show elsewhere: coverage beside the score, a customer's calls on the card and on the timeline."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from crm_site.accounts import policy
from crm_site.core import clock
from crm_site.core.dates import month_of
from crm_site.core.figures import Scope
from crm_site.core.panels import Panel
from crm_site.core.timeline import CALLS, Event
from customers.models import Customer, Vehicle
from revisits.judged import VERDICTS, lines
from revisits.lens import lens_of
from revisits.lines import origin, past_caller, past_importer, past_line, past_result, past_title, state_status
from revisits.models import CallAttempt, CallResult, PastCall, Revisit
from revisits.parts import PART_WORDS
from revisits.queries import coverage as figures
from revisits.queries.indicators import INDICATORS, STOCK, Indicator, cut_off
from satisfaction.shown import Shown

INDICATORS_VIEW = "indicators.view"
MOST_CALLS = 5
MOST_EVENTS = 50
#: calls on the page of a car
MOST_OF_CAR = 10
#: calls of old lists on the card; the timeline has more
MOST_PAST = 3


def coverage(request: HttpRequest, scope: Scope) -> list[Panel]:
    """How much of the months was called: all facts, then their parts, which add up; each part opens its facts.

    Nothing for complaints, which are no throughput, and for a head, who sees his department only.
    """
    kind = figures.KINDS.get(str(scope.get("kind", "")))
    if kind is None or scope.get("departments"):
        return []
    found = figures.coverage(kind, scope.stores, scope.start, scope.last, today=clock.today())
    is_sales = kind is figures.SALES
    words = {"total": found.total, "sum": sum(found.parts.values())}
    context = {
        "rows": _rows(kind.code, found, scope, _("Cars delivered") if is_sales else _("Service visits")),
        "adds_up": found.adds_up,
        "allowed": _allowed(kind, scope),
        "note": (
            _("Parts add up to %(total)s.") % words
            if found.adds_up
            else _("Parts come to %(sum)s, not to %(total)s. Tell the administrator.") % words
        ),
    }
    title = _("Coverage: deliveries") if is_sales else _("Coverage: service visits")
    return [Panel(title, "revisits/coverage_panel.html", context, position=10)]


def coverage_steps(request: HttpRequest, scope: Scope) -> dict[int, list[tuple[Any, int]]]:
    """From how many customers each store's answers come, as steps that narrow: due … succeeded, valid.

    Due are all facts but those that are not to be called or not yet; {} for complaints. Numbers without lists, so a
    head may see them too.
    """
    kind = figures.KINDS.get(str(scope.get("kind", "")))
    if kind is None:
        return {}
    found = figures.coverage_by_store(kind, scope.stores, scope.start, scope.last, today=clock.today())
    reached = set(CallResult.objects.filter(reached=True).values_list("code", flat=True))
    valid = figures.valid_by_store(kind, scope.stores, scope.start, scope.last)
    return {store_id: _steps(one, reached, valid.get(store_id, 0)) for store_id, one in found.items()}


def _steps(found: figures.Coverage, reached: set[str], valid: int) -> list[tuple[Any, int]]:
    """The steps of one store."""
    out = sum(found.parts[part] for part in (figures.EXCUSED, figures.CANCELLED, figures.NOT_DUE))
    done, failed = found.parts[figures.DONE], found.details[figures.FAILED]
    spoken = sum(count for result, count in failed.items() if result in reached)
    return [
        (_("Due"), found.total - out),
        (_("Already called"), done + found.parts[figures.FAILED]),
        (_("Reached"), done + spoken),
        (_("Successful"), done),
        (_("Valid"), valid),
    ]


def _allowed(kind: figures.Kind, scope: Scope) -> dict[str, Any]:
    """How many of the calls a manager let somebody make who had served the customer, with their list."""
    rows = Revisit.objects.filter(store_id__in=scope.stores, rule__code__in=kind.rules, override_by__isnull=False)
    count = rows.filter(anchor_on__range=(scope.start, scope.last)).count()
    return {"count": count, "url": _address(reverse("revisits:all"), scope, kind=kind.code, allowed=1)}


def _rows(kind: str, found: figures.Coverage, scope: Scope, total_word: str) -> list[dict[str, Any]]:
    """The funnel: the whole first, then each part; a part of nothing is left out unless it is the success."""
    share = (lambda count: count / found.total) if found.total else (lambda _count: 0)
    path = reverse("revisits:covered", args=[kind])
    counts = {"": found.total, **found.parts}
    return [
        {
            "word": PART_WORDS[part] if part else total_word,
            "count": count,
            "url": _address(path, scope, part=part) if count else "",
            "share": share(count) if part else 1,
            "strong": not part,
        }
        for part, count in counts.items()
        if count or part in ("", figures.DONE)
    ]


def _address(path: str, scope: Scope, **asked: Any) -> str:
    """The list of the same months, and of the same store where it is one."""
    first, last = scope.month, month_of(scope.last)
    span = (last.year - first.year) * 12 + last.month - first.month + 1
    store = scope.stores[0] if len(scope.stores) == 1 else None
    narrowed = {"month": str(last), "span": span if span > 1 else None, "store": store}
    return f"{path}?{urlencode({name: one for name, one in (asked | narrowed).items() if one})}"


def retention(request: HttpRequest, scope: Scope) -> list[Panel]:
    """有效保有, churn and retention with their definitions, as of the cut-off day; none for a head or without right."""
    is_hidden = scope.get("departments") or not policy.allows(request.user, INDICATORS_VIEW)
    if is_hidden or scope.last.replace(day=1) > clock.today():
        return []
    lens = lens_of(request, INDICATORS_VIEW, now=clock.now(), today=clock.today())
    rows = [
        {
            "line": line,
            "shown": Shown(line.code, line.value, lens.url("indicator", line.code)),
            "verdict": VERDICTS.get(line.verdict),
        }
        for line in lines(lens, STOCK)
    ]
    return [Panel(_("Kept and lost"), "revisits/retention_panel.html", {"rows": rows, "day": cut_off(lens.scope)})]


def definitions() -> tuple[str, list[Indicator]]:
    """The indicators of revisits for the metric dictionary."""
    return _("Figures of revisits"), list(INDICATORS.values())


def for_customer(request: HttpRequest, customer: Customer) -> list[Panel]:
    """The customer's open calls and the last ones, with the way to make one."""
    rows = Revisit.objects.visible_to(request.user).filter(customer=customer)
    wanted = rows.select_related("rule", "rule_version", "delivery__sales_consultant", "repair_order", "complaint")
    calls = list(wanted.order_by(F("ended_at").desc(nulls_first=True), "-due_on")[:MOST_CALLS])
    day = clock.today()
    context = {
        "rows": [{"task": call, "origin": origin(call), "status": state_status(call, day)} for call in calls],
        "past": [past_line(call) for call in _past_calls(request.user, customer)[:MOST_PAST]],
        "may_call": policy.allows(request.user, "revisits.call", customer.store_id),
        "why_url": _why_url(request, customer),
    }
    return [Panel(_("Revisits of a customer"), "revisits/customer_panel.html", context, position=20)]


def for_vehicle(request: HttpRequest, vehicle: Vehicle, people: Collection[int]) -> list[Panel]:
    """The calls about a car with those who have to do with it now, open ones first."""
    rows = Revisit.objects.visible_to(request.user).filter(vehicle=vehicle, customer_id__in=people)
    wanted = rows.select_related("rule", "rule_version", "delivery__sales_consultant", "repair_order", "complaint")
    calls = list(wanted.order_by(F("ended_at").desc(nulls_first=True), "-due_on")[:MOST_OF_CAR])
    day = clock.today()
    lines = [{"task": call, "origin": origin(call), "status": state_status(call, day)} for call in calls]
    return (
        [Panel(_("Calls about this car"), "revisits/vehicle_panel.html", {"rows": lines}, position=20)] if lines else []
    )


def _why_url(request: HttpRequest, customer: Customer) -> str:
    """Where it stands why the customer is on today's list or not; '' for who may not ask."""
    may = policy.allows(request.user, "revisits.why", customer.store_id)
    return reverse("revisits:why_customer", args=[customer.pk]) if may else ""


def events(user: Any, customer: Customer) -> list[Event]:
    """Every attempt to reach the customer that the user may see, and the calls of old lists, marked as history."""
    return _attempts(user, customer) + [_past_event(call) for call in _past_calls(user, customer)[:MOST_EVENTS]]


def _past_calls(user: Any, customer: Customer) -> QuerySet[PastCall]:
    rows = PastCall.objects.visible_to(user).filter(customer=customer)
    return rows.select_related("result", "by", "batch__applied_by", "batch__uploaded_by").order_by("-called_on", "-pk")


def _past_event(call: PastCall) -> Event:
    """A call of an old list: what was said, by whom; who imported it stands apart."""
    importer = past_importer(call)
    told = [past_result(call), call.score_text, past_caller(call), call.note]
    told.append(_("imported by %(name)s") % {"name": importer} if importer else "")
    is_reached = call.result is None or call.result.reached
    return Event(
        call.called_at or clock.at(call.called_on, 0),
        "telephone" if is_reached else "telephone-x",
        past_title(call),
        body=" · ".join(part for part in told if part),
        quote=call.words,
        kind="pause",
        day_only=call.called_at is None,
        tab=CALLS,
    )


def _attempts(user: Any, customer: Customer) -> list[Event]:
    visible = Revisit.objects.visible_to(user).filter(customer=customer)
    # the customer is named twice, so that the engine begins with his few calls and not with everybody's attempts
    attempts = CallAttempt.objects.filter(revisit__customer=customer, revisit__in=visible)
    attempts = attempts.select_related("result", "by", "revisit__rule")
    return [
        Event(
            attempt.started_at,
            "telephone" if attempt.result.reached else "telephone-x",
            _("Call: %(rule)s") % {"rule": attempt.revisit.rule.label},
            body=" · ".join(part for part in (attempt.result.label, attempt.by.name, attempt.note) if part),
            url=reverse("revisits:detail", args=[attempt.revisit_id]),
            kind="ok" if attempt.result.saves_answers else "",
            tab=CALLS,
        )
        for attempt in attempts.order_by("-started_at")[:MOST_EVENTS]
    ]
