"""The gallery of files: every kind is read or refused with a reason, none is guessed at, no hidden row is taken."""

import io
import zipfile
from pathlib import Path

import pytest

from crm_site.imports.models import BatchState, StagedRow, Verdict
from crm_site.imports.reading import reader
from tests.imports import sheets

pytestmark = pytest.mark.django_db
ODD = Path(__file__).resolve().parents[3] / "shared/data/xlsx-odd"
HEADER, ROWS = sheets.EMPLOYEE_HEADER, sheets.ROSTER
LINES = [HEADER, *[[str(cell) for cell in row] for row in ROWS]]


def html(lines) -> str:
    rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in line) + "</tr>" for line in lines)
    return f"<html><head><meta charset='utf-8'></head><body><table>{rows}</table></body></html>"


def bomb() -> bytes:
    """A small archive that says it unpacks to a gigabyte."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(700):
                part.write(bytes(1024 * 1024))
    return stream.getvalue()


def names(batch) -> list[str]:
    rows = StagedRow.objects.filter(batch=batch, verdict=Verdict.NEW).order_by("pk")
    return [row.clean["name"] for row in rows]


READABLE = {
    "xlsx": sheets.roster(),
    "csv-utf8": sheets.csv_text(LINES).encode(),
    "csv-bom": sheets.csv_text(LINES).encode("utf-8-sig"),
    "csv-gbk": sheets.csv_text(LINES).encode("gbk"),
    "csv-utf16": sheets.csv_text(LINES).encode("utf-16"),
    "csv-utf16-bare": sheets.csv_text(LINES).encode("utf-16-le"),
    "tsv-gb18030": "\n".join("\t".join(line) for line in LINES).encode("gb18030"),
    "html-as-xls": html(LINES).encode(),
    "html-gbk": html(LINES).replace("utf-8", "gb2312").encode("gbk"),
}


@pytest.mark.parametrize("kind", READABLE)
def test_the_content_decides_not_the_name(admin_a, kind):
    batch = sheets.read(admin_a, READABLE[kind], name="明细.xls")
    assert (batch.state, batch.refusal) == (BatchState.PREVIEW, "")
    assert names(batch) == ["李明", "欧阳娜娜", "张三"]


REFUSED = {
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(200), "not_a_spreadsheet"),
    "pdf": (b"%PDF-1.7\n" + bytes(200), "not_a_spreadsheet"),
    "cut": (sheets.roster()[:-300], "damaged"),
    "zip": (sheets.workbook(("x", [["a"]])).replace(b"xl/", b"zz/").replace(b"[Content", b"[Kontent"), "archive"),
    "gzip": (b"\x1f\x8b\x08" + bytes(50), "archive"),
    "html-without-table": (b"<html><body>sign in</body></html>", "not_a_spreadsheet"),
    "mac-roman": ("工号,姓名\n".encode() [:4] + "ÄÖÜ,é\nàè,ñ\n".encode("mac-roman") * 20, "encoding"),
    "no-header": (sheets.workbook(("x", [["一", "二"], [1, 2]])), "no_header"),
    "no-rows": (sheets.roster([]), "no_rows"),
    "empty-sheet": (sheets.workbook(("x", [])), "no_rows"),
    "missing": (sheets.roster(header=["员工", *HEADER[1:]]), "missing_columns"),
    "hidden": (sheets.workbook(("a", []), ("员工", LINES), hidden=["员工"]), "no_rows"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_a_wrong_file_is_refused_with_its_reason(as_, admin_a, kind):
    content, code = REFUSED[kind]
    batch = sheets.read(admin_a, content)
    assert (batch.state, batch.refusal) == (BatchState.REFUSED, code)
    assert not StagedRow.objects.filter(batch=batch).exists()
    assert as_(admin_a).get(f"/imports/{batch.pk}/").status_code == 200


def test_a_bomb_is_not_unpacked(admin_a):
    assert sheets.read(admin_a, bomb(), name="明细.xlsx").refusal == "too_heavy"


def test_missing_columns_are_named(as_, admin_a):
    batch = sheets.read(admin_a, REFUSED["missing"][0])
    assert batch.refusal_detail == {"layout": "employees", "missing": ["number"]}
    assert "工号" in as_(admin_a).get(f"/imports/{batch.pk}/").content.decode()


def test_titles_hints_sums_and_repeated_headers_are_no_records(admin_a):
    hint = ["必填", "必填", "选填", "选填", "选填", "选填", "选填", "必填"]
    lines = [
        ["渝北一店汽车销售服务有限公司"],
        ["说明：红色为必填项，日期写成 2024-03-05"],
        ["* 工号", "姓名（必填）", "性 别", "部门", "岗位", "手机", "入职日期", "在职状态"],
        hint,
        ROWS[0],
        ["小计", "", "", "", "", "", "", "1"],
        ["* 工号", "姓名（必填）", "性 别", "部门", "岗位", "手机", "入职日期", "在职状态"],
        ROWS[1],
        ["记录数:2"],
    ]
    batch = sheets.read(admin_a, sheets.workbook(("员工", lines)))
    assert names(batch) == ["李明", "欧阳娜娜"]
    skipped = StagedRow.objects.filter(batch=batch, verdict=Verdict.SKIPPED).order_by("row")
    assert [(row.row, row.findings[0]["code"]) for row in skipped] == [(6, "total"), (7, "header_again"), (9, "total")]


def test_a_header_of_two_merged_lines_is_read(admin_a):
    upper = ["工号", "基本信息", "", "岗位信息", "", "联系方式", "", ""]
    lower = ["", "姓名", "性别", "部门", "岗位", "手机", "入职日期", "在职状态"]
    content = sheets.workbook(("员工", [upper, lower, *ROWS]), merged=["A1:A2", "B1:C1", "D1:E1", "F1:H1"])
    batch = sheets.read(admin_a, content)
    assert names(batch) == ["李明", "欧阳娜娜", "张三"]
    assert batch.reading["sheets"][0]["columns"][1] == ["基本信息 ▸ 姓名", "name"]


def test_several_sheets_are_taken_hidden_and_strange_ones_are_not(admin_a):
    other = [["E904", "王五", "男", "配件部", "配件员", "", "", "在职"]]
    content = sheets.workbook(
        ("一月", LINES), ("二月", [HEADER, *other]), ("汇总", [["人数"], [4]]), ("旧", LINES), hidden=["旧"]
    )
    batch = sheets.read(admin_a, content)
    assert names(batch) == ["李明", "欧阳娜娜", "张三", "王五"]
    states = {sheet["name"]: sheet["state"] for sheet in batch.reading["sheets"]}
    assert states == {"一月": "taken", "二月": "taken", "汇总": "ignored", "旧": "hidden"}


def test_refused_and_repeated_rows_do_not_stop_the_others(admin_a):
    lines = [
        ROWS[0],
        ["", "无工号", "", "", "", "", "", ""],
        ["E905", "赵六", "男", "", "", "", "2024/2/30", "在职"],
        ROWS[0],
        ["E901", "李明", "女", "", "", "", "", ""],
        ROWS[1],
    ]
    batch = sheets.read(admin_a, sheets.roster(lines))
    found = {row.row: (row.verdict, [one["code"] for one in row.findings]) for row in StagedRow.objects.all()}
    assert found[3] == (Verdict.PROBLEM, ["required"])
    assert found[4] == (Verdict.PROBLEM, ["date_impossible"])
    assert found[5] == (Verdict.SKIPPED, ["same_row"])
    assert found[6] == (Verdict.PROBLEM, ["key_twice"])
    assert names(batch) == ["李明", "欧阳娜娜"]


def test_long_numbers_and_dates_of_the_workbook_keep_their_meaning(admin_a):
    from datetime import date, datetime

    lines = [["00123", "周一", "", "", "", 13800138002.0, date(2024, 3, 5), ""],
             ["E2", "周二", "", "", "", "", datetime(2024, 3, 5, 8, 30), ""],
             [12345678901234567, "周三", "", "", "", "", 45356, ""]]  # fmt: skip
    batch = sheets.read(admin_a, sheets.roster(lines))
    rows = list(StagedRow.objects.filter(batch=batch).order_by("row"))
    assert rows[0].clean["number"] == "00123"
    assert rows[0].clean["phone"] == ["13800138002"]
    assert [row.clean["hired_on"] for row in rows] == ["2024-03-05"] * 3
    assert rows[2].findings[0]["code"] == "number_rounded"


@pytest.mark.skipif(not ODD.exists(), reason="the corpus of odd workbooks is not here")
@pytest.mark.parametrize("path", sorted(ODD.glob("*.xls*")) if ODD.exists() else [], ids=lambda path: path.name[:40])
def test_every_odd_workbook_is_taken_or_refused(as_, admin_a, path):
    batch = sheets.read(admin_a, path.read_bytes(), name=path.name)
    assert batch.state in {BatchState.REFUSED, BatchState.PREVIEW}
    assert as_(admin_a).get(f"/imports/{batch.pk}/").status_code == 200
    if "pass" in path.name:
        assert batch.refusal == "encrypted"


def test_a_reader_that_dies_is_a_refusal(admin_a, monkeypatch, tmp_path):
    dying = tmp_path / "child.py"
    dying.write_text("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    monkeypatch.setattr(reader, "CHILD", dying)
    assert sheets.read(admin_a, sheets.roster()).refusal == "too_heavy"
