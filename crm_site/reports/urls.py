"""Addresses of reports."""

from django.urls import path

from crm_site.reports import views

app_name = "reports"
urlpatterns = [
    path("", views.months, name="list"),
    path("mine/", views.mine, name="mine"),
    path("company/", views.company, name="company"),
    path("director/", views.director, name="director"),
    path("settings/", views.settings_home, name="settings_home"),
    path("settings/<int:pk>/", views.settings, name="settings"),
    path("appeals/<int:pk>/", views.appeal, name="appeal"),
    path("appeals/<int:pk>/decide/", views.decide, name="decide"),
    path("layouts/", views.layouts, name="layouts"),
    path("layouts/bring/", views.bring_layout, name="bring_layout"),
    path("layouts/<int:pk>/", views.layout, name="layout"),
    path("layouts/<int:pk>/columns/", views.map_layout, name="map_layout"),
    path("layouts/<int:pk>/fill/", views.fill_layout, name="fill_layout"),
    path("layouts/<int:pk>/put-away/", views.put_away_layout, name="put_away_layout"),
    path("build/", views.build, name="build"),
    path("<int:pk>/", views.report, name="report"),
    path("<int:pk>/print/", views.sheet, name="print"),
    path("<int:pk>/chart.svg", views.chart, name="chart"),
    path("<int:pk>/tickets/", views.tickets, name="tickets"),
    path("<int:pk>/answers/", views.answers, name="answers"),
    path("<int:pk>/visits/", views.visits, name="visits"),
    path("<int:pk>/workbook/", views.workbook, name="workbook"),
    path("<int:pk>/object/", views.object_to, name="object"),
    path("<int:pk>/appeals/", views.appeals, name="appeals"),
    path("<int:pk>/publish/", views.publish, name="publish"),
    path("<int:pk>/reopen/", views.reopen, name="reopen"),
]
