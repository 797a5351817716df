"""Links for setting a password: handed over by an administrator, used once, in time, and nowhere to be read again."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core.signing import Signer
from django.test import Client

from crm_site.accounts import actions
from crm_site.accounts.models import LinkKind, PasswordLink, User
from crm_site.audit.models import Entry
from crm_site.core.errors import RuleBroken
from tests.factories import NOON, PASSWORD

pytestmark = pytest.mark.django_db

NEW = "kx7-vvm2-qpl9"
TWICE = {"new_password1": NEW, "new_password2": NEW}


def made(as_, admin, person) -> str:
    """The path of a link that an administrator has just made."""
    answer = as_(admin).post(f"/people/{person.employee.pk}/link/")
    assert answer["Referrer-Policy"] == "same-origin"
    assert "no-store" in answer["Cache-Control"]
    return urlsplit(answer.context["address"]).path


def test_a_link_sets_the_password_once_and_ends_every_session(as_, admin_a, specialist_a):
    path, old = made(as_, admin_a, specialist_a), as_(specialist_a)
    client = Client()
    opened = client.get(path)
    assert (opened.status_code, opened["Location"], opened["Referrer-Policy"]) == (302, "/link/", "no-referrer")
    page = client.get("/link/")
    assert page["Referrer-Policy"] == "same-origin"
    assert path.rstrip("/").rsplit("/", 1)[1] not in page.content.decode()
    assert client.post("/link/", {"new_password1": "short", "new_password2": "short"}).status_code == 422
    assert client.post("/link/", TWICE)["Location"] == "/sign-in/"
    assert User.objects.get(pk=specialist_a.user.pk).check_password(NEW)
    assert old.get("/")["Location"].startswith("/sign-in/")
    assert client.get(path).status_code == 410
    assert client.post("/link/", TWICE).status_code == 410
    told = Entry.objects.filter(action__startswith="user.link").order_by("pk")
    assert list(told.values_list("action", "actor_name")) == [("user.link_made", "段文"), ("user.link_used", "陈思雨")]


@pytest.mark.parametrize("page", ["form", "given"])
def test_a_page_whose_form_is_sent_lets_the_browser_say_where_from(as_, admin_a, specialist_a, page):
    """Under no-referrer a browser sends a form with "Origin: null", which the protection against forgery refuses."""
    path = made(as_, admin_a, specialist_a)
    client = Client(enforce_csrf_checks=True)
    client.get(path)
    if page == "form":
        shown = client.get("/link/")
    else:
        shown = as_(admin_a).post(f"/people/{specialist_a.employee.pk}/link/")
    assert shown["Referrer-Policy"] != "no-referrer"
    if page == "form":
        sent = TWICE | {"csrfmiddlewaretoken": shown.context["csrf_token"]}
        assert client.post("/link/", sent, headers={"origin": "http://testserver"}).status_code == 302


def test_a_second_link_revokes_the_first(as_, admin_a, specialist_a):
    first, second = made(as_, admin_a, specialist_a), made(as_, admin_a, specialist_a)
    assert Client().get(first).status_code == 410
    assert Client().get(second).status_code == 302


@pytest.mark.parametrize(
    ("kind", "after", "counts"),
    [
        (LinkKind.RESET, timedelta(minutes=59), True),
        (LinkKind.RESET, timedelta(minutes=60), False),
        (LinkKind.INVITATION, timedelta(hours=71, minutes=59), True),
        (LinkKind.INVITATION, timedelta(hours=72), False),
    ],
)
def test_a_reset_counts_for_an_hour_and_an_invitation_for_three_days(admin_a, specialist_a, kind, after, counts):
    if kind == LinkKind.INVITATION:
        specialist_a.user.set_unusable_password()
        specialist_a.user.save(update_fields=["password"])
    link, token = actions.make_link(specialist_a.employee.pk, by=admin_a.employee, at=NOON)
    assert link.kind == kind
    assert (actions.find_link(token, NOON + after) is not None) is counts
    if not counts:
        with pytest.raises(RuleBroken):
            actions.use_link(link.pk, NEW, at=NOON + after)


def test_the_token_is_signed_and_only_its_hash_is_kept(admin_a, specialist_a):
    link, token = actions.make_link(specialist_a.employee.pk, by=admin_a.employee, at=NOON)
    assert token.split(":")[0] not in str(PasswordLink.objects.values().get())
    assert actions.find_link(token, NOON) == link
    assert actions.find_link(token[:-1] + ("a" if token[-1] != "a" else "b"), NOON) is None
    assert actions.find_link(Signer(salt="another").sign(token.split(":")[0]), NOON) is None


def test_a_link_of_somebody_who_is_switched_off_counts_no_more(as_, admin_a, specialist_a):
    path = made(as_, admin_a, specialist_a)
    actions.set_sign_in_active(specialist_a.employee.pk, active=False, by=admin_a.employee)
    assert Client().get(path).status_code == 410
    with pytest.raises(RuleBroken):
        actions.make_link(specialist_a.employee.pk, by=admin_a.employee, at=NOON)


def test_switching_off_and_on_again_does_not_open_the_link_again(as_, admin_a, specialist_a):
    path = made(as_, admin_a, specialist_a)
    for active in (False, True):
        actions.set_sign_in_active(specialist_a.employee.pk, active=active, by=admin_a.employee)
    assert Client().get(path).status_code == 410


def test_a_password_of_ones_own_choice_ends_the_link_that_somebody_else_may_hold(as_, admin_a, specialist_a):
    path, thief = made(as_, admin_a, specialist_a), Client()
    assert thief.get(path).status_code == 302
    sent = {"old_password": PASSWORD, "new_password1": "kx7-vvm2-qpl9", "new_password2": "kx7-vvm2-qpl9"}
    assert as_(specialist_a).post("/password/", sent).status_code == 302
    assert thief.post("/link/", TWICE).status_code == 410
    assert User.objects.get(pk=specialist_a.user.pk).check_password("kx7-vvm2-qpl9")


def test_until_it_is_used_the_old_password_counts(as_, admin_a, specialist_a, client):
    made(as_, admin_a, specialist_a)
    answer = client.post("/sign-in/", {"username": specialist_a.user.username, "password": PASSWORD})
    assert answer["Location"] == "/"


def test_only_an_administrator_makes_one(as_, manager_a, stranger_b, specialist_a):
    address = f"/people/{specialist_a.employee.pk}/link/"
    assert as_(manager_a).post(address).status_code == 403
    assert not PasswordLink.objects.exists()
