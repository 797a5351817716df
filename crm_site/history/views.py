"""The audit log as a list of sentences, newest first."""

from operator import itemgetter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from crm_site.accounts.guard import needs
from crm_site.accounts.models import Employee, Store
from crm_site.core import paging
from crm_site.core.urls import with_query
from crm_site.history import sentences
from crm_site.history.particulars import employee_ids, particulars
from crm_site.history.queries import entries_for


@needs("audit.view")
def entries(request: HttpRequest) -> HttpResponse:
    """Who changed what, when; filtered by what it happened to."""
    chosen = request.GET.get("subject", "")
    rows = entries_for(request.user)
    if chosen in sentences.SUBJECTS:
        rows = rows.filter(subject_type__in=sentences.alike(chosen))
    page = paging.paginate(rows, order=["-at"], cursor=request.GET.get("cursor", ""))
    stores = {store.pk: store.short_name for store in Store.objects.filter(pk__in=request.user.store_ids)}
    named = {pk for entry in page for pk in employee_ids(entry.detail)}
    people = dict(Employee.objects.filter(pk__in=named).values_list("pk", "name"))
    context = {
        "rows": [_row(entry, stores, people) for entry in page],
        "next_url": with_query(request, cursor=page.next) if page.next else "",
        "previous_url": with_query(request, cursor=page.previous) if page.previous else "",
        "filters": [_subject_filter(chosen)],
    }
    return render(request, "history/list.html", context)


def _row(entry: Any, stores: dict[int, str], people: dict[int, str]) -> dict[str, Any]:
    return {
        "at": entry.at,
        "actor": entry.actor_name or _("The system"),
        "sentence": sentences.sentence(entry.action),
        "subject": sentences.subject(entry.subject_type),
        "subject_id": entry.subject_id,
        "particulars": particulars(entry.subject_type, entry.detail, people),
        "store": stores.get(entry.store_id or 0, ""),
    }


def _subject_filter(chosen: str) -> dict[str, Any]:
    alike = {sentences.alike(code) for code in sentences.SUBJECTS}
    options = sorted(((codes[0], sentences.subject(codes[0])) for codes in alike), key=itemgetter(1))
    return {
        "name": "subject",
        "label": _("What it happened to"),
        "value": chosen,
        "options": [("", _("Everything")), *options],
    }
