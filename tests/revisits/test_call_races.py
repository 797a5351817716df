"""Two clicks, two windows, two people at once: one call is saved once, with one ticket."""

import uuid
from functools import partial

import pytest

from complaints.models import Complaint
from crm_site.accounts.models import Role
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from revisits import actions
from revisits.models import CallAttempt, Revisit
from satisfaction.models import Response
from tests.cast import make_person
from tests.factories import StoreFactory
from tests.revisits.calls import after, answers, call, service_task
from tests.revisits.test_races import at_once

pytestmark = [
    pytest.mark.races,
    pytest.mark.smoke,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("reference"),
]


def test_a_double_click_saves_one_call_with_one_ticket(as_, repeat):
    store = StoreFactory()
    person = make_person(store, Role.SPECIALIST, "陈思雨")
    for _ in range(repeat):
        task = service_task(store)
        now = clock.now()
        actions.claim(task.pk, person.employee, Role.SPECIALIST, now=now, today=clock.business_day(now))
        data = {"submission": str(uuid.uuid4()), "result": "SUCCESS", "channel": "phone", "go": "back"}
        data |= {f"answer_{one.question_code}": str(one.value) for one in answers(reception=4)}
        data |= {"reason_reception": "等得太久", "decision": "grievance"}
        clicks = [partial(as_(person).post, f"/revisits/{task.pk}/call/", data) for _ in range(3)]
        assert [answer.status_code for answer in at_once(clicks)] == [302, 302, 302]
        for model in (CallAttempt, Response, Complaint):
            assert model.objects.filter(submission=data["submission"]).count() == 1


def test_two_people_who_both_hold_a_page_do_not_both_save(repeat):
    store = StoreFactory()
    people = [make_person(store, Role.SPECIALIST, f"专员{number}") for number in range(2)]
    for _ in range(repeat):
        task = service_task(store)

        def save(person, pk=task.pk):
            try:
                return actions.save_call(pk, by=person.employee, call=call("NO_ANSWER"), now=after(3))
            except RuleBroken as refused:
                return refused.code

        found = at_once([lambda person=person: save(person) for person in people])
        assert sorted(type(one).__name__ for one in found) == ["CallAttempt", "str"]
        assert "stale" in found
        assert Revisit.objects.get(pk=task.pk).tries_made == 1
