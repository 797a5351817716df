"""The pictures of satisfaction: what they show is what the readers say, and their words tell it to who cannot see."""

from datetime import date
from decimal import Decimal
from xml.dom.minidom import parseString

import pytest
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape

from crm_site.accounts.models import Department, Post
from crm_site.core import clock
from crm_site.core.dates import parse_month
from crm_site.core.figures import Scope
from satisfaction.models import ExternalResult, ImprovementMeasure, Target
from satisfaction.views.charts.compared import compared_of
from satisfaction.views.charts.factors import factors_of
from satisfaction.views.charts.fields import quadrants_of
from satisfaction.views.charts.trend import trend_of
from satisfaction.views.lens import Lens
from tests.factories import DAY, EmployeeFactory, PostingFactory
from tests.satisfaction.surveys import order_of, respond, short_answers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("september")]
MONTH = parse_month("2026-09")
SERVICE = {"month": "2026-09", "kind": "service"}


@pytest.fixture(autouse=True)
def chinese():
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def advisor(store_a):
    employee = EmployeeFactory(store=store_a, name="罗雪")
    PostingFactory(employee=employee, department=Department.SERVICE, post=Post.SERVICE_ADVISOR)
    return employee


@pytest.fixture
def surveys(store_a, advisor):
    """Twelve responses in September, six in August and six in July."""
    for day, count in ((DAY, 12), (date(2026, 8, 10), 6), (date(2026, 7, 10), 6)):
        for number in range(count):
            marks = {"reception": 6 + number % 5, "on_time": 5 + number % 6}
            respond(store_a, order=order_of(store_a, advisor), answers=short_answers(8, **marks), day=day)


def lens_of(store, **filters):
    words = {name: str(value) for name, value in filters.items()}
    return Lens(Scope.of_month([store.pk], MONTH, kind="service", **filters), ("service",), DAY, words)


# ---- over time -------------------------------------------------------------------------------------------------------


def test_a_month_with_too_few_shows_three_months_marked(store_a, surveys):
    found = trend_of(lens_of(store_a))
    july, august, september = 9, 10, 11
    assert found.means[july].n == found.means[august].n == 6
    assert set(found.rolling) == {august}, "July has nothing before it, September enough of its own"
    assert found.rolling[august].n == 12
    series = found._series()[0]
    assert series.rolling == {august}
    assert series.values[july] is None
    assert series.values[september] == float(found.means[september].value)
    assert series.hollow == {september}, "September is running"


def test_an_outside_survey_is_a_line_of_its_own(store_a, surveys):
    before = trend_of(lens_of(store_a)).means
    for survey in ("厂家CSI", "厂家SSI"):
        ExternalResult.objects.create(
            store=store_a, survey=survey, period="2026-08", first_day=date(2026, 8, 1), last_day=date(2026, 8, 31),
            score=Decimal("84.5"), raw_score=Decimal("845"), scale=1000,
        )  # fmt: skip
    found = trend_of(lens_of(store_a))
    assert found.means == before, "never mixed"
    assert [(one.survey, one.values) for one in found.outside] == [("厂家CSI", {10: Decimal("84.5")})]
    inside, outside = found._series()
    assert not inside.outside
    assert outside.outside
    assert outside.label == "外部：厂家CSI"
    assert "外部 厂家CSI：2026-08 为 84.5。" in found.alt


def test_several_stores_have_no_outside_line(store_a, store_b, surveys):
    lens = Lens(Scope.of_month([store_a.pk, store_b.pk], MONTH, kind="service"), ("service",), DAY)
    assert trend_of(lens).outside == []


def test_a_measure_stands_at_the_day_it_was_done(store_a, surveys, manager_a):
    ImprovementMeasure.objects.create(
        store=store_a, cause="等待", measure="接待培训", responsible=manager_a.employee, due_on=DAY, state="done",
        done_on=date(2026, 8, 16), metric="item", metric_code="reception", created_at=clock.now(),
        created_by=manager_a.employee, submission="00000000-0000-0000-0000-000000000001",
    )  # fmt: skip
    found = trend_of(lens_of(store_a, question="reception"))
    assert [event.label for event in found.events] == ["措施：接待培训"]
    assert 9.9 < found.events[0].place < 10.1, "the middle of August stands at August's point"
    assert "标出 1 项改进措施" in found.alt
    assert trend_of(lens_of(store_a)).events == []
    assert trend_of(lens_of(store_a, question="on_time")).events == []


def test_the_words_tell_the_numbers_that_matter(store_a, surveys):
    Target.objects.create(
        store=store_a, kind="service", figure="index", since=date(2026, 1, 1), value=Decimal(90), set_at=clock.now()
    )
    alt = trend_of(lens_of(store_a)).alt
    assert alt.startswith("服务满意度十二个月：2026-09 为 ")
    assert "n = 12" in alt
    assert "目标 90.0。" in alt
    with translation.override("en"):
        assert trend_of(lens_of(store_a)).alt.startswith("Service satisfaction over twelve months: ")


def test_an_empty_year_says_so(store_a):
    assert "每月样本都不足" in trend_of(lens_of(store_a)).alt
    assert factors_of(lens_of(store_a)).alt == "因子：没有样本。"
    assert quadrants_of(lens_of(store_a)).alt == "样本足够的题目太少。"


# ---- beside each other -----------------------------------------------------------------------------------------------


def test_people_stand_against_the_mean_of_their_part(store_a, surveys, advisor):
    weak = EmployeeFactory(store=store_a, name="姚鹏")
    PostingFactory(employee=weak, department=Department.SERVICE, post=Post.SERVICE_ADVISOR)
    for _number in range(31):
        respond(store_a, order=order_of(store_a, weak), answers=short_answers(4), day=DAY)
    group = compared_of(lens_of(store_a), "employee", part="service_advisor")[0]
    by_name = {dot.label: dot for dot in group._dots()}
    assert by_name["姚鹏"].stands == "below"
    assert by_name["罗雪"].stands == "few"
    assert "低于均分：姚鹏" in group.alt


def test_factors_and_fields_are_those_of_the_page(as_, manager_a, store_a, surveys):
    shown = as_(manager_a).get(reverse("satisfaction:dashboard"), SERVICE).context
    assert shown["factor_alt"] == factors_of(lens_of(store_a)).alt
    items = as_(manager_a).get(reverse("satisfaction:items"), SERVICE).context
    points = quadrants_of(lens_of(store_a))._points()
    assert {point.label for point in points} == {one.label for one in items["quadrant"].points}
    assert items["alt"] == quadrants_of(lens_of(store_a)).alt


# ---- through the client ----------------------------------------------------------------------------------------------

PICTURES = [
    ("trend", {}), ("trend", {"question": "reception"}), ("factors", {}), ("quadrant", {}), ("members", {}),
    ("members", {"by": "employee", "part": "service_advisor"}), ("members", {"by": "series"}),
    ("members", {"by": "job_type"}), ("employees", {"part": "technicians"}),
]  # fmt: skip


def test_every_picture_is_drawn_and_kept(as_, manager_a, surveys):
    """One set of responses for all of them: they take longer to answer than the pictures to draw."""
    client = as_(manager_a)
    for name, query in PICTURES:
        url = reverse("satisfaction:chart", args=[name])
        for look in ({}, {"size": "narrow", "theme": "dark"}):
            answer = client.get(url, {**SERVICE, **query, **look})
            assert answer.status_code == 200, (name, query)
            assert parseString(answer.content).documentElement.tagName == "svg"
            again = client.get(url, {**SERVICE, **query, **look}, headers={"if-none-match": answer["ETag"]})
            assert again.status_code == 304, (name, query)


@pytest.mark.parametrize(("name", "query"), [("members", {"by": "store"}), ("members", {"by": "x"}), ("pie", {})])
def test_a_picture_that_is_not_there_is_404(as_, manager_a, name, query):
    assert as_(manager_a).get(reverse("satisfaction:chart", args=[name]), {**SERVICE, **query}).status_code == 404


def test_a_head_gets_no_picture_of_whole_responses(as_, head_a, surveys):
    assert as_(head_a).get(reverse("satisfaction:chart", args=["factors"]), SERVICE).status_code == 404
    assert as_(head_a).get(reverse("satisfaction:chart", args=["trend"]), SERVICE).status_code == 200


def test_the_page_says_what_the_picture_shows_and_prints_a_light_one(as_, manager_a, store_a, surveys):
    manager_a.user.theme = "dark"
    manager_a.user.save(update_fields=["theme"])
    for language in ("zh-hans", "en"):
        html = as_(manager_a, language).get(reverse("satisfaction:dashboard"), SERVICE).content.decode()
        with translation.override(language):
            assert f'alt="{escape(trend_of(lens_of(store_a)).alt)}"' in html
        printed = [part for part in html.split("<source ") if part.startswith('media="print"')]
        assert len(printed) == 2
        assert all("size=wide&amp;theme=light" in part.split(">")[0] for part in printed)
