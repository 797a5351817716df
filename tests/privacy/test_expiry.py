"""What is kept for a while only: a trial run says what the real one does, and everything else stays."""

import uuid
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from complaints.models import IntakeDraft
from crm_site.accounts.models import DataRules
from crm_site.core import clock
from crm_site.files import actions as files
from crm_site.files.models import StoredFile
from crm_site.imports.models import AppliedChunk, BatchState, ImportBatch, StagedRow, UndoCase, Verdict
from crm_site.jobs import actions as jobs
from crm_site.privacy import expiry
from crm_site.privacy.actions import nightly
from crm_site.privacy.models import Merge, MergeRow
from customers.models import Correction, Reveal
from revisits.models import CallDraft
from satisfaction.models import Sitting
from satisfaction.queries import current_version
from tests.factories import DAY, NOON, CustomerFactory, EmployeeFactory, RepairOrderFactory
from tests.revisits.conftest import make_task

pytestmark = pytest.mark.django_db
Purpose = StoredFile.Purpose


def _kept(store, purpose, *, at=NOON, keep_days=1000) -> StoredFile:
    return files.keep(
        b"x", "x.csv", store=store, owner=None, purpose=purpose, capability="imports.run", now=at, keep_days=keep_days
    )


def _batch(store, by, state=BatchState.APPLIED) -> ImportBatch:
    batch = ImportBatch.objects.create(
        store=store, layout="customers", file=_kept(store, Purpose.IMPORT), uploaded_by=by, uploaded_at=NOON,
        submission=uuid.uuid4(), state=state,
    )  # fmt: skip
    for row in (2, 3):
        StagedRow.objects.create(batch=batch, sheet="", row=row, raw=["王"], verdict=Verdict.NEW)
    AppliedChunk.objects.create(batch=batch, number=1, at=NOON)
    return batch


@pytest.fixture
def full(store_a, settings, tmp_path):
    """One of everything that expires, made at noon of DAY, and what does not."""
    settings.MEDIA_ROOT = str(tmp_path)
    by = EmployeeFactory(store=store_a)
    for purpose in (Purpose.ERRORS, Purpose.EXPORT, Purpose.REPORT, Purpose.ATTACHMENT):
        _kept(store_a, purpose)
    _batch(store_a, by)
    busy = _batch(store_a, by, BatchState.APPLYING)
    busy.apply_job = jobs.enqueue("import.apply", "busy", store=store_a)
    busy.save(update_fields=["apply_job"])
    planned = _batch(store_a, by, BatchState.UNDOING)
    UndoCase.objects.create(batch=planned, target_type="customers.customer", target_id=1, kind="edited")
    CallDraft.objects.create(store=store_a, revisit=make_task(store_a), by=by, started_at=NOON, kept_at=NOON)
    IntakeDraft.objects.create(store=store_a, by=by, kept_at=NOON, values={"words": ["x"]})
    one, other = CustomerFactory.create_batch(2, store=store_a)
    order = RepairOrderFactory(store=store_a, customer=one)
    Sitting.objects.create(
        store=store_a, repair_order=order, asked_by=by, begun_at=NOON, expires_at=NOON + timedelta(hours=1),
        version=current_version("CSI_SHORT", store_a.pk), submission=uuid.uuid4(), draft={"text": "x"},
    )  # fmt: skip
    merge = Merge.objects.create(
        store=store_a, survivor=one, merged=other, at=NOON, by=by, submission=uuid.uuid4(), undo_until=DAY
    )
    MergeRow.objects.create(merge=merge, position=1, kind="changed", relation="x", row=1, whole={"name": ["a", "b"]})
    Correction.objects.create(
        store=store_a, customer=one, field="name", at=NOON, day=DAY, by=by, source="card", entry=1, before="王",
        before_until=DAY,
    )  # fmt: skip
    Reveal.objects.create(store=store_a, employee=by, customer=one, fact="phone:1", reason="dial", at=NOON, day=DAY)
    return store_a


def _term(store, days: int) -> expiry.Term:
    return expiry.Term.of(store.pk, NOON + timedelta(days=days))


@pytest.mark.parametrize("days", [0, 2, 89, 91, 2000])
def test_the_trial_run_says_what_the_real_one_does(full, days):
    term = _term(full, days)
    said = expiry.due(term)
    assert expiry.expire(term) == said
    assert set(expiry.due(term).values()) == {0}


def test_after_the_term_all_of_it_is_gone_and_the_logs_stay(full):
    gone = expiry.expire(_term(full, 91))
    assert gone == {
        "files": 5, "undo": 1, "halfway": 1, "journals": 2, "lines": 4, "call_drafts": 1, "intake_drafts": 1,
        "sittings": 1, "merges": 1, "corrections": 1,
    }  # fmt: skip
    kept = set(StoredFile.objects.filter(removed_at=None).values_list("purpose", flat=True))
    assert kept == {Purpose.REPORT, Purpose.ATTACHMENT}
    assert Reveal.objects.count() == 1
    assert Correction.objects.get().before == ""
    assert MergeRow.objects.get().whole is None


def test_an_import_that_is_being_written_keeps_its_lines(full):
    expiry.expire(_term(full, 91))
    assert set(StagedRow.objects.values_list("batch__state", flat=True)) == {BatchState.APPLYING}


def test_a_store_may_keep_things_shorter(full):
    DataRules.objects.create(store=full, keep_days=10)
    assert expiry.due(_term(full, 11))["files"] == 5


def test_another_stores_things_stay(full, store_b):
    assert set(expiry.expire(_term(store_b, 91)).values()) == {0}
    assert StagedRow.objects.count() == 6


@pytest.mark.parametrize(("language", "words", "sums"), [
    ("zh_CN.UTF-8", "表格行", ("将清除 %s 项，尚未清除任何内容。", "已清除 %s 项。")),
    ("en_US.UTF-8", "Lines of spreadsheets", ("%s would go; nothing was removed.", "%s removed.")),
])  # fmt: skip
def test_the_command_says_first_and_does_then(full, monkeypatch, language, words, sums):
    monkeypatch.setenv("LC_ALL", language)
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(days=91))
    said, done = StringIO(), StringIO()
    call_command("expire", dry_run=True, stdout=said)
    assert StagedRow.objects.count() == 6
    call_command("expire", stdout=done)
    (*would_go, nothing_yet), (*went, sum_of_all) = (text.getvalue().splitlines() for text in (said, done))
    assert would_go == went
    assert f"       4  {full.code} {full.short_name}  {words}" in went
    total = sum(int(line.split()[0]) for line in went)
    assert (nothing_yet, sum_of_all) == (sums[0] % total, sums[1] % total)
    assert StagedRow.objects.count() == 2


def test_the_night_of_a_store_is_asked_for_once_a_day(full):
    first = nightly.request(full, DAY)
    assert nightly.request(full, DAY) == first
    assert nightly.request(full, DAY + timedelta(days=1)) != first
