"""The filters of the tickets, the same for the list and the board: codes, ids and days in the URL, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from complaints import people, queries, settings
from complaints.models import Kind, Source, State
from complaints.queries import groups, matter, period
from complaints.queries.groups import AGES, DIMENSIONS, NONE
from complaints.rules.transitions import STAGES
from crm_site.accounts.models import Department, Employee
from crm_site.core import clock
from crm_site.core.dates import parse_month
from crm_site.core.errors import RuleBroken

Rows = queries.Rows
#: the stages, and the states by themselves that the board gives a column of their own
STATES_OF = {name: [str(state) for state in states] for name, states in STAGES} | {
    state: [state] for state in ("acting", "confirming", "closed", "recorded")
}


def _is_key(written: str) -> bool:
    """Whether it can be a row's key: digits, and not more than a column holds."""
    return written.isdecimal() and len(written) < 19


def _by_number(rows: Rows, number: str) -> Rows:
    return rows.filter(Q(number=number) | Q(external_number=number))


def _by_level(rows: Rows, code: str) -> Rows:
    return rows.filter(level=None) if code == NONE else rows.filter(level__code=code)


def _by_category(rows: Rows, code: str) -> Rows:
    if code == NONE:
        return rows.filter(category=None)
    return rows.filter(Q(category__code=code) | Q(category__parent__code=code))


def _by_handler(rows: Rows, key: str) -> Rows:
    if key == NONE:
        return rows.filter(handler=None)
    return rows.filter(handler_id=int(key)) if _is_key(key) else rows


def _by_store(rows: Rows, key: str) -> Rows:
    return rows.filter(store_id=int(key)) if _is_key(key) else rows


def _by_measure(rows: Rows, key: str) -> Rows:
    return rows.filter(measure_id=int(key)) if _is_key(key) else rows


def _by_department(rows: Rows, code: str) -> Rows:
    return rows.filter(department="" if code == NONE else code)


def _by_size(rows: Rows, size: str) -> Rows:
    known = {"complaint": period.IS_COMPLAINT, "grievance": period.IS_GRIEVANCE}
    return rows.filter(known[size]) if size in known else rows


def _repeats(rows: Rows, wanted: str) -> Rows:
    return rows.filter(repeat_of__isnull=False).filter(matter.has_predecessor()) if wanted == "1" else rows


def _of(name: str) -> Callable[[Rows, str], Rows]:
    return DIMENSIONS[name].narrow


def _equal(name: str, known: Any) -> Callable[[Rows, str], Rows]:
    return lambda rows, value: rows.filter(**{name: value}) if value in known else rows


def _by_source(rows: Rows, code: str) -> Rows:
    return rows.filter(source="" if code == NONE else code) if code in {NONE, *Source.values} else rows


#: name in the address -> how it narrows; what a filter does not know it lets through
NARROW: dict[str, Callable[[Rows, str], Rows]] = {
    "number": _by_number,
    "state": _equal("state", State.values),
    "stage": lambda rows, code: rows.filter(state__in=STATES_OF[code]) if code in STATES_OF else rows,
    "level": _by_level,
    "store": _by_store,
    "category": _by_category,
    "source": _by_source,
    "handler": _by_handler,
    "kind": _equal("kind", Kind.values),
    "size": _by_size,
    "repeat": _repeats,
    "measure": _by_measure,
    "department": _by_department,
    "detail": _of("detail"),
    "cause": _of("cause"),
    "liable": _of("liable"),
    "series": _of("series"),
}
#: these are said by a period where one is looked at
OF_PERIOD = ("month", "span", "register", "first", "last")
LONGEST = 80


@dataclass
class Filters:
    """The filters of one request; what is unknown is ignored."""

    request: HttpRequest
    now: datetime

    @property
    def chosen(self) -> dict[str, str]:
        """{name: value} of the filters that are set."""
        names = (*NARROW, "day", "age", *OF_PERIOD)
        written = {name: self.request.GET.get(name, "").strip()[:LONGEST] for name in names}
        return {name: value for name, value in written.items() if value}

    @cached_property
    def store_id(self) -> int | None:
        """The one store that is looked at, whose own names are used; None for several."""
        visible = self.request.user.store_ids  # type: ignore[union-attr]
        chosen = [pk for pk in visible if str(pk) == self.chosen.get("store")] or visible
        return chosen[0] if len(chosen) == 1 else None

    def narrow(self, rows: Rows, *, of_period: bool = False) -> Rows:
        """The rows that all chosen filters let through; a period has said its months already."""
        values = self.chosen
        for name, narrow in NARROW.items():
            if name in values:
                rows = narrow(rows, values[name])
        if values.get("age") in AGES:
            rows = groups.of_age(rows, values["age"], clock.business_day(self.now))
        day = _day(values.get("day", ""))
        if day is not None:
            rows = rows.received_on(day, day)
        return rows if of_period else _in_month(rows, values.get("month", ""))

    def fields(self) -> list[dict[str, Any]]:
        """The filter bar."""
        values = self.request.GET
        month = {"name": "month", "label": _("Received in the month"), "value": values.get("month", "")}
        return [
            *self._narrowing(),
            month | {"type": "month"},
            {"name": "number", "label": _("Number"), "value": values.get("number", ""), "type": "search"},
        ]

    def fields_of_period(self) -> list[dict[str, Any]]:
        """The filter bar beside a period's figure, which has said its months."""
        return self._narrowing()

    def _narrowing(self) -> list[dict[str, Any]]:
        values = self.request.GET
        return [
            _field("state", _("State"), values, State.choices),
            _field("level", _("Level"), values, _levels(self.store_id)),
            _field("category", _("Category"), values, _categories(self.store_id)),
            _field("handler", _("Handler"), values, [(NONE, _("nobody")), *_handlers(self.request.user)]),
            _field("source", _("Source"), values, Source.choices),
            _field("department", _("Department"), values, Department.choices),
            _field("repeat", _("Renewed or not"), values, [("1", _("Renewed complaints"))]),
        ]

    def shown(self) -> set[str]:
        """The names that the filter bar has a field for."""
        return {field["name"] for field in self.fields()}


def _in_month(rows: Rows, written: str) -> Rows:
    try:
        month = parse_month(written) if written else None
    except RuleBroken:
        return rows
    return rows.received_on(month.start, month.last) if month else rows


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        return None


def _field(name: str, label: str, values: Any, options: Any) -> dict[str, Any]:
    return {"name": name, "label": label, "value": values.get(name, ""), "options": [("", label), *options]}


def _levels(store_id: int | None) -> list[tuple[str, str]]:
    return [(row.code, f"{row.code} {row.label}") for row in settings.levels(store_id)]


def _categories(store_id: int | None) -> list[tuple[str, str]]:
    """The top level, with those that are no longer offered: there may be tickets of them."""
    rows = settings.categories(store_id, retired=True)
    return [(row.code, row.label) for row in rows if row.parent_id is None]


def _handlers(user: Any) -> list[tuple[int, str]]:
    handling = Employee.objects.visible_to(user).filter(user__memberships__role__in=people.HANDLING_ROLES)
    return list(handling.order_by("name").distinct().values_list("pk", "name"))
