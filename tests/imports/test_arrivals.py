"""The administrator's morning: which store, list and day is missing."""

import uuid
from datetime import date, time

import pytest

from crm_site.core import clock
from crm_site.files.models import StoredFile
from crm_site.imports import rules
from crm_site.imports.models import ImportBatch
from crm_site.imports.pages import arrivals
from crm_site.worktime.models import CalendarDay
from tests.factories import EmployeeFactory, StoreFactory

pytestmark = pytest.mark.django_db

#: a Wednesday; the days shown are the 9th (a Wednesday) to the 15th
TODAY = date(2026, 9, 16)


def brought(store, layout: str, day: int, days: list[str] | None = None, state: str = "applied") -> ImportBatch:
    """An import of a day of September at 8 in the morning."""
    who, at = EmployeeFactory(store=store), clock.at(date(2026, 9, day), 8)
    file = StoredFile.objects.create(store=store, owner=who, purpose="import", capability="imports.run", name="a.xlsx",
                                     path=uuid.uuid4().hex, content_type="x", size=1, sha256="0" * 64,
                                     created_at=at)  # fmt: skip
    return ImportBatch.objects.create(store=store, layout=layout, file=file, uploaded_by=who, uploaded_at=at,
                                      submission=uuid.uuid4(), state=state, reading={"days": days} if days else {},
                                      applied_at=at)  # fmt: skip


def missing(store, code: str = "deliveries") -> list[int]:
    """The days of September that the store's list lacks."""
    return next([day.day for day in line.missing] for line in arrivals.lines([store], TODAY) if line.code == code)


@pytest.mark.parametrize(
    ("last", "brought_on", "until"),
    [
        (15, 16, 15),  # the usual morning
        (12, 16, 15),  # three quiet days
        (11, 16, 11),  # an old export says nothing of the days after it
        (16, 16, 16),  # brought in the evening of its last day
        (1, 30, 1),
    ],
)
def test_a_list_speaks_for_the_quiet_days_before_it_was_brought(last, brought_on, until):
    days = [date(2026, 9, day) for day in (1, last, brought_on)]
    assert rules.speaks_for(*days) == (date(2026, 9, 1), date(2026, 9, until))


def test_a_list_is_missing_for_each_open_day_that_none_speaks_for(store_a, store_b):
    assert missing(store_a) == [9, 10, 11, 12, 13, 14, 15]
    brought(store_a, "deliveries", 16, ["2026-09-14", "2026-09-14"])
    brought(store_a, "deliveries", 10)  # says nothing of its days: that of the day before
    assert missing(store_a) == [10, 11, 12, 13]
    assert missing(store_a, "repair_orders") == [9, 10, 11, 12, 13, 14, 15]
    assert missing(store_b) == [9, 10, 11, 12, 13, 14, 15]


@pytest.mark.parametrize("state", ["preview", "cancelled", "undone"])
def test_only_what_is_imported_counts(store_a, state):
    brought(store_a, "deliveries", 16, ["2026-09-01", "2026-09-15"], state)
    assert len(missing(store_a)) == 7


def test_a_day_on_which_the_store_is_closed_or_not_yet_live_lacks_nothing(store_a):
    CalendarDay.objects.create(store=store_a, day=date(2026, 9, 11), kind="closed")
    CalendarDay.objects.create(store=store_a, day=date(2026, 9, 12), kind="open", opens=time(9), closes=time(12))
    store_a.go_live_on = date(2026, 9, 10)
    store_a.save(update_fields=["go_live_on"])
    assert missing(store_a) == [10, 12, 13, 14, 15]


def test_more_stores_cost_no_more_queries(store_a, django_assert_max_num_queries):
    stores = [store_a, *StoreFactory.create_batch(9)]
    for store in stores:
        brought(store, "deliveries", 16)
    with django_assert_max_num_queries(3):
        assert len(arrivals.lines(stores, TODAY)) == 20


def test_a_missing_list_leads_to_the_upload_for_its_store(as_, admin_a, store_a):
    page = as_(admin_a).get("/").text
    address = f"/imports/new/?store={store_a.pk}&amp;kind=deliveries"
    assert address in page
    form = as_(admin_a).get(address.replace("&amp;", "&")).context["form"]
    assert (form["layout"].value(), form["store"].value()) == ("deliveries", str(store_a.pk))
