"""Makes and retires segments: filters of the customer list under a name that rules may ask for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from urllib.parse import urlencode

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core import hooks
from crm_site.core.errors import RuleBroken
from customers import filtering
from customers.filtering.table import values_of
from customers.models import Segment

LONGEST_QUERY = 500


@transaction.atomic
def create_segment(store_id: int, *, name: str, query: str, by: Employee, now: datetime) -> Segment:
    """Keep filters of the list under a name that no other segment of the store has.

    `query` is a query string; what is no filter in it is left out. Refuses one without any filter, with a filter that
    means nothing, and one that asks for another segment.
    """
    asked = filtering.parse(query)
    _refuse_odd(asked)
    kept = urlencode(sorted(asked.items()))
    if len(kept) > LONGEST_QUERY:
        raise RuleBroken(_("These are too many filters for one segment. Choose fewer."), code="long")
    if not name.strip():
        raise RuleBroken(_("Give the segment a name."), code="name", field="name")
    try:
        with transaction.atomic():
            made = Segment.objects.create(
                store_id=store_id, name=name.strip(), query=kept, created_at=now, created_by=by
            )
    except IntegrityError as clash:
        text = _("This store has a segment of this name already. Choose another name, or retire the other one.")
        raise RuleBroken(text, code="taken", field="name") from clash
    trail.record(by, "segment.created", made, query=kept)
    return made


def _refuse_odd(asked: dict[str, str]) -> None:
    if not asked:
        raise RuleBroken(
            _("Set at least one filter in the list first; a segment of everybody says nothing."), code="empty"
        )
    known = filtering.fields()
    if "segment" in asked:
        raise RuleBroken(_("A segment cannot be made of another segment. Repeat its filters instead."), code="nested")
    if any(not values_of(known[code], text) for code, text in asked.items()):
        raise RuleBroken(_("One of the filters means nothing. Choose it again in the list."), code="odd")


@transaction.atomic
def retire_segment(segment_id: int, *, by: Employee, on: date) -> Segment:
    """Offer a segment no more; refused while a rule asks for it, with the names of these rules."""
    segment = Segment.objects.select_for_update().get(pk=segment_id)
    if segment.retired_on is not None:
        return segment
    named = uses(segment.store_id, on).get(segment.pk, [])
    if named:
        text = _("These rules ask for it: %(rules)s. Change them first; a rule that is planned counts too.")
        raise RuleBroken(text % {"rules": _(", ").join(named)}, code="used")
    segment.retired_on = on
    segment.save(update_fields=["retired_on"])
    trail.record(by, "segment.retired", segment)
    return segment


def uses(store_id: int, today: date) -> dict[int, list[str]]:
    """{segment: where it is used}, as the rooms above tell by settings.SEGMENT_USES."""
    found: dict[int, list[str]] = {}
    told: Iterable[dict[int, list[str]]] = (tell(store_id, today) for tell in hooks.load("SEGMENT_USES"))
    for one in told:
        for segment_id, names in one.items():
            found.setdefault(segment_id, []).extend(names)
    return found
