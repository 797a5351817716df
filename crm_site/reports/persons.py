"""What the reports room holds of a person: the words of appeals about their answers and complaints; no figure goes."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_site.core.persons import GONE, Holding, Person, room


def _about(person: Person) -> Q:
    return Q(complaint__customer__in=person.customer_ids) | Q(response__customer__in=person.customer_ids)


ROOM = room(
    _("Monthly report"),
    (Holding("reports.Appeal", _("Appeals of employees"), _about, {"reason": GONE, "decision": GONE}),),
)
