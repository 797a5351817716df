"""The cars of a customer who has many, and who of us looks after the customer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Employee
from crm_site.core import clock, paging, plates
from crm_site.core.urls import with_query
from customers.actions import keepers
from customers.forms.fleet import KeeperForm
from customers.models import Customer, Vehicle, VehicleRole
from customers.views.access import customer_or_404, editable_or_404, form_page, saved, try_to
from customers.views.card import car_name

#: days ahead within which something is due soon
SOON = 45
MOST_SERIES = 60
DAYS = ("insurance_until", "inspection_due_on", "warranty_until", "first_service_on", "next_maintenance_on")


@guard.needs("customers.view")
@never_cache
def fleet(request: HttpRequest, pk: int) -> HttpResponse:
    """Every car that the customer has or had a role on, filtered and by pages; queries do not grow with the cars."""
    customer, today = customer_or_404(request, pk), clock.today()
    every = Vehicle.objects.filter(roles__customer=customer).distinct()
    rows, fields = _filtered(request, every, customer, today)
    roles = VehicleRole.objects.filter(customer=customer).select_related("contact").order_by("until", "pk")
    listed = rows.prefetch_related(Prefetch("roles", queryset=roles, to_attr="of_customer"))
    page = paging.paginate(listed, order=["-created_at"], cursor=request.GET.get("after", ""))
    context = {
        "customer": customer,
        "rows": [_line(car, today) for car in page],
        "count": paging.capped_count(rows),
        "fields": fields,
        "is_filtered": any(field["value"] for field in fields),
        "next_url": with_query(request, after=page.next) if page.next else "",
        "previous_url": with_query(request, after=page.previous) if page.previous else "",
        "may_edit": policy.allows(request.user, "customers.edit", customer.store_id),
    }
    return render(request, "customers/fleet.html", context)


def _filtered(
    request: HttpRequest, every: QuerySet[Vehicle], customer: Customer, today: date
) -> tuple[QuerySet[Vehicle], list[dict[str, Any]]]:
    """The cars that the filters of the address leave, and the filters to show."""
    series, shown, due = (request.GET.get(name, "") for name in ("series", "shown", "due"))
    known = list(every.exclude(series="").order_by("series").values_list("series", flat=True).distinct()[:MOST_SERIES])
    rows = every
    if series in known:
        rows = rows.filter(series=series)
    present = VehicleRole.objects.current(today).filter(customer=customer).values("vehicle_id")
    if shown == "present":
        rows = rows.filter(pk__in=present, state=Vehicle.State.ACTIVE)
    elif shown == "past":
        rows = rows.exclude(pk__in=present)
    if due in DAYS:  # what is due for a car that went is the next owner's matter
        soon = today + timedelta(days=SOON)
        rows = rows.filter((f"{due}__lte", soon), pk__in=present, state=Vehicle.State.ACTIVE)
    states = [("", _("All vehicles")), ("present", _("In use with this customer")), ("past", _("No longer theirs"))]
    fields = [
        {"name": "shown", "label": _("Shown"), "value": shown, "options": states},
        {
            "name": "series",
            "label": _("Series"),
            "value": series,
            "options": [("", _("All series")), *((one, one) for one in known)],
        },
        {"name": "due", "label": _("Due soon"), "value": due, "options": [("", _("Due or not")), *_due_words()]},
    ]
    return rows, fields


def _due_words() -> list[tuple[str, str]]:
    return [
        ("insurance_until", _("Insurance ends within 45 days")),
        ("inspection_due_on", _("Inspection within 45 days")),
        ("warranty_until", _("Warranty ends within 45 days")),
        ("next_maintenance_on", _("Maintenance within 45 days")),
        ("first_service_on", _("First service within 45 days")),
    ]


def _line(car: Any, today: date) -> dict[str, Any]:
    present = [role for role in car.of_customer if role.until is None or role.until >= today]
    return {
        "vehicle": car,
        "plate": plates.grouped(car.plate_no),
        "name": car_name(car),
        "roles": present or car.of_customer,
        "is_past": not present,
    }


@guard.needs("customers.edit")
def keeper(request: HttpRequest, pk: int) -> HttpResponse:
    """Name who of the store looks after the customer (专属负责人), or nobody."""
    customer, by = editable_or_404(request, pk)
    people = Employee.objects.filter(store_id=customer.store_id)
    people = people.filter(Q(pk__in=people.employed_on(clock.today())) | Q(pk=customer.keeper_id))
    form = KeeperForm(
        request.POST or None, people=people.order_by("name", "pk"), initial={"keeper": customer.keeper_id}
    )
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["keeper"]
        if try_to(form, lambda: keepers.name_keeper(pk, keeper=chosen, by=by, today=clock.today())):
            return saved(request, customer)
    return form_page(request, "customers/keeper.html", {"form": form, "customer": customer})
