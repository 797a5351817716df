"""What the pages of an undo show: where it stands, its figures, the rows that stay and why; reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_site.core import formats, paging, phones
from crm_site.imports import wording
from crm_site.imports.actions.undoing import PLAN
from crm_site.imports.layout import Layout
from crm_site.imports.models import BatchState, ImportBatch, StagedRow, UndoCase
from crm_site.jobs import wording as jobs
from crm_site.jobs.models import Job, State

PAGE = 30
Words = str | Promise
EDITED, REFERENCED = UndoCase.Kind.EDITED, UndoCase.Kind.REFERENCED

#: tables that imports write, or that may point to what they have written (by label: rooms above are not imported)
TABLES: dict[str, Words] = {
    "accounts.employee": gettext_lazy("Employees"),
    "accounts.posting": gettext_lazy("Posts held"),
    "customers.customer": gettext_lazy("Customers"),
    "customers.phone": gettext_lazy("Phone numbers"),
    "customers.contact": gettext_lazy("Contacts"),
    "customers.contactban": gettext_lazy("Wishes not to be contacted"),
    "customers.vehicle": gettext_lazy("Vehicles"),
    "customers.vehiclerole": gettext_lazy("Roles on a car"),
    "customers.delivery": gettext_lazy("Deliveries"),
    "customers.repairorder": gettext_lazy("Repair orders"),
    "customers.workmanship": gettext_lazy("Technicians of orders"),
    "complaints.complaint": gettext_lazy("Complaints"),
    "complaints.step": gettext_lazy("Steps of complaints"),
    "complaints.liability": gettext_lazy("Liabilities"),
    "revisits.revisit": gettext_lazy("Revisits that somebody works on"),
    "revisits.callattempt": gettext_lazy("Calls"),
    "revisits.pastcall": gettext_lazy("Past calls"),
    "satisfaction.response": gettext_lazy("Responses"),
    "satisfaction.externalresult": gettext_lazy("External results"),
}


def phase(batch: ImportBatch) -> str:
    """Where an undo stands: planning, plan, undoing, stopped, broken (while planning), done."""
    job = batch.undo_job
    if batch.state == BatchState.UNDONE:
        return "done"
    if job is None:
        return "broken"
    if job.kind == PLAN:
        return "planning" if job.is_open else "plan" if job.state == State.DONE else "broken"
    return "undoing" if job.is_open else "stopped"


def progress(batch: ImportBatch, job: Job, now: datetime) -> dict[str, Any]:
    """The running job for the progress component."""
    planning = job.kind == PLAN
    words = (_("look at what was written"), _("you decide"), _("take the rows back"))
    current = 0 if planning else 2
    stages = [
        {"word": word, "note": "", "state": "done" if place < current else "now" if place == current else ""}
        for place, word in enumerate(words)
    ]
    return {
        "url": reverse("imports:undo_progress", args=[batch.pk]) if job.is_open else "",
        "done": job.done,
        "total": job.total,
        "percent": job.percent or 0,
        "note": jobs.remaining(job, now) or (_("waiting for its turn") if job.state == State.QUEUED else ""),
        "stages": stages,
    }


def figures(batch: ImportBatch, chosen: str, numbers: dict[str, int]) -> list[dict[str, Any]]:
    """What goes, what goes back, what stays; the last two filter the list below."""
    counts = counted(batch)
    is_done = batch.state == BatchState.UNDONE
    rows = [
        (_("Deleted"), counts.get("deleted", 0), _("added by this import"), "", "trash"),
        (_("Put back"), counts.get("restored", 0), _("to their old values"), "", "arrow-counterclockwise"),
        (_("Edited since"), numbers[EDITED], _("they stayed") if is_done else _("you decide"), EDITED, "pencil"),
        (
            _("Referred to"),
            numbers[REFERENCED],
            _("they stayed") if is_done else _("they stay"),
            REFERENCED,
            "link-45deg",
        ),
    ]
    here = reverse("imports:undo", args=[batch.pk])
    return [
        {"label": label, "value": formats.number(number), "note": note, "icon": icon, "current": kind == chosen,
         "url": f"{here}?show={kind}#rows" if kind else "", "kind": "warn" if kind and number else ""}
        for label, number, note, kind, icon in rows
    ]  # fmt: skip


def counted(batch: ImportBatch) -> dict[str, Any]:
    """The figures of the plan, or of what was done."""
    return batch.undo_counts.get("done" if batch.state == BatchState.UNDONE else "plan", {})


def numbers(batch: ImportBatch) -> dict[str, int]:
    """How many rows were edited since (of a finished undo: and stayed so), how many are in use."""
    cases = UndoCase.objects.filter(batch=batch)
    edited = cases.filter(kind=EDITED)
    if batch.state == BatchState.UNDONE:
        edited = edited.exclude(decision=UndoCase.Decision.RESTORE)
    return {EDITED: edited.count(), REFERENCED: cases.filter(kind=REFERENCED).count()}


def tables(batch: ImportBatch) -> list[dict[str, Any]]:
    """How many rows of each table go."""
    return [
        {"term": table(label), "text": formats.number(number), "num": True}
        for label, number in batch.undo_counts.get("plan", {}).get("rows", {}).items()
    ]


def table(label: str) -> Words:
    """A table in words; one that nobody has named by its own name."""
    return TABLES.get(label) or str(apps.get_model(label)._meta.verbose_name)


def cases(batch: ImportBatch, wanted: Layout, kind: str, cursor: str) -> dict[str, Any]:
    """One page of the rows of a class, with what they came from."""
    found = UndoCase.objects.filter(batch=batch, kind=kind)
    if batch.state == BatchState.UNDONE:
        found = found.exclude(decision=UndoCase.Decision.RESTORE)
    page = paging.paginate(found, order=["pk"], cursor=cursor, size=PAGE)
    records = _records(batch, wanted, list(page))
    names = _names(page) if kind == EDITED else {}
    lines = [
        {
            "key": str(case.pk),
            "row": case.row,
            "record": records.get((case.sheet, case.row), ""),
            "table": table(case.target_type),
            "decision": case.decision or UndoCase.Decision.KEEP.value,
            "fields": _fields(wanted, case, names) if kind == EDITED else [],
            "reason": _reason(case) if kind == REFERENCED else "",
        }
        for case in page
    ]
    return {"page": page, "lines": lines}


def _records(batch: ImportBatch, wanted: Layout, page: Iterable[UndoCase]) -> dict[tuple[str, int | None], str]:
    """(sheet, row) → the values by which a reader knows it."""
    rows = StagedRow.objects.filter(batch=batch, row__in={case.row for case in page if case.row})
    return {(row.sheet, row.row): wording.record(wanted, row.clean) for row in rows}


def _fields(wanted: Layout, case: UndoCase, names: dict[tuple[str, int], str]) -> list[dict[str, Any]]:
    """Field by field: before the import, as imported, now; a row that the import added has none."""
    model = apps.get_model(case.target_type)
    lines = []
    for name, values in case.detail.items():
        if name == "seal":
            continue
        before, imported, now = (_shown(wanted, model, name, value, names) for value in values)
        lines.append({"label": _label(wanted, model, name), "before": before, "imported": imported, "now": now})
    return lines


def _reason(case: UndoCase) -> str:
    if case.detail.get("clash"):
        return _("Another row has taken its place since.")
    if case.detail.get("gone"):
        return _("What it pointed to before is no longer there.")
    by = [
        _("%(table)s: %(count)s") % {"table": table(label), "count": formats.number(count)}
        for label, count in case.detail.get("by", {}).items()
    ]
    return wording.listed(by)


def _label(wanted: Layout, model: type[Model], name: str) -> Words:
    """A column by its name in the list, else in the table."""
    bare = name.removesuffix("_id").removesuffix("_name")
    known = wanted.by_name.get(name) or wanted.by_name.get(bare)
    return known.label if known else _column(model, name)


def _column(model: type[Model], name: str) -> str:
    return COLUMNS.get(name) or str(model._meta.get_field(name).verbose_name)  # type: ignore[union-attr,return-value]


#: columns that no list has under their own name
COLUMNS: dict[str, Words] = {
    "rank": gettext_lazy("Order of dialling"),
    "number": gettext_lazy("Number"),
    "since": gettext_lazy("Since"),
    "until": gettext_lazy("Until"),
    "released_on": gettext_lazy("Released on"),
    "customer_id": gettext_lazy("Customer"),
    "vehicle_id": gettext_lazy("Vehicle"),
    "department": gettext_lazy("Department"),
    "post": gettext_lazy("Post"),
}


def _shown(wanted: Layout, model: type[Model], name: str, value: Any, names: dict[tuple[str, int], str]) -> str:
    """A value as a reader expects it: rows by their names, phones masked."""
    if value in (None, ""):
        return ""
    if name.endswith("_id"):
        return names.get((f"{model._meta.label_lower}.{name}", value), "–")
    if model._meta.label_lower == "customers.phone" and name == "number":
        return phones.mask(str(value))
    bare = name.removesuffix("_name")
    return wording.shown(wanted, name, value) or wording.shown(wanted, bare, value) or str(value)


def _names(page: Iterable[UndoCase]) -> dict[tuple[str, int], str]:
    """What the keys in a page's values point to, by a query for each column."""
    asked: dict[tuple[str, str], set[int]] = defaultdict(set)
    for case in page:
        for name, values in case.detail.items():
            if name.endswith("_id"):
                asked[case.target_type, name].update(value for value in values if value)
    found: dict[tuple[str, int], str] = {}
    for (label, name), keys in asked.items():
        column: Any = apps.get_model(label)._meta.get_field(name)
        rows = column.related_model._base_manager.filter(pk__in=keys)
        found |= {(f"{label}.{name}", row.pk): str(row) for row in rows}
    return found
