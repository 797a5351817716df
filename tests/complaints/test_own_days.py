"""What a store has set counts in its figures and stands in its filters: days of repeats, names of categories."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from complaints import chain, settings
from complaints.actions import tree
from complaints.models import TicketSettings
from complaints.queries import desk, period
from complaints.queries.groups import DIMENSIONS
from crm_site.accounts.models import Role
from crm_site.core import clock
from crm_site.reports.matters import repeat_days
from tests.cast import make_person
from tests.complaints.test_learning import MONTH, category, ticket
from tests.factories import DAY, NOON, MembershipFactory, VehicleFactory

pytestmark = pytest.mark.django_db
LIST, LEARN = reverse("complaints:list"), reverse("complaints:learn")


def twice(store, apart: int):
    """Two complaints on one matter, so many days apart; gives both."""
    car = VehicleFactory(store=store)
    given = {"vehicle": car, "category": category("repair")}
    first = ticket(store, received_at=NOON - timedelta(days=apart), **given)
    return first, ticket(store, repeat_of=first, **given)


def repeated(person, *stores) -> int:
    """How many renewed complaints the month counts."""
    scope = period.scope_of(
        person.user, [store.pk for store in stores], DAY.replace(day=1), DAY + timedelta(days=1), now=NOON
    )
    return period.PERIOD["repeated"].of(scope)


@pytest.fixture
def director(store_a, store_b):
    person = make_person(store_a, Role.DIRECTOR, "总经理")
    MembershipFactory(user=person.user, store=store_b, role=Role.DIRECTOR)
    return person


@pytest.mark.parametrize(("days", "counted"), [(None, 1), (59, 0), (60, 1), (120, 1)])
def test_a_renewed_complaint_counts_within_the_stores_own_days(director, store_a, days, counted):
    first, second = twice(store_a, 60)
    if days:
        TicketSettings.objects.create(store=store_a, repeat_days=days)
    assert repeated(director, store_a) == counted
    own = settings.of(store_a.pk).repeat_days
    assert (own, repeat_days(store_a.pk)) == (days or 90, days or 90)
    assert len(chain.later(first, director.user, own)) == len(chain.earlier(second, director.user, own)) == counted


def test_each_store_counts_by_its_own_days(director, store_a, store_b):
    TicketSettings.objects.create(store=store_a, repeat_days=30)
    TicketSettings.objects.create(store=store_b, repeat_days=120)
    for store in (store_a, store_b):
        twice(store, 40)
        twice(store, 100)
    assert [repeated(director, one) for one in (store_a, store_b)] == [0, 2]
    assert repeated(director, store_a, store_b) == 2


def test_the_days_of_stores_are_read_once(director, store_a, store_b):
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            repeated(director, store_a, store_b)
        return len(found)

    TicketSettings.objects.create(store=store_a, repeat_days=30)
    assert director.user.store_ids
    few = queries()
    for _number in range(3):
        twice(store_a, 20)
    TicketSettings.objects.create(store=store_b, repeat_days=120)
    assert queries() == few


def test_the_list_of_renewed_complaints_is_as_long_as_the_figure(as_, director, store_a, store_b):
    TicketSettings.objects.create(store=store_a, repeat_days=30)
    for store in (store_a, store_b):
        twice(store, 60)
    answer = as_(director).get(LIST, {"repeat": "1", "month": MONTH, "tab": "open"})
    assert len(answer.context["page"].rows) == repeated(director, store_a, store_b) == 1


def test_the_ticket_and_the_intake_say_the_stores_days(as_, manager_a, store_a):
    TicketSettings.objects.create(store=store_a, repeat_days=45)
    first, _second = twice(store_a, 20)
    page = as_(manager_a).get(reverse("complaints:detail", args=[first.pk])).content.decode()
    assert "45 天内再次投诉" in page
    late = desk.lately_of_customer(first.customer_id or 0, clock.now(), 45)
    assert not late.exists()


def renamed(person) -> None:
    """The store calls its repair branch by a name of its own."""
    row = category("repair")
    shown = {"label_zh": row.label_zh, "label_en": row.label_en}
    tree.save_category(person.store.pk, "repair", {"label_zh": "车间质量"}, shown=shown, by=person.employee)


@pytest.mark.parametrize("url", [LIST, reverse("complaints:board")])
def test_filters_show_a_stores_own_names(as_, manager_a, stranger_b, url):
    renamed(manager_a)
    assert "车间质量" in as_(manager_a).get(url).content.decode()
    assert "车间质量" not in as_(stranger_b).get(url).content.decode()


def test_several_stores_together_have_the_companys_names(as_, manager_a, director, store_a):
    renamed(manager_a)
    client = as_(director)
    assert "车间质量" not in client.get(LIST).content.decode()
    assert "车间质量" in client.get(LIST, {"store": store_a.pk}).content.decode()


@pytest.mark.parametrize("code", ["category", "detail"])
def test_a_pareto_calls_a_branch_as_its_store_does(manager_a, store_a, store_b, code):
    renamed(manager_a)
    names = DIMENSIONS[code].names
    assert names(["repair"], store_a.pk) == {"repair": "车间质量"}
    assert names(["repair"], store_b.pk) == names(["repair"], None) == {"repair": "维修质量"}
