"""Lists of other rooms pass the same gate: the responses, and the sheet of repair revisits."""

import io
from urllib.parse import urlencode

import openpyxl
import pytest
from django.urls import reverse

from crm_site.accounts.models import DataRules
from crm_site.core import clock
from crm_site.privacy.models import ExportEntry
from customers.models import Customer
from tests.factories import DAY, NOON, CustomerFactory, RepairOrderFactory
from tests.satisfaction.surveys import respond, short_answers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon(monkeypatch):
    """It is noon of DAY."""
    monkeypatch.setattr(clock, "now", lambda: NOON)


@pytest.fixture
def answered(store_a):
    """Two customers who answered about their visits, one with a number in their words."""
    people = [CustomerFactory(store=store_a, name=name) for name in ("周晓岚", "吴江")]
    for customer in people:
        order = RepairOrderFactory(store=store_a, customer=customer)
        respond(store_a, order=order, answers=short_answers(9, reception=4))
    return people


def take(client, **posted):
    """The responses of the month taken away."""
    query = f"?month={DAY:%Y-%m}&kind=service"
    return client.post(reverse("satisfaction:responses_workbook") + query, posted)


def names_in(answer) -> set[str]:
    """Every cell of a workbook."""
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    return {str(cell.value) for row in book.active.iter_rows() for cell in row}


def numbers_by_row(answer) -> list[list[float]]:
    """The numbers of each row of a workbook that has some."""
    rows = openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True)
    found = [[cell for cell in row if isinstance(cell, int | float)] for row in rows]
    return [numbers for numbers in found if numbers]


def test_the_responses_leave_with_a_reason_and_a_line_in_the_log(answered, manager_a, as_):
    answer = take(as_(manager_a), reason="复盘低分项")
    assert {"周晓岚", "吴江"} <= names_in(answer)
    entry = ExportEntry.objects.get()
    assert (entry.what, entry.rows, entry.reason, entry.store) == ("responses", 2, "复盘低分项", manager_a.store)
    assert len(entry.sha256) == 64


def test_without_a_reason_nothing_leaves(answered, manager_a, as_):
    assert take(as_(manager_a)).status_code == 302
    assert not ExportEntry.objects.exists()


def test_over_the_cap_nothing_leaves(answered, manager_a, as_):
    DataRules.objects.create(store=manager_a.store, export_rows=1)
    assert take(as_(manager_a), reason="复盘").status_code == 302
    assert not ExportEntry.objects.exists()


def test_restricted_customers_are_left_out(answered, manager_a, as_):
    Customer.objects.filter(name="吴江").update(restricted=True)
    assert "吴江" not in names_in(take(as_(manager_a), reason="复盘"))
    assert ExportEntry.objects.get().rows == 1


def test_a_specialist_takes_no_list_away(answered, specialist_a, as_):
    assert take(as_(specialist_a), reason="复盘").status_code == 403


@pytest.mark.parametrize(("who", "narrowed", "points"), [
    ("head_a", {}, ["points"]),
    ("head_a", {"factor": "process"}, ["points"]),
    ("manager_a", {}, ["points"]),
    ("manager_a", {"factor": "process"}, ["points", "score"]),
])  # fmt: skip
def test_the_file_says_the_figures_of_the_page_and_to_a_head_no_index_of_the_store(
    who, narrowed, points, answered, request, as_
):
    client, query = as_(request.getfixturevalue(who)), {"month": f"{DAY:%Y-%m}", "kind": "service", **narrowed}
    page = client.get(reverse("satisfaction:responses"), query).context["page"]
    book = client.post(f"{reverse('satisfaction:responses_workbook')}?{urlencode(query)}", {"reason": "复盘"})
    assert numbers_by_row(book) == [[pytest.approx(float(getattr(row, name))) for name in points] for row in page]
    assert all(row.points != row.score for row in page) or not narrowed
