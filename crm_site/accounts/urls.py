"""Addresses of signing in and out, one's own settings, and people."""

from django.urls import path

from crm_site.accounts.views import access, account, links, people, saved_views, session, sign_in_rules, signing

app_name = "accounts"
urlpatterns = [
    path("sign-in/", signing.sign_in, name="sign_in"),
    path("sign-in/code/", signing.second_step, name="second_step"),
    path("sign-in/set-up/", signing.set_up, name="set_up"),
    path("sign-in/set-up.svg", signing.set_up_picture, name="set_up_picture"),
    path("sign-out/", session.sign_out, name="sign_out"),
    path("link/", links.use_link, name="link"),
    path("link/<str:token>/", links.open_link, name="open_link"),
    path("password/", account.change_password, name="change_password"),
    path("account/", account.account, name="account"),
    path("account/second-factor/", account.change_second_factor, name="change_second_factor"),
    path("account/set-up/", account.own_set_up, name="own_set_up"),
    path("account/set-up.svg", account.own_picture, name="own_picture"),
    path("account/sessions/end/", account.end_sessions, name="end_sessions"),
    path("language/", session.set_language, name="language"),
    path("theme/", session.set_theme, name="theme"),
    path("store/", session.switch_store, name="switch_store"),
    path("views/", saved_views.views, name="views"),
    path("views/save/", saved_views.save, name="view_save"),
    path("views/<int:pk>/change/", saved_views.change, name="view_change"),
    path("views/<int:pk>/delete/", saved_views.delete, name="view_delete"),
    path("people/", people.people, name="people"),
    path("people/new/", people.new_person, name="person_new"),
    path("people/sign-in-rules/", sign_in_rules.rules, name="sign_in_rules"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/facts/", people.change_person, name="person_change"),
    path("people/<int:pk>/post/", people.post_person, name="person_post"),
    path("people/<int:pk>/left/", people.person_left, name="person_left"),
    path("people/<int:pk>/role/", people.person_role, name="person_role"),
    path("people/<int:pk>/sign-in/", access.person_sign_in, name="person_sign_in"),
    path("people/<int:pk>/active/", access.person_active, name="person_active"),
    path("people/<int:pk>/link/", access.person_link, name="person_link"),
    path("people/<int:pk>/second-factor/", access.person_second_factor, name="person_second_factor"),
    path("people/<int:pk>/unlock/", access.person_unlock, name="person_unlock"),
]
