"""Addresses of satisfaction."""

from django.urls import path

from satisfaction import views

app_name = "satisfaction"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("heat/", views.heat, name="heat"),
    path("chart/<slug:name>/", views.chart, name="chart"),
    path("responses/", views.responses, name="responses"),
    path("responses/<int:pk>/", views.response, name="response"),
    path("responses/<int:pk>/exclude/", views.exclude, name="exclude"),
    path("dictionary/", views.dictionary, name="dictionary"),
    path("external/", views.external, name="external"),
    path("decisions/", views.decisions, name="decisions"),
    path("decisions/<int:pk>/", views.decide, name="decide"),
    path("measures/", views.measures, name="measures"),
    path("measures/new/", views.measure_new, name="measure_new"),
    path("measures/<int:pk>/", views.measure, name="measure"),
    path("measures/<int:pk>/check/", views.measure_check, name="measure_check"),
    path("measures/<int:pk>/finish/", views.measure_finish, name="measure_finish"),
    path("questionnaires/", views.trees, name="trees"),
    path("questionnaires/<int:pk>/", views.tree, name="tree"),
]
