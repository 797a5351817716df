"""Figures beside the index by month and by item, what is kept and lost, external scores beside internal ones."""

from datetime import date
from decimal import Decimal as D

import pytest

from crm_site.core import clock
from crm_site.core.dates import month_of
from crm_site.core.figures import Scope
from satisfaction import queries, rules
from satisfaction.actions.folding import rebuild
from satisfaction.models import ExternalResult
from tests.factories import DAY, VehicleFactory
from tests.satisfaction.surveys import delivery_of, given, order_of, respond, short_answers

pytestmark = pytest.mark.django_db
MONTH = month_of(DAY)
ITEMS = (
    "manner",
    "expertise",
    "test_drive",
    "price_fair",
    "charges_clear",
    "controls",
    "maintenance",
    "problems_solved",
)
PAGE = f"/satisfaction/loyalty/?month={MONTH}&kind="


def sales(store, **filters) -> Scope:
    return Scope.of_month([store.pk], MONTH, kind="sales", **filters)


@pytest.fixture
def answers(store_a):
    """Twelve sales responses in two months; music is always asked, the uniform of two in three."""
    for place in range(12):
        extras = [given("overall", 7 + place % 4), given("recommend", place % 11), given("music", place % 2)]
        extras += [given("uniform", 1 if place % 3 else None)]
        day = DAY if place < 9 else MONTH.shift(-1).start
        base = [given(code, 9) for code in ITEMS]
        respond(store_a, code="SSI", delivery=delivery_of(store_a), answers=[*base, *extras], day=day)


@pytest.mark.parametrize("summed", [False, True])
def test_every_month_equals_the_figures_of_that_month(answers, store_a, summed):
    if summed:
        rebuild([store_a.pk], now=clock.now())
    scope = sales(store_a)
    found = queries.extras_by_month(scope.during(MONTH.shift(-11), MONTH))
    assert found == {month: queries.extras(scope.during(month)) for month in (MONTH.shift(-1), MONTH)}


@pytest.mark.parametrize("summed", [False, True])
def test_each_execution_item_equals_its_own_list(answers, store_a, summed):
    if summed:
        rebuild([store_a.pk], now=clock.now())
    found = queries.executed(sales(store_a))
    assert found == {"music": rules.rate_of(4, 9), "uniform": rules.rate_of(6, 6)}
    for code, rate in found.items():
        own = sales(store_a, question=code)
        assert queries.EXECUTION.of(own) == rate
        assert queries.EXECUTION.rows(own).count() == rate.n
    whole = queries.EXECUTION.of(sales(store_a))
    assert (whole.hits, whole.n) == (10, 15)
    assert queries.EXECUTION.rows(sales(store_a)).count() == 9


def test_the_list_of_an_execution_item_says_what_was_done_in_each_response(answers, manager_a, as_):
    page = (
        as_(manager_a)
        .get(f"/satisfaction/responses/?month={MONTH}&kind=sales&figure=execution&question=uniform")
        .content.decode()
    )
    assert page.count('data-counted="1"') == 6
    assert (
        as_(manager_a)
        .get(f"/satisfaction/responses/?month={MONTH}&kind=sales&figure=execution&question=no")
        .status_code
        == 404
    )


def test_the_page_shows_the_year_and_opens_each_list(answers, manager_a, as_):
    page = as_(manager_a).get(f"{PAGE}sales").content.decode()
    for code in ("very_satisfied", "nps", "execution"):
        assert f"figure={code}" in page
    assert f"month={MONTH.shift(-1)}" in page
    assert "figure=loyalty" not in page  # not asked in this questionnaire


def test_kept_and_lost_stand_with_definition_cut_off_and_list(store_a, manager_a, as_, september):
    for seen in (date(2026, 8, 1), date(2025, 12, 1), date(2025, 9, 1), date(2025, 8, 1)):
        VehicleFactory(store=store_a, last_seen_on=seen, sold_here=True)
    page = as_(manager_a).get(f"{PAGE}service").content.decode()
    for code, n in (("kept", 4), ("churned", 4), ("retained", 4)):
        assert f'data-figure="{code}" data-n="{n}"' in page
    assert f"{DAY:%Y-%m-%d}" in page
    listed = as_(manager_a).get(f"/revisits/indicators/churned/?month={MONTH}").content.decode()
    assert 'data-total="4" data-n="4"' in listed


def test_a_head_has_no_figures_of_whole_responses_and_no_stock(answers, head_a, as_):
    page = as_(head_a).get(f"{PAGE}service").content.decode()
    assert "data-figure" not in page
    assert "indicators/churned" not in page


def test_the_queries_do_not_grow_with_the_responses(answers, store_a, manager_a, as_, django_assert_max_num_queries):
    client = as_(manager_a)
    client.get(f"{PAGE}sales")
    with django_assert_max_num_queries(60) as few:
        client.get(f"{PAGE}sales")
    for _place in range(10):
        respond(
            store_a, code="SSI", delivery=delivery_of(store_a), answers=[given(code, 9) for code in (*ITEMS, "overall")]
        )
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(f"{PAGE}sales")


# ---- external beside internal ---------------------------------------------------------------------------------------


def surveyed(store, survey="厂家CSI", last=date(2026, 9, 30), **more):
    values = {
        "raw_score": 868,
        "score": D("86.8"),
        "scale": 1000,
        "sample": 42,
        "raw_mean": 857,
        "regional_mean": D("85.7"),
    }
    return ExternalResult.objects.create(
        store=store,
        survey=survey,
        period=f"{last:%Y-%m}",
        first_day=last.replace(day=1),
        last_day=last,
        **values | more,
    )


def test_the_external_score_stands_beside_on_its_own_scale(store_a, manager_a, as_):
    for _place in range(10):
        respond(store_a, order=order_of(store_a), answers=short_answers(9))
    surveyed(store_a, rank=6, rank_of=17)
    surveyed(store_a, survey="厂家SSI", raw_score=911, score=D("91.1"))
    page = as_(manager_a).get(f"/satisfaction/?month={MONTH}&kind=service").content.decode()
    panel = page[page.index('id="outside-head"') :]
    panel = panel[: panel.index("</section>")]
    for text in ("868 / 1000", "857", "+11", "6 / 17", "n = 42", "90.0"):
        assert text in panel
    assert "911" not in panel  # of sales, not of service
    assert queries.INDEX.of(Scope.of_month([store_a.pk], MONTH, kind="service")).value == 90  # never mixed


def test_a_head_and_another_store_see_no_external_score_on_the_overview(store_a, head_a, stranger_b, as_):
    surveyed(store_a)
    for person in (head_a, stranger_b):
        assert "868 / 1000" not in as_(person).get(f"/satisfaction/?month={MONTH}&kind=service").content.decode()


def test_the_year_keeps_both_in_columns_of_their_own(store_a, manager_a, as_):
    respond(store_a, order=order_of(store_a))
    surveyed(store_a)
    page = as_(manager_a).get(f"/satisfaction/external/?month={MONTH}").content.decode()
    table = page[page.index('id="outside-year"') :]
    assert "厂家CSI" in table
    assert "868 / 1000" in table
    assert "month=2026-09" in table
