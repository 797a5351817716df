"""Builders of nasty files: workbooks written by hand, surgery on archives, bombs, OpenDocument, an old .xls."""

import io
import struct
import zipfile
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_RELATIONS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def column(number: int) -> str:
    """The letters of a column that counts from 1."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell(place: str, value: object) -> str:
    """One cell as markup; markup itself, as from `formula` and `error`, is taken as it stands."""
    if value is None:
        return ""
    if isinstance(value, Markup):
        return value.replace("PLACE", place)
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value!r}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'


class Markup(str):
    """A cell's markup with PLACE where its address goes."""


def formula(value: object = None, text: str = "A1+1") -> Markup:
    """A formula, with the value that the file holds of it, if any."""
    kept = "" if value is None else f"<v>{escape(str(value))}</v>"
    kind = ' t="str"' if isinstance(value, str) else ""
    return Markup(f'<c r="PLACE"{kind}><f>{escape(text)}</f>{kept}</c>')


def error(words: str) -> Markup:
    """A cell whose formula failed."""
    return Markup(f'<c r="PLACE" t="e"><f>VLOOKUP(A1,B:C,2,0)</f><v>{words}</v></c>')


def rows_xml(rows, attributes=None) -> str:
    """Rows as markup; `attributes` is row number → further attributes."""
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = "".join(cell(f"{column(place)}{number}", value) for place, value in enumerate(row, start=1))
        lines.append(f'<row r="{number}"{(attributes or {}).get(number, "")}>{cells}</row>')
    return "".join(lines)


def book(rows=(), *, before="", after="", dimension="", namespace=MAIN, relations=RELATIONS, properties="", sheet=None,
         attributes=None, extra=None) -> bytes:  # fmt: skip
    """A workbook of one sheet, written by hand; `before` and `after` stand around rows, `extra` are more members."""
    shape = f'<dimension ref="{dimension}"/>' if dimension else ""
    xml = sheet or (
        f'<worksheet xmlns="{namespace}">{shape}{before}'
        f"<sheetData>{rows_xml(rows, attributes)}</sheetData>{after}</worksheet>"
    )
    members = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{namespace}" xmlns:r="{relations}">{properties}<sheets>'
        '<sheet name="表" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": xml,
    }
    return archive(members | (extra or {}))


def archive(members, compression=zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file of texts or bytes by name."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return stream.getvalue()


def ods(rows) -> bytes:
    """A spreadsheet of OpenDocument with text cells only."""
    lines = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{escape(str(one))}</text:p></table:table-cell>'
            for one in row
        )
        + "</table:table-row>"
        for row in rows
    )
    names = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{names}:office:1.0" xmlns:table="{names}:table:1.0" '
        f'xmlns:text="{names}:text:1.0" office:version="1.2"><office:body><office:spreadsheet>'
        f'<table:table table:name="表">{lines}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        f'<manifest:manifest xmlns:manifest="{names}:manifest:1.0"><manifest:file-entry manifest:full-path="/" '
        f'manifest:media-type="{kind}"/></manifest:manifest>'
    )
    return archive({"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest}, zipfile.ZIP_STORED)


# ---- bombs ----------------------------------------------------------------------------------------------------------


def big_member(size: int = 1 << 30) -> bytes:
    """A small archive with a member that unpacks to a gigabyte."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        with made.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            block = bytes(1 << 22)
            for _ in range(size >> 22):
                part.write(block)
    return stream.getvalue()


def many_members(count: int = 100_000) -> bytes:
    """An archive of many empty members, its directory written by hand: the library would take half a minute."""
    local = b"PK\x03\x04" + struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 33, 0, 0, 0, 1, 0) + b"x"
    central = b"PK\x01\x02" + struct.pack("<HHHHHHIIIHHHHHII", 20, 20, 0, 0, 0, 33, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"x"
    directory = central * count
    end64 = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, count, count, len(directory), len(local))
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, len(local) + len(directory), 1)
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return local + directory + end64 + locator + end


def overlapping(count: int = 1_000, size: int = 1 << 20) -> bytes:
    """An archive whose directory points a thousand times to the same megabyte."""
    one = archive({"xl/workbook.xml": bytes(size)})
    start = one.index(b"PK\x01\x02")
    end = one.index(b"PK\x05\x06")
    directory = one[start:end] * count
    tail = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), start, 0)
    return one[:start] + directory + tail


def false_size(content: bytes, member: str = "xl/worksheets/sheet1.xml", says: int = 64) -> bytes:
    """An archive that says a member is smaller than it is."""
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        true = struct.pack("<I", made.getinfo(member).file_size)
        packed = struct.pack("<I", made.getinfo(member).compress_size)
    return content.replace(packed + true, packed + struct.pack("<I", says))


LAUGHS = (
    "<?xml version='1.0'?><!DOCTYPE l [<!ENTITY a 'ha'>"
    + "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(12))
    + "]>"
)
FOREIGN = "<?xml version='1.0'?><!DOCTYPE w [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"


# ---- an .xls of the old kind ----------------------------------------------------------------------------------------


def xls(rows, *, hidden_rows=(), hidden_columns=(), is_1904=False, sheet="表") -> bytes:
    """A BIFF8 workbook of one sheet in its compound file; `error("#REF!")` gives an error cell, rows count from 1."""
    name = sheet.encode("utf-16-le")
    globals_ = _record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 6))
    globals_ += _record(0x22, struct.pack("<H", is_1904))
    length = len(globals_) + 4 + 8 + len(name) + 4
    globals_ += _record(0x85, struct.pack("<IBBBB", length, 0, 0, len(sheet), 1) + name) + _record(0x0A, b"")
    body = _record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 6))
    for place in hidden_columns:
        body += _record(0x7D, struct.pack("<HHHHHH", place, place, 2048, 15, 1, 0))
    for number in hidden_rows:
        body += _record(0x208, struct.pack("<HHHHHHI", number - 1, 0, 9, 255, 0, 0, 0x100 | 0x20))
    for down, row in enumerate(rows):
        for right, value in enumerate(row):
            body += _xls_cell(struct.pack("<HHH", down, right, 0), value)
    return _compound(globals_ + body + _record(0x0A, b""))


_CODES = {"#NULL!": 0x00, "#DIV/0!": 0x07, "#VALUE!": 0x0F, "#REF!": 0x17, "#NAME?": 0x1D, "#NUM!": 0x24, "#N/A": 0x2A}


def _xls_cell(place: bytes, value: object) -> bytes:
    if value is None:
        return b""
    if isinstance(value, Markup):
        words = value.partition("<v>")[2].partition("<")[0]
        return _record(0x205, place + bytes((_CODES[words], 1)))
    if isinstance(value, int | float):
        return _record(0x203, place + struct.pack("<d", value))
    text = str(value).encode("utf-16-le")
    return _record(0x204, place + struct.pack("<HB", len(text) // 2, 1) + text)


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _compound(stream: bytes) -> bytes:
    """A compound file with the one stream "Workbook"."""
    stream += bytes(max(4096 - len(stream), -len(stream) % 512))
    sectors = len(stream) // 512
    fat = [*range(1, sectors), 0xFFFFFFFE, 0xFFFFFFFE]  # the stream's chain, then the directory
    fats = -(-(len(fat) + 4) // 128)
    fat += [0xFFFFFFFD] * fats
    fat += [0xFFFFFFFF] * (fats * 128 - len(fat))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, fats, sectors, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += b"".join(struct.pack("<I", sectors + 1 + place if place < fats else 0xFFFFFFFF) for place in range(109))
    folder = _entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1) + _entry("Workbook", 2, 0, len(stream))
    return head + stream + folder.ljust(512, b"\0") + struct.pack(f"<{len(fat)}I", *fat)


def _entry(name: str, kind: int, start: int, size: int, child: int = 0xFFFFFFFF) -> bytes:
    text = name.encode("utf-16-le")
    none = 0xFFFFFFFF
    return (
        text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text) + 2, kind, 1, none, none, child) + bytes(36)
        + struct.pack("<III", start, size, 0)
    )  # fmt: skip
