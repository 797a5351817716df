"""Digests: built once for each store, department and period, frozen in their figures, live in their words."""

import json
from datetime import date

import pytest
from django.db.models import F
from django.urls import reverse

from crm_site.accounts.models import Department, Role
from crm_site.core import clock
from crm_site.jobs.models import Job
from crm_site.jobs.runner import run
from crm_site.notices.models import Notice
from satisfaction import actions, steering
from satisfaction.actions import folding
from satisfaction.models import Digest, Summary
from satisfaction.queries.digests import KINDS, Reading, Window
from tests.cast import make_person
from tests.factories import EmployeeFactory, StoreFactory
from tests.satisfaction.surveys import order_of, respond, short_answers

#: a week and a month that have ended
WEEK, MONTH = Window.week(date(2026, 9, 7)), Window.month(date(2026, 9, 1))
AT = clock.at(date(2026, 10, 9), 7)


def fill(store, count=12, **marks):
    """So many responses in the week, with some low answers."""
    advisor, technician = EmployeeFactory(store=store), EmployeeFactory(store=store)
    for number in range(count):
        low = {"reception": 5} if number < 3 else {}
        order = order_of(store, advisor, technician)
        respond(store, answers=short_answers(9, **marks | low), day=date(2026, 9, 7 + number % 7), order=order)


def build(store, window=MONTH):
    return {one.department: one for one in actions.build_digests(store.pk, window, at=AT)}


def test_a_digest_tells_the_score_the_items_and_the_low_answers(store_a):
    fill(store_a, fixed_first_time=7)
    whole = build(store_a, WEEK)[""].figures
    (service,) = [one for one in whole["kinds"] if one["kind"] == "service"]
    assert service["score"]["n"] == 12
    assert service["before"]["n"] == 0
    assert service["worst"][0]["code"] == "fixed_first_time"
    assert whole["low"] == {"settled": 3}
    assert len(whole["words"]) == 3


def test_a_department_has_its_own_items_and_low_answers(store_a):
    fill(store_a)
    made = build(store_a)
    assert set(made) == {"", "service", "workshop"}  # nobody was asked about sales
    assert made["service"].figures["low"] == {"settled": 3}
    assert made["workshop"].figures["low"] == {}
    codes = {one["code"] for one in made["workshop"].figures["kinds"][0]["worst"]}
    assert codes <= {"fixed_first_time"}


def test_a_month_is_told_from_the_sums_as_from_the_answers(store_a):
    fill(store_a)
    told = {name: Reading(store_a.pk, MONTH, AT.date()).of(name) for name in KINDS}
    folding.rebuild([store_a.pk], now=AT)
    assert {name: Reading(store_a.pk, MONTH, AT.date()).of(name) for name in KINDS} == told
    Summary.objects.update(n=F("n") + 1)
    (service, _sales) = Reading(store_a.pk, MONTH, AT.date()).of("")["kinds"]
    assert service["score"]["n"] == 13


def test_what_is_kept_holds_neither_names_nor_words(store_a):
    fill(store_a)
    for one in build(store_a).values():
        assert "等得太久" not in json.dumps(one.figures, ensure_ascii=False)


def test_a_digest_is_built_and_told_once(manager_a, head_a, store_a):
    fill(store_a)
    assert len(build(store_a)) == 3
    assert build(store_a) == {}
    told = set(Notice.objects.filter(code="digest.month").values_list("user", flat=True))
    assert told == {manager_a.user.pk, head_a.user.pk}
    assert Notice.objects.filter(code="digest.month").count() == 2


def test_figures_stay_as_they_were_told(as_, manager_a, store_a):
    fill(store_a)
    digest = build(store_a)[""]
    before = digest.figures
    response = respond(store_a, answers=short_answers(5), day=date(2026, 9, 8))
    digest.refresh_from_db()
    assert digest.figures == before
    assert response.pk
    assert as_(manager_a).get(reverse("satisfaction:digest", args=[digest.pk])).status_code == 200


@pytest.mark.parametrize(("day", "windows"), [
    (date(2026, 11, 2), [Window.week(date(2026, 10, 26)), Window.month(date(2026, 10, 1))]),  # a Monday, a working day
    (date(2026, 11, 1), [Window.week(date(2026, 10, 19))]),  # a Sunday: the month waits
    (date(2026, 11, 25), [Window.week(date(2026, 11, 16)), Window.month(date(2026, 10, 1))]),
])  # fmt: skip
def test_a_week_is_told_on_monday_and_a_month_on_its_first_working_day(db, day, windows):
    assert steering.windows_to_tell(day) == windows


def test_the_job_builds_every_store_and_period_once(store_a):
    fill(store_a)
    for _twice in range(2):
        assert steering.ask_for_digests(date(2026, 10, 12)) == 2
        for job in Job.objects.filter(kind=steering.BUILD_DIGESTS):
            run(job.pk)
    assert Job.objects.filter(kind=steering.BUILD_DIGESTS).count() == 2
    assert Digest.objects.filter(department="").count() == 2


def test_a_head_sees_his_department_of_his_store(as_, manager_a, head_a, stranger_b, store_a):
    other = StoreFactory(code="C")
    there = make_person(other, Role.HEAD, "何")
    there.employee.postings.update(department=Department.WORKSHOP)
    there.employee.user = head_a.user
    there.employee.save(update_fields=["user"])
    head_a.user.memberships.create(store=other, role=Role.HEAD)
    for store in (store_a, other):
        fill(store)
        build(store)
    url = reverse("satisfaction:digests")
    seen = {(one["digest"].store_id, one["digest"].department) for one in as_(head_a).get(url).context["rows"]}
    assert seen == {(store_a.pk, "service"), (other.pk, "workshop")}
    assert {one["digest"].department for one in as_(manager_a).get(url).context["rows"]} == {"", "service", "workshop"}
    assert not as_(stranger_b).get(url).context["rows"]
    whole = Digest.objects.get(store=store_a, department="")
    assert as_(head_a).get(reverse("satisfaction:digest", args=[whole.pk])).status_code == 404


def test_every_figure_of_a_sheet_opens_its_list(as_, manager_a, head_a, store_a):
    fill(store_a, fixed_first_time=7)
    made = build(store_a)
    for person, digest in ((manager_a, made[""]), (head_a, made["service"])):
        client = as_(person)
        page = client.get(reverse("satisfaction:digest", args=[digest.pk]))
        found = [kind["shown"] for kind in page.context["kinds"]]
        found += [one["shown"] for kind in page.context["kinds"] for one in [*kind["best"], *kind["worst"]]]
        assert found
        for shown in found:
            if shown.href:
                assert client.get(shown.href).context["total"].number == shown.n, shown.href


def test_a_head_opens_no_other_item_through_his_digest(as_, head_a, store_a):
    fill(store_a)
    url = reverse("satisfaction:digest_rows", args=[build(store_a)["service"].pk])
    client = as_(head_a)
    assert client.get(url, {"kind": "service"}).status_code == 200
    for query in (
        {"kind": "sales"},
        {"kind": "service", "question": "fixed_first_time"},
        {"kind": "service", "figure": "nps"},
    ):
        assert client.get(url, query).status_code == 404, query
