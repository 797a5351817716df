"""The demo world holds together: what follows from its rows is what stands in them, and every page has something."""

from collections import Counter

import pytest
from django.test import Client
from django.urls import reverse

from complaints import ledger
from complaints.models import Complaint, State
from crm_site.accounts.models import Role, Store, User
from crm_site.core import plates, scope, vins
from crm_site.core.verdicts import OK
from crm_site.demo import cleaning
from crm_site.privacy.models import DuplicatePair
from crm_site.reports import rules as reports
from crm_site.reports.models import MonthlyReport, ReportState
from customers.models import Phone, RepairOrder, Vehicle
from revisits.models import CallAttempt, Revisit
from satisfaction import scoring
from satisfaction.actions import folding
from satisfaction.models import Response
from satisfaction.queries import summaries
from tests.factories import DAY, CustomerFactory, PhoneFactory, StoreFactory
from tests.worlds import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.long]

#: login -> the pages that belong to its daily work
PAGES = {
    "specialist1": ["dashboard:home", "revisits:today", "customers:list", "complaints:list"],
    "specialist5": ["dashboard:home", "revisits:today", "customers:list", "complaints:list"],
    "frontline1": ["dashboard:home", "revisits:today", "customers:list"],
    "head1": ["dashboard:home", "complaints:list", "satisfaction:dashboard", "reports:list", "satisfaction:measures"],
    "manager1": [
        "dashboard:home", "revisits:today", "revisits:all", "customers:list", "complaints:list",
        "satisfaction:dashboard", "satisfaction:responses", "satisfaction:measures", "reports:list", "imports:list",
        "jobs:list", "history:list", "accounts:people", "worktime:overview",
    ],
    "manager2": ["dashboard:home", "revisits:today", "complaints:list", "satisfaction:dashboard", "reports:list"],
    "director1": ["dashboard:home", "customers:list", "complaints:list", "satisfaction:dashboard", "reports:list"],
    "admin1": ["dashboard:home", "imports:list", "customers:list", "jobs:list", "history:list", "accounts:people"],
}  # fmt: skip


def signed_in(login: str) -> Client:
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(User.objects.get(username=login), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize(("login", "name"), [(login, name) for login, names in PAGES.items() for name in names])
def test_every_page_of_every_role_has_something_to_show(login, name):
    answer = signed_in(login).get(reverse(name))
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "hf-empty" not in text
    assert len(text) > 2_000


def test_every_role_has_a_login_in_the_first_store():
    first = Store.objects.order_by("pk").first()
    assert set(first.memberships.values_list("role", flat=True)) == set(Role.values)


def test_no_row_of_one_store_refers_to_a_row_of_the_other():
    assert {str(key): key.strays().count() for key in scope.scoped_keys() if key.strays().exists()} == {}


def test_a_stray_row_would_be_found():
    stranger = CustomerFactory(store=StoreFactory(code="X"))
    PhoneFactory(customer=stranger, store=Store.objects.order_by("pk").first())
    assert [str(key) for key in scope.scoped_keys() if key.strays().exists()] == ["customers.Phone.customer"]


def test_every_stored_score_follows_from_its_answers():
    found = [row.pk for row in scoring.loaded(Response.objects.all()) if scoring.differences(row)]
    assert Response.objects.count() > 100
    assert found == []


def test_the_dashboards_read_sums_that_equal_their_answers():
    stores = list(Response.objects.order_by().values_list("store_id", flat=True).distinct())
    assert summaries.are_built(stores)
    assert [line for store_id in stores for line in folding.differences(store_id)] == []


def test_the_sums_of_every_published_month_come_out_even():
    published = MonthlyReport.objects.filter(state=ReportState.PUBLISHED)
    assert published.count() >= 20
    assert [row.pk for row in published if not reports.sum_of(row.snapshot).is_even] == []
    assert [row.pk for row in published if reports.digest(row.snapshot) != row.sha256] == []


def test_the_deadlines_of_every_ticket_follow_from_its_ledger():
    tickets = Complaint.objects.exclude(clock=None).select_related("level").prefetch_related("clock").distinct()
    assert len(tickets) > 12
    for ticket in tickets:
        due = (ticket.response_due_at, ticket.proposal_due_at, ticket.closing_due_at)
        assert due == ledger.fold(ticket), ticket.number


def test_the_steps_of_every_ticket_are_one_chain():
    for ticket in Complaint.objects.prefetch_related("steps"):
        steps = sorted(ticket.steps.all(), key=lambda step: step.sequence)
        assert [step.sequence for step in steps] == list(range(1, ticket.version + 1)), ticket.number
        assert all(one.to_state == two.from_state for one, two in zip(steps, steps[1:], strict=False)), ticket.number
        assert all(one.at <= two.at for one, two in zip(steps, steps[1:], strict=False)), ticket.number
        assert steps[-1].to_state == ticket.state


def test_nobody_handles_a_ticket_about_himself_and_nobody_confirms_his_own():
    for ticket in Complaint.objects.exclude(handler=None).prefetch_related("liabilities", "confirmations"):
        assert ticket.handler_id not in {row.employee_id for row in ticket.liabilities.all()}
        assert ticket.handler_id not in {row.by_id for row in ticket.confirmations.all()}


def test_a_call_is_done_exactly_when_somebody_answered():
    done = set(Revisit.objects.filter(state="done").values_list("pk", flat=True))
    assert done == set(CallAttempt.objects.filter(result__code="SUCCESS").values_list("revisit", flat=True))
    assert not CallAttempt.objects.filter(started_at__gt=NOW).exists()


def test_vins_plates_and_numbers_are_as_they_should_be_and_nobody_has_another_ones():
    cars = Vehicle.objects.filter(batch=None)
    assert {vins.verdict(vin).code for vin in cars.exclude(vin=None).values_list("vin", flat=True)} == {""}
    assert {plates.verdict(plate).level for plate in cars.values_list("plate_no", flat=True)} == {OK}
    assert any(plates.is_new_energy(plate) for plate in cars.values_list("plate_no", flat=True))
    assert cars.filter(plate_no="").exists()
    twins = {pk for pair in DuplicatePair.objects.values_list("one", "other") for pk in pair}
    meant = {cleaning.DESK_NUMBER, *Phone.objects.filter(customer__in=twins).values_list("number", flat=True)}
    others = Phone.objects.exclude(number__in=meant).values_list("number", flat=True)
    assert max(Counter(others).values()) == 1


def test_today_is_busy_in_both_stores():
    for store in Store.objects.all():
        assert Revisit.objects.filter(store=store).callable_at(NOW, DAY).exists()
        assert Complaint.objects.filter(store=store).overdue(NOW).exists()
        assert RepairOrder.objects.filter(store=store, state="open").exists()
    first = Store.objects.order_by("pk").first()
    assert Revisit.objects.filter(store=first, due_on=DAY).exists()
    assert Revisit.objects.filter(store=first, promised_at__date=DAY).exists()
    assert Revisit.objects.filter(store=first, claimed_by__isnull=False, lease_until__gt=NOW).count() == 1
    assert Complaint.objects.filter(store=first, state=State.CONFIRMING).exists()
    assert Complaint.objects.filter(paused_at__isnull=False).exists()
