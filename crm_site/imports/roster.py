"""Names of employees as files write them → the people of the store, looked up once a run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from crm_site.accounts.models import Employee, Store
from crm_site.core import names
from crm_site.imports.layout import EMPLOYEE, Layout, Row


class Roster:
    """The employees of one store by number and by name; `answers` are names settled by a person for this file."""

    def __init__(self, store: Store, answers: Mapping[str, int | None] | None = None) -> None:
        self._numbers: dict[str, int] = {}
        self._names: dict[str, list[int]] = defaultdict(list)
        self._found: dict[str, tuple[int | None, str]] = {}
        rows = (
            Employee.objects.filter(store=store)
            .order_by("left_on", "pk")
            .values_list("pk", "number", "name", "left_on")
        )
        for pk, number, name, left_on in rows:
            self._numbers[number.casefold()] = pk
            key = names.match_key(name)
            if left_on is None:
                self._names[key].insert(0, pk)
            else:
                self._names[key].append(pk)
        ours = {None, *self._numbers.values()}  # an answer kept for long may name somebody who is gone
        self._answers = {names.match_key(name): pk for name, pk in (answers or {}).items() if pk in ours}
        self._in_service = {pk for pk, _number, _name, left_on in rows if left_on is None}

    def find(self, written: str) -> tuple[int | None, str]:
        """The employee's key, or None and why: employee_unknown, employee_ambiguous, '' for "keep it as text".

        A number wins over a name; of several of one name the only one still employed is meant.
        """
        known = self._found.get(written)
        if known is None:
            known = self._found[written] = self._look_up(written)
        return known

    def _look_up(self, written: str) -> tuple[int | None, str]:
        key = names.match_key(written)
        if key in self._answers:
            return self._answers[key], ""
        number = self._numbers.get(written.strip().casefold())
        if number is not None:
            return number, ""
        found = self._names.get(key, [])
        present = [pk for pk in found if pk in self._in_service]
        if len(found) == 1 or len(present) == 1:
            return (present or found)[0], ""
        return None, "employee_ambiguous" if found else "employee_unknown"

    def resolve(self, layout: Layout, rows: Sequence[Row]) -> None:
        """Fill `row.employees` for the layout's EMPLOYEE fields; an unknown name stays as text, with a warning."""
        fields = [one.name for one in layout.fields if one.kind == EMPLOYEE]
        for row in rows:
            for name in fields:
                written = row.values.get(name)
                if not written:
                    continue
                pk, reason = self.find(written)
                if pk is not None:
                    row.employees[name] = pk
                elif reason:
                    row.warn(reason, name, written)
