"""The warning while somebody enters a number or a car: these cards are there already."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm_site.accounts.guard import needs
from customers import alike
from customers.alike import Alike

#: what the button sends that goes on all the same
ANYWAY = "anyway"


def warned(request: HttpRequest, typed: Mapping[str, str], *, but: int | None = None) -> list[Alike]:
    """The cards to be shown before a form is taken; none once somebody has said to go on."""
    if request.POST.get(ANYWAY):
        return []
    return alike.look(request.user, typed, but=but)


@needs("customers.edit")
@require_POST
@never_cache
def alike_cards(request: HttpRequest) -> HttpResponse:
    """The cards that are there already with what stands in the form so far, as a part of its page."""
    sent = request.POST
    typed = {
        "phone": sent.get("number" if sent.get("reads") == "number" else "phone", "")[:60],
        "vin": sent.get("vin", "")[:40],
        "plate_no": sent.get("plate_no", "")[:20],
    }
    but = sent.get("but", "")
    found = alike.look(request.user, typed, but=int(but) if but.isdecimal() and len(but) < 19 else None)
    return render(request, "customers/alike.html", {"alike": found, "is_refusal": False})
