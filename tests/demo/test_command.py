"""The command: only in the demo, only into an empty database, the same world for the same day; never in production."""

import hashlib
from io import StringIO
from unittest.mock import patch

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command

from complaints.models import Complaint
from crm_site.accounts.models import Store, User
from crm_site.demo import marker
from crm_site.reports.models import MonthlyReport
from customers.models import Customer, Phone, RepairOrder, Vehicle
from revisits.models import CallAttempt, Revisit
from satisfaction.models import Response
from tests import worlds
from tests.factories import StoreFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def test_outside_the_demo_the_command_refuses(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="HUIFANG_DEMO=1"):
        call_command("demo")
    assert not Store.objects.exists()


@pytest.mark.parametrize("factory", [StoreFactory, UserFactory])
def test_a_database_that_is_not_empty_is_refused_and_stays_as_it_is(factory):
    factory()
    with pytest.raises(CommandError, match="not empty"):
        call_command("demo")
    assert Store.objects.count() + User.objects.count() == 1
    assert not marker.is_demo_database()


def test_production_refuses_a_marked_database_and_takes_another(settings):
    settings.DEMO = False
    store = StoreFactory()
    assert run_checks(tags=["database"], databases=["default"]) == []
    marker.mark(store)
    assert [one.id for one in run_checks(tags=["database"], databases=["default"])] == ["demo.E001"]
    settings.DEMO = True
    assert run_checks(tags=["database"], databases=["default"]) == []


def print_of_world() -> str:
    """A digest of what the world says, without the moments of writing."""
    rows = [
        list(Customer.objects.order_by("pk").values_list("number", "name", "district", "restricted")),
        list(Phone.objects.order_by("pk").values_list("number", "bad_reason")),
        list(Vehicle.objects.order_by("pk").values_list("vin", "plate_no", "model", "last_mileage_km")),
        list(RepairOrder.objects.order_by("pk").values_list("order_number", "items", "total_fee", "released_on")),
        list(
            Revisit.objects.order_by("store", "anchor_key", "rule__code").values_list("anchor_key", "state", "due_on")
        ),
        list(CallAttempt.objects.order_by("pk").values_list("started_at", "result__code", "by__number", "submission")),
        list(Response.objects.order_by("pk").values_list("score", "answered_at", "decision")),
        list(Complaint.objects.order_by("number", "store").values_list("number", "state", "words", "due_at")),
        list(MonthlyReport.objects.order_by("store", "month").values_list("month", "state")),
    ]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


@pytest.fixture(scope="module")
def made_before(django_db_setup, django_db_blocker) -> str:
    """The digest of the world that others read, made earlier and mostly by another process."""
    with django_db_blocker.unblock(), worlds.standing():
        return print_of_world()


def test_the_command_says_how_far_it_is_and_the_same_day_gives_the_same_world(made_before):
    out = StringIO()
    with patch("django.utils.timezone.now", return_value=worlds.NOW):
        call_command("demo", scale=worlds.SCALE, stdout=out)
    assert "the demo world is ready" in out.getvalue()  # the shell of the tests is an English one
    assert marker.is_demo_database()
    assert print_of_world() == made_before


def test_the_command_speaks_the_language_of_the_shell_whatever_it_keeps(monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    StoreFactory()
    with pytest.raises(CommandError, match="数据库不是空的"):
        call_command("demo")
    monkeypatch.setattr("django.conf.settings.DEMO", False)
    with pytest.raises(CommandError, match="只有设置 HUIFANG_DEMO=1"):
        call_command("demo")
