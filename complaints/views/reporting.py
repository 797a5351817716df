"""Reporting what a customer is unhappy about: the customer is found on the form itself, nothing personal in the URL."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet, prefetch_related_objects
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from complaints import actions, preview, queries, settings
from complaints.actions import attaching, drafts
from complaints.forms import ReportForm
from complaints.models import Complaint, IntakeDraft
from complaints.rules.intake import late_by
from complaints.views.attachments import bring_all
from crm_site.accounts import guard, policy
from crm_site.accounts.models import Employee, Store
from crm_site.core import clock, formats
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse
from crm_site.files import kinds
from crm_site.files.models import StoredFile
from customers import search
from customers.models import Customer

MOST_HITS = 8
#: buttons that only look something up or change the form, each with what is typed so far
LOOKS = frozenset({"check", "find", "take", "leave"})


@guard.needs("complaints.report")
def new(request: HttpRequest) -> HttpResponse:
    """The form: GET shows it (`?customer=<id>` takes one along), POST finds a customer or opens the ticket."""
    if request.method != "POST":
        return _shown(request)
    if "anew" in request.POST:
        drafts.drop(_typist(request))
        return redirect("complaints:new")
    if request.POST.get("chase"):
        return _chase(request)
    if LOOKS & request.POST.keys():
        return _looked(request)
    return _registered(request)


@require_POST
@guard.needs("complaints.report")
def foresee(request: HttpRequest) -> HttpResponse:
    """What registering would do, as a piece of the page, asked for while somebody writes; what is typed is kept."""
    names = [*ReportForm.base_fields, "kept", "same"]
    typed = {name: request.POST.getlist(name) for name in names if name in request.POST}
    form = _form(request, request.POST, _customer(request, request.POST.get("customer", "")))
    drafts.keep(typed, by=_typist(request), now=clock.now())
    return render(request, "complaints/new_preview.html", {"preview": _preview(request, form)})


def _shown(request: HttpRequest) -> HttpResponse:
    """A fresh form, about the customer in the address if one is named; else what was typed here last and left."""
    named = request.GET.get("customer", "")
    draft = None if named else drafts.of(_typist(request), clock.now())
    if draft is None:
        return _page(request, _form(request, None, _customer(request, named)))
    data = QueryDict(mutable=True)
    for name, texts in draft.values.items():
        data.setlist(name, texts)
    customer = _reportable(request).filter(pk=_key(data.get("customer", ""))).first()
    if customer is None:
        data.pop("customer", None)
    form = _form(request, data, customer)
    files = attaching.waiting([_key(pk) for pk in data.getlist("kept")], by=_typist(request))
    found = _preview(request, form)
    form.errors.clear()
    return _page(request, form, found=found, kept=files, draft=draft)


def _typist(request: HttpRequest) -> Employee:
    """Whose draft it is: the employee whom the user is in the first store where they may report."""
    return guard.acting(request, policy.stores_allowing(request.user, "complaints.report")[0])


def _key(written: str) -> int:
    return int(written[:18]) if written.isdecimal() else 0


def _looked(request: HttpRequest) -> HttpResponse:
    """The form with everything typed so far, not yet judged: after a search, or with what saving would do."""
    before, typed = _customer(request, request.POST.get("customer", "")), request.POST.get("typed", "").strip()
    customer, hits = before, []
    if request.POST.get("take"):
        customer, typed = _customer(request, request.POST["take"]), ""
    elif "leave" in request.POST:
        customer, typed = None, ""
    elif typed:
        hits = _hits(request, typed)
    if len(hits) == 1:
        customer, typed, hits = hits[0]["customer"], "", []
    form = _form(
        request, _with(request, customer) if customer != before else request.POST, customer, files=request.FILES
    )
    kept = _kept(request, form)
    found = None if typed else _preview(request, form)
    for name in [name for name in form.errors if name != "files"]:
        del form.errors[name]
    return _page(request, form, typed=typed or None, hits=hits, found=found, kept=kept)


def _with(request: HttpRequest, customer: Customer | None) -> Any:
    """What was typed, now about another customer: their only car is taken along, the former's car and job are not."""
    data, blank = request.POST.copy(), _form(request, None, customer)
    for name in ("customer", "vehicle", "job", "store"):
        data.pop(name, None)
        value = blank[name].initial
        if value is not None:
            data[name] = str(value)
    return data


def _chase(request: HttpRequest) -> HttpResponse:
    """The customer asks again about an open ticket: logged there with the words typed here, and done."""
    customer = _customer(request, request.POST.get("customer", ""))
    asked = request.POST["chase"][:18]
    ticket = guard.get_or_404(_open_of(request, customer), request, pk=int(asked) if asked.isdecimal() else 0)
    try:
        by = guard.acting(request, ticket.store_id)
        actions.chase(ticket.pk, note=request.POST.get("words", ""), by=by, now=clock.now())
        drafts.drop(_typist(request))
    except RuleBroken as refused:
        form = _form(request, request.POST, customer, files=request.FILES)
        kept = _kept(request, form)
        form.errors.clear()
        refuse(form, RuleBroken(refused.message, code=refused.code, field="words"))
        return _page(request, form, status=422, kept=kept)
    messages.success(request, _("Logged: the customer asks again about %(number)s.") % {"number": ticket.number})
    return redirect("complaints:detail", pk=ticket.pk)


def _registered(request: HttpRequest) -> HttpResponse:
    customer = _customer(request, request.POST.get("customer", ""))
    form = _form(request, request.POST, customer, files=request.FILES)
    kept = _kept(request, form)
    if not form.is_valid():
        return _page(request, form, status=422, kept=kept)
    now, values = clock.now(), form.arguments()
    by = guard.acting(request, values["store_id"])
    try:
        ticket = _opened(request, customer, values | {"reported_by": by, "now": now}, kept)
    except RuleBroken as refused:
        refuse(form, refused)
        return _page(request, form, status=422, kept=kept)
    drafts.drop(_typist(request), ticket.submission)
    if late_by(ticket.received_at, now) is not None:
        text = _("Written down %(gap)s after we first heard of it; one hour is the rule.")
        messages.warning(request, text % {"gap": formats.duration(now - ticket.received_at)})
    return redirect("complaints:texts", pk=ticket.pk)


def _opened(
    request: HttpRequest, customer: Customer | None, values: dict[str, Any], kept: list[StoredFile]
) -> Complaint:
    """Open the ticket, alone or merged into the one that was named, together with its files."""
    files = [one.pk for one in kept]
    same = request.POST.get("same", "")
    if not same.isdecimal():
        return attaching.open_with_files(actions.open_ticket, file_ids=files, **values)
    main = guard.get_or_404(_open_of(request, customer), request, pk=int(same[:18]))
    return attaching.open_with_files(actions.open_merged, file_ids=files, into=main, **values)


def _kept(request: HttpRequest, form: ReportForm) -> list[StoredFile]:
    """The files brought with this and with earlier postings of the form; what is refused stands at the field."""
    form.is_valid()
    store = form.cleaned_data.get("store")
    uploads = form.cleaned_data.get("files") or []
    if store is None:
        if uploads:
            form.add_error("files", _("Choose the store first, then the files once more."))
        return []
    by = guard.acting(request, store.pk)
    earlier = [int(pk[:18]) for pk in request.POST.getlist("kept") if pk.isdecimal()]
    stored, refusals = bring_all(uploads, store=store, by=by)
    for refusal in refusals:
        form.add_error("files", refusal)
    return attaching.waiting([*earlier, *(one.pk for one in stored)], by=by)


def _form(request: HttpRequest, data: Any, customer: Customer | None, **kwargs: Any) -> ReportForm:
    now = clock.now()
    stores = Store.objects.filter(pk__in=policy.stores_allowing(request.user, "complaints.report"))
    day = clock.business_day(now)
    return ReportForm(data, stores=stores, customer=customer, now=now.replace(second=0), day=day, **kwargs)


def _customer(request: HttpRequest, pk: str) -> Customer | None:
    """The customer on the form: one that the user may see, in a store where the user may report."""
    if not pk.isdecimal():
        return None
    return guard.get_or_404(_reportable(request), request, pk=_key(pk))


def _reportable(request: HttpRequest) -> QuerySet[Customer]:
    """The customers about whom the user may report."""
    stores = policy.stores_allowing(request.user, "complaints.report")
    return Customer.objects.standing().filter(store_id__in=stores, restricted=False).select_related("store")


def _hits(request: HttpRequest, typed: str) -> list[dict[str, Any]]:
    """Whom the search may mean, each with what tells people of the same name apart."""
    stores = policy.stores_allowing(request.user, "complaints.report")
    found = {hit.customer.pk: hit.customer for hit in search.find(request.user, typed, limit=MOST_HITS)}
    known = {pk: one for pk, one in found.items() if one.store_id in stores}
    prefetch_related_objects(list(known.values()), "phones", "vehicle_roles__vehicle")
    return [_hit(customer) for customer in known.values()]


def _hit(customer: Customer) -> dict[str, Any]:
    return {
        "customer": customer,
        "cars": [role.vehicle for role in customer.vehicle_roles.all() if role.until is None][:3],
        "phone": next((phone.number for phone in customer.phones.all()), ""),
    }


def _open_of(request: HttpRequest, customer: Customer | None) -> QuerySet[Complaint]:
    """The customer's open tickets that the reader may see."""
    rows = queries.open_of_customer(customer.pk) if customer else Complaint.objects.none()
    return rows.visible_to(request.user)


def _preview(request: HttpRequest, form: ReportForm) -> preview.Preview | None:
    return preview.of(form, clock.now(), seen=Complaint.objects.visible_to(request.user))


def _page(
    request: HttpRequest,
    form: ReportForm,
    *,
    typed: str | None = None,
    hits: list[dict[str, Any]] | None = None,
    found: preview.Preview | None = None,
    kept: list[StoredFile] | None = None,
    draft: IntakeDraft | None = None,
    status: int = 200,
) -> HttpResponse:
    customer = form.chosen
    days = settings.of(customer.store_id if customer else None).repeat_days
    context = {
        "form": form,
        "customer": customer,
        "who": _hit(customer) if customer else None,
        "typed": typed,
        "hits": hits or [],
        "preview": found,
        "open_tickets": list(_open_of(request, customer).select_related("level", "category__parent")[:5]),
        "earlier": _lately(request, customer, days) if customer else [],
        "repeat_days": days,
        "same": request.POST.get("same", ""),
        "kept": kept if kept is not None else [],
        "draft": draft,
        "accept": kinds.ACCEPT,
    }
    return render(request, "complaints/new.html", context, status=status)


def _lately(request: HttpRequest, customer: Customer, days: int) -> list[Complaint]:
    """The customer's tickets of the store's days of repeats that are no longer open, newest first."""
    rows = queries.lately_of_customer(customer.pk, clock.now(), days).visible_to(request.user)
    return list(rows.select_related("category__parent")[:5])
