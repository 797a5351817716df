"""What people and attackers write survives import, export and import again: the same text, and never a formula."""

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_site.core import names, text, xlsx
from crm_site.core.xlsx import Column, Sheet
from crm_site.files.actions import path_of
from crm_site.files.models import StoredFile
from crm_site.imports.actions import exports
from crm_site.jobs import runner
from customers.models import Customer
from tests.factories import NOON
from tests.imports import sheets

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parents[3] / "shared" / "data"
HEADER = ["客户编号", "客户名称", "手机", "备注"]
BEGINNINGS = [
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "＝",
    "＋",
    "－",
    "＠",
    " =",
    "\u3000=",
    "\u200b=",
    "\x07=",
    "'=",
    "''+",
]
PAYLOADS = [f"{sign}SUM(1+9)*cmd|' /C calc'!A0" for sign in BEGINNINGS] + [
    'DDE ("cmd";"/C calc";"!A0")A0', "=HYPERLINK(\"http://x\",\"y\")", "'-5", "-5", "+8613800138000", "{=1+1}",
]  # fmt: skip


def shared(*parts: str) -> Path:
    """A file of the public collections, which stand beside the project where it is developed."""
    path = DATA.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{path.name} is not here")
    return path


def rows_of(notes, people=None):
    return [
        [f"N{place:05d}", people[place] if people else f"客户{'甲乙丙丁'[place % 4]}", f"138{place:08d}", note]
        for place, note in enumerate(notes)
    ]


def as_workbook(rows) -> bytes:
    """Our own way to write a list as xlsx."""
    columns = [Column(title) for title in HEADER]
    return xlsx.workbook_bytes([Sheet("客户", columns, rows)], created=NOON)


def as_csv(rows) -> bytes:
    """Our own way to write a list as CSV."""
    return xlsx.csv_bytes(HEADER, rows)


def imported(person, content: bytes, name: str):
    """Bring, confirm and write a file; gives number → (name, note) as they stand in the archive."""
    batch = sheets.write(person, sheets.read(person, content, name, layout="customers"))
    assert batch.counts.get("problem", 0) == 0
    return stored(person.store)


def stored(store):
    return {one.number: (one.name, one.note) for one in Customer.objects.filter(store=store).order_by("number")}


def exported(store):
    """The archive as rows again."""
    return [[one.number, one.name, one.phones.first().number, one.note]
            for one in Customer.objects.filter(store=store).order_by("number")]  # fmt: skip


def error_workbook(person, batch) -> bytes:
    job = exports.ask_workbook(batch, language="zh-hans", by=person.employee, now=NOON)
    assert runner.run(job.pk) == "done"
    job.refresh_from_db()
    return path_of(StoredFile.objects.get(pk=job.result["file"])).read_bytes()


def is_harmless(content: bytes) -> bool:
    """No cell of a workbook is a formula."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def survive(person, notes, people=None):
    """Import texts, export them in every way, and import each export: nothing changes, nothing calculates."""
    first = imported(person, as_workbook(rows_of(notes, people)), "a.xlsx")
    assert [note for _name, note in first.values()] == [text.tidy(xlsx.clean(note)) or "" for note in notes]
    rows = exported(person.store)
    book, plain = as_workbook(rows), as_csv(rows)
    assert is_harmless(book)
    cells = [cell for line in csv.reader(io.StringIO(plain.decode("utf-8-sig"))) for cell in line]
    assert not [
        cell for cell in cells if xlsx.is_dangerous(cell) and not cell.lstrip("+-").replace(".", "").isdecimal()
    ]
    for content, name in ((book, "b.xlsx"), (plain, "c.csv")):
        batch = sheets.read(person, content, name, layout="customers")
        assert batch.counts.get("unchanged") == len(notes), batch.reading["findings"]
        assert is_harmless(error_workbook(person, batch))
    assert stored(person.store) == first


def test_formulas_survive_as_harmless_text(admin_a):
    survive(admin_a, PAYLOADS)


def test_the_known_payloads_survive_as_harmless_text(admin_a):
    lines = shared("formula-injection", "csv-payload.txt").read_text().splitlines()
    survive(admin_a, [line for line in lines if line])


def test_naughty_strings_survive(admin_a):
    known = json.loads(shared("blns", "blns.json").read_text())
    survive(admin_a, [word for word in known if not text.is_empty(word)])


def test_rare_and_compound_names_survive(admin_a):
    sheet = openpyxl.load_workbook(shared("names-cn", "family_names_1074.xlsx")).worksheets[0]
    families = [
        str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell and not str(cell).isdecimal()
    ]
    rare = ["䶮", "𠀾", "㛃", "𬱖", "·阿依古丽", "买买提·吐尔逊", "欧阳娜娜", "司徒", "O'Neil"]
    people = [f"{family}{given}" for family in families[:300] for given in ("䶮",)] + [f"王{one}" for one in rare]
    survive(admin_a, ["备注"] * len(people), people)
    assert {name for name, _note in stored(admin_a.store).values()} == {names.normalise(one) for one in people}


def test_an_error_workbook_gives_hostile_cells_back_as_text(admin_a):
    rows = [[*row[:2], "123", row[3]] for row in rows_of(PAYLOADS)]
    for content, name in ((as_csv(rows), "a.csv"), (as_workbook(rows), "a.xlsx")):
        book = error_workbook(admin_a, sheets.read(admin_a, content, name, layout="customers"))
        assert is_harmless(book)
        shown = [row[3] for row in openpyxl.load_workbook(io.BytesIO(book)).worksheets[0].iter_rows(values_only=True)][
            1:
        ]
        assert [text.tidy(one) for one in shown] == [text.tidy(xlsx.clean(one)) for one in PAYLOADS]


@given(st.text(max_size=30))
def test_a_defused_cell_always_comes_back(written):
    value = xlsx.clean(written)
    defused = xlsx.defuse(value)
    assert xlsx.undefuse(defused) == value
    assert not xlsx.is_dangerous(defused) or defused == value


@given(st.text(st.sampled_from("'=+-@\t 1＝"), max_size=6))
def test_apostrophes_of_ones_own_survive_too(written):
    assert xlsx.undefuse(xlsx.defuse(written)) == written
