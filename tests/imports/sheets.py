"""Spreadsheets made on the fly: workbooks, CSV in any encoding, and the batch that an upload of one makes."""

import csv
import io
import uuid

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile

from crm_site.imports.actions import batches as actions
from crm_site.jobs import runner
from tests.factories import NOON

EMPLOYEE_HEADER = ["工号", "姓名", "性别", "部门", "岗位", "手机", "入职日期", "在职状态"]
ROSTER = [
    ["E901", "李明", "男", "售后服务部", "服务顾问", "138 0013 8001", "2024.3.5", "在职"],
    ["E902", "欧阳娜娜", "女", "销售部", "销售顾问", 13800138002, "2023年11月20日", "在职"],
    ["E903", "张 三", "男", "车间", "机电技师", "", "20220101", "离职"],
]


def workbook(*sheets, merged=(), hidden=()) -> bytes:
    """An xlsx file: each sheet is (title, rows); `merged` ranges on the first, `hidden` titles."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        if title in hidden:
            sheet.sheet_state = "hidden"
    for span in merged:
        book.worksheets[0].merge_cells(span)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def roster(rows=ROSTER, header=EMPLOYEE_HEADER) -> bytes:
    """A workbook of employees."""
    return workbook(("员工", [header, *rows]))


def csv_text(rows) -> str:
    """Rows as CSV."""
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows(rows)
    return stream.getvalue()


def bring(person, content: bytes, name="员工.xlsx", layout="", historical=False):
    """Upload a file as a person; gives the batch, unread."""
    return actions.upload(
        SimpleUploadedFile(name, content),
        store=person.store,
        layout=layout,
        by=person.employee,
        submission=uuid.uuid4(),
        historical=historical,
        now=NOON,
    )


def read(person, content: bytes, name="员工.xlsx", layout="", historical=False):
    """Upload a file and have it read."""
    batch = bring(person, content, name, layout, historical)
    runner.run(batch.stage_job_id)
    batch.refresh_from_db()
    return batch


def write(person, batch):
    """Confirm a read batch and have it written."""
    actions.confirm(batch.pk, by=person.employee, now=NOON)
    batch.refresh_from_db()
    runner.run(batch.apply_job_id)
    batch.refresh_from_db()
    return batch
