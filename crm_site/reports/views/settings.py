"""The settings of a store's months."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Store
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.reports import actions, calendar, periods, wording
from crm_site.reports.forms.settings import SettingsForm


@guard.needs("reports.settings")
def settings_home(request: HttpRequest) -> HttpResponse:
    """The settings of the only store, or of the first one."""
    stores = policy.stores_allowing(request.user, "reports.settings")
    if not stores:
        raise Http404
    return redirect("reports:settings", stores[0])


@guard.needs("reports.settings")
def settings(request: HttpRequest, pk: int) -> HttpResponse:
    """How a store closes its months; what follows for the month that is running stands beside it."""
    store = guard.get_or_404(Store.objects, request, pk=pk)
    row = calendar.settings_of(store.pk)
    form = SettingsForm(request.POST or None, instance=row, initial={"version": row.version})
    if request.method == "POST" and form.is_valid():
        try:
            shown, by = form.cleaned_data["version"], guard.acting(request, store.pk)
            actions.save_settings(store.pk, form.values(), by=by, shown=shown)
        except RuleBroken as refused:
            form.add_error(refused.field or None, refused.message)
        else:
            messages.success(request, _("Saved. It holds for every month that is not published yet."))
            return redirect("reports:settings", store.pk)
    saved = calendar.settings_of(store.pk)
    period = calendar.period_for(store.pk, periods.month_at(clock.today(), saved.month_begins))
    context = {
        "form": form,
        "store": store,
        "stores": Store.objects.filter(pk__in=policy.stores_allowing(request.user, "reports.settings")),
        "month": wording.month_name(period.month),
        "period": period,
        "days": calendar.calendar_for(store.pk, period),
    }
    return render(request, "reports/settings.html", context, status=422 if form.is_bound else 200)
