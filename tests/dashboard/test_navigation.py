"""The navigation: only places that one may enter, and exactly one of them marked as here."""

import pytest
from django.urls import reverse

from crm_site.dashboard.context import PLACES

pytestmark = pytest.mark.django_db


def current(answer) -> list[str]:
    groups = answer.context["shell"].nav
    return [item["url"] for group in groups for item in group["items"] if item["current"]]


@pytest.mark.parametrize("name", [place.url_name for _title, places in PLACES for place in places])
def test_each_place_marks_itself_and_nothing_else(as_, manager_a, admin_a, name):
    for person in (manager_a, admin_a):
        answer = as_(person).get(reverse(name))
        if answer.status_code == 200:
            assert current(answer) == [reverse(name)]


def test_a_page_below_a_place_belongs_to_it(as_, admin_a):
    assert current(as_(admin_a).get(reverse("accounts:person_new"))) == [reverse("accounts:people")]


@pytest.mark.parametrize(("who", "there"), [("director_a", ["/jobs/room/"]), ("admin_a", ["/jobs/"]), ("head_a", [])])
def test_who_may_open_the_job_room_only_is_led_to_it(request, as_, who, there):
    groups = as_(request.getfixturevalue(who)).get("/").context["shell"].nav
    assert [item["url"] for group in groups for item in group["items"] if item["icon"] == "cpu"] == there


def test_the_job_room_is_marked_as_here_by_whichever_entry_leads_to_it(as_, admin_a, director_a):
    assert current(as_(director_a).get("/jobs/room/")) == ["/jobs/room/"]
    assert current(as_(admin_a).get("/jobs/room/")) == ["/jobs/"]
