"""Sheets, headers and columns chosen in the browser: obeyed at once, kept for the next file, out of others' reach."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_site.audit.models import Entry
from crm_site.imports.actions import batches as actions
from crm_site.imports.actions import sources
from crm_site.imports.models import BatchState, ImportBatch, KnownSource, StagedRow, Verdict
from crm_site.jobs import runner
from tests.factories import NOON
from tests.imports import sheets

pytestmark = pytest.mark.django_db
LANGUAGES = pytest.mark.parametrize("language", ["zh-hans", "en"])
STRANGE = ["人员代码", "称呼为", "哪个科", "做什么", "怎么找", "何时来的"]
ROWS = [["E901", "李明", "售后服务部", "服务顾问", "13800138001", "2024-03-05"]]
MEANS = ["number", "name", "department", "post", "phone", "hired_on"]


def strange(title="表") -> bytes:
    return sheets.workbook((title, [["某某公司"], STRANGE, *ROWS]))


def address(batch):
    return reverse("imports:columns", args=[batch.pk])


def form_of(client, batch, **changes):
    """What the page's form would send, with changes."""
    form = client.get(address(batch)).context["form"]
    return sent(form) | changes


def sent(form):
    data = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in data.items() if value not in (None, False, "")}


def post(client, batch, data):
    """Send the form, and let the file be read."""
    answer = client.post(address(batch), data)
    batch.refresh_from_db()
    if batch.state == BatchState.READING:
        runner.run(batch.stage_job_id)
        batch.refresh_from_db()
    return answer


def map_by_hand(client, batch, **changes):
    """Choose the list and the header of a strange file, look, and say what each column means."""
    looked = client.post(address(batch), {"layout": "employees", "header_0": 2, "look": 1, "take_0": "on"})
    data = sent(looked.context["form"]) | {"take_0": "on", "remember": "on"}
    data |= {f"column_0_{place}": name for place, name in enumerate(MEANS)}
    return post(client, batch, data | changes)


@LANGUAGES
def test_the_page_is_drawn_in_every_state_that_may_use_it(as_, admin_a, language):
    client = as_(admin_a, language)
    known = sheets.read(
        admin_a,
        sheets.workbook(
            ("员工", [sheets.EMPLOYEE_HEADER, *sheets.ROSTER]), ("x", []), ("旧", [["a", "b"]]), hidden=["旧"]
        ),
    )
    for batch in (known, sheets.read(admin_a, strange())):
        page = client.get(address(batch))
        assert page.status_code == 200
        assert "hf-conf" in page.content.decode() or batch.state == BatchState.REFUSED


def test_phones_and_vins_are_masked_in_the_samples(as_, admin_a):
    batch = sheets.read(admin_a, sheets.roster())
    shown = as_(admin_a).get(address(batch)).content.decode()
    assert "138****8002" in shown
    assert "13800138002" not in shown + str(batch.reading)


def test_a_file_that_nobody_could_read_is_mapped_by_hand_and_the_next_one_by_itself(as_, admin_a):
    client = as_(admin_a)
    batch = sheets.read(admin_a, strange())
    assert (batch.state, batch.refusal) == (BatchState.REFUSED, "no_header")
    assert address(batch) in client.get(reverse("imports:batch", args=[batch.pk])).content.decode()
    assert map_by_hand(client, batch).url == reverse("imports:batch", args=[batch.pk])
    assert (batch.state, batch.layout, batch.counts["new"]) == (BatchState.PREVIEW, "employees", 1)
    row = StagedRow.objects.get(batch=batch)
    assert (row.clean["name"], row.clean["phone"]) == ("李明", ["13800138001"])
    assert Entry.objects.filter(action="import.explained", subject_id=str(batch.pk)).exists()

    again = sheets.read(admin_a, strange("另一张"))
    assert (again.state, again.counts["new"]) == (BatchState.PREVIEW, 1)
    shown = client.get(reverse("imports:batch", args=[again.pk])).content.decode()
    assert shown.count("你已确认") == len(MEANS)
    assert "沿用上次" in shown


def test_nothing_is_kept_without_the_tick(as_, admin_a):
    batch = sheets.read(admin_a, strange())
    map_by_hand(as_(admin_a), batch, remember="")
    assert batch.state == BatchState.PREVIEW
    assert not KnownSource.objects.exists()
    assert sheets.read(admin_a, strange()).state == BatchState.REFUSED


def test_what_one_store_says_does_not_hold_for_another(as_, admin_a, stranger_b):
    map_by_hand(as_(admin_a), sheets.read(admin_a, strange()))
    assert sheets.read(stranger_b, strange()).state == BatchState.REFUSED


def test_a_column_taken_out_is_not_imported(as_, admin_a):
    client, batch = as_(admin_a), sheets.read(admin_a, sheets.roster())
    data = form_of(client, batch)
    data.pop("column_0_5")
    post(client, batch, data)
    assert batch.reading["sheets"][0]["columns"][5] == ["手机", ""]
    assert "phone" not in StagedRow.objects.filter(batch=batch).first().clean


def test_a_second_sheet_with_the_same_titles_follows_the_first(as_, admin_a):
    other = [["E904", "王五", "男", "配件部", "配件员", "13800138009", "", "在职"]]
    lines = [sheets.EMPLOYEE_HEADER, *sheets.ROSTER]
    content = sheets.workbook(("一月", lines), ("二月", [sheets.EMPLOYEE_HEADER, *other]))
    client, batch = as_(admin_a), sheets.read(admin_a, content)
    data = form_of(client, batch)
    assert "column_1_5" not in data
    data.pop("column_0_5")
    post(client, batch, data)
    assert not any("phone" in row.clean for row in StagedRow.objects.filter(batch=batch))
    data = form_of(client, batch)
    data.pop("take_0")
    post(client, batch, data)
    assert [row.clean["name"] for row in StagedRow.objects.filter(batch=batch)] == ["王五"]
    assert [sheet["state"] for sheet in batch.reading["sheets"]] == ["left", "taken"]


WRONG = {
    "no sheet": ({"take_0": ""}, "至少勾选一张"),
    "a field twice": ({"column_0_2": "name"}, "已经对应"),
    "a needed one missing": ({"column_0_0": ""}, "请指出"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mapping_that_cannot_be_is_said_and_nothing_typed_is_lost(as_, admin_a, case):
    changes, words = WRONG[case]
    client, batch = as_(admin_a), sheets.read(admin_a, sheets.roster())
    before = list(StagedRow.objects.values())
    answer = post(client, batch, form_of(client, batch) | {"column_0_5": ""} | changes)
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert answer.context["form"]["column_0_5"].value() == ""
    assert (batch.state, list(StagedRow.objects.values())) == (BatchState.PREVIEW, before)


def test_another_header_row_must_be_looked_at_before_it_is_taken(as_, admin_a):
    client, batch = as_(admin_a), sheets.read(admin_a, sheets.roster())
    answer = post(client, batch, form_of(client, batch, header_0="3"))
    assert answer.status_code == 200
    assert batch.answers == {}
    assert "欧阳娜娜" in [column.title for column in answer.context["form"].sheets[0].columns]


@pytest.mark.parametrize("field", ["column_0_1", "layout", "header_0"])
def test_what_is_not_offered_is_refused(as_, admin_a, field):
    client, batch = as_(admin_a), sheets.read(admin_a, sheets.roster())
    answer = post(client, batch, form_of(client, batch) | {field: "nonsense"})
    assert (answer.status_code, batch.answers) == (200, {})


def test_when_rows_are_written_nothing_can_be_said_any_more(as_, admin_a):
    client, batch = as_(admin_a), sheets.read(admin_a, sheets.roster())
    data = form_of(client, batch)
    sheets.write(admin_a, batch)
    assert client.post(address(batch), data).status_code == 302
    batch.refresh_from_db()
    assert (batch.state, batch.answers) == (BatchState.APPLIED, {})


def test_while_the_file_is_read_answers_wait(as_, admin_a):
    batch = sheets.bring(admin_a, sheets.roster())
    with pytest.raises(actions.RuleBroken):
        sources.explain(batch.pk, {"sheets": {}}, by=admin_a.employee, remember=False)


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_gets_404_and_changes_nothing(as_, admin_a, stranger_b, method):
    batch = sheets.read(admin_a, sheets.roster())
    before = ImportBatch.objects.values().get()
    for name in ("columns", "answer"):
        if (name, method) != ("answer", "get"):
            assert getattr(as_(stranger_b), method)(reverse(f"imports:{name}", args=[batch.pk])).status_code == 404
    assert ImportBatch.objects.values().get() == before


def test_looking_writes_nothing(as_, admin_a):
    client, batch = as_(admin_a), sheets.read(admin_a, strange())
    before = ImportBatch.objects.values().get()
    client.get(address(batch))
    client.post(address(batch), {"layout": "employees", "header_0": "2", "look": "1"})
    assert ImportBatch.objects.values().get() == before


def test_more_columns_and_sheets_need_no_more_queries(as_, admin_a):
    client, counts = as_(admin_a), []
    for number in (1, 6):
        wide = [*sheets.EMPLOYEE_HEADER, *[f"列{place}" for place in range(number * 10)]]
        content = sheets.workbook(*[(f"表{place}", [wide, *sheets.ROSTER]) for place in range(number)])
        batch = sheets.read(admin_a, content)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(address(batch))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_first_lines_are_forgotten_with_the_rows(as_, admin_a):
    batch = sheets.read(admin_a, sheets.roster())
    actions.forget_rows(before=NOON.replace(year=NOON.year + 1))
    batch.refresh_from_db()
    assert "top" not in batch.reading
    assert as_(admin_a).get(address(batch)).status_code == 302


def test_the_days_that_a_file_covers_are_noted(admin_a):
    header = ["工单号", "进厂日期", "车架号"]
    rows = [[f"R{day}", f"2026-11-{day:02d}", f"LSVAU2A37N21000{day:02d}"] for day in (9, 3, 17)]
    batch = sheets.read(admin_a, sheets.workbook(("x", [header, *rows, ["R99", "2027-13-01", "x"]])))
    assert batch.reading["days"] == ["2026-11-03", "2026-11-17"]


def test_a_row_of_a_changed_mapping_is_staged_once(as_, admin_a):
    client, batch = as_(admin_a), sheets.read(admin_a, sheets.roster())
    for _ in range(2):
        post(client, batch, form_of(client, batch))
    assert StagedRow.objects.filter(batch=batch, verdict=Verdict.NEW).count() == 3
    assert batch.answers["readings"] == 2
