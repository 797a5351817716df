"""Which period, stores and tickets a page of learning looks at, as its address says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.queries import period
from crm_site.accounts import policy
from crm_site.accounts.models import Store
from crm_site.core import clock
from crm_site.core.dates import FIRST_YEAR, LAST_YEAR, Month, month_of, months_between, parse_month
from crm_site.core.errors import RuleBroken
from crm_site.core.figures import Scope

#: how many months a period may have, the last of them being the one named
SPANS = {"1": gettext_lazy("One month"), "3": gettext_lazy("Three months"), "12": gettext_lazy("A whole year")}
REGISTERS = {
    "": gettext_lazy("Registered here"),
    period.OLD: gettext_lazy("Old registers only"),
    period.BOTH: gettext_lazy("With old registers"),
}
#: how many months back the choice goes
MONTHS_BACK = 36
LONGEST_PERIOD = 1_100  # days


@dataclass(frozen=True)
class Lens:
    """One user's view of a period."""

    scope: Scope
    month: Month
    span: str
    now: datetime
    #: the stores between which the user may choose, by key
    stores: dict[int, str]
    store: str = ""
    #: the days first…last in so many words, where an address names them instead of months
    days: tuple[str, str] = ("", "")

    @property
    def register(self) -> str:
        """Which tickets count, see queries.period."""
        return self.scope.get("register", "")

    @property
    def first(self) -> Month:
        """The first month of the period."""
        return self.month.shift(1 - int(self.span))

    @property
    def title(self) -> str:
        """2026-11, 2026-09–2026-11, or the days 2026-11-03–2026-11-19."""
        if self.days[0]:
            return "–".join(self.days)
        return str(self.month) if self.span == "1" else f"{self.first}–{self.month}"

    @property
    def is_running(self) -> bool:
        """Whether the period is not over, so that its figures will still move."""
        return clock.business_day(self.now) < self.month.end

    def query(self, **more: Any) -> dict[str, str]:
        """What addresses of this view carry."""
        span = "" if self.span == "1" else self.span
        period = {"month": self.month, "span": span}
        if self.days[0]:
            period = {"first": self.days[0], "last": self.days[1]}
        values = {**period, "register": self.register, "store": self.store, **more}
        return {name: str(value) for name, value in values.items() if value not in (None, "")}

    def url(self, name: str, *args: Any, **more: Any) -> str:
        """The address of a page of complaints for the same view."""
        return f"{reverse(f'complaints:{name}', args=args)}?{urlencode(self.query(**more))}"

    def list_url(self, figure: str, **filters: Any) -> str:
        """The list of exactly the tickets that a figure counts."""
        return self.url("list", figure=figure, **filters)

    def fields(self) -> list[dict[str, Any]]:
        """The filter bar."""
        newest = max(month_of(clock.business_day(self.now)), self.month)
        months = list(months_between(min(newest.shift(-MONTHS_BACK), self.month), newest))[::-1]
        fields: list[dict[str, Any]] = [
            {"name": "month", "label": _("Until the month"), "value": self.month, "options": [(m, m) for m in months]},
            {"name": "span", "label": _("Period"), "value": self.span, "options": list(SPANS.items())},
            {"name": "register", "label": _("Registers"), "value": self.register, "options": list(REGISTERS.items())},
        ]
        if len(self.stores) > 1:
            options = [("", _("All stores")), *((str(pk), name) for pk, name in self.stores.items())]
            fields.append({"name": "store", "label": _("Store"), "value": self.store, "options": options})
        return fields


def lens_of(request: HttpRequest, now: datetime, capability: str = "complaints.learn") -> Lens:
    """Read month, span, register and store from the address; what is unknown counts as not said."""
    user: Any = request.user
    asked = request.GET
    allowed = policy.stores_allowing(user, capability)
    stores: dict[int, str] = dict(Store.objects.filter(pk__in=allowed).values_list("pk", "short_name"))
    store = asked.get("store", "")
    chosen = [pk for pk in stores if str(pk) == store]
    month = _month(asked.get("month", ""), clock.business_day(now))
    span = asked.get("span", "") if asked.get("span", "") in SPANS else "1"
    register = asked.get("register", "") if asked.get("register", "") in REGISTERS else ""
    days = _days(asked.get("first", ""), asked.get("last", ""))
    start, end = days or (month.shift(1 - int(span)).start, month.end)
    scope = period.scope_of(user, chosen or list(stores), start, end, now=now, register=register)
    named = (str(asked["first"]), str(asked["last"])) if days else ("", "")
    return Lens(scope, month, span, now, stores, store if chosen else "", named)


def _days(first: str, last: str) -> tuple[date, date] | None:
    """The named days as start and end; None where they are no period of at most some years."""
    try:
        start, end = date.fromisoformat(first), date.fromisoformat(last) + timedelta(days=1)
    except (ValueError, OverflowError):
        return None
    known = start.year >= FIRST_YEAR and end.year <= LAST_YEAR
    return (start, end) if known and start < end and (end - start).days <= LONGEST_PERIOD else None


def _month(written: str, today: date) -> Month:
    try:
        return parse_month(written) if written else month_of(today)
    except RuleBroken:
        return month_of(today)
