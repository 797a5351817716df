"""External results from a spreadsheet: periods, scales, stores, and that nothing of ours is mixed with them."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_site.imports.actions import sources
from crm_site.imports.models import BatchState
from crm_site.jobs import runner
from satisfaction.models import ExternalResult
from satisfaction.rules.external import out_of_100, parse_period, scale_told_by
from tests.imports.sheets import read, workbook, write

pytestmark = pytest.mark.django_db

HEADER = ["门店", "调查名称", "调查期间", "因子", "得分", "分制", "样本量", "区域均值", "排名", "参评店数"]


def sheet(*rows, header=HEADER) -> bytes:
    return workbook(("外部满意度", [header, *rows]))


def row(**values):
    """A row of a survey as files have it, by the titles of its columns."""
    usual = {"门店": "", "调查名称": "厂家SSI", "调查期间": "2026Q2", "因子": "总分", "得分": 863, "分制": "千分制",
             "样本量": 60, "区域均值": 851.5, "排名": "3", "参评店数": 15}  # fmt: skip
    usual |= values
    return [usual[title] for title in HEADER]


@pytest.mark.parametrize(
    ("written", "code", "first", "last"),
    [
        ("2026-05", "2026-05", date(2026, 5, 1), date(2026, 5, 31)),
        ("2026年5月", "2026-05", date(2026, 5, 1), date(2026, 5, 31)),
        ("2026/5", "2026-05", date(2026, 5, 1), date(2026, 5, 31)),
        ("202612", "2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        ("26年12月", "2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        ("2026-02-01 00:00:00", "2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2026Q2", "2026-Q2", date(2026, 4, 1), date(2026, 6, 30)),
        ("Q4 2026", "2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026年第三季度", "2026-Q3", date(2026, 7, 1), date(2026, 9, 30)),
        ("2026年1季度", "2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026年上半年", "2026-H1", date(2026, 1, 1), date(2026, 6, 30)),
        ("2026H2", "2026-H2", date(2026, 7, 1), date(2026, 12, 31)),
        ("2026年度", "2026", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_period_is_read_as_files_write_it(written, code, first, last):
    found = parse_period(written)
    assert (found.code, found.first, found.last) == (code, first, last)
    assert parse_period(found.code) == found


@pytest.mark.parametrize("written", ["二季度", "2026.1", "20265", "第一波", "2026-13", "1826-05", "2026Q5", "05/2026x"])
def test_a_period_that_cannot_be_told_is_none(written):
    assert parse_period(written) is None


def test_a_period_without_a_year_takes_that_of_the_year_column():
    assert parse_period("二季度", 2026).code == "2026-Q2"
    assert parse_period("5月", 2026).code == "2026-05"


@pytest.mark.parametrize(
    ("scores", "scale"), [([86.3], None), ([8.6, 7], None), ([86.3, 863], 1000), ([100.5], 1000), ([], None)]
)
def test_only_scores_above_100_tell_their_scale(scores, scale):
    assert scale_told_by([Decimal(str(score)) for score in scores]) == scale


@pytest.mark.parametrize(
    ("raw", "scale", "score"), [("863", 1000, "86.300"), ("8.6", 10, "86.000"), ("86.35", 100, "86.350"),
                                ("863.45", 1000, "86.345")]
)  # fmt: skip
def test_scores_of_every_scale_are_kept_out_of_100(raw, scale, score):
    assert out_of_100(Decimal(raw), scale) == Decimal(score)


def test_a_list_is_recognised_and_written_with_its_own_numbers_beside_ours(admin_a):
    batch = write(admin_a, read(admin_a, sheet(row(), row(因子="交车过程", 得分="871"))))
    assert (batch.layout, batch.state) == ("external_scores", BatchState.APPLIED)
    whole, factor = ExternalResult.objects.order_by("factor")
    assert (whole.factor, whole.survey, whole.period) == ("", "厂家SSI", "2026-Q2")
    assert (whole.score, whole.raw_score, whole.scale) == (Decimal("86.300"), Decimal("863.000"), 1000)
    assert (whole.regional_mean, whole.sample, whole.rank, whole.rank_of) == (Decimal("85.150"), 60, 3, 15)
    assert (factor.factor, factor.score) == ("交车过程", Decimal("87.100"))
    assert (whole.batch, whole.sheet, whole.row) == (batch, "外部满意度", 2)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"门店": "南岸店"}, "other_store"),
        ({"得分": 86.3, "区域均值": 85, "分制": ""}, "scale_unclear"),
        ({"得分": 8.6, "区域均值": "", "分制": ""}, "scale_unclear"),
        ({"得分": 1200}, "score_off_scale"),
        ({"得分": 86.3, "区域均值": 85, "分制": "十分制"}, "score_off_scale"),
        ({"得分": -1}, "score_off_scale"),
        ({"得分": "优"}, "number_form"),
        ({"得分": ""}, "required"),
        ({"调查期间": "第一波"}, "period_unclear"),
        ({"调查期间": "2089Q1"}, "date_future"),
        ({"调查名称": ""}, "required"),
        ({"分制": "五星制"}, "choice_unknown"),
    ],
)
def test_a_row_that_cannot_be_read_for_certain_is_refused_with_the_reason(admin_a, values, code):
    batch = read(admin_a, sheet(row(**values)))
    (staged,) = batch.rows.all()
    assert staged.verdict == "problem"
    assert code in [finding["code"] for finding in staged.findings if finding["severity"] == "problem"]


@pytest.mark.parametrize("name", ["A", "a", "渝北一店", "渝北A汽车销售服务有限公司", ""])
def test_our_store_may_be_named_by_code_or_name(admin_a, name):
    assert read(admin_a, sheet(row(门店=name))).counts["new"] == 1


def test_the_scale_is_told_by_the_other_scores_of_the_survey_or_by_earlier_ones(admin_a):
    first = read(admin_a, sheet(row(分制=""), row(因子="提车", 得分=88.5, 区域均值="", 分制="")))
    assert first.counts["new"] == 2
    write(admin_a, first)
    assert set(ExternalResult.objects.values_list("scale", flat=True)) == {1000}
    later = write(admin_a, read(admin_a, sheet(row(调查期间="2026Q3", 得分=79, 区域均值="", 分制=""))))
    assert later.counts["new"] == 1
    assert ExternalResult.objects.get(period="2026-Q3").score == Decimal("7.900")


def test_a_scale_that_cannot_be_told_is_asked_once_a_survey(admin_a):
    rows = [row(得分=86.3, 区域均值=85, 分制=""), row(因子="提车", 得分=88, 区域均值="", 分制="")]
    batch = read(admin_a, sheet(*rows))
    assert batch.counts["problem"] == 2
    (asked,) = batch.questions
    assert (asked["kind"], asked["field"], asked["unsaid"]) == ("value", "scale", True)
    assert [word[:2] for word in asked["words"]] == [["厂家SSI", 2]]
    said = {"values": {"scale": {"厂家SSI": "100"}}}
    sources.explain(batch.pk, said, remember=False, by=admin_a.employee)
    batch.refresh_from_db()
    runner.run(batch.stage_job_id)
    batch.refresh_from_db()
    assert (batch.counts["new"], batch.questions) == (2, [])
    write(admin_a, batch)
    assert set(ExternalResult.objects.values_list("score", flat=True)) == {Decimal("86.300"), Decimal("88.000")}


def test_a_title_may_say_the_scale(admin_a):
    header = ["调查名称", "调查期间", "得分(百分制)"]
    write(admin_a, read(admin_a, sheet(["厂家CSI", "2026年5月", 91.25], header=header)))
    result = ExternalResult.objects.get()
    assert (result.scale, result.score, result.period) == (100, Decimal("91.250"), "2026-05")


@pytest.mark.parametrize(
    ("written", "of", "rank", "rank_of"),
    [
        ("3/15", "", 3, 15),
        ("第3名", 15, 3, 15),
        ("3名/15家", "", 3, 15),
        ("16", 15, None, None),
        ("前十", "", None, None),
        (date(2026, 3, 15), "", None, None),  # what a spreadsheet makes of 3/15
    ],
)
def test_a_rank_is_read_and_one_that_cannot_be_is_left_out(admin_a, written, of, rank, rank_of):
    write(admin_a, read(admin_a, sheet(row(排名=written, 参评店数=of))))
    result = ExternalResult.objects.get()
    assert (result.rank, result.rank_of) == (rank, rank_of)


def test_the_same_file_again_changes_nothing_and_a_corrected_one_only_its_rows(admin_a):
    write(admin_a, read(admin_a, sheet(row(), row(因子="提车"))))
    assert read(admin_a, sheet(row(), row(因子="提车"))).counts["unchanged"] == 2
    batch = read(admin_a, sheet(row(得分=865, 排名=2), row(因子="提车")))
    assert (batch.counts["changed"], batch.counts["unchanged"]) == (1, 1)
    assert batch.rows.get(verdict="changed").changes == {"score": ["863", "865"], "rank": [3, 2]}
    write(admin_a, batch)
    assert ExternalResult.objects.get(factor="").score == Decimal("86.500")


def test_an_import_notes_what_undo_needs(admin_a):
    first = write(admin_a, read(admin_a, sheet(row())))
    result = ExternalResult.objects.get()
    assert first.chunks.get().created == {"satisfaction.externalresult": [result.pk]}
    second = write(admin_a, read(admin_a, sheet(row(得分=865))))
    noted = second.chunks.get().updated["satisfaction.externalresult"][str(result.pk)]
    assert [Decimal(each) for each in noted["raw_score"]] == [Decimal(863), Decimal(865)]


def test_queries_do_not_grow_with_rows(admin_a):
    counts = []
    for number in (3, 20):
        batch = read(admin_a, sheet(*[row(调查期间=f"20{number:02d}Q1", 因子=f"因子{each}") for each in range(number)]))
        with CaptureQueriesContext(connection) as queries:
            write(admin_a, batch)
        counts.append(len(queries))
    assert counts[0] == counts[1]


# ---- the page --------------------------------------------------------------------------------------------------------


def test_the_page_shows_whole_and_factor_beside_the_region(admin_a, manager_a, as_):
    write(admin_a, read(admin_a, sheet(row(), row(因子="交车过程", 得分=840))))
    page = as_(manager_a).get(reverse("satisfaction:external")).content.decode()
    for told in ("2026年第2季度", "86.3", "863 / 1000", "85.2", "+1.2", "3 / 15", "交车过程", "−1.2", "外部满意度"):
        assert told in page, told


def test_the_page_is_filtered_by_survey_period_and_part(admin_a, manager_a, as_):
    write(admin_a, read(admin_a, sheet(row(), row(因子="交车过程"), row(调查名称="厂家CSI", 调查期间="2026年5月"))))
    client = as_(manager_a)

    def shown(**asked):
        page = client.get(reverse("satisfaction:external"), asked)
        return sorted((line["row"].survey, line["row"].factor) for line in page.context["lines"])

    assert shown() == [("厂家CSI", ""), ("厂家SSI", ""), ("厂家SSI", "交车过程")]
    assert shown(survey="厂家SSI") == [("厂家SSI", ""), ("厂家SSI", "交车过程")]
    assert shown(period="2026-05") == [("厂家CSI", "")]
    assert shown(of="whole") == [("厂家CSI", ""), ("厂家SSI", "")]
    assert shown(survey="nonsense") == []


def test_another_store_and_the_desk_do_not_see_it(admin_a, stranger_b, specialist_a, as_):
    write(admin_a, read(admin_a, sheet(row())))
    assert "厂家SSI" not in as_(stranger_b).get(reverse("satisfaction:external")).content.decode()
    assert as_(specialist_a).get(reverse("satisfaction:external")).status_code == 403


def test_an_empty_page_says_what_to_do_to_whom_may_do_it(manager_a, director_a, as_):
    assert reverse("imports:upload") in as_(manager_a).get(reverse("satisfaction:external")).content.decode()
    assert reverse("imports:upload") not in as_(director_a).get(reverse("satisfaction:external")).content.decode()


def test_external_results_are_never_in_our_score(admin_a, manager_a, as_):
    write(admin_a, read(admin_a, sheet(row())))
    page = as_(manager_a).get(reverse("satisfaction:dashboard")).content.decode()
    assert "86.3" not in page


def test_the_page_asks_the_same_number_of_queries_for_any_number_of_rows(admin_a, manager_a, as_):
    client, counts = as_(manager_a), []
    for number in (3, 20):
        write(
            admin_a,
            read(admin_a, sheet(*[row(调查期间=f"20{number:02d}Q1", 因子=f"因子{each}") for each in range(number)])),
        )
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("satisfaction:external"))
        counts.append(len(queries))
    assert counts[0] == counts[1]
