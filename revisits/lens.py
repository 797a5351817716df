"""What a page of figures is asked for: month, stores and role, as far as this user may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from crm_site.accounts import policy
from crm_site.accounts.models import Role, Store
from crm_site.core.dates import Month, month_of, months_between, parse_month
from crm_site.core.errors import RuleBroken
from crm_site.core.figures import Scope

#: whose calls may be asked for apart
ROLES = (Role.SPECIALIST, Role.FRONTLINE)
#: how many months back the choice goes
MONTHS_BACK = 24


@dataclass(frozen=True)
class Lens:
    """One user's view of a month; a running month ends today."""

    month: Month
    stores: tuple[Store, ...]
    choosable: tuple[Store, ...]
    role: str
    now: datetime
    today: date
    #: how many months up to that one are looked at as one, where somebody came for more
    span: int = 1

    @property
    def scope(self) -> Scope:
        """The stores and days, with what cut-offs need."""
        end = min(self.month.end, date.fromordinal(self.today.toordinal() + 1))
        filters: dict[str, Any] = {"today": self.today, "now": self.now}
        if self.role:
            filters["role"] = self.role
        start = self.month.shift(1 - self.span).start
        return Scope(tuple(store.pk for store in self.stores), start, end, filters)

    @property
    def is_running(self) -> bool:
        """Whether the month is not over, so that its figures will still move."""
        return self.today < self.month.end

    @property
    def store(self) -> Store | None:
        """The one store that is looked at, where it is one."""
        return self.stores[0] if len(self.stores) == 1 else None

    @property
    def kept(self) -> list[tuple[str, Any]]:
        """What every address of this view carries."""
        store = self.store.pk if self.store and len(self.choosable) > 1 else ""
        pairs = [("month", str(self.month)), ("store", store), ("role", self.role)]
        return [(name, value) for name, value in pairs if value != ""]

    def url(self, name: str, *args: Any, **more: Any) -> str:
        """The address of a page of revisits for the same view; codes and ids only."""
        pairs = self.kept + [(key, value) for key, value in more.items() if value not in (None, "")]
        return f"{reverse(f'revisits:{name}', args=args)}?{urlencode(pairs)}"

    @property
    def fields(self) -> list[dict[str, Any]]:
        """Month, store and role as the filter bar wants them."""
        return [*self.place_fields, self.role_field]

    @property
    def place_fields(self) -> list[dict[str, Any]]:
        """Month and, of several, the store."""
        newest = month_of(self.today)
        months = list(months_between(min(newest.shift(-MONTHS_BACK), self.month), newest))[::-1]
        fields = [{"name": "month", "label": _("Month"), "value": self.month, "options": [(m, m) for m in months]}]
        if len(self.choosable) > 1:
            options = [("", _("All stores")), *((one.pk, one.short_name) for one in self.choosable)]
            fields.append({"name": "store", "label": _("Store"), "value": self.store.pk if self.store else "",
                           "options": options})  # fmt: skip
        return fields

    @property
    def role_field(self) -> dict[str, Any]:
        """Whose calls."""
        options = [("", _("Calls of everybody")), *((role.value, role.label) for role in ROLES)]
        return {"name": "role", "label": _("Whose calls"), "value": self.role, "options": options}


def lens_of(request: HttpRequest, capability: str, *, now: datetime, today: date) -> Lens:
    """Read month, store and role from the address; 404 for what does not exist or is not this user's to see."""
    allowed = policy.stores_allowing(request.user, capability)
    choosable = tuple(Store.objects.filter(pk__in=allowed))
    stores, asked = choosable, request.GET.get("store", "")
    if asked:
        stores = tuple(one for one in choosable if str(one.pk) == asked)
    role = request.GET.get("role", "")
    if not stores or role not in ("", *ROLES):
        raise Http404
    return Lens(month_asked(request, today), stores, choosable, role, now, today)


def month_asked(request: HttpRequest, today: date) -> Month:
    """The month in the address, else the running one; 404 for one that has not begun."""
    written = request.GET.get("month")
    if not written:
        return month_of(today)
    try:
        month = parse_month(written)
    except RuleBroken as unknown:
        raise Http404 from unknown
    if month.start > today:
        raise Http404
    return month
