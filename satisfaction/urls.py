"""Addresses of satisfaction."""

from django.urls import path

from satisfaction import views

app_name = "satisfaction"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("by/<slug:dimension>/", views.breakdown, name="breakdown"),
    path("items/", views.items, name="items"),
    path("heat/", views.heat, name="heat"),
    path("chart/<slug:name>/", views.chart, name="chart"),
    path("export/workbook/", views.workbook, name="workbook"),
    path("export/page/", views.printed_page, name="printed_page"),
    path("responses/", views.responses, name="responses"),
    path("responses/not-counted/", views.not_counted, name="not_counted"),
    path("responses/<int:pk>/include/", views.include, name="include"),
    path("responses/<int:pk>/", views.response, name="response"),
    path("responses/<int:pk>/exclude/", views.exclude, name="exclude"),
    path("dictionary/", views.dictionary, name="dictionary"),
    path("external/", views.external, name="external"),
    path("alerts/", views.alerts, name="alerts"),
    path("alerts/<int:pk>/seen/", views.alert_seen, name="alert_seen"),
    path("digests/", views.digests, name="digests"),
    path("digests/<int:pk>/", views.digest, name="digest"),
    path("digests/<int:pk>/answers/", views.digest_rows, name="digest_rows"),
    path("decisions/", views.decisions, name="decisions"),
    path("decisions/<int:pk>/", views.decide, name="decide"),
    path("items/<slug:code>/", views.item, name="item"),
    path("words/", views.words, name="words"),
    path("measures/", views.measures, name="measures"),
    path("measures/new/", views.measure_new, name="measure_new"),
    path("measures/<int:pk>/", views.measure, name="measure"),
    path("measures/<int:pk>/answers/", views.measure_rows, name="measure_rows"),
    path("measures/<int:pk>/check/", views.measure_check, name="measure_check"),
    path("measures/<int:pk>/finish/", views.measure_finish, name="measure_finish"),
    path("face-to-face/", views.tablet, name="tablet"),
    path("face-to-face/delivery/<int:pk>/", views.tablet_delivery, name="tablet_delivery"),
    path("face-to-face/order/<int:pk>/", views.tablet_order, name="tablet_order"),
    path("face-to-face/thanks/", views.sitting_thanks, name="sitting_thanks"),
    path("face-to-face/<uuid:key>/", views.sitting, name="sitting"),
    path("targets/", views.targets, name="targets"),
    path("what-if/", views.whatif, name="whatif"),
    path("questionnaires/", views.trees, name="trees"),
    path("questionnaires/<int:pk>/", views.tree, name="tree"),
]
