"""Correcting on the card why a customer stays away."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from crm_site.accounts import guard
from crm_site.core import clock
from customers.actions.defection import note_defection
from customers.forms.classing import DefectionForm
from customers.views.access import editable_or_404, form_page, saved, try_to


@guard.needs("customers.edit")
def defection(request: HttpRequest, pk: int) -> HttpResponse:
    """Kind, reason and the day on which it was told."""
    customer, by = editable_or_404(request, pk)
    form = DefectionForm.of(customer, request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        act = lambda: note_defection(  # noqa: E731 - tried by try_to
            pk, kind=said["kind"], reason=said["reason"], told_on=said["told_on"], by=by, today=clock.today()
        )
        if try_to(form, act):
            return saved(request, customer, "class")
    return form_page(request, "customers/classing/defection.html", {"form": form, "customer": customer})
