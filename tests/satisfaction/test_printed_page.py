"""The page for the morning meeting: one sheet of A4 on which nothing is cut off or lies on something else."""

import itertools
import re
import warnings
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import translation

from crm_site.accounts.models import Department, Post
from crm_site.core import clock
from crm_site.core.charts import paper as sheets
from crm_site.core.dates import months_between, parse_month
from crm_site.core.figures import Scope
from satisfaction import rules
from satisfaction.models import Dimension, Target
from satisfaction.rules.quadrant import quadrant_of
from satisfaction.views.charts.compared import Compared
from satisfaction.views.charts.factors import FactorLine, Factors
from satisfaction.views.charts.fields import Quadrants
from satisfaction.views.charts.trend import Trend
from satisfaction.views.export import page
from satisfaction.views.export.facts import Extra, Facts, ItemLine
from satisfaction.views.lens import Lens
from satisfaction.views.members import Group, Member
from tests.factories import DAY, EmployeeFactory, PostingFactory
from tests.satisfaction.surveys import order_of, respond, short_answers

PAGE = reverse("satisfaction:printed_page")
QUERY = "?month=2026-09&kind=service"
NAME = "欧阳覃牟冉𠮷Maximiliana von und zu Hohenlohe"
MONTH = parse_month("2026-09")


def mean(value, n=120):
    value = Decimal(str(value))
    return rules.Mean(n, value, value - 4, min(value + 3, Decimal(100)))


def member(number):
    now = mean(70 + number % 29, n=4 + number * 3)
    return Member(
        key=str(number), label=f"{number}{NAME}", filters={}, now=now, before=mean(80), rolling=mean(77, n=40), low=3,
        very_satisfied=rules.rate_of(1, 2), note="渝北一店 · 2026-09-30 离职",
    )  # fmt: skip


def facts(*, long=True, members=40, falls=7):
    """Facts of a full page, or of an empty one."""
    scope = Scope.of_month([1], MONTH, kind="service")
    lens = Lens(scope, ("service",), DAY, {"employee": NAME * 3} if long else {})
    months = list(months_between(MONTH.shift(-11), MONTH))
    name = NAME if long else "内部"
    means = [mean(80 + place % 12) if long else rules.Mean(0, None) for place in range(12)]
    trend = Trend(name, name, months, [f"{one.month}月" for one in months], means, {}, [], Decimal(90), [], True)
    lines = [FactorLine(str(one), f"{one} {NAME}", Decimal(20), mean(70 + one), mean(80), None) for one in range(6)]
    items = [
        ItemLine("f", str(one), f"{one} {NAME}", Decimal(5), mean(60 + one), mean(80), None, 3) for one in range(17)
    ]
    group = Group("service_advisor", NAME, tuple(member(one) for one in range(members)), Decimal("85.2"))
    other = Group("technicians", "维修技师", tuple(member(one) for one in range(3)), Decimal("88.2"))
    groups = [Compared(group, Decimal(90)), Compared(other, None)] if members else []
    words = [("Stores", NAME * 2), ("Filters", NAME * 2), ("Questionnaires", NAME * 3), ("Made by", NAME)]
    about = [(translation.gettext(what), said) for what, said in words]
    extras = [
        Extra("very_satisfied", "Very satisfied with everything", rules.rate_of(812, 1203), None),
        Extra("nps", "Net promoter score", rules.nps_of(700, 200, 1203), None),
        Extra("loyalty", NAME, mean(88, 1203), None),
    ]
    covered = [{"word": f"{one}{NAME}", "count": 12345 - one, "share": 1 - one / 9} for one in range(9)]
    return Facts(
        lens=lens, about=about, head=mean(88.6, 12345) if long else rules.Mean(3, Decimal(80)), before=mean(80),
        target=Decimal(90), extras=extras if long else [], trend=trend,
        factors=Factors(lines if long else [], Decimal(90)), items=items if long else [],
        fields=Quadrants(quadrant_of([])), groups={Dimension.EMPLOYEE: groups}, coverage=covered if long else [],
        low=1234, alerts=[f"{NAME} 下降 12.3 (88.1 → 75.8)"] * falls, open_measures=12, made_at=clock.at(DAY, 9),
    )  # fmt: skip


def texts(drawn):
    """Every text of a page with its box in units."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text

    sheets.make_drawable(drawn.figure)
    renderer = FigureCanvasAgg(drawn.figure).get_renderer()
    drawn.figure.draw(renderer)
    found = [one for one in drawn.figure.findobj(Text) if one.get_text().strip() and one.get_visible()]
    return [(one.get_text(), one.get_window_extent(renderer)) for one in found]


CASES = [
    ({}, ""), ({"long": False}, ""), ({"falls": 0}, ""), ({}, Dimension.EMPLOYEE), ({"members": 1}, Dimension.EMPLOYEE),
    ({"members": 0}, Dimension.EMPLOYEE), ({"members": 9}, Dimension.EMPLOYEE),
]  # fmt: skip


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(("given", "by"), CASES)
def test_no_word_is_cut_off_or_lies_on_another(given, by, language):
    with translation.override(language), warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = page.drawn(facts(**given), by)
        found = texts(drawn)
    assert len(found) > 5
    for words, box in found:
        assert min(box.x0, box.y0) >= 4, words
        assert box.x1 <= sheets.PAGE[0] - 8, words
        assert box.y1 <= sheets.PAGE[1] - 4, words
    for (one, first), (other, second) in itertools.combinations(found, 2):
        across = min(first.x1, second.x1) - max(first.x0, second.x0)
        down = min(first.y1, second.y1) - max(first.y0, second.y0)
        assert across < 2 or down < 3, (one, other)


def test_equal_facts_give_equal_bytes_without_a_date():
    first, second = (page.render(facts(long=False, members=0), "") for _time in range(2))
    assert first == second
    assert first.startswith(b"%PDF-")
    assert b"CreationDate" not in first


def test_the_page_is_a4_lying_with_the_shipped_font_inside():
    data = page.render(facts(members=5), Dimension.EMPLOYEE)
    box = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+) ?\]", data)
    assert [round(float(one)) for one in box.groups()] == [842, 595]
    assert data.count(b"/Type /Page ") + data.count(b"/Type /Page\n") == 1
    assert b"NotoSansSC" in data
    assert b"/FontFile2" in data
    assert len(data) < 200_000, "only the letters used are inside"


def test_small_numbers_are_not_shown_on_paper_either():
    drawn = page.drawn(facts(long=False), "")
    said = [words for words, _box in texts(drawn)]
    assert "–" in said
    assert not any(words.startswith("80") for words in said)


@pytest.mark.django_db
def test_the_page_is_fetched_with_the_filters_of_the_dashboard(as_, manager_a, store_a, september):
    advisor = EmployeeFactory(store=store_a, name="罗雪")
    PostingFactory(employee=advisor, department=Department.SERVICE, post=Post.SERVICE_ADVISOR)
    for _number in range(11):
        respond(store_a, order=order_of(store_a, advisor), answers=short_answers(8))
    Target.objects.create(
        store=store_a, kind="service", figure="index", since=DAY.replace(day=1), value=Decimal(90), set_at=clock.now()
    )
    client = as_(manager_a)
    for by in ("", "&by=employee", "&by=series"):
        answer = client.post(PAGE + QUERY + by)
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"].startswith('attachment; filename="satisfaction-service-2026-09')
    assert client.post(PAGE + QUERY + "&by=nonsense").status_code == 404
    assert client.post(PAGE + "?month=2026-09&kind=nonsense").status_code == 404
    assert client.post(PAGE + "?month=2020-01&kind=service").status_code == 200
