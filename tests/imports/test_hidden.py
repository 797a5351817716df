"""What a workbook hides is shown and taken only with a tick; errors and empty formulas are told, no row is lost."""

import importlib.util
import io
import re

import openpyxl
import pytest

from crm_site.imports.actions import sources
from crm_site.imports.models import BatchState, StagedRow, Verdict
from crm_site.imports.reading import reader
from crm_site.jobs import runner
from tests.imports import nasty, sheets

pytestmark = pytest.mark.django_db
HEADER, ROWS = sheets.EMPLOYEE_HEADER, sheets.ROSTER


def book(shape=None, *, rows=ROWS, header=HEADER) -> bytes:
    """A workbook of employees that `shape` may hide parts of."""
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "员工"
    for line in (header, *rows):
        sheet.append(line)
    if shape:
        shape(made, sheet)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def names(batch):
    rows = StagedRow.objects.filter(batch=batch, verdict=Verdict.NEW).order_by("pk")
    return [row.clean["name"] for row in rows]


def say(batch, person, *, layout=None, remember=False, **said):
    """Answer as a person does, and have the file read again."""
    sources.explain(batch.pk, said, by=person.employee, remember=remember, layout=layout)
    batch.refresh_from_db()
    runner.run(batch.stage_job_id)
    batch.refresh_from_db()
    return batch


def hide_row(_book, sheet):
    sheet.row_dimensions[3].hidden = True


def filter_rows(_book, sheet):
    sheet.auto_filter.ref = "A1:H4"
    sheet.row_dimensions[2].hidden = True
    sheet.row_dimensions[3].hidden = True


@pytest.mark.parametrize(("shape", "seen"), [(hide_row, ["李明", "张三"]), (filter_rows, ["张三"])])
def test_hidden_and_filtered_rows_are_shown_and_taken_only_with_a_tick(admin_a, shape, seen):
    batch = sheets.read(admin_a, book(shape))
    assert names(batch) == seen
    hidden = StagedRow.objects.filter(batch=batch, verdict=Verdict.SKIPPED)
    assert {row.findings[0]["code"] for row in hidden} == {"row_hidden"}
    assert len(hidden) == 3 - len(seen) == batch.reading["sheets"][0]["hidden_rows"]
    assert names(say(batch, admin_a, sheets={"员工": {"take": True, "hidden_rows": True}})) == [
        "李明",
        "欧阳娜娜",
        "张三",
    ]


def test_a_hidden_column_is_left_out_until_it_is_ticked(admin_a):
    def hide(_book, sheet):
        sheet.column_dimensions["F"].hidden = True

    batch = sheets.read(admin_a, book(hide))
    assert batch.reading["sheets"][0]["columns"][5] == ["手机", ""]
    assert "phone" not in StagedRow.objects.filter(batch=batch).first().clean
    say(batch, admin_a, sheets={"员工": {"take": True, "hidden_columns": True}})
    assert batch.reading["sheets"][0]["columns"][5] == ["手机", "phone"]


def test_a_sheet_whose_rows_are_hidden_by_default_hides_them(admin_a):
    def hide(_book, sheet):
        sheet.sheet_format.zeroHeight = True
        for number in (1, 2):
            sheet.row_dimensions[number].height = 15

    assert names(sheets.read(admin_a, book(hide))) == ["李明"]


def test_a_hidden_sheet_is_described_and_taken_with_a_tick(admin_a):
    other = [["E904", "王五", "男", "配件部", "配件员", "", "", "在职"]]
    content = sheets.workbook(("员工", [HEADER, *ROWS]), ("旧", [HEADER, *other]), hidden=["旧"])
    batch = sheets.read(admin_a, content)
    known = batch.reading["sheets"][1]
    assert (known["state"], known["height"], known["columns"][1]) == ("hidden", 2, ["姓名", "name"])
    assert batch.reading["top"]["旧"][1][1][1] == "王五"
    assert "王五" not in names(batch)
    assert "王五" in names(say(batch, admin_a, sheets={"旧": {"take": True}, "员工": {"take": True}}))
    assert names(say(batch, admin_a, sheets={"旧": {"take": True}, "员工": {"take": False}})) == ["王五"]


def test_the_only_sheet_is_hidden_and_can_be_taken_all_the_same(as_, admin_a):
    content = sheets.workbook(("封面", [["员工名单"]]), ("员工", [HEADER, *ROWS]), hidden=["员工"])
    batch = sheets.read(admin_a, content)
    assert batch.state == BatchState.REFUSED
    assert "/columns/" in as_(admin_a).get(f"/imports/{batch.pk}/").content.decode()
    assert len(names(say(batch, admin_a, sheets={"员工": {"take": True}}))) == 3


def test_empty_columns_at_the_left_and_rows_on_top_shift_nothing(admin_a):
    lines = [[], [], ["", "", *HEADER], *[["", "", *row] for row in ROWS]]
    batch = sheets.read(admin_a, sheets.workbook(("员工", lines)))
    assert names(batch) == ["李明", "欧阳娜娜", "张三"]
    assert batch.reading["sheets"][0]["header"] == 3


def test_a_formula_without_a_value_is_told_and_its_text_never_taken(admin_a):
    def formula(_book, sheet):
        sheet["B3"] = '=HYPERLINK("http://x")'

    batch = sheets.read(admin_a, book(formula))
    row = StagedRow.objects.get(batch=batch, row=3)
    assert row.verdict == Verdict.PROBLEM
    assert {one["code"] for one in row.findings} >= {"formula_empty"}
    assert "HYPERLINK" not in str(row.raw)


def test_an_error_cell_is_a_problem_not_an_empty_cell(admin_a):
    def error(_book, sheet):
        sheet["B3"].value, sheet["B3"].data_type = "#REF!", "e"

    row = StagedRow.objects.get(batch=sheets.read(admin_a, book(error)), row=3)
    assert (row.verdict, row.raw[1]) == (Verdict.PROBLEM, "#REF!")


def test_a_last_row_of_formulas_only_is_not_lost(admin_a):
    def formula(_book, sheet):
        for column in "ABCDEFGH":
            sheet[f"{column}5"] = "=1+1"

    batch = sheets.read(admin_a, book(formula))
    assert StagedRow.objects.get(batch=batch, row=5).verdict == Verdict.PROBLEM


@pytest.mark.parametrize("ending", ["xls", "csv"])
def test_rows_of_a_web_page_that_are_not_displayed_are_hidden(admin_a, ending):
    def line(cells, style=""):
        return f"<tr{style}>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"

    rows = [line(ROWS[0]), line(ROWS[1], ' style="display:none"'), line(ROWS[2])]
    content = f"<html><meta charset='utf-8'><table>{line(HEADER)}{''.join(rows)}</table></html>".encode()
    assert names(sheets.read(admin_a, content, name=f"员工.{ending}")) == ["李明", "张三"]


def test_csv_with_the_separator_named_and_commas_within_is_read(admin_a):
    rows = ["sep=;", ";".join(HEADER), *[";".join(str(cell) for cell in row) for row in ROWS]]
    rows[2] = rows[2].replace("李明", "李,明,a")
    batch = sheets.read(admin_a, "\r\n".join(rows).encode("utf-8-sig"), name="员工.csv")
    assert names(batch)[1:] == ["欧阳娜娜", "张三"]


def test_rare_signs_of_gb18030_stay_whole(admin_a):
    rows = [["E905", "𠮷田㼆", "男", "配件部", "配件员", "", "", "在职"], *ROWS]
    content = sheets.csv_text([HEADER, *rows]).encode("gb18030")
    assert names(sheets.read(admin_a, content, name="员工.csv"))[0] == "𠮷田㼆"


def test_an_old_xls_tells_its_hidden_rows_and_columns(tmp_path):
    path = tmp_path / "old"
    path.write_bytes(nasty.xls([HEADER, *ROWS], hidden_rows=[3], hidden_columns=[5], is_1904=True))
    head, sheet, *_rows = reader.read(path)
    assert (head.sees_hidden, head.is_1904) == (True, True)
    assert (sheet.hidden_rows, sheet.hidden_columns) == (frozenset({3}), (5,))


def test_a_file_of_opendocument_says_that_it_cannot_tell_what_is_hidden(tmp_path):
    path = tmp_path / "open"
    path.write_bytes(nasty.ods([HEADER, *ROWS]))
    assert next(iter(reader.read(path))).sees_hidden is False


def load_child():
    """The child's module, as the plain script that it is."""
    spec = importlib.util.spec_from_file_location("import_child", reader.CHILD)
    child = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(child)
    return child


def gappy() -> bytes:
    """A workbook with all that a cut might lose: gaps, empty columns, merged titles, errors, hidden rows, formulas."""

    def shape(_book, sheet):
        sheet.insert_cols(1, 2)
        sheet.insert_rows(1, 2)
        sheet["C1"] = "名单"
        sheet.merge_cells("C1:J1")
        sheet["D40"], sheet["D41"], sheet["C90"] = "=1+1", "末", 12.5
        sheet["E41"].value, sheet["E41"].data_type = "#N/A", "e"
        sheet.row_dimensions[41].hidden = True
        for number in range(100, 160):
            sheet.append([None, None, f"E{number}", f"名{number}", None, "车间"])

    return book(shape)


def test_a_sheet_is_as_long_as_its_last_row_that_holds_something(tmp_path):
    def shape(_book, sheet):
        for number in range(50, 400):
            sheet.row_dimensions[number].height = 30

    path = tmp_path / "book.xlsx"
    path.write_bytes(book(shape))
    marks = load_child().marking
    assert marks.scan(path, *marks.parts(path).values()).last_row == 1 + len(ROWS)


def test_a_large_sheet_is_read_in_slices_without_losing_a_cell(tmp_path, monkeypatch):
    path = tmp_path / "book.xlsx"
    path.write_bytes(gappy())
    child, seen = load_child(), []
    for number, (limit, each) in enumerate([(1 << 40, 1), (0, 1000), (0, 1)]):
        monkeypatch.setattr(child.slices, "FROM", limit)
        monkeypatch.setattr(child.slices, "EACH", each)
        monkeypatch.setattr(child.slices, "_NEEDLESS", child.slices._NEEDLESS if each > 1 else re.compile("sheets/"))
        folder = tmp_path / str(number)
        folder.mkdir()
        seen.append(list(child.read(path, "zip", folder, {})))
    assert seen[0] == seen[1] == seen[2]
    rows = [row for message in seen[0] for row in message.get("rows", ())]
    assert len(rows) > 60
    assert [40, [None, None, None, "#FORMULA!"]] in rows
