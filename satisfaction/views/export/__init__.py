"""Takes a view of satisfaction away: as a workbook with native charts, or as the page of the morning meeting.

Both are posted, and stand in the trail: who, when, which filters, how many lines, and the file's hash.
"""

from __future__ import annotations

import hashlib

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from crm_site.accounts import guard
from crm_site.accounts.models import Employee, Store
from crm_site.audit import trail
from crm_site.core import clock, xlsx
from crm_site.core.charts.paper import CONTENT_TYPE as PDF
from satisfaction.views.export import book, page
from satisfaction.views.export.facts import Facts, facts_of
from satisfaction.views.lens import Lens, lens_of
from satisfaction.views.waiting import waiting_for

CAPABILITY = "satisfaction.export"


@require_POST
@guard.needs(CAPABILITY)
def workbook(request: HttpRequest) -> HttpResponse:
    """The view that the address describes as xlsx: the same filters as the dashboard's."""
    lens, facts, people = _asked(request)
    data = book.render(facts)
    _record(people, lens, "satisfaction.exported", facts, data)
    return _file(data, xlsx.CONTENT_TYPE, book.file_name(facts))


def _asked(request: HttpRequest) -> tuple[Lens, Facts, list[Employee]]:
    """The view, and as whom it is taken away in each store; 404 for what has no scores or must be waited for."""
    lens = lens_of(request, clock.today())
    if not lens.kinds or waiting_for(request, lens):
        raise Http404
    people = [guard.acting(request, store_id) for store_id in lens.scope.stores]
    return lens, facts_of(request, lens, by=people[0].name, now=clock.now()), people


def _record(people: list[Employee], lens: Lens, action: str, facts: Facts, data: bytes) -> None:
    """One entry in the trail of every store whose figures leave."""
    asked = {"kind": lens.kind, "month": str(lens.month), "span": lens.span, **lens.active}
    digest = hashlib.sha256(data).hexdigest()
    stores = Store.objects.in_bulk([one.store_id for one in people])
    for by in people:
        trail.record(
            by, action, stores[by.store_id], store_id=by.store_id, filters=asked, rows=facts.rows, sha256=digest
        )


def _file(data: bytes, content_type: str, name: str) -> HttpResponse:
    answer = HttpResponse(data, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
@guard.needs(CAPABILITY)
def printed_page(request: HttpRequest) -> HttpResponse:
    """The view that the address describes as one page of A4; `by` names a comparison."""
    by = request.GET.get("by", "")
    lens, facts, people = _asked(request)
    if by and by not in facts.groups:
        raise Http404
    data = page.render(facts, by)
    _record(people, lens, "satisfaction.printed", facts, data)
    return _file(data, PDF, page.file_name(facts, by))
