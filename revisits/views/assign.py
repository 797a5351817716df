"""The manager gives calls to people: those that a manager assigns, and those that nobody at the desk may make."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Employee, Role, Store
from crm_site.core import clock, paging
from crm_site.core.errors import RuleBroken
from revisits import actions
from revisits.actions.assignment import Assigned
from revisits.forms.team import AssignForm, CallsForm, GiveForm
from revisits.lines import origin, state_status
from revisits.models import CALLABLE_STATES, Revisit
from revisits.queries import pool, team
from revisits.views import choices

FREE, GIVEN = "free", "given"
#: calls that nobody may make, shown at once
MOST_BARRED = 30


def stores_managed(request: HttpRequest) -> list[int]:
    """The stores whose calls the user manages."""
    return policy.stores_allowing(request.user, "revisits.manage")


def chosen_store(request: HttpRequest) -> Store | None:
    """The store of the address, else the first that the user manages; a foreign one is not found."""
    asked = request.GET.get("store", "")
    stores = Store.objects.visible_to(request.user).filter(pk__in=stores_managed(request))
    if asked.isdecimal() and len(asked) < 10:
        return guard.get_or_404(stores, request, pk=int(asked))
    return stores.first()


# ---- calls that a manager assigns ------------------------------------------------------------------------------------


@guard.needs("revisits.manage")
def assign(request: HttpRequest) -> HttpResponse:
    """The open calls that wait for a manager's hand, or have been given to somebody; several are given at once."""
    today = clock.today()
    store = chosen_store(request)
    show = request.GET.get("show", FREE)
    rows = _assignable(store, show, request.GET.get("rule", ""), today)
    page = paging.paginate(rows, order=["expires_on", "pk"], cursor=request.GET.get("after", ""))
    context = {
        "store": store,
        "stores": list(Store.objects.filter(pk__in=stores_managed(request))),
        "show": GIVEN if show == GIVEN else FREE,
        "lines": [{"task": task, "origin": origin(task), "status": state_status(task, today)} for task in page],
        "page": page,
        "count": paging.capped_count(rows),
        "fields": _fields(request, store, show),
        "people": _people(store, today),
    }
    return render(request, "revisits/assign.html", context)


def _assignable(store: Store | None, show: str, rule: str, today: date) -> QuerySet[Revisit]:
    """Open calls of the store: of rules that a manager assigns, not given yet; or all that are given to somebody."""
    rows = Revisit.objects.filter(store=store, state__in=CALLABLE_STATES, head=None, due_on__lte=today)
    if show == GIVEN:
        rows = rows.filter(assigned_to__isnull=False)
    else:
        rows = rows.filter(assigned_to=None, rule_version__owner_role=Role.MANAGER)
    rows = rows.filter(rule__code=rule) if rule else rows
    return rows.select_related("customer", "vehicle", "phone", "complaint").prefetch_related(
        "rule", "rule_version", "delivery__sales_consultant", "repair_order", "assigned_to", "last_result"
    )


def _fields(request: HttpRequest, store: Store | None, show: str) -> list[dict[str, Any]]:
    options = [(FREE, _("Not given yet")), (GIVEN, _("Given to somebody"))]
    fields = [
        {"name": "show", "label": _("Show"), "value": show, "options": options},
        choices.rules(request.GET.get("rule", "")),
    ]
    places = [(one.pk, one.short_name) for one in Store.objects.filter(pk__in=stores_managed(request))]
    if len(places) > 1 and store:
        fields.insert(0, {"name": "store", "label": _("Store"), "value": store.pk, "options": places})
    return fields


def _people(store: Store | None, today: date) -> list[dict[str, Any]]:
    """The callers of the store with how many calls wait for each of them."""
    if store is None:
        return []
    people = list(pool.callers([store.pk], today, [Role.SPECIALIST, Role.MANAGER]).order_by("name", "pk"))
    away = pool.away(store.pk, today).everybody
    open_calls = team.given_counts(store.pk)
    return [{"employee": one, "count": open_calls.get(one.pk, 0), "is_away": one.pk in away} for one in people]


@require_POST
@guard.needs("revisits.manage")
def assign_many(request: HttpRequest) -> HttpResponse:
    """Give the ticked calls to one person, or (``take_back``) back to the pool."""
    store = guard.get_or_404(Store.objects, request, pk=_number(request.POST.get("store", "")))
    by, rows = guard.acting(request, store.pk), Revisit.objects.filter(store=store)
    is_back = "take_back" in request.POST
    people = list(pool.callers([store.pk], clock.today(), [Role.SPECIALIST, Role.MANAGER]))
    form = CallsForm(request.POST, rows=rows) if is_back else AssignForm(request.POST, rows=rows, people=people)
    back = f"{reverse('revisits:assign')}?store={store.pk}&show={GIVEN if is_back else FREE}"
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(map(str, errors)))
        return redirect(back)
    try:
        if is_back:
            done = actions.unassign(form.ids, by=by, now=clock.now())
        else:
            done = actions.assign(form.ids, to=form.cleaned_data["to"], by=by, now=clock.now())
    except RuleBroken as refused:
        messages.error(request, refused.message)
        return redirect(back)
    _say(request, done, None if is_back else form.cleaned_data["to"])
    return redirect(back)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _say(request: HttpRequest, done: Assigned, to: Employee | None) -> None:
    """What was given, and what was not."""
    count = len(done.done)
    if count and to is not None:
        told = ngettext("%(count)d call is given to %(name)s.", "%(count)d calls are given to %(name)s.", count)
        messages.success(request, told % {"count": count, "name": to.name})
    elif count:
        told = ngettext("%(count)d call is back in the pool.", "%(count)d calls are back in the pool.", count)
        messages.success(request, told % {"count": count})
    for one in done.refused:
        name = one.revisit.customer.listed_name if one.revisit.customer else "–"
        words = {"name": name, "rule": one.revisit.rule.label, "why": one.reason}
        messages.warning(request, _("%(name)s, %(rule)s: %(why)s") % words)


# ---- calls that nobody at the desk may make --------------------------------------------------------------------------


@guard.needs("revisits.manage")
def nobody(request: HttpRequest) -> HttpResponse:
    """The scored and confirming calls that nobody at the desk may make, each with who else could."""
    return _nobody_page(request, chosen_store(request), None, 0)


def _nobody_page(
    request: HttpRequest, store: Store | None, form: GiveForm | None, pk: int, status: int = 200
) -> HttpResponse:
    today = clock.today()
    rows = team.nobody_may(store.pk, today) if store else Revisit.objects.none()
    shown = rows.select_related("customer", "vehicle", "phone", "complaint").prefetch_related(
        "rule", "rule_version", "delivery__sales_consultant", "repair_order__service_advisor"
    )
    found = list(shown.order_by("priority", "expires_on", "pk")[:MOST_BARRED])
    if form and pk not in {task.pk for task in found}:  # meanwhile somebody at the desk may make it
        for errors in form.errors.values():
            messages.error(request, " ".join(map(str, errors)))
    people = team.people_with_roles(store.pk, today, team.FALLBACK) if store else []
    stands = team.standings(found, people)
    context = {
        "store": store,
        "fields": _store_field(request, store),
        "lines": [_barred_line(task, stands.get(task.pk, []), form if task.pk == pk else None) for task in found],
        "count": rows.count(),
        "desk": len([one for one in people if one[1] == Role.SPECIALIST]),
        "may_people": policy.allows(request.user, "people.view"),
    }
    return render(request, "revisits/nobody.html", context, status=status)


def _store_field(request: HttpRequest, store: Store | None) -> list[dict[str, Any]]:
    places = [(one.pk, one.short_name) for one in Store.objects.filter(pk__in=stores_managed(request))]
    if len(places) < 2 or store is None:
        return []
    return [{"name": "store", "label": _("Store"), "value": store.pk, "options": places}]


def _barred_line(task: Revisit, stands: list[team.Standing], form: GiveForm | None) -> dict[str, Any]:
    """One such call: who may make it at once, who only with a permission."""
    chosen = form.data.get("to", "") if form else ""
    options = [
        {
            "id": one.person.pk,
            "name": one.person.name,
            "role": Role(one.role).label,
            "permission": one.needs_permission,
            "chosen": str(one.person.pk) == chosen,
        }
        for one in stands
        if not one.is_accused
    ]
    return {
        "task": task,
        "origin": origin(task),
        "free": [one for one in options if not one["permission"]],
        "served": [one for one in options if one["permission"]],
        "reason": form.data.get("reason", "") if form else "",
        "errors": [error for errors in form.errors.values() for error in errors] if form else [],
    }


@require_POST
@guard.needs("revisits.manage")
def give(request: HttpRequest, pk: int) -> HttpResponse:
    """Give one call to somebody; who served needs the reason, which is counted."""
    task = guard.get_or_404(Revisit.objects, request, pk=pk)
    by, now, today = guard.acting(request, task.store_id), clock.now(), clock.today()
    people = [person.pk for person, _role in team.people_with_roles(task.store_id, today, team.FALLBACK)]
    form = GiveForm(request.POST, people=people)
    if form.is_valid():
        to = form.cleaned_data["to"]
        try:
            if team.barred([task], to).exists():
                actions.allow(task.pk, to=to, reason=form.cleaned_data["reason"], by=by, now=now)
            else:
                _refuse_if_left(actions.assign([task.pk], to=to, by=by, now=now))
            messages.success(request, _("%(name)s makes this call.") % {"name": to.name})
            return redirect(f"{reverse('revisits:nobody')}?store={task.store_id}")
        except RuleBroken as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.message)
    return _nobody_page(request, task.store, form, task.pk, status=422)


def _refuse_if_left(done: Assigned) -> None:
    """One call that could not be given is a refusal, not a remark."""
    if done.refused:
        raise RuleBroken(done.refused[0].reason)
