"""Several purposes in one call: each with its own small result, the cars of a fleet with the call's own."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from revisits.models import AttemptPurpose, CallAttempt, Joined, State
from tests.factories import VehicleFactory
from tests.revisits.calls import service_task
from tests.revisits.conftest import make_task
from tests.revisits.test_call_page import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(store_a, specialist_a, as_):
    return Desk(service_task(store_a), specialist_a, as_(specialist_a))


def further(desk, joined_as=Joined.PURPOSE):
    """A call that is made together with the one on the desk."""
    head = desk.task
    return make_task(
        head.store, customer=head.customer, vehicle=VehicleFactory(store=head.store), phone=head.phone,
        head=head, joined_as=joined_as, code="DLV_M1",
    )  # fmt: skip


SAID = [("done", State.DONE, "SUCCESS"), ("refused", State.FAILED, "REFUSED"), ("", State.DONE, "SUCCESS")]


@pytest.mark.parametrize(("said", "state", "code"), SAID)
def test_a_further_purpose_gets_its_own_result(desk, said, state, code):
    other = further(desk)
    page = desk.page().content.decode()
    assert f'name="purpose_{other.pk}"' in page
    assert other.vehicle.plate_no in page
    desk.save(**{f"purpose_{other.pk}": said})
    other.refresh_from_db()
    kept = AttemptPurpose.objects.get(revisit=other)
    assert (other.state, kept.result.code) == (state, code)


@pytest.mark.parametrize("said", ["done", "refused"])
def test_nobody_settles_a_further_purpose_without_having_been_reached(desk, said):
    other = further(desk)
    refused = desk.save(result="NO_ANSWER", **{f"purpose_{other.pk}": said})
    assert refused.status_code == 422
    assert f"purpose_{other.pk}" in refused.context["form"].errors
    assert not CallAttempt.objects.exists()
    assert desk.save(result="NO_ANSWER", **{f"purpose_{other.pk}": "silent"}).status_code == 302
    other.refresh_from_db()
    assert (other.head, other.state) == (desk.task, State.DUE)


def test_a_purpose_that_was_not_talked_about_is_a_call_of_its_own_again(desk):
    other = further(desk)
    desk.save(**{f"purpose_{other.pk}": "silent"})
    other.refresh_from_db()
    assert (other.head, other.state) == (None, State.DUE)
    assert not AttemptPurpose.objects.exists()


@pytest.mark.parametrize("joined_as", list(Joined))
def test_what_is_joined_while_somebody_speaks_has_not_been_talked_about(desk, joined_as):
    seen = further(desk)
    assert f'name="purposes_shown" value="{seen.pk}"' in desk.page().content.decode()
    late = further(desk, joined_as)
    desk.save(purposes_shown=str(seen.pk))
    seen.refresh_from_db()
    late.refresh_from_db()
    assert seen.state == State.DONE
    assert (late.state, late.head, late.first_attempt_on) == (State.DUE, None, None)
    assert AttemptPurpose.objects.get().revisit == seen


def test_the_cars_of_a_fleet_are_shown_and_share_the_result(desk):
    other = further(desk, Joined.FLEET)
    page = desk.page().content.decode()
    assert other.vehicle.plate_no in page
    assert f'name="purpose_{other.pk}"' not in page
    desk.save(**{f"purpose_{other.pk}": "refused"})
    other.refresh_from_db()
    assert other.state == State.DONE


def test_a_made_up_purpose_is_refused_and_one_of_another_call_does_nothing(desk, store_a):
    other, foreign = further(desk), make_task(store_a)
    assert desk.save(**{f"purpose_{other.pk}": "maybe"}).status_code == 422
    desk.save(**{f"purpose_{foreign.pk}": "done"})
    foreign.refresh_from_db()
    assert foreign.state == State.DUE


def test_the_page_of_many_cars_costs_the_same_queries_as_of_few(desk):
    for _ in range(2):
        further(desk, Joined.FLEET)
    with CaptureQueriesContext(connection) as few:
        desk.page()
    for _ in range(8):
        further(desk, Joined.FLEET)
    with CaptureQueriesContext(connection) as many:
        desk.page()
    assert len(many) == len(few)
