"""A period is shown with the words and weights it was asked with, whatever is published since."""

import re

import pytest

from crm_site.core import clock
from crm_site.core.dates import month_of
from crm_site.core.figures import Scope
from satisfaction import queries
from satisfaction.actions.folding import rebuild
from tests.factories import DAY
from tests.satisfaction import many
from tests.satisfaction.surveys import given, order_of, respond, short_answers

pytestmark = pytest.mark.django_db
MONTH = month_of(DAY)
OTHER = {"environment": 15, "process": 25, "quality": 35, "charges": 5, "timeliness": 20}
PAST = f"/satisfaction/?month={MONTH.shift(-1)}&kind=service"


def weights(store, month) -> dict[str, str]:
    tree = queries.tree_of(Scope.of_month([store.pk], month, kind="service"))
    return {line.code: line.weight_text for line in tree}


def last_month(store, count=11):
    for place in range(count):
        day = MONTH.shift(-1).start.replace(day=1 + place)
        respond(store, order=order_of(store), answers=short_answers(7 + place % 4), day=day)


def test_a_past_month_keeps_its_weights_and_the_new_month_has_the_new_ones(store_a):
    last_month(store_a)
    before = weights(store_a, MONTH.shift(-1))
    many.version_of("CSI_SHORT", weights=OTHER)
    respond(store_a, order=order_of(store_a))
    assert weights(store_a, MONTH.shift(-1)) == before
    assert weights(store_a, MONTH) == {code: str(weight) for code, weight in OTHER.items()}


def test_a_month_in_which_two_versions_were_asked_tells_both_weights(store_a):
    respond(store_a, order=order_of(store_a))
    many.version_of("CSI_SHORT", weights=OTHER)
    respond(store_a, order=order_of(store_a))
    assert weights(store_a, MONTH) == {
        "environment": "15 / 10", "process": "25 / 35", "quality": "35 / 25", "charges": "5 / 15",
        "timeliness": "20 / 15",
    }  # fmt: skip


def test_the_page_of_last_month_is_the_same_to_the_byte_after_a_new_version(store_a, manager_a, as_):
    last_month(store_a)
    client = as_(manager_a)
    pages = (PAST, PAST.replace("/?", "/heat/?"), PAST.replace("/?", "/items/?"), PAST.replace("/?", "/loyalty/?"))
    before = [_stable(client.get(page)) for page in pages]
    many.version_of("CSI_SHORT", weights=OTHER)
    respond(store_a, order=order_of(store_a))
    assert [_stable(client.get(page)) for page in pages] == before


def test_where_nothing_was_asked_the_whole_tree_is_listed(store_a):
    assert list(weights(store_a, MONTH)) == ["environment", "process", "quality", "charges", "timeliness"]


def test_the_versions_come_from_the_sums_as_from_the_answers(store_a):
    last_month(store_a)
    many.version_of("CSI_SHORT", weights=OTHER)
    respond(store_a, order=order_of(store_a))
    scope = Scope.of_month([store_a.pk], MONTH, kind="service").during(MONTH.shift(-1), MONTH)
    raw = queries.asked_versions(scope)
    rebuild([store_a.pk], now=clock.now())
    assert queries.asked_versions(scope) == raw
    respond(store_a, code="CSI", order=order_of(store_a), answers=_full())
    assert len(queries.asked_versions(scope)) == len(raw) + 1


def _full():
    version = queries.current_version("CSI", 0)
    return [given(one.code, 9) for one in version.questions.all() if one.kind != "text"]


def _stable(answer) -> str:
    """A page without its one-time tokens."""
    assert answer.status_code == 200
    return re.sub(r'(csrfmiddlewaretoken" value="|nonce="|X-CSRFToken\W+)[\w-]+', "", answer.content.decode())
