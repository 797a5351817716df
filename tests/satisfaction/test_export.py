"""A dashboard taken away: the workbook says what the page says, is logged, and holds nothing of a customer."""

import io
import re
import zipfile
from decimal import Decimal

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from crm_site.accounts.models import Department, Post
from crm_site.audit.models import Entry
from crm_site.core import clock, xlsx
from crm_site.core.dates import parse_month
from crm_site.core.figures import Scope
from satisfaction import queries
from satisfaction.models import ExternalResult, Target
from tests.cast import PEOPLE, STORES, keep, make_person
from tests.factories import DAY, EmployeeFactory, PostingFactory
from tests.satisfaction.surveys import order_of, respond, short_answers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("september")]
store_a, store_b, specialist_a, _specialist_a2, frontline_a, head_a, manager_a, admin_a, _director_a, stranger_b = keep(
    *STORES, *list(PEOPLE)[:8]
)
BOOK, PAGE = reverse("satisfaction:workbook"), reverse("satisfaction:printed_page")
DASHBOARD = reverse("satisfaction:dashboard")
QUERY = "?month=2026-09&kind=service"
SHEETS = ["概览", "趋势", "因子", "题目", "人员", "部门", "车型", "维修类别", "指标口径"]


@pytest.fixture(scope="module", autouse=True)
def advisor(store_a):
    employee = EmployeeFactory(store=store_a, name="=曾𠮷")
    PostingFactory(employee=employee, department=Department.SERVICE, post=Post.SERVICE_ADVISOR)
    return employee


@pytest.fixture(scope="module", autouse=True)
def surveys(store_a, advisor):
    """Twelve responses about one advisor, three of them low, and four more without an order."""
    marks = [5, 5, 5, 8, 8, 9, 9, 9, 9, 10, 10, 10]
    found = [
        respond(store_a, order=order_of(store_a, advisor), answers=short_answers(8, reception=mark)) for mark in marks
    ]
    return found + [respond(store_a, answers=short_answers(mark)) for mark in (7, 8, 9, 10)]


def book_of(client, query=QUERY):
    answer = client.post(BOOK + query)
    assert answer.status_code == 200
    assert answer["Content-Type"] == xlsx.CONTENT_TYPE
    return load_workbook(io.BytesIO(answer.content))


def table(sheet):
    """The rows of a sheet as {header: value}, below whatever stands above the header."""
    lines = list(sheet.iter_rows(values_only=True))
    top = int(sheet.freeze_panes[1:]) - 2
    return [dict(zip(lines[top], line, strict=False)) for line in lines[top + 1 :]]


def near(value, wanted):
    assert abs(Decimal(str(value)) - wanted) < Decimal("0.0001")


# ---- same figures ----------------------------------------------------------------------------------------------------


def test_the_workbook_says_what_the_page_says(as_, manager_a, surveys, store_a):
    client = as_(manager_a)
    book = book_of(client)
    assert book.sheetnames == SHEETS
    shown = client.get(DASHBOARD + QUERY).context
    head = shown["score"]["mean"]
    first = table(book["概览"])[0]
    near(first["数值"], head.value)
    near(first["下限"], head.low)
    near(first["上限"], head.high)
    assert first["n"] == head.n == 16
    factors = {row["label"]: row["shown"].value for row in shown["factors"] if row["shown"].value.n}
    told = {row["因子"]: row for row in table(book["因子"])}
    assert told.keys() == factors.keys()
    for label, mean in factors.items():
        near(told[label]["均分"], mean.value)
        assert told[label]["n"] == mean.n


def test_months_and_items_are_those_of_the_readers(as_, manager_a, surveys, store_a):
    book = book_of(as_(manager_a))
    scope = queries_scope(store_a)
    months = {row["月份"]: row for row in table(book["趋势"])}
    assert len(months) == 12
    near(months["2026-09"]["均分"], queries.by_month(scope)[parse_month("2026-09")].value)
    assert months["2026-08"]["n"] == 0
    assert months["2026-08"]["均分"] is None
    means = queries.items_by_member(scope, "")
    rows = {row["题目"]: row for row in table(book["题目"])}
    for line in queries.tree_of(scope):
        for code, question in line.items.items():
            if (code, "") in means:
                near(rows[question.label]["均分"], means[code, ""].value)
    assert rows["接待服务"]["低分"] == 3


def queries_scope(store):
    return Scope.of_month([store.pk], parse_month("2026-09"), kind="service")


def test_people_stand_with_n_and_a_sample_too_small_has_no_figure(as_, manager_a, surveys, store_a):
    other = EmployeeFactory(store=store_a, name="姚鹏")
    PostingFactory(employee=other, department=Department.SERVICE, post=Post.SERVICE_ADVISOR)
    respond(store_a, order=order_of(store_a, other))
    rows = {row["名称"]: row for row in table(book_of(as_(manager_a))["人员"])}
    assert rows["姚鹏"]["n"] == 1
    assert rows["姚鹏"]["均分"] is None
    assert rows["姚鹏"]["等级"] == "样本不足"
    assert rows["=曾𠮷"]["n"] == 12
    assert rows["=曾𠮷"]["均分"] is not None


def test_targets_and_outside_surveys_stand_in_columns_of_their_own(as_, manager_a, surveys, store_a):
    Target.objects.create(
        store=store_a, kind="service", figure="index", since=DAY.replace(day=1), value=Decimal(90), set_at=clock.now()
    )
    ExternalResult.objects.create(
        store=store_a, survey="厂家CSI", period="2026-09", first_day=DAY.replace(day=1), last_day=DAY.replace(day=28),
        score=Decimal("84.5"), raw_score=Decimal("845"), scale=1000, **external_source(store_a),
    )  # fmt: skip
    row = next(row for row in table(book_of(as_(manager_a))["趋势"]) if row["月份"] == "2026-09")
    assert row["目标"] == 90
    assert row["外部：厂家CSI"] == 84.5
    near(row["均分"], queries.by_month(queries_scope(store_a))[parse_month("2026-09")].value)


def external_source(store):
    """Where an outside result was read from, as far as the table wants it."""
    return {}


# ---- the file --------------------------------------------------------------------------------------------------------


def test_numbers_are_numbers_and_names_never_formulas(as_, manager_a, surveys):
    book = book_of(as_(manager_a))
    sheet = book["人员"]
    names = [cell for line in sheet.iter_rows() for cell in line if cell.value == "=曾𠮷"]
    assert names
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in names)
    top = int(sheet.freeze_panes[1:])
    cell = sheet.cell(top, 4)
    assert cell.data_type == "n"
    assert cell.number_format == "0.0"
    assert not any(cell.data_type == "f" for one in book for line in one.iter_rows() for cell in line)


def test_every_table_prints_on_a4_lying_with_its_header_frozen(as_, manager_a, surveys):
    for sheet in book_of(as_(manager_a)):
        assert sheet.freeze_panes
        assert sheet.page_setup.orientation == "landscape"
        assert str(sheet.page_setup.paperSize) == "9"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows


def test_the_charts_are_native_and_draw_the_intervals(as_, manager_a, surveys):
    answer = as_(manager_a).post(BOOK + QUERY)
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    charts = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) >= 5
    assert sum("<errBars>" in chart for chart in charts) >= 4
    assert any("<lineChart>" in chart for chart in charts)
    assert any("<scatterChart>" in chart for chart in charts)
    assert any("<barChart>" in chart for chart in charts)
    for chart in charts:  # what the standard asks for, and spreadsheet programs refuse a file without
        for bars in re.findall(r"<errBars>.*?</errBars>", chart):
            assert bars.index("<plus>") < bars.index("<minus>")
        assert not re.search(r"<a:noFill ?/><a:solidFill>", chart)
        assert '<barDir val="bar"' not in chart or "<errDir" not in chart


def test_no_customer_stands_in_the_workbook(as_, manager_a, surveys):
    book = book_of(as_(manager_a))
    said = {str(cell.value) for sheet in book for line in sheet.iter_rows() for cell in line if cell.value is not None}
    for response in surveys:
        assert response.customer.name not in said
        if response.vehicle:
            assert response.vehicle.vin not in said
            assert response.vehicle.plate_no not in said
    assert not any("等得太久" in text for text in said)


def test_equal_figures_give_equal_bytes(as_, manager_a, surveys, monkeypatch):
    moment = clock.at(DAY, 9)
    monkeypatch.setattr(clock, "now", lambda: moment)
    client = as_(manager_a)
    assert client.post(BOOK + QUERY).content == client.post(BOOK + QUERY).content


def test_it_speaks_english_too(as_, manager_a, surveys):
    book = load_workbook(io.BytesIO(as_(manager_a, "en").post(BOOK + QUERY).content))
    assert book.sheetnames[:3] == ["At a glance", "Trend", "Factors"]
    assert table(book["Trend"])[0]["Month"] == "2025-10"


def test_a_month_without_a_response_is_a_workbook_all_the_same(as_, stranger_b):
    book = book_of(as_(stranger_b))
    assert table(book["概览"])[0]["n"] == 0
    assert table(book["概览"])[0]["数值"] is None


# ---- who -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [BOOK, PAGE])
def test_an_export_is_posted_and_logged(as_, manager_a, surveys, store_a, url):
    client = as_(manager_a)
    assert client.get(url + QUERY).status_code == 405
    assert not Entry.objects.filter(action__startswith="satisfaction.").exists()
    client.post(url + QUERY + f"&store={store_a.pk}")
    entry = Entry.objects.get(action="satisfaction.exported" if url == BOOK else "satisfaction.printed")
    assert entry.store_id == store_a.pk
    assert entry.actor_id == manager_a.employee.pk
    assert entry.detail["filters"]["month"] == "2026-09"
    assert entry.detail["rows"] > 12
    assert len(entry.detail["sha256"]) == 64


@pytest.mark.parametrize("url", [BOOK, PAGE])
@pytest.mark.parametrize("name", ["specialist_a", "frontline_a", "admin_a"])
def test_who_sees_no_scores_takes_none_away(as_, request, name, url):
    assert as_(request.getfixturevalue(name)).post(url + QUERY).status_code == 403


@pytest.mark.parametrize("url", [BOOK, PAGE])
def test_another_store_is_404(as_, stranger_b, surveys, store_a, url):
    assert as_(stranger_b).post(f"{url}{QUERY}&store={store_a.pk}").status_code == 404


def test_a_head_takes_only_the_own_department_away(as_, head_a, surveys):
    book = book_of(as_(head_a))
    said = {str(cell.value) for sheet in book for line in sheet.iter_rows() for cell in line if cell.value is not None}
    assert "接待服务" in said
    assert "故障一次解决" not in said
    assert "因子" not in book.sheetnames


def test_a_head_of_no_judged_department_has_nothing_to_take(as_, store_a):
    head = make_person(store_a, "head", "唐敏")
    head.employee.postings.update(department=Department.FINANCE)
    assert as_(head).post(BOOK).status_code == 404
