"""Many tickets to one handler: from the list, by ticks or all of its rows, with one page on what came of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from complaints import page
from complaints.actions import assigning
from complaints.forms.assigning import AssignForm
from complaints.models import Complaint
from complaints.queries import Rows
from complaints.views.selection import Selection
from crm_site.accounts import guard, policy
from crm_site.accounts.models import Employee
from crm_site.core import clock
from crm_site.core.errors import RuleBroken

CAPABILITY = "complaints.assign"


def bar(request: HttpRequest) -> dict[str, Any] | None:
    """What the list shows to whoever may assign: the form under it, with the address that keeps the filters."""
    if not policy.allows(request.user, CAPABILITY):
        return None
    kept = request.GET.copy()
    kept.pop("at", None)
    url = reverse("complaints:assign")
    return {"form": _form(request), "url": f"{url}?{kept.urlencode()}" if kept else url, "most": assigning.MOST}


@guard.needs(CAPABILITY)
def assign(request: HttpRequest) -> HttpResponse:
    """Give the ticked tickets, or all of the filtered list, to one handler; shows what was done and what refused."""
    if request.method != "POST":
        return redirect("complaints:list")
    now = clock.now()
    form = _form(request, request.POST)
    rows = _chosen(request, form)
    found = assigning.Assigned([], [])
    if form.is_valid():
        try:
            found = assigning.assign(rows, handler=form.cleaned_data["handler"], by=_acting(request), now=now)
        except RuleBroken as refused:
            form.add_error(None, refused.message)
    left = [one.complaint for one in found.refused] if form.is_valid() else list(rows)
    context = {
        "form": form,
        "handler": form.cleaned_data.get("handler"),
        "done": [_line(one) for one in found.done],
        "left": [_line(one, reason) for one, reason in zip(left, _reasons(found, len(left)), strict=True)],
        "back": f"{reverse('complaints:list')}?{request.GET.urlencode()}",
        "url": request.get_full_path(),
    }
    return render(request, "complaints/assigned.html", context, status=200 if form.is_valid() else 422)


def _form(request: HttpRequest, data: Any = None) -> AssignForm:
    return AssignForm(data, stores=policy.stores_allowing(request.user, CAPABILITY), day=clock.today())


def _chosen(request: HttpRequest, form: AssignForm) -> Rows:
    """The tickets that were meant, as far as this user sees them; one more than may be given, so that it shows."""
    rows: Rows = Complaint.objects.visible_to(request.user).filter(pk__in=form.ticked)
    if form.wants_all:
        rows = Selection(request, clock.now()).rows.open()
    return rows.select_related("customer", "level").order_by("due_at", "pk")[: assigning.MOST + 1]


def _acting(request: HttpRequest) -> dict[int, Employee]:
    """{store: as whom the user acts there}, where they may assign."""
    stores = policy.stores_allowing(request.user, CAPABILITY)
    acting = {store_id: request.user.employee_in(store_id) for store_id in stores}  # type: ignore[union-attr]
    return {store_id: employee for store_id, employee in acting.items() if employee is not None}


def _reasons(found: assigning.Assigned, count: int) -> list[str]:
    return [one.reason for one in found.refused] or [""] * count


def _line(complaint: Complaint, reason: str = "") -> dict[str, Any]:
    return {"ticket": complaint, "title": page.formats_title(complaint), "reason": reason}
