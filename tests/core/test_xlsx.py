"""Workbooks and CSV files: typed text, no formula, equal bytes, reopened to be believed."""

import io
import time
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from crm_site.core import xlsx
from crm_site.core.xlsx import Column, Sheet
from tests.core import vectors

CREATED = datetime(2026, 11, 1, 0, 2, tzinfo=UTC)
PAYLOADS = [
    "=1+1", "+1", "-1+cmd", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x", " =1", "\x07=1", "\u200b=1",
    "#N/A", "=cmd|' /C calc'!A0",
]  # fmt: skip


def reopened(texts):
    data = xlsx.workbook_bytes([Sheet("名单", [Column("姓名")], [[text] for text in texts])], created=CREATED)
    return [row[0] for row in load_workbook(io.BytesIO(data)).active.iter_rows(min_row=2)]


def test_text_is_typed_text_whatever_it_says():
    cells = reopened(PAYLOADS)
    assert [cell.value for cell in cells] == [xlsx.clean(text).replace("\r", "\n") for text in PAYLOADS]
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.quotePrefix for cell, text in zip(cells, PAYLOADS, strict=True) if text != "#N/A")


@pytest.mark.parametrize("text", [payload for payload in PAYLOADS if payload not in ("+1", "#N/A", "\x07=1")])
def test_csv_cells_are_defused_and_can_be_read_back(text):
    defused = xlsx.defuse(text)
    assert defused == f"'{text}"
    assert xlsx.undefuse(defused) == text


@pytest.mark.parametrize("plain", ["张三", "-12.5", "+8", "", "'quoted'"])
def test_harmless_text_stays(plain):
    assert xlsx.defuse(plain) == plain
    assert xlsx.undefuse(plain) == plain


def test_a_csv_begins_with_its_mark_and_is_utf8():
    data = xlsx.csv_bytes(["姓名", Column("金额", "money")], [["=1", Decimal("1.50")], [None, date(2026, 1, 2)]])
    assert data.decode("utf-8-sig").splitlines() == ["姓名,金额", "'=1,1.50", ",2026-01-02"]
    assert data.startswith(b"\xef\xbb\xbf")


def test_equal_input_gives_equal_bytes():
    sheets = [Sheet("a", [Column("b"), Column("c", "int")], [["x", 1]], notes=["n"], total_rows=1)]
    first = xlsx.workbook_bytes(sheets, created=CREATED, title="t")
    time.sleep(2.1)  # zip dates have two-second steps
    assert xlsx.workbook_bytes(sheets, created=CREATED, title="t") == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {member.date_time for member in archive.infolist()} == {(2026, 11, 1, 8, 2, 0)}


def test_figures_and_days_keep_their_type():
    columns = [Column("n", "int"), Column("m", "money"), Column("d", "date"), Column("t", "datetime")]
    data = xlsx.workbook_bytes([Sheet("s", columns, [[3, Decimal("1.5"), date(2026, 1, 2), CREATED]])], created=CREATED)
    row = next(load_workbook(io.BytesIO(data)).active.iter_rows(min_row=2, values_only=True))
    assert row == (3, 1.5, datetime(2026, 1, 2), datetime(2026, 11, 1, 8, 2))


def test_a_sheet_title_that_excel_refuses_is_mended():
    data = xlsx.workbook_bytes([Sheet("一/二:[三]" + "长" * 40, [Column("a")], [])], created=CREATED)
    assert load_workbook(io.BytesIO(data)).sheetnames[0].startswith("一 二")


def test_outside_payloads_stay_text():
    payloads = [line for line in vectors.path("formula-injection/csv-payload.txt").read_text().splitlines() if line]
    assert [cell.value for cell in reopened(payloads)] == payloads
    assert all(xlsx.defuse(payload)[0] == "'" for payload in payloads if payload[0] in "=+-@")


def test_outside_naughty_strings_survive():
    import json

    strings = [xlsx.clean(text) for text in json.loads(vectors.path("blns/blns.json").read_text())]
    cells = reopened(strings)
    assert [cell.value or "" for cell in cells] == [text.replace("\r", "\n") for text in strings]
