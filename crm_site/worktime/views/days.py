"""Pages of the calendar: the year with its marked days, marking, changing and unmarking them, whole lists."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Store
from crm_site.accounts.places import may_set_company, require_company
from crm_site.audit.trail import Actor
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.worktime import actions, calendars, official, year
from crm_site.worktime.forms import (
    AddCompanyDaysForm,
    AddStoreDaysForm,
    ChangeCompanyDayForm,
    ChangeStoreDayForm,
    ListForm,
    initial_of,
)
from crm_site.worktime.models import CalendarDay
from crm_site.worktime.rules import WorkCalendar

FIRST_YEAR, LAST_YEAR = 2004, 2099
#: days that hold for every store; of an admin of every one
COMPANY = "worktime.company"


@guard.needs("worktime.view")
def calendar(request: HttpRequest) -> HttpResponse:
    """One year of one store, or of the law: every day open or closed, the marked ones named."""
    today = clock.today()
    shown = _year(request.GET.get("year"), today.year)
    allowed = policy.stores_allowing(request.user, "worktime.view")
    stores = list(Store.objects.visible_to(request.user).filter(pk__in=allowed))
    store = _chosen_store(request, stores)
    span = (date(shown, 1, 1), date(shown, 12, 31))
    scope = CalendarDay.objects.of_company() | CalendarDay.objects.filter(store=store)
    marks = list((scope if store else CalendarDay.objects.of_company()).in_year(shown).select_related("store"))
    opening: WorkCalendar = calendars.store_calendar(store.pk, *span) if store else calendars.legal_calendar(*span)
    context = {
        "year": shown,
        "store": store,
        "stores": stores,
        "months": year.months(shown, opening, marks, today),
        "stretches": year.stretches(marks),
        "missing": calendars.missing_years(today),
        "has_list": any(mark.store_id is None for mark in marks),
        "is_shipped": official.knows(shown),
        "fields": _filter_fields(shown, store, stores),
        "may_edit": policy.allows(request.user, "worktime.edit"),
        "may_edit_company": may_set_company(request.user, COMPANY),
    }
    return render(request, "worktime/calendar.html", context)


@guard.needs("worktime.edit")
def add_store_days(request: HttpRequest) -> HttpResponse:
    """Mark days of the user's stores as open or closed, against the week or a holiday."""
    stores = Store.objects.visible_to(request.user).filter(pk__in=policy.stores_allowing(request.user, "worktime.edit"))
    first = stores.filter(pk=_number(request.GET.get("store"))) or stores[:1]
    initial = {"stores": first, "first": _day(request.GET.get("day")), "kind": "closed"}
    form = AddStoreDaysForm(request.POST or None, stores=stores, initial=initial)
    if request.method == "POST" and form.is_valid():
        places = {store.pk: guard.acting(request, store.pk) for store in form.cleaned_data["stores"]}
        made = _try(form, lambda: actions.add_days(places, *form.stretch(), form.entry()))
        if made:
            return _back(request, made[0], _marked(len(made)))
    texts = {
        "heading": _("Mark days of a store"),
        "note": _("Closed although it would be open, or open although it would be closed."),
        "submit": _("Mark these days"),
    }
    back = _year_address(clock.today().year, _number(request.GET.get("store")))
    return render(request, "worktime/day_form.html", {"form": form, "texts": texts, "back": back})


@guard.needs(COMPANY)
def add_company_days(request: HttpRequest) -> HttpResponse:
    """Mark holidays or make-up workdays, which hold for all stores and by the law."""
    require_company(request, COMPANY)
    form = AddCompanyDaysForm(request.POST or None, initial={"first": _day(request.GET.get("day"))})
    if request.method == "POST" and form.is_valid():
        made = _try(form, lambda: actions.add_days({None: _user(request)}, *form.stretch(), form.entry()))
        if made:
            return _back(request, made[0], _marked(len(made)))
    texts = {
        "heading": _("Add holidays or make-up workdays"),
        "note": _("They hold for all stores, and the legal working days are counted by them."),
        "submit": _("Mark these days"),
    }
    back = _year_address(clock.today().year, 0)
    return render(request, "worktime/day_form.html", {"form": form, "texts": texts, "back": back})


@guard.needs("worktime.edit")
def change_day(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what a marked day is; the page also offers to remove the mark."""
    row = guard.get_or_404(CalendarDay.objects, request, pk=pk)
    _require(request, row)
    kind_of_form = ChangeCompanyDayForm if row.store_id is None else ChangeStoreDayForm
    initial = initial_of(row) | {"shown": actions.day_text(row)}
    form = kind_of_form(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        shown, by = form.cleaned_data["shown"], _actor(request, row.store_id)
        changed = _try(form, lambda: actions.change_day(row.pk, form.entry(), shown=shown, by=by))
        if changed:
            return _back(request, changed, _("The day is saved."))
    texts = {"heading": f"{row.day:%Y-%m-%d}", "submit": _("Save this day"), "note": ""}
    back = _year_address(row.day.year, row.store_id)
    return render(request, "worktime/day_form.html", {"form": form, "texts": texts, "row": row, "back": back})


@require_POST
@guard.needs("worktime.edit")
def remove_days(request: HttpRequest) -> HttpResponse:
    """Take the marks from the days named by `day` (one or several keys)."""
    keys = {_number(value) for value in request.POST.getlist("day")}
    rows = [guard.get_or_404(CalendarDay.objects, request, pk=key) for key in sorted(keys)]
    if not rows:
        raise Http404
    for row in rows:
        _require(request, row)
    count = actions.remove_days([row.pk for row in rows], by=_actor(request, rows[0].store_id))
    done = ngettext("%(count)s mark is removed.", "%(count)s marks are removed.", count) % {"count": count}
    return _back(request, rows[0], done)


@guard.needs(COMPANY)
def enter_list(request: HttpRequest, shown: int) -> HttpResponse:
    """Type or paste the official list of a year, one stretch a line."""
    require_company(request, COMPANY)
    if not FIRST_YEAR <= shown <= LAST_YEAR:
        raise Http404
    there = CalendarDay.objects.of_company().in_year(shown)
    form = ListForm(request.POST or None, year=shown, initial={"lines": official.as_lines(year.as_list(there))})
    if request.method == "POST" and form.is_valid():
        result = _try(form, lambda: actions.enter_list(shown, form.cleaned_data["lines"], by=_user(request)))
        if result:
            return _to_year(request, shown, _loaded(result))
    context = {
        "form": form,
        "year": shown,
        "count": len(there),
        "example": official.example(shown),
        "back": _year_address(shown, None),
    }
    return render(request, "worktime/list_form.html", context)


@require_POST
@guard.needs(COMPANY)
def load_list(request: HttpRequest, shown: int) -> HttpResponse:
    """Fill a year from the list that comes with this version."""
    require_company(request, COMPANY)
    try:
        result = actions.load_official_holidays(shown, by=_user(request))
    except RuleBroken as error:
        messages.error(request, error.message)
        return redirect("worktime:enter_list", shown=shown)
    return _to_year(request, shown, _loaded(result))


def _try(form: Form, change):
    """Run the change; what the rules refuse becomes an error of the form, and None comes back."""
    try:
        return change()
    except RuleBroken as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return None


def _require(request: HttpRequest, row: CalendarDay) -> None:
    """A store's day needs the right in that store, a day of all stores the company's."""
    if row.store_id is not None:
        guard.require(request, "worktime.edit", row)
    else:
        require_company(request, COMPANY)


def _actor(request: HttpRequest, store_id: int | None) -> Actor:
    return _user(request) if store_id is None else guard.acting(request, store_id)


def _user(request: HttpRequest) -> Actor:
    """Whoever changes what belongs to no store acts as the user, not as an employee of one."""
    return request.user  # type: ignore[return-value]


def _back(request: HttpRequest, row: CalendarDay, done: str) -> HttpResponse:
    messages.success(request, done)
    return redirect(_year_address(row.day.year, row.store_id))


def _to_year(request: HttpRequest, shown: int, done: str) -> HttpResponse:
    messages.success(request, done)
    return redirect(_year_address(shown, None))


def _year_address(shown: int, store_id: int | None) -> str:
    """The calendar of a year, of a store or (None) of the law."""
    return f"{reverse('worktime:calendar')}?year={shown}&store={store_id or 0}"


def _marked(count: int) -> str:
    return ngettext("%(count)s day is marked.", "%(count)s days are marked.", count) % {"count": count}


def _loaded(result: actions.LoadResult) -> str:
    words = _("%(year)s: %(added)s added, %(changed)s changed, %(removed)s removed, %(kept)s entered by hand kept.")
    return words % vars(result)


def _filter_fields(shown: int, store: Store | None, stores: list[Store]) -> list[dict]:
    years = [(value, str(value)) for value in range(shown - 3, shown + 4)]
    places = [(0, _("Legal calendar")), *((one.pk, one.short_name) for one in stores)]
    return [
        {"name": "year", "label": _("Year"), "value": shown, "options": years},
        {"name": "store", "label": _("Store"), "value": store.pk if store else 0, "options": places},
    ]


def _chosen_store(request: HttpRequest, stores: list[Store]) -> Store | None:
    """The store of the address, of the only one there is, or None for the law; a foreign one is not found."""
    if "store" not in request.GET:
        return stores[0] if len(stores) == 1 else None
    key = _number(request.GET["store"])
    return guard.get_or_404(Store.objects, request, pk=key) if key else None


def _year(text: str | None, otherwise: int) -> int:
    value = _number(text)
    return value if FIRST_YEAR <= value <= LAST_YEAR else otherwise


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
