"""Which limit from outside rules once the same matter came from two sources: the earliest that nobody has answered."""

import pytest

from complaints import actions
from complaints.models import Complaint
from tests.complaints.story import moment, open_ticket

pytestmark = pytest.mark.django_db


def outside(story, number: str, due: float | None, replied: float | None = None) -> Complaint:
    limit = None if due is None else moment(due)
    ticket = open_ticket(story.specialist, external_number=number, external_due_at=limit, level_code="L4")
    if replied is not None:
        given = {"external_replied_at": moment(replied), "by": story.manager.employee, "now": moment(replied)}
        actions.edit(ticket.pk, **given)
    return ticket


#: main, joined -> what the main has then: (number, limit, replied)
CASES = {
    "answered here, open there": (("400-1", 5, 1), ("12315-9", 20), ("12315-9", 20, None)),
    "open here, answered there": (("400-1", 20), ("12315-9", 5, 1), ("400-1", 20, None)),
    "none here, answered there": (("", None), ("12315-9", 5, 1), ("12315-9", None, None)),
    "both open, there earlier": (("400-1", 20), ("12315-9", 5), ("12315-9", 5, None)),
    "both open, here earlier": (("400-1", 5), ("12315-9", 20), ("400-1", 5, None)),
    "both answered": (("400-1", 20, 1), ("12315-9", 5, 1), ("400-1", 20, 1)),
    "answered here, none there": (("400-1", 20, 1), ("", None), ("400-1", 20, 1)),
    "a limit without a number": (("400-1", 20), ("", 5), ("", 5, None)),
    "a number without a limit": (("400-1", None), ("", 5), ("400-1", 5, None)),
}


@pytest.mark.parametrize("case", CASES)
def test_the_earliest_limit_that_is_open_is_taken_with_its_number(story, case):
    here, there, (number, due, replied) = CASES[case]
    main, other = outside(story, *here), outside(story, *there)
    actions.merge(other.pk, into=main, by=story.manager.employee, now=moment(2))
    main.refresh_from_db()
    found = (main.external_number, main.external_due_at, main.external_replied_at)
    assert found == (number, due and moment(due), replied and moment(replied))


def test_the_limit_of_the_authorities_reminds_although_the_hotline_was_answered(story):
    main, other = outside(story, "400-1", 0.4, 0.2), outside(story, "12315-9", 0.3)
    actions.merge(other.pk, into=main, by=story.manager.employee, now=moment(0.25))
    main.refresh_from_db()
    assert (main.due_at, main.is_overdue(moment(0.31))) == (moment(0.3), True)


def test_a_number_that_gives_way_stays_in_the_log(story, as_):
    main, other = outside(story, "400-1", 20), outside(story, "12315-9", 5)
    actions.merge(other.pk, into=main, by=story.manager.employee, now=moment(2))
    page = as_(story.manager).get(f"/complaints/{main.pk}/").content.decode()
    assert "12315-9" in page
    assert "400-1" in page
