"""Personal data leave with a right, a reason, a cap and a line in the log; numbers masked unless asked for in full."""

import csv
import io
import uuid
from datetime import timedelta

import openpyxl
import pytest
from django.urls import reverse

from crm_site.accounts.models import DataRules
from crm_site.core import clock
from crm_site.core import exports as gates
from crm_site.core.errors import RuleBroken
from crm_site.files import actions as files
from crm_site.files.models import StoredFile
from crm_site.jobs import runner
from crm_site.jobs.models import Job, State
from crm_site.notices.models import Notice
from crm_site.privacy import listing
from crm_site.privacy.actions import exports
from crm_site.privacy.actions import listing as lists
from crm_site.privacy.models import ExportEntry
from tests.factories import DAY, NOON, CustomerFactory, PhoneFactory, VehicleRoleFactory

pytestmark = pytest.mark.django_db
COLUMNS = ["number", "name", "phone", "plate_no", "vin"]
NUMBER = "13912345678"


@pytest.fixture
def people(store_a, settings, tmp_path):
    """Three customers, one of them with a formula for a name."""
    settings.MEDIA_ROOT = str(tmp_path)
    found = [CustomerFactory(store=store_a, name=name) for name in ("周晓岚", "=1+1", "吴江")]
    PhoneFactory(customer=found[0], number=NUMBER)
    VehicleRoleFactory(customer=found[0], vehicle__store=store_a, vehicle__vin="LSVAA4180E2123456", store=store_a)
    return found


def ask(person, **more) -> Job:
    """A list asked for by a person."""
    values = {
        "columns": COLUMNS, "file_format": "xlsx", "reason": "召回通知", "in_full": False, "language": "zh-hans",
        "submission": uuid.uuid4(), "by": person.employee, "now": NOON,
    }  # fmt: skip
    return lists.ask(person.store, more.pop("query", {}), **{**values, **more})


@pytest.fixture(autouse=True)
def _noon(monkeypatch):
    """Jobs are run on the day that they are asked for."""
    monkeypatch.setattr(clock, "now", lambda: NOON)


def build(person, **more) -> StoredFile:
    """A list asked for and built."""
    job = ask(person, **more)
    runner.run(job.pk)
    job.refresh_from_db()
    assert job.state == State.DONE
    return StoredFile.objects.get(pk=job.result["file"])


def book_of(stored) -> openpyxl.Workbook:
    """The workbook of a stored file, whose name on disk has no ending."""
    return openpyxl.load_workbook(io.BytesIO(files.path_of(stored).read_bytes()))


def text_of(stored) -> list[list]:
    """The cells of a workbook."""
    sheet = book_of(stored).active
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_a_list_is_masked_marked_and_logged(people, manager_a):
    stored = build(manager_a)
    rows = text_of(stored)
    assert "召回通知" in rows[0][0]
    assert rows[-1][0] == rows[0][0]
    assert manager_a.employee.name in rows[0][0]
    line = next(row for row in rows if row[1] == "周晓岚")
    assert line[2] == "139****5678"
    assert "LSVAA4180E2123456" not in line
    entry = ExportEntry.objects.get()
    assert (entry.what, entry.rows, entry.reason, entry.in_full) == ("customers", 3, "召回通知", False)
    assert entry.sha256 == stored.sha256


def test_the_mark_stands_on_every_page_and_in_the_properties(people, manager_a):
    book = book_of(build(manager_a))
    assert "召回通知" in book.active.oddHeader.center.text
    assert "召回通知" in book.active.oddFooter.left.text
    assert "召回通知" in book.properties.description


def test_a_name_that_is_a_formula_is_text(people, manager_a):
    sheet = book_of(build(manager_a)).active
    cell = next(cell for row in sheet.iter_rows() for cell in row if cell.value == "=1+1")
    assert cell.data_type == "s"
    stored = build(manager_a, file_format="csv")
    lines = list(csv.reader(io.StringIO(files.path_of(stored).read_text("utf-8-sig"))))
    assert "'=1+1" in {line[1] for line in lines}
    assert lines[0][0] == lines[-1][0]


def test_full_numbers_need_a_right_of_their_own_and_are_told(people, manager_a, admin_a):
    with pytest.raises(RuleBroken) as refused:
        ask(manager_a, in_full=True)
    assert refused.value.code == "in_full"
    rows = text_of(build(admin_a, in_full=True))
    assert any(NUMBER in row for row in rows)
    assert [notice.user for notice in Notice.objects.filter(code="privacy.export")] == [manager_a.user]


def test_the_filters_of_the_list_hold(people, manager_a):
    people[2].__class__.objects.filter(pk=people[2].pk).update(customer_type="org")
    rows = text_of(build(manager_a, query={"type": "org"}))
    assert [row[1] for row in rows if row[1] in {"周晓岚", "=1+1", "吴江"}] == ["吴江"]
    assert ExportEntry.objects.get().query == "type=org"


def test_a_list_without_a_reason_or_rows_is_refused(people, manager_a):
    with pytest.raises(RuleBroken):
        ask(manager_a, reason=" ")
    with pytest.raises(RuleBroken) as refused:
        ask(manager_a, query={"value": "gold"})
    assert refused.value.code == "empty"


def test_more_rows_than_a_file_may_hold_are_refused(people, manager_a):
    DataRules.objects.create(store=manager_a.store, export_rows=2)
    with pytest.raises(RuleBroken, match="筛选"):
        ask(manager_a)


def test_the_rows_of_a_day_are_counted_over_all_lists(people, manager_a, admin_a):
    DataRules.objects.create(store=manager_a.store, export_rows_a_day=5)
    build(manager_a)
    with pytest.raises(RuleBroken) as refused:
        ask(manager_a)
    assert refused.value.code == "day_full"
    build(admin_a)
    exports.allow(manager_a.employee, manager_a.store.pk, 3, DAY + timedelta(days=1))


def test_two_lists_at_once_do_not_both_take_the_last_rows(people, manager_a):
    DataRules.objects.create(store=manager_a.store, export_rows_a_day=5)
    jobs = [ask(manager_a), ask(manager_a)]
    for job in jobs:
        runner.run(job.pk)
    assert sorted(Job.objects.filter(pk__in=[job.pk for job in jobs]).values_list("state", flat=True)) == [
        "done",
        "failed",
    ]
    assert ExportEntry.objects.count() == 1


def test_more_than_500_rows_are_told_to_the_others_who_answer_for_it(store_a, manager_a, admin_a):
    gates.leave(manager_a.employee, gates.Leaving(store_a.pk, "responses", 501), now=NOON)
    gates.leave(manager_a.employee, gates.Leaving(store_a.pk, "responses", 500), now=NOON)
    assert [notice.user for notice in Notice.objects.filter(code="privacy.export")] == [admin_a.user]


def test_the_page_asks_for_a_reason_and_shows_what_is_allowed(people, manager_a, as_):
    client = as_(manager_a)
    page = client.get(reverse("privacy:export_customers"), {"type": "person"})
    form = page.context["form"]
    assert "in_full" not in form.fields
    posted = {"columns": COLUMNS, "file_format": "xlsx", "reason": "", "submission": form["submission"].value()}
    assert client.post(page.request["PATH_INFO"], posted).status_code == 422
    answer = client.post(page.request["PATH_INFO"], {**posted, "reason": "召回"})
    assert answer.url == reverse("privacy:my_lists")
    assert "召回" in client.get(answer.url).content.decode()


def test_the_log_shows_who_took_what_and_is_the_stores_own(people, manager_a, stranger_b, as_):
    build(manager_a)
    page = as_(manager_a).get(reverse("privacy:exports")).content.decode()
    assert "召回通知" in page
    assert "召回通知" not in as_(stranger_b).get(reverse("privacy:exports")).content.decode()
    none = as_(manager_a).get(reverse("privacy:exports"), {"since": str(DAY + timedelta(days=1))})
    assert "召回通知" not in none.content.decode()


@pytest.mark.parametrize("who", ["specialist_a", "head_a", "frontline_a", "director_a"])
def test_who_may_not_export_is_refused(who, as_, request):
    assert as_(request.getfixturevalue(who)).get(reverse("privacy:export_customers")).status_code == 403


def test_reading_the_list_asks_a_fixed_number_of_queries(people, manager_a, django_assert_num_queries):
    rows = listing.rows_for(manager_a.store.pk, {}, today=DAY)
    with django_assert_num_queries(3):
        list(listing.lines(rows, COLUMNS, in_full=False))
