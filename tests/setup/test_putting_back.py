"""Tests that commit leave nothing behind, on either engine; and a stage's tests are found by what their files say."""

from pathlib import Path

import pytest
from django.db import DatabaseError, transaction

from crm_site.accounts.models import Store
from crm_site.audit import trail
from crm_site.audit.models import Entry
from crm_site.jobs.models import Beat
from revisits.models import RevisitRule
from tests import stages
from tests.factories import StoreFactory

before: list[tuple[int, ...]] = []


@pytest.mark.races
@pytest.mark.smoke
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_test_commits_and_deletes_is_put_back_for_the_next(turn):
    found = Store.objects.count(), Beat.objects.count(), Entry.objects.count(), RevisitRule.objects.count()
    assert found[0] == 0
    assert min(found[1], found[3]) > 0
    before.append(found)
    assert len(set(before)) == 1
    trail.record(None, "store.changed", StoreFactory())
    Beat.objects.all().delete()


@pytest.mark.races
@pytest.mark.smoke
@pytest.mark.django_db(transaction=True)
def test_afterwards_the_journal_still_refuses_changes(store_a):
    trail.record(None, "store.changed", store_a)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Entry.objects.all().update(actor_name="nobody")


@pytest.mark.parametrize(
    ("name", "text", "wanted", "is_left_out"),
    [
        ("test_a.py", "pytestmark = pytest.mark.races", "races", False),
        ("test_a.py", "pytestmark = pytest.mark.browser", "races", True),
        ("test_a.py", "pytestmark = pytest.mark.browser", "not races and not browser", False),
        ("test_a.py", "pytestmark = pytest.mark.browser", "", False),
        ("conftest.py", "import pytest", "races", False),
    ],
)
def test_a_stage_reads_the_files_that_name_its_marker(tmp_path: Path, name, text, wanted, is_left_out):
    (tmp_path / name).write_text(text)
    assert stages.is_without(tmp_path / name, wanted) == is_left_out
