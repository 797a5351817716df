"""Guessing: 20 tries a day for an account, 20 an hour for an address, and staff who are not locked out by strangers."""

from datetime import timedelta

import pytest
from axes.models import AccessFailureLog
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm_site.accounts import throttling
from crm_site.accounts.models import User
from crm_site.audit.models import Entry
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def wrong(client: Client, name: str, **how):
    return client.post("/sign-in/", {"username": name, "password": "wrong"}, **how).status_code


def right(client: Client, person, **how):
    data = {"username": person.user.username, "password": PASSWORD}
    return client.post("/sign-in/", data, **how).status_code


def elsewhere(number: int) -> dict:
    return {"REMOTE_ADDR": f"10.1.0.{number}"}


@pytest.fixture
def wanda(specialist_a):
    User.objects.filter(pk=specialist_a.user.pk).update(username="wanda")
    specialist_a.user.username = "wanda"
    return specialist_a


def test_twenty_tries_a_day_are_judged_and_no_spelling_address_or_header_gives_more(wanda):
    spellings = [
        "".join(sign.upper() if number >> k & 1 else sign for k, sign in enumerate("wanda")) for number in range(21)
    ]
    answers = [
        wrong(Client(), name, headers={"x-forwarded-for": f"10.0.0.{number}"}, **elsewhere(number))
        for number, name in enumerate(spellings)
    ]
    assert answers == [422] * 20 + [429]
    assert right(Client(), wanda, **elsewhere(30)) == 429
    assert Entry.objects.filter(action="user.locked_out", subject_id=wanda.user.pk).count() == 1


def test_what_the_database_takes_for_the_same_letter_gives_no_tries_of_its_own(wanda):
    """PostgreSQL compares names in upper case, and there the dotless ı is an I; so is the ſ an S."""
    User.objects.filter(pk=wanda.user.pk).update(username="silvia")
    spellings = ("silvia", "s\u0131lvia", "silv\u0131a", "S\u0131LV\u0131A", "\u017filvia")
    answers = [wrong(Client(), spellings[number % 5], **elsewhere(number)) for number in range(21)]
    assert answers == [422] * 20 + [429]


def test_a_name_that_nobody_has_is_locked_just_the_same():
    answers = [wrong(Client(), "nobody", **elsewhere(number)) for number in range(21)]
    assert answers == [422] * 20 + [429]
    assert not Entry.objects.filter(action="user.locked_out").exists()


def test_twenty_tries_an_hour_from_one_address_whatever_the_names(wanda):
    answers = [
        wrong(Client(), f"guess{number}", headers={"x-forwarded-for": f"9.9.9.{number}"}) for number in range(21)
    ]
    assert answers == [422] * 20 + [429]
    assert right(Client(), wanda) == 429
    assert right(Client(), wanda, **elsewhere(1)) == 302
    AccessFailureLog.objects.update(attempt_time=timezone.now() - timedelta(minutes=61))
    assert right(Client(), wanda) == 302


def test_one_line_of_many_addresses_is_one(wanda):
    answers = [
        wrong(Client(), f"guess{number}", REMOTE_ADDR=f"2001:db8:0:1::{number:x}:{number + 1:x}")
        for number in range(21)
    ]
    assert answers == [422] * 20 + [429]
    assert right(Client(), wanda, REMOTE_ADDR="2001:db8:0:2::1") == 302


def test_behind_the_proxy_its_own_entry_counts_and_nothing_before_it(wanda, settings):
    settings.BEHIND_PROXY = True
    answers = [
        wrong(Client(), f"guess{number}", headers={"x-forwarded-for": f"9.9.9.{number}, 203.0.113.7"})
        for number in range(21)
    ]
    assert answers == [422] * 20 + [429]
    assert right(Client(), wanda, headers={"x-forwarded-for": "203.0.113.7, 203.0.113.8"}) == 302


def test_a_day_later_it_is_open_again_and_tries_while_locked_do_not_count(wanda):
    for number in range(25):
        wrong(Client(), "wanda", **elsewhere(number))
    assert AccessFailureLog.objects.count() == 20
    AccessFailureLog.objects.update(attempt_time=timezone.now() - timedelta(hours=24, minutes=1))
    assert right(Client(), wanda) == 302


def test_strangers_cannot_lock_somebody_out_of_their_own_browser(wanda):
    own = Client()
    assert right(own, wanda) == 302
    own.post("/sign-out/")
    for number in range(21):
        wrong(Client(), "wanda", **elsewhere(number))
        wrong(Client(), f"guess{number}")
    assert right(Client(), wanda) == 429
    assert right(own, wanda) == 302
    own.post("/sign-out/")
    assert [wrong(own, "wanda") for _try in range(21)] == [422] * 20 + [429]


def test_a_forged_mark_is_none(wanda):
    for number in range(20):
        wrong(Client(), "wanda", **elsewhere(number))
    forger = Client()
    forger.cookies[throttling.COOKIE] = "eyJ4IjoieSJ9:1x:abc"
    assert right(forger, wanda) == 429


def test_an_administrator_unlocks_at_once(as_, admin_a, specialist_a, wanda):
    for number in range(20):
        wrong(Client(), "wanda", **elsewhere(number))
    boss, address = as_(admin_a), reverse("accounts:person", args=[wanda.employee.pk])
    assert reverse("accounts:person_unlock", args=[wanda.employee.pk]) in boss.get(address).content.decode()
    assert as_(specialist_a).post(reverse("accounts:person_unlock", args=[wanda.employee.pk])).status_code == 403
    boss.post(reverse("accounts:person_unlock", args=[wanda.employee.pk]))
    assert right(Client(), wanda) == 302
    assert Entry.objects.get(action="user.unlocked").detail == {"tries": 20}


def test_the_locked_page_says_what_to_do_and_until_when(wanda):
    client = Client(headers={"accept-language": "en"})
    for _try in range(20):
        wrong(client, "wanda")
    page = client.post("/sign-in/", {"username": "wanda", "password": PASSWORD}).content.decode()
    assert "Ask an administrator of your store to unlock the account" in page
    assert "the next try counts on" in page


def test_a_right_password_leaves_no_try_behind(wanda):
    assert right(Client(), wanda) == 302
    assert not AccessFailureLog.objects.exists()


def test_what_was_typed_as_a_name_is_not_kept(wanda):
    wrong(Client(), "my-secret-password")
    assert "secret" not in str(list(AccessFailureLog.objects.values()))


def test_guessing_the_password_inside_a_session_counts_too(as_, wanda):
    client = as_(wanda)
    change = {"do": "begin", "password": "wrong"}
    codes = [client.post(reverse("accounts:change_second_factor"), change).status_code for _try in range(21)]
    assert codes == [422] * 21
    client.post(reverse("accounts:change_second_factor"), {"do": "begin", "password": PASSWORD})
    assert "secret" not in client.session


@pytest.mark.parametrize("state", ["known", "unknown", "disabled", "without a store"])
def test_known_and_unknown_take_the_same_work_and_read_the_same(wanda, monkeypatch, state):
    """With a clock it is measured by `make bench-sign_in`; here the work is counted, which is the same every time."""
    name, runs, verify = "wanda" if state != "unknown" else "nobody", [], MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *a, **k: runs.append(1) or verify(*a, **k))
    if state == "disabled":
        User.objects.filter(username="wanda").update(is_active=False)
    if state == "without a store":
        wanda.user.memberships.all().delete()
    client = Client(headers={"accept-language": "en"})
    with CaptureQueriesContext(connection) as asked:
        answer = client.post("/sign-in/", {"username": name, "password": "wrong"})
    assert len(runs) == 1
    assert len(asked) == 4  # the try, two counts, the user
    assert answer.status_code == 422
    assert [str(error) for error in answer.context["form"].non_field_errors()] == [
        "The sign-in name or the password is not right. After 20 wrong tries in a day the account is locked."
    ]
