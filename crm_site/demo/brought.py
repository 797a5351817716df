"""What customers brought along with open complaints: a picture and a letter; and one complaint of somebody unknown."""

from __future__ import annotations

import struct
import uuid
import zlib
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from complaints import actions
from complaints.actions import attaching
from complaints.models import Category, Complaint, Kind, Source
from crm_site.demo.world import World

SIDE = 240
LETTER = "我于上周到贵店喷漆，取车后发现右前门色差明显。\n要求重新喷漆，并说明原因。\n"


def bring(world: World) -> None:
    """Attach a picture and a letter to the complaint about paint, and register that of a stranger."""
    brought = (
        ("repair.paint", SimpleUploadedFile("右前门色差.png", picture())),
        ("repair.paint", SimpleUploadedFile("客户来信.txt", LETTER.encode())),
    )
    for code, upload in brought:
        ticket = Complaint.objects.open().filter(category__code=code).select_related("store", "reported_by").first()
        if ticket is None or ticket.reported_by is None:
            continue
        by = ticket.reported_by
        stored = attaching.bring(upload, store=ticket.store, by=by, now=world.now)
        attaching.attach(ticket.pk, file_ids=[stored.pk], by=by, now=world.now)
    _of_a_stranger(world)


def _of_a_stranger(world: World) -> None:
    """A manufacturer's hotline hands on the complaint of somebody who is not in the archive."""
    ticket = Complaint.objects.open().filter(reported_by__isnull=False).order_by("pk").first()
    if ticket is None or ticket.reported_by is None:
        return
    reporter = ticket.reported_by
    actions.open_ticket(
        store_id=reporter.store_id,
        kind=Kind.COMPLAINT,
        source=Source.HOTLINE,
        words="朋友介绍来店看车，等了四十分钟没人接待，打电话也没人接。",
        demand="给个说法",
        category=Category.objects.get(store=None, code="service.waiting"),
        customer_name="周先生",
        customer_phone="13900000021",
        brand="远岚",
        series="V7",
        external_number="400-261122-0457",
        external_due_at=world.now + timedelta(days=2),
        reported_by=reporter,
        received_at=world.now - timedelta(minutes=40),
        now=world.now,
        submission=uuid.uuid5(uuid.NAMESPACE_URL, "huifang-demo-stranger"),
    )


def picture() -> bytes:
    """A small PNG: two reds side by side, as a door and a wing that do not match."""
    line = b"\0" + b"\xa3\x21\x1a" * (SIDE // 2) + b"\xb9\x3a\x2f" * (SIDE // 2)
    parts = [(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(line * SIDE))]
    chunks = [_chunk(name, content) for name, content in [*parts, (b"IEND", b"")]]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
