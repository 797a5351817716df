"""The frame around real pages: what a signed-in person finds in the top bar."""

import re

import pytest
from django.template import engines
from django.test import RequestFactory
from django.urls import reverse

from crm_site.accounts.models import Role
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db


def framed(user, path: str = "/") -> str:
    """An empty page in the shell as this user gets it, with every context processor."""
    request = RequestFactory().get(path)
    request.user = user
    return engines["django"].from_string('{% extends "layouts/list.html" %}').render({}, request)


@pytest.fixture
def frame(manager_a) -> str:
    """The frame as a manager sees it."""
    return framed(manager_a.user)


def forms(html: str) -> dict[str, str]:
    """Each form's method by its action, without the query."""
    tags = re.findall(r"<form\b[^>]*>", html)
    pairs = ((re.search(r'action="([^"]*)"', tag), re.search(r'method="(\w+)"', tag)) for tag in tags)
    return {action[1]: method[1] for action, method in pairs if action and method}


@pytest.mark.parametrize("name", ["customers:find", "accounts:language", "accounts:theme", "accounts:sign_out"])
def test_search_language_theme_and_signing_out_are_posted(frame, name):
    assert forms(frame)[reverse(name)] == "post"


def test_the_bar_names_the_person_and_the_navigation_marks_nothing_twice(frame, manager_a):
    assert manager_a.user.name in frame
    assert frame.count('aria-current="page"') <= 1


def test_every_post_form_carries_its_token(frame):
    posts = [form for form in frame.split("<form")[1:] if 'method="post"' in form.partition(">")[0]]
    assert posts
    assert all(re.search(r'name="csrfmiddlewaretoken" value="\w{32,}"', form.partition("</form>")[0]) for form in posts)


def test_signing_in_shows_the_way_in_only(client):
    html = client.get(reverse("accounts:sign_in")).content.decode()
    assert 'name="username"' in html
    assert 'id="nav"' not in html
    assert html.count("btn-primary") == 1


def test_a_wrong_password_is_said_and_the_name_is_kept(client):
    answer = client.post(reverse("accounts:sign_in"), {"username": "somebody", "password": "wrong"})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'role="alert"' in html
    assert 'value="somebody"' in html


def test_an_unknown_address_is_a_quiet_404(client, manager_a, as_):
    answer = as_(manager_a).get("/no/such/page/138001380001/")
    assert answer.status_code == 404
    assert "138001380001" not in answer.content.decode()


def test_somebody_with_two_stores_may_switch_between_them_and_see_all(manager_a, store_b):
    MembershipFactory(user=manager_a.user, store=store_b, role=Role.MANAGER)
    html = framed(manager_a.user)
    menu = html[html.index(f'action="{reverse("accounts:switch_store")}"') :].partition("</form>")[0]
    assert re.findall(r'name="store" value="(\d*)"', menu) == [str(manager_a.store.pk), str(store_b.pk), ""]
    assert store_b.short_name in menu


def test_after_a_switch_the_way_back_is_the_page_itself(manager_a):
    html = framed(manager_a.user, "/revisits/?state=open")
    assert 'name="next" value="/revisits/?state=open"' in html


@pytest.mark.parametrize(
    ("told", "led_to"),
    [
        ("http://testserver/people/?store=1", "/people/?store=1"),
        ("https://elsewhere.example/people/", "/"),
        ("http://[", "/"),
        ("", "/"),
    ],
)
def test_the_menus_of_a_page_that_answers_a_form_lead_back_to_where_that_stood(as_, manager_a, told, led_to):
    answer = as_(manager_a).post(reverse("imports:upload"), HTTP_REFERER=told)
    assert set(re.findall('name="next" value="([^"]*)"', answer.content.decode())) == {led_to}
