"""The whole map of addresses; each room keeps its own."""

from django.urls import include, path

from crm_site.jobs import probe

urlpatterns = [
    path("healthz", probe.healthz, name="healthz"),
    path("", include("crm_site.dashboard.urls")),
    path("", include("crm_site.accounts.urls")),
    path("customers/", include("customers.urls")),
    path("revisits/", include("revisits.urls")),
    path("complaints/", include("complaints.urls")),
    path("satisfaction/", include("satisfaction.urls")),
    path("reports/", include("crm_site.reports.urls")),
    path("imports/", include("crm_site.imports.urls")),
    path("files/", include("crm_site.files.urls")),
    path("notices/", include("crm_site.notices.urls")),
    path("jobs/", include("crm_site.jobs.urls")),
    path("worktime/", include("crm_site.worktime.urls")),
    path("history/", include("crm_site.history.urls")),
    path("privacy/", include("crm_site.privacy.urls")),
]

handler400 = "crm_site.core.web.errors.bad_request"
handler403 = "crm_site.core.web.errors.not_allowed"
handler404 = "crm_site.core.web.errors.not_found"
handler500 = "crm_site.core.web.errors.failed"
