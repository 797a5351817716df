"""Filled-in templates: every list has one that imports as it is and says what is needed; its examples are left out."""

import io
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from django.utils.translation import override

from crm_site.imports import layout, rules
from crm_site.imports.cleaning import decode
from crm_site.imports.models import StagedRow
from crm_site.imports.workbook import reference, templates, words
from tests.imports import sheets

pytestmark = pytest.mark.django_db
DOCUMENT = Path(__file__).parents[2] / "docs" / "import-columns.md"
LAYOUTS = list(layout.layouts())
#: what an empty archive says of the people in the examples
NOBODY_KNOWN = {"employee_unknown", "past_nobody"}
EVERY_LAYOUT = pytest.mark.parametrize("code", LAYOUTS)


def template(person, code, language="zh-hans"):
    with override(language):
        return openpyxl.load_workbook(io.BytesIO(templates.build(layout.get(code), person.store)))


def saved(book) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def filled(book) -> bytes:
    """The template after somebody has taken the examples for their own rows."""
    for number in range(3, 3 + reference.EXAMPLES):
        book.worksheets[0].cell(number, 1).value = None
    return saved(book)


@EVERY_LAYOUT
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_untouched_template_imports_nothing_and_says_why(admin_a, code, language):
    batch = sheets.read(admin_a, saved(template(admin_a, code, language)), "模板.xlsx")
    assert batch.layout == code
    rows = StagedRow.objects.filter(batch=batch)
    assert [row.findings[0]["code"] for row in rows] == ["example"] * reference.EXAMPLES


@EVERY_LAYOUT
def test_a_filled_template_comes_back_whole(admin_a, code):
    book = template(admin_a, code)
    batch = sheets.read(admin_a, filled(book), "模板.xlsx")
    assert batch.layout == code
    rows = list(StagedRow.objects.filter(batch=batch).order_by("row"))
    assert [row.verdict for row in rows] == ["new"] * reference.EXAMPLES, [row.findings for row in rows]
    assert {one["code"] for row in rows for one in row.findings} <= NOBODY_KNOWN
    mapped = {name for _title, name in batch.reading["sheets"][0]["columns"] if name}
    assert mapped == {one.name for one in templates.columns_of(layout.get(code))}


@EVERY_LAYOUT
def test_what_a_template_shows_is_what_is_read(admin_a, code):
    wanted = layout.get(code).at(admin_a.store)
    fields = templates.columns_of(wanted)
    batch = sheets.read(admin_a, filled(template(admin_a, code)), "模板.xlsx")
    shown = reference.examples(fields, admin_a.store)
    for row, line in zip(StagedRow.objects.filter(batch=batch).order_by("row"), shown, strict=True):
        values = decode(wanted, row.clean)
        plain = [one for one in zip(fields, line, strict=True) if one[0].kind in ("name", "vin", "code", "plate")]
        assert [values[one.name] for one, value in plain if value] == [value for _one, value in plain if value]


@EVERY_LAYOUT
def test_a_written_template_is_unchanged_when_it_comes_again(admin_a, code):
    content = filled(template(admin_a, code))
    written = sheets.write(admin_a, sheets.read(admin_a, content, "模板.xlsx"))
    assert written.counts["new"] == reference.EXAMPLES
    again = sheets.read(admin_a, content, "模板.xlsx")
    assert again.counts["unchanged"] == reference.EXAMPLES


@EVERY_LAYOUT
def test_titles_say_what_is_required_and_what_else_they_understand(admin_a, code):
    wanted, sheet = layout.get(code), template(admin_a, code).worksheets[0]
    for place, one in enumerate(templates.columns_of(wanted), start=2):
        assert sheet.cell(1, place).value == one.aliases[0]
        assert sheet.cell(2, place).value == ("必填" if one.required else "选填")
        assert all(alias in sheet.cell(1, place).comment.text for alias in one.aliases[1:])
    assert rules.is_hint_line([cell.value for cell in sheet[2]])


def test_choices_are_offered_and_long_numbers_stay_text(admin_a):
    sheet = template(admin_a, "repair_orders").worksheets[0]
    offers = {str(one.sqref): one.formula1 for one in sheet.data_validations.dataValidation}
    assert any("首保" in formula for formula in offers.values())
    assert sheet.column_dimensions["B"].number_format == "@"


def test_it_is_explained_in_both_languages(admin_a):
    texts = [cell.value for row in template(admin_a, "customers")["填写说明"].iter_rows() for cell in row if cell.value]
    assert "必填" in texts
    assert "required" in texts
    assert any("示例" in text for text in texts)


def test_our_word_for_an_example_is_understood():
    assert all(rules.is_example([None, word, "x"]) for word in words.spellings(words.EXAMPLE))
    assert not rules.is_example(["示例公司", "x"])


@EVERY_LAYOUT
def test_it_is_fetched_from_the_upload_page(as_, admin_a, specialist_a, code):
    address = reverse("imports:template", args=[code])
    client = as_(admin_a)
    assert address in client.get(reverse("imports:upload")).content.decode()
    answer = client.get(address)
    assert openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).worksheets[0]["B1"].value
    assert as_(specialist_a).get(address).status_code == 403


def test_an_unknown_list_has_no_template(as_, admin_a):
    assert as_(admin_a).get(reverse("imports:template", args=["nonsense"])).status_code == 404


def test_the_document_of_columns_is_current():
    stream = io.StringIO()
    call_command("import_columns", stdout=stream)
    assert DOCUMENT.read_text() == stream.getvalue(), "run: manage.py import_columns > docs/import-columns.md"


def test_every_layout_of_the_settings_is_documented():
    assert len(LAYOUTS) == len(settings.IMPORT_LAYOUTS)
    assert all(f"(`{code}`)" in DOCUMENT.read_text() for code in LAYOUTS)
