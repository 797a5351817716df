"""The pages of an import: brought, previewed, confirmed, shown; refused with a sentence, out of reach for strangers."""

import json
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from crm_site.accounts.models import Employee
from crm_site.imports.actions import batches as actions
from crm_site.imports.actions import corrections
from crm_site.imports.models import BatchState, ImportBatch, StagedRow
from crm_site.jobs import runner
from crm_site.jobs.models import Job
from tests.imports import sheets

pytestmark = pytest.mark.django_db
LANGUAGES = pytest.mark.parametrize("language", ["zh-hans", "en"])


def post(client, store, content=None, name="员工.xlsx", submission=None):
    upload = SimpleUploadedFile(name, sheets.roster() if content is None else content)
    data = {"file": upload, "store": store.pk, "layout": "", "submission": submission or uuid.uuid4()}
    return client.post(reverse("imports:upload"), data)


def page(client, batch):
    return client.get(reverse("imports:batch", args=[batch.pk]))


def test_from_file_to_result(as_, admin_a):
    client = as_(admin_a)
    answer = post(client, admin_a.store)
    batch = ImportBatch.objects.get()
    assert answer.url == reverse("imports:batch", args=[batch.pk])
    assert "hx-get" in page(client, batch).content.decode()
    runner.run(batch.stage_job_id)
    shown = page(client, batch).content.decode()
    assert "确认写入 3 行" in shown
    client.post(reverse("imports:confirm", args=[batch.pk]))
    batch.refresh_from_db()
    assert batch.state == BatchState.APPLYING
    assert page(client, batch).status_code == 200
    runner.run(batch.apply_job_id)
    assert "欧阳娜娜" in client.get(reverse("imports:batch", args=[batch.pk]) + "?show=new").content.decode()
    assert Employee.objects.filter(number__startswith="E90").count() == 3


@LANGUAGES
def test_every_page_of_a_batch_is_drawn(as_, admin_a, language):
    client = as_(admin_a, language)
    sheets.write(admin_a, sheets.read(admin_a, sheets.roster()))
    bad = [["E901", "", "男", "火星部", "服务顾问", "123", "2024/2/30", "在职"], *sheets.ROSTER[1:], ["合计", 3]]
    batch = sheets.read(admin_a, sheets.roster(bad))
    refused = sheets.read(admin_a, b"\x89PNG\r\n\x1a\n" + b"x" * 50)
    for one in (batch, refused, *ImportBatch.objects.all()):
        assert page(client, one).status_code == 200
    for verdict in ("new", "changed", "unchanged", "conflict", "problem", "skipped", "nonsense"):
        assert client.get(reverse("imports:batch", args=[batch.pk]), {"show": verdict}).status_code == 200
    for name in ("imports:list", "imports:upload", "jobs:list", "notices:list"):
        assert client.get(reverse(name)).status_code == 200


def test_the_second_post_of_a_form_finds_the_first_batch(as_, admin_a):
    client, submission = as_(admin_a), uuid.uuid4()
    first, second = (post(client, admin_a.store, submission=submission) for _ in range(2))
    assert first.url == second.url
    assert ImportBatch.objects.count() == 1


def test_an_empty_file_is_said_on_the_form(as_, admin_a):
    answer = post(as_(admin_a), admin_a.store, content=b"")
    assert answer.status_code == 200
    assert "0 字节" in answer.content.decode()
    assert not ImportBatch.objects.exists()


def test_another_stores_choice_is_refused(as_, admin_a, store_b):
    assert post(as_(admin_a), store_b).status_code == 200
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize("name", ["batch", "progress"])
def test_a_stranger_gets_404(as_, admin_a, stranger_b, name):
    batch = sheets.read(admin_a, sheets.roster())
    assert as_(stranger_b).get(reverse(f"imports:{name}", args=[batch.pk])).status_code == 404


@pytest.mark.parametrize("name", ["confirm", "abandon", "stop", "read_again"])
def test_a_strangers_post_is_404_and_changes_nothing(as_, admin_a, stranger_b, name):
    batch = sheets.read(admin_a, sheets.roster())
    before = ImportBatch.objects.values().get(), list(StagedRow.objects.values()), list(Job.objects.values())
    assert as_(stranger_b).post(reverse(f"imports:{name}", args=[batch.pk])).status_code == 404
    assert before == (ImportBatch.objects.values().get(), list(StagedRow.objects.values()), list(Job.objects.values()))


def test_a_specialist_may_not_import(as_, specialist_a):
    assert as_(specialist_a).get(reverse("imports:list")).status_code == 403


def test_given_up_before_writing_nothing_is_left(as_, admin_a):
    batch = sheets.read(admin_a, sheets.roster())
    as_(admin_a).post(reverse("imports:abandon", args=[batch.pk]))
    batch.refresh_from_db()
    assert batch.state == BatchState.CANCELLED
    assert not StagedRow.objects.filter(batch=batch).exists()


def test_staged_rows_are_forgotten_with_their_file(as_, admin_a):
    batch = sheets.write(admin_a, sheets.read(admin_a, sheets.roster()))
    assert actions.forget_rows(before=batch.uploaded_at) == 0
    assert actions.forget_rows(before=batch.uploaded_at + timedelta(seconds=1)) == 3
    assert page(as_(admin_a), batch).status_code == 200


def test_a_preview_that_has_changed_meanwhile_is_not_confirmed_unseen(as_, admin_a):
    batch = sheets.read(admin_a, sheets.roster())
    client = as_(admin_a)
    stamp = page(client, batch).context["batch"].stamp
    row = StagedRow.objects.get(batch=batch, row=2)
    corrections.correct(batch.pk, row.pk, {"name": "另一个人"}, by=admin_a.employee)
    confirm = reverse("imports:confirm", args=[batch.pk])
    client.post(confirm, {"shown": stamp})
    batch.refresh_from_db()
    assert batch.state == BatchState.PREVIEW
    client.post(confirm, {"shown": page(client, batch).context["batch"].stamp})
    batch.refresh_from_db()
    assert batch.state == BatchState.APPLYING


def test_what_stood_in_single_cells_is_forgotten_with_the_rows(admin_a):
    batch = sheets.read(admin_a, sheets.roster())
    row = StagedRow.objects.get(batch=batch, row=2)
    corrections.correct(batch.pk, row.pk, {"phone": "13800138009"}, by=admin_a.employee)
    batch = sheets.write(admin_a, batch)
    actions.forget_rows(before=batch.uploaded_at + timedelta(seconds=1))
    batch.refresh_from_db()
    kept = json.dumps([batch.reading["findings"], batch.questions, batch.answers])
    assert batch.reading["findings"]
    assert "1380013800" not in kept
    assert "138 0013" not in kept


def test_a_refused_number_is_masked_once_it_cannot_be_corrected(as_, admin_a):
    batch = sheets.read(admin_a, sheets.roster([["E901", "李明", "", "", "", "1380013800", "昨天", "在职"]]))
    ImportBatch.objects.filter(pk=batch.pk).update(state=BatchState.APPLIED)
    row = StagedRow.objects.get(batch=batch)
    row.findings.append({"severity": "problem", "code": "phone_length", "field": "phone", "value": "138001380012"})
    row.save(update_fields=["findings"])
    shown = as_(admin_a).get(reverse("imports:batch", args=[batch.pk]) + "?show=problem").content.decode()
    assert "138001380012" not in shown


def test_without_anything_to_write_the_button_rests_and_says_why(as_, admin_a):
    content = sheets.roster()
    sheets.write(admin_a, sheets.read(admin_a, content))
    batch = sheets.read(admin_a, content)
    client = as_(admin_a)
    shown = page(client, batch).content.decode()
    assert "foot-blocked" in shown
    assert "导入过" in shown
    client.post(reverse("imports:confirm", args=[batch.pk]))
    batch.refresh_from_db()
    assert batch.state == BatchState.PREVIEW


def test_the_finished_progress_asks_for_the_whole_page(as_, admin_a):
    batch = sheets.bring(admin_a, sheets.roster())
    client = as_(admin_a)
    address = reverse("imports:progress", args=[batch.pk])
    assert "HX-Refresh" not in client.get(address)
    runner.run(batch.stage_job_id)
    assert client.get(address)["HX-Refresh"] == "true"


def test_the_list_needs_no_more_queries_for_more_rows(as_, admin_a):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, numbers = as_(admin_a), []
    for count in (3, 12):
        for _ in range(count):
            sheets.bring(admin_a, sheets.roster())
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("imports:list"))
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]


# ---- a list that changes what the role may not change ----------------------------------------------------------------


def test_who_may_not_edit_people_does_not_bring_their_list(as_, manager_a):
    client = as_(manager_a)
    assert 'value="employees"' not in client.get(reverse("imports:upload")).content.decode()
    sent = {
        "file": SimpleUploadedFile("员工.xlsx", sheets.roster()),
        "store": manager_a.store.pk,
        "layout": "employees",
    }
    answer = client.post(reverse("imports:upload"), sent | {"submission": uuid.uuid4()})
    assert answer.status_code == 200
    assert not ImportBatch.objects.exists()


def test_who_may_not_edit_people_neither_writes_nor_undoes_their_list(as_, admin_a, manager_a):
    client, batch = as_(manager_a), sheets.read(admin_a, sheets.roster())
    words = "请由本店信息员确认或撤销"
    assert words in page(client, batch).content.decode()
    confirm = reverse("imports:confirm", args=[batch.pk])
    assert words in client.post(confirm, {"shown": batch.stamp}, follow=True).content.decode()
    batch.refresh_from_db()
    assert (batch.state, batch.apply_job) == (BatchState.PREVIEW, None)
    sheets.write(admin_a, batch)
    assert words in client.post(reverse("imports:undo_ask", args=[batch.pk]), follow=True).content.decode()
    batch.refresh_from_db()
    assert batch.state == BatchState.APPLIED
