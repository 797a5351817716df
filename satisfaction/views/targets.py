"""What the figures are to reach in a store (or the company) from a month on, and the form that sets it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Employee, Store
from crm_site.accounts.places import may_set_company
from crm_site.core import clock, formats
from crm_site.core.dates import Month, month_of, parse_month
from crm_site.core.errors import RuleBroken
from crm_site.core.figures import Scope
from satisfaction import actions, queries
from satisfaction.actions.targets import FIGURES
from satisfaction.forms import Aim, TargetsForm
from satisfaction.models import Questionnaire, Target
from satisfaction.queries.targets import Book, target_book
from satisfaction.views.asked import PART_WORDS, parts_of
from satisfaction.views.lens import KINDS

COMPANY = "company"
#: how many months ahead a target may begin
MONTHS_AHEAD = 12
Kind = Questionnaire.Kind
#: kind -> the figures of whole responses that its questionnaires ask for
ASKED = {
    Kind.SERVICE: ("index", "very_satisfied", "loyalty", "nps"),
    Kind.SALES: ("index", "very_satisfied", "loyalty", "nps", "execution"),
    Kind.CONFIRMATION: ("index",),
}


@dataclass(frozen=True)
class Place:
    """Whose targets the page shows: store None = the company; from which month; whether they may be set here."""

    store: Store | None
    kind: str
    month: Month
    stores: tuple[Store, ...]
    may_company: bool
    may_set: bool

    @property
    def query(self) -> str:
        """The address' query; ids and codes only."""
        return urlencode({"store": self.store.pk if self.store else COMPANY, "kind": self.kind, "month": self.month})


@guard.needs("satisfaction.targets")
def targets(request: HttpRequest) -> HttpResponse:
    """Every target that holds in a place, where it comes from, those still to come, and the form to set them."""
    place = _place(request)
    aims = aims_of(place)
    rows = list(_rows(place))
    own = {f"{row.figure}@{row.part}": row for row in rows if row.since == place.month.start}
    form = TargetsForm(request.POST if request.method == "POST" else None, aims=aims, own=own)
    if request.method == "POST":
        _may_set(request, place)
        if form.is_valid() and _save(request, place, form):
            return redirect(f"{reverse('satisfaction:targets')}?{place.query}")
    book = target_book([place.store.pk] if place.store else [], place.kind, place.month.start)
    context = {
        "place": place,
        "form": form,
        "fields": _fields(place),
        "lines": [_line(aim, form, book) for aim in aims],
        "history": [_past(row, aims) for row in rows],
        "back": reverse("satisfaction:dashboard") if policy.allows(request.user, "satisfaction.view") else "/",
    }
    return render(request, "satisfaction/targets.html", context, status=422 if form.errors else 200)


def _rows(place: Place) -> Any:
    """The place's own targets, the newest first."""
    rows = Target.objects.filter(store=place.store, kind=place.kind).select_related("set_by")
    return rows.order_by("-since", "figure", "part")


def aims_of(place: Place) -> list[Aim]:
    """What can have a target in a kind: the figures, the people of each part, the factors of the tree."""
    figures = [Aim(code, "", queries.FIGURES[code].label, *FIGURES[code]) for code in ASKED[Kind(place.kind)]]
    parts = [Aim("index", part, PART_WORDS[part]) for part in parts_of(place.kind)]
    stores = [place.store.pk] if place.store else [store.pk for store in place.stores]
    tree = queries.tree_of(Scope.of_month(stores, place.month, kind=place.kind), every=True)
    return figures + parts + [Aim(f"factor:{line.code}", "", line.label) for line in tree]


def _save(request: HttpRequest, place: Place, form: TargetsForm) -> bool:
    """Write every changed target, or none; a refusal is said on the page."""
    by, changed = _actor(request, place), 0
    try:
        with transaction.atomic():
            for aim, value, version in form.values():
                changed += _set(place, aim, value, version, by)
    except RuleBroken as refused:
        form.add_error(None, refused.message)
        return False
    text = ngettext("%(count)d target set.", "%(count)d targets set.", changed)
    messages.success(request, text % {"count": changed} if changed else _("Nothing was changed."))
    return True


def _set(place: Place, aim: Aim, value: Decimal | None, version: int, by: Employee) -> bool:
    """Set one target; whether that changed anything."""
    where: dict[str, Any] = {"kind": place.kind, "figure": aim.figure, "part": aim.part, "since": place.month.start}
    before = Target.objects.filter(store=place.store, **where).values_list("value", flat=True).first()
    actions.set_target(
        place.store, **where, value=value, by=by, at=clock.now(), today=clock.today(), sent_version=version
    )
    return before != value


def _actor(request: HttpRequest, place: Place) -> Employee:
    """Who sets them: the employee of the store; for the company that of one of their stores."""
    return guard.acting(request, place.store.pk if place.store else place.stores[0].pk)


def _may_set(request: HttpRequest, place: Place) -> None:
    if not place.may_set:
        guard.refuse(request, "role", place.store)


def _place(request: HttpRequest) -> Place:
    """Store, kind and month of the address; 404 for what is not this user's, and for a month that is over."""
    stores = tuple(Store.objects.filter(pk__in=policy.stores_allowing(request.user, "satisfaction.targets")))
    may_company = may_set_company(request.user, "worktime.company")
    asked, kind = request.GET.get("store", ""), request.GET.get("kind") or Kind.SERVICE
    store = next((one for one in stores if str(one.pk) == asked), None) if asked else stores[0]
    if kind not in KINDS or (store is None and not (asked == COMPANY and may_company)):
        raise Http404
    may_set = may_company if store is None else policy.allows(request.user, "satisfaction.set_targets", store.pk)
    return Place(store, str(kind), _month(request), stores, may_company, may_set)


def _month(request: HttpRequest) -> Month:
    now = month_of(clock.today())
    written = request.GET.get("month", "")
    try:
        month = parse_month(written) if written else now
    except RuleBroken as unknown:
        raise Http404 from unknown
    if not now <= month <= now.shift(MONTHS_AHEAD):
        raise Http404
    return month


def _fields(place: Place) -> list[dict[str, Any]]:
    now = month_of(clock.today())
    months = [now.shift(ahead) for ahead in range(MONTHS_AHEAD + 1)]
    stores: list[tuple[Any, Any]] = [(one.pk, one.short_name) for one in place.stores]
    if place.may_company:
        stores.append((COMPANY, _("Company, where a store has none")))
    month_options = [(month, _("from %(month)s on") % {"month": month}) for month in months]
    return [
        {"name": "store", "label": _("Store"), "value": place.store.pk if place.store else COMPANY, "options": stores},
        {"name": "kind", "label": _("What is judged"), "value": place.kind, "options": list(KINDS.items())},
        {"name": "month", "label": _("Month"), "value": place.month, "options": month_options},
    ]  # fmt: skip


def _line(aim: Aim, form: TargetsForm, book: Book) -> dict[str, Any]:
    """One aim: its field, and what holds in the month."""
    row = book.row(aim.figure, part=aim.part)
    return {
        "aim": aim,
        "field": form[aim.name],
        "version": form[f"{aim.name}@version"],
        "holding": formats.number(row.value, 1) if row else "",
        "origin": _origin(row) if row else "",
    }


def _origin(row: Target) -> str:
    """Where a target comes from, in words."""
    place = _("store") if row.store_id else _("company")
    return f"{place} · {_('from %(month)s on') % {'month': month_of(row.since)}}"


def _past(row: Target, aims: list[Aim]) -> dict[str, Any]:
    """One row of the history: what, from when, how much, who."""
    words = {aim.name: aim.label for aim in aims}
    return {"label": words.get(f"{row.figure}@{row.part}", row.figure), "row": row, "month": month_of(row.since)}
