"""The error workbook: the user's own file with red cells, reasons, results and a summary; whatever the format was."""

import io

import openpyxl
import pytest
from django.urls import reverse
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from crm_site.audit.models import Entry
from crm_site.files.actions import path_of
from crm_site.files.models import StoredFile
from crm_site.imports.actions import exports
from crm_site.imports.workbook.ink import COLOURS
from crm_site.jobs import runner
from crm_site.jobs.models import State
from tests.factories import NOON
from tests.imports import sheets

pytestmark = pytest.mark.django_db
BAD = ["E904", "赵六", "男", "车间", "机电技师", "123", "2024/2/30", "在职"]


def styled_book(rows=(*sheets.ROSTER, BAD)):
    """A workbook as people make them: a title, widths, frozen panes, a merged cell, formats, formulas, two sheets."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "员工 名单"
    sheet.append(["某某汽车销售服务有限公司"])
    sheet.merge_cells("A1:H1")
    sheet.append(sheets.EMPLOYEE_HEADER)
    for row in rows:
        sheet.append(row)
    sheet.column_dimensions["B"].width = 33
    sheet.row_dimensions[2].height = 30
    sheet.freeze_panes = "C3"
    sheet["A2"].font = Font(bold=True, color="FF336699")
    sheet["B3"].fill = PatternFill("solid", fgColor="FFCCEECC")
    sheet["F4"].number_format = "0"
    sheet["B4"].comment = Comment("老员工", "我")
    notes = book.create_sheet("公式")
    notes["A1"] = "=1+1"
    notes["A2"] = "随便写"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def workbook_of(person, batch, language="zh-hans"):
    """The error workbook of a batch, built by its job and opened."""
    job = exports.ask_workbook(batch, language=language, by=person.employee, now=NOON)
    assert runner.run(job.pk) == "done"
    job.refresh_from_db()
    stored = StoredFile.objects.get(pk=job.result["file"])
    return openpyxl.load_workbook(path_of(stored).open("rb"))


def colour(cell):
    return {value: kind for kind, value in COLOURS.items()}.get(cell.fill.fgColor.rgb)


def test_it_is_the_users_own_file_with_its_errors_marked(admin_a):
    book = workbook_of(admin_a, sheets.read(admin_a, styled_book()))
    assert book.sheetnames[:3] == ["员工 名单", "公式", "导入结果汇总"]
    sheet = book["员工 名单"]
    assert [cell.value for cell in sheet[2]][:8] == sheets.EMPLOYEE_HEADER
    assert sheet.column_dimensions["B"].width == 33
    assert sheet.row_dimensions[2].height == 30
    assert sheet.freeze_panes == "C3"
    assert [str(span) for span in sheet.merged_cells.ranges] == ["A1:H1"]
    assert sheet["A2"].font.b
    assert sheet["B3"].fill.fgColor.rgb == "FFCCEECC"
    assert sheet["F4"].number_format == "0"
    assert sheet["F4"].value == 13800138002
    assert sheet["B4"].comment.text == "老员工"
    assert book["公式"]["A1"].value == "=1+1"


def test_bad_cells_are_red_and_say_why_and_what_became_of_each_row(admin_a):
    sheet = workbook_of(admin_a, sheets.read(admin_a, styled_book()))["员工 名单"]
    assert sheet["I2"].value == "导入结果"
    assert sheet["I2"].font.b is sheet["H2"].font.b
    assert sheet["I3"].value == "待写入"
    assert colour(sheet["G6"]) == "bad"
    assert "没有这一天" in sheet["G6"].comment.text
    assert sheet["I6"].value.startswith("未导入：")
    assert colour(sheet["I6"]) == "bad"
    assert sheet["G6"].value == "2024/2/30"
    assert colour(sheet["G5"]) is None


def test_after_writing_the_rows_say_that_they_are_in(admin_a):
    batch = sheets.write(admin_a, sheets.read(admin_a, styled_book()))
    sheet = workbook_of(admin_a, batch)["员工 名单"]
    assert sheet["I3"].value == "已导入"
    assert sheet["I6"].value.startswith("未导入：")


def test_the_summary_lists_every_reason_with_a_link_to_its_cell(admin_a):
    book = workbook_of(admin_a, sheets.read(admin_a, styled_book()))
    summary = book["导入结果汇总"]
    assert book.active.title == summary.title
    lines = [[cell.value for cell in row] for row in summary.iter_rows()]
    head = next(number for number, line in enumerate(lines) if line[0] == "工作表")
    found = {(line[0], line[1], line[2]): line[3:] for line in lines[head + 1 :]}
    assert ("员工 名单", 6, "手机") in found  # the title that the user's own column has
    value, reason = found["员工 名单", 6, "入职日期"]
    assert value == "2024/2/30"
    assert reason
    links = [cell.hyperlink.location for row in summary.iter_rows() for cell in row if cell.hyperlink]
    assert "'员工 名单'!G6" in links


def test_what_we_write_is_typed_text(admin_a):
    rows = [["E904", "=cmd|' /C calc'!A0", "男", "车间", "机电技师", "=1+1", "+bad", "在职"]]
    content = sheets.csv_text([sheets.EMPLOYEE_HEADER, *rows]).encode()
    book = workbook_of(admin_a, sheets.read(admin_a, content, "员工.csv"))
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n"}


@pytest.mark.parametrize(("language", "word"), [("zh-hans", "未导入"), ("en", "Not imported")])
def test_it_speaks_the_readers_language(admin_a, language, word):
    sheet = workbook_of(admin_a, sheets.read(admin_a, styled_book()), language)["员工 名单"]
    assert sheet["I6"].value.startswith(word)


@pytest.mark.parametrize(("name", "encoding"), [("员工.csv", "gb18030"), ("员工.xls", "utf-8"), ("员工.csv", "utf-16")])
def test_text_files_become_a_workbook_with_the_same_texts(admin_a, name, encoding):
    long = "20241234567890123456"
    rows = [["E901", "李明", "男", "车间", "技师", "13800138001", "2024.3.5", "在职", long, "007"], [*BAD, long, ""]]
    content = sheets.csv_text([[*sheets.EMPLOYEE_HEADER, "备注", "编码"], *rows]).encode(encoding)
    book = workbook_of(admin_a, sheets.read(admin_a, content, name))
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[2]][:10] == rows[0]
    assert colour(sheet["G3"]) == "bad"
    assert sheet["K3"].value.startswith("未导入")


@pytest.fixture
def large(monkeypatch):
    """Every workbook counts as a large one, and may not be rebuilt."""
    monkeypatch.setattr("crm_site.imports.workbook.plan.LARGE_ROWS", 0)
    monkeypatch.delattr("crm_site.imports.workbook.rebuild.write")


def test_a_large_workbook_is_spliced_and_keeps_its_looks(admin_a, large):
    book = workbook_of(admin_a, sheets.read(admin_a, styled_book()))
    sheet = book["员工 名单"]
    assert book.sheetnames[:3] == ["员工 名单", "公式", "导入结果汇总"]
    assert sheet.column_dimensions["B"].width == 33
    assert sheet.row_dimensions[2].height == 30
    assert sheet.freeze_panes == "C3"
    assert [str(span) for span in sheet.merged_cells.ranges] == ["A1:H1"]
    assert sheet["A2"].font.b
    assert sheet["B3"].fill.fgColor.rgb == "FFCCEECC"
    assert sheet["F4"].number_format == "0"
    assert sheet["F4"].value == 13800138002
    assert book["公式"]["A1"].value == "=1+1"
    assert [cell.value for cell in sheet[6]][:8] == BAD


def test_a_large_workbook_has_its_errors_marked(admin_a, large):
    rows = [*sheets.ROSTER, BAD, ["E908", None, "男"]]
    book = workbook_of(admin_a, sheets.read(admin_a, styled_book(rows)))
    sheet = book["员工 名单"]
    assert sheet["I2"].value == "导入结果"
    assert sheet["I2"].font.b is sheet["H2"].font.b
    assert sheet["I3"].value == "待写入"
    assert colour(sheet["G6"]) == "bad"
    assert sheet["G6"].comment.text
    assert colour(sheet["B7"]) == "bad"  # a cell that the file does not have
    assert sheet["I7"].value.startswith("未导入：")
    assert colour(sheet["G5"]) is None


def test_a_file_that_openpyxl_cannot_open_is_rebuilt(admin_a, monkeypatch):
    monkeypatch.setattr("crm_site.imports.workbook.building.CHILD", "crm_site.imports.workbook.nothing")
    book = workbook_of(admin_a, sheets.read(admin_a, styled_book()))
    assert colour(book["员工 名单"]["G6"]) == "bad"


def test_from_the_button_to_the_download(as_, admin_a):
    client, batch = as_(admin_a), sheets.read(admin_a, styled_book())
    shown = client.get(reverse("imports:batch", args=[batch.pk])).content.decode()
    assert reverse("imports:ask_workbook", args=[batch.pk]) in shown
    answer = client.post(reverse("imports:ask_workbook", args=[batch.pk]))
    page = reverse("imports:workbook", args=[batch.pk])
    assert answer.url == page
    assert "hx-get" in client.get(page).content.decode()
    job = exports.workbook_job(batch, language="zh-hans", now=NOON) or _latest()
    runner.run(job.pk)
    assert client.get(reverse("imports:workbook_progress", args=[batch.pk]))["HX-Refresh"] == "true"
    stored = StoredFile.objects.get(purpose="errors")
    assert reverse("files:download", args=[stored.pk]) in client.get(page).content.decode()
    fetched = client.post(reverse("files:download", args=[stored.pk]))
    assert fetched.status_code == 200
    assert "spreadsheetml" in fetched["Content-Type"]
    assert list(Entry.objects.filter(action__in=["import.errors_exported", "file.fetched"]).values_list("action"))


def _latest():
    from crm_site.jobs.models import Job

    return Job.objects.filter(kind=exports.WORKBOOK).latest("pk")


def test_a_stranger_reaches_neither_page_nor_file(as_, admin_a, stranger_b, specialist_a):
    batch = sheets.read(admin_a, styled_book())
    job = exports.ask_workbook(batch, language="zh-hans", by=admin_a.employee, now=NOON)
    runner.run(job.pk)
    stored = StoredFile.objects.get(purpose="errors")
    assert as_(stranger_b).post(reverse("imports:ask_workbook", args=[batch.pk])).status_code == 404
    assert as_(stranger_b).post(reverse("files:download", args=[stored.pk])).status_code == 404
    assert as_(specialist_a).post(reverse("files:download", args=[stored.pk])).status_code == 403


def test_a_second_request_finds_the_first_workbook(admin_a):
    batch = sheets.read(admin_a, styled_book())
    first, second = (exports.ask_workbook(batch, language="en", by=admin_a.employee, now=NOON) for _ in range(2))
    assert first.pk == second.pk
    written = sheets.write(admin_a, batch)
    assert exports.ask_workbook(written, language="en", by=admin_a.employee, now=NOON).pk != first.pk


def test_without_its_file_there_is_no_workbook(admin_a):
    batch = sheets.read(admin_a, styled_book())
    job = exports.ask_workbook(batch, language="en", by=admin_a.employee, now=NOON)
    path_of(batch.file).unlink()
    assert runner.run(job.pk) == "failed"
    job.refresh_from_db()
    assert job.state == State.FAILED
    assert job.error == "file_gone"
