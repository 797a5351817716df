"""Correcting the customer's facts while talking to them: a panel of the call page, or a page of its own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from crm_site.accounts import guard
from crm_site.core import clock
from customers.actions.corrections import Learned
from customers.forms.correct import CorrectForm
from customers.models import Correction
from customers.sight import Sight
from customers.views.access import customer_or_404
from customers.views.correct import put_right
from revisits import queries
from revisits.actions.tasks import is_held_by_another
from revisits.models import Revisit

#: the form element of the call page to which the fields of the panel belong: a form cannot stand inside the desk's
BESIDE = "correct"


@guard.needs("revisits.call")
@never_cache
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct the facts of the customer of a call; the trail names the call. Only while nobody else has it in hand."""
    task = guard.get_or_404(queries.for_desk(), request, pk=pk)
    customer = customer_or_404(request, task.customer_id)
    guard.require(request, "customers.edit", customer)
    by = guard.acting(request, task.store_id)
    if is_held_by_another(task, by, clock.now()):
        return redirect("revisits:detail", task.pk)
    is_panel = bool(request.htmx)  # type: ignore[attr-defined]
    sight = Sight.of(request.user, task.store_id)
    form = CorrectForm(
        request.POST or None, customer=customer, vehicle=task.vehicle, sight=sight, beside=BESIDE if is_panel else ""
    )
    done = False
    if request.method == "POST" and form.is_valid():
        form, done = put_right(form, by=by, learned=Learned(Correction.Source.CALL, task.pk))
    return _panel(request, task, form, done) if is_panel else _page(request, task, form, done)


def _panel(request: HttpRequest, task: Revisit, form: CorrectForm, done: bool) -> HttpResponse:
    """The inside of the panel: the fields, or that it is done."""
    context: dict[str, Any] = {"task": task, "form": form, "done": done, "beside": BESIDE}
    return render(request, "revisits/call/correct.html", context)


def _page(request: HttpRequest, task: Revisit, form: CorrectForm, done: bool) -> HttpResponse:
    """The page for whoever has no script; the call waits where it was, with its draft."""
    if done:
        messages.success(request, _("Saved."))
        return redirect("revisits:call", task.pk)
    context = {"form": form, "customer": form.customer, "vehicle": form.vehicle}
    return render(request, "customers/care/correct.html", context, status=422 if form.is_bound else 200)
