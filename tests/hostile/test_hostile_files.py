"""T59: hostile files at every door: refused in words or kept as bytes, and what leaves can only be saved."""

import os
import re
import stat
import uuid
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.urls import reverse

from complaints.models import State
from crm_site.core.persons import Person
from crm_site.core.web.policy import FILE_POLICY
from crm_site.files import actions, rules
from crm_site.files.models import StoredFile
from crm_site.files.persons import ROOM
from crm_site.imports.models import BatchState, ImportBatch
from crm_site.jobs import runner
from satisfaction.models import Questionnaire
from tests.complaints.story import Story
from tests.factories import NOON
from tests.hostile.files import HOSTILE

pytestmark = pytest.mark.django_db

#: what a file may be called when it leaves: the product decides by content, and only these
TYPES = re.compile(
    r"image/(?!svg)|audio/|video/|text/plain$|application/(pdf|zip|msword|octet-stream|vnd\.(ms-|openxmlformats-))"
)
#: what the gallery's attachments may be; the rest of it is refused
ATTACHED = {"image/png", "image/jpeg", "image/gif", "application/pdf", "text/plain"}
#: one header of one line: no name of anybody's ends it
DISPOSITION = re.compile(
    r"attachment(; filename=\"(?:[^\"\\\x00-\x1f\x7f]|\\[\"\\])*\"|; filename\*=utf-8''[A-Za-z0-9%!#$&+.^_`|~()*'-]+)"
)


#: the name on the wire -> the name that the product is given, past the framework's own cleaning
NAMES = {f"hfx{number}": name for number, (name, _content) in enumerate(HOSTILE.values())}


def upload(what: str) -> SimpleUploadedFile:
    """A file of the gallery."""
    wire = next(wire for wire, name in NAMES.items() if name == HOSTILE[what][0])
    return SimpleUploadedFile(wire, HOSTILE[what][1])


@pytest.fixture
def doors(as_, admin_a, manager_a, specialist_a, head_a, monkeypatch):
    """{door: sends a file to it}: the attachment of a ticket, a new ticket, an import, a layout, a questionnaire."""
    raw = property(lambda file: NAMES.get(file._name, file._name), lambda file, name: vars(file).update(_name=name))
    monkeypatch.setattr(UploadedFile, "name", raw)
    ticket = Story(head_a, manager_a, specialist_a).ticket(State.ACCEPTED)
    store, tree = admin_a.store.pk, Questionnaire.objects.filter(store=None).first()

    def to_ticket(file):
        return as_(specialist_a).post(reverse("complaints:attach", args=[ticket.pk]), {"files": [file]})

    def to_new_ticket(file):
        return as_(specialist_a).post(reverse("complaints:new"), {"files": [file], "words": "x"})

    def to_import(file):
        data = {"file": file, "store": store, "layout": "", "submission": uuid.uuid4()}
        return as_(admin_a).post(reverse("imports:upload"), data)

    def to_layout(file):
        data = {"file": file, "store": store, "name": "表", "subject": "repairs", "submission": uuid.uuid4()}
        return as_(manager_a).post(reverse("reports:bring_layout"), data)

    def to_questionnaire(file):
        data = {"workbook": file, "questionnaire": tree.pk}
        return as_(manager_a).post(reverse("satisfaction:tree_import"), data)

    return {
        "ticket": to_ticket, "new ticket": to_new_ticket, "import": to_import, "layout": to_layout,
        "questionnaire": to_questionnaire,
    }  # fmt: skip


def test_the_gallery_is_as_large_as_the_issue_asks():
    assert len(HOSTILE) >= 30


def test_no_door_fails_and_what_is_kept_leaves_as_a_download_that_runs_nothing(doors, as_, specialist_a, admin_a):
    codes = {(door, what): send(upload(what)).status_code for door, send in doors.items() for what in HOSTILE}
    assert {what: code for what, code in codes.items() if code >= 500} == {}
    kept = list(StoredFile.objects.filter(removed_at=None))
    assert len(kept) > 40
    fetchers = {StoredFile.Purpose.ATTACHMENT: as_(specialist_a), StoredFile.Purpose.IMPORT: as_(admin_a)}
    for stored in kept:
        assert lies_safely(stored), (stored.name, stored.path)
        assert stored.purpose != StoredFile.Purpose.ATTACHMENT or stored.content_type in ATTACHED, stored.name
        answer = fetchers[stored.purpose].post(reverse("files:download", args=[stored.pk]))
        assert answer.status_code == 200, stored.name
        assert leaves_safely(answer), dict(answer.headers)
        assert b"".join(answer.streaming_content) == actions.path_of(stored).read_bytes()
    assert as_(specialist_a).get(reverse("complaints:list")).status_code == 200


def lies_safely(stored: StoredFile) -> bool:
    """Whether a kept file has a random name of ours, below our folder, for us alone, and tells its type by content."""
    path = actions.path_of(stored)
    inside = Path(settings.MEDIA_ROOT).resolve() in path.resolve().parents
    outside_static = Path(settings.STATIC_ROOT).resolve() not in path.resolve().parents
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o600
    ours = re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{40}", stored.path)
    clean = stored.name == rules.safe_name(stored.name) and len(stored.name) <= rules.NAME_LENGTH
    return bool(inside and outside_static and mode == 0o600 and ours and clean and TYPES.match(stored.content_type))


def leaves_safely(answer) -> bool:
    """Whether an answer can only be saved: one header line, no guessing, no running, no keeping."""
    return bool(
        DISPOSITION.fullmatch(answer["Content-Disposition"])
        and answer["X-Content-Type-Options"] == "nosniff"
        and answer["Content-Security-Policy"] == FILE_POLICY
        and TYPES.match(answer["Content-Type"])
        and "no-store" in answer["Cache-Control"]
    )


def test_a_layout_that_is_refused_leaves_no_file_behind(doors, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path  # the house's own folder is the other process's too
    for what in HOSTILE:
        doors["layout"](upload(what))
    assert on_disk() == set()
    assert not StoredFile.objects.filter(removed_at=None).exists()


def on_disk() -> set[str]:
    """Every kept file."""
    return {str(path) for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}


def test_an_import_of_a_hostile_file_is_refused_in_words_and_its_page_holds(doors, as_, admin_a):
    for what in ("HTML as PNG", "archive with a broken directory", "archive under lock", "archive as workbook",
                 "archive that unpacks to nonsense", "name of markup", "XML with a foreign entity"):  # fmt: skip
        doors["import"](upload(what))
    for batch in ImportBatch.objects.all():
        runner.run(batch.stage_job_id)
        batch.refresh_from_db()
        assert batch.state in (BatchState.REFUSED, BatchState.PREVIEW), batch.file.name
        answer = as_(admin_a).get(reverse("imports:batch", args=[batch.pk]))
        assert answer.status_code == 200
        assert b"<img src=x" not in answer.content
    assert not os.path.exists("/tmp/hfx")


def test_a_person_is_told_and_forgotten_beside_archives_that_cannot_be_opened(doors, admin_a):
    """Such a file is kept where it came in; looking for a person's number in it must not stop the search."""
    for what in ("archive with a broken directory", "archive under lock", "archive that unpacks to nonsense"):
        doors["import"](upload(what))
    person = person_of(admin_a.store)
    assert ROOM.export(person) == []
    assert ROOM.erase(person) == {}


def person_of(store) -> Person:
    """Somebody of the store whose number stands in no file."""
    return Person(store_id=store.pk, customer_ids=(), words=("13812345678",), now=NOON)
