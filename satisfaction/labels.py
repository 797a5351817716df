"""What codes kept in alerts and digests are called: factors, items, departments, people, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from crm_site.accounts.models import Department, Employee
from crm_site.core.dates import Month
from crm_site.core.figures import Scope
from satisfaction import queries
from satisfaction.models import Alert, Questionnaire

Kind = Questionnaire.Kind
Subject = Alert.Subject
KINDS = (Kind.SERVICE, Kind.SALES)
#: a tree is read for a kind, whatever the month
_ANY = Month(2026, 1)


@dataclass(frozen=True)
class Labels:
    """The words of factors and items by (kind, code), and the names of people by key."""

    factors: dict[tuple[str, str], str] = field(default_factory=dict)
    items: dict[tuple[str, str], str] = field(default_factory=dict)
    people: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, stores: Iterable[int], alerts: Iterable[Alert] = ()) -> Labels:
        """The words that hold in some stores; of people those whom the alerts name. Three queries."""
        named = cls()
        stores = tuple(stores)
        for kind in KINDS:
            for line in queries.tree_of(Scope.of_month(stores, _ANY, kind=kind), every=True):
                named.factors[kind, line.code] = line.label
                named.items.update({(kind, code): question.label for code, question in line.items.items()})
        keys = [int(one.code) for one in alerts if one.subject == Subject.EMPLOYEE]
        found = Employee.objects.filter(pk__in=keys, store_id__in=stores)
        named.people.update(found.values_list("pk", "name"))
        return named

    def of_alert(self, alert: Alert) -> str:
        """What an alert is about."""
        if alert.subject == Subject.FACTOR:
            return self.factors.get((alert.kind, alert.code), alert.code)
        if alert.subject == Subject.ITEM:
            return self.item(alert.kind, alert.code)
        if alert.subject == Subject.EMPLOYEE:
            return self.people.get(int(alert.code), _("A former employee"))
        if alert.subject == Subject.DEPARTMENT:
            return department(alert.code)
        return str(Subject(alert.subject).label)

    def item(self, kind: str, code: str) -> str:
        """An item; its code where no tree knows it any more."""
        return self.items.get((kind, code), code)


def department(code: Any) -> str:
    """A department; the whole store for ''."""
    return str(Department(code).label) if code in Department.values else _("Whole store")


def kind(code: str) -> str:
    """A kind of questionnaire in words."""
    return str(Kind(code).label) if code in Kind.values else code
