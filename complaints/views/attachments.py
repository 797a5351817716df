"""Files of one ticket: adding some, and taking one back; they are fetched through the files room."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from complaints.actions import attaching
from complaints.forms.attaching import AttachForm
from complaints.models import Attachment, Complaint
from crm_site.accounts import guard
from crm_site.accounts.models import Employee, Store
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.files.models import StoredFile


@require_POST
@guard.needs("complaints.report")
def attach(request: HttpRequest, pk: int) -> HttpResponse:
    """Add the chosen files; what is not taken is named with the reason, the others are kept."""
    ticket = guard.get_or_404(Complaint.objects.select_related("store"), request, pk=pk)
    by = guard.acting(request, ticket.store_id)
    form = AttachForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, " ".join(form.errors["files"]))
        return _back(ticket)
    stored, refusals = bring_all(form.cleaned_data["files"], store=ticket.store, by=by)
    for refusal in refusals:
        messages.error(request, refusal)
    try:
        attaching.attach(ticket.pk, file_ids=[one.pk for one in stored], by=by, now=clock.now())
    except RuleBroken as refused:
        messages.error(request, refused.message)
        return _back(ticket)
    if stored:
        text = ngettext("%(count)s file attached.", "%(count)s files attached.", len(stored))
        messages.success(request, text % {"count": len(stored)})
    return _back(ticket)


@require_POST
@guard.needs("complaints.report")
def withdraw(request: HttpRequest, pk: int, attachment_pk: int) -> HttpResponse:
    """Take a file back."""
    ticket = guard.get_or_404(Complaint.objects, request, pk=pk)
    attachment = get_object_or_404(Attachment.objects.visible_to(request.user), complaint=ticket, pk=attachment_pk)
    try:
        attaching.withdraw(ticket.pk, attachment=attachment, by=guard.acting(request, ticket.store_id), now=clock.now())
    except RuleBroken as refused:
        messages.error(request, refused.message)
        return _back(ticket)
    messages.success(request, _("Withdrawn. The file itself is kept as evidence."))
    return _back(ticket)


def bring_all(uploads: list, *, store: Store, by: Employee) -> tuple[list[StoredFile], list[str]]:
    """Take in what can be taken; gives the stored files and a sentence for each that was refused."""
    stored, refusals = [], []
    for upload in uploads[: attaching.MOST_FILES]:
        try:
            stored.append(attaching.bring(upload, store=store, by=by, now=clock.now()))
        except RuleBroken as refused:
            refusals.append(refused.message)
    if len(uploads) > attaching.MOST_FILES:
        text = _("Only the first %(limit)s files were taken.")
        refusals.append(text % {"limit": attaching.MOST_FILES})
    return stored, refusals


def _back(ticket: Complaint) -> HttpResponse:
    return redirect(f"{reverse('complaints:detail', args=[ticket.pk])}#files")
