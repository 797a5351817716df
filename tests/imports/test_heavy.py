"""A small file whose cells unfold to very much text: told in small messages, staged in small parts, or refused."""

import subprocess
import sys

import pytest

from crm_site.imports.models import StagedRow
from crm_site.imports.reading import reader
from crm_site.imports.reading.reader import Unreadable
from tests.customers import intake
from tests.imports import nasty, sheets
from tests.imports.test_hidden import load_child

TEXT = "长" * 1_000


def lines_of(path, tmp_path) -> list[bytes]:
    """What the child prints of a workbook."""
    folder = tmp_path / "folder"
    folder.mkdir()
    command = [sys.executable, "-I", str(reader.CHILD), str(path), "zip", str(folder)]
    return subprocess.run(command, capture_output=True, check=True).stdout.splitlines()


def book(tmp_path, *pages, hidden=()):
    path = tmp_path / "shop.xlsx"
    path.write_bytes(sheets.workbook(*pages, hidden=hidden))
    return path


def test_cells_that_point_to_one_long_text_are_told_some_rows_at_a_time(tmp_path):
    path = tmp_path / "shop.xlsx"
    texts = f'<sst xmlns="{nasty.MAIN}"><si><t>{TEXT}</t></si></sst>'
    pointing = nasty.Markup('<c r="PLACE" t="s"><v>0</v></c>')
    path.write_bytes(nasty.book([[pointing] * 200] * 60, extra={"xl/sharedStrings.xml": texts}))
    assert path.stat().st_size < 200_000
    told = lines_of(path, tmp_path)
    assert len(told) > 10
    assert max(map(len, told)) < 8_000_000
    assert sum(len(part) for part in reader.read(path) if isinstance(part, list)) == 60


def test_what_unfolds_to_more_than_any_list_is_refused(tmp_path, monkeypatch):
    child = load_child()
    monkeypatch.setattr(child.telling, "MAX_WRITTEN", 100_000)
    path = book(tmp_path, ("表", [[TEXT] * 20] * 2))
    with pytest.raises(child.Refused, match="too_heavy"):
        list(child.telling.written(child.read(path, "zip", tmp_path, {})))


def test_a_row_that_no_list_has_is_refused_where_its_sheet_is_taken(tmp_path):
    heavy = [[TEXT] * 300]
    with pytest.raises(Unreadable, match="too_heavy"):
        list(reader.read(book(tmp_path, ("表", heavy))))
    path = book(tmp_path, ("表", [["工号"]]), ("旧", heavy), hidden=["旧"])
    assert sum(len(part) for part in reader.read(path) if isinstance(part, list)) == 2


@pytest.mark.django_db
def test_rows_with_much_text_are_staged_in_smaller_parts(admin_a, monkeypatch):
    monkeypatch.setattr("crm_site.imports.staging.CHUNK_SIGNS", 1)
    batch = sheets.read(admin_a, sheets.roster())
    assert list(StagedRow.objects.filter(batch=batch).values_list("row", "chunk")) == [(2, 1), (3, 2), (4, 3)]


@pytest.mark.django_db
def test_an_order_whose_lines_come_in_several_parts_is_one_order(admin_a, monkeypatch):
    monkeypatch.setattr("crm_site.imports.staging.CHUNK_SIGNS", 1)
    fees = [(100, 100), (200, 200), (300, 300)]
    rows = [{**intake.ORDER, "维修项目": f"项目{fee}", "工时费": fee, "合计金额": whole} for fee, whole in fees]
    batch = intake.look(admin_a, intake.ORDERS, *rows, {**intake.ORDER, "工单号": "RO2"})
    found = StagedRow.objects.filter(batch=batch).order_by("row")
    assert list(found.values_list("verdict", flat=True)) == ["new", "skipped", "skipped", "new"]
    assert found[0].clean["labour_fee"] == "600.00"
    assert batch.counts["rows"] == batch.reading["sheets"][0]["rows"] == 4
