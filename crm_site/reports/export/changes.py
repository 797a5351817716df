"""Every change of an export layout: brought, mapped, put away, filled in with a month."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee, Store
from crm_site.audit import trail
from crm_site.core import exports
from crm_site.core.dates import Month
from crm_site.core.errors import RuleBroken
from crm_site.core.figures import Scope
from crm_site.files import actions as files
from crm_site.files.models import StoredFile
from crm_site.reports.export import filling, template
from crm_site.reports.export.subjects import fields_of
from crm_site.reports.models import ExportLayout, FilledSheet

#: what somebody needs in the store to bring, map, fill and fetch
CAPABILITY = "reports.layouts"


def bring(
    upload: UploadedFile, *, name: str, subject: str, store: Store, by: Employee, submission: UUID, now: datetime
) -> ExportLayout:
    """Keep a manufacturer's empty sheet with a proposal for its columns; the same submission twice makes one.

    Refuses what is no plain workbook, and one without any title.
    """
    made = ExportLayout.objects.filter(store=store, submission=submission).first()
    if made:
        return made
    stored = files.accept(
        upload, store=store, owner=by, purpose=StoredFile.Purpose.REPORT, capability=CAPABILITY, now=now,
        limit=template.MOST_BYTES, keep_days=None,
    )  # fmt: skip
    try:
        sheet, row = template.propose(template.tops(files.path_of(stored)), subject)
        with transaction.atomic():
            layout = ExportLayout.objects.create(
                store=store, name=name, subject=subject, file=stored, sheet=sheet.name, head_row=row, first_row=row + 1,
                columns=template.columns(sheet, row, subject), created_at=now, created_by=by, submission=submission,
            )  # fmt: skip
            trail.record(by, "export_layout.created", layout, list=subject, file=stored.sha256)
    except (RuleBroken, IntegrityError) as problem:
        files.remove(stored, now=now)  # what is no sheet is not kept, nor a second one of the same click
        if isinstance(problem, RuleBroken):
            raise
        return ExportLayout.objects.get(store=store, submission=submission)
    return layout


@transaction.atomic
def map_columns(
    layout_id: int, columns: Sequence[dict[str, Any]], *, sheet: str, head_row: int, first_row: int, shown: int,
    by: Employee,
) -> ExportLayout:  # fmt: skip
    """Say which field stands in which column, and where the rows begin; `shown` is the version that was looked at."""
    layout = ExportLayout.objects.select_for_update(of=("self",)).get(pk=layout_id)
    if layout.version != shown:
        raise RuleBroken(_("Somebody changed these columns meanwhile. Compare and save again."), code="changed")
    if first_row <= head_row:
        raise RuleBroken(_("The rows begin below the titles."), code="rows", field="first_row")
    known = fields_of(layout.subject)
    wanted = [
        {"column": one["column"], "title": one["title"], "field": one["field"] if one["field"] in known else ""}
        for one in columns
    ]
    if not any(one["field"] for one in wanted):
        raise RuleBroken(_("Choose a field for at least one column."), code="empty")
    layout.columns, layout.sheet, layout.head_row, layout.first_row = wanted, sheet, head_row, first_row
    layout.is_mapped, layout.version = True, layout.version + 1
    layout.save(update_fields=["columns", "sheet", "head_row", "first_row", "is_mapped", "version"])
    trail.record(by, "export_layout.changed", layout, fields=[one["field"] for one in wanted if one["field"]])
    return layout


@transaction.atomic
def put_away(layout_id: int, *, by: Employee) -> ExportLayout:
    """No longer offer a layout; what was filled in stays."""
    layout = ExportLayout.objects.select_for_update(of=("self",)).get(pk=layout_id)
    if layout.is_active:
        layout.is_active = False
        layout.save(update_fields=["is_active"])
        trail.record(by, "export_layout.retired", layout)
    return layout


def fill(
    layout: ExportLayout, month: Month, *, reason: str, by: Employee, submission: UUID, now: datetime
) -> FilledSheet:
    """Fill a layout with a month's list; the file is kept for a while and fetched with rights, each time logged.

    Refuses without a reason, for one that nobody has mapped, and one that was put away. Restricted customers are left
    out. The same submission twice gives the same file.
    """
    made = FilledSheet.objects.filter(store_id=layout.store_id, submission=submission).first()
    if made:
        return made
    _check_fillable(layout, reason)
    rows = filling.rows_of(layout, Scope.of_month((layout.store_id,), month))
    exports.allow(by, layout.store_id, len(rows), now=now)
    content = filling.fill(files.path_of(layout.file), layout, rows)
    try:
        return _keep(
            layout, month, content, len(rows), reason=reason.strip()[:200], by=by, submission=submission, now=now
        )
    except IntegrityError:  # the same click has just made it
        return FilledSheet.objects.get(store_id=layout.store_id, submission=submission)


@transaction.atomic
def _keep(
    layout: ExportLayout, month: Month, content: bytes, rows: int, *, reason: str, by: Employee, submission: UUID,
    now: datetime,
) -> FilledSheet:  # fmt: skip
    """Keep a filled sheet and write it into the log of exports, both or neither."""
    stored = files.keep(
        content, f"{layout.name} {month}.xlsx", store=layout.store, owner=by, purpose=StoredFile.Purpose.EXPORT,
        capability=CAPABILITY, now=now,
    )  # fmt: skip
    filled = FilledSheet.objects.create(
        store_id=layout.store_id, layout=layout, month=month.start, rows=rows, reason=reason,
        file=stored, made_at=now, made_by=by, submission=submission,
    )  # fmt: skip
    trail.record(
        by, "export_layout.filled", filled, list=layout.subject, month=str(month),
        rows=rows, sha256=hashlib.sha256(content).hexdigest(), reason=filled.reason,
    )  # fmt: skip
    if rows:
        leaving = exports.Leaving(
            layout.store_id, "manufacturer", rows, filled.reason, f"month={month}", in_full=True, file=stored
        )
        exports.leave(by, leaving, now=now)
    return filled


def _check_fillable(layout: ExportLayout, reason: str) -> None:
    if not reason.strip():
        raise RuleBroken(_("Say what the list is for."), code="reason", field="reason")
    if not layout.is_active:
        raise RuleBroken(_("This layout was put away."), code="retired")
    if not layout.is_mapped:
        raise RuleBroken(_("Check the columns and save them first."), code="unmapped")
    if layout.file.removed_at is not None or not files.path_of(layout.file).exists():
        raise RuleBroken(_("The empty sheet is no longer kept. Bring it again."), code="removed")
