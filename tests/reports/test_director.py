"""The director's report: the same figures as elsewhere, for those who may see them."""

import pytest
from django.urls import reverse

from crm_site.core import clock
from revisits.queries.indicators import INDICATORS
from tests.revisits.month import TODAY, busy_month
from tests.revisits.test_indicators import scope

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _here(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: clock.at(TODAY, 12))


def test_its_figures_are_those_of_the_indicators(as_, director_a, specialist_a):
    busy_month(director_a.store, [specialist_a.employee], tasks=60)
    page = as_(director_a).get(reverse("reports:director"), {"month": "2026-08"})
    found = {one.line.code: one.line.value for one in page.context["figures"]}
    for code, value in found.items():
        assert value == INDICATORS[code].of(scope(director_a.store)), code
    assert all(one["adds_up"] for one in page.context["coverages"])


def test_targets_stand_beside_the_figures(as_, director_a, specialist_a):
    busy_month(director_a.store, [specialist_a.employee], tasks=60)
    page = as_(director_a).get(reverse("reports:director"), {"month": "2026-08"})
    ten = {one.code: one for one in page.context["ten"]}
    assert ten["called"].target == "≥ 100%"
    assert ten["called"].verdict == "missed"
    lines = {one.line.code: one.line for one in page.context["figures"]}
    assert lines["connected"].verdict == "watch"
    assert "未达成" in page.content.decode()


def test_a_month_without_anything_is_a_page_all_the_same(as_, manager_a):
    page = as_(manager_a).get(reverse("reports:director"), {"month": "2026-08"})
    assert page.status_code == 200
    assert "–" in page.content.decode()


def test_only_manager_and_director_see_it(as_, head_a, specialist_a, admin_a):
    for person in (head_a, specialist_a, admin_a):
        assert as_(person).get(reverse("reports:director")).status_code == 403


def test_a_month_to_come_is_404(as_, manager_a):
    assert as_(manager_a).get(reverse("reports:director"), {"month": "2026-12"}).status_code == 404
