"""Large workbooks are marked in their own markup: texts by number, formulas with values, other programs' habits."""

import io
import json
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from crm_site.imports.reading import reader
from crm_site.imports.workbook.ink import Ink
from crm_site.imports.workbook.splicing import splice

pytestmark = pytest.mark.long

ODD = sorted((Path(__file__).parents[3] / "shared" / "data" / "xlsx-odd").glob("*.xlsx"))
SUMMARY = {"title": "汇总", "lines": [["汇总"], []], "head": ["a", "b", "c", "d", "e"], "widths": [9] * 5}


def spliced(content: bytes, folder: Path, name: str, marks: list[dict], column: int = 4) -> Path:
    """A workbook marked by hand."""
    (folder / "in.xlsx").write_bytes(content)
    sheet = {"name": name, "title": name, "header": 1, "column": column, "last": 9, "marks": "marks"}
    plan = {"sheets": [sheet], "own": [], "result_title": "结果", "mark": "huifang-1-00000000", "problems": 1,
            "summary": SUMMARY}  # fmt: skip
    (folder / "marks").write_text("".join(json.dumps(mark) + "\n" for mark in marks))
    splice(folder / "in.xlsx", Ink(plan, folder), folder / "out.xlsx")
    return folder / "out.xlsx"


def mark(row: int, *columns: int) -> dict:
    return {"r": row, "t": "坏 <&> \n 两行", "k": "bad", "c": [[one, "bad", "因为"] for one in columns],
            "p": [[1, "bad", "甲", "=1", "因为"]]}  # fmt: skip


def book() -> bytes:
    """A workbook as Excel writes it: shared texts, a value beside a formula, hints and foreign attributes in rows."""
    made = openpyxl.Workbook()
    made.active.title = "表"
    made.active.append(["a"])
    stream = io.BytesIO()
    made.save(stream)
    rows = (
        '<row r="1" spans="1:3" x14ac:dyDescent="0.2"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
        '<row r="2" spans="1:3" ht="40" customHeight="1"><c r="A2" t="s"><v>1</v></c>'
        '<c r="C2"><f>1+1</f><v>2</v></c></row>'
        '<row r="3" hidden="1"/><row r="5"><c r="A5"><v>13800138000</v></c></row>'
    )
    texts = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>姓名</t></si><si><t>电话</t></si></sst>'
    override = ('<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.'
                'spreadsheetml.sharedStrings+xml"/></Types>')  # fmt: skip
    relation = ('<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
                'sharedStrings" Target="sharedStrings.xml"/></Relationships>')  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(stream) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            xml = old.read(name).decode()
            if name == "xl/worksheets/sheet1.xml":
                xml = re.sub("<sheetData>.*</sheetData>", f"<sheetData>{rows}</sheetData>", xml)
                xml = xml.replace("<worksheet ", '<worksheet xmlns:x14ac="urn:x14ac" ', 1)
            xml = xml.replace("</Types>", override) if "sharedStrings" not in xml else xml
            xml = xml.replace("</Relationships>", relation) if name.endswith("workbook.xml.rels") else xml
            if not name.endswith("sharedStrings.xml"):
                new.writestr(name, xml)
        new.writestr("xl/sharedStrings.xml", texts)
    return out.getvalue()


def test_shared_texts_stay_and_marks_are_added(tmp_path):
    out = spliced(book(), tmp_path, "表", [mark(2, 1, 2), mark(5, 1)])
    sheet = openpyxl.load_workbook(out)["表"]
    assert [cell.value for cell in sheet[1]] == ["姓名", "电话", None, "结果"]
    assert sheet["A2"].value == "电话"
    assert sheet["A2"].comment.text == "因为"
    assert {sheet[place].fill.fgColor.rgb for place in ("A2", "B2", "D2", "A5")} == {"FFF9C9C9"}
    assert sheet["D2"].value == "坏 <&> \n 两行"
    assert sheet["A5"].value == 13800138000
    assert sheet.row_dimensions[2].height == 40
    assert sheet.row_dimensions[3].hidden


def test_formulas_keep_the_values_that_the_file_holds(tmp_path):
    out = spliced(book(), tmp_path, "表", [mark(2, 1)])
    assert openpyxl.load_workbook(out)["表"]["C2"].value == "=1+1"
    assert openpyxl.load_workbook(out, data_only=True)["表"]["C2"].value == 2


def test_markup_of_another_form_is_refused_and_rebuilt_elsewhere(tmp_path):
    with zipfile.ZipFile(io.BytesIO(book())) as old, zipfile.ZipFile(tmp_path / "x.zip", "w") as new:
        for name in old.namelist():
            xml = old.read(name)
            new.writestr(name, xml.replace(b"sheetData", b"x:sheetData") if "sheet1" in name else xml)
    with pytest.raises((ValueError, KeyError)):
        spliced((tmp_path / "x.zip").read_bytes(), tmp_path, "表", [])


@pytest.mark.skipif(not ODD, reason="the collection of odd workbooks is not here")
@pytest.mark.parametrize("path", ODD, ids=lambda path: path.name[:40])
def test_odd_workbooks_are_spliced_soundly_or_left_to_be_rebuilt(tmp_path, path):
    try:
        before = [part for part in reader.read(path) if not isinstance(part, reader.BookHead)]
    except reader.Unreadable:
        pytest.skip("the reader refuses it, so it never gets an error workbook (test_hostile says how)")
    name = next(part.name for part in before if isinstance(part, reader.SheetHead))
    try:
        out = spliced(path.read_bytes(), tmp_path, name, [mark(2, 1)], column=90)
    except (ValueError, LookupError, zipfile.BadZipFile, OSError):
        return  # the job rebuilds it from its values
    after = {part.name for part in reader.read(out) if isinstance(part, reader.SheetHead)}
    assert {part.name for part in before if isinstance(part, reader.SheetHead)} <= after
    assert openpyxl.load_workbook(out)[name] is not None
