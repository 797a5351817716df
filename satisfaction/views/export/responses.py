"""The list of responses as a workbook: who answered what, numbers masked, with a reason and a line in the log."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm_site.accounts import guard
from crm_site.core import clock, exports, masking, xlsx
from crm_site.core.errors import RuleBroken
from satisfaction.models import Response
from satisfaction.views.lens import Lens
from satisfaction.views.responses import listed

CAPABILITY = "satisfaction.export"


@require_POST
@guard.needs(CAPABILITY)
def responses_workbook(request: HttpRequest) -> HttpResponse:
    """The responses that the address describes, as on the page; refuses without a reason and over the caps."""
    lens, heading, rows = listed(request)
    reason = request.POST.get("reason", "").replace("\0", "").strip()
    try:
        content = _leave(request, lens, heading, rows, reason)
    except RuleBroken as refused:
        messages.error(request, refused.message)
        return redirect(f"{reverse('satisfaction:responses')}?{request.GET.urlencode()}")
    answer = HttpResponse(content, content_type=xlsx.CONTENT_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="responses-{lens.kind}-{lens.month}.xlsx"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


@transaction.atomic
def _leave(request: HttpRequest, lens: Lens, heading: str, rows: QuerySet[Response], reason: str) -> bytes:
    """Build the workbook and write into the log of every store what of it is theirs."""
    if not reason:
        raise RuleBroken(_("Say what the list is for."), code="reason")
    now = clock.now()
    counts = Counter(rows.order_by().values_list("store_id", flat=True))
    people = {store_id: guard.acting(request, store_id) for store_id in sorted(counts)}
    for store_id, by in people.items():
        exports.allow(by, store_id, counts[store_id], now=now)
    content = _book(heading, lens, rows, who=request.user.name, reason=reason, now=now)  # type: ignore[union-attr]
    digest, kept = hashlib.sha256(content).hexdigest(), masking.words(reason)
    for store_id, by in people.items():
        query = request.GET.urlencode()
        exports.leave(by, exports.Leaving(store_id, "responses", counts[store_id], kept, query, sha256=digest), now=now)
    return content


def _book(heading: str, lens: Lens, rows: QuerySet[Response], *, who: str, reason: str, now: Any) -> bytes:
    """The list of the page, without its pages; names in full, numbers within words masked."""
    columns = [
        xlsx.Column(_("Called on"), "date"), xlsx.Column(_("Store")), xlsx.Column(_("Customer")),
        xlsx.Column(_("Plate")),
        xlsx.Column(_("Questionnaire"), width=24), xlsx.Column(_("Index"), "decimal"),
        xlsx.Column(_("Low answers"), width=60), xlsx.Column(_("Decision")), xlsx.Column(_("Asked by")),
    ]  # fmt: skip
    mark = exports.watermark(who=who, now=now, reason=reason)
    lines = [_line(row) for row in rows.select_related("store")]
    sheet = xlsx.Sheet(heading, columns, lines, notes=[f"{heading} · {lens.period}"], for_paper=True, watermark=mark)
    return xlsx.workbook_bytes([sheet], created=now, title=heading, description=mark)


def _line(row: Any) -> list[Any]:
    low = "\n".join(f"{answer.question.label}: {masking.words(answer.reason)}" for answer in row.low_answers)
    return [
        row.called_on, row.store.short_name, row.customer.listed_name if row.customer else "",
        row.vehicle.plate_no if row.vehicle else "", str(row.version.questionnaire.label), row.score, low,
        row.get_decision_display() if row.decision else "", row.asked_by.name,
    ]  # fmt: skip
