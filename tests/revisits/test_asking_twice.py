"""Who asks for a run by hand a second time within the minute is told that it is done once."""

from datetime import timedelta

import pytest
from django.urls import reverse

from crm_site.core import clock
from crm_site.jobs.models import Job
from tests.factories import NOON

pytestmark = pytest.mark.django_db

AGAIN = "这一分钟内已经提交过"


@pytest.mark.parametrize("name", ["generate", "look_ahead"])
def test_a_second_request_within_the_minute_says_that_it_is_none(as_, manager_a, monkeypatch, name):
    client, url = as_(manager_a), reverse(f"revisits:{name}")
    told, jobs = [], []
    for seconds in (0, 20, 60):
        monkeypatch.setattr(clock, "now", lambda later=seconds: NOON + timedelta(seconds=later))
        told.append(AGAIN in client.post(url, follow=True).content.decode())
        jobs.append(Job.objects.count())
    assert told == [False, True, False]
    assert jobs == [1, 1, 2]
