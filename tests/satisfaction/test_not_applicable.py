"""不适用 and 未答 are never 0: pages show a dash where nothing applies, and no figure ever reads NaN."""

import re

import pytest

from crm_site.core.dates import month_of
from crm_site.core.figures import Scope
from satisfaction import queries
from tests.factories import DAY
from tests.satisfaction.surveys import given, order_of, respond, short_answers

pytestmark = pytest.mark.django_db


def service(store, **filters) -> Scope:
    return Scope.of_month([store.pk], month_of(DAY), kind="service", **filters)


def test_responses_of_which_nothing_applies_show_a_dash_and_never_a_zero(store_a, manager_a, as_):
    for _place in range(12):
        respond(store_a, order=order_of(store_a), answers=short_answers(None))
    page = as_(manager_a).get(f"/satisfaction/?month={DAY:%Y-%m}&kind=service").content.decode()
    assert queries.INDEX.of(service(store_a)).value is None
    assert "NaN" not in page
    assert not re.search(r">\s*0\.0\s*<", page)


def test_an_item_that_never_applies_has_no_figure_where_the_others_have(store_a, manager_a, as_):
    for _place in range(12):
        respond(store_a, order=order_of(store_a), answers=short_answers(9, charges_transparent=None))
    asked = service(store_a)
    assert queries.INDEX.of(asked).n == 12
    assert queries.INDEX.of(asked.having(factor="charges")) == queries.INDEX.of(asked.having(factor="nowhere"))
    page = as_(manager_a).get(f"/satisfaction/?month={DAY:%Y-%m}&kind=service").content.decode()
    row = page[page.index("维修收费") :]
    assert "–" in row[: row.index("</tr>")]
    assert "NaN" not in page
    assert not re.search(r">\s*0\.0\s*<", page)


def test_not_applicable_and_not_answered_are_never_counted_as_zero(store_a):
    answers = [*short_answers(10, charges_transparent=None)]
    answers = [one for one in answers if one.question_code != "on_time"] + [given("on_time", None)]
    row = respond(store_a, order=order_of(store_a), answers=answers)
    assert row.score == 100
