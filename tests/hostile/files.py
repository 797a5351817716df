"""Files that try to be run, to be two things at once, to lie elsewhere or to write into a header: name and content."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

PNG = (
    b"\x89PNG\r\n\x1a\n"
    + b"\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    + b"\x00\x00\x00\x00IEND\xaeB`\x82"
)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj <</Type/Catalog>> endobj\n%%EOF\n"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert('hfx')</script></svg>"
HTML = b"<!DOCTYPE html><html><body><script>alert('hfx')</script></body></html>"
SHELL = b"#!/bin/sh\nid > /tmp/hfx\n"
PHP = b"<?php system($_GET['c']); ?>"
PLAIN = "车辆异响，已复检。\n".encode()


def _exif(words: bytes) -> bytes:
    """A JPEG with a comment in its metadata."""
    comment = b"Exif\0\0" + words
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(comment) + 2) + comment + b"\xff\xd9"


def _archive(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name, content in members.items():
            made.writestr(name, content)
    return stream.getvalue()


def _with_link() -> bytes:
    """An archive with a symbolic link to a file of the system, and a member that climbs out of its folder."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        link = zipfile.ZipInfo("xl/workbook.xml")
        link.external_attr = 0o120777 << 16
        made.writestr(link, "/etc/passwd")
        made.writestr("../../../../tmp/hfx", SHELL)
    return stream.getvalue()


def _broken_directory() -> bytes:
    """An archive whose end says that it has members where none are."""
    whole = _archive(**{"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<x/>"})
    place = whole.index(b"PK\x01\x02")
    return whole[:place] + b"XX" + whole[place + 2 :]


def _locked() -> bytes:
    """An archive whose members say that they are encrypted."""
    whole = bytearray(_archive(**{"xl/workbook.xml": b"secret"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = whole.index(mark) + offset
        whole[place] |= 1
    return bytes(whole)


def _spoilt() -> bytes:
    """An archive whose member unpacks to nonsense."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/workbook.xml", b"<x/>" * 500)
    whole = stream.getvalue()
    packed = zlib.compressobj(wbits=-15)
    place = whole.index(packed.compress(b"") or b"xml") + 3
    return whole[:place] + b"\xff\xff\xff\xff" + whole[place + 4 :]


#: what it is -> (name, content); names are sent as they are, past the client's own cleaning
HOSTILE: dict[str, tuple[str, bytes]] = {
    "SVG with script": ("logo.svg", SVG),
    "SVG as PNG": ("logo.png", SVG),
    "HTML": ("index.html", HTML),
    "HTML as PNG": ("photo.png", HTML),
    "HTML as text": ("brief.txt", HTML),
    "HTML in UTF-16": ("brief2.txt", HTML.decode().encode("utf-16")),
    "XML with a foreign entity": ("a.xml", b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>"),
    "shell script": ("run.sh", SHELL),
    "shell script as PDF": ("rechnung.pdf", SHELL),
    "Windows program": ("setup.exe", b"MZ\x90\0" + bytes(80)),
    "Linux program as picture": ("a.png", b"\x7fELF\x02\x01\x01" + bytes(80)),
    "PHP": ("shell.php", PHP),
    "PHP in the EXIF of a JPEG": ("foto.php.jpg", _exif(PHP)),
    "GIF that is JavaScript": ("a.gif", b"GIF89a=1;alert('hfx');/*<script>*/"),
    "PNG with HTML behind": ("b.png", PNG + HTML),
    "PDF with HTML": ("a.pdf", PDF + HTML),
    "PDF with an archive behind": ("b.pdf", PDF + _archive(**{"a.class": b"x"})),
    "archive with a link and a climber": ("a.zip", _with_link()),
    "archive as workbook": ("links.xlsx", _with_link()),
    "archive with a broken directory": ("broken.xlsx", _broken_directory()),
    "archive under lock": ("locked.xlsx", _locked()),
    "archive that unpacks to nonsense": ("spoilt.xlsx", _spoilt()),
    "empty": ("leer.png", b""),
    "bare bytes": ("a.bin", bytes(range(256)) * 4),
    "climbing name": ("../../../../etc/cron.d/hfx.png", PNG),
    "climbing name of Windows": ("..\\..\\windows\\system32\\hfx.png", PNG),
    "absolute name": ("/etc/passwd.png", PNG),
    "300 signs": ("长" * 300 + ".png", PNG),
    "line break in the name": ('a"\r\nSet-Cookie: hfx=1\r\n\r\n<script>.png', PNG),
    "name with a quotation mark": ('a"; filename="hfx.html";x=".png', PNG),
    "name that reads backwards": ("\u202egnp.exe", PNG),
    "name of markup": ("<img src=x onerror=alert('hfx')>.png", PNG),
    "NUL in the name": ("a.php\x00.png", PNG),
    "two endings": ("rechnung.pdf.exe", PDF),
    "device of Windows": ("con.png", PNG),
    "name of dots": ("....png", PNG),
    "server's own file": (".htaccess", b"AddType application/x-httpd-php .png\n"),
    "plain text in good order": ("notiz.txt", PLAIN),
}
