"""The evidence pack: complete, provable, the same bytes for the same state, and only for whoever has the right."""

import hashlib
import json
import uuid
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from complaints.evidence import packing
from complaints.models import Attachment, Complaint, State
from crm_site.accounts.models import Role
from crm_site.audit.models import Entry
from crm_site.core import clock
from crm_site.files import actions as files
from crm_site.files.models import StoredFile
from crm_site.jobs import runner
from crm_site.jobs.models import Job
from tests.cast import make_person
from tests.complaints.story import moment, open_ticket
from tests.factories import CustomerFactory, PhoneFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(story, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    phone = PhoneFactory(customer=CustomerFactory(store=story.manager.store, name="周晓芸"), number="13812342107")
    ticket = story.ticket(State.CLOSED, customer=phone.customer)
    for number, content in enumerate([b"%PDF-1.4 repair order", b"\x89PNG\r\n\x1a\n photo"]):
        attach(ticket, story.head, f"附件{number}.pdf", content)
    return ticket


def attach(ticket: Complaint, person, name: str, content: bytes) -> Attachment:
    stored = files.accept(
        SimpleUploadedFile(name, content), store=ticket.store, owner=person.employee, purpose="attachment",
        capability="complaints.view", now=moment(1),
    )  # fmt: skip
    values = {"complaint": ticket, "file": stored, "added_at": moment(1), "added_by": person.employee}
    return Attachment.objects.create(store=ticket.store, submission=uuid.uuid4(), **values)


def pack(ticket: Complaint, path, language: str = "zh-hans") -> zipfile.ZipFile:
    with translation.override(language):
        packing.write(Complaint.objects.get(pk=ticket.pk), path)
    return zipfile.ZipFile(path)


def test_it_holds_everything_and_proves_each_file(ticket, tmp_path):
    zipped = pack(ticket, tmp_path / "a.zip")
    assert zipped.testzip() is None
    names = zipped.namelist()
    assert names == [
        "evidence.html", "evidence.json", "files/001-附件0.pdf", "files/002-附件1.pdf", "SHA256SUMS.txt",
        "manifest.json",
    ]  # fmt: skip
    manifest = json.loads(zipped.read("manifest.json"))
    assert (manifest["number"], manifest["version"]) == (ticket.number, ticket.version)
    for entry in manifest["files"]:
        content = zipped.read(entry["path"])
        assert (len(content), hashlib.sha256(content).hexdigest()) == (entry["size"], entry["sha256"])
    assert {entry["path"] for entry in manifest["files"]} == set(names) - {"manifest.json"}
    sums = zipped.read("SHA256SUMS.txt").decode().splitlines()
    assert [line.split("  ")[1] for line in sums] == names[:4]


def test_its_tables_are_the_ticket(ticket, tmp_path):
    zipped = pack(ticket, tmp_path / "a.zip")
    told = json.loads(zipped.read("evidence.json"))
    assert [row["sequence"] for row in told["timeline"]["rows"]] == list(range(1, ticket.version + 1))
    assert len(told["clock"]["rows"]) == ticket.clock.count()
    assert len(told["liabilities"]["rows"]) == ticket.liabilities.count()
    assert [row["result"] for row in told["confirmations"]["rows"]] == ["满意"]
    facts = {row["code"]: row["value"] for row in told["facts"]["rows"]}
    assert (facts["customer"], facts["phones"], facts["words"]) == ("周晓芸", "13812342107", ticket.words)
    assert {"calls", "files", "access"} <= told.keys()
    page = zipped.read("evidence.html").decode()
    for words in ("空调清洗后仍有异味", "蒸发箱没有洗到位", "免费重做", "本文件含完整的个人信息"):
        assert words in page, words


def test_of_a_restricted_card_it_tells_neither_name_nor_number(ticket, tmp_path):
    ticket.customer.restricted = True
    ticket.customer.save(update_fields=["restricted"])
    zipped = pack(ticket, tmp_path / "a.zip")
    told = zipped.read("evidence.json").decode() + zipped.read("evidence.html").decode()
    assert "13812342107" not in told
    assert "周晓芸" not in told
    assert "138****2107" in told


def test_of_a_restricted_card_without_numbers_the_one_noted_at_intake_is_masked_too(ticket, tmp_path):
    ticket.customer.phones.all().delete()
    Complaint.objects.filter(pk=ticket.pk).update(customer_phone="13812342108")
    type(ticket.customer).objects.filter(pk=ticket.customer_id).update(restricted=True)
    told = pack(ticket, tmp_path / "a.zip").read("evidence.json").decode()
    assert "13812342108" not in told
    assert "138****2108" in told


def test_the_same_state_gives_the_same_bytes_and_another_state_others(ticket, tmp_path, story):
    first = pack(ticket, tmp_path / "a.zip")
    pack(ticket, tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert {entry.date_time for entry in first.infolist()} == {packing.EPOCH}
    attach(ticket, story.head, "新.pdf", b"%PDF-1.4 more")
    pack(ticket, tmp_path / "c.zip")
    assert (tmp_path / "a.zip").read_bytes() != (tmp_path / "c.zip").read_bytes()


def test_a_file_that_was_touched_or_is_gone_is_said(ticket, tmp_path):
    first, second = ticket.attachments.order_by("pk")
    files.path_of(first.file).write_bytes(b"other")
    files.path_of(second.file).unlink()
    zipped = pack(ticket, tmp_path / "a.zip", "en")
    states = [row["state"] for row in json.loads(zipped.read("evidence.json"))["files"]["rows"]]
    assert states == ["changed", "no longer kept"]
    assert [name for name in zipped.namelist() if name.startswith("files/")] == ["files/001-附件0.pdf"]


def test_hostile_words_stay_words(story, ticket, tmp_path):
    Complaint.objects.filter(pk=ticket.pk).update(words="<script>alert(1)</script>")
    page = pack(ticket, tmp_path / "a.zip").read("evidence.html").decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def ask(client, ticket, **fields):
    values = {"reason": "法院调取", "submission": str(uuid.uuid4())} | fields
    return client.post(reverse("complaints:evidence", args=[ticket.pk]), values)


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.SPECIALIST, 403), (Role.HEAD, 403), (Role.FRONTLINE, 403), (Role.ADMIN, 403), (Role.DIRECTOR, 302),
     (Role.MANAGER, 302)],
)  # fmt: skip
def test_only_managers_and_directors_have_one_made(as_, ticket, role, status):
    person = make_person(ticket.store, role, "来人")
    assert ask(as_(person), ticket).status_code == status
    assert Job.objects.filter(kind="complaints.evidence").count() == (status == 302)


def test_a_stranger_gets_404(as_, ticket, stranger_b):
    assert ask(as_(stranger_b), ticket).status_code == 404


def test_who_the_complaint_is_about_has_none_made(as_, story, ticket):
    Complaint.objects.filter(pk=ticket.pk).update(accused=story.manager.employee, handler=None)
    assert ask(as_(story.manager), ticket).status_code == 403
    assert not Job.objects.filter(kind="complaints.evidence").exists()


def test_it_is_built_once_kept_for_days_and_written_down(as_, story, ticket):
    client, once = as_(story.manager), str(uuid.uuid4())
    assert ask(client, ticket, reason="").status_code == 422
    for _ in range(2):
        assert ask(client, ticket, submission=once).status_code == 302
    job = Job.objects.get(kind="complaints.evidence")
    assert runner.run(job.pk) == "done"
    stored = StoredFile.objects.get(purpose="export")
    assert (stored.expires_on - clock.business_day(stored.created_at)).days == 7
    assert stored.capability == "complaints.evidence"
    asked, made = Entry.objects.filter(action__startswith="complaint.evidence").order_by("pk")
    assert (asked.actor_name, asked.detail["reason"]) == (story.manager.employee.name, "法院调取")
    assert (made.actor_id, made.detail["sha256"]) == (story.manager.employee.pk, stored.sha256)
    page = client.get(reverse("complaints:evidence", args=[ticket.pk])).content.decode()
    assert stored.sha256 in page
    answer = client.post(reverse("files:download", args=[stored.pk]))
    content = b"".join(answer.streaming_content)
    assert hashlib.sha256(content).hexdigest() == stored.sha256
    assert as_(story.head).post(reverse("files:download", args=[stored.pk])).status_code == 403


@pytest.mark.parametrize("how", ["accused", "liable", "in what was merged"])
def test_who_the_complaint_is_about_does_not_fetch_a_pack_that_somebody_else_asked_for(as_, story, ticket, how):
    ask(as_(story.manager), ticket)
    assert runner.run(Job.objects.get(kind="complaints.evidence").pk) == "done"
    stored, other = StoredFile.objects.get(purpose="export"), make_person(ticket.store, Role.MANAGER, "被诉经理")
    fetch = reverse("files:download", args=[stored.pk])
    if how == "accused":
        Complaint.objects.filter(pk=ticket.pk).update(accused=other.employee)
    elif how == "liable":
        ticket.liabilities.filter(kind="direct").delete()
        ticket.liabilities.create(store=ticket.store, kind="direct", party="employee", employee=other.employee)
    else:
        merged = open_ticket(story.specialist, accused=other.employee)
        Complaint.objects.filter(pk=merged.pk).update(state="merged", merged_into=ticket)
    assert as_(other).post(fetch).status_code == 403
    page = as_(other).get(reverse("complaints:evidence", args=[ticket.pk])).content.decode()
    assert fetch not in page
    assert "这起投诉涉及你本人" in page
    assert as_(story.manager).post(fetch).status_code == 200


def test_a_pack_of_no_ticket_is_nobodys(as_, story, ticket):
    ask(as_(story.manager), ticket)
    job = Job.objects.get(kind="complaints.evidence")
    assert runner.run(job.pk) == "done"
    Job.objects.filter(pk=job.pk).update(result={})
    stored = StoredFile.objects.get(purpose="export")
    assert as_(story.manager).post(reverse("files:download", args=[stored.pk])).status_code == 403


def test_a_pack_over_the_limit_is_refused(as_, story, ticket, monkeypatch):
    monkeypatch.setattr(packing, "LIMIT", 10)
    ask(as_(story.manager), ticket)
    job = Job.objects.get(kind="complaints.evidence")
    assert runner.run(job.pk) == "failed"
    assert not StoredFile.objects.filter(purpose="export").exists()
