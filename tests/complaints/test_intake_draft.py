"""What is typed at intake survives a reload and signing out: for whoever typed it, for a day, never in the browser."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from complaints.actions import drafts
from complaints.models import Complaint, IntakeDraft
from complaints.tasks import tick
from crm_site.core import clock
from tests.factories import NOON, CustomerFactory

pytestmark = pytest.mark.django_db
NEW, FORESEE = reverse("complaints:new"), reverse("complaints:foresee")
WORDS = "空调清洗后仍有异味，要求重做"


def typed(**fields) -> dict[str, str]:
    """What the page sends while somebody writes."""
    values = {"words": WORDS, "kind": "grievance", "source": "walk_in", "submission": str(uuid.uuid4())}
    return {**values, "received_at": f"{clock.local(clock.now()):%Y-%m-%dT%H:%M}", "files": "x", "csrf": "x", **fields}


def test_what_was_typed_is_there_after_a_reload_and_after_signing_in_again(as_, specialist_a, store_a):
    customer = CustomerFactory(store=store_a, name="周晓芸")
    sent = typed(customer=str(customer.pk), demand="重新清洗")
    as_(specialist_a).post(FORESEE, sent)
    page = as_(specialist_a).get(NEW)
    html = page.content.decode()
    assert html.count(WORDS) == 1
    assert "周晓芸" in html
    assert "这是你在此录入但尚未登记的内容" in html
    form = page.context["form"]
    assert [form[name].value() for name in ("kind", "source", "demand")] == ["grievance", "walk_in", "重新清洗"]
    assert form["submission"].value() == sent["submission"]
    assert not form.errors
    assert set(IntakeDraft.objects.get().values) <= set(form.fields) | {"kept", "same"} - {"files"}


def test_nobody_else_finds_it(as_, specialist_a, specialist_a2, manager_a, stranger_b):
    as_(specialist_a).post(FORESEE, typed())
    for person in (specialist_a2, manager_a, stranger_b):
        assert WORDS not in as_(person).get(NEW).content.decode()


def test_an_empty_form_keeps_nothing_and_a_named_customer_begins_anew(as_, specialist_a, store_a):
    client = as_(specialist_a)
    client.post(FORESEE, typed(words=" "))
    assert not IntakeDraft.objects.exists()
    client.post(FORESEE, typed())
    page = client.get(NEW, {"customer": CustomerFactory(store=store_a).pk})
    assert WORDS not in page.content.decode()
    assert IntakeDraft.objects.exists()


def test_registering_erases_it_and_a_late_keeping_does_not_bring_it_back(as_, specialist_a, store_a):
    client, sent = as_(specialist_a), typed(store=str(store_a.pk))
    client.post(FORESEE, sent)
    assert client.post(NEW, {**sent, "files": ""}).status_code == 302
    assert Complaint.objects.get().words == WORDS
    assert not IntakeDraft.objects.exists()
    client.post(FORESEE, sent)  # was on its way
    assert WORDS not in client.get(NEW).content.decode()


def test_registering_in_one_window_leaves_what_is_typed_in_another(as_, specialist_a, store_a):
    client = as_(specialist_a)
    client.post(FORESEE, typed(words="第二个窗口"))
    assert client.post(NEW, {**typed(store=str(store_a.pk)), "files": ""}).status_code == 302
    assert "第二个窗口" in client.get(NEW).content.decode()


def test_start_anew_throws_it_away(as_, specialist_a):
    client = as_(specialist_a)
    client.post(FORESEE, typed())
    assert client.post(NEW, {**typed(), "anew": "1"}).status_code == 302
    assert not IntakeDraft.objects.exists()
    assert not Complaint.objects.exists()


def test_it_is_gone_after_a_day(specialist_a, monkeypatch):
    by = specialist_a.employee
    drafts.keep({"words": [WORDS]}, by=by, now=NOON)
    assert drafts.of(by, NOON + timedelta(hours=23))
    assert drafts.of(by, NOON + timedelta(hours=24)) is None
    for hours, left in ((23, 1), (24, 0)):
        monkeypatch.setattr(clock, "now", lambda hours=hours: NOON + timedelta(hours=hours))
        tick()
        assert IntakeDraft.objects.count() == left


def test_a_customer_who_was_restricted_meanwhile_is_left_out(as_, specialist_a, store_a):
    customer = CustomerFactory(store=store_a, name="周晓芸")
    client = as_(specialist_a)
    client.post(FORESEE, typed(customer=str(customer.pk)))
    type(customer).objects.filter(pk=customer.pk).update(restricted=True)
    html = client.get(NEW).content.decode()
    assert WORDS in html
    assert "周晓芸" not in html


@pytest.mark.parametrize("words", ["x" * 9_000, "NUL\0", "</textarea><script>"])
def test_hostile_words_are_kept_short_and_stay_words(as_, specialist_a, words):
    client = as_(specialist_a)
    assert client.post(FORESEE, typed(words=words)).status_code == 200
    page = client.get(NEW)
    assert page.status_code == 200
    assert "<script>" not in page.content.decode().partition("<textarea")[2].partition("</form>")[0]


def test_a_draft_about_a_customer_of_another_store_is_not_kept(as_, specialist_a, store_b):
    stranger = CustomerFactory(store=store_b)
    assert as_(specialist_a).post(FORESEE, typed(customer=str(stranger.pk))).status_code == 404
    assert not IntakeDraft.objects.exists()
