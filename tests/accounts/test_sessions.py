"""A session ends on the request after whatever ends it, and by its limits; what a page asks by itself is no use."""

from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from complaints.models import Complaint
from crm_site.accounts import actions, agents
from crm_site.accounts.models import Membership, Session, SignInRules, User
from crm_site.audit.models import Entry
from tests.factories import PASSWORD, ComplaintFactory

pytestmark = pytest.mark.django_db


def is_in(client: Client) -> bool:
    answer = client.get("/notices/")
    assert answer.status_code in (200, 302)
    return answer.status_code == 200


@pytest.fixture
def later(monkeypatch):
    """later(minutes=20): the clock goes on."""
    begun, gone = timezone.now(), [timedelta(0)]
    monkeypatch.setattr("django.utils.timezone.now", lambda: begun + gone[0])

    def go_on(**time):
        gone[0] += timedelta(**time)

    return go_on


def test_signing_out_ends_it_on_the_server_too(as_, specialist_a):
    client = as_(specialist_a)
    kept = client.cookies["sessionid"].value
    assert is_in(client)
    client.post("/sign-out/")
    thief = Client()
    thief.cookies["sessionid"] = kept
    assert not is_in(thief)
    assert not Session.objects.exists()


@pytest.mark.parametrize("what", ["disabled", "left", "password"])
def test_it_ends_on_the_next_request(as_, admin_a, specialist_a, what):
    client = as_(specialist_a)
    assert is_in(client)
    if what == "disabled":
        actions.set_sign_in_active(specialist_a.employee.pk, active=False, by=admin_a.employee)
        actions.set_sign_in_active(specialist_a.employee.pk, active=True, by=admin_a.employee)
    elif what == "left":
        Membership.objects.filter(user=specialist_a.user).delete()
    else:
        new = "kx7-vvm2-qpl9"
        other = as_(specialist_a)
        sent = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
        assert other.post("/password/", sent).status_code == 302
        assert is_in(other)
    assert not is_in(client)


def test_thirty_minutes_without_use_end_it(as_, specialist_a, later):
    client = as_(specialist_a)
    later(minutes=29)
    assert is_in(client)
    later(minutes=29)
    assert is_in(client)
    later(minutes=31)
    assert not is_in(client)


def test_twelve_hours_end_it_however_busy_it_is(as_, specialist_a, later):
    client = as_(specialist_a)
    for _half_hour in range(26):
        later(minutes=27)
        assert is_in(client)
    later(minutes=20)
    assert not is_in(client)


def test_a_stricter_rule_ends_it_sooner(as_, specialist_a, later):
    SignInRules.objects.create(store=specialist_a.store, idle_minutes=5)
    client = as_(specialist_a)
    later(minutes=2)
    assert is_in(client)
    later(minutes=6)
    assert not is_in(client)


def test_what_a_page_asks_by_itself_keeps_no_session_alive(as_, manager_a, later):
    client = as_(manager_a)
    ticket: Complaint = ComplaintFactory(store=manager_a.store)
    beat = reverse("complaints:presence", args=[ticket.pk])
    for _quarter in range(2):
        later(minutes=14)
        assert client.get(reverse("jobs:list"), headers={"HX-Request": "true"}).status_code == 200
        assert client.post(beat, headers={"HX-Request": "true"}).status_code == 200
    later(minutes=4)
    assert not is_in(client)


def test_a_sent_form_is_use(as_, specialist_a, later):
    client = as_(specialist_a)
    for _quarter in range(3):
        later(minutes=20)
        client.post("/theme/", {"theme": "dark"}, headers={"HX-Request": "true"})
    assert is_in(client)


@pytest.mark.parametrize(
    ("page", "back"),
    [
        ("http://testserver/complaints/?state=open", "/complaints/%3Fstate%3Dopen"),
        ("https://evil.example/complaints/", "/"),
        ("http://[", "/"),
        ("", "/"),
    ],
)
def test_a_fragment_after_the_end_says_so_and_leads_back_to_its_page(as_, specialist_a, later, page, back):
    client = as_(specialist_a)
    later(minutes=31)
    answer = client.post("/theme/", {"theme": "dark"}, headers={"HX-Request": "true", "HX-Current-URL": page})
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == f"/sign-in/?ended=session&next={back}"


def test_who_comes_back_after_the_end_is_told_why_they_sign_in_again(as_, specialist_a, later):
    client = as_(specialist_a)
    later(minutes=31)
    led = client.get("/notices/")
    assert led["Location"] == "/sign-in/?ended=session&next=/notices/"
    assert "登录已结束" in client.get(led["Location"]).content.decode()
    assert client.get("/notices/")["Location"] == "/sign-in/?next=/notices/"


def test_a_form_sent_after_the_end_is_said_to_be_unsaved_and_leads_back_to_its_page(as_, specialist_a, later):
    client = as_(specialist_a)
    later(minutes=31)
    led = client.post("/theme/", {"theme": "dark"}, headers={"Referer": "http://testserver/account/"})
    assert led["Location"] == "/sign-in/?ended=unsaved&next=/account/"
    page = client.get(led["Location"]).content.decode()
    assert "没有保存" in page
    sent = {"username": specialist_a.user.username, "password": PASSWORD, "next": "/account/"}
    assert client.post(led["Location"], sent)["Location"] == "/account/"


def test_who_signs_out_is_told_nothing_of_an_end(as_, specialist_a):
    client = as_(specialist_a)
    client.post("/sign-out/")
    assert client.get("/notices/")["Location"] == "/sign-in/?next=/notices/"


def test_one_sees_where_one_is_signed_in_and_ends_the_others(as_, specialist_a, admin_a):
    chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
    here = Client(headers={"user-agent": chrome})
    here.post("/sign-in/", {"username": specialist_a.user.username, "password": PASSWORD})
    there, stranger = as_(specialist_a), as_(admin_a)
    page = here.get("/account/")
    assert [one["is_own"] for one in page.context["sessions"]].count(True) == 1
    assert "Chrome · Windows" in page.content.decode()
    assert here.session.session_key not in page.content.decode()
    here.post("/account/sessions/end/")
    assert (is_in(here), is_in(there), is_in(stranger)) == (True, False, True)
    assert Entry.objects.get(action="user.sessions_ended").detail == {"count": 1}


def test_the_row_of_a_session_says_whose_it_is(as_, specialist_a):
    client = as_(specialist_a)
    row = Session.objects.get(pk=client.session.session_key)
    assert row.user_id == specialist_a.user.pk == int(client.session[SESSION_KEY])
    assert row.began_at <= row.used_at < row.expire_date <= row.used_at + timedelta(minutes=30)


def test_before_the_first_password_is_changed_nothing_else_opens(as_, specialist_a):
    User.objects.filter(pk=specialist_a.user.pk).update(must_change_password=True)
    client = as_(specialist_a)
    for address in ("/", "/account/", "/customers/", "/account/set-up/"):
        assert client.get(address)["Location"] == "/password/"
    same = {"old_password": PASSWORD, "new_password1": PASSWORD, "new_password2": PASSWORD}
    assert client.post("/password/", same).status_code == 422


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari · iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge · Windows"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/120.0 Mobile MicroMessenger/8.0", "WeChat · Android"),
        ("curl/8", ""),
    ],
)
def test_a_browser_is_named_as_people_know_it(agent, words):
    assert agents.words(agent) == words


def test_a_database_that_goes_away_before_the_session_is_written_is_told_as_that(as_, specialist_a, monkeypatch):
    client = as_(specialist_a)
    client.raise_request_exception = False
    url = reverse("revisits:next")  # with nothing due it leaves a message in the session
    assert client.post(url).status_code == 302
    monkeypatch.setattr(Session, "save", lambda *_args, **_more: (_ for _ in ()).throw(OperationalError("gone")))
    assert client.post(url).status_code == 503


def test_a_session_that_was_ended_in_mid_request_is_not_brought_back(as_, specialist_a, monkeypatch):
    client = as_(specialist_a)
    client.raise_request_exception = False
    monkeypatch.setattr(
        "revisits.views.lists.actions.claim_next", lambda *_args, **_more: Session.objects.all().delete() and None
    )
    assert client.post(reverse("revisits:next")).status_code == 400
    assert not Session.objects.exists()


@pytest.mark.parametrize("key", ["abc\x00defghijklmn", "' OR 1=1 --aaaaa", "x" * 5000])
def test_a_made_up_cookie_is_nobody(key):
    client = Client()
    client.cookies["sessionid"] = key
    assert not is_in(client)
