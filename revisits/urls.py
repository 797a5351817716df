"""Addresses of revisits."""

from django.urls import path

from revisits.views import call, detail, drafts, lists, past, rules

app_name = "revisits"
urlpatterns = [
    path("", lists.today, name="today"),
    path("next/", lists.take_next, name="next"),
    path("generate/", lists.generate_now, name="generate"),
    path("all/", lists.all_calls, name="all"),
    path("not-called/", lists.not_called, name="not_called"),
    path("past/", past.past, name="past"),
    path("rules/", rules.rules, name="rules"),
    path("rules/<slug:code>/", rules.rule, name="rule"),
    path("<int:pk>/", detail.detail, name="detail"),
    path("<int:pk>/open/", lists.open_call, name="open"),
    path("<int:pk>/give-back/", detail.give_back, name="give_back"),
    path("<int:pk>/end/", detail.end, name="end"),
    path("<int:pk>/call/", call.call, name="call"),
    path("<int:pk>/renew/", call.renew, name="renew"),
    path("<int:pk>/draft/", drafts.draft, name="draft"),
    path("<int:pk>/afresh/", drafts.start_afresh, name="afresh"),
]
