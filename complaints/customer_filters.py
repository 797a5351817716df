"""What tickets add to the filters of the customer list: whether one is open."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint
from customers.filtering.field import CONTACT, Asked, chosen


def _open(_values: list[str], asked: Asked) -> QuerySet:
    seen = Complaint.objects.visible_to(asked.user) if asked.user is not None else Complaint.objects.all()
    return seen.open().filter(asked.in_stores, customer__isnull=False)


FIELDS = [chosen("ticket", _("Complaint"), CONTACT, [("open", _("Has an open one"))], _open)]
