"""Files leave the house only here: by right, as an attachment, logged."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from crm_site.accounts import guard
from crm_site.core import hooks
from crm_site.core.errors import RuleBroken
from crm_site.core.returning import own_page
from crm_site.files import actions
from crm_site.files.models import StoredFile


@require_POST
@guard.needs("files.download")
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One file, to whoever has the capability that its row names in its store. A POST, because it is logged."""
    stored = guard.get_or_404(StoredFile.objects, request, pk=pk)
    _ask_at_the_door(request, stored)
    guard.require(request, stored.capability, stored)
    if any(is_barred(request.user, stored) for is_barred in hooks.load("FILE_BARS")):
        guard.refuse(request, "conflict", stored)
    try:
        path = actions.hand_out(stored, by=guard.acting(request, stored.store_id))
    except RuleBroken as refused:
        messages.error(request, refused.message)
        return redirect(own_page(request, request.POST.get("next", "")))
    answer = FileResponse(path.open("rb"), as_attachment=True, filename=stored.name, content_type=stored.content_type)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _ask_at_the_door(request: HttpRequest, stored: StoredFile) -> None:
    """What belongs to a record is for whoever sees the record: the room that keeps it says so, else 404."""
    if stored.purpose != StoredFile.Purpose.ATTACHMENT:
        return
    if not any(may_fetch(request.user, stored) for may_fetch in hooks.load("FILE_DOORS")):
        raise Http404
