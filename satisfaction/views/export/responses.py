"""The list of responses as a workbook: who answered what, numbers masked, with a reason and a line in the log."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
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
from crm_site.accounts.models import Employee
from crm_site.core import clock, exports, masking, xlsx
from crm_site.core.errors import RuleBroken
from satisfaction.models import Response
from satisfaction.views.lens import Lens
from satisfaction.views.responses import Asked, listed, shows_index

CAPABILITY = "satisfaction.export"


@require_POST
@guard.needs(CAPABILITY)
def responses_workbook(request: HttpRequest) -> HttpResponse:
    """The responses that the address describes, as on the page; refuses without a reason and over the caps."""
    lens, asked, rows = listed(request)
    counts = Counter(rows.order_by().values_list("store_id", flat=True))
    people = {store_id: guard.acting(request, store_id) for store_id in sorted(counts)}  # a refusal is written down
    reason = request.POST.get("reason", "").replace("\0", "").strip()
    try:
        content = _leave(request, List(lens, asked, rows, reason), people, counts)
    except RuleBroken as refused:
        messages.error(request, refused.message)
        return redirect(f"{reverse('satisfaction:responses')}?{request.GET.urlencode()}")
    answer = HttpResponse(content, content_type=xlsx.CONTENT_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="responses-{lens.kind}-{lens.month}.xlsx"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


@dataclass(frozen=True)
class List:
    """What is taken away: from which view, which figure's rows, and what for."""

    lens: Lens
    asked: Asked
    rows: QuerySet[Response]
    reason: str


@transaction.atomic
def _leave(request: HttpRequest, taken: List, people: dict[int, Employee], counts: Counter[int]) -> bytes:
    """Build the workbook and write into the log of every store what of it is theirs."""
    if not taken.reason:
        raise RuleBroken(_("Say what the list is for."), code="reason")
    now = clock.now()
    for store_id, by in people.items():
        exports.allow(by, store_id, counts[store_id], now=now)
    content = _book(taken, who=request.user.name, now=now)  # type: ignore[union-attr]
    digest, kept = hashlib.sha256(content).hexdigest(), masking.words(taken.reason)
    for store_id, by in people.items():
        query = request.GET.urlencode()
        exports.leave(by, exports.Leaving(store_id, "responses", counts[store_id], kept, query, sha256=digest), now=now)
    return content


def _book(taken: List, *, who: str, now: Any) -> bytes:
    """The list of the page, without its pages; names in full, numbers within words masked."""
    has_index = shows_index(taken.lens, taken.asked)
    columns = [
        xlsx.Column(_("Called on"), "date"), xlsx.Column(_("Store")), xlsx.Column(_("Customer")),
        xlsx.Column(_("Plate")),
        xlsx.Column(_("Questionnaire"), width=24), xlsx.Column(taken.asked.points_label, "decimal"),
        *([xlsx.Column(_("Index"), "decimal")] if has_index else []),
        xlsx.Column(_("Low answers"), width=60), xlsx.Column(_("Decision")), xlsx.Column(_("Asked by")),
    ]  # fmt: skip
    heading, mark = taken.asked.heading, exports.watermark(who=who, now=now, reason=taken.reason)
    lines = [_line(row, has_index=has_index) for row in taken.rows.select_related("store")]
    notes = [f"{heading} · {taken.lens.period}"]
    sheet = xlsx.Sheet(heading, columns, lines, notes=notes, for_paper=True, watermark=mark)
    return xlsx.workbook_bytes([sheet], created=now, title=heading, description=mark)


def _line(row: Any, *, has_index: bool) -> list[Any]:
    low = "\n".join(f"{answer.question.label}: {masking.words(answer.reason)}" for answer in row.low_answers)
    return [
        row.called_on, row.store.short_name, row.customer.listed_name if row.customer else "",
        row.vehicle.plate_no if row.vehicle else "", str(row.version.questionnaire.label), row.points,
        *([row.score] if has_index else []), low,
        row.get_decision_display() if row.decision else "", row.asked_by.name,
    ]  # fmt: skip
