"""The job room shows one's stores' jobs, stops and retries them, and says when background work stands still."""

import pytest
from django.urls import reverse

from crm_site.jobs import actions, runner
from crm_site.jobs.models import Job, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(settings, store_a):
    settings.JOB_KINDS = {"refuse": "tests.jobs.work.refuse"}
    return actions.enqueue("refuse", "1", store=store_a)


def test_the_list_says_state_and_kind(as_, manager_a, job):
    shown = as_(manager_a).get(reverse("jobs:list")).content.decode()
    assert "等待" in shown


def test_another_stores_jobs_are_not_shown_and_not_touched(as_, stranger_b, job):
    client = as_(stranger_b)
    assert reverse("jobs:cancel", args=[job.pk]) not in client.get(reverse("jobs:list")).content.decode()
    for name in ("cancel", "retry"):
        assert client.post(reverse(f"jobs:{name}", args=[job.pk])).status_code == 404
    assert Job.objects.get(pk=job.pk).state == State.QUEUED


def test_a_specialist_may_not_see_the_room(as_, specialist_a):
    assert as_(specialist_a).get(reverse("jobs:list")).status_code == 403


def test_stop_and_try_again(as_, admin_a, job):
    client = as_(admin_a)
    client.post(reverse("jobs:cancel", args=[job.pk]))
    assert Job.objects.get(pk=job.pk).state == State.CANCELLED
    client.post(reverse("jobs:retry", args=[job.pk]))
    assert Job.objects.get(pk=job.pk).state == State.QUEUED
    runner.run(job.pk)
    assert Job.objects.get(pk=job.pk).state == State.FAILED


def test_htmx_gets_the_table_alone(as_, admin_a, job):
    headers = {"HX-Request": "true", "HX-Target": "jobs"}
    shown = as_(admin_a).get(reverse("jobs:list"), headers=headers).content.decode()
    assert shown.lstrip().startswith('<div id="jobs"')
