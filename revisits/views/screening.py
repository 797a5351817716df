"""The year-end screening: how many customers of a year meet the five questions, and who they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from crm_site.accounts import guard
from crm_site.accounts.places import place_of
from crm_site.core import clock, formats, paging
from crm_site.core.urls import with_query
from customers.care import pages
from customers.models import Customer, YearValue
from customers.views.lists import line, with_numbers_and_cars
from revisits.queries import screening as queries
from revisits.queries.screening import QUESTIONS, Thresholds

CAPABILITY = "customers.classes"
#: in these months the year that ends is screened, before them the last one
LAST_MONTHS = (10, 11, 12)
OFFERED = {
    "amount": (500, 1000, 2000, 3000, 5000, 10000, 20000),
    "visits": (1, 2, 3, 4, 6),
    "complaints": (0, 1, 2),
    "archive": (20, 40, 60, 80, 90, 100),
}


@guard.needs(CAPABILITY)
@never_cache
def screening(request: HttpRequest) -> HttpResponse:
    """The figures of one store and year by the thresholds of the address, and those who meet so many questions."""
    place, today = place_of(request, CAPABILITY), clock.today()
    year, by = _year(request, today), _thresholds(request)
    rows = queries.screened(request.user, place.store.pk, year, by)
    met, each = queries.summed(rows)
    asked = request.GET.get("met", "")
    wanted = int(asked) if asked in {"0", "1", "2", "3", "4", "5"} else 5
    page = paging.paginate(rows.filter(met=wanted), order=["-amount"], cursor=request.GET.get("at", ""))
    context = {
        "place": place,
        "tabs": pages.tabs(request.user, "screening"),
        "fields": [*place.fields, _year_field(year, today), *_threshold_fields(by)],
        "figures": _figures(request, met, wanted),
        "questions": _questions(by, each, sum(met.values())),
        "lines": _lines(page),
        "count": met[wanted],
        "year": year,
        "wanted": wanted,
        "next_url": with_query(request, at=page.next) if page.next else "",
        "previous_url": with_query(request, at=page.previous) if page.previous else "",
    }
    return render(request, "revisits/classes/screening.html", context)


def _year(request: HttpRequest, today: date) -> int:
    asked = request.GET.get("year", "")
    known = range(today.year - 4, today.year + 1)
    usual = today.year if today.month in LAST_MONTHS else today.year - 1
    return int(asked) if asked in map(str, known) else usual


def _year_field(year: int, today: date) -> dict[str, Any]:
    options = [(one, str(one)) for one in range(today.year, today.year - 5, -1)]
    return {"name": "year", "label": _("Year"), "value": year, "options": options}


def _thresholds(request: HttpRequest) -> Thresholds:
    """The thresholds of the address; what is not offered is as usual."""
    found = Thresholds()
    for name, offered in OFFERED.items():
        asked = request.GET.get(name, "")
        if asked in map(str, offered):
            found = replace(found, **{name: int(asked)})
    loyalty = request.GET.get("loyalty", "")
    return replace(found, loyalty=loyalty) if loyalty in queries.LOYALTY else found


def _threshold_fields(by: Thresholds) -> list[dict[str, Any]]:
    words = {
        "amount": lambda n: _("from %(n)s yuan") % {"n": formats.number(n)},
        "visits": lambda n: ngettext("from %(n)d visit", "from %(n)d visits", n) % {"n": n},
        "complaints": lambda n: ngettext("at most %(n)d complaint", "at most %(n)d complaints", n) % {"n": n},
        "archive": lambda n: _("card complete to %(n)d%%") % {"n": n},
    }
    fields = [
        {"name": name, "label": _question_words()[name], "value": getattr(by, name),
         "options": [(one, words[name](one)) for one in offered]}
        for name, offered in OFFERED.items()
    ]  # fmt: skip
    options = [("loyal", _("loyal only")), ("ordinary", _("loyal or ordinary"))]
    fields.insert(2, {"name": "loyalty", "label": _("Loyalty"), "value": by.loyalty, "options": options})
    return fields


def _question_words() -> dict[str, str]:
    """The questions in the reader's language."""
    return {
        "amount": _("Contribution"),
        "visits": _("Visits"),
        "loyalty": _("Loyalty"),
        "complaints": _("Complaints"),
        "archive": _("Archive and consent"),
    }


def _figures(request: HttpRequest, met: dict[int, int], wanted: int) -> list[dict[str, Any]]:
    """How many meet 5, 4 … 0 questions; each opens its list."""
    return [
        {
            "label": ngettext("%(n)d of 5 met", "%(n)d of 5 met", number) % {"n": number},
            "value": formats.number(met[number]),
            "url": with_query(request, met=str(number), at=None),
            "current": number == wanted,
            "kind": "ok" if number == 5 else "",
        }
        for number in range(5, -1, -1)
    ]


def _questions(by: Thresholds, each: dict[str, int], everybody: int) -> list[dict[str, Any]]:
    """Each question in words, how many meet it, and their share."""
    said = {
        "amount": _("settled orders of the year from %(n)s yuan") % {"n": formats.number(by.amount)},
        "visits": ngettext("at least %(n)d visit", "at least %(n)d visits", by.visits) % {"n": by.visits},
        "loyalty": _("after-sales class loyal") if by.loyalty == "loyal" else _("after-sales class loyal or ordinary"),
        "complaints": ngettext(
            "at most %(n)d valid complaint in the year", "at most %(n)d valid complaints in the year", by.complaints
        ) % {"n": by.complaints},
        "archive": _("card complete to %(n)d%%, marketing calls not refused") % {"n": by.archive},
    }  # fmt: skip
    words = _question_words()
    return [
        {"word": words[name], "said": said[name], "number": each[name],
         "share": each[name] / everybody if everybody else None}
        for name in QUESTIONS
    ]  # fmt: skip


def _lines(page: paging.Page) -> list[dict[str, Any]]:
    """One customer a line, with which questions they meet."""
    rows: list[YearValue] = list(page)
    people = with_numbers_and_cars(Customer.objects.filter(pk__in=[row.customer_id for row in rows]))
    known = {customer.pk: line(customer) for customer in people.select_related("store")}
    words = _question_words()
    return [
        {
            **known[row.customer_id],
            "row": row,
            "value": known[row.customer_id]["customer"].get_value_class_display(),
            "marks": [{"word": words[name], "is_met": bool(getattr(row, f"is_{name}"))} for name in QUESTIONS],
        }
        for row in rows
    ]
