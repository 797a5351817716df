"""A questionnaire goes out as a workbook and comes back the same; what is wrong is told by its cell."""

import io
import zipfile
from dataclasses import replace
from decimal import Decimal as D

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation
from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from satisfaction import actions, workbooks
from satisfaction.models import Attribution, QuestionKind, Questionnaire, QuestionnaireVersion
from satisfaction.queries.designs import design_of, loaded
from satisfaction.rules import Word, designs
from satisfaction.rules.designs import ONCE, WEIGHED
from satisfaction.workbooks import reading
from tests.satisfaction.trees import own_tree

LANGUAGES = ["zh-hans", "en"]


def reread(version) -> QuestionnaireVersion:
    return loaded(QuestionnaireVersion.objects.filter(pk=version.pk)).get()


def told(content: bytes) -> workbooks.Told:
    return workbooks.read([content])


def changed(content: bytes, **cells) -> bytes:
    """The workbook with other values in cells of its first sheet."""
    book = load_workbook(io.BytesIO(content))
    for place, value in cells.items():
        book.worksheets[0][place] = value
    return saved(book)


def as_rows(content: bytes) -> dict[str, list]:
    """The sheets as the child process gives them, without starting one for every example."""
    book = load_workbook(io.BytesIO(content))
    return {sheet.title: list(enumerate(map(list, sheet.iter_rows(values_only=True)), start=1)) for sheet in book}


def saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


# ---- round trip ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ["SSI", "CSI", "CSI_SHORT", "CMP_CFM", "REWORK"])
def test_every_default_tree_comes_back_as_it_went_out(store_a, code, language):
    version = reread(own_tree(store_a, code))
    with translation.override(language):
        content = workbooks.write(version)
    found = told(content)
    assert (found.faults, found.design) == ([], design_of(version))


LABELS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)
CODES = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)
WEIGHTS = st.decimals("0.01", "100", places=2)


@st.composite
def tables(draw):
    """A table of words, best first; or none."""
    worths = sorted(draw(st.sets(st.decimals(0, 100, places=2), max_size=7)), reverse=True)
    if len(worths) < 2:
        return ()
    names = draw(st.lists(LABELS, min_size=len(worths), max_size=len(worths)))
    return tuple(
        Word(len(worths) - place, worth, name, name)
        for place, (worth, name) in enumerate(zip(worths, names, strict=True))
    )


@st.composite
def trees(draw):
    """Any design that can be kept: items stand with their factor, those without weight last."""
    codes = draw(st.lists(CODES, unique=True, max_size=12))
    named = draw(st.integers(0, min(4, len(codes))))
    factors = tuple(designs.FactorDesign(code, draw(WEIGHTS), draw(LABELS), draw(LABELS)) for code in codes[:named])
    used: set[str] = set()
    items = []
    for code in codes[named:]:
        factor = draw(st.sampled_from(["", *(one.code for one in factors)]))
        kinds = [one for one in QuestionKind.values if not (one in ONCE and one in used)]
        kind = draw(st.sampled_from(WEIGHED if factor else kinds))
        used.add(kind)
        weight = draw(WEIGHTS) if factor else D(0)
        attribution = draw(st.sampled_from(Attribution.values))
        items.append(
            designs.ItemDesign(code, kind, weight, factor, attribution, draw(st.booleans()), draw(LABELS), draw(LABELS))
        )
    order = [*(one.code for one in factors), ""]
    items.sort(key=lambda one: order.index(one.factor))
    return designs.Design(factors, tuple(items), draw(st.sampled_from(["ten", "five"])), draw(tables()))


@pytest.mark.django_db(transaction=False)
@settings(max_examples=25)
@forall(design=trees(), language=st.sampled_from(LANGUAGES))
def test_any_tree_comes_back_as_it_went_out(design, language):
    assert designs.problems(design) == []
    questionnaire = Questionnaire.objects.create(code="X", kind="service", label_zh="问", label_en="Q")
    version = QuestionnaireVersion.objects.create(questionnaire=questionnaire, number=1)
    actions.save_draft(version.pk, design, note="", shown=0, by=None)
    with translation.override(language):
        content = workbooks.write(reread(version))
    found = reading.of_sheets(as_rows(content))
    assert (found.faults, found.design) == ([], design)
    actions.delete_draft(version.pk, by=None)


def test_text_that_looks_like_a_formula_stays_text(store_a):
    version = own_tree(store_a, publish=False)
    design = design_of(reread(version))
    items = (replace(design.items[0], label_en="=1+1"), *design.items[1:])
    actions.save_draft(version.pk, replace(design, items=items), note="@SUM(1)", shown=0, by=None)
    content = workbooks.write(reread(version))
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    assert [cell.data_type for row in sheet.iter_rows() for cell in row if cell.value == "=1+1"] == ["s"]
    assert (told(content).design.items[0].label_en, told(content).note) == ("=1+1", "@SUM(1)")


def test_choices_are_offered_in_the_readers_language(store_a):
    with translation.override("zh-hans"):
        book = load_workbook(io.BytesIO(workbooks.write(reread(own_tree(store_a)))))
    assert book.sheetnames == ["题目", "分制与用词", "选项"]
    offered = {
        str(rule.sqref).split(":")[0]: rule.formula1 for rule in book.worksheets[0].data_validations.dataValidation
    }
    assert set(offered) == {"A2", "G2", "H2", "I2"}
    assert "选项" in offered["G2"]


# ---- faults ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def sheet(store_a):
    """The short CSI as a workbook: row 2 its first factor, row 3 that one's item, row 12 and 13 without weight."""
    with translation.override("zh-hans"):
        return workbooks.write(reread(own_tree(store_a)))


@pytest.mark.parametrize(
    ("cells", "where", "what"),
    [
        ({"F3": "十分"}, "F3", "数字"),
        ({"F3": "10.005"}, "F3", "小数"),
        ({"F2": 0}, "F2", "大于 0"),
        ({"G3": "打星"}, "G3", "打分"),
        ({"H3": "老板"}, "H3", "服务顾问"),
        ({"I3": "也许"}, "I3", "是"),
        ({"A3": "小计"}, "A3", "因子"),
        ({"C3": "整洁"}, "C3", "小写"),
        ({"B3": "nowhere"}, "B3", "因子"),
        ({"D3": None}, "D3", "中文"),
        ({"F12": 3}, "F12", "留空"),
        ({"C5": "clean_comfortable"}, "C3", "代码"),
        ({"F1": None}, "", "权重"),
    ],
)
def test_a_fault_is_told_by_its_cell(sheet, cells, where, what):
    with translation.override("zh-hans"):
        faults = told(changed(sheet, **cells)).faults
    assert faults
    assert faults[0].cell == where
    assert what in faults[0].text
    assert faults[0].sheet == "题目"


def test_a_scale_that_there_is_not_is_told_by_its_cell(sheet):
    book = load_workbook(io.BytesIO(sheet))
    book.worksheets[1]["B1"] = "七分制"
    with translation.override("zh-hans"):
        [fault] = told(saved(book)).faults
    assert (fault.sheet, fault.cell) == ("分制与用词", "B1")
    assert "五分" in fault.text


def test_a_cell_that_calculates_counts_with_its_value_and_without_one_is_a_fault(sheet):
    with translation.override("zh-hans"):
        [fault] = [one for one in told(changed(sheet, F3="=5+5")).faults if one.cell == "F3"]
    assert "公式" in fault.text  # openpyxl writes no value beside it


BOMB = io.BytesIO()
with zipfile.ZipFile(BOMB, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n" + b"0" * 99, b"PK\x03\x04 cut", BOMB.getvalue(), b"a,b,c\n1,2,3\n"],
    ids=["empty", "picture", "cut", "bomb", "no titles"],
)  # fmt: skip
def test_what_is_no_questionnaire_is_refused_in_one_sentence(content):
    found = told(content)
    assert len(found.faults) == 1
    assert found.faults[0].text


# ---- pages -----------------------------------------------------------------------------------------------------------


def upload(client, questionnaire, content: bytes):
    file = SimpleUploadedFile("csi.xlsx", content)
    return client.post(reverse("satisfaction:tree_import"), {"questionnaire": questionnaire.pk, "workbook": file})


def test_a_workbook_becomes_a_new_draft(sheet, store_a, manager_a, as_):
    own = Questionnaire.objects.get(store=store_a)
    answer = upload(as_(manager_a), own, changed(sheet, D3="整洁"))
    draft = own.versions.get(state="draft")
    assert answer.url == reverse("satisfaction:tree_edit", args=[draft.pk])
    assert (draft.number, draft.created_by, draft.questions.get(code="clean_comfortable").label_zh) == (
        2, manager_a.employee, "整洁",
    )  # fmt: skip


def test_a_faulty_workbook_writes_nothing_and_lists_its_cells(sheet, store_a, manager_a, as_):
    own = Questionnaire.objects.get(store=store_a)
    answer = upload(as_(manager_a), own, changed(sheet, F3="十分", G5="打星"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "F3" in page
    assert "G5" in page
    assert own.versions.count() == 1


def test_a_manager_reads_no_workbook_into_the_companys_questionnaire(sheet, manager_a, admin_a, as_):
    company = Questionnaire.objects.get(store=None, code="CSI_SHORT")
    assert upload(as_(manager_a), company, sheet).status_code == 422
    assert company.versions.count() == 1
    assert upload(as_(admin_a), company, sheet).status_code == 302
    assert company.versions.count() == 2


def test_too_large_a_file_is_refused_unopened(store_a, manager_a, as_):
    own = own_tree(store_a).questionnaire
    answer = upload(as_(manager_a), own, b"PK" + b"0" * (1024 * 1024))
    assert answer.status_code == 422
    assert "1 MB" in answer.content.decode()


def test_a_version_is_saved_as_a_workbook(store_a, manager_a, as_):
    version = own_tree(store_a)
    answer = as_(manager_a).post(reverse("satisfaction:tree_workbook", args=[version.pk]))
    assert answer["Content-Disposition"] == 'attachment; filename="CSI_SHORT-v1.xlsx"'
    assert told(answer.content).design == design_of(reread(version))


@pytest.mark.parametrize("sign", ["\x0b", "\x1f", "\ufffe", "\ud800"])
def test_signs_that_no_workbook_can_hold_do_not_spoil_it(store_a, sign):
    version = own_tree(store_a, publish=False, note="为何" if sign == "\ud800" else f"为何{sign}")
    read = reread(version)
    for item in read.questions.all():
        item.label_zh = f"接{sign}待"
    back = told(workbooks.write(read)).design
    assert {item.label_zh for item in back.items} == {"接待"}
