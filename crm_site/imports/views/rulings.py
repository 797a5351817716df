"""What a person says of rows that wait for it: one by one, or the same of all."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from crm_site.accounts import guard
from crm_site.core import formats
from crm_site.core.errors import RuleBroken
from crm_site.imports.actions import rulings as actions
from crm_site.imports.models import ImportBatch, Verdict
from crm_site.imports.views.changing import said_by_key


@require_POST
@guard.needs("imports.run")
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the answers of a page's rows ("row-<key>"), or one for all of them ("all"), and judge the rows anew."""
    found = guard.get_or_404(ImportBatch.objects, request, pk=pk)
    shown, by = request.POST.get("verdict", ""), guard.acting(request, found.store_id)
    verdict = Verdict.CONFLICT.value if shown == Verdict.CHANGED else shown
    said = request.POST.get("all", "")
    try:
        if said:
            count = actions.rule_all(found.pk, verdict, said, by=by)
        else:
            count = actions.rule(found.pk, verdict, said_by_key(request, "row-"), by=by)
    except RuleBroken as refused:
        messages.error(request, refused.message)
    else:
        words = ngettext("%(count)s row has been judged anew.", "%(count)s rows have been judged anew.", count)
        messages.success(request, words % {"count": formats.number(count)})
    where = reverse("imports:batch", args=[found.pk])
    return redirect(f"{where}?show={shown}#rows" if shown in Verdict.values else where)
