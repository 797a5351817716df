"""A manufacturer's sheet: read safely, its columns proposed, filled in month by month with its head kept."""

import io
import uuid
import zipfile
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font, PatternFill

from crm_site.audit.models import Entry
from crm_site.core.errors import RuleBroken
from crm_site.files.actions import path_of
from crm_site.files.models import StoredFile
from crm_site.reports.export import filling, template
from crm_site.reports.models import ExportLayout, FilledSheet
from revisits.queries.coverage import SERVICE
from revisits.queries.sheet import called
from tests.factories import ComplaintFactory, CustomerFactory, PhoneFactory
from tests.reports.month import MONTH
from tests.revisits.month import TODAY, busy_month
from tests.revisits.test_indicators import scope

pytestmark = pytest.mark.django_db

TITLES = ["序号", "客户姓名", "联系电话", "车架号(VIN)", "工单号", "服务顾问", "回访结果", "厂家专用", "回访日期"]


@pytest.fixture(autouse=True)
def _here(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr("crm_site.core.clock.today", lambda: TODAY)


def empty_sheet(titles=TITLES, *, foot: str = "") -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = "回访上报"
    sheet["A1"] = "某某汽车 售后回访上报表"
    sheet["A1"].font = Font(bold=True, size=16)
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(titles))
    for place, title in enumerate(titles, start=1):
        sheet.cell(2, place, title).fill = PatternFill("solid", fgColor="FFCC00")
        sheet.cell(3, place).font = Font(italic=True)
    if foot:
        sheet["A4"] = foot
        sheet.merge_cells("A4:C4")
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def bring(client, store, content: bytes | None = None, *, subject="repairs", submission=None):
    upload = SimpleUploadedFile("上报表.xlsx", empty_sheet() if content is None else content)
    data = {"store": store.pk, "name": "厂家回访表", "subject": subject, "file": upload,
            "submission": submission or uuid.uuid4()}  # fmt: skip
    return client.post(reverse("reports:bring_layout"), data)


def save_columns(client, layout, **more):
    data = {f"c{one['column']}": one["field"] for one in layout.columns}
    data |= {"first_row": layout.first_row, "shown": layout.version, "row": layout.head_row, "sheet": 0, **more}
    return client.post(reverse("reports:map_layout", args=[layout.pk]), data)


def fill(client, layout, *, month="2026-08", reason="8 月上报", submission=None):
    data = {"month": month, "reason": reason, "submission": submission or uuid.uuid4()}
    return client.post(reverse("reports:fill_layout", args=[layout.pk]), data)


@pytest.fixture
def layout(as_, admin_a):
    assert bring(as_(admin_a), admin_a.store).status_code == 302
    return ExportLayout.objects.get()


def test_the_columns_are_proposed_by_their_titles(layout):
    assert (layout.sheet, layout.head_row, layout.first_row, layout.is_mapped) == ("回访上报", 2, 3, False)
    assert [one["field"] for one in layout.columns] == [
        "no", "customer", "phone", "vin", "order", "advisor", "result", "", "called_on",
    ]  # fmt: skip


def test_a_filled_sheet_keeps_its_head_and_holds_the_month(layout, as_, admin_a, specialist_a):
    busy_month(admin_a.store, [specialist_a.employee], tasks=40)
    client = as_(admin_a)
    assert save_columns(client, layout).status_code == 302
    assert fill(client, layout).status_code == 302
    made = FilledSheet.objects.get()
    tasks = called(scope(admin_a.store), SERVICE).order_by("last_attempt_at", "pk")
    assert made.rows == tasks.count() > 3
    sheet = load_workbook(path_of(made.file).open("rb"))["回访上报"]
    assert sheet["A1"].value.startswith("某某汽车")
    assert sheet["A1"].font.size == 16
    assert [cell.value for cell in sheet[2]] == TITLES
    assert sheet["B2"].fill.fgColor.rgb == "00FFCC00"
    rows = list(sheet.iter_rows(min_row=3, values_only=True))
    assert [row[0] for row in rows] == list(range(1, made.rows + 1))
    assert [row[4] for row in rows] == [task.repair_order.order_number for task in tasks]
    assert rows[0][2] == tasks[0].phone.number  # in full: the manufacturer wants to check
    assert all(row[7] is None for row in rows)
    assert sheet["B5"].font.italic


def test_what_stands_below_moves_down(as_, admin_a, specialist_a):
    busy_month(admin_a.store, [specialist_a.employee], tasks=20)
    client = as_(admin_a)
    bring(client, admin_a.store, empty_sheet(foot="填表人：    审核："))
    layout = ExportLayout.objects.get()
    save_columns(client, layout)
    fill(client, layout)
    made = FilledSheet.objects.get()
    sheet = load_workbook(path_of(made.file).open("rb")).active
    place = layout.first_row + made.rows
    assert sheet.cell(place, 1).value == "填表人：    审核："
    assert f"A{place}:C{place}" in {str(found) for found in sheet.merged_cells.ranges}


def test_no_text_becomes_a_formula(as_, admin_a):
    client = as_(admin_a)
    bring(client, admin_a.store, empty_sheet(["编号", "客户姓名", "投诉内容", "电话"]), subject="complaints")
    customer = CustomerFactory(store=admin_a.store, name="=HYPERLINK(1)")
    PhoneFactory(customer=customer, number="13800138000")
    ComplaintFactory(store=admin_a.store, customer=customer, words="+cmd|calc", received_on=MONTH)
    layout = ExportLayout.objects.get()
    save_columns(client, layout)
    fill(client, layout)
    sheet = load_workbook(path_of(FilledSheet.objects.get().file).open("rb")).active
    assert [cell.data_type for cell in sheet[3]] == ["s"] * 4
    assert [cell.value for cell in sheet[3]][1:] == ["=HYPERLINK(1)", "+cmd|calc", "13800138000"]


def test_restricted_customers_are_left_out(as_, admin_a):
    client = as_(admin_a)
    bring(client, admin_a.store, empty_sheet(["编号", "客户姓名"]), subject="complaints")
    hidden = CustomerFactory(store=admin_a.store, restricted=True)
    ComplaintFactory(store=admin_a.store, customer=hidden, received_on=MONTH)
    ComplaintFactory(store=admin_a.store, customer=None, received_on=MONTH)
    layout = ExportLayout.objects.get()
    save_columns(client, layout)
    fill(client, layout)
    assert FilledSheet.objects.get().rows == 1


def test_filling_is_logged_with_month_rows_and_reason(layout, as_, admin_a):
    client = as_(admin_a)
    save_columns(client, layout)
    fill(client, layout)
    entry = Entry.objects.get(action="export_layout.filled")
    assert (entry.detail["month"], entry.detail["rows"], entry.detail["reason"]) == ("2026-08", 0, "8 月上报")
    assert len(entry.detail["sha256"]) == 64


def test_it_needs_a_reason_and_checked_columns(layout, as_, admin_a):
    client = as_(admin_a)
    assert fill(client, layout).status_code == 422  # nobody has looked at the columns
    save_columns(client, layout)
    assert fill(client, layout, reason=" ").status_code == 422
    assert not FilledSheet.objects.exists()


def test_the_second_click_gives_the_same(layout, as_, admin_a):
    client, submission = as_(admin_a), uuid.uuid4()
    save_columns(client, layout)
    for _ in range(2):
        fill(client, layout, submission=submission)
    assert FilledSheet.objects.count() == 1


def test_an_older_page_does_not_overwrite(layout, as_, admin_a):
    client = as_(admin_a)
    save_columns(client, layout)
    assert save_columns(client, layout, c1="customer").status_code == 422
    layout.refresh_from_db()
    assert layout.columns[0]["field"] == "no"


def test_the_file_is_fetched_by_right_only(layout, as_, admin_a, specialist_a, stranger_b):
    client = as_(admin_a)
    save_columns(client, layout)
    fill(client, layout)
    url = reverse("files:download", args=[FilledSheet.objects.get().file_id])
    assert client.post(url).status_code == 200
    assert as_(specialist_a).post(url).status_code == 403
    assert as_(stranger_b).post(url).status_code == 404


def _swollen() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 70_000_000)
    return stream.getvalue()


@pytest.mark.parametrize("content", [b"not a workbook", b"PK\x03\x04 broken", _swollen()], ids=["text", "zip", "bomb"])
def test_what_is_no_workbook_is_refused(content, as_, admin_a):
    answer = bring(as_(admin_a), admin_a.store, content)
    assert answer.status_code == 422
    assert not ExportLayout.objects.exists()
    assert "厂家回访表" in answer.content.decode()  # what was typed stays


def test_titles_may_stand_elsewhere(layout, as_, admin_a):
    answer = as_(admin_a).get(reverse("reports:layout", args=[layout.pk]), {"sheet": 0, "row": 1})
    assert answer.context["head"] == 1
    assert answer.context["columns"].initial["first_row"] == 2


def test_a_layout_that_was_put_away_is_not_filled(layout, as_, admin_a):
    client = as_(admin_a)
    save_columns(client, layout)
    client.post(reverse("reports:put_away_layout", args=[layout.pk]))
    assert fill(client, layout).status_code == 422
    assert date(2026, 8, 1) == MONTH


def meanwhile(monkeypatch, module, name: str, other) -> None:
    """While a function is at work for the first time, something else happens."""
    real, waiting = getattr(module, name), [other]

    def slow(*args):
        if waiting:
            waiting.pop()()
        return real(*args)

    monkeypatch.setattr(module, name, slow)


def test_two_clicks_at_once_bring_one_sheet_and_fill_one(as_, admin_a, monkeypatch):
    client, submission = as_(admin_a), uuid.uuid4()
    again = {"submission": submission}
    meanwhile(monkeypatch, template, "propose", lambda: bring(as_(admin_a), admin_a.store, **again))
    assert bring(client, admin_a.store, **again).status_code == 302
    layout = ExportLayout.objects.get()
    save_columns(client, layout)
    meanwhile(monkeypatch, filling, "fill", lambda: fill(as_(admin_a), layout, **again))
    assert fill(client, layout, **again).status_code == 302
    assert FilledSheet.objects.count() == 1
    kept = StoredFile.objects.filter(removed_at=None)
    assert {layout.file_id, FilledSheet.objects.get().file_id} == set(kept.values_list("pk", flat=True))


def test_what_may_not_leave_any_more_is_not_kept_either(layout, as_, admin_a, specialist_a, monkeypatch):
    busy_month(admin_a.store, [specialist_a.employee], tasks=4)
    client = as_(admin_a)
    save_columns(client, layout)

    def refuse(*_args, **_more):
        raise RuleBroken("too many rows today", code="day_full")

    monkeypatch.setattr("crm_site.core.exports.leave", refuse)
    fill(client, layout)
    assert not FilledSheet.objects.exists()
    assert not StoredFile.objects.filter(purpose=StoredFile.Purpose.EXPORT).exists()
