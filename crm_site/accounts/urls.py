"""Addresses of signing in and out, one's own settings, and people."""

from django.urls import path

from crm_site.accounts.views import people, saved_views, session

app_name = "accounts"
urlpatterns = [
    path("sign-in/", session.sign_in, name="sign_in"),
    path("sign-out/", session.sign_out, name="sign_out"),
    path("password/", session.change_password, name="change_password"),
    path("language/", session.set_language, name="language"),
    path("theme/", session.set_theme, name="theme"),
    path("store/", session.switch_store, name="switch_store"),
    path("views/", saved_views.views, name="views"),
    path("views/save/", saved_views.save, name="view_save"),
    path("views/<int:pk>/change/", saved_views.change, name="view_change"),
    path("views/<int:pk>/delete/", saved_views.delete, name="view_delete"),
    path("people/", people.people, name="people"),
    path("people/new/", people.new_person, name="person_new"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/facts/", people.change_person, name="person_change"),
    path("people/<int:pk>/post/", people.post_person, name="person_post"),
    path("people/<int:pk>/left/", people.person_left, name="person_left"),
    path("people/<int:pk>/sign-in/", people.person_sign_in, name="person_sign_in"),
    path("people/<int:pk>/role/", people.person_role, name="person_role"),
    path("people/<int:pk>/active/", people.person_active, name="person_active"),
    path("people/<int:pk>/password/", people.person_password, name="person_password"),
]
