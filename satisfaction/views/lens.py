"""What a request asks for: months, kind, stores, departments and filters, as far as this user may see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm_site.accounts import policy
from crm_site.accounts.models import Department, Role, Store
from crm_site.core.dates import Month, month_of, parse_month
from crm_site.core.errors import RuleBroken
from crm_site.core.figures import Scope
from satisfaction import rules
from satisfaction.attribution import KIND_JUDGING
from satisfaction.models import Questionnaire
from satisfaction.queries import OCCASION, headed
from satisfaction.queries.summaries import RAW_MONTHS, must_wait
from satisfaction.views.asked import FILTERS, UNKNOWN, Asked, read_filters

Kind = Questionnaire.Kind
#: the scored kinds, in the order of the page's choice
KINDS: dict[str, str | Promise] = {
    Kind.SERVICE: _("Service satisfaction"),
    Kind.SALES: _("Sales satisfaction"),
    Kind.CONFIRMATION: _("Complaint handling"),
}
#: which kind judges a department
KIND_OF = KIND_JUDGING
MONTHS = 12
#: how many months may be looked at as one
SPANS = (1, 3, 12)


@dataclass(frozen=True)
class Lens:
    """One user's view: the scope, which kinds may be chosen, and the words of the filters that narrow it."""

    scope: Scope
    kinds: tuple[str, ...]
    today: date
    #: filter -> what its chip says
    words: dict[str, str] = field(default_factory=dict)
    #: every store that may be chosen, whether or not one is
    stores: tuple[int, ...] = ()
    #: how many months its histories show; 0 = as many as may be added up while somebody waits
    history: int = 0

    @property
    def month(self) -> Month:
        """The month that is looked at; of several the last."""
        return month_of(self.scope.last)

    @property
    def first_month(self) -> Month:
        """The first of the months that are looked at as one."""
        return self.scope.month

    @property
    def span(self) -> int:
        """How many months are looked at as one."""
        first, last = self.first_month, self.month
        return (last.year - first.year) * 12 + last.month - first.month + 1

    @property
    def before(self) -> Scope:
        """The same question about the period of the same length just before."""
        return self.scope.during(self.first_month.shift(-self.span), self.first_month.shift(-1))

    @property
    def year(self) -> Scope:
        """The same question about the months of the page's history, up to the one looked at."""
        return self.scope.during(self.month.shift(1 - self.months_back), self.month)

    @cached_property
    def months_back(self) -> int:
        """How many months a history shows: twelve, or three where the answers must be added up one by one."""
        if self.history:
            return self.history
        year = self.scope.during(self.month.shift(1 - MONTHS), self.month)
        return RAW_MONTHS if must_wait(year) else MONTHS

    @property
    def of_twelve_months(self) -> Lens:
        """The same view with whole histories, for who has them from a job."""
        return replace(self, history=MONTHS)

    @property
    def is_shortened(self) -> bool:
        """Whether a history shows fewer months than it should."""
        return self.months_back < MONTHS

    @property
    def kind(self) -> str:
        """sales, service or confirmation."""
        return self.scope.get("kind", "")

    @property
    def departments(self) -> tuple[str, ...] | None:
        """The departments to which the view is narrowed, a head's or the chosen one; None where it is of everything."""
        chosen = self.scope.get("department")
        return (chosen,) if chosen else self.scope.get("departments")

    @property
    def is_whole(self) -> bool:
        """Whether whole responses are judged, and not what they say about a department, a person or an item."""
        return self.departments is None and not any(
            self.scope.get(name) for name in ("employee", "part", "factor", "question")
        )

    @property
    def title(self) -> str | Promise:
        """The name of what is judged."""
        return KINDS.get(self.kind, "")

    @property
    def period(self) -> str:
        """The months as they stand in a page's head: 2026-11, or 2026-09 – 2026-11."""
        return str(self.month) if self.span == 1 else f"{self.first_month} – {self.month}"

    @property
    def active(self) -> dict[str, Any]:
        """The filters beside month, span, kind and basis that are set, as they stand in the address."""
        return {name: self.scope.get(name) or UNKNOWN for name in FILTERS if self.scope.get(name) is not None}

    @property
    def hidden(self) -> list[tuple[str, Any]]:
        """What a filter bar keeps besides its own fields."""
        return list(self.active.items())

    @property
    def basis(self) -> str:
        """ "" = by the month of the call, "occasion" = by the month of delivery or hand-back."""
        return self.scope.get("basis", "")

    @property
    def is_running(self) -> bool:
        """Whether new calls may still move the figures."""
        return rules.is_provisional(self.month.last, self.today, by_occasion=self.basis == OCCASION)

    def without(self, *names: str) -> Lens:
        """The same view without some filters."""
        words = {name: text for name, text in self.words.items() if name not in names}
        return replace(self, scope=self.scope.having(**dict.fromkeys(names)), words=words)

    @property
    def last_moving_day(self) -> date:
        """The last day on which new calls may move the figures."""
        return rules.settled_on(self.month.last, by_occasion=self.basis == OCCASION) - timedelta(days=1)

    def url(self, name: str, *args: Any, **changes: Any) -> str:
        """The address of a page of this room for the same months, kind and filters; codes and ids only."""
        return self._with_query(reverse(f"satisfaction:{name}", args=args), changes)

    def list_url(self, **filters: Any) -> str:
        """The list of responses behind a figure."""
        return self._with_query(self._list_path, filters)

    def query(self, **changes: Any) -> str:
        """The part of an address behind the question mark; a filter changed to None or '' is left out."""
        kept = {
            "month": str(self.month),
            "span": self.span if self.span > 1 else None,
            "kind": self.kind,
            "basis": self.basis,
            **self.active,
        }
        return urlencode({key: value for key, value in {**kept, **changes}.items() if value not in (None, "")})

    @cached_property
    def _list_path(self) -> str:
        """Looked up once: a page has a hundred of these addresses."""
        return reverse("satisfaction:responses")

    def _with_query(self, path: str, changes: dict[str, Any]) -> str:
        return f"{path}?{self.query(**changes)}"


def lens_of(request: HttpRequest, today: date, kind: str = "") -> Lens:
    """Read months, kind, store and filters from the address; 404 for what does not exist or is not to be seen.

    `kind` asks for one whatever the address says.
    """
    kinds, kind = _kinds(request, kind)
    stores, departments = _reach(request, kind)
    filters: dict[str, Any] = {"kind": kind}
    if departments is not None:
        filters["departments"] = departments
    if request.GET.get("basis"):
        if request.GET["basis"] != OCCASION:
            raise Http404
        filters["basis"] = OCCASION
    reachable, words = tuple(stores), {}
    if request.GET.get("store"):
        chosen = _chosen(request.GET["store"], stores)
        stores, filters["store"], words["store"] = [chosen.pk], chosen.pk, chosen.short_name
    last, span = _month(request, today), _span(request)
    scope = Scope.of_month(stores, last, **filters).during(last.shift(1 - span), last)
    found = read_filters(Asked(request.GET, scope, KIND_OF))
    return Lens(scope.having(**found.filters), kinds, today, words | found.words, reachable)


def _chosen(written: str, stores: list[int]) -> Store:
    """The one store that an address names."""
    key = next((pk for pk in stores if str(pk) == written), None)
    if key is None:
        raise Http404
    return Store.objects.get(pk=key)


def _kinds(request: HttpRequest, wanted: str) -> tuple[tuple[str, ...], str]:
    """The kinds between which the user may choose, and the chosen one: a head's are those that judge his departments.

    404 for a kind that is none of them; unless told, it is the first one of the stores that are looked at.
    """
    user: Any = request.user
    kinds = first = tuple(KINDS)
    if not _whole(request):
        kinds = _kinds_of(frozenset().union(*user.headed_departments.values()))
        about = headed(user, about=tuple(KIND_OF), store=request.GET.get("store", ""))[1]
        first = _kinds_of(about) or kinds
    kind = wanted or request.GET.get("kind") or (first[0] if first else "")
    if kinds and kind not in kinds:
        raise Http404
    return kinds, kind


def _whole(request: HttpRequest) -> list[int]:
    """The stores that the user sees whole; none where the address names one that he sees as a head only."""
    user: Any = request.user
    if request.GET.get("store", "") in map(str, user.headed_departments):
        return []
    return user.stores_with(set(policy.roles_for("satisfaction.view")) - {Role.HEAD})


def _reach(request: HttpRequest, kind: str) -> tuple[list[int], tuple[str, ...] | None]:
    """The stores to be seen whole, else the stores and departments of a head.

    Who is a manager in one store and a head in another sees the first whole; the header's switch, and an address that
    names it, show the other. Who heads different departments in different stores sees the stores of one such set at a
    time, those that the kind judges, so that nobody looks into a department of a store where he heads another one.
    """
    whole = _whole(request)
    if whole:
        return whole, None
    about = [department for department, judging in KIND_OF.items() if judging == kind]
    return headed(request.user, about=about, store=request.GET.get("store", ""))


def _kinds_of(departments: Iterable[str]) -> tuple[str, ...]:
    kinds = {KIND_OF.get(Department(department)) for department in departments}
    return tuple(kind for kind in KINDS if kind in kinds)


def _month(request: HttpRequest, today: date) -> Month:
    written = request.GET.get("month")
    if not written:
        return month_of(today)
    try:
        return parse_month(written)
    except RuleBroken as unknown:
        raise Http404 from unknown


def _span(request: HttpRequest) -> int:
    """How many months, 1 unless told."""
    written = request.GET.get("span") or "1"
    if written not in map(str, SPANS):
        raise Http404
    return int(written)
