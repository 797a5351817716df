"""Files that no spreadsheet program writes: numbers that are none, NULs, endless or equal sheet names, broken parts."""

import io
import re
import zipfile

import pytest

from crm_site.imports.models import BatchState, StagedRow
from tests.customers import intake
from tests.imports import sheets

pytestmark = pytest.mark.django_db

#: a number that stands nowhere else
PLACE = 987654


def orders(**values) -> bytes:
    return sheets.workbook(("表", intake.table(intake.ORDERS, {**intake.ORDER, **values})))


def edited(content: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """The workbook with one part changed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as after:
        for member in before.infolist():
            inside = before.read(member)
            if member.filename == part:
                assert re.search(old, inside)
                inside = re.sub(old, new, inside, count=1)
            after.writestr(member.filename, inside)
    return stream.getvalue()


@pytest.mark.parametrize("number", [b"NaN", b"1e999", b"-inf"])
@pytest.mark.parametrize("title", ["工单号", "开单时间", "送修人电话", "进厂里程", "合计金额", "维修项目"])
def test_a_number_that_is_none_is_a_failed_formula(admin_a, title, number):
    place = f"<v>{PLACE}</v>".encode()
    content = edited(orders(**{title: PLACE}), "xl/worksheets/sheet1.xml", place, b"<v>" + number + b"</v>")
    batch = sheets.read(admin_a, content)
    (row,) = StagedRow.objects.filter(batch=batch)
    assert ("cell_error", "#NUM!") in {(one["code"], one["value"]) for one in row.findings}


def test_a_nul_far_down_in_a_text_is_said_and_holds_nothing_up(admin_a):
    rows = [[f"E{n:05d}", f"李明{n}", "男", "车间", "机电技师", "", "2024-03-05", "在职"] for n in range(3000)]
    written = sheets.csv_text([sheets.EMPLOYEE_HEADER, *rows]).replace("李明2999", "李\x00明2999")
    batch = sheets.read(admin_a, written.encode(), "员工.csv")
    assert batch.counts["rows"] == 3000
    assert "odd_signs" in {one["code"] for one in batch.reading["findings"]}


def test_sheets_of_endless_names_are_told_apart(admin_a):
    second = {**intake.ORDER, "工单号": "RO2"}
    content = sheets.workbook(
        ("甲", intake.table(intake.ORDERS, intake.ORDER)), ("乙", intake.table(intake.ORDERS, second))
    )
    for name in ("甲", "乙"):
        content = edited(content, "xl/workbook.xml", f'name="{name}"'.encode(), f'name="{"长" * 70}{name}"'.encode())
    batch = sheets.read(admin_a, content)
    assert batch.counts["new"] == 2
    assert len({sheet["name"] for sheet in batch.reading["sheets"]}) == 2


def test_two_sheets_of_one_name_are_no_workbook(admin_a):
    table = intake.table(intake.ORDERS, intake.ORDER)
    content = edited(
        sheets.workbook(("甲", table), ("乙", table)), "xl/workbook.xml", 'name="乙"'.encode(), 'name="甲"'.encode()
    )
    assert sheets.read(admin_a, content).refusal == "damaged"


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_a_part_that_cannot_be_unpacked_refuses_the_file(admin_a, part, method):
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(orders())) as before, zipfile.ZipFile(stream, "w", method) as after:
        for member in before.infolist():
            after.writestr(member.filename, before.read(member))
        start = after.getinfo(part).header_offset + 30 + len(part)
    content = bytearray(stream.getvalue())
    content[start + 4 : start + 60] = b"\xff" * 56
    assert sheets.read(admin_a, bytes(content)).state == BatchState.REFUSED
