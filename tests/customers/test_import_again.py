"""The same file again writes nothing: renamed, written by another program, or in another spelling (T12, T13)."""

import csv
import io
from html import escape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm_site.accounts.models import Employee
from crm_site.core.errors import RuleBroken
from crm_site.imports.models import AppliedChunk, StagedRow
from tests.customers import intake, tables
from tests.customers.intake import (
    CUSTOMER,
    CUSTOMERS,
    DELIVERIES,
    DELIVERY,
    ORDER,
    ORDER_BY_VIN,
    ORDERS,
    ORDERS_BY_VIN,
    OTHER_VIN,
)
from tests.imports import sheets

pytestmark = pytest.mark.django_db

FILES = {
    "customers": [CUSTOMERS, CUSTOMER, {**CUSTOMER, "客户编号": "K2", "客户名称": "李四", "手机": "13900139001",
                                        "车架号(VIN)": OTHER_VIN}],
    "deliveries": [DELIVERIES, DELIVERY, {**DELIVERY, "客户姓名": "李四", "联系电话": "13900139001",
                                          "车架号": OTHER_VIN}],
    "orders": [ORDERS, ORDER, {**ORDER, "工单号": "RO2", "VIN": OTHER_VIN, "车主": "王五", "送修人": None}],
    "orders by VIN": [ORDERS_BY_VIN, ORDER_BY_VIN, {**ORDER_BY_VIN, "工单号": "RO10"}],
}  # fmt: skip


def by_html(rows) -> bytes:
    """As dealer systems write what they call .xls."""
    cells = ("".join(f"<td>{escape(str('' if cell is None else cell))}</td>" for cell in row) for row in rows)
    lines = "".join(f"<tr>{line}</tr>" for line in cells)
    return f"<html><head><meta charset=utf-8></head><body><table>{lines}</table></body></html>".encode()


def by_csv(rows) -> bytes:
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    return stream.getvalue().encode("gb18030")


WRITERS = {
    "the same": lambda rows: sheets.workbook(("表", rows)),
    "another program": by_html,
    "as text": by_csv,
}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("name", FILES)
def test_the_same_file_again_writes_nothing(admin_a, name, writer):
    header, *rows = FILES[name]
    intake.take_in(admin_a, header, *rows)
    before = tables.rows()
    content = WRITERS[writer](intake.table(header, *rows))
    batch = sheets.read(admin_a, content, name="又一次.xls")
    assert batch.counts["unchanged"] == len(rows) == batch.counts["rows"]
    with CaptureQueriesContext(connection) as queries, pytest.raises(RuleBroken):
        sheets.write(admin_a, batch)
    assert not [query for query in queries if "customers_" in query["sql"] and "SELECT" not in query["sql"]]
    assert tables.rows() == before
    assert not AppliedChunk.objects.filter(batch=batch).exists()


SPELLINGS = {
    "deliveries": (DELIVERIES, DELIVERY, {"车架号": " lsvaa4180e 2000017", "联系电话": "0086-138 0013 8001",
                                          "交车日期": "2026年9月13日", "成交价": "¥168800.00", "客户姓名": "张　三"}),
    "orders": (ORDERS, ORDER, {"VIN": "ＬＳＶＡＡ４１８０Ｅ２００００１７", "送修人电话": "+86 139-0013-9001",
                               "进厂里程": "38,420km", "开单时间": "2026/9/10", "合计金额": "1,286.00"}),
}  # fmt: skip


@pytest.mark.parametrize("name", SPELLINGS)
def test_another_spelling_makes_no_second_row(admin_a, name):
    header, row, spelling = SPELLINGS[name]
    intake.take_in(admin_a, header, row)
    batch = intake.look(admin_a, header, {**row, **spelling})
    assert intake.verdicts(batch) == ["unchanged"], list(
        StagedRow.objects.filter(batch=batch).values("changes", "findings")
    )


def test_the_roster_again_changes_nobody(admin_a):
    sheets.write(admin_a, sheets.read(admin_a, sheets.roster()))
    before = tables.rows(), Employee.objects.count()
    rows = [
        [" e901 ", "李　明", "男", "售后服务部", "服务顾问", "+86 13800138001", "2024年3月5日", "在职"],
        *sheets.ROSTER[1:],
    ]
    batch = sheets.read(admin_a, sheets.roster(rows))
    assert batch.counts["unchanged"] == 3
    assert (tables.rows(), Employee.objects.count()) == before
