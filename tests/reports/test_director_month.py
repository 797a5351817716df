"""The director's ten figures: read by the definitions of their rooms, held against targets, each opening its list."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from complaints.models import Level, Liability
from complaints.queries import period
from crm_site.core import clock
from crm_site.core.dates import parse_month
from crm_site.core.figures import Scope
from satisfaction import queries
from satisfaction.models import ExternalResult, Target
from tests.factories import ComplaintFactory
from tests.revisits.month import TODAY, busy_month
from tests.satisfaction.surveys import respond, short_answers

pytestmark = pytest.mark.django_db
URL = reverse("reports:director")
MONTH, AUGUST = {"month": "2026-08"}, date(2026, 8, 10)
CODES = ["called", "prompt", "success", "ssi", "csi", "nps", "complaints", "closing", "solved_once", "retained"]


@pytest.fixture(autouse=True)
def _here(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: clock.at(TODAY, 12))
    monkeypatch.setattr(clock, "today", lambda: TODAY)


@pytest.fixture
def surveys(store_a):
    """Twelve responses in August, ten in July, and too few a year before."""
    for day, marks in ((AUGUST, [8] * 6 + [9] * 6), (date(2026, 7, 10), [7] * 10), (date(2025, 8, 10), [9] * 3)):
        for mark in marks:
            respond(store_a, answers=short_answers(mark), day=day)


def ten(client, **query):
    page = client.get(URL, {**MONTH, **query})
    assert page.status_code == 200
    return {one.code: one for one in page.context["ten"]}


def test_there_are_ten_in_their_order(as_, director_a):
    assert list(ten(as_(director_a))) == CODES


def test_the_score_is_that_of_the_dashboard_with_its_change(as_, director_a, store_a, surveys):
    line = ten(as_(director_a))["csi"]
    august, july = (
        queries.by_member(Scope.of_month([store_a.pk], parse_month(month), kind="service"), "")[""]
        for month in ("2026-08", "2026-07")
    )
    assert line.text == "85.0*"
    assert august.value == 85
    assert "n = 12" in line.note
    assert line.month_before == "+15.0"
    assert july.value == 70
    assert line.year_before == "–", "three responses are no figure"


@pytest.mark.parametrize(("aim", "verdict"), [(85, "met"), (86, "missed")])
def test_a_score_is_held_against_its_own_target(as_, director_a, store_a, surveys, aim, verdict):
    Target.objects.create(
        store=store_a, kind="service", figure="index", since=date(2026, 1, 1), value=Decimal(aim), set_at=clock.now()
    )
    line = ten(as_(director_a))["csi"]
    assert line.target == f"≥ {aim}.0"
    assert line.verdict == verdict


def test_the_survey_outside_stands_beside_and_never_in_the_score(as_, director_a, store_a, surveys):
    for survey, rank in (("厂家CSI", 3), ("厂家SSI", 9)):
        ExternalResult.objects.create(
            store=store_a, survey=survey, period="2026-07", first_day=date(2026, 7, 1), last_day=date(2026, 7, 31),
            score=Decimal("70"), raw_score=Decimal("700"), scale=1000, rank=rank, rank_of=28,
        )  # fmt: skip
    lines = ten(as_(director_a))
    assert lines["csi"].external == "厂家CSI 2026-07 · 700.0 / 1000 · 排名 3 / 28"
    assert lines["csi"].text == "85.0*"
    assert "厂家SSI" in lines["ssi"].external
    assert lines["nps"].external == ""


def test_complaints_are_those_of_the_complaints_page(as_, manager_a, store_a):
    for day in (3, 9):
        received = date(2026, 8, day)
        ComplaintFactory(store=store_a, received_at=clock.at(received, 10), received_on=received, validity="valid")
    line = ten(as_(manager_a))["complaints"]
    scope = period.scope_of(manager_a.user, [store_a.pk], date(2026, 8, 1), date(2026, 9, 1), now=clock.now())
    assert line.text == "2"
    assert period.PERIOD["complaints"].of(scope) == 2
    assert line.month_before == "+2"


def test_the_sheet_says_one_number_of_complaints(as_, director_a, store_a):
    received = {"received_at": clock.at(AUGUST, 10), "received_on": AUGUST, "store": store_a}
    closed = {"state": "closed", "closed_at": clock.at(AUGUST, 15)}
    level = Level.objects.get(store=None, code="L2")
    ComplaintFactory(**received, **closed, validity="valid", level=level, reopened=1)
    ComplaintFactory(**received, **closed, validity="valid", kind="grievance")
    ComplaintFactory(**received, **closed, validity="valid", kind="question", reopened=1)
    ComplaintFactory(**received, **closed, validity="invalid", level=level, reopened=1)
    old = ComplaintFactory(**received, validity="valid", level=level, historical=True, state="recorded")
    Liability.objects.create(
        store=store_a, complaint=old, kind="direct", party="employee", employee=director_a.employee,
        confirmed_at=clock.now(),
    )  # fmt: skip
    client = as_(director_a)
    page = client.get(URL, MONTH)
    told = page.context["complaints"]
    assert (told["received"], told["grievances"], told["closed"], told["reopened"]) == (1, 1, 2, 1)
    assert {one.code: one for one in page.context["ten"]}["complaints"].text == "1"
    for figure, shown in (("complaints", "received"), ("grievances", "grievances"), ("closed", "closed")):
        listed = client.get(reverse("complaints:list"), {**MONTH, "figure": figure})
        assert listed.context["total"].number == told[shown], figure


@pytest.mark.parametrize("name", ["manager_a", "director_a"])
def test_every_number_opens_its_list(as_, request, name, specialist_a, store_a, surveys):
    busy_month(store_a, [specialist_a.employee], tasks=20)
    client = as_(request.getfixturevalue(name))
    page = client.get(URL, MONTH)
    addresses = [one.url for one in page.context["ten"]] + [one.url for one in page.context["figures"]]
    assert len(addresses) > 15
    for address in addresses:
        assert f'href="{address}"'.replace("&", "&amp;") in page.content.decode(), address
        assert client.get(address).status_code == 200, address


def test_the_list_behind_a_score_has_as_many_rows_as_it_says(as_, director_a, store_a, surveys):
    client = as_(director_a)
    line = ten(client)["csi"]
    assert "n = 12" in line.note
    listed = client.get(line.url)
    assert listed.context["shown"].n == 12


def test_the_page_reads_the_same_however_many_responses_there_are(as_, director_a, store_a, surveys):
    client = as_(director_a)
    with CaptureQueriesContext(connection) as few:
        client.get(URL, MONTH)
    for _number in range(15):
        respond(store_a, answers=short_answers(9), day=AUGUST)
    with CaptureQueriesContext(connection) as many:
        client.get(URL, MONTH)
    assert len(many) <= len(few) + 2
