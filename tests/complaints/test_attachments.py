"""Files of a ticket: what is taken and what is not, under which name, who has them, and who takes them back."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from complaints.actions import attaching
from complaints.models import Attachment, State
from crm_site.audit.models import Entry
from crm_site.core.errors import RuleBroken
from crm_site.files import actions as files
from crm_site.files import kinds
from crm_site.files.models import StoredFile
from tests.complaints.story import snapshot
from tests.factories import NOON

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 60
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 60
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj <</Type/Catalog>> endobj\n%%EOF\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def ftyp(brand: bytes) -> bytes:
    return b"\0\0\0\x18ftyp" + brand + b"\0" * 60


def container(*parts: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for part in parts:
            archive.writestr(part, "x")
    return buffer.getvalue()


def old_office(*names: str) -> bytes:
    return OLE + b"".join((name + "\0").encode("utf-16-le") for name in names)


@pytest.mark.parametrize(
    ("content", "name", "content_type"),
    [
        (PNG, "a.png", "image/png"),
        (JPEG, "a.jpg", "image/jpeg"),
        (b"GIF89a" + b"\0" * 20, "a.gif", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "a.webp", "image/webp"),
        (ftyp(b"heic"), "IMG_1.HEIC", "image/heic"),
        (ftyp(b"mif1"), "a.heif", "image/heic"),
        (PDF, "a.pdf", "application/pdf"),
        (container("[Content_Types].xml", "word/document.xml"), "a.docx", kinds.DOCX.content_type),
        (container("[Content_Types].xml", "xl/workbook.xml"), "a.xlsx", kinds.XLSX.content_type),
        (old_office("WordDocument"), "a.doc", "application/msword"),
        (old_office("Workbook"), "a.xls", "application/vnd.ms-excel"),
        (b"ID3\x04" + b"\0" * 40, "a.mp3", "audio/mpeg"),
        (b"\xff\xfb\x90\x64" + b"\0" * 40, "a.mp3", "audio/mpeg"),
        (b"#!AMR\n" + b"\x3c" * 40, "录音.amr", "audio/amr"),
        (b"RIFF\0\0\0\0WAVEfmt ", "a.wav", "audio/wav"),
        (ftyp(b"M4A "), "a.m4a", "audio/mp4"),
        (ftyp(b"isom"), "a.mp4", "video/mp4"),
        (ftyp(b"qt  "), "a.mov", "video/quicktime"),
        ("客户来信：空调有异味\n".encode(), "信.txt", "text/plain"),
        ("客户来信：空调有异味\n".encode("gb18030"), "信.txt", "text/plain"),
    ],
)  # fmt: skip
def test_what_people_attach_is_known_by_its_content(content, name, content_type):
    assert kinds.look(io.BytesIO(content), name).content_type == content_type


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "leer.png", "empty"),
        (SVG, "logo.svg", "markup"),
        (b'<?xml version="1.0"?>' + SVG, "logo.png", "markup"),
        (b"<!DOCTYPE html><html><script>alert(1)</script></html>", "photo.png", "markup"),
        ("<html>".encode("utf-16"), "brief.txt", "markup"),
        (b"MZ\x90\0" + b"\0" * 80, "invoice.pdf", "program"),
        (b"\x7fELF\x02" + b"\0" * 80, "a.png", "program"),
        (b"#!/bin/sh\nrm -rf /\n", "a.txt", "program"),
        (b"GIF89a/*<script>alert(1)</script>*/", "a.gif", "hidden"),
        (PNG + container("evil.html"), "a.png", "hidden"),
        (PDF + container("a.class"), "a.pdf", "hidden"),
        (container("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "a.docx", "macros"),
        (old_office("WordDocument", "_VBA_PROJECT"), "a.doc", "macros"),
        (container("a.exe"), "a.docx", "archive"),
        (b"Rar!\x1a\x07\0" + b"\0" * 40, "a.rar", "archive"),
        (b"PK\x03\x04 no archive at all", "a.docx", "broken"),
        (b"plain words", "a.png", "not_txt"),
        (bytes(range(256)), "a.bin", "unknown"),
        (old_office("MsiDatabase"), "a.doc", "unknown"),
    ],
)  # fmt: skip
def test_what_is_dangerous_or_odd_is_refused(content, name, code):
    stream = io.BytesIO(content)
    with pytest.raises(kinds.Unfit) as refused:
        kinds.look(stream, name)
    assert refused.value.code == code
    assert stream.tell() == 0


@pytest.mark.parametrize(
    ("given", "content", "kept"),
    [
        ("../../etc/passwd.png", PNG, "passwd.png"),
        ("C:\\temp\\漆面.JPG", JPEG, "漆面.JPG"),
        ("a\r\nSet-Cookie: x=1.png", PNG, "aSet-Cookie x=1.png"),
        ("长" * 300 + ".png", PNG, "长" * 116 + ".png"),
        ("IMG_2041.jpg", ftyp(b"heic"), "IMG_2041.heic"),
        ("invoice.pdf.exe", PDF, "invoice.pdf.pdf"),
        ("\u202egnp.exe", PNG, "gnp.png"),
        (".png", PNG, "png.png"),
    ],
)
def test_a_file_is_named_by_what_it_is(specialist_a, given, content, kept):
    upload = SimpleUploadedFile("x", content)
    upload._name = given  # the way past Django's own cleaning
    stored = attaching.bring(upload, store=specialist_a.store, by=specialist_a.employee, now=NOON)
    assert stored.name == kept
    path = files.path_of(stored)
    assert path.suffix == ""
    assert path.name not in kept
    assert path.read_bytes() == content


# --- on the page of a ticket ---


def add(client, ticket, *uploads):
    return client.post(reverse("complaints:attach", args=[ticket.pk]), {"files": list(uploads)}, follow=True)


def fetch(client, stored):
    return client.post(reverse("files:download", args=[stored.pk]))


@pytest.fixture
def ticket(story):
    return story.ticket(State.ACCEPTED)


def test_good_files_are_kept_and_bad_ones_named(as_, specialist_a, ticket):
    answer = add(
        as_(specialist_a, "en"), ticket, SimpleUploadedFile("漆面.png", PNG), SimpleUploadedFile("logo.svg", SVG)
    )
    page = answer.content.decode()
    assert [row.file.name for row in ticket.attachments.all()] == ["漆面.png"]
    assert "“logo.svg” is a web page or a drawing with code" in page
    assert "1 file attached." in page
    stored = ticket.attachments.get().file
    assert (stored.expires_on, stored.purpose) == (None, StoredFile.Purpose.ATTACHMENT)
    assert Entry.objects.filter(action="complaint.attach", subject_id=ticket.pk).count() == 1


def test_a_file_leaves_as_a_download_only(as_, specialist_a, ticket):
    client = as_(specialist_a)
    add(client, ticket, SimpleUploadedFile("漆面\r\n.png", PNG))
    answer = fetch(client, ticket.attachments.get().file)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "\r" not in answer["Content-Disposition"]
    assert b"".join(answer.streaming_content) == PNG


def test_who_does_not_see_the_ticket_gets_404(as_, specialist_a, frontline_a, stranger_b, admin_a, ticket):
    add(as_(specialist_a), ticket, SimpleUploadedFile("a.png", PNG))
    stored = ticket.attachments.get().file
    for person in (stranger_b, frontline_a, admin_a):
        assert fetch(as_(person), stored).status_code == 404
    before = snapshot(ticket)
    assert add(as_(stranger_b), ticket, SimpleUploadedFile("b.png", PNG)).status_code == 404
    row = ticket.attachments.get()
    assert as_(frontline_a).post(reverse("complaints:withdraw", args=[ticket.pk, row.pk])).status_code == 404
    assert snapshot(ticket) == before


def test_a_file_of_no_ticket_yet_is_nobodys(as_, specialist_a):
    upload = SimpleUploadedFile("a.png", PNG)
    stored = attaching.bring(upload, store=specialist_a.store, by=specialist_a.employee, now=NOON)
    assert stored.expires_on is not None
    assert fetch(as_(specialist_a), stored).status_code == 404


def test_whoever_brought_it_or_a_manager_takes_it_back_and_the_file_stays(
    as_, specialist_a, specialist_a2, manager_a, ticket
):
    add(as_(specialist_a), ticket, SimpleUploadedFile("a.png", PNG))
    row = Attachment.objects.get(complaint=ticket)
    url = reverse("complaints:withdraw", args=[ticket.pk, row.pk])
    as_(specialist_a2).post(url)
    row.refresh_from_db()
    assert row.withdrawn_at is None
    as_(specialist_a).post(url)
    row.refresh_from_db()
    assert row.withdrawn_by == specialist_a.employee
    assert files.path_of(row.file).exists()
    assert fetch(as_(specialist_a), row.file).status_code == 404
    assert fetch(as_(manager_a), row.file).status_code == 200


def test_twenty_files_fit_and_no_more(specialist_a, ticket):
    def bring(count):
        return [
            attaching.bring(
                SimpleUploadedFile(f"{n}.png", PNG), store=ticket.store, by=specialist_a.employee, now=NOON
            ).pk
            for n in range(count)
        ]

    attaching.attach(ticket.pk, file_ids=bring(19), by=specialist_a.employee, now=NOON)
    with pytest.raises(RuleBroken, match="20") as refused:
        attaching.attach(ticket.pk, file_ids=bring(2), by=specialist_a.employee, now=NOON)
    assert refused.value.field == "files"
    attaching.attach(ticket.pk, file_ids=bring(1), by=specialist_a.employee, now=NOON)
    assert ticket.attachments.count() == 20


def test_a_large_file_is_refused_before_it_is_read(specialist_a):
    upload = SimpleUploadedFile("film.mp4", ftyp(b"isom"))
    upload.size = 20 * 1024 * 1024 + 1
    with pytest.raises(RuleBroken, match="20 MB"):
        attaching.bring(upload, store=specialist_a.store, by=specialist_a.employee, now=NOON)
    assert not StoredFile.objects.exists()


def test_nobody_attaches_what_another_brought(specialist_a, specialist_a2, ticket):
    upload = SimpleUploadedFile("a.png", PNG)
    stored = attaching.bring(upload, store=ticket.store, by=specialist_a2.employee, now=NOON)
    attaching.attach(ticket.pk, file_ids=[stored.pk], by=specialist_a.employee, now=NOON)
    assert not ticket.attachments.exists()


def test_a_file_is_attached_once(specialist_a, ticket):
    upload = SimpleUploadedFile("a.png", PNG)
    stored = attaching.bring(upload, store=ticket.store, by=specialist_a.employee, now=NOON)
    for _ in range(2):
        attaching.attach(ticket.pk, file_ids=[stored.pk], by=specialist_a.employee, now=NOON)
    assert ticket.attachments.count() == 1
