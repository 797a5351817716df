"""The page on which an admin or manager writes what the desk reads out, copies and sends."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from complaints import texts
from complaints.actions import wording_texts
from complaints.forms.texts import TextForm
from complaints.models import Text
from complaints.views.place import CAPABILITY, acting, place_of
from crm_site.accounts import guard
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse


@guard.needs(CAPABILITY)
def text(request: HttpRequest, code: str) -> HttpResponse:
    """One text: the store's words, what they become, and the way back to the company's."""
    place = place_of(request, company_too=True)
    store_id, found = place.store_id, texts.in_force(place.store_id)
    if code not in found:
        raise Http404
    by = acting(request, place)
    if request.method == "POST" and "reset" in request.POST:
        wording_texts.drop_text(place.store.pk, code, by=by)
        messages.success(request, _("The company's text holds again."))
        return redirect(place.url("complaints:settings_text", code))
    form = TextForm(request.POST or None, row=found[code], seen=wording_texts.mark_of(store_id, code))
    if request.method == "POST" and form.is_valid():
        try:
            wording_texts.save_text(store_id, code, **form.cleaned_data, by=by)
        except RuleBroken as refused:
            refuse(form, refused)
            if refused.code == "stale":
                form.data = {**form.data.dict(), "seen": wording_texts.mark_of(store_id, code)}
        else:
            messages.success(request, _("The text is saved; it is used from now on."))
            return redirect(place.url("complaints:settings_text", code))
    english = (get_language() or "").startswith("en")
    typed = form["text_en" if english else "text_zh"].value() or ""
    context = {
        "place": place,
        "form": form,
        "title": Text.Code(code).label,
        "is_own": found[code].store_id is not None,
        "effect": place.effect("text", code),
        "tabs": [
            {"label": one.label, "url": place.url("complaints:settings_text", one.value), "current": one.value == code}
            for one in Text.Code
        ],
        "variables": texts.VARIABLES.items(),
        "example": texts.example(typed),
    }
    return render(request, "complaints/settings/text.html", context, status=422 if form.errors else 200)
