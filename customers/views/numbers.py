"""A card's numbers, contacts and wishes."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm_site.accounts import guard
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse
from customers.actions import from_calls, numbers, wishes
from customers.actions.editing import Overlap
from customers.forms import BanForm, ContactForm, CorrectPhoneForm, NewContactForm, PhoneForm
from customers.models import Contact, ContactBan, Phone
from customers.views.access import editable_or_404, form_page, saved, show_overlap, try_to
from customers.views.alike import warned

#: the reason that stands at a number marked bad by hand; calls leave their result there
BY_HAND = "BY_HAND"


@guard.needs("customers.edit")
def phone_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a number to a card."""
    customer, by = editable_or_404(request, pk)
    form = PhoneForm(request.POST or None, customer=customer)
    is_whole = request.method == "POST" and form.is_valid()
    alike = warned(request, {"phone": form.cleaned_data["number"]}, but=pk) if is_whole else []
    if is_whole and not alike:
        sent = form.cleaned_data
        if try_to(form, lambda: numbers.add_phone(pk, **sent, by=by)):
            return saved(request, customer, "numbers")
    return form_page(
        request, "customers/phone.html", {"form": form, "customer": customer, "phone": None, "alike": alike}
    )


@guard.needs("customers.edit")
@never_cache
def phone(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct a number, whose it is, or put it first."""
    row = guard.get_or_404(Phone.objects, request, pk=pk)
    customer, by = editable_or_404(request, row.customer_id)
    form = CorrectPhoneForm(request.POST or None, phone=row, customer=customer)
    if request.method == "POST" and form.is_valid():
        try:
            numbers.edit_phone(pk, values=form.wanted(), seen=form.seen(), first=form.puts_first(), by=by)
        except Overlap as overlap:
            form = show_overlap(form, form.again(None), overlap)
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            return saved(request, customer, "numbers")
    return form_page(request, "customers/phone.html", {"form": form, "customer": customer, "phone": row})


@guard.needs("customers.edit")
@require_POST
def phone_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a number off its card."""
    row = guard.get_or_404(Phone.objects, request, pk=pk)
    customer, by = editable_or_404(request, row.customer_id)
    try:
        numbers.remove_phone(pk, by=by)
    except RuleBroken as broken:
        messages.error(request, broken.message)
        return redirect("customers:phone", pk)
    return saved(request, customer, "numbers")


@guard.needs("customers.edit")
@require_POST
def phone_state(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a number as bad, or as good again."""
    row = guard.get_or_404(Phone.objects, request, pk=pk)
    customer, by = editable_or_404(request, row.customer_id)
    if request.POST.get("good") == "1":
        numbers.call_good(pk, by=by)
    elif request.POST.get("good") == "0":
        from_calls.mark_phone_bad(pk, reason=BY_HAND, by=by, on=clock.today())
    return saved(request, customer, "numbers")


@guard.needs("customers.edit")
def contact_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Add somebody around the customer."""
    customer, by = editable_or_404(request, pk)
    form = NewContactForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        number = values.pop("phone")
        if try_to(form, lambda: numbers.add_contact(pk, values=values, phone=number, by=by)):
            return saved(request, customer, "numbers")
    return form_page(request, "customers/contact.html", {"form": form, "customer": customer, "contact": None})


@guard.needs("customers.edit")
@never_cache
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct the facts of a contact."""
    row = guard.get_or_404(Contact.objects, request, pk=pk)
    customer, by = editable_or_404(request, row.customer_id)
    form = ContactForm.of(row, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            numbers.edit_contact(pk, values=form.wanted(), seen=form.shown_values(), by=by)
        except Overlap as overlap:
            form = show_overlap(form, ContactForm.of(row), overlap)
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            return saved(request, customer, "numbers")
    return form_page(request, "customers/contact.html", {"form": form, "customer": customer, "contact": row})


@guard.needs("customers.edit")
def ban_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Note what the customer does not want."""
    customer, by = editable_or_404(request, pk)
    form = BanForm(request.POST or None, customer=customer, today=clock.today())
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        if try_to(form, lambda: wishes.set_ban(pk, values=values, by=by)):
            return saved(request, customer, "wishes")
    return form_page(request, "customers/ban.html", {"form": form, "customer": customer})


@guard.needs("customers.edit")
@require_POST
def ban_lift(request: HttpRequest, pk: int) -> HttpResponse:
    """The customer agrees again; what they said may be added."""
    ban = guard.get_or_404(ContactBan.objects, request, pk=pk)
    customer, by = editable_or_404(request, ban.customer_id)
    wishes.lift_ban(pk, by=by, now=clock.now(), reason=request.POST.get("reason", ""))
    return saved(request, customer, "wishes")
