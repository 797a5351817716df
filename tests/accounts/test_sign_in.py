"""Signing in and out, the language, the theme, the store switch, one's own password."""

import pytest
from django.urls import reverse

from crm_site.accounts.models import Role, User
from crm_site.audit.models import Entry, Refusal
from tests.cast import make_person
from tests.factories import PASSWORD, MembershipFactory, StoreFactory, no_second_factor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _by_password_alone(db):
    no_second_factor()


def test_the_right_password_opens_the_home_page(client, manager_a):
    answer = client.post("/sign-in/", {"username": manager_a.user.username.upper(), "password": PASSWORD})
    assert answer.status_code == 302
    assert answer["Location"] == "/"


@pytest.mark.parametrize(("username", "password"), [("nobody", "x"), ("温静-a", "wrong")])
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(client, manager_a, username, password):
    answer = client.post("/sign-in/", {"username": username, "password": password})
    assert answer.status_code == 422
    assert len(answer.context["form"].non_field_errors()) == 1
    assert "20" in answer.context["form"].non_field_errors()[0]


def test_a_disabled_user_cannot_sign_in(client, manager_a):
    User.objects.filter(pk=manager_a.user.pk).update(is_active=False)
    answer = client.post("/sign-in/", {"username": manager_a.user.username, "password": PASSWORD})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "http:evil", "evil"]
)
def test_after_signing_in_nobody_is_sent_away(client, manager_a, target):
    data = {"username": manager_a.user.username, "password": PASSWORD, "next": target}
    assert client.post("/sign-in/", data)["Location"] == "/"


def test_a_page_asked_for_before_signing_in_comes_after_it(client, manager_a):
    asked = client.get(reverse("accounts:people"))
    assert asked.status_code == 302
    assert asked["Location"] == "/sign-in/?next=/people/"
    data = {"username": manager_a.user.username, "password": PASSWORD, "next": "/people/"}
    assert client.post("/sign-in/", data)["Location"] == "/people/"


def test_signing_out_needs_a_post(as_, manager_a):
    client = as_(manager_a)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").status_code == 302
    assert client.get("/").status_code == 302


def test_the_language_is_kept_in_the_profile(as_, manager_a):
    client = as_(manager_a)
    client.post("/language/", {"language": "en", "next": "/people/"})
    assert "People" in client.get("/people/").content.decode()
    client.post("/language/", {"language": "zh-hans"})
    assert "人员" in client.get("/people/").content.decode()
    client.post("/language/", {"language": "tlh"})
    assert User.objects.get(pk=manager_a.user.pk).language == "zh-hans"


def test_the_store_switch_narrows_and_a_foreign_store_does_not_count(as_, manager_a):
    second = StoreFactory(code="A2")
    MembershipFactory(user=manager_a.user, store=second, role=Role.MANAGER)
    make_person(second, Role.SPECIALIST, "二店专员")
    foreign = StoreFactory(code="F")
    client = as_(manager_a)
    assert "二店专员" in client.get("/people/").content.decode()
    client.post("/store/", {"store": manager_a.store.pk})
    assert "二店专员" not in client.get("/people/").content.decode()
    client.post("/store/", {"store": foreign.pk})
    assert "二店专员" in client.get("/people/").content.decode()


def test_a_first_password_must_be_changed_before_anything_else(as_, manager_a):
    User.objects.filter(pk=manager_a.user.pk).update(must_change_password=True)
    client = as_(manager_a)
    assert client.get("/people/")["Location"] == "/password/"
    new = "kx7-vvm2-qpl9"
    answer = client.post("/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    assert answer.status_code == 302
    assert client.get("/people/").status_code == 200


@pytest.mark.parametrize("weak", ["short", "1234567890", "password123"])
def test_a_weak_password_is_refused(as_, manager_a, weak):
    answer = as_(manager_a).post("/password/", {"old_password": PASSWORD, "new_password1": weak, "new_password2": weak})
    assert answer.status_code == 422
    assert User.objects.get(pk=manager_a.user.pk).check_password(PASSWORD)


def test_a_refused_page_is_logged(as_, specialist_a):
    assert as_(specialist_a).get("/people/").status_code == 403
    refusal = Refusal.objects.get()
    assert (refusal.user_id, refusal.url_name, refusal.reason) == (specialist_a.user.pk, "accounts:people", "role")


def test_a_session_ends_when_its_user_is_disabled(as_, manager_a):
    client = as_(manager_a)
    assert client.get("/").status_code == 200
    User.objects.filter(pk=manager_a.user.pk).update(is_active=False)
    assert client.get("/")["Location"].startswith("/sign-in/")


def test_the_store_switch_takes_any_nonsense(as_, manager_a):
    for nonsense in ("²", "٣", "9" * 40, "-1", "x", "0" * 17 + "1" * 5000):
        assert as_(manager_a).post("/store/", {"store": nonsense}).status_code == 302


def test_signing_in_and_out_stands_in_the_trail(client, specialist_a):
    client.post(reverse("accounts:sign_in"), {"username": specialist_a.user.username, "password": "wrong"})
    assert not Entry.objects.filter(action="user.signed_in").exists()
    client.post(reverse("accounts:sign_in"), {"username": specialist_a.user.username, "password": PASSWORD})
    client.post(reverse("accounts:sign_out"))
    client.post(reverse("accounts:sign_out"))
    entries = Entry.objects.filter(subject_type="accounts.user", subject_id=specialist_a.user.pk).order_by("pk")
    assert list(entries.values_list("action", "store_id")) == [
        ("user.signed_in", specialist_a.store.pk),
        ("user.signed_out", specialist_a.store.pk),
    ]
