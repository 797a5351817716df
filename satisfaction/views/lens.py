"""What a request asks for: month, kind, stores and departments, as far as this user may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm_site.accounts import policy
from crm_site.accounts.models import Department, Role
from crm_site.core.dates import Month, month_of, parse_month
from crm_site.core.errors import RuleBroken
from crm_site.core.figures import Scope
from satisfaction.models import Questionnaire
from satisfaction.queries import OCCASION, departments_of

Kind = Questionnaire.Kind
#: the scored kinds, in the order of the page's choice
KINDS: dict[str, str | Promise] = {
    Kind.SERVICE: _("Service satisfaction"),
    Kind.SALES: _("Sales satisfaction"),
    Kind.CONFIRMATION: _("Complaint handling"),
}
#: which kind judges a department
KIND_OF = {Department.SALES: Kind.SALES, Department.SERVICE: Kind.SERVICE, Department.WORKSHOP: Kind.SERVICE}
MONTHS = 12


@dataclass(frozen=True)
class Lens:
    """One user's view: the scope, which kinds may be chosen, and whether it is only a department's."""

    scope: Scope
    kinds: tuple[str, ...]
    today: date

    @property
    def month(self) -> Month:
        """The month that is looked at."""
        return self.scope.month

    @property
    def kind(self) -> str:
        """sales, service or confirmation."""
        return self.scope.get("kind", "")

    @property
    def departments(self) -> tuple[str, ...] | None:
        """The departments of a head; None where everything of the stores may be seen."""
        return self.scope.get("departments")

    @property
    def title(self) -> str | Promise:
        """The name of what is judged."""
        return KINDS.get(self.kind, "")

    @property
    def hidden(self) -> list[tuple[str, Any]]:
        """What a filter bar keeps besides its own fields."""
        return [("store", self.scope.get("store"))] if "store" in self.scope.filters else []

    @property
    def basis(self) -> str:
        """ "" = by the month of the call, "occasion" = by the month of delivery or hand-back."""
        return self.scope.get("basis", "")

    @property
    def is_running(self) -> bool:
        """Whether the month is not over, so that its figures will still move."""
        return self.today < self.month.end

    def url(self, name: str, *args: Any, **changes: Any) -> str:
        """The address of a page of this room for the same month and kind; codes and ids only."""
        return self._with_query(reverse(f"satisfaction:{name}", args=args), changes)

    def list_url(self, **filters: Any) -> str:
        """The list of responses behind a figure."""
        return self._with_query(self._list_path, filters)

    @cached_property
    def _list_path(self) -> str:
        """Looked up once: a page has a hundred of these addresses."""
        return reverse("satisfaction:responses")

    def _with_query(self, path: str, changes: dict[str, Any]) -> str:
        kept = {name: self.scope.get(name) for name in ("store", "basis")}
        query = {"month": str(self.month), "kind": self.kind, **kept, **changes}
        return f"{path}?{urlencode({key: value for key, value in query.items() if value not in (None, '')})}"


def lens_of(request: HttpRequest, today: date) -> Lens:
    """Read month, kind and store from the address; 404 for what does not exist or is not this user's to see."""
    stores, departments = _reach(request, today)
    kinds = tuple(KINDS) if departments is None else tuple(_kinds_of(departments))
    kind = request.GET.get("kind") or (kinds[0] if kinds else "")
    if kinds and kind not in kinds:
        raise Http404
    filters: dict[str, Any] = {"kind": kind}
    if departments is not None:
        filters["departments"] = departments
    if request.GET.get("basis"):
        if request.GET["basis"] != OCCASION:
            raise Http404
        filters["basis"] = OCCASION
    if request.GET.get("store"):
        chosen = [pk for pk in stores if str(pk) == request.GET["store"]]
        if not chosen:
            raise Http404
        stores, filters["store"] = chosen, chosen[0]
    return Lens(Scope.of_month(stores, _month(request, today), **filters), kinds, today)


def _reach(request: HttpRequest, today: date) -> tuple[list[int], tuple[str, ...] | None]:
    """The stores to be seen whole, else the stores and departments of a head.

    Who is a manager in one store and a head in another sees the first whole; the header's switch shows the other.
    """
    user: Any = request.user
    allowed = set(policy.roles_for("satisfaction.view"))
    whole = user.stores_with(allowed - {Role.HEAD})
    if whole:
        return whole, None
    headed = user.stores_with({Role.HEAD})
    return headed, departments_of(user, headed, today)


def _kinds_of(departments: tuple[str, ...]) -> list[str]:
    kinds = {KIND_OF.get(Department(department)) for department in departments}
    return [kind for kind in KINDS if kind in kinds]


def _month(request: HttpRequest, today: date) -> Month:
    written = request.GET.get("month")
    if not written:
        return month_of(today)
    try:
        return parse_month(written)
    except RuleBroken as unknown:
        raise Http404 from unknown
