"""The error workbook brought again: only its corrected rows are taken, and what was said of the first file holds."""

import io

import openpyxl
import pytest
from django.urls import reverse

from crm_site.accounts.models import Employee
from crm_site.files.actions import path_of
from crm_site.files.models import StoredFile
from crm_site.imports.actions import exports
from crm_site.imports.models import AppliedChunk, BatchState, ImportBatch, StagedRow
from crm_site.imports.workbook import mark, words
from crm_site.jobs import runner
from customers.models import RepairOrder
from tests.cast import make_person
from tests.customers import intake
from tests.factories import NOON
from tests.imports import sheets
from tests.imports.test_workbook import BAD, styled_book

pytestmark = pytest.mark.django_db


def error_workbook(person, batch, language="zh-hans") -> bytes:
    """The bytes of a batch's error workbook."""
    job = exports.ask_workbook(batch, language=language, by=person.employee, now=NOON)
    assert runner.run(job.pk) == "done"
    job.refresh_from_db()
    return path_of(StoredFile.objects.get(pk=job.result["file"])).read_bytes()


def corrected(content: bytes, **cells) -> bytes:
    """The workbook after somebody has opened it, changed cells of its first sheet and saved it."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for place, value in cells.items():
        book.worksheets[0][place] = value
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def verdicts(batch):
    return dict(StagedRow.objects.filter(batch=batch).values_list("row", "verdict"))


def reasons(batch):
    rows = StagedRow.objects.filter(batch=batch, verdict="skipped").order_by("row")
    return {row.row: row.findings[0]["code"] for row in rows}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_only_the_corrected_rows_are_taken(admin_a, language):
    first = sheets.write(admin_a, sheets.read(admin_a, styled_book()))
    again = sheets.read(admin_a, corrected(error_workbook(admin_a, first, language), F6="13800138004", G6="2024-02-28"))
    assert again.repair_of == first
    assert verdicts(again) == {3: "skipped", 4: "skipped", 5: "skipped", 6: "new"}
    assert reasons(again) == dict.fromkeys([3, 4, 5], "taken_before")
    sheets.write(admin_a, again)
    assert Employee.objects.get(number="E904").name == "赵六"


def test_the_summary_is_never_read_and_the_results_are_no_column(admin_a):
    first = sheets.write(admin_a, sheets.read(admin_a, styled_book()))
    again = sheets.read(admin_a, error_workbook(admin_a, first))
    assert [sheet["name"] for sheet in again.reading["sheets"] if sheet["state"] == "taken"] == ["员工 名单"]
    (taken,) = [sheet for sheet in again.reading["sheets"] if sheet["state"] == "taken"]
    assert dict(map(tuple, taken["columns"]))["导入结果"] == ""
    assert verdicts(again)[6] == "problem"


def test_a_row_that_was_in_with_a_doubt_is_looked_at_again(admin_a):
    rows = [[*sheets.ROSTER[0]], ["E905", "钱七", "男", "火星部", "服务顾问", "", "2024-01-01", "在职"]]
    first = sheets.write(admin_a, sheets.read(admin_a, sheets.roster(rows)))
    content = error_workbook(admin_a, first)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    told = {row: str(sheet.cell(row, 9).value) for row in (2, 3)}
    again = sheets.read(admin_a, content)
    assert {row: code == "skipped" for row, code in verdicts(again).items()} == {
        row: words.read_result(said) != "" for row, said in told.items()
    }


def test_before_the_first_import_is_written_all_its_rows_are_taken(admin_a):
    first = sheets.read(admin_a, styled_book())
    content = corrected(error_workbook(admin_a, first), F6="13800138004", G6="2024-02-28")
    assert set(verdicts(sheets.read(admin_a, content)).values()) == {"new"}
    sheets.write(admin_a, first)
    assert verdicts(sheets.read(admin_a, content)) == {3: "skipped", 4: "skipped", 5: "skipped", 6: "new"}


def test_after_an_undo_all_rows_are_taken_again(admin_a):
    first = sheets.write(admin_a, sheets.read(admin_a, styled_book()))
    content = error_workbook(admin_a, first)
    ImportBatch.objects.filter(pk=first.pk).update(state=BatchState.UNDONE)
    assert "skipped" not in verdicts(sheets.read(admin_a, content)).values()


def test_rows_may_be_sorted_deleted_and_added(admin_a):
    first = sheets.write(admin_a, sheets.read(admin_a, styled_book()))
    book = openpyxl.load_workbook(io.BytesIO(error_workbook(admin_a, first)))
    sheet = book.worksheets[0]
    sheet.delete_rows(4)
    sheet.append(["E906", "孙八", "女", "销售部", "销售顾问", "13800138006", "2024-05-01", "在职"])
    stream = io.BytesIO()
    book.save(stream)
    again = sheets.read(admin_a, stream.getvalue())
    assert verdicts(again) == {3: "skipped", 4: "skipped", 5: "problem", 6: "new"}


def test_what_was_said_of_the_first_file_holds(admin_a):
    first = sheets.write(admin_a, sheets.read(admin_a, styled_book(), historical=True))
    first.answers = {**first.answers, "columns": {"手机": ""}, "date_order": {"hired_on": "dmy"}}
    first.save(update_fields=["answers"])
    again = sheets.read(admin_a, error_workbook(admin_a, first))
    assert again.answers["columns"]["手机"] == ""
    assert again.answers["date_order"] == {"hired_on": "dmy"}
    assert again.historical


def test_another_stores_workbook_is_an_ordinary_file(admin_a, store_b):
    other = make_person(store_b, "admin", "别店管理员")
    first = sheets.write(admin_a, sheets.read(admin_a, styled_book()))
    again = sheets.read(other, error_workbook(admin_a, first))
    assert again.repair_of is None
    assert "skipped" not in verdicts(again).values()


def test_a_forged_mark_is_no_mark(tmp_path):
    book = openpyxl.Workbook()
    book.create_sheet("huifang-1-00000000")
    book.save(tmp_path / "a.xlsx")
    assert mark.find(tmp_path / "a.xlsx") is None
    book.create_sheet(mark.of(17))
    book.save(tmp_path / "b.xlsx")
    assert mark.find(tmp_path / "b.xlsx") == 17


def test_an_error_workbook_of_an_error_workbook_marks_only_what_is_still_bad(admin_a):
    first = sheets.write(admin_a, sheets.read(admin_a, styled_book(rows=(*sheets.ROSTER, BAD, ["E907", *BAD[1:]]))))
    again = sheets.read(admin_a, corrected(error_workbook(admin_a, first), F6="13800138004", G6="2024-02-28"))
    sheets.write(admin_a, again)
    book = openpyxl.load_workbook(io.BytesIO(error_workbook(admin_a, again)))
    assert book.sheetnames == ["员工 名单", "公式", "导入结果汇总", mark.of(again.pk)]
    sheet = book["员工 名单"]
    assert sheet.max_column == 9
    assert sheet["G6"].comment is None
    assert sheet["G6"].fill.fill_type is None
    assert sheet["I6"].value == "已导入"
    assert sheet["G7"].comment is not None


def test_saved_as_csv_it_is_an_ordinary_file_and_nothing_is_doubled(admin_a):
    first = sheets.write(admin_a, sheets.read(admin_a, styled_book()))
    sheet = openpyxl.load_workbook(io.BytesIO(error_workbook(admin_a, first))).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    again = sheets.read(admin_a, sheets.csv_text(rows).encode(), "员工.csv")
    assert again.repair_of is None
    assert again.counts["unchanged"] == 3


def test_the_preview_says_which_import_is_repaired(as_, admin_a):
    first = sheets.write(admin_a, sheets.read(admin_a, styled_book()))
    again = sheets.read(admin_a, error_workbook(admin_a, first))
    shown = as_(admin_a).get(reverse("imports:batch", args=[again.pk])).content.decode()
    assert f"这是批次 {first.pk} 的错误工作簿" in shown
    assert reverse("imports:batch", args=[first.pk]) in shown
    assert "导入结果汇总" not in shown
    assert mark.of(first.pk) not in shown


def test_a_large_error_workbook_is_taken_and_marked_again(admin_a, monkeypatch):
    monkeypatch.setattr("crm_site.imports.workbook.plan.LARGE_ROWS", 0)
    monkeypatch.delattr("crm_site.imports.workbook.rebuild.write")
    first = sheets.write(admin_a, sheets.read(admin_a, styled_book(rows=(*sheets.ROSTER, BAD, ["E907", *BAD[1:]]))))
    again = sheets.read(admin_a, corrected(error_workbook(admin_a, first), F6="13800138004", G6="2024-02-28"))
    assert again.repair_of == first
    assert verdicts(again) == {3: "skipped", 4: "skipped", 5: "skipped", 6: "new", 7: "problem"}
    sheets.write(admin_a, again)
    book = openpyxl.load_workbook(io.BytesIO(error_workbook(admin_a, again)))
    assert book.sheetnames == ["员工 名单", "公式", "导入结果汇总", mark.of(again.pk)]
    sheet = book["员工 名单"]
    assert sheet.max_column == 9
    assert sheet["G6"].fill.fill_type is None
    assert sheet["I6"].value == "已导入"
    assert sheet["I7"].value.startswith("未导入")


def test_rows_that_waited_and_were_not_written_after_all_are_taken(admin_a):
    first = sheets.read(admin_a, styled_book())
    content = error_workbook(admin_a, first)
    Employee.objects.create(store=admin_a.store, number="E902", name="别人")
    first = sheets.write(admin_a, first)
    assert verdicts(first)[4] == "conflict"
    assert first.counts["left"] == 1
    assert verdicts(sheets.read(admin_a, content))[4] != "skipped"


@pytest.mark.parametrize("state", [BatchState.APPLYING, BatchState.UNDOING])
def test_while_the_first_import_is_at_work_all_rows_are_compared_anew(admin_a, state):
    first = sheets.read(admin_a, styled_book())
    content = error_workbook(admin_a, first)
    ImportBatch.objects.filter(pk=first.pk).update(state=state)
    assert "skipped" not in verdicts(sheets.read(admin_a, content)).values()


def test_after_half_an_undo_all_rows_are_compared_anew(admin_a):
    first = sheets.write(admin_a, sheets.read(admin_a, styled_book()))
    content = error_workbook(admin_a, first)
    AppliedChunk.objects.filter(batch=first).update(undone=True)
    assert "skipped" not in verdicts(sheets.read(admin_a, content)).values()


def test_a_corrected_line_of_an_order_comes_together_with_the_order(admin_a):
    order = {"工单号": "RO1", "开单时间": "2026-09-10", "VIN": "LSVAA4180E2000019", "工时费": 100, "维修项目": "甲"}
    bad = {**order, "开单时间": "不知", "工时费": 50, "维修项目": "乙"}
    last = {**order, "工时费": 25, "维修项目": "丙"}
    first = intake.take_in(admin_a, list(order), order, bad, last)
    assert verdicts(first) == {2: "new", 3: "problem", 4: "skipped"}
    again = sheets.read(admin_a, corrected(error_workbook(admin_a, first), B3="2026-09-10"))
    assert verdicts(again) == {2: "changed", 3: "skipped", 4: "skipped"}
    sheets.write(admin_a, again)
    assert RepairOrder.objects.get().labour_fee == 175
