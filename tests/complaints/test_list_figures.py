"""The list of complaints: each figure above it is exactly the list that it opens, and filters live in the address."""

import pytest
from django.urls import reverse

from complaints import queries
from complaints.models import State
from crm_site.core import clock
from tests.cast import keep
from tests.complaints.story import Story, moment, open_ticket

pytestmark = pytest.mark.django_db
LIST = reverse("complaints:list")
store_a, head_a, manager_a, specialist_a = keep("store_a", "head_a", "manager_a", "specialist_a")


@pytest.fixture(scope="module", autouse=True)
def many(head_a, manager_a, specialist_a):
    """A ticket in every state and some more."""
    story = Story(head_a, manager_a, specialist_a)
    for state in (State.REGISTERED, State.ACCEPTED, State.CONFIRMING, State.CLOSED, State.REOPENED):
        story.ticket(state)
    open_ticket(story.specialist, kind="grievance")
    return story


@pytest.fixture(autouse=True)
def evening(monkeypatch):
    """It is the evening of the next day."""
    monkeypatch.setattr(clock, "now", lambda: moment(27))


@pytest.mark.parametrize("code", list(queries.FIGURES))
@pytest.mark.parametrize("who", ["manager", "head", "specialist"])
def test_a_figure_is_exactly_its_list(as_, many, who, code):
    answer = as_(getattr(many, who)).get(LIST, {"tab": code})
    figure = next(one for one in answer.context["figures"] if f"tab={code}" in one["url"])
    assert figure["value"].number == len(answer.context["rows"])


def test_the_figures_are_not_all_empty(as_, many):
    figures = as_(many.manager).get(LIST).context["figures"]
    assert [figure["value"].number for figure in figures] == [5, 0, 2, 1, 2, 1, 1]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"state": "accepted"}, 1),
        ({"level": "L1"}, 1),
        ({"source": "phone"}, 5),
        ({"source": "letter"}, 0),
        ({"handler": "none"}, 2),
        ({"month": "2026-09"}, 5),
        ({"month": "2026-08"}, 0),
        ({"category": "repair"}, 0),
        ({"state": "nonsense", "month": "x", "handler": "y"}, 5),
    ],
)
def test_filters_live_in_the_url(as_, many, query, count):
    answer = as_(many.manager).get(LIST, query)
    assert len(answer.context["rows"]) == count
