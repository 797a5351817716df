"""A year of several filters is too much to wait for: a job that somebody asks for adds it up, and the page shows it."""

import io
from urllib.parse import urlencode

import openpyxl
import pytest
from django.urls import reverse

from crm_site.core import clock
from crm_site.core.dates import month_of
from crm_site.core.figures import Scope
from crm_site.jobs import runner
from crm_site.jobs.models import Job
from satisfaction import figuring, queries
from satisfaction.actions import folding
from satisfaction.queries import raw, summaries
from tests.factories import DAY
from tests.satisfaction.surveys import order_of, respond

pytestmark = pytest.mark.django_db
MONTH = month_of(DAY)
OFFER = "交由后台汇总</button>"
BOTH = {"series": "Alpha", "job_type": "general"}


@pytest.fixture
def crowded(store_a, monkeypatch):
    """Twelve responses of one series and job type, in a house for which that is too many to add up at once."""
    monkeypatch.setattr(summaries, "RAW_UP_TO", 5)
    for _place in range(12):
        order = order_of(store_a)
        order.vehicle.series, order.job_type = BOTH["series"], BOTH["job_type"]
        order.vehicle.save(update_fields=["series"])
        order.save(update_fields=["job_type"])
        respond(store_a, order=order)
    folding.rebuild([store_a.pk], now=clock.at(DAY, 18))
    return store_a


def year(store, **filters) -> Scope:
    return Scope.of_month([store.pk], MONTH, kind="service", **filters).during(MONTH.shift(-11), MONTH)


def test_only_a_long_combination_of_many_answers_waits(crowded, monkeypatch):
    assert queries.must_wait(year(crowded, **BOTH))
    assert queries.must_wait(year(crowded, basis=queries.OCCASION))
    assert not queries.must_wait(year(crowded, series="Alpha"))
    assert not queries.must_wait(year(crowded, departments=("service", "workshop")))
    assert not queries.must_wait(year(crowded, **BOTH).during(MONTH.shift(-2), MONTH))
    monkeypatch.setattr(summaries, "RAW_UP_TO", 12)
    assert not queries.must_wait(year(crowded, **BOTH))


def test_the_table_of_a_year_comes_from_a_job_that_somebody_asked_for(crowded, manager_a, as_, september):
    client = as_(manager_a)
    page = reverse("satisfaction:heat") + f"?month={MONTH}&kind=service&series=Alpha&job_type=general"
    first = client.get(page)
    assert len(first.context["months"]) == 3
    assert OFFER in first.content.decode()
    assert not Job.objects.filter(kind=figuring.KIND).exists()
    assert client.post(page).status_code == 302
    assert client.post(page).status_code == 302
    job = Job.objects.get(kind=figuring.KIND)
    assert OFFER not in client.get(page).content.decode()
    runner.run(job.pk)
    shown = client.get(page)
    assert shown.context["heat"]
    assert len(shown.context["months"]) == 12
    scope = year(crowded, **BOTH)
    job.refresh_from_db()
    assert figuring.found(job) == (raw.factors_by_month(scope), raw.items_by_month(scope))


def test_a_scope_survives_being_kept_as_text(store_a):
    scope = year(store_a, departments=("service",), series="")
    again = figuring.scope_from(figuring.payload_of(scope))
    assert (again, figuring.key_of(again, DAY)) == (scope, figuring.key_of(scope, DAY))


def test_pictures_and_files_add_up_no_more_than_the_page(crowded, manager_a, as_, september):
    """The sums know the series alone; its people over a year they do not."""
    client, asked = as_(manager_a), {"month": str(MONTH), "kind": "service", "series": "Alpha", "span": 12}
    chart = reverse("satisfaction:chart", args=["members"])
    assert client.get(chart, {**asked, "by": "series"}).status_code == 200
    assert client.get(chart, {**asked, "by": "employee"}).status_code == 404
    book = client.post(f"{reverse('satisfaction:workbook')}?{urlencode(asked)}")
    sheets = openpyxl.load_workbook(io.BytesIO(book.content))
    told = {str(cell) for row in sheets.worksheets[0].iter_rows(values_only=True) for cell in row}
    assert any("人员" in one and "减少筛选条件" in one for one in told)
    assert "人员" not in sheets.sheetnames
